"""The demo: built by operations alone, with real people's real scores on the first page."""

import io

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent, Membership, Organisation, User
from benchmarks.demo import LOGINS, PASSWORD, SLUG, load_demo
from benchmarks.models import Evaluation, TrainingProject
from benchmarks.results import overview_of
from datasets.models import File
from jobs.models import RowState
from labels.models import ImportItem, Label
from projects.models import Project, Task, TaskState

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Built once for the module, removed with its organisation's rows by the database's flush at the end."""
    with django_db_blocker.unblock():
        from django.db import transaction

        with transaction.atomic():
            load_demo()
            yield Organisation.objects.get(slug=SLUG)
            transaction.set_rollback(True)


def test_every_training_project_shows_scores_at_once(demo):
    trainings = {training.project.title: overview_of(training) for training in TrainingProject.objects.all()}
    assert len(trainings) == 7
    for overview in trainings.values():
        assert overview.submitted == overview.scored > 0
        assert overview.failed == 0
    people = {row.annotator.name: row.points.percent for one in trainings.values() for row in one.annotators}
    # Real people agree with the experts, but not perfectly; who has not begun has no score.
    assert all(90 < people[f"Car annotator {n}"] < 99 for n in (1, 2, 4))
    assert all(65 < people[f"Cell person {n}"] < 90 for n in (1, 3, 4, 5))
    assert people["Tomasz Zielinski"] is None
    assert people["Amara Okafor"] > people["Jonas Lindqvist"]
    # Careful people are ahead of those who lose tracks, skip frames, guess or overlook an organ.
    assert people["Leila Farsi"] > people["Hanna Virtanen"] + 5
    assert people["Nadia Rahman"] > people["Viktor Novak"] + 5
    assert people["Grace Mwangi"] > people["Oskar Brandt"] + 5
    assert people["Elena Petrova"] > people["Ingrid Solberg"] + 5


def test_files_of_several_frames_are_ready_and_their_jobs_done(demo):
    kinds = dict(File.objects.exclude(kind="image").values_list("title", "frame_count"))
    assert kinds == {"smear_a.mp4": 75, "smear_b.mp4": 75, "parking_0": 2, "parking_1": 5, "ct_abdomen": 3}
    assert all(
        file.is_ready and file.job.state == RowState.DONE for file in File.objects.exclude(kind="image")
    )


def test_the_answers_of_the_parking_lot_change_over_time(demo):
    labels = Label.objects.filter(instance__row__task__file__title="parking_1", instance__node="pk0spac1")
    gold = labels.filter(instance__row__task__project__kind="manual_qa")
    per_space = {}
    for label in gold.select_related("instance"):
        per_space.setdefault(label.instance_id, set()).add(label.answers["pk0occ01"])
    assert len(per_space) == 40
    assert any(len(answers) == 2 for answers in per_space.values())


def test_gold_came_through_the_import_without_a_refusal(demo):
    assert ImportItem.objects.count() == 42 + 10 + 5 + 2 + 1 + 2 + 1
    assert not ImportItem.objects.exclude(outcome="created").exists()
    states = set(
        Task.objects.filter(project__kind="manual_qa", kind="annotate").values_list("state", flat=True)
    )
    assert states == {TaskState.COMPLETED, TaskState.IN_REVIEW}


def test_everything_was_done_by_operations_and_audited(demo):
    actions = set(AuditEvent.objects.filter(organisation=demo).values_list("action", flat=True))
    assert {"create training project", "submit task", "approve task", "import labels as submitted"} <= actions
    assert not Evaluation.objects.exclude(state=RowState.DONE).exists()


def test_each_role_can_log_in(demo, client):
    for login in LOGINS:
        answer = client.post("/login/", {"username": login.email, "password": PASSWORD})
        assert answer.status_code == 302, login
    manager = User.objects.get(name="Marc Dubois")
    assert Membership.objects.filter(user=manager).count() == 2


def test_a_second_load_does_nothing_and_the_logins_are_printed(demo):
    before = Project.objects.count()
    call_command("load_demo", stdout=io.StringIO())
    assert Project.objects.count() == before
    printed = io.StringIO()
    call_command("demo_logins", stdout=printed)
    assert "ines@demo.example" in printed.getvalue()
    assert PASSWORD in printed.getvalue()
