"""The job that makes a file's frames: decoded elsewhere, packed here, resumed where a killed worker left off."""

import io
import struct
import time
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from accounts.events import announce
from datasets.decoding import decode
from datasets.events import DataAdded
from datasets.frames import Pack, frame_bytes, store_pack
from datasets.media.frames import Frame, Outcome, Plan, Refused, SeveralSeries
from datasets.models import (
    Dataset,
    DatasetFile,
    File,
    FileKind,
    FileState,
    FrameIndex,
    FramePack,
    Layer,
    Source,
)
from datasets.pictures import thumbnail_of
from datasets.storage import as_local_files, folder_of, remove_folder, remove_stored
from datasets.uploads import start_ingest
from jobs.models import Job
from jobs.queue import claim, extend, finishing
from jobs.running import JobProblem, ToBeContinued

# One worker may be all there is, and people wait for their scores: after so much time on new frames the rest of the
# upload goes to the end of the line. Going on costs what decoding up to there costs, a tenth of making the frames.
SLICE_S = 15.0


def ingest_file(job: Job) -> dict[str, Any]:
    """Make the frames of `arguments["file"]`. What is wrong with the upload becomes the job's error."""
    file = File.objects.select_related("organisation").filter(uuid=job.arguments["file"]).first()
    if file is None:
        return {"message": "The file was deleted."}
    if not file.is_ready:
        try:
            _Ingest(file, job).run()
        except Refused as problem:
            raise JobProblem(str(problem)) from None
        except FileNotFoundError:
            raise JobProblem(
                "The upload is no longer in the storage. Delete the file and upload it again."
            ) from None
    return {
        "message": f"{file.frame_count:,} frames" if file.frame_count != 1 else "One frame",
        "link": f"/o/{file.organisation.slug}/files/{file.uuid}/",
    }


def ingest_now(file: File) -> File:
    """Do a file's job here instead of waiting for a worker, for the demo and tools. Raises JobProblem."""
    row = claim(Job.objects.select_related("organisation", "created_by"), file.job_id or 0)
    while row is not None:
        try:
            ingest_file(row)
            break
        except ToBeContinued:
            continue
    file.refresh_from_db()
    return file


