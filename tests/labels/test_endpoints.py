"""The editor's endpoints over HTTP: every answer is JSON, whatever is wrong."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from labels.documents import document_of_task
from labels.models import Instance, Submission
from projects.models import Role, Task, TaskKind, TaskState
from tests.factories import (
    CELL,
    CELL_TYPE,
    MembershipFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box,
)

pytestmark = pytest.mark.django_db
INSTANCE = {"id": "o1", "kind": "object", "node": CELL, "answers": {}}
LABEL = {"instance": "o1", "frame": 0, "geometry": box(0.1, 0.1, 0.2, 0.2), "keyframe": True, "answers": {}}
CHANGE = {"upserts": {"instances": [INSTANCE], "labels": [LABEL]}, "deletes": {"instances": [], "labels": []}}


@pytest.fixture
def task():
    user = UserFactory()
    task = TaskFactory(held_by=user, queue_rank=0)
    ProjectRoleFactory(project=task.project, user=user)
    return task


def address(name, task):
    return reverse(f"labels:{name}", args=[task.project.organisation.slug, task.uuid])


def in_project(task, role):
    return ProjectRoleFactory(project=task.project, role=role).user


def post(user, name, task, body=None, *, raw=None, client=None):
    client = client or Client()
    if user is not None:
        client.force_login(user)
    content = raw if raw is not None else json.dumps(body or {})
    return client.post(
        address(name, task),
        content,
        content_type="application/json",
        headers={"Accept": "application/json"},
    )


def test_save_answers_with_the_new_revision_and_the_document_is_read_back(task):
    response = post(task.assignee, "save", task, {"revision": 0, **CHANGE})
    assert response.status_code == 200
    assert response.json()["revision"] == 1
    client = Client()
    client.force_login(task.assignee)
    answer = client.get(address("document", task))
    assert answer.json() == {"document": document_of_task(task)[0], "revision": 1}
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_stale_save_gets_the_other_side(task):
    post(task.assignee, "save", task, {"revision": 0, **CHANGE})
    response = post(task.assignee, "save", task, {"revision": 0, **CHANGE})
    assert response.status_code == 409
    body = response.json()
    assert (body["error"], body["revision"], body["by"]) == ("stale", 1, task.assignee.name)
    assert [one["id"] for one in body["document"]["objects"]] == ["o1"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('"x": NaN', "upserts.labels[0].geometry.x"),
        ('"x": Infinity', "upserts.labels[0].geometry.x"),
        ('"x": -Infinity', "upserts.labels[0].geometry.x"),
        ('"x": 1e999', "upserts.labels[0].geometry.x"),
        (f'"x": {"9" * 5000}', "upserts.labels[0].geometry.x"),
        ('"x": true', "upserts.labels[0].geometry.x"),
        ('"x": "0.1"', "upserts.labels[0].geometry.x"),
        ('"x": "a\\u0000b"', "upserts.labels[0].geometry.x"),
        ('"x": "\\ud800"', "upserts.labels[0].geometry.x"),
    ],
)
def test_numbers_and_texts_that_cannot_be_stored_are_refused_with_their_path(task, text, path):
    raw = json.dumps({"revision": 0, **CHANGE}).replace('"x": 0.1', text)
    assert text in raw
    response = post(task.assignee, "save", task, raw=raw)
    assert response.status_code == 422
    assert response.json()["error"] == "invalid"
    assert [problem["path"] for problem in response.json()["problems"]] == [path]
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", "null", "3", '{"revision": "0"}', '{"revision": true}', "{" * 30, "[" * 100_000],
)
def test_what_is_no_save_is_refused(task, raw):
    response = post(task.assignee, "save", task, raw=raw)
    assert response.status_code == 422
    assert response.json()["problems"][0]["message"]


def test_nesting_beyond_twenty_levels_is_refused(task):
    deep = json.loads("[" * 21 + "]" * 21)
    response = post(task.assignee, "save", task, {"revision": 0, "upserts": deep})
    assert response.status_code == 422
    assert "nested" in response.json()["problems"][0]["message"]


def test_a_body_beyond_twenty_megabytes_is_refused_unread(task):
    response = post(task.assignee, "save", task, raw=b" " * (20 * 1024 * 1024 + 1))
    assert response.status_code == 413
    assert response.json()["error"] == "too_large"


def test_an_expired_session_is_told_in_json_where_to_log_in(task):
    for name in ("save", "submit", "skip", "approve"):
        response = post(None, name, task, {"revision": 0, **CHANGE})
        assert response.status_code == 401
        assert response.json() == {"error": "login", "login_url": reverse("accounts:login")}
    assert Client().get(address("document", task)).status_code == 401


def test_a_missing_token_is_told_in_json(task):
    response = post(
        task.assignee, "save", task, {"revision": 0, **CHANGE}, client=Client(enforce_csrf_checks=True)
    )
    assert response.status_code == 403
    assert response.json()["error"] == "csrf"


def test_submit_gives_the_next_task_and_the_same_answer_for_the_same_key(task):
    following = TaskFactory(project=task.project, queue_rank=0)
    holder, key = task.assignee, str(uuid.uuid4())
    body = {"revision": 0, "key": key, **CHANGE}
    first = post(holder, "submit", task, body)
    assert first.status_code == 200
    assert first.json()["next_url"] == address("annotate", following)
    assert post(holder, "submit", task, body).json() == first.json()
    following.refresh_from_db()
    assert following.assignee == holder
    assert Submission.objects.count() == 1


def test_after_the_last_task_submit_leads_to_the_empty_queue(task):
    holder = task.assignee
    response = post(holder, "submit", task, {"revision": 0, "key": str(uuid.uuid4()), **CHANGE})
    url = response.json()["next_url"]
    client = Client()
    client.force_login(holder)
    assert "The queue is empty" in client.get(url).text


def test_another_tab_is_told_when_the_task_was_submitted(task):
    holder = task.assignee
    at = post(holder, "submit", task, {"revision": 0, "key": str(uuid.uuid4()), **CHANGE}).json()[
        "submitted_at"
    ]
    for name, body in (
        ("submit", {"revision": 1, "key": str(uuid.uuid4()), **CHANGE}),
        ("save", {"revision": 1, **CHANGE}),
        ("skip", {}),
    ):
        response = post(holder, name, task, body)
        assert response.status_code == 409
        assert response.json()["error"] == "already_submitted"
        assert response.json()["at"][:19] == at[:19]


@pytest.mark.parametrize("key", [None, "", "no uuid", 5, ["a"], {"a": 1}])
def test_a_submission_needs_a_key(task, key):
    body = {"revision": 0, **CHANGE} | ({} if key is None else {"key": key})
    response = post(task.assignee, "submit", task, body)
    assert response.status_code == 422
    assert response.json()["problems"][0]["path"] == "key"


def test_missing_required_answers_are_listed(task):
    version = task.project.ontology_version
    version.structure["objects"][0]["attributes"][0]["required"] = True
    version.save()
    response = post(task.assignee, "submit", task, {"revision": 0, "key": str(uuid.uuid4()), **CHANGE})
    assert response.status_code == 422
    assert response.json()["error"] == "required"
    assert [one["path"] for one in response.json()["problems"]] == [f"objects[0].answers.{CELL_TYPE}"]


def test_a_released_task_takes_no_more_saves_and_says_so(task):
    holder = task.assignee
    Task.objects.update(state=TaskState.QUEUED, assignee=None)
    response = post(holder, "save", task, {"revision": 0, **CHANGE})
    assert (response.status_code, response.json()["error"]) == (409, "not_yours")


def test_skip_releases_a_pooled_task_and_leads_to_another(task):
    holder = task.assignee
    Task.objects.update(state=TaskState.QUEUED, assignee=None)
    other = TaskFactory(project=task.project, queue_rank=0)
    client = Client()
    client.force_login(holder)
    started = client.post(reverse("labels:start", args=[task.project.organisation.slug, task.project.uuid]))
    assert started.url == address("annotate", task)
    assert post(holder, "skip", task).json()["next_url"] == address("annotate", other)
    task.refresh_from_db()
    assert (task.state, task.assignee) == (TaskState.QUEUED, None)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.ADMIN, True),
        (Role.TEAM_MANAGER, True),
        (Role.REVIEWER, True),
        (Role.ANNOTATOR_REVIEWER, True),
        (Role.ANNOTATOR, False),
    ],
)
def test_whoever_may_review_approves_a_task_in_review(task, role, allowed):
    Task.objects.update(state=TaskState.IN_REVIEW, assignee=None, submitted_by=task.assignee)
    response = post(in_project(task, role), "approve", task)
    assert response.status_code == (200 if allowed else 404)
    task.refresh_from_db()
    assert task.state == (TaskState.COMPLETED if allowed else TaskState.IN_REVIEW)


def test_the_submitter_without_review_rights_sees_the_task_but_may_not_approve_it(task):
    Task.objects.update(state=TaskState.IN_REVIEW, assignee=None, submitted_by=task.assignee)
    assert post(task.assignee, "approve", task).status_code == 403


def test_approving_a_task_that_is_not_in_review_is_refused(task):
    response = post(in_project(task, Role.ADMIN), "approve", task)
    assert (response.status_code, response.json()["error"]) == (409, "not_yours")


def strangers(task):
    """Everybody for whom the task must be as good as absent."""
    outsider = MembershipFactory(organisation=task.project.organisation).user
    other_annotator = in_project(task, Role.ANNOTATOR)
    other_tenant = ProjectRoleFactory(project=ProjectFactory(), role=Role.ADMIN).user
    return [outsider, other_annotator, other_tenant]


@pytest.mark.parametrize("name", ["save", "submit", "skip", "approve", "document"])
def test_a_foreign_task_answers_like_an_absent_one(task, name):
    absent = TaskFactory.build(project=task.project)
    for stranger in strangers(task):
        client = Client()
        client.force_login(stranger)
        answers = []
        for asked in (task, absent):
            send = client.get if name == "document" else client.post
            answers.append(send(address(name, asked), content_type="application/json"))
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


@pytest.mark.parametrize("role", [Role.ADMIN, Role.TEAM_MANAGER])
def test_leads_read_a_held_task_but_never_write_it(task, role):
    lead = in_project(task, role)
    client = Client()
    client.force_login(lead)
    assert client.get(address("document", task)).status_code == 200
    assert post(lead, "save", task, {"revision": 0, **CHANGE}).status_code == 409
    assert not Instance.objects.exists()


def test_a_training_copy_is_written_by_its_annotator_only_and_read_by_leads_only():
    project = ProjectFactory(is_training=True)
    trainee = ProjectRoleFactory(project=project).user
    other = ProjectRoleFactory(project=project).user
    lead = ProjectRoleFactory(project=project, role=Role.ADMIN).user
    copy = TaskFactory(project=project, kind=TaskKind.COPY, held_by=trainee)
    assert post(trainee, "save", copy, {"revision": 0, **CHANGE}).status_code == 200
    copy.refresh_from_db()
    assert copy.state == TaskState.IN_PROGRESS
    assert post(other, "save", copy, {"revision": 1, **CHANGE}).status_code == 404
    assert post(lead, "save", copy, {"revision": 1, **CHANGE}).status_code == 403
    client = Client()
    client.force_login(lead)
    assert client.get(address("document", copy)).status_code == 200


def test_settings_of_the_editor_are_kept_with_the_person(task):
    client = Client()
    client.force_login(task.assignee)
    url = reverse("labels:editor_settings", args=[task.project.organisation.slug])
    settings = {"crosshair": False, "opacity": 30}
    assert client.post(url, json.dumps(settings), content_type="application/json").status_code == 200
    task.assignee.refresh_from_db()
    assert task.assignee.editor_settings == settings
    for bad in ({"a": {"b": 1}}, {"x" * 41: 1}, {"a": "y" * 101}, {f"k{n}": 1 for n in range(201)}, [1]):
        assert client.post(url, json.dumps(bad), content_type="application/json").status_code == 422
    task.assignee.refresh_from_db()
    assert task.assignee.editor_settings == settings


@pytest.mark.parametrize("name", ["save", "submit", "skip", "approve"])
def test_nothing_is_changed_by_get(task, name):
    client = Client()
    client.force_login(task.assignee)
    assert client.get(address(name, task)).status_code == 405
