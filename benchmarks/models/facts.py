"""What comparing produced: raw facts without weights, totals, scores, and what is published."""

import uuid

from django.db import models
from django.utils import timezone

from benchmarks.models.setup import (
    BenchmarkFunction,
    GoldTask,
    GoldVersion,
    TrainingProject,
)
from jobs.models import QueuedRow


class Evaluation(QueuedRow):
    """One comparison of a submission with a gold version under given comparison settings and engine."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="evaluations")
    submission = models.ForeignKey("labels.Submission", on_delete=models.CASCADE, related_name="evaluations")
    copy = models.ForeignKey("benchmarks.TaskCopy", on_delete=models.CASCADE, related_name="evaluations")
    gold_task = models.ForeignKey(GoldTask, on_delete=models.CASCADE, related_name="evaluations")
    gold_version = models.ForeignKey(GoldVersion, on_delete=models.CASCADE, related_name="evaluations")
    comparison_key = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "submission",
                    "gold_version",
                    "comparison_key",
                    "engine_version",
                ],
                name="evaluation_once",
            )
        ]
        indexes = [
            models.Index(fields=["training", "state"], name="evaluations_of_training"),
            models.Index(
                fields=["state", "rung_at"],
                condition=models.Q(state__in=["pending", "running"]),
                name="evaluations_to_sweep",
            ),
        ]

    def __str__(self) -> str:
        return f"evaluation of {self.submission}"


class Outcome(models.TextChoices):
    MATCHED = "matched", "Matched"
    WRONG_CATEGORY = "wrong_category", "Wrong category"
    IMPRECISE = "imprecise", "Imprecise"
    MISSING = "missing", "Missing"
    DUPLICATE = "duplicate", "Duplicate"
    EXTRA = "extra", "Extra"


class EvaluationLabel(models.Model):
    """One annotation on one frame, compared. No weights in it: points come from the function at read time.

    A null value means the criterion does not apply to this label. `attributes` maps an attribute's hash to
    [value, share, gold's radio option or null], as the kernel's AttributeFact.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="labels")
    position = models.PositiveIntegerField()
    frame = models.PositiveIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome)
    gold_id = models.CharField(max_length=64, blank=True)
    submitted_id = models.CharField(max_length=64, blank=True)
    gold_node = models.CharField(max_length=16, blank=True)
    submitted_node = models.CharField(max_length=16, blank=True)
    similarity = models.FloatField(null=True)
    iou_value = models.FloatField(null=True)
    category_value = models.FloatField(null=True)
    track_value = models.FloatField(null=True)
    classification_value = models.FloatField(null=True)
    # Gold's root option where the root is a radio attribute ("none" when only the submission answered).
    classification_answer = models.CharField(max_length=16, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    # Extra and duplicate objects: 1/n, n = frames of the submitted instance; static attributes cost that part.
    submitted_share = models.FloatField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["evaluation", "position"], name="evaluation_labels")]

    def __str__(self) -> str:
        return f"{self.outcome} on frame {self.frame}"


class CriterionTotal(models.Model):
    """Sum of values and count of one criterion in one evaluation: the sufficient statistic of every score."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="totals")
    criterion = models.CharField(max_length=60)
    value_sum = models.FloatField()
    count = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "criterion"], name="criterion_total")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value_sum} of {self.count}"


class OutcomeTotal(models.Model):
    """How often an outcome occurred per node and answer pair in one evaluation; confusion matrices read it."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="outcomes")
    node = models.CharField(max_length=16)
    outcome = models.CharField(max_length=16)
    gold_value = models.CharField(max_length=16, blank=True)
    submitted_value = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "evaluation",
                    "node",
                    "outcome",
                    "gold_value",
                    "submitted_value",
                ],
                name="outcome_total",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} of {self.node}: {self.count}"


class TaskScore(models.Model):
    """Points of one evaluation under one function version; never rewritten."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    function = models.ForeignKey(BenchmarkFunction, on_delete=models.CASCADE, related_name="scores")
    earned = models.FloatField()
    available = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "function"], name="task_score")]

    def __str__(self) -> str:
        return f"{self.earned} / {self.available}"


class Publication(models.Model):
    """What pages show: exactly one function, gold version, comparison and engine per publication."""

    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="publications")
    number = models.PositiveIntegerField()
    function = models.ForeignKey(BenchmarkFunction, on_delete=models.PROTECT, related_name="publications")
    gold_version = models.ForeignKey(GoldVersion, on_delete=models.PROTECT, related_name="publications")
    comparison_key = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    reason = models.CharField(max_length=300, blank=True)
    # The job that made it; a job that runs twice publishes once. Null for the first publication.
    job = models.OneToOneField("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="publication")
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "number"], name="publication_number")]

    def __str__(self) -> str:
        return f"publication {self.number}"


class SampleDraw(models.Model):
    """A random sample of evaluation labels, drawn once after the filters, evenly over annotators."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="draws")
    filters = models.JSONField(default=dict)
    seed = models.PositiveIntegerField()
    total = models.PositiveIntegerField(help_text="Labels that matched the filters before drawing.")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"sample {self.seed} of {self.publication}"


class SampleRow(models.Model):
    """One drawn evaluation label with its points, so that sorting and paging are cheap."""

    draw = models.ForeignKey(SampleDraw, on_delete=models.CASCADE, related_name="rows")
    label = models.ForeignKey(EvaluationLabel, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    earned = models.FloatField()
    available = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["draw", "position"], name="sample_order"),
        ]

    def __str__(self) -> str:
        return f"row {self.position} of {self.draw}"
