"""Quality settings of a project, reviews of submissions instance by instance, and the issues that come of them."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labels.models import Instance, Submission
from projects.models import Project, Task

SHARE = (MinValueValidator(0.0), MaxValueValidator(1.0))


class QualitySettings(models.Model):
    """How much of a project's work is reviewed and by whom; a project without a row has the defaults."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="quality")
    sampling_rate = models.FloatField(default=1.0, validators=SHARE)
    # One review per submission, given to the pool of the class with the most labels, instead of one per pool.
    is_multi_review = models.BooleanField(default=False)
    is_expert_review = models.BooleanField(default=False)
    # The rejection (1 = the first) that goes to an expert instead of the annotator.
    expert_after = models.PositiveSmallIntegerField(default=2, validators=[MinValueValidator(1)])
    experts = models.ManyToManyField("accounts.User", blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "quality settings"
        verbose_name_plural = "quality settings"

    def __str__(self) -> str:
        return f"quality settings of {self.project}"


class SamplingRate(models.Model):
    """The share of one class's, or one annotator's, labels that is reviewed; a class's rate wins."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sampling_rates")
    node = models.CharField(max_length=16, blank=True)
    annotator = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    rate = models.FloatField(validators=SHARE)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(node="", annotator__isnull=False) | (~Q(node="") & Q(annotator=None)),
                name="sampling_rate_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["project", "node"], condition=~Q(node=""), name="sampling_rate_of_class"
            ),
            models.UniqueConstraint(
                fields=["project", "annotator"],
                condition=Q(annotator__isnull=False),
                name="sampling_rate_of_annotator",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rate:.0%} of {self.node or self.annotator}"


class RejectionReason(models.Model):
    """A reason offered to reviewers; others can be typed."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rejection_reasons")
    text = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "text"], name="rejection_reason_once")]

    def __str__(self) -> str:
        return self.text


class ReviewerMapping(models.Model):
    """Who reviews a class's labels, or an annotator's; several rows make a pool, and a class's pool wins."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reviewer_mappings")
    node = models.CharField(max_length=16, blank=True)
    annotator = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    reviewer = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(node="", annotator__isnull=False) | (~Q(node="") & Q(annotator=None)),
                name="reviewer_mapping_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["project", "node", "annotator", "reviewer"],
                nulls_distinct=False,
                name="reviewer_mapping_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node or self.annotator} to {self.reviewer}"


class StageAction(models.TextChoices):
    ALL = "all", "All labels"
    APPROVED = "approved", "Approved labels"
    REJECTED = "rejected", "Rejected labels"


class ExpertStage(models.Model):
    """The share of the labels judged in a label's nth review that an expert looks at too; the last stage goes on."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="expert_stages")
    iteration = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    share = models.FloatField(validators=SHARE)
    action = models.CharField(max_length=10, choices=StageAction)

    class Meta:
        ordering = ["iteration"]
        constraints = [
            models.UniqueConstraint(fields=["project", "iteration"], name="expert_stage_per_iteration")
        ]

    def __str__(self) -> str:
        return f"stage {self.iteration}: {self.share:.0%} of {self.get_action_display().lower()}"


class Review(models.Model):
    """One review of a part of one submission; its `task` (kind review) says who holds it and whether it is done."""

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="review")
    subject = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reviews")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="reviews")
    is_expert = models.BooleanField(default=False)
    # Who may take it; empty = everybody who reviews.
    pool = models.ManyToManyField("accounts.User", blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["subject", "submission"], name="reviews_of_task")]

    def __str__(self) -> str:
        return f"{'expert ' if self.is_expert else ''}review of {self.subject}"


class Verdict(models.TextChoices):
    PENDING = "", "Pending"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class Judgement(models.Model):
    """What a review says about one instance, on all its frames."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="judgements")
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="judgements")
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default=Verdict.PENDING)
    reason = models.CharField(max_length=500, blank=True)
    # The frame the reviewer looked at when rejecting.
    frame = models.PositiveIntegerField(default=0)
    judged_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "instance"], name="judgement_once")]
        indexes = [models.Index(fields=["instance", "verdict"], name="judgements_of_instance")]

    def __str__(self) -> str:
        return f"{self.instance}: {self.get_verdict_display()}"


class IssueKind(models.TextChoices):
    REJECTED = "rejected", "Rejected label"
    MISSING = "missing", "Missing labels"


class Issue(models.Model):
    """Something the annotator has to see to before the task can be submitted again."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="issues")
    kind = models.CharField(max_length=10, choices=IssueKind)
    instance = models.ForeignKey(
        Instance, null=True, blank=True, on_delete=models.CASCADE, related_name="issues"
    )
    review = models.ForeignKey(Review, null=True, on_delete=models.SET_NULL, related_name="issues")
    round = models.PositiveIntegerField()
    frame = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    resolved_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["task", "resolved_at"], name="issues_of_task")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on frame {self.frame}: {self.reason}"
