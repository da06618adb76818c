"""What every template may use besides its view's context."""

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """The nonce of this response's Content-Security-Policy, in Django's own spelling; lazy, as django-csp makes it."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
