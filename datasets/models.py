"""Files (the data units people label), folders and datasets."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Folder(models.Model):
    """Where files lie in an organisation; flat, with a name and a description."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="folders"
    )
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="folder_name_unique_in_organisation")
        ]

    def __str__(self) -> str:
        return self.name


class FileKind(models.TextChoices):
    IMAGE = "image", "Image"
    IMAGE_GROUP = "image_group", "Image group"
    IMAGE_SEQUENCE = "image_sequence", "Image sequence"
    VIDEO = "video", "Video"
    DICOM = "dicom", "DICOM"


class File(models.Model):
    """One data unit. Its pixels live in private storage under generated names, never under its title."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="files")
    folder = models.ForeignKey(Folder, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=16, choices=FileKind, default=FileKind.IMAGE)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField(default=1)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    original_key = models.CharField(max_length=200)
    display_key = models.CharField(max_length=200)
    display_type = models.CharField(max_length=40, default="image/jpeg")
    thumbnail_key = models.CharField(max_length=200)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-created_at", "-id"], name="files_page")]

    def __str__(self) -> str:
        return self.title

    @property
    def frame_sizes(self) -> list[tuple[int, int]]:
        """(width, height) in pixels of every frame; single images and videos have one size throughout."""
        return [(self.width, self.height)] * self.frame_count


class Dataset(models.Model):
    """A named set of files that projects attach."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="datasets"
    )
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    tags = models.ManyToManyField("accounts.Tag", blank=True, related_name="datasets")
    files = models.ManyToManyField(File, through="DatasetFile", related_name="datasets")
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["organisation", "title"], name="datasets_page")]

    def __str__(self) -> str:
        return self.title


class DatasetFile(models.Model):
    """A file in a dataset; the order of adding is the order of tasks."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="entries")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="entries")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "file"], name="file_once_in_dataset")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.file} in {self.dataset}"
