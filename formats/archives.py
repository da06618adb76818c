"""Zip archives from strangers, unpacked in memory: counts, sizes, ratio and paths are checked."""

import io
import struct
import zipfile
import zlib
from typing import Final

from formats.limits import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_ENTRIES, MAX_ARCHIVE_RATIO, MAX_FILE_BYTES
from formats.records import FormatError

_CHUNK: Final = 1 << 20
_RATIO_FREE_BYTES: Final = 1 << 20  # small files of blanks may compress as well as they like
_SYMLINK: Final = 0o120000
# What zipfile raises on damaged archives, found by fuzzing: its own errors and those of the parts it is made of.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def unpack_zip(content: bytes, *, endings: tuple[str, ...]) -> dict[str, bytes]:
    """The files with one of these endings, by their path in the archive.

    Raises FormatError for a broken archive, a path that leaves it, links, encryption, and anything that unpacks to too
    much: nothing is trusted that the archive says about itself.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unpacked(archive, len(content), endings)
    except _BROKEN as error:
        raise FormatError("The zip archive is broken or of a kind that cannot be read.") from error


def _unpacked(archive: zipfile.ZipFile, packed_bytes: int, endings: tuple[str, ...]) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ARCHIVE_ENTRIES:
        raise FormatError(f"The zip archive has more than {MAX_ARCHIVE_ENTRIES:,} files.")
    for entry in entries:
        _check_entry(entry)
    files: dict[str, bytes] = {}
    allowance = min(MAX_ARCHIVE_BYTES, max(_RATIO_FREE_BYTES, packed_bytes * MAX_ARCHIVE_RATIO))
    for entry in entries:
        name = entry.filename
        # Folders that macOS adds hold a shadow of every file.
        if not name.lower().endswith(endings) or name.startswith("__MACOSX/") or "/._" in f"/{name}":
            continue
        if name in files:
            raise FormatError("The zip archive has two files of the same name.")
        files[name] = _bytes_of(archive, entry, min(MAX_FILE_BYTES, allowance))
        allowance -= len(files[name])
    return files


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise FormatError("The zip archive has a file whose path leads out of the archive.")
    if (entry.external_attr >> 16) & 0o170000 == _SYMLINK:
        raise FormatError("The zip archive contains a link.")
    if entry.flag_bits & 1:
        raise FormatError("The zip archive is encrypted.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError("The zip archive uses an unusual compression; please pack it the common way.")


def _bytes_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > allowed:
                raise FormatError("The zip archive unpacks to far more than it should.")
            chunks.append(chunk)
    return b"".join(chunks)
