"""Absolute addresses for e-mails."""

from collections.abc import Callable

from django.http import HttpRequest
from django.urls import reverse


def invitation_links(request: HttpRequest) -> Callable[[str], str]:
    """A function from an invitation's token to its absolute address on this host."""
    return lambda token: request.build_absolute_uri(reverse("accounts:invitation", args=[token]))
