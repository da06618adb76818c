"""Who may see and retry the jobs of a project: its leads see them, and who may do a thing may try it again."""

from accounts.models import Organisation, User
from jobs.access import JobAccess
from jobs.models import Job
from projects.models import ProjectRole
from projects.permissions import Permission, effective_role, permissions_of

# What a person needs to try a job of each kind again; kinds that no room registered are for admins.
_needed: dict[str, Permission] = {}
OTHERWISE = Permission.EDIT_SETTINGS


def register_job_permission(kind: str, permission: Permission) -> None:
    """Say which permission the verb behind a kind of job asks for; call it beside `register_job`."""
    _needed[kind] = permission


def job_access_in_projects(user: User, organisation: Organisation) -> JobAccess:
    """Rule for `jobs.access`: what the person's open roles allow; one query."""
    rows = ProjectRole.objects.filter(user=user, ended_at=None, project__organisation=organisation)
    granted: dict[tuple[str, str], set[str]] = {}
    for uuid, kind, role in rows.values_list("project__uuid", "project__kind", "role"):
        granted.setdefault((str(uuid), kind), set()).add(role)
    allowed = {root: permissions_of(kind, effective_role(roles)) for (root, kind), roles in granted.items()}

    def may_retry(job: Job) -> bool:
        return _needed.get(job.kind, OTHERWISE) in allowed.get(job.root_id, ())

    return JobAccess(
        roots=frozenset(root for root, can in allowed.items() if Permission.CONTROL_TASKS in can),
        may_retry=may_retry,
    )
