"""The audit page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.audit import record
from accounts.models import AuditEvent
from accounts.queries import AUDIT_PAGE, AuditFilter, audit_events, audit_page
from accounts.templatetags.audit import audit_changes
from tests.factories import TagFactory

START = datetime(2026, 11, 20, 8, tzinfo=UTC)


def add_events(lab, count, **fields):
    defaults = {
        "organisation": lab.organisation,
        "actor": lab.admin,
        "action": "submit task",
        "target_kind": "task",
    }
    return [
        AuditEvent.objects.create(
            **defaults | {"at": START + timedelta(minutes=n // 3), "target_label": f"file {n}"} | fields
        )
        for n in range(count)
    ]


def listed(client, **query):
    return client.get(reverse("accounts:audit", args=["meridian"]), query).context["page"].events


def test_it_shows_this_organisation_newest_first(lab, client_of):
    older, newer = add_events(lab, 4)[::3]
    AuditEvent.objects.create(
        organisation=lab.outsider.memberships.get().organisation, action="x", target_kind="task"
    )
    events = listed(client_of(lab.admin))
    assert (events[0], events[-1]) == (newer, older)
    assert len(events) == 4


def test_it_is_filtered_by_person_kind_action_project_and_words(lab, client_of):
    add_events(lab, 2)
    (by_owner,) = add_events(lab, 1, actor=lab.owner, note="for the cohort")
    (other_kind,) = add_events(lab, 1, target_kind="group", target_label="Cohort 7")
    (other_action,) = add_events(lab, 1, action="delete project", root_id="project-1")
    client = client_of(lab.admin)
    assert listed(client, person=str(lab.owner.uuid)) == [by_owner]
    assert listed(client, kind="group") == [other_kind]
    assert listed(client, action="delete project") == [other_action]
    assert listed(client, root="project-1") == [other_action]
    assert set(listed(client, q="cohort")) == {by_owner, other_kind}
    assert listed(client, q="ines") == [by_owner]


def test_pages_by_key_show_every_event_once_even_at_equal_times(lab):
    add_events(lab, 2 * AUDIT_PAGE + 10)
    events = audit_events(lab.organisation, AuditFilter())
    first = audit_page(events)
    second = audit_page(events, before=first.older)
    third = audit_page(events, before=second.older)
    shown = [event.pk for page in (first, second, third) for event in page.events]
    assert shown == [event.pk for event in events]
    assert (first.newer, third.older) == ("", "")
    back = audit_page(events, after=third.newer)
    assert [event.pk for event in back.events] == [event.pk for event in second.events]
    assert back.newer == second.newer and back.older == second.older


def test_an_event_that_comes_while_reading_shifts_nothing(lab):
    add_events(lab, AUDIT_PAGE + 5)
    events = audit_events(lab.organisation, AuditFilter())
    first = audit_page(events)
    expected = [event.pk for event in audit_page(events, before=first.older).events]
    add_events(lab, 3, at=START + timedelta(days=1))
    assert [event.pk for event in audit_page(events, before=first.older).events] == expected


@pytest.mark.parametrize(
    "cursor", ["x", "_", "2026-01-01_1", "2026-01-01T00:00:00+00:00_x", "9" * 500, "é_1"]
)
def test_a_broken_cursor_is_ignored(lab, client_of, cursor):
    add_events(lab, 2)
    assert len(listed(client_of(lab.admin), before=cursor, after=cursor)) == 2


def test_only_what_changed_is_shown(lab):
    event = record(
        organisation=lab.organisation,
        actor=lab.admin,
        action="change",
        target=TagFactory(organisation=lab.organisation),
        before={"role": "member", "may_create": False, "people": ["A", "B"]},
        after={"role": "member", "may_create": True, "weights": {"iou": 100}},
    )
    assert audit_changes(event)["changes"] == [
        {"name": "May create", "before": "no", "after": "yes"},
        {"name": "People", "before": "A, B", "after": ""},
        {"name": "Weights", "before": "", "after": "iou: 100"},
    ]


def test_the_page_says_when_nothing_matches_and_when_there_is_nothing(lab, client_of):
    client, address = client_of(lab.admin), reverse("accounts:audit", args=["meridian"])
    assert "Nothing recorded yet" in client.get(address).content.decode()
    add_events(lab, 1)
    page = client.get(address, {"q": "nowhere"}).content.decode()
    assert "No events match" in page
    assert "Clear filters" in page