class _Ingest:
    """One run. Everything it writes to the database is fenced by the job's run number."""

    def __init__(self, file: File, job: Job) -> None:
        self.file, self.job = file, job
        self.until: float | None = None
        self.total = file.frame_count
        packs = list(file.packs.order_by("first_frame"))
        done = max((pack.first_frame + pack.frame_count for pack in packs), default=0)
        # What a run before wrote without a row for it is nobody's.
        keep = frozenset([file.thumbnail_key, *(pack.key for pack in packs)])
        remove_folder(folder_of(file.organisation.uuid, file.uuid), keep=keep)
        self.display, self.pixels = Pack(done), Pack(done)
        self.ranges: list[tuple[int, int]] = []

    def run(self) -> None:
        """Decode from the first frame that is missing, to the end."""
        sources = list(self.file.sources.order_by("position"))
        with as_local_files([source.key for source in sources]) as paths:
            named = [(path, source.name) for path, source in zip(paths, sources, strict=True)]
            for one in decode(self.file.kind, named, skip=self.display.first_frame):
                match one:
                    case Plan():
                        self.total = one.frames
                    case SeveralSeries():
                        self.split(sources, one.groups)
                        return self.run()
                    case Frame():
                        self.take(one)
                    case Outcome():
                        self.flush()
                        self.finish(one)

    def take(self, frame: Frame) -> None:
        """One frame more; a full pack is stored. Raises ToBeContinued when others should have a turn."""
        if self.until is None:
            self.until = time.monotonic() + SLICE_S
        self.display.frames.append(frame.display)
        self.display.sizes.append((frame.width, frame.height))
        if frame.pixels:
            self.pixels.frames.append(frame.pixels)
            self.ranges.append((frame.low, frame.high))
        if self.display.is_full or self.pixels.is_full:
            self.flush()
            if time.monotonic() > self.until:
                raise ToBeContinued

    def flush(self) -> None:
        """Store what was gathered: the objects first, then their rows and the progress in one transaction."""
        if not self.display.frames:
            return
        first, end = self.display.first_frame, self.display.end
        facts: dict[str, Any] = {"sizes": self.display.sizes}
        if self.ranges:
            facts["range"] = [min(low for low, _ in self.ranges), max(high for _, high in self.ranges)]
        changes: dict[str, Any] = {"ready_frames": end, "frame_count": max(self.total, end)}
        if not self.file.width:
            changes |= dict(zip(("width", "height"), self.display.sizes[0], strict=True))
        written: list[str] = []
        try:
            packs = []
            for layer, pack in ((Layer.DISPLAY, self.display), (Layer.PIXELS, self.pixels)):
                if pack.frames:
                    packs.append(store_pack(self.file, layer, first, pack.frames))
                    written.append(packs[-1].key)
            if not self.file.thumbnail_key and self.file.kind != FileKind.DICOM:
                changes["thumbnail_key"] = self.thumbnail(self.display.frames[0])
                written.append(changes["thumbnail_key"])
            packs[0].facts = facts
            with transaction.atomic():
                extend(self.job, progress_done=end, progress_total=max(self.total, end))
                FramePack.objects.bulk_create(packs)
                File.objects.filter(pk=self.file.pk).update(**changes)
        except BaseException:  # also an interruption at the wall limit: without rows the objects are orphans
            remove_stored(*written)
            raise
        for name, value in changes.items():
            setattr(self.file, name, value)
        self.display, self.pixels, self.ranges = Pack(end), Pack(end), []

    def thumbnail(self, display: bytes) -> str:
        """Store the thumbnail of a frame that we have encoded; returns its key."""
        with Image.open(io.BytesIO(display)) as picture:
            content = thumbnail_of(
                picture.convert("RGB") if picture.mode not in ("RGB", "RGBA", "L") else picture
            )
        folder = folder_of(self.file.organisation.uuid, self.file.uuid)
        return default_storage.save(f"{folder}/thumbnail.jpg", ContentFile(content))

    def finish(self, outcome: Outcome) -> None:
        """Every frame is there: the index, READY, and the news to the projects, in one transaction."""
        file, count = self.file, self.display.first_frame
        facts = list(
            file.packs.filter(layer=Layer.DISPLAY).order_by("first_frame").values_list("facts", flat=True)
        )
        sizes = [tuple(size) for one in facts for size in one["sizes"]]
        ranges = [one["range"] for one in facts if "range" in one]
        pixels = outcome.pixels
        if pixels is not None and ranges:
            pixels = pixels | {"min": min(low for low, _ in ranges), "max": max(high for _, high in ranges)}
        thumbnail = file.thumbnail_key
        if not thumbnail:
            thumbnail = self.thumbnail(frame_bytes(file, count // 2) or b"")
        with finishing(self.job):
            File.objects.select_for_update(no_key=True).get(pk=file.pk)
            FrameIndex.objects.update_or_create(
                file=file,
                defaults={
                    "sizes": struct.pack(f"<{2 * count}I", *(side for size in sizes for side in size))
                    if len(set(sizes)) > 1
                    else b"",
                    "times": struct.pack(f"<{len(outcome.times_us)}q", *outcome.times_us),
                    "names": outcome.names,
                    "pixels": pixels,
                },
            )
            file.frame_count = file.ready_frames = count
            file.rate, file.thumbnail_key, file.state = outcome.rate, thumbnail, FileState.READY
            file.save(update_fields=["frame_count", "ready_frames", "rate", "thumbnail_key", "state"])
            for dataset in _locked_datasets(file):
                announce(DataAdded(dataset=dataset, files=(file,), actor=self.job.created_by))

    def split(self, sources: list[Source], groups: list[list[int]]) -> None:
        """Give every series but the first to a file of its own, in the same folder and datasets, with its own job."""
        file, first = self.file, groups[0]
        with transaction.atomic():
            extend(self.job)
            for number, group in enumerate(groups[1:], start=2):
                moved = [sources[position] for position in group]
                other = File.objects.create(
                    organisation=file.organisation,
                    folder=file.folder,
                    title=f"{file.title[:280]} (series {number})",
                    kind=file.kind,
                    state=FileState.PROCESSING,
                    frame_count=0,
                    ready_frames=0,
                    bytes=sum(source.bytes for source in moved),
                    sha256=moved[0].sha256,
                    created_by=file.created_by,
                )
                Source.objects.filter(pk__in=[source.pk for source in moved]).update(file=other)
                DatasetFile.objects.bulk_create(
                    DatasetFile(dataset_id=pk, file=other)
                    for pk in file.entries.order_by("id").values_list("dataset", flat=True)
                )
                start_ingest(other, self.job.created_by)
            file.bytes = sum(sources[position].bytes for position in first)
            file.save(update_fields=["bytes"])


def _locked_datasets(file: File) -> Iterator[Dataset]:
    """The datasets that hold the file, locked: one that a project is being attached to waits, or is waited for."""
    return (
        Dataset.objects.select_for_update(no_key=True)
        .filter(pk__in=DatasetFile.objects.filter(file=file).values("dataset"))
        .order_by("pk")
        .iterator()
    )
