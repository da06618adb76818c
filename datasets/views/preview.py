"""What the page of a file needs to step through its frames (static/js/frame_preview.js)."""

from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from datasets.models import File, FileKind

NUMBER = "{frame}"


def frame_address(file: File, organisation: Organisation) -> str:
    """The address of a frame with the literal "{frame}" for its number."""
    first = reverse("datasets:frame", args=[organisation.slug, file.uuid, 0])
    return f"{first.removesuffix('0/')}{NUMBER}/"


def preview_of(file: File, organisation: Organisation) -> dict[str, Any] | None:
    """Address, number, names and times of the frames that can be looked at; None while there are none."""
    if not file.ready_frames or not file.width:
        return None
    index = getattr(file, "frame_index", None) if file.kind != FileKind.IMAGE else None
    return {
        "url": frame_address(file, organisation),
        "frames": file.ready_frames,
        "sizes": [list(size) for size in file.frame_sizes] if file.kind == FileKind.IMAGE_GROUP else [],
        "names": index.names if index else [],
        "times": [moment / 1e6 for moment in index.times_us] if index else [],
    }
