"""Hard caps on what a label may contain; the reasons and measurements are in docs/reliability.md."""

from typing import Final

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_COMPARED_FILE_BYTES: Final = (
    200 * 1024 * 1024
)  # on the command line: one's own machine, one file at a time
MAX_COMPARED_SIDE: Final = (
    100_000  # of a picture in pixels; no picture is decoded there, so more than is stored
)
MAX_FILE_DEPTH: Final = 40  # a file may carry its ontology, seven levels of attributes deep
MAX_DOCUMENT_DEPTH: Final = 20

MAX_OBJECTS_PER_FRAME: Final = 2_000
MAX_POLYGON_VERTICES: Final = (
    1_000  # all rings of one label together: overlay costs grow with the product of both sides
)
MAX_POLYLINE_VERTICES: Final = 1_000
MAX_SKELETON_VERTICES: Final = 200
MAX_FRAME_PIXELS: Final = 40_000_000
MAX_FRAME_SIDE: Final = 100_000
MAX_ORDER: Final = 1_000_000  # how far an object may be brought to the front or sent to the back
MAX_FRAMES: Final = 1_000_000
MAX_RUN_LENGTH_CHARS: Final = 2_000_000
MAX_ROTATED_EXTENT: Final = (
    100.0  # unrotated sides of a turned box may exceed the frame, e.g. a pole in a panorama
)

MAX_IDENTIFIER_CHARS: Final = 64
MAX_TEXT_CHARS: Final = 10_000
MAX_NAME_CHARS: Final = 1_000
MAX_NUMBER: Final = 1e15
MAX_CHECKLIST_CHOICES: Final = 1_000

MAX_ATTRIBUTE_LEVELS: Final = 7
MAX_ITEMS: Final = 50_000
MAX_PROBLEMS: Final = 200  # of one document or item: the reader of a report stops long before

MAX_ARCHIVE_ENTRIES: Final = 20_000
MAX_ARCHIVE_BYTES: Final = 200 * 1024 * 1024
MAX_ARCHIVE_RATIO: Final = 100
MAX_XML_BYTES: Final = 2 * 1024 * 1024
