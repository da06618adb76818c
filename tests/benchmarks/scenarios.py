"""A training project as the operations leave it, small enough to compute by hand."""

from dataclasses import dataclass
from typing import Any

import scoring
from accounts.models import User
from benchmarks.evaluation import evaluate, ontology_of, request_evaluation, write_function_weights
from benchmarks.models import BenchmarkFunction, GoldItem, TaskCopy, TrainingProject
from benchmarks.publications import publish_first
from labels.models import Submission
from projects.models import Role, Task, TaskState
from tests.factories import (
    GoldItemFactory,
    GoldTaskFactory,
    GoldVersionFactory,
    ProjectRoleFactory,
    SubmissionFactory,
    TaskCopyFactory,
    TrainingProjectFactory,
    UserFactory,
)


@dataclass
class Training:
    """A training project with gold, one published function, and helpers that act as its people."""

    row: TrainingProject
    admin: User
    items: list[GoldItem]

    def trainee(self, **fields: Any) -> User:
        """A new annotator with an open copy of every gold item."""
        person = UserFactory(**fields)
        ProjectRoleFactory(project=self.row.project, user=person, role=Role.ANNOTATOR)
        for item in self.items:
            TaskCopyFactory(item=item, annotator=person)
        return person

    def submit(
        self, person: User, item: GoldItem, document: dict[str, Any], *, evaluated: bool = True
    ) -> Submission:
        """Hand in a document for the person's copy of an item, and (by default) score it here and now."""
        copy = TaskCopy.objects.get(annotator=person, item=item)
        return self.submit_copy(copy, document, evaluated=evaluated)

    def submit_copy(self, copy: TaskCopy, document: dict[str, Any], *, evaluated: bool = True) -> Submission:
        """Hand in a document for this copy, which may be a retake."""
        person = copy.annotator
        Task.objects.filter(pk=copy.task_id).update(state=TaskState.SUBMITTED, submitted_by=person)
        submission = SubmissionFactory(task=copy.task, document=document, submitted_by=person)
        evaluation = request_evaluation(submission)
        if evaluated:
            assert evaluate(evaluation.pk)
        return submission

    def new_function(self, **settings: Any) -> BenchmarkFunction:
        """Save the next version: the default function with some settings changed."""
        return save_function(self.row, self.admin, settings)


def save_function(training: TrainingProject, actor: User, settings: dict[str, Any]) -> BenchmarkFunction:
    kernel = scoring.Function.from_dict(ontology_of(training), settings, kind=training.kind)
    last = training.functions.order_by("-number").first()
    function = BenchmarkFunction.objects.create(
        training=training,
        number=last.number + 1 if last else 1,
        settings=kernel.to_dict(),
        comparison_key=kernel.comparison_key(),
        created_by=actor,
    )
    write_function_weights(function)
    return function


def make_training(*gold: dict[str, Any], settings: dict[str, Any] | None = None, **fields: Any) -> Training:
    """A training project whose items have these gold documents, with publication 1."""
    row = TrainingProjectFactory(**fields)
    admin = UserFactory()
    ProjectRoleFactory(project=row.project, user=admin, role=Role.ADMIN)
    version = GoldVersionFactory(training=row)
    items = [GoldItemFactory(training=row) for _ in gold]
    for item, document in zip(items, gold, strict=True):
        GoldTaskFactory(version=version, item=item, document=document)
    function = save_function(row, admin, settings or {})
    publish_first(training=row, actor=admin, function=function, gold_version=version)
    return Training(row, admin, items)
