"""Answers to too many log-in attempts. Counting is django-axes' (its limits stand in the settings)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import LoginForm

LOCKED_OUT_MESSAGE = (
    "Too many wrong passwords for this account. Wait a quarter of an hour, or reset your password now."
)


def too_many_attempts(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """The log-in page with a clear message and what was typed, as 429 Too Many Requests."""
    form = LoginForm(request, initial={"username": request.POST.get("username", "")[:254]})
    context = {"form": form, "next": "", "locked_out": LOCKED_OUT_MESSAGE}
    return render(request, "accounts/login.html", context, status=429)
