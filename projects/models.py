"""Projects, who may do what in them, and their tasks."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ProjectKind(models.TextChoices):
    MANUAL_QA = "manual_qa", "Manual QA"
    TRAINING = "training", "Training"


class Project(models.Model):
    """A place of work with one ontology version, a team and tasks."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="projects"
    )
    kind = models.CharField(max_length=12, choices=ProjectKind)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    ontology_version = models.ForeignKey(
        "ontologies.OntologyVersion", on_delete=models.PROTECT, related_name="projects"
    )
    tags = models.ManyToManyField("accounts.Tag", blank=True, related_name="projects")
    datasets = models.ManyToManyField("datasets.Dataset", through="ProjectDataset", related_name="projects")
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_activity_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "kind", "-last_activity_at"],
                name="projects_page",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Instructions(models.Model):
    """Annotation instructions of a project: Markdown text or a PDF in private storage."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="instructions")
    markdown = models.TextField(blank=True)
    pdf_key = models.CharField(max_length=200, blank=True)
    pdf_name = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "instructions"

    def __str__(self) -> str:
        return f"instructions of {self.project}"


class ProjectDataset(models.Model):
    """A dataset attached to a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attachments")
    dataset = models.ForeignKey("datasets.Dataset", on_delete=models.PROTECT, related_name="attachments")
    attached_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "dataset"], name="dataset_once_in_project")]

    def __str__(self) -> str:
        return f"{self.dataset} in {self.project}"


class Role(models.TextChoices):
    """Roles a row may grant; the effective role of a person is computed from all open rows."""

    ADMIN = "admin", "Admin"
    TEAM_MANAGER = "team_manager", "Team manager"
    REVIEWER = "reviewer", "Reviewer"
    ANNOTATOR = "annotator", "Annotator"
    ANNOTATOR_REVIEWER = "annotator_reviewer", "Annotator & reviewer"


class ProjectRole(models.Model):
    """One role of one person from one origin (direct, or a group); ended, never deleted."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="project_roles")
    group = models.ForeignKey(
        "accounts.Group",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="project_roles",
    )
    # Keeps "came from a group" true after the group itself is deleted.
    group_name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"],
                condition=Q(ended_at=None, group=None, group_name=""),
                name="role_one_open_direct",
            ),
            models.UniqueConstraint(
                fields=["project", "user", "group"],
                condition=Q(ended_at=None, group__isnull=False),
                name="role_one_open_of_group",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "project"],
                condition=Q(ended_at=None),
                name="roles_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} in {self.project}"


class TaskKind(models.TextChoices):
    ANNOTATE = "annotate", "Annotate"
    REVIEW = "review", "Review"
    COPY = "copy", "Training"


class TaskState(models.TextChoices):
    """Every state of every task kind; projects/workflow.py says which kind knows which."""

    QUEUED = "queued", "Queued"
    ASSIGNED = "assigned", "Assigned"
    IN_PROGRESS = "in_progress", "In progress"
    IN_REVIEW = "in_review", "In review"
    RETURNED = "returned", "Returned"
    COMPLETED = "completed", "Completed"
    SUBMITTED = "submitted", "Submitted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class Task(models.Model):
    """One piece of work on one file. Only projects/workflow.py writes `state` and `assignee`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=8, choices=TaskKind, default=TaskKind.ANNOTATE)
    file = models.ForeignKey("datasets.File", on_delete=models.PROTECT, related_name="tasks")
    state = models.CharField(max_length=12, choices=TaskState, default=TaskState.QUEUED)
    assignee = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    # Place in line; skipping moves a held task behind the person's other tasks.
    queue_rank = models.BigIntegerField(default=0)
    # Rises with each return or reopen: one submission per (task, round).
    round = models.PositiveIntegerField(default=1)
    # Every move and reservation raises it; compare-and-swap fences on (state, version).
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    assigned_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "file"],
                condition=Q(kind="annotate"),
                name="task_one_per_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "kind", "state", "queue_rank", "id"],
                name="task_queue",
            ),
            models.Index(
                fields=["project", "assignee", "state", "queue_rank"],
                name="task_of_person",
            ),
            models.Index(fields=["project", "-edited_at", "-id"], name="task_activity"),
        ]

    def __str__(self) -> str:
        return f"{self.file.title} in {self.project.title}"


class TaskEvent(models.Model):
    """One move of a task: the history of who did what when."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    move = models.CharField(max_length=24)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    actor = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["task", "at"], name="task_history")]

    def __str__(self) -> str:
        return f"{self.move}: {self.before} -> {self.after}"


class TaskSkip(models.Model):
    """A person passed a pooled task by: offered to them again only when nothing else is left."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="skips")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="skip_once")]

    def __str__(self) -> str:
        return f"{self.user} skipped {self.task}"
