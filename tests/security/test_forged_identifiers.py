"""Another organisation's identifiers in a form or a query: nothing crosses over, is shown or is touched."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import F, QuerySet

from accounts.models import Group, Membership, Tag
from benchmarks.models import SourceProject, TaskCopy, WizardDraft
from datasets.models import Dataset, DatasetFile, File, Folder
from jobs.models import Job
from labels.models import Submission
from projects.models import Project, ProjectDataset, ProjectRole, Task
from tests.security.asking import address
from tests.security.house import House
from tests.security.table import ROWS, Door, Row

pytestmark = pytest.mark.django_db
FOREIGN_MARK = b"Kestrel"
# Every name under which a form of ours, or one that a browser could make up, might take an identifier.
FIELDS = {
    "dataset": ("dataset", "datasets", "dataset_id"),
    "file": ("file", "files", "file_id"),
    "folder": ("folder", "folder_id"),
    "ontology": ("ontology", "ontologies", "ontology_version"),
    "tag": ("tag", "tags"),
    "group": ("group", "groups"),
    "member": ("person", "people", "user", "users", "assignee", "annotator", "holder", "members"),
    "qa": ("project", "source", "sources", "project_id"),
    "free": ("task", "tasks", "task_id"),
    "draft": ("draft", "draft_id"),
    "job": ("job",),
    "organisation": ("organisation", "org", "org_slug"),
}
# What lets a form through to its work when the identifiers are the only thing wrong with it.
FILLING = {
    "title": "Forged",
    "name": "Forged",
    "description": "",
    "role": "annotator",
    "labels_are": "starting",
    "action": "release",
    "move": "withdraw",
    "stay": "1",
    "color": "#112233",
}
POSTED = [row.key for row in ROWS if "POST" in row.methods and row.door not in (Door.EVERYBODY, Door.PERSON)]
LOOKED_AT = [
    row.key for row in ROWS if "GET" in row.methods and row.door not in (Door.EVERYBODY, Door.PERSON)
]
BY_KEY = {row.key: row for row in ROWS}


def foreign_fields(theirs: House) -> dict[str, str]:
    return {field: theirs.things[thing] for thing, fields in FIELDS.items() for field in fields}


def roles_of_foreigners(theirs: House) -> dict[str, str]:
    """The wizard names people in its keys."""
    member, group = theirs.things["member"], theirs.things["group"]
    return {
        f"person-role:{member}": "annotator",
        f"group-role:{group}": "annotator",
        "add": f"person:{member}",
    }


def crossings() -> list[str]:
    """Rows that tie a thing of one organisation to a thing of another; there must never be one."""
    inside = Membership.objects.values("organisation", "user")
    found: list[str] = []
    for name, rows in _crossing_rows():
        found += [f"{name}: {row}" for row in rows]
    members = {(row["organisation"], row["user"]) for row in inside}
    for role in ProjectRole.objects.select_related("project"):
        if (role.project.organisation_id, role.user_id) not in members:
            found.append(f"role of a stranger: {role}")
    for task in Task.objects.exclude(assignee=None).select_related("project"):
        if (task.project.organisation_id, task.assignee_id) not in members:
            found.append(f"task held by a stranger: {task}")
    for group in Group.objects.prefetch_related("members"):
        for user in group.members.all():
            if (group.organisation_id, user.pk) not in members:
                found.append(f"stranger in a group: {user}")
    return found


def _crossing_rows() -> Iterator[tuple[str, QuerySet]]:
    project = "project__organisation"
    yield "dataset attached", ProjectDataset.objects.exclude(dataset__organisation=F(project))
    yield "file in dataset", DatasetFile.objects.exclude(file__organisation=F("dataset__organisation"))
    yield "file in folder", File.objects.exclude(folder=None).exclude(folder__organisation=F("organisation"))
    yield "ontology", Project.objects.exclude(ontology_version__ontology__organisation=F("organisation"))
    yield "tag of project", Project.objects.exclude(tags=None).exclude(tags__organisation=F("organisation"))
    yield "tag of dataset", Dataset.objects.exclude(tags=None).exclude(tags__organisation=F("organisation"))
    yield "task on file", Task.objects.exclude(file__organisation=F(project))
    yield "role by group", ProjectRole.objects.exclude(group=None).exclude(group__organisation=F(project))
    yield "source", SourceProject.objects.exclude(project__organisation=F("training__project__organisation"))


def fingerprint(theirs: House) -> dict[str, Any]:
    """Everything of the foreign house that a request could have touched."""
    organisation = theirs.organisation
    own: dict[str, QuerySet] = {
        "organisation": type(organisation).objects.filter(pk=organisation.pk),
        "memberships": Membership.objects.filter(organisation=organisation),
        "projects": Project.objects.filter(organisation=organisation),
        "roles": ProjectRole.objects.filter(project__organisation=organisation),
        "tasks": Task.objects.filter(project__organisation=organisation),
        "copies": TaskCopy.objects.filter(training__project__organisation=organisation),
        "submissions": Submission.objects.filter(task__project__organisation=organisation),
        "datasets": Dataset.objects.filter(organisation=organisation),
        "entries": DatasetFile.objects.filter(dataset__organisation=organisation),
        "files": File.objects.filter(organisation=organisation),
        "folders": Folder.objects.filter(organisation=organisation),
        "tags": Tag.objects.filter(organisation=organisation),
        "groups": Group.objects.filter(organisation=organisation),
        "jobs": Job.objects.filter(organisation=organisation),
        "drafts": WizardDraft.objects.filter(organisation=organisation),
    }
    return {name: sorted(map(str, rows.values_list())) for name, rows in own.items()}


def asker_of(row: Row, method: str) -> str:
    able = row.methods[method]
    return "chief" if "chief" in able or not able else min(able)


@pytest.mark.parametrize("name", POSTED)
@pytest.mark.parametrize("mixed", [False, True], ids=["all foreign", "own and foreign"])
def test_a_forged_form_ties_nothing_together_and_touches_nothing(name, mixed, houses, clients):
    row, (ours, theirs) = BY_KEY[name], houses
    body = FILLING | foreign_fields(theirs) | roles_of_foreigners(theirs)
    if mixed:
        body |= {key: ours.things.get(value, value) for key, value in row.body.items()}
        body |= {"action": "assign", "task": ours.things["free"]}
    before = fingerprint(theirs)
    response = clients[asker_of(row, "POST")].post(address(row, ours), body)
    assert response.status_code < 500
    assert FOREIGN_MARK not in response.content
    assert crossings() == []
    assert fingerprint(theirs) == before


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_forged_query_shows_nothing_of_the_other_house(name, houses, clients):
    row, (ours, theirs) = BY_KEY[name], houses
    client = clients[asker_of(row, "GET")]
    for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
        query = foreign_fields(theirs) | dict(row.query) | {"q": "", "organisation__name__startswith": "K"}
        response = client.get(address(row, ours), query, **headers)
        assert response.status_code < 500
        seen = response.getvalue() if response.streaming else response.content
        assert FOREIGN_MARK not in seen


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("datasets:add_to_dataset", {"dataset": "ours:dataset", "file": "theirs:file"}),
        ("datasets:add_to_dataset", {"dataset": "theirs:dataset", "file": "ours:file"}),
        ("labels:move_tasks", {"action": "assign", "task": "ours:free", "assignee": "theirs:member"}),
        ("labels:move_tasks", {"action": "assign", "task": "theirs:free", "assignee": "ours:qa_annotator"}),
        ("labels:move_tasks", {"one": "theirs:free", "action": "approve"}),
        (
            "projects:new_manual_qa",
            {"title": "Forged", "ontology": "theirs:ontology", "datasets": "ours:dataset"},
        ),
        (
            "projects:new_manual_qa",
            {"title": "Forged", "ontology": "ours:ontology", "datasets": "theirs:dataset"},
        ),
        ("projects:new_manual_qa", {"title": "Forged", "ontology": "ours:ontology", "tags": "theirs:tag"}),
        ("projects:settings_attach", {"dataset": "theirs:dataset"}),
        ("projects:team_add", {"people": "theirs:member", "role": "admin"}),
        ("projects:team_add_group", {"group": "theirs:group", "role": "annotator"}),
        ("benchmarks:move_copies", {"task": "theirs:open_copy", "move": "withdraw"}),
    ],
)
def test_a_form_with_one_foreign_identifier_changes_nothing(name, body, houses, clients):
    row, (ours, theirs) = BY_KEY[name], houses
    house = {"ours": ours, "theirs": theirs}
    posted = {
        key: house[value.split(":")[0]].things[value.split(":")[1]] if ":" in value else value
        for key, value in body.items()
    }
    before = fingerprint(theirs), fingerprint(ours)
    response = clients["chief"].post(address(row, ours), posted)
    assert response.status_code < 500
    assert crossings() == []
    assert (fingerprint(theirs), fingerprint(ours)) == before


def test_the_check_sees_a_crossing(houses):
    ours, theirs = houses
    ProjectDataset.objects.create(
        project=ours.qa, dataset=Dataset.objects.filter(organisation=theirs.organisation).first()
    )
    ours.qa.tags.add(Tag.objects.filter(organisation=theirs.organisation).first())
    assert len(crossings()) == 2


def test_the_check_sees_a_touched_house(houses):
    theirs = houses[1]
    before = fingerprint(theirs)
    Task.objects.filter(project=theirs.qa).update(version=F("version") + 1)
    assert fingerprint(theirs) != before
