"""Files (the data units people label) with their frames, folders and datasets."""

import struct
import uuid
from itertools import pairwise

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from jobs.models import RowState


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


# Containers round times to a clock of their own, often of a millisecond: only more than that is another length.
UNEVEN_US = 2_500


class FileKind(models.TextChoices):
    IMAGE = "image", "Image"
    IMAGE_GROUP = "image_group", "Image group"
    IMAGE_SEQUENCE = "image_sequence", "Image sequence"
    VIDEO = "video", "Video"
    DICOM = "dicom", "DICOM"


class FileState(models.TextChoices):
    """How far a file is. FAILED is never stored: it is a file in PROCESSING whose job has failed."""

    UPLOADING = "uploading", "Uploading"
    PROCESSING = "processing", "Processing"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Layer(models.TextChoices):
    """What a pack of frames holds: pictures for the screen, or the values a window is applied to (DICOM)."""

    DISPLAY = "display", "Display"
    PIXELS = "pixels", "Pixels"


class File(models.Model):
    """One data unit. Its pixels live in private storage under generated names, never under its title.

    A single image is stored by its keys; every other kind has its frames in packs (datasets/frames.py), its uploaded
    originals as `Source` rows, and is READY when its ingest job has made every frame.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="files")
    folder = models.ForeignKey(Folder, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=16, choices=FileKind, default=FileKind.IMAGE)
    # The first frame's size, and the only one but in image groups; 0 until ingest knows it.
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    # While in PROCESSING an estimate that may fall; frames below `ready_frames` can be looked at already.
    frame_count = models.PositiveIntegerField(default=1)
    ready_frames = models.PositiveIntegerField(default=1)
    rate = models.FloatField(null=True, blank=True)  # frames a second on average; videos only
    state = models.CharField(max_length=10, choices=FileState, default=FileState.READY)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Made by the browser for an upload in parts, so that a repeated request finds its file again.
    batch = models.UUIDField(null=True, blank=True)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    original_key = models.CharField(max_length=200)
    display_key = models.CharField(max_length=200)
    display_type = models.CharField(max_length=40, default="image/jpeg")
    thumbnail_key = models.CharField(max_length=200)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-created_at", "-id"], name="files_page"),
            models.Index(
                fields=["organisation", "state"], condition=~Q(state="ready"), name="files_not_ready"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "batch"], condition=Q(batch__isnull=False), name="file_once_per_batch"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_ready(self) -> bool:
        """Whether every frame is there, so that tasks may be made of the file."""
        return self.state == FileState.READY

    @property
    def shown_state(self) -> FileState:
        """The state for people: a file whose job failed is FAILED. Reads `job` (select it with lists)."""
        if self.state == FileState.PROCESSING and self.job is not None and self.job.state == RowState.FAILED:
            return FileState.FAILED
        return FileState(self.state)

    @property
    def problem(self) -> str:
        """Why ingest failed and what to do; empty for every other state."""
        return self.job.error if self.job is not None and self.shown_state == FileState.FAILED else ""

    @property
    def frame_sizes(self) -> list[tuple[int, int]]:
        """(width, height) in pixels of every frame; only the frames of image groups may differ."""
        if self.kind == FileKind.IMAGE_GROUP:
            index = getattr(self, "frame_index", None)
            if index is not None and index.sizes:
                return index.frame_sizes
        return [(self.width, self.height)] * self.frame_count

    def size_of(self, frame: int) -> tuple[int, int]:
        """(width, height) in pixels of one frame; those of the first for a frame that does not exist."""
        if self.kind != FileKind.IMAGE_GROUP:
            return self.width, self.height
        sizes = self.frame_sizes
        return sizes[frame] if 0 <= frame < len(sizes) else (self.width, self.height)


class Source(models.Model):
    """One uploaded original of a file of several frames: kept as it came, never served."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    key = models.CharField(max_length=200)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="source_position_once")]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class FrameIndex(models.Model):
    """What the editor needs to know of all frames at once; one row a file, read only when it is opened."""

    file = models.OneToOneField(File, on_delete=models.CASCADE, related_name="frame_index")
    sizes = models.BinaryField(
        default=bytes
    )  # uint32 pairs, little-endian; empty when all are the file's own
    times = models.BinaryField(
        default=bytes
    )  # int64 microseconds from the first frame; empty without a clock
    names = models.JSONField(default=list)  # per frame: file names, slice positions; empty without
    pixels = models.JSONField(null=True, blank=True)  # DICOM: min, max, window, invert, presets

    class Meta:
        verbose_name_plural = "frame indexes"

    def __str__(self) -> str:
        return f"frames of {self.file}"

    @property
    def frame_sizes(self) -> list[tuple[int, int]]:
        """(width, height) of every frame."""
        return list(struct.iter_unpack("<II", bytes(self.sizes)))

    @property
    def times_us(self) -> list[int]:
        """Microseconds from the first frame, per frame."""
        return [moment for (moment,) in struct.iter_unpack("<q", bytes(self.times))]

    @property
    def is_uneven(self) -> bool:
        """Whether frames are shown for different times: then a number and a rate do not say when a frame is."""
        times = self.times_us
        lengths = [after - before for before, after in pairwise(times)]
        return bool(lengths) and max(lengths) - min(lengths) > UNEVEN_US


class FramePack(models.Model):
    """Consecutive frames in one stored object, one after the other; `ends` says where each one ends.

    A row for some dozens of frames instead of one each keeps both the table and the object store small.
    """

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="packs")
    layer = models.CharField(max_length=8, choices=Layer, default=Layer.DISPLAY)
    first_frame = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    ends = models.BinaryField()  # uint32, little-endian, bytes from the start of the object
    # What ingest has to know again when it is resumed: sizes of the frames, lowest and highest value.
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "layer", "first_frame"], name="frame_pack_once")
        ]

    def __str__(self) -> str:
        return f"{self.layer} {self.first_frame} of {self.file_id}"

    def span_of(self, frame: int) -> tuple[int, int]:
        """(start, length) in bytes of a frame of this pack."""
        ends = [end for (end,) in struct.iter_unpack("<I", bytes(self.ends))]
        place = frame - self.first_frame
        start = ends[place - 1] if place else 0
        return start, ends[place] - start


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
