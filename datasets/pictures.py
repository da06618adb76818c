"""Uploaded bytes to a safe picture: type by content, size before decoding, fully decoded, drawn anew.

Nothing of the uploaded file is ever served: what browsers get is what this module encoded.
"""

import hashlib
import io
import threading
from dataclasses import dataclass

import structlog
from PIL import Image, ImageCms, ImageOps

log = structlog.get_logger()

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 20_000
THUMBNAIL_SIDE = 320
JPEG_QUALITY = 92
# A small picture from a lossless file stays exact; above, a PNG would be slow to make and to load.
EXACT_PIXELS = 2_000_000

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
WANTED = "Upload JPEG, PNG, WebP or TIFF."

# Decoding 40 MP takes hundreds of megabytes: not more than two at once in one process.
_DECODING = threading.BoundedSemaphore(2)


class BadPicture(Exception):
    """The bytes are no picture that can be labelled; the message tells the person why and what to do."""


@dataclass(frozen=True)
class Picture:
    """A decoded upload: how it is shown, and what it was."""

    width: int
    height: int
    display: bytes
    display_type: str
    thumbnail: bytes
    sha256: str
    size_bytes: int


def read_picture(content: bytes) -> Picture:
    """Check, decode and re-encode one uploaded image. Raises BadPicture with a sentence for the person."""
    with _DECODING:
        shown, exact = decode_picture(content)
        display, display_type = encode_picture(shown, exact=exact)
        thumbnail = thumbnail_of(shown)
    return Picture(
        width=shown.width,
        height=shown.height,
        display=display,
        display_type=display_type,
        thumbnail=thumbnail,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
    )


def decode_picture(content: bytes) -> tuple[Image.Image, bool]:
    """The picture as it is shown (upright, sRGB or grey), and whether it came without loss. Raises BadPicture."""
    if not content:
        raise BadPicture("The file is empty. Upload it again.")
    if len(content) > MAX_BYTES:
        raise BadPicture(
            f"The file is larger than {MAX_BYTES // 1024**2} MB. Save it smaller and upload it again."
        )
    _refuse_by_signature(content)
    try:
        picture = _decode(content)
        return _display_version(picture), _is_lossless(picture)
    except BadPicture:
        raise
    except MemoryError:
        raise BadPicture("The picture needs too much memory to be decoded. Save it smaller.") from None
    except Exception as error:  # decoders raise all kinds on broken input, none of them worth a server error
        log.info("picture_refused", error=repr(error))
        raise BadPicture(
            "The picture is damaged or incomplete and cannot be read to its end. "
            "Open it in a picture editor, save it again, and upload that."
        ) from None


def _refuse_by_signature(content: bytes) -> None:
    """Name what the file really is when it is one of the usual wrong ones; the file's name is never believed."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content[4:8] == b"ftyp":
        what = "HEIC or AVIF picture" if content[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "video"
        advice = "Choose “Video” above the field." if what == "video" else WANTED
        raise BadPicture(f"This is a {what}, not a single picture. {advice}")
    if content[128:132] == b"DICM":
        raise BadPicture("This is a DICOM file, not a single picture. Choose “DICOM” above the field.")
    for start, what in (
        (b"%pdf", "a PDF document"),
        (b"gif8", "a GIF"),
        (b"bm", "a BMP picture"),
        (b"pk\x03\x04", "an archive; unpack it first"),
        (b"\x1f\x8b", "an archive; unpack it first"),
        (b"<svg", "an SVG drawing"),
        (b"<!doctype html", "a web page"),
        (b"<html", "a web page"),
    ):
        if head.startswith(start):
            raise BadPicture(f"This is {what}, not a picture that can be labelled. {WANTED}")
    if head.startswith(b"<?xml") or b"<svg" in head:
        raise BadPicture(
            f"This is an SVG drawing or another XML file, not a picture that can be labelled. {WANTED}"
        )


def _decode(content: bytes) -> Image.Image:
    """The first and only picture of the file, decoded to its last row."""
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_large("more than 160") from None
    except Image.UnidentifiedImageError:
        raise BadPicture(f"This is not a picture that can be read. {WANTED}") from None
    width, height = picture.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_large(f"{width * height / 1e6:.0f}", f" ({width} × {height})")
    # A camera's JPEG may carry a preview as its second picture; in other files further pictures would be lost.
    if picture.format in ("TIFF", "PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
        raise BadPicture(
            f"This file holds {picture.n_frames} pictures. Save each as a file of its own and upload those."  # type: ignore[attr-defined]
        )
    picture.load()
    return picture


def _too_large(megapixels: str, exact: str = "") -> BadPicture:
    return BadPicture(
        f"The picture has {megapixels} megapixels{exact}; up to {MAX_PIXELS // 1_000_000} megapixels and "
        f"{MAX_SIDE:,} pixels a side can be labelled. Cut it into tiles or save it smaller."
    )


def _is_lossless(picture: Image.Image) -> bool:
    return picture.format in ("PNG", "TIFF")


def _display_version(picture: Image.Image) -> Image.Image:
    """Upright, in sRGB or grey, 8 bits; transparency is kept where there is any."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("I", "F") or upright.mode.startswith("I;"):
        return _stretched(upright)
    if upright.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in upright.info:
        with_alpha = _in_srgb(upright.convert("RGBA"), picture)
        if with_alpha.getchannel("A").getextrema()[0] < 255:
            return with_alpha
        return with_alpha.convert("RGB")
    if upright.mode in ("1", "L"):
        return upright.convert("L")
    if upright.mode == "CMYK":
        return _in_srgb(upright, picture)
    return _in_srgb(upright.convert("RGB"), picture)


def _stretched(deep: Image.Image) -> Image.Image:
    """Values of more than 8 bits spread from the darkest to the brightest; a screen would show them black."""
    values = deep.convert("F")
    low, high = values.getextrema()
    scale = 255.0 / (high - low) if high > low else 0.0
    grey = values.point(lambda value: value * scale - low * scale).convert("L")
    grey.info["exact"] = True
    return grey


def _in_srgb(picture: Image.Image, original: Image.Image) -> Image.Image:
    """Colours as the file's own profile means them; without a usable profile as they are."""
    profile = original.info.get("icc_profile")
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile and b"sRGB" not in profile[:4096]:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=target
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            log.info("colour_profile_ignored")
    return picture if picture.mode == target else picture.convert(target)


def encode_picture(shown: Image.Image, *, exact: bool) -> tuple[bytes, str]:
    """JPEG, or PNG where JPEG would lose something that matters: transparency, depth, a small lossless original."""
    small = shown.width * shown.height <= EXACT_PIXELS
    written = io.BytesIO()
    if shown.mode == "RGBA" or shown.info.get("exact") or (exact and small):
        _bare(shown).save(written, "PNG", compress_level=6 if small else 3)
        return written.getvalue(), "image/png"
    _bare(shown).save(written, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return written.getvalue(), "image/jpeg"


def thumbnail_of(shown: Image.Image) -> bytes:
    """A JPEG of at most THUMBNAIL_SIDE pixels a side; what is transparent becomes white."""
    small = shown.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    if small.mode == "RGBA":
        page = Image.new("RGB", small.size, "white")
        page.paste(small, mask=small.getchannel("A"))
        small = page
    written = io.BytesIO()
    _bare(small).save(written, "JPEG", quality=82)
    return written.getvalue()


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels without anything that the upload carried along: comments, EXIF, profiles."""
    bare = picture.copy()
    bare.info = {}
    return bare
