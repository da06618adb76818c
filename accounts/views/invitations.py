"""Invitations: the list and its actions for admins, and the page behind the link for the invited person."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import organisation_for
from accounts.forms import InvitationForm, NewPersonForm
from accounts.links import invitation_links
from accounts.listing import Choice, Filter, Listing
from accounts.models import Invitation, OrganisationRole, User
from accounts.operations import (
    InvitationGone,
    NotInvited,
    accept_invitation,
    invite_person,
    register_by_invitation,
    renew_invitation,
    revoke_invitation,
)
from accounts.permissions import OrganisationPermission
from accounts.queries import invitation_of_link, invitations
from accounts.states import CHIPS
from accounts.views.tabs import people_tabs

STATES = ("invited", "accepted", "expired", "revoked")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_GET
def invitations_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """Who was invited, by whom, and what became of it."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    listing = Listing(
        request.GET,
        sorts={"email": ["email", "pk"], "sent": ["created_at", "pk"], "expires": ["expires_at", "pk"]},
        default_sort="-sent",
        filters=[Filter("state", "State", [Choice(state, CHIPS[state].word) for state in STATES])],
        search_placeholder="Search by e-mail",
    )
    rows = invitations(organisation)
    if listing.query:
        rows = rows.filter(Q(email__icontains=listing.query) | Q(invited_by__name__icontains=listing.query))
    if listing.chosen("state"):
        rows = rows.filter(state__in=listing.chosen("state"))
    context = {
        "listing": listing,
        "invitations": listing.page(rows),
        "tabs": people_tabs(request, "invitations"),
    }
    return render(
        request, "accounts/_invitations.html" if request.htmx else "accounts/invitations.html", context
    )


@require_http_methods(["GET", "POST"])
def invite_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """Invite one or many addresses; only owners may invite owners and admins."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    owner = OrganisationPermission.MANAGE_ORGANISATION in request.organisation_permissions
    form = InvitationForm(
        request.POST or None, roles=list(OrganisationRole) if owner else [OrganisationRole.MEMBER]
    )
    if request.method == "POST" and form.is_valid():
        sent, refused = 0, []
        for email in form.cleaned_data["emails"]:
            try:
                invite_person(
                    organisation=organisation,
                    actor=request.user,
                    email=email,
                    role=form.cleaned_data["role"],
                    link_of=invitation_links(request),
                )
                sent += 1
            except NotInvited as reason:
                refused.append(str(reason))
        if sent:
            messages.success(
                request, "1 invitation was sent." if sent == 1 else f"{sent} invitations were sent."
            )
            if refused:
                messages.warning(request, " ".join(refused[:5]))
            return redirect("accounts:invitations", org_slug)
        form.add_error("emails", " ".join(refused[:5]))
    return render(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def renew_invitation_view(request: HttpRequest, org_slug: str, invitation_uuid: UUID) -> HttpResponse:
    """Send a new link; the old one dies."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    invitation = get_object_or_404(Invitation, organisation=organisation, uuid=invitation_uuid)
    try:
        renew_invitation(invitation=invitation, actor=request.user, link_of=invitation_links(request))
        messages.success(request, f"A new link was sent to {invitation.email}. The old one no longer works.")
    except InvitationGone:
        messages.error(request, "This invitation was accepted or revoked in the meantime.")
    return redirect("accounts:invitations", org_slug)


@require_POST
def revoke_invitation_view(request: HttpRequest, org_slug: str, invitation_uuid: UUID) -> HttpResponse:
    """Make the link useless."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    invitation = get_object_or_404(Invitation, organisation=organisation, uuid=invitation_uuid)
    try:
        revoke_invitation(invitation=invitation, actor=request.user)
        messages.success(request, f"The invitation of {invitation.email} was revoked.")
    except InvitationGone:
        messages.error(request, "This invitation was accepted or revoked in the meantime.")
    return redirect("accounts:invitations", org_slug)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation_view(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: accept as the invited person, log in first, or make an account."""
    invitation = invitation_of_link(token)
    if invitation is None or invitation.state == "expired":
        return render(request, "accounts/invitation_gone.html", {"invitation": invitation}, status=404)
    has_account = User.objects.filter(email__iexact=invitation.email).exists()
    is_invited = request.user.is_authenticated and request.user.email.lower() == invitation.email.lower()
    posted = request.POST if request.method == "POST" else None
    form = NewPersonForm(posted, email=invitation.email)
    try:
        if posted is not None and is_invited:
            accept_invitation(invitation=invitation, actor=request.user)
            return _welcome(request, invitation)
        if posted is not None and not has_account and not request.user.is_authenticated and form.is_valid():
            login(
                request, register_by_invitation(invitation=invitation, **form.cleaned_data), backend=BACKEND
            )
            return _welcome(request, invitation)
    except (InvitationGone, NotInvited):  # used a moment ago, in another tab
        return render(request, "accounts/invitation_gone.html", {"invitation": None}, status=404)
    context = {"invitation": invitation, "has_account": has_account, "is_invited": is_invited, "form": form}
    return render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, f"Welcome to {invitation.organisation}.")
    return redirect(f"/o/{invitation.organisation.slug}/projects/")
