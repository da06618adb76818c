"""Uploads of everything that has frames: parts arrive one by one, then a job makes the frames (datasets/ingest.py)."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.audit import record
from accounts.models import Organisation, User
from datasets.media.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_DICOM_BYTES,
    MAX_PICTURES,
    MAX_SLICES,
    MAX_VIDEO_BYTES,
)
from datasets.media.signatures import name_of_wrong_kind
from datasets.models import Dataset, File, FileKind, FileState, Folder, Source
from datasets.operations import add_files, clean_title
from datasets.pictures import MAX_BYTES
from datasets.storage import remove_stored, store_source
from jobs.operations import start_job

INGEST = "ingest_file"
# Parts that nobody finished are cleared away when the next upload begins after so long.
FORGOTTEN_AFTER = timedelta(days=1)
SEVERAL = (FileKind.IMAGE_GROUP, FileKind.IMAGE_SEQUENCE, FileKind.DICOM)
PICTURES = {"a JPEG picture", "a PNG picture", "a WebP picture", "a TIFF picture"}


class BadUpload(Exception):
    """What arrived cannot become a file; the message tells the person why and what to do."""


@dataclass(frozen=True)
class Part:
    """One uploaded file of a batch: its place, its name and its bytes."""

    position: int
    name: str
    content: BinaryIO


def upload_frames(
    *,
    organisation: Organisation,
    actor: User | None,
    kind: FileKind,
    title: str,
    parts: Sequence[tuple[str, BinaryIO]],
    folder: Folder | None = None,
    dataset: Dataset | None = None,
) -> File:
    """A whole upload in one call: every part, then `finish_upload`. Raises BadUpload."""
    batch = uuid.uuid4()
    for position, (name, content) in enumerate(parts):
        receive_part(
            organisation=organisation, actor=actor, kind=kind, batch=batch, part=Part(position, name, content)
        )
    return finish_upload(
        organisation=organisation,
        actor=actor,
        batch=batch,
        count=len(parts),
        title=title,
        folder=folder,
        dataset=dataset,
    )


def receive_part(
    *, organisation: Organisation, actor: User | None, kind: FileKind, batch: uuid.UUID, part: Part
) -> File:
    """Keep one part of a batch; the same part again changes nothing. Raises BadUpload."""
    size_bytes, digest = _checked(kind, part)
    file, made = File.objects.get_or_create(
        organisation=organisation,
        batch=batch,
        defaults={
            "kind": kind,
            "title": clean_title(part.name) if kind == FileKind.VIDEO else "Upload",
            "state": FileState.UPLOADING,
            "frame_count": 0,
            "ready_frames": 0,
            "bytes": 0,
            "created_by": actor,
        },
    )
    if made:
        _clear_forgotten(organisation)
    if file.kind != kind or file.created_by != actor:
        raise BadUpload("This upload was begun differently. Choose the files again.")
    if file.state != FileState.UPLOADING or file.sources.filter(position=part.position).exists():
        return file
    key = store_source(organisation.uuid, part.content)
    try:
        with transaction.atomic():
            Source.objects.create(
                file=file,
                position=part.position,
                name=clean_title(part.name),
                key=key,
                bytes=size_bytes,
                sha256=digest,
            )
    except IntegrityError:  # the same part came twice at once, or the upload was given up
        remove_stored(key)
    return file


def finish_upload(
    *,
    organisation: Organisation,
    actor: User | None,
    batch: uuid.UUID,
    count: int,
    title: str,
    folder: Folder | None = None,
    dataset: Dataset | None = None,
) -> File:
    """All parts are there: list the file and start its job; again gives the same file. Raises BadUpload.

    What was uploaded before under the same title into the same folder is that file, as with single images.
    """
    file = File.objects.filter(organisation=organisation, batch=batch, created_by=actor).first()
    if file is None:
        raise BadUpload("Nothing of this upload has arrived. Choose the files again.")
    if file.state == FileState.UPLOADING:
        file = _complete(file, actor, count, clean_title(title), folder)
    if dataset is not None:
        add_files(dataset=dataset, actor=actor, files=[file])
    return file


def _complete(file: File, actor: User | None, count: int, title: str, folder: Folder | None) -> File:
    digests = list(file.sources.order_by("position").values_list("sha256", flat=True))
    if not digests or len(digests) != count:
        raise BadUpload(f"{len(digests)} of {count} files have arrived. Retry those that failed.")
    digest = hashlib.sha256("".join(digests).encode()).hexdigest() if len(digests) > 1 else digests[0]
    same = File.objects.filter(
        organisation=file.organisation, title=title, folder=folder, sha256=digest, kind=file.kind
    ).first()
    if same is not None:
        discard(file)
        return same
    with transaction.atomic():
        begun = File.objects.filter(pk=file.pk, state=FileState.UPLOADING).update(
            state=FileState.PROCESSING,
            title=title,
            folder=folder,
            sha256=digest,
            bytes=file.sources.aggregate(total=Sum("bytes"))["total"],
        )
        file.refresh_from_db()
        if begun:
            start_ingest(file, actor)
            record(
                organisation=file.organisation,
                actor=actor,
                action="upload file",
                target=file,
                after={"kind": file.kind, "parts": count, "sha256": digest},
            )
    return file


def start_ingest(file: File, actor: User | None) -> None:
    """Ask for the frames of a file in PROCESSING; call it in the transaction that made it so."""
    file.job = start_job(
        organisation=file.organisation,
        actor=actor,
        kind=INGEST,
        title=f"Frames of “{file.title}”",
        arguments={"file": str(file.uuid)},
    )
    file.save(update_fields=["job"])


def discard(file: File) -> None:
    """Forget an upload that never became a file."""
    keys = list(file.sources.values_list("key", flat=True))
    with transaction.atomic():
        file.delete()
        transaction.on_commit(lambda: remove_stored(*keys), robust=True)


def _clear_forgotten(organisation: Organisation) -> None:
    old = File.objects.filter(
        organisation=organisation,
        state=FileState.UPLOADING,
        created_at__lt=timezone.now() - FORGOTTEN_AFTER,
    )
    for file in old.order_by("pk")[:20]:
        discard(file)


def _checked(kind: FileKind, part: Part) -> tuple[int, str]:
    """(size, sha256) of a part whose beginning fits its kind; all else waits for the decoders."""
    if kind not in (*SEVERAL, FileKind.VIDEO):
        raise BadUpload("Single images are uploaded one by one.")
    most_parts = {FileKind.VIDEO: 1, FileKind.DICOM: MAX_SLICES}.get(kind, MAX_PICTURES)
    if not 0 <= part.position < most_parts:
        raise BadUpload(f"Up to {most_parts:,} files can be one {FileKind(kind).label.lower()}.")
    head = part.content.read(4096)
    if not head:
        raise BadUpload(f"“{part.name}” is empty. Upload it again.")
    _refuse_other_kinds(kind, part.name, head)
    digest, size_bytes = hashlib.sha256(head), len(head)
    most = _most_bytes(kind, head)
    while chunk := part.content.read(1 << 20):
        digest.update(chunk)
        size_bytes += len(chunk)
        if size_bytes > most:
            raise BadUpload(
                f"“{part.name}” is larger than {most // 1024**2:,} MB. Upload it in smaller parts."
            )
    return size_bytes, digest.hexdigest()


def _most_bytes(kind: FileKind, head: bytes) -> int:
    if head.startswith(b"PK\x03\x04"):
        return MAX_ARCHIVE_BYTES
    return {FileKind.VIDEO: MAX_VIDEO_BYTES, FileKind.DICOM: MAX_DICOM_BYTES}.get(kind, MAX_BYTES)


def _refuse_other_kinds(kind: FileKind, name: str, head: bytes) -> None:
    what = name_of_wrong_kind(head)
    if kind == FileKind.VIDEO:
        wanted, fits = "Upload MP4, MOV, MKV, WebM, AVI or MPEG.", what in (None, "a video")
    elif kind == FileKind.DICOM:
        wanted, fits = "Upload DICOM files, or a zip archive of them.", what in ("a DICOM file", "an archive")
    else:
        wanted = "Upload JPEG, PNG, WebP or TIFF, or a zip archive of them."
        fits = what in PICTURES or (what == "an archive" and head.startswith(b"PK\x03\x04"))
    if not fits:
        raise BadUpload(f"“{name}” is {what or 'nothing that is known'}. {wanted}")
