"""Gold never reaches a trainee: two installations that differ only in gold answer byte for byte the same.

One installation is built, asked everything a trainee may ask, then its gold and all that follows from gold is changed
in place, and it is asked again. Every address of the product is asked, so a new page is covered the day it is made.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from benchmarks.evaluation import evaluate
from benchmarks.models import (
    BenchmarkFunction,
    CriterionTotal,
    Evaluation,
    EvaluationLabel,
    GoldTask,
    TaskCopy,
    TaskScore,
    TrainingProject,
)
from benchmarks.operations.enrolment import withdraw_copy
from benchmarks.operations.functions import save_function
from benchmarks.publications import recalculate, start_recalculation
from jobs.models import Job
from labels.models import Instance, Label
from labels.operations import save_labels, submit_task
from projects.models import ProjectRole, Role
from tests.benchmarks.test_create import organisation  # noqa: F401 a fixture
from tests.benchmarks.worlds import World
from tests.factories import (
    CELL,
    InstanceFactory,
    LabelFactory,
    LabelRowFactory,
    MembershipFactory,
    OntologyVersionFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box,
    box_document,
)

pytestmark = pytest.mark.django_db

NOW = "2026-11-20T12:00:00+00:00"
TOKEN = re.compile(
    rb'(name="csrfmiddlewaretoken" value="|name="csrf-token" content="|nonce="|"csrf": ")[^"]*'
)
NONCE = re.compile(r"'nonce-[^']*'")
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"HX-Request": "true", "HX-Target": "own-tasks"},
    {"Accept": "application/json"},
)
QUERIES = ("", "?sort=-edited", "?state=submitted", "?state=todo&q=picture", "?state=finished&state=running")


class Installation:
    """A source with gold, an exam made from it, and a trainee with work in every state."""

    def __init__(self, organisation: Any) -> None:  # noqa: F811
        from benchmarks.operations.create import create_training_project

        self.organisation = organisation
        self.admin = MembershipFactory(organisation=organisation, may_create=True).user
        self.source = ProjectFactory(
            organisation=organisation, ontology_version=OntologyVersionFactory(organisation=organisation)
        )
        ProjectRoleFactory(project=self.source, user=self.admin, role=Role.ADMIN)
        for _ in range(6):
            row = LabelRowFactory(task=TaskFactory(project=self.source, state="completed"))
            LabelFactory(instance=InstanceFactory(row=row), geometry=box(0.1, 0.1, 0.2, 0.2))
        self.trainee, self.colleague = (
            MembershipFactory(organisation=organisation, user=UserFactory(name=name)).user
            for name in ("Priya Raman", "Amara Okafor")
        )
        self.training = create_training_project(
            organisation=organisation,
            actor=self.admin,
            title="Cohort 8",
            sources=[self.source],
            function={},
            instructions="# Draw tight boxes",
            people={self.trainee: Role.ANNOTATOR, self.colleague: Role.ANNOTATOR},
        )
        self._work()

    def _work(self) -> None:
        """Submitted and scored, submitted and waiting, in progress with a draft, not begun, withdrawn."""
        scored, waiting, started, _, _, gone = self.copies(self.trainee)
        for copy in (scored, waiting, self.copies(self.colleague)[0]):
            self.submit(copy, (0.1, 0.1, 0.22, 0.2), (0.7, 0.7, 0.1, 0.1))
        for evaluation in Evaluation.objects.exclude(copy=waiting):
            evaluate(evaluation.pk)
        save_labels(
            task=started.task,
            actor=self.trainee,
            revision=0,
            upserts=upserts(box_document((0.3, 0.3, 0.1, 0.1))),
            deletes={},
        )
        withdraw_copy(copy=gone, actor=self.admin)

    def copies(self, person: Any) -> list[TaskCopy]:
        copies = TaskCopy.objects.filter(annotator=person).select_related(
            "task__file", "task__project__organisation", "training__project__organisation", "annotator"
        )
        return list(copies.order_by("task__queue_rank"))

    def submit(self, copy: TaskCopy, *boxes: tuple[float, float, float, float]) -> None:
        submit_task(
            task=copy.task,
            actor=copy.annotator,
            key=uuid4(),
            revision=0,
            upserts=upserts(box_document(*boxes)),
            deletes={},
        )

    # ------------------------------------------------------------ what differs
    def change_gold(self) -> None:
        """Other gold labels, more of them, other counts; and the same in the source."""
        for number, task in enumerate(GoldTask.objects.order_by("pk")):
            task.document = box_document(*[(0.05 * n, 0.5, 0.1, 0.1) for n in range(number + 1)])
            task.label_count, task.reviewed_count = number + 1, number
            task.save()
        Label.objects.filter(instance__row__task__project=self.source).update(geometry=box(0, 0, 1, 1))
        Instance.objects.filter(row__task__project=self.source).update(answers={"x": 1})

    def score_again(self) -> None:
        """As if everything had been submitted against the new gold."""
        for model in (EvaluationLabel, CriterionTotal, TaskScore):
            model.objects.all().delete()
        Evaluation.objects.update(state="pending")
        for evaluation in Evaluation.objects.all():
            assert evaluate(evaluation.pk)

    def fail_everything(self) -> None:
        Evaluation.objects.update(state="failed", error="The gold is broken.")

    def publish_other_weights(self) -> None:
        training = TrainingProject.objects.select_related("publication").get(pk=self.training.pk)
        saved = save_function(
            training=training, actor=self.admin, settings={"weights": {f"iou:{CELL}": 7}}, reason="", base=1
        )
        job = start_recalculation(training=training, actor=self.admin, function=saved)
        Job.objects.filter(pk=job.pk).update(state="running", run=1)
        job.refresh_from_db()
        recalculate(job)
        Job.objects.filter(pk=job.pk).update(state="done")

    # ------------------------------------------------------------ what a trainee asks
    def ids(self, name: str) -> list[str]:
        """What a parameter of an address may stand for: own things, others' things, things that do not exist."""
        tasks = [str(copy.task.uuid) for copy in self.copies(self.trainee) + self.copies(self.colleague)[:1]]
        source_task = self.source.tasks.order_by("pk").first()
        known = {
            "org_slug": [self.organisation.slug],
            "project_id": [str(self.training.project.uuid), str(self.source.uuid)],
            "task_id": [*tasks, str(source_task.uuid)],
            "file_id": [str(source_task.file.uuid)],
            "user_id": [str(self.colleague.uuid)],
            "user_uuid": [str(self.colleague.uuid)],
            "ontology_id": [str(self.source.ontology_version.ontology.uuid)],
            "number": ["1"],
            "frame": ["0", "1"],
            "name": ["data"],
            "token": ["no-such-token"],
            "uidb64": ["MQ"],
        }
        return known.get(name, [str(uuid4_fixed)])


