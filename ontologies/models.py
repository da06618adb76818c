"""An ontology is a family of versions; a version in use never changes."""

import uuid

from django.db import models
from django.utils import timezone


class Ontology(models.Model):
    """A named family of ontology versions of one organisation."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="ontologies"
    )
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "ontologies"
        indexes = [models.Index(fields=["organisation", "title"], name="ontologies_page")]

    def __str__(self) -> str:
        return self.title


class OntologyVersion(models.Model):
    """One immutable tree (once `frozen_at` is set by its first use); `structure` is Encord-shaped JSON.

    `canonical_digest` is the SHA-256 of the canonical JSON: two versions with equal digests are
    exactly the same ontology (spec/manual_qa.md section 7).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ontology = models.ForeignKey(Ontology, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    structure = models.JSONField()
    canonical_digest = models.CharField(max_length=64, db_index=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ontology", "number"], name="ontology_version_number")]

    def __str__(self) -> str:
        return f"{self.ontology.title} v{self.number}"
