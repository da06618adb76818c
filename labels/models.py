"""Labels as people draw them (drafts), and submissions as they were handed in (frozen)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class LabelRow(models.Model):
    """The current labels of one task; made when the task is first opened. `revision` rises with every save."""

    task = models.OneToOneField("projects.Task", on_delete=models.CASCADE, related_name="label_row")
    revision = models.PositiveIntegerField(default=0)
    # What the task started from (an import, a pre-annotation), as a label document; null = started empty.
    starting_document = models.JSONField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"labels of {self.task}"


class InstanceKind(models.TextChoices):
    OBJECT = "object", "Object"
    CLASSIFICATION = "classification", "Classification"


class ReviewStatus(models.TextChoices):
    NOT_SUBMITTED = "not_submitted", "Not submitted"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    RETURNED = "returned", "Returned"
    REJECTED = "rejected", "Rejected for good"
    NOT_SAMPLED = "not_sampled", "Not sampled"
    DELETED = "deleted", "Deleted"


class Instance(models.Model):
    """One object or classification of a label row; identified by a stable name of the client's making."""

    row = models.ForeignKey(LabelRow, on_delete=models.CASCADE, related_name="instances")
    identifier = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=InstanceKind)
    node = models.CharField(max_length=16, help_text="Feature hash of the object class or classification.")
    answers = models.JSONField(default=dict, blank=True)
    is_global = models.BooleanField(default=False)
    # What lies on top is drawn last: by z, then in the order in which the instances were made.
    z = models.IntegerField(default=0)
    review_status = models.CharField(max_length=16, choices=ReviewStatus, default=ReviewStatus.NOT_SUBMITTED)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "identifier"], name="instance_identifier_in_row")
        ]
        indexes = [models.Index(fields=["identifier"], name="instance_by_identifier")]

    def __str__(self) -> str:
        return self.identifier


class Label(models.Model):
    """An instance on one frame: geometry (objects only), dynamic answers, who and when."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="labels")
    frame = models.PositiveIntegerField(default=0)
    geometry = models.JSONField(null=True, blank=True)
    keyframe = models.BooleanField(default=True)
    answers = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "frame"], name="label_one_per_frame")]

    def __str__(self) -> str:
        return f"{self.instance} on frame {self.frame}"


class Submission(models.Model):
    """What was handed in, word for word. Immutable: a draft never overwrites it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task = models.ForeignKey("projects.Task", on_delete=models.CASCADE, related_name="submissions")
    round = models.PositiveIntegerField(default=1)
    # Made by the client before it posts; the same key again is the same submission. Null for imports.
    key = models.UUIDField(null=True, blank=True)
    document = models.JSONField()
    label_count = models.PositiveIntegerField(default=0)
    submitted_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "round"], name="submission_once_per_round"),
            models.UniqueConstraint(fields=["key"], condition=Q(key__isnull=False), name="submission_key"),
        ]

    def __str__(self) -> str:
        return f"submission {self.round} of {self.task}"


class ImportReport(models.Model):
    """One import of labels into a project: the uploaded file, how it was read, and what became of each item."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="imports")
    job = models.OneToOneField("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="import_report")
    file_name = models.CharField(max_length=200)
    file_key = models.CharField(max_length=200)
    as_submitted = models.BooleanField(default=False)
    class_map = models.JSONField(default=dict, blank=True)
    # What the first look at the file found: its format, and class names that the ontology does not have.
    format = models.CharField(max_length=20, blank=True)
    unknown_classes = models.JSONField(default=list, blank=True)
    # Findings about the file as a whole: differences of its ontology, annotations of no picture.
    problems = models.JSONField(default=list, blank=True)
    item_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"import of {self.file_name}"

    @property
    def is_started(self) -> bool:
        """Whether the work was asked for: until then class names can be chosen, or the file be thrown away."""
        return self.job_id is not None or self.finished_at is not None

    @property
    def format_label(self) -> str:
        """The format as people call it."""
        return {"annotrain-labels": "Annotrain JSON", "coco": "COCO", "voc": "Pascal VOC"}.get(
            self.format, ""
        )

    @property
    def stage(self) -> str:
        """ "uploaded" until it is started, then pending, running, done or failed."""
        if self.finished_at is not None:
            return "done"
        return self.job.state if self.job else "uploaded"


class ImportOutcome(models.TextChoices):
    CREATED = "created", "Created"
    PARTIAL = "partial", "Created in part"
    REFUSED = "refused", "Refused"


class ImportItem(models.Model):
    """What happened to one item of an import, and why."""

    report = models.ForeignKey(ImportReport, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    file_title = models.CharField(max_length=300)
    task = models.ForeignKey("projects.Task", null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=8, choices=ImportOutcome)
    labels_created = models.PositiveIntegerField(default=0)
    labels_refused = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        # An import that starts twice writes each item once; also the index of the report page.
        constraints = [models.UniqueConstraint(fields=["report", "position"], name="import_item_once")]

    def __str__(self) -> str:
        return f"{self.file_title}: {self.outcome}"