uuid4_fixed = "00000000-0000-4000-8000-000000000000"


def upserts(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "instances": [
            {"id": one["id"], "kind": "object", "node": one["node"], "answers": {}}
            for one in document["objects"]
        ],
        "labels": [
            {"instance": one["id"], **label} for one in document["objects"] for label in one["labels"]
        ],
    }


def addresses(patterns: Any = None, namespace: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every named address of the product with the names of its parameters."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            for name, parameters in addresses(pattern.url_patterns, inner):
                yield name, [*pattern.pattern.converters, *parameters]
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", list(pattern.pattern.converters)


def urls_of(installation: Installation) -> list[str]:
    found = []
    for name, parameters in addresses():
        if name == "healthz":  # measures processes, and counts the waiting work of everybody together
            continue
        for values in product(*(installation.ids(parameter) for parameter in parameters)):
            found.append(reverse(name, kwargs=dict(zip(parameters, values, strict=True))))
    return found


Question = tuple[str, tuple[tuple[str, str], ...]]
Answers = dict[Question, tuple[int, dict[str, str], bytes]]


def answers(installation: Installation) -> Answers:
    """What the trainee gets for every address; pages that open are asked as fragments and as JSON too."""
    plain = ask(installation, [(url, ()) for url in urls_of(installation)])
    lists = (f"{installation.training.project.uuid}/", "/labels/queue/", "/projects/")
    more: list[Question] = []
    for (url, _), (status, _, _) in plain.items():
        if status not in (403, 404, 405):
            queries = QUERIES if url.endswith(lists) else ("",)
            more += [(url + query, tuple(headers.items())) for query, headers in product(queries, HEADERS)]
    return plain | ask(installation, more)


def ask(installation: Installation, questions: Iterable[Question]) -> Answers:
    """The answers to given questions; tokens and nonces taken out."""
    client = Client()
    client.force_login(installation.trainee)
    found = {}
    for url, headers in questions:
        response = client.get(url, headers=dict(headers))
        content = b"".join(response.streaming_content) if response.streaming else response.content
        kept = {key: NONCE.sub("", value) for key, value in response.headers.items()}
        found[url, headers] = (response.status_code, kept, TOKEN.sub(rb"\1", content))
    return found


def differences(installation: Installation, before: Answers) -> list[str]:
    """Which of the questions are answered otherwise now. What takes no GET takes none whatever the data are."""
    after = ask(installation, [question for question, (status, _, _) in before.items() if status != 405])
    return [
        f"{question}: {before[question]} / {answer}"[:3000]
        for question, answer in after.items()
        if before[question] != answer
    ]


@pytest.fixture
def installation(organisation):  # noqa: F811
    with time_machine.travel(NOW, tick=False):
        yield Installation(organisation)


def test_nothing_a_trainee_can_ask_depends_on_gold(installation):
    before = answers(installation)
    assert sum(status == 200 for status, _, _ in before.values()) > 30  # the trainee's own pages were asked

    for change in (
        installation.change_gold,
        installation.score_again,
        installation.fail_everything,
        installation.publish_other_weights,
    ):
        change()
        assert differences(installation, before) == [], change.__name__


def test_the_comparison_can_fail(installation):
    """With a policy that shows scores, other gold does show: so the test above would notice a leak."""
    TrainingProject.objects.update(feedback_level="total", feedback_moment="at_once")
    before = answers(installation)

    installation.change_gold()
    installation.score_again()

    assert differences(installation, before)


def test_without_feedback_no_page_of_a_trainee_names_a_score_or_an_evaluation(installation):
    own = reverse(
        "benchmarks:overview", args=[installation.organisation.slug, installation.training.project.uuid]
    )
    pages = [content for (url, _), (_, _, content) in answers(installation).items() if url.startswith(own)]

    assert pages
    for word in (b"Waiting", b"Scoring", b"Scored", b"Failed", b"Delayed", b"My score"):
        assert not any(word in page for page in pages), word


def test_the_order_of_tasks_says_nothing_about_gold(installation):
    """Ranks are random per annotator: two people have the tasks in different orders."""
    orders = {
        tuple(copy.item_id for copy in installation.copies(person))
        for person in (installation.trainee, installation.colleague)
    }
    more = [MembershipFactory(organisation=installation.organisation).user for _ in range(5)]
    for person in more:
        ProjectRole.objects.create(project=installation.training.project, user=person, role=Role.ANNOTATOR)
    World(installation.training, installation.admin, [], None, None, None).sync(*more)
    orders |= {tuple(copy.item_id for copy in installation.copies(person)) for person in more}

    assert len(orders) > 3


def test_submitting_says_when_and_where_to_go_next_and_nothing_else(installation, client):
    copy = installation.copies(installation.trainee)[3]
    client.force_login(installation.trainee)

    answer = client.post(
        reverse("labels:submit", args=[installation.organisation.slug, copy.task.uuid]),
        {"key": str(uuid4()), "revision": 0, "upserts": {}, "deletes": {}},
        content_type="application/json",
    )

    assert answer.status_code == 200
    assert set(answer.json()) == {"submitted_at", "next_url"}


def test_the_functions_weights_are_no_ones_business_but_the_leads(installation):
    """Weights are not in any answer either, not even as part of a configuration."""
    BenchmarkFunction.objects.update(reason="A reason that must not be read by trainees")

    for _, _, content in answers(installation).values():
        assert b"must not be read" not in content
        assert b"near_miss" not in content
