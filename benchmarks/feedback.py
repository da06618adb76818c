"""The feedback policy: what a trainee may see of their own scores, and when (spec/training.md section 7).

Everything a trainee's page shows of scores goes through here. With level none nothing on any page depends on gold:
no score, no state of an evaluation, no count.
"""

from dataclasses import dataclass

from accounts.models import User
from benchmarks.evaluation import ontology_of
from benchmarks.figures import Points, ScoredClass
from benchmarks.models import FeedbackLevel, FeedbackMoment, TaskCopy, TaskScore, TrainingProject
from benchmarks.results import class_points_by_annotator, counting_evaluations, scored_classes
from jobs.models import RowState
from projects.models import TaskState

# Each level includes the ones before it.
ORDER = (
    FeedbackLevel.NONE,
    FeedbackLevel.TOTAL,
    FeedbackLevel.PER_CLASS,
    FeedbackLevel.PER_LABEL,
    FeedbackLevel.PER_LABEL_WITH_GOLD,
)


def released_level(training: TrainingProject, trainee: User) -> FeedbackLevel:
    """The level that holds for this person now: none until the policy's moment has come."""
    level = FeedbackLevel(training.feedback_level)
    if level == FeedbackLevel.NONE or training.publication is None:
        return FeedbackLevel.NONE
    if training.feedback_moment == FeedbackMoment.WHEN_RELEASED and training.feedback_released_at is None:
        return FeedbackLevel.NONE
    if training.feedback_moment == FeedbackMoment.AFTER_LAST_TASK and _has_open_tasks(training, trainee):
        return FeedbackLevel.NONE
    return level


def allows(level: FeedbackLevel, wanted: FeedbackLevel) -> bool:
    """Whether a level includes another."""
    return ORDER.index(level) >= ORDER.index(wanted)


def _has_open_tasks(training: TrainingProject, trainee: User) -> bool:
    open_states = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)
    return TaskCopy.objects.filter(training=training, annotator=trainee, task__state__in=open_states).exists()


@dataclass(frozen=True)
class OwnScores:
    """A trainee's own figures as far as the level allows: shares only, never points or weights."""

    share: float | None
    scored_tasks: int
    classes: list[tuple[ScoredClass, float | None]]
    # Share per task key, for the list of own tasks.
    by_task: dict[int, float | None]


def own_scores(training: TrainingProject, trainee: User, level: FeedbackLevel) -> OwnScores | None:
    """The figures for a trainee's page; None when the level is none."""
    if level == FeedbackLevel.NONE:
        return None
    publication = training.publication
    publication.training = training
    scores = TaskScore.objects.filter(
        function=publication.function_id,
        evaluation__in=counting_evaluations(publication).filter(state=RowState.DONE, copy__annotator=trainee),
    ).values_list("evaluation__copy__task_id", "earned", "available")
    by_task = {task: Points(earned, available) for task, earned, available in scores}
    classes: list[tuple[ScoredClass, float | None]] = []
    if allows(level, FeedbackLevel.PER_CLASS):
        points = class_points_by_annotator(publication, ontology_of(training), annotator=trainee)
        own = points.get(trainee.pk, {})
        structure = training.project.ontology_version.structure
        classes = [(one, own.get(one.node, Points()).share) for one in scored_classes(publication, structure)]
    return OwnScores(
        share=sum(by_task.values(), Points()).share,
        scored_tasks=len(by_task),
        classes=classes,
        by_task={task: found.share for task, found in by_task.items()},
    )
