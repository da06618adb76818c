"""What a training project is made of: sources, gold versions, functions, and everybody's copies."""

import uuid

from django.db import models
from django.utils import timezone


class TrainingKind(models.TextChoices):
    EXAM = "exam", "Exam"
    PRACTICE = "practice", "Practice"


class FeedbackLevel(models.TextChoices):
    NONE = "none", "None"
    TOTAL = "total", "Total score"
    PER_CLASS = "per_class", "Score per class"
    PER_LABEL = "per_label", "Per label, without gold"
    PER_LABEL_WITH_GOLD = "per_label_with_gold", "Per label, with gold"


class FeedbackMoment(models.TextChoices):
    AT_ONCE = "at_once", "At once"
    AFTER_LAST_TASK = "after_last_task", "After the last task"
    WHEN_RELEASED = "when_released", "When an admin releases it"


class TrainingProject(models.Model):
    """The training side of a project of kind training. Pages read scores of `publication` only."""

    project = models.OneToOneField("projects.Project", on_delete=models.CASCADE, related_name="training")
    kind = models.CharField(max_length=8, choices=TrainingKind, default=TrainingKind.EXAM)
    feedback_level = models.CharField(max_length=20, choices=FeedbackLevel, default=FeedbackLevel.NONE)
    feedback_moment = models.CharField(max_length=16, choices=FeedbackMoment, default=FeedbackMoment.AT_ONCE)
    feedback_released_at = models.DateTimeField(null=True, blank=True)
    # Percent; an audited setting outside the function. Null = no verdicts anywhere.
    pass_mark = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    publication = models.ForeignKey(
        "benchmarks.Publication",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    def __str__(self) -> str:
        return str(self.project)


class SourceProject(models.Model):
    """A source whose labels became gold, in the order in which sources count."""

    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="sources")
    # A source may be deleted later: gold is frozen and stays.
    project = models.ForeignKey(
        "projects.Project",
        null=True,
        on_delete=models.SET_NULL,
        related_name="used_as_source",
    )
    title = models.CharField(max_length=120)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "project"], name="source_once")]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class GoldItem(models.Model):
    """One benchmark task of a training project: a file whose gold everybody is compared with."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="gold_items")
    file = models.ForeignKey("datasets.File", on_delete=models.PROTECT, related_name="gold_items")
    source_task = models.ForeignKey(
        "projects.Task", null=True, on_delete=models.SET_NULL, related_name="gold_items"
    )
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "file"], name="gold_item_one_per_file")]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.file.title


class GoldVersion(models.Model):
    """A frozen set of gold labels; later edits of the source change nothing in it."""

    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="gold_versions")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "number"], name="gold_version_number")]

    def __str__(self) -> str:
        return f"gold version {self.number}"


class GoldTask(models.Model):
    """The gold labels of one item in one gold version, as a label document."""

    version = models.ForeignKey(GoldVersion, on_delete=models.CASCADE, related_name="tasks")
    item = models.ForeignKey(GoldItem, on_delete=models.CASCADE, related_name="gold_tasks")
    document = models.JSONField()
    label_count = models.PositiveIntegerField()
    reviewed_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "item"], name="gold_task_of_item")]

    def __str__(self) -> str:
        return f"gold of {self.item}"


class BenchmarkFunction(models.Model):
    """An immutable version of weights and comparison settings.

    `settings` is the function file of scoring.md section 7 with feature hashes as keys and every derived
    weight (extra, duplicate) frozen in it; `comparison_key` digests its comparison settings only.
    """

    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="functions")
    number = models.PositiveIntegerField()
    settings = models.JSONField()
    comparison_key = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "number"], name="function_number")]

    def __str__(self) -> str:
        return f"benchmark function version {self.number}"


class FunctionWeight(models.Model):
    """The effective weight of every criterion key of a function, so that scores are one SQL join."""

    function = models.ForeignKey(BenchmarkFunction, on_delete=models.CASCADE, related_name="weights")
    criterion = models.CharField(max_length=60)
    weight = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "criterion"], name="function_weight")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.weight}"


class TaskCopy(models.Model):
    """A trainee's private copy of a gold item; `attempt` rises with each retake."""

    training = models.ForeignKey(TrainingProject, on_delete=models.CASCADE, related_name="copies")
    item = models.ForeignKey(GoldItem, on_delete=models.CASCADE, related_name="copies")
    annotator = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="task_copies")
    attempt = models.PositiveIntegerField(default=1)
    task = models.OneToOneField("projects.Task", on_delete=models.CASCADE, related_name="copy")
    # The state to go back to when a withdrawn copy is restored.
    withdrawn_from = models.CharField(max_length=12, blank=True)
    # Withdrawn because the annotator left the role (coming back restores it), not by a lead.
    withdrawn_by_leaving = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["training", "item", "annotator", "attempt"], name="copy_once")
        ]
        indexes = [
            models.Index(fields=["training", "annotator"], name="copies_of_annotator"),
            # Retakes are few: what they take the place of is found from them.
            models.Index(
                fields=["training", "item", "annotator", "attempt"],
                condition=models.Q(attempt__gt=1),
                name="retakes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} for {self.annotator}"


class WizardDraft(models.Model):
    """The answers of a half-finished "New training project" wizard; a reload or a step back loses nothing."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)
    # What it became; a second "Create" of the same draft leads there instead of making another.
    project = models.ForeignKey(
        "projects.Project",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )

    def __str__(self) -> str:
        return f"wizard of {self.user}"
