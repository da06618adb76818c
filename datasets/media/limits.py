"""Caps of what may be decoded; docs/media.md lists them, a test holds the page to them."""

from typing import Final

MAX_VIDEO_BYTES: Final = 2 * 1024**3
MAX_VIDEO_SIDE: Final = 4_096
MAX_VIDEO_PIXELS: Final = 10_000_000
MAX_VIDEO_FRAMES: Final = 30_000

MAX_PICTURES: Final = 2_000
MAX_ARCHIVE_BYTES: Final = 2 * 1024**3

MAX_DICOM_BYTES: Final = 1024**3
MAX_DICOM_PIXELS: Final = 40_000_000
MAX_DICOM_SIDE: Final = 20_000
MAX_SLICES: Final = 4_000

# Of an archive, or of one entry, larger than this: more than so much unpacked for each packed byte is a bomb.
RATIO_FREE_BYTES: Final = 4 * 1024**2
MAX_RATIO: Final = 200
MAX_UNPACKED_BYTES: Final = 8 * 1024**3

VIDEO_JPEG_QUALITY: Final = 90
