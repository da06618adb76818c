"""The uploads of one file as the decoders see them: by name and content, archives opened."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from datasets.media.frames import Refused
from datasets.media.limits import MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_FREE_BYTES

_SYMLINK = 0o120000
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError, OSError, RuntimeError)
_BY_THE_SYSTEM = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass(frozen=True)
class Upload:
    """One file that was uploaded, or one entry of an archive; `position` is that of what was uploaded."""

    name: str
    position: int
    size_bytes: int
    open: Callable[[], BinaryIO]

    def content(self) -> bytes:
        """All of it. Raises Refused for a broken archive entry."""
        with self.open() as stream:
            return stream.read()


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """A sort key by which frame_9 comes before frame_10."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def uploads_of(sources: Sequence[tuple[Path, str]], *, most: int, most_bytes: int) -> list[Upload]:
    """Every upload in its order, an archive as its entries by name. Raises Refused."""
    found: list[Upload] = []
    for position, (path, name) in enumerate(sources):
        with path.open("rb") as stream:
            is_archive = stream.read(4) == b"PK\x03\x04"
        if is_archive:
            found += _entries(path, name, position, most, most_bytes)
        else:
            found.append(Upload(name, position, path.stat().st_size, _opener(path)))
    if len(found) > most:
        raise Refused(f"These are {len(found):,} files; up to {most:,} can be one. Upload them in parts.")
    if not found:
        raise Refused("Nothing was in it. Choose the files again.")
    return found


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _entries(path: Path, name: str, position: int, most: int, most_bytes: int) -> list[Upload]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and not _BY_THE_SYSTEM.search(entry.filename)
            ]
    except _BROKEN:
        raise Refused(
            f"The archive “{name}” is damaged or incomplete. Make it again and upload that."
        ) from None
    if len(entries) > most:
        raise Refused(f"The archive “{name}” holds {len(entries):,} files; up to {most:,} can be one.")
    _refuse_bombs(entries, path.stat().st_size, name, most_bytes)
    entries.sort(key=lambda entry: natural_order(entry.filename))
    return [
        Upload(_last(entry.filename), position, entry.file_size, _entry_opener(path, entry, name))
        for entry in entries
    ]


def _last(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2][:300]


def _refuse_bombs(entries: list[zipfile.ZipInfo], packed_bytes: int, name: str, most_bytes: int) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED_BYTES or total > max(RATIO_FREE_BYTES, packed_bytes * MAX_RATIO):
        raise Refused(
            f"The archive “{name}” unpacks to far more than pictures would. Upload the files themselves."
        )
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(f"The archive “{name}” is encrypted. Make one without a password.")
        if entry.external_attr >> 16 & 0o170000 == _SYMLINK:
            raise Refused(f"The archive “{name}” holds links. Upload the files themselves.")
        if entry.file_size > most_bytes:
            raise Refused(f"“{_last(entry.filename)}” in “{name}” is larger than {most_bytes // 1024**2} MB.")


def _entry_opener(path: Path, entry: zipfile.ZipInfo, name: str) -> Callable[[], BinaryIO]:
    def open_entry() -> BinaryIO:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(entry) as stream:
                content = stream.read(
                    entry.file_size + 1
                )  # what the archive says of its sizes is not trusted
        except _BROKEN:
            raise Refused(
                f"“{_last(entry.filename)}” in “{name}” is damaged. Make the archive again."
            ) from None
        if len(content) > entry.file_size:
            raise Refused(f"“{_last(entry.filename)}” in “{name}” is longer than the archive says.")
        return io.BytesIO(content)

    return open_entry
