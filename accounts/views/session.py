"""Coming and going: log in, log out, where to start, and what scripts ask about the session."""

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.forms import LoginForm
from accounts.models import Membership


@method_decorator(login_not_required, name="dispatch")
class LoginView(auth_views.LoginView):
    """Log in by e-mail. A wrong pair answers 422 with what was typed; too many answer 429 (accounts.throttle)."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True
    extra_context = {"locked_out": ""}

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        """422, so that scripts and tests can tell a refused log-in from a page."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_GET
def home_view(request: HttpRequest) -> HttpResponse:
    """Send a person to the projects of their first organisation, or say that they have none."""
    membership = (
        Membership.objects.filter(user=request.user, ended_at=None)
        .select_related("organisation")
        .order_by("joined_at", "pk")
        .first()
    )
    if membership is None:
        return render(request, "accounts/no_organisation.html")
    return redirect(f"/o/{membership.organisation.slug}/projects/")


@login_not_required
@never_cache
@require_GET
def session_view(request: HttpRequest) -> JsonResponse:
    """Who is logged in and the token for scripts of a page that outlived its session; same-origin only."""
    person = str(request.user.uuid) if request.user.is_authenticated else None
    return JsonResponse({"person": person, "csrf": get_token(request)})
