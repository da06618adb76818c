"""Read models of people and organisations; the number of queries does not grow with the rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.links import digest_of
from accounts.models import AuditEvent, Group, Invitation, Membership, Organisation, Tag, User

AUDIT_PAGE = 50


def members(organisation: Organisation) -> QuerySet[Membership]:
    """Open memberships with their person and the person's groups in this organisation (`user.groups_here`)."""
    groups = Group.objects.filter(organisation=organisation).order_by("name")
    return (
        Membership.objects.filter(organisation=organisation, ended_at=None)
        .select_related("user")
        .prefetch_related(Prefetch("user__annotrain_groups", groups, to_attr="groups_here"))
    )


def people_of(organisation: Organisation) -> QuerySet[User]:
    """The members as users, by name."""
    return User.objects.filter(memberships__organisation=organisation, memberships__ended_at=None).order_by(
        "name", "pk"
    )


def groups(organisation: Organisation) -> QuerySet[Group]:
    """Groups with `size`."""
    return Group.objects.filter(organisation=organisation).annotate(size=Count("members"))


def invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Invitations with `state`: invited, accepted, revoked or expired."""
    return _with_state(Invitation.objects.filter(organisation=organisation))


def invitation_of_link(token: str) -> Invitation | None:
    """The invitation that a link's token opens (state invited), or that ran out (state expired); else None."""
    rows = Invitation.objects.filter(token_digest=digest_of(token), accepted_at=None, revoked_at=None)
    return _with_state(rows).first()


def _with_state(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    return rows.select_related("organisation", "invited_by", "accepted_by").annotate(
        state=Case(
            When(accepted_at__isnull=False, then=Value("accepted")),
            When(revoked_at__isnull=False, then=Value("revoked")),
            When(expires_at__lte=timezone.now(), then=Value("expired")),
            default=Value("invited"),
            output_field=CharField(),
        )
    )


def tags(organisation: Organisation) -> QuerySet[Tag]:
    """Tags with `uses`: on how many things of higher rooms they are (those rooms point to Tag)."""
    uses: Any = Value(0)
    for relation in Tag._meta.related_objects:
        uses = uses + Count(relation.name, distinct=True)
    return Tag.objects.filter(organisation=organisation).annotate(uses=uses)


@dataclass(frozen=True)
class AuditFilter:
    """What the audit page is asked for; empty means everything."""

    query: str = ""
    actor_uuids: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    root_id: str = ""


@dataclass(frozen=True)
class AuditPage:
    """One page of events, newest first, and the cursors of its neighbours (empty at the ends)."""

    events: list[AuditEvent]
    newer: str
    older: str


def audit_events(organisation: Organisation, asked: AuditFilter) -> QuerySet[AuditEvent]:
    """The events that match, newest first."""
    events = AuditEvent.objects.filter(organisation=organisation).select_related("actor")
    if asked.query:
        events = events.filter(
            Q(target_label__icontains=asked.query)
            | Q(note__icontains=asked.query)
            | Q(actor__name__icontains=asked.query)
        )
    if asked.actor_uuids:
        events = events.filter(actor__uuid__in=asked.actor_uuids)
    if asked.kinds:
        events = events.filter(target_kind__in=asked.kinds)
    if asked.actions:
        events = events.filter(action__in=asked.actions)
    if asked.root_id:
        events = events.filter(root_id=asked.root_id)
    return events.order_by("-at", "-id")


def audit_page(events: QuerySet[AuditEvent], *, before: str = "", after: str = "") -> AuditPage:
    """A page by key: after the cursor `before`, or the one that ends at the cursor `after`. Bad cursors are ignored."""
    start, end = _cursor(before), _cursor(after)
    if end:
        at, pk = end
        newer = events.filter(Q(at__gt=at) | Q(at=at, pk__gt=pk)).order_by("at", "id")[: AUDIT_PAGE + 1]
        rows = list(newer)
        shown = rows[:AUDIT_PAGE][::-1]
        has_newer, has_older = len(rows) > AUDIT_PAGE, bool(shown)
    else:
        if start:
            at, pk = start
            events = events.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
        rows = list(events[: AUDIT_PAGE + 1])
        shown = rows[:AUDIT_PAGE]
        has_newer, has_older = bool(start and shown), len(rows) > AUDIT_PAGE
    return AuditPage(
        events=shown,
        newer=_cursor_of(shown[0]) if has_newer else "",
        older=_cursor_of(shown[-1]) if has_older else "",
    )


def _cursor_of(event: AuditEvent) -> str:
    return f"{event.at.isoformat()}_{event.pk}"


def _cursor(text: str) -> tuple[datetime, int] | None:
    moment, _, pk = text[:60].rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(pk)) if at.tzinfo and len(pk) < 19 else None
    except ValueError:
        return None
