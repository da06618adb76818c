"""The page of the person who is logged in: name, time zone, theme, password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AccountForm, NewPasswordForm, ThemeForm
from accounts.operations import change_password, choose_theme, update_account


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account_view(request: HttpRequest) -> HttpResponse:
    """Name and time zone; the password has its own form on the same page."""
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        update_account(
            actor=request.user, name=form.cleaned_data["name"], timezone=form.cleaned_data["timezone"]
        )
        messages.success(request, "Your account was saved.")
        return redirect("accounts:account")
    return _account_page(request, form, NewPasswordForm(request.user))


@sensitive_post_parameters()
@require_POST
def password_view(request: HttpRequest) -> HttpResponse:
    """Change the password; other sessions of the person end, this one stays."""
    form = NewPasswordForm(request.user, request.POST)
    if form.is_valid():
        change_password(actor=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password was changed. Other devices were logged out.")
        return redirect("accounts:account")
    return _account_page(request, AccountForm(instance=request.user), form)


def _account_page(request: HttpRequest, form: AccountForm, password_form: NewPasswordForm) -> HttpResponse:
    status = 422 if form.errors or password_form.errors else 200
    context = {"form": form, "password_form": password_form}
    return render(request, "accounts/account.html", context, status=status)


@require_POST
def theme_view(request: HttpRequest) -> HttpResponse:
    """Store the theme; the page has already painted itself."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    choose_theme(actor=request.user, theme=form.cleaned_data["theme"])
    return HttpResponse(status=204)
