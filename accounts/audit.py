"""The one way to write the audit trail."""

from typing import Any

from accounts.models import AuditEvent, Organisation, User


def record(
    *,
    organisation: Organisation,
    actor: User | None,
    action: str,
    target: Any,
    root: Any = None,
    before: dict | None = None,
    after: dict | None = None,
    note: str = "",
) -> AuditEvent:
    """Append one audit row; call it inside the transaction of the verb it describes.

    `target` is any object with a `uuid` (or a primary key) and a text form; `root` the project it belongs to.
    `action` reads verb + noun, for example "submit task".
    """
    return AuditEvent.objects.create(
        organisation=organisation,
        actor=actor,
        action=action,
        target_kind=target._meta.verbose_name,
        target_id=str(getattr(target, "uuid", target.pk)),
        target_label=str(target)[:200],
        root_id=str(root.uuid) if root is not None else "",
        before=before or {},
        after=after or {},
        note=note[:500],
    )
