"""Secret links in e-mails: their absolute address, and what the database keeps of their token."""

from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest
from django.urls import reverse


def invitation_links(request: HttpRequest) -> Callable[[str], str]:
    """A function from an invitation's token to its absolute address on this host."""
    return lambda token: request.build_absolute_uri(reverse("accounts:invitation", args=[token]))


def digest_of(token: str) -> str:
    """What the database keeps of a token, so that a copy of it opens no door."""
    return sha256(token.encode()).hexdigest()
