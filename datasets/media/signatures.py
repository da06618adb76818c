"""What a file really is when it is one of the usual wrong ones; names are never believed."""

_STARTS = (
    (b"%pdf", "a PDF document"),
    (b"gif8", "a GIF"),
    (b"bm", "a BMP picture"),
    (b"pk\x03\x04", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"rar!", "an archive"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89png", "a PNG picture"),
    (b"ii*\x00", "a TIFF picture"),
    (b"mm\x00*", "a TIFF picture"),
    (b"<svg", "an SVG drawing"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"#extm3u", "a playlist"),
    (b"id3", "a sound file"),
    (b"flac", "a sound file"),
)


def name_of_wrong_kind(head: bytes) -> str | None:
    """Words for what starts so ("a PDF document"), None when it is nothing known."""
    if head[128:132] == b"DICM":
        return "a DICOM file"
    if head[4:8] == b"ftyp":
        is_picture = head[8:12] in (b"heic", b"heix", b"mif1", b"avif")
        return "a HEIC or AVIF picture" if is_picture else "a video"
    if head[:4] == b"\x1a\x45\xdf\xa3" or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return "a video"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP picture"
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, what in _STARTS:
        if start.startswith(signature):
            return what
    if b"<svg" in start:
        return "an SVG drawing"
    if start.startswith(b"<?xml"):
        return "an XML file"
    return None
