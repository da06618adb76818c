"""Addresses outside an organisation: log-in, account, invitations."""

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, reverse_lazy

from accounts.forms import ResetForm
from accounts.views import account, invitations, session

app_name = "accounts"
urlpatterns = [
    path("", session.home_view, name="home"),
    path("login/", session.LoginView.as_view(), name="login"),
    path("logout/", login_not_required(auth_views.LogoutView.as_view()), name="logout"),
    path("session/", session.session_view, name="session"),
    path("invitations/<str:token>/", invitations.invitation_view, name="invitation"),
    path("o/<slug:org_slug>/", include("accounts.org_urls")),
    path("account/", account.account_view, name="account"),
    path("account/password/", account.password_view, name="password"),
    path("account/theme/", account.theme_view, name="theme"),
    path(
        "password-reset/",
        login_not_required(
            auth_views.PasswordResetView.as_view(
                template_name="accounts/password_reset.html",
                form_class=ResetForm,
                email_template_name="accounts/email/password_reset.txt",
                subject_template_name="accounts/email/password_reset_subject.txt",
                success_url=reverse_lazy("accounts:password_reset_sent"),
            )
        ),
        name="password_reset",
    ),
    path(
        "password-reset/sent/",
        login_not_required(
            auth_views.PasswordResetDoneView.as_view(template_name="accounts/password_reset_sent.html")
        ),
        name="password_reset_sent",
    ),
    path(
        "password-reset/<uidb64>/<token>/",
        login_not_required(
            auth_views.PasswordResetConfirmView.as_view(
                template_name="accounts/password_reset_confirm.html",
                success_url=reverse_lazy("accounts:password_reset_done"),
            )
        ),
        name="password_reset_confirm",
    ),
    path(
        "password-reset/done/",
        login_not_required(
            auth_views.PasswordResetCompleteView.as_view(template_name="accounts/password_reset_done.html")
        ),
        name="password_reset_done",
    ),
]

if settings.GALLERY:
    from accounts.gallery import gallery_view

    urlpatterns += [path("_gallery/", gallery_view, name="gallery")]
