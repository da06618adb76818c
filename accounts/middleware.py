"""What HTMX and the editor's scripts need from every answer, so that views need not know who asks."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

Answer = Callable[[HttpRequest], HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asked for JSON (and no page would help it)."""
    return request.headers.get("Accept", "").startswith("application/json")


class FragmentMiddleware:
    """Redirects, expired sessions and messages in the form in which a script can use them.

    A redirect becomes HX-Redirect (a browser would follow it inside the request and put a whole page into a
    region); a redirect to the log-in page becomes 401, so that what was typed stays on the page; messages of
    a fragment travel in HX-Trigger as toasts. Must stand after HtmxMiddleware and MessageMiddleware.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseRedirect):
            return _redirected(request, response)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
            if request.htmx:  # type: ignore[attr-defined]
                _send_messages(request, response)
        return response


def _redirected(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    login_url = resolve_url(settings.LOGIN_URL)
    to_login = urlsplit(response.url).path == login_url and request.path != login_url
    if to_login and not request.user.is_authenticated and wants_json(request):
        return JsonResponse({"error": "login", "login_url": login_url}, status=401)
    if not request.htmx:  # type: ignore[attr-defined]
        return response
    if to_login and not request.user.is_authenticated:
        return HttpResponse(status=401)
    return HttpResponseClientRedirect(response.url)


def _send_messages(request: HttpRequest, response: HttpResponse) -> None:
    waiting = messages.get_messages(request)
    if waiting.used:  # the fragment was a whole page, which has shown them
        return
    items = [{"text": str(message), "level": message.level_tag} for message in waiting]
    if items:
        trigger_client_event(response, "toasts", json.loads(json.dumps({"items": items})))
