"""Error answers that belong to no app."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.views.csrf import csrf_failure as csrf_failure_page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A missing or stale CSRF token: 401 to scripts whose session has ended, 403 to others, a page to people.

    The token lives in the session, so an expired session fails here before any view can ask to log in.
    """
    is_script = "HX-Request" in request.headers or "application/json" in request.headers.get("Accept", "")
    if not is_script:
        return csrf_failure_page(request, reason=reason, template_name="403_csrf.html")
    if not request.user.is_authenticated:
        return JsonResponse({"error": "login", "login_url": resolve_url(settings.LOGIN_URL)}, status=401)
    return JsonResponse(
        {
            "error": "csrf",
            "message": "This page is older than your log-in. It has been refreshed: try again now.",
        },
        status=403,
    )
