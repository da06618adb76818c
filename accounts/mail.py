"""E-mails about people. The default backend prints them to the console."""

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import Invitation


def send_invitation(invitation: Invitation, link: str) -> None:
    """Send the link of an invitation to its address. Raises what the mail backend raises."""
    context = {"invitation": invitation, "organisation": invitation.organisation, "link": link}
    send_mail(
        # A line break in a name must not become a header.
        " ".join(f"Your invitation to {invitation.organisation.name}".split()),
        render_to_string("accounts/email/invitation.txt", context),
        None,
        [invitation.email],
    )
