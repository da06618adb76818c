"""What projects listen to; connected once, when Django is ready."""

from accounts.events import GroupMembersChanged, InvitationAccepted, MemberRemoved, listen
from datasets.access import allow_file_access
from datasets.events import DataAdded, DataRemoved
from jobs.access import allow_job_access
from projects.data_changes import (
    drop_tasks_of_removed_files,
    end_roles_of_people_taken_out,
    make_tasks_of_added_files,
    works_with_file,
)
from projects.job_access import job_access_in_projects
from projects.models import ProjectKind
from projects.queries import count_manual_qa_projects
from projects.shell import manual_qa_pages, register_pages
from projects.tabs import Tab, register_tab
from projects.team import begin_invited_role, end_roles_of_removed_member


def connect() -> None:
    """Register event handlers and the tab of the projects page."""
    listen(MemberRemoved, end_roles_of_removed_member)
    listen(InvitationAccepted, begin_invited_role)
    listen(GroupMembersChanged, end_roles_of_people_taken_out)
    listen(DataAdded, make_tasks_of_added_files)
    listen(DataRemoved, drop_tasks_of_removed_files)
    allow_file_access(works_with_file)
    allow_job_access(job_access_in_projects)
    register_pages(ProjectKind.MANUAL_QA, manual_qa_pages)
    register_tab(Tab("manual_qa", "Manual QA", "projects:manual_qa", count_manual_qa_projects, position=2))
