"""Versions of the benchmark function: immutable; editing saves the next one with author, time and reason."""

from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from benchmarks.evaluation import ontology_of, write_function_weights
from benchmarks.models import BenchmarkFunction, TrainingProject
from scoring import Function


class FunctionUnchanged(Exception):
    """What was to be saved is word for word the newest version."""


class StaleFunction(Exception):
    """Somebody saved a newer version while this one was being edited."""

    def __init__(self, newest: BenchmarkFunction) -> None:
        super().__init__(f"{newest.created_by} saved version {newest.number} in the meantime.")
        self.newest = newest


@transaction.atomic
def first_function(*, training: TrainingProject, actor: User, settings: dict[str, Any]) -> BenchmarkFunction:
    """Version 1 of a new training project. Raises scoring.InvalidFunction."""
    return _write(training, number=1, settings=settings, reason="Made with the project", actor=actor)


@transaction.atomic
def save_function(
    *, training: TrainingProject, actor: User, settings: dict[str, Any], reason: str, base: int
) -> BenchmarkFunction:
    """Save the next version; published only when scores are re-calculated.

    `base` is the version that was edited. Raises scoring.InvalidFunction, StaleFunction when `base` is not the
    newest any more, FunctionUnchanged when nothing differs.
    """
    TrainingProject.objects.select_for_update(no_key=True).get(pk=training.pk)
    newest = newest_function(training)
    if newest.number != base:
        raise StaleFunction(newest)
    function = Function.from_dict(ontology_of(training), settings, kind=training.kind)
    if function.to_dict() == newest.settings:
        raise FunctionUnchanged
    saved = _write(training, number=newest.number + 1, settings=settings, reason=reason, actor=actor)
    audit.record(
        organisation=training.project.organisation,
        actor=actor,
        action="save benchmark function",
        target=saved,
        root=training.project,
        before={"version": newest.number},
        after={"version": saved.number},
        note=reason,
    )
    return saved


@transaction.atomic
def restore_function(*, training: TrainingProject, actor: User, number: int, base: int) -> BenchmarkFunction:
    """Save an older version's settings as the next version. Raises as save_function does."""
    old = training.functions.get(number=number)
    return save_function(
        training=training,
        actor=actor,
        settings=old.settings,
        reason=f"Restored version {number}",
        base=base,
    )


def newest_function(training: TrainingProject) -> BenchmarkFunction:
    """The version that was saved last, published or not."""
    newest = training.functions.select_related("created_by").order_by("-number").first()
    assert newest is not None, "a training project always has a function"
    return newest


def _write(
    training: TrainingProject, *, number: int, settings: dict[str, Any], reason: str, actor: User
) -> BenchmarkFunction:
    function = Function.from_dict(ontology_of(training), settings, kind=training.kind)
    saved = BenchmarkFunction.objects.create(
        training=training,
        number=number,
        settings=function.to_dict(),
        comparison_key=function.comparison_key(),
        reason=reason[:300],
        created_by=actor,
    )
    write_function_weights(saved)
    return saved
