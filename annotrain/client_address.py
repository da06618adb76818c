"""Whose request it is, for throttling: behind proxies the socket's peer is the proxy."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's IP address, believing as many entries of X-Forwarded-For as there are proxies of ours.

    Each proxy appends the address it saw, so only the last TRUSTED_PROXIES entries are not the caller's invention.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return peer
    forwarded = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
    ]
    return forwarded[-settings.TRUSTED_PROXIES] if len(forwarded) >= settings.TRUSTED_PROXIES else peer
