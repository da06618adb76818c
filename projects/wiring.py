"""What projects listen to; connected once, when Django is ready."""

from accounts.events import InvitationAccepted, MemberRemoved, listen
from projects.queries import count_manual_qa_projects
from projects.tabs import Tab, register_tab
from projects.team import begin_invited_role, end_roles_of_removed_member


def connect() -> None:
    """Register event handlers and the tab of the projects page."""
    listen(MemberRemoved, end_roles_of_removed_member)
    listen(InvitationAccepted, begin_invited_role)
    register_tab(Tab("manual_qa", "Manual QA", "projects:manual_qa", count_manual_qa_projects, position=2))
