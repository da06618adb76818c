"""Error answers that belong to no app."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.csrf import csrf_failure as csrf_failure_page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a missing or stale CSRF token: JSON for the editor (its contract), else Django's page."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "csrf"}, status=403)
    return csrf_failure_page(request, reason=reason)
