"""Where the bytes of files lie: private storage under names that we make; titles never reach it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.base import File as StoredContent
from django.core.files.storage import default_storage

from datasets.pictures import Picture

ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Keys:
    """Names in the storage of one file's original, display version and thumbnail."""

    original: str
    display: str
    thumbnail: str


def folder_of(organisation: UUID, file: UUID) -> str:
    """The folder in the storage that holds everything of one file, and nothing else."""
    return f"organisations/{organisation}/files/{file}"


def store_picture(organisation: UUID, file: UUID, content: bytes, picture: Picture) -> Keys:
    """Write the three versions. What was written is removed again when a later write fails."""
    folder = folder_of(organisation, file)
    versions = {
        "original": (f"{folder}/original", content),
        "display": (f"{folder}/display.{ENDINGS[picture.display_type]}", picture.display),
        "thumbnail": (f"{folder}/thumbnail.jpg", picture.thumbnail),
    }
    written: dict[str, str] = {}
    try:
        for version, (name, data) in versions.items():
            written[version] = default_storage.save(name, ContentFile(data))
    except Exception:
        remove_stored(*written.values())
        raise
    return Keys(**written)


def store_source(organisation: UUID, content: BinaryIO) -> str:
    """Keep an uploaded original, whatever it is; returns its key.

    Beside the files' folders, not in one: the originals of a series may move to a file of their own.
    """
    content.seek(0)
    return default_storage.save(f"organisations/{organisation}/sources/{uuid4().hex}", StoredContent(content))


def store_frames(organisation: UUID, file: UUID, name: str, content: bytes) -> str:
    """Write a pack of frames under a name of its own below the file's folder `frames`; returns its key."""
    return default_storage.save(f"{folder_of(organisation, file)}/frames/{name}", ContentFile(content))


def read_range(key: str, start: int, length: int) -> bytes:
    """Some bytes of a stored object. Raises FileNotFoundError.

    An object store is asked for the range alone; its Django storage would fetch the whole object first.
    """
    bucket = getattr(default_storage, "bucket", None)
    if bucket is None:
        with default_storage.open(key) as stored:
            stored.seek(start)
            return bytes(stored.read(length))
    from botocore.exceptions import ClientError

    try:
        answer = bucket.Object(key).get(Range=f"bytes={start}-{start + length - 1}")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
            raise FileNotFoundError(key) from None
        raise
    return bytes(answer["Body"].read())


@contextmanager
def as_local_files(keys: list[str]) -> Iterator[list[Path]]:
    """Paths of stored objects on this machine, for decoders that need to seek; copies are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="annotrain-") as folder:
        yield [_local(key, Path(folder) / str(number)) for number, key in enumerate(keys)]


def _local(key: str, copy: Path) -> Path:
    try:
        return Path(default_storage.path(key))
    except NotImplementedError:  # not a directory of this machine
        with default_storage.open(key) as stored, copy.open("wb") as target:
            shutil.copyfileobj(stored, target, 1 << 20)
        return copy


def remove_stored(*keys: str) -> None:
    """Delete from the storage; what is not there is fine."""
    for key in keys:
        if key:
            default_storage.delete(key)


def remove_folder(folder: str, *, keep: frozenset[str] = frozenset()) -> None:
    """Delete everything below a folder but the keys to keep; empty directories are gone too where there are any."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in folders:
        remove_folder(f"{folder}/{name}", keep=keep)
    for name in names:
        if f"{folder}/{name}" not in keep:
            default_storage.delete(f"{folder}/{name}")
    if not keep and hasattr(default_storage, "location"):
        default_storage.delete(folder)
