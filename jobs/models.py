"""Rows of the queue of record. The database is the truth, Redis only rings the bell."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class RowState(models.TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class QueuedRow(models.Model):
    """Work to be done exactly once in effect: claimed by compare-and-swap, fenced by a run number.

    `run` rises with every claim; a worker may write only while the row still carries its run.
    `lease_until` (database clock) says when the sweeper may take the work away from a dead worker.
    `starts` counts how often it was started since somebody last asked for it; `run` never goes back.
    """

    state = models.CharField(max_length=8, choices=RowState, default=RowState.PENDING)
    run = models.PositiveIntegerField(default=0)
    starts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True


class Job(QueuedRow):
    """A slow thing somebody asked for: what, how far, how it ended, and what to do when it failed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    # The root object's uuid (usually a project), so that its page can show its own jobs.
    root_id = models.CharField(max_length=40, blank=True)
    arguments = models.JSONField(default=dict)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-created_at", "-id"], name="jobs_page"),
            models.Index(fields=["root_id", "-created_at"], name="jobs_of_root"),
            models.Index(
                fields=["state", "rung_at"],
                condition=Q(state__in=["pending", "running"]),
                name="jobs_to_sweep",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_moving(self) -> bool:
        """Whether a page should look again in a moment."""
        return self.state in (RowState.PENDING, RowState.RUNNING)

    @property
    def kind_label(self) -> str:
        """The word for the kind: kinds are verbs with underscores."""
        return self.kind.replace("_", " ").capitalize()

    @property
    def message(self) -> str:
        """What came out of it, in a sentence of its body's making; empty without one."""
        return str(self.result.get("message", "")) if isinstance(self.result, dict) else ""

    @property
    def link(self) -> str:
        """Path of what came out of it, inside this site only; empty without one."""
        path = str(self.result.get("link", "")) if isinstance(self.result, dict) else ""
        return path if path.startswith("/o/") else ""


class WorkerHeartbeat(models.Model):
    """When a worker or sweeper process was last alive; /healthz and the jobs page read it."""

    name = models.CharField(max_length=120, primary_key=True)
    role = models.CharField(max_length=20)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
