"""Several pictures as one file: a group keeps every picture's own size, a sequence has the size of its first."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from datasets.media.frames import Decoded, Frame, Outcome, Plan, Refused
from datasets.media.limits import MAX_PICTURES
from datasets.media.uploads import Upload, uploads_of
from datasets.pictures import MAX_BYTES, BadPicture, decode_picture, encode_picture


def frames_of_pictures(sources: Sequence[tuple[Path, str]], *, one_size: bool, skip: int = 0) -> Decoded:
    """Each picture from number `skip` on; with `one_size` drawn to the first one's width and height."""
    uploads = uploads_of(sources, most=MAX_PICTURES, most_bytes=MAX_BYTES)
    yield Plan(len(uploads))
    size = _decoded(uploads[0])[0].size if one_size and skip else None
    for upload in uploads[skip:]:
        picture, exact = _decoded(upload)
        size = size or picture.size
        if one_size and picture.size != size:
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        display, _ = encode_picture(picture, exact=exact)
        yield Frame(display, *picture.size)
    yield Outcome(names=[upload.name for upload in uploads])


def _decoded(upload: Upload) -> tuple[Image.Image, bool]:
    try:
        return decode_picture(upload.content())
    except BadPicture as problem:
        raise Refused(f"“{upload.name}”: {problem}") from None
