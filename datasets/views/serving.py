"""Pictures and frames: permission first, a fixed type, a name of our making, kept by the browser for a year."""

import gzip
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import OrganisationRequest
from datasets.access import file_for
from datasets.frames import frame_bytes
from datasets.models import File, FileKind, Layer
from datasets.storage import ENDINGS

log = structlog.get_logger()

YEAR_S = 365 * 24 * 60 * 60
TOO_EARLY = 425


@require_safe
def image_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponseBase:
    """The display version of a file that the person may see; of several frames the first."""
    file = file_for(request, org_slug, file_id)
    if file.kind != FileKind.IMAGE:
        return _frame(request, file, 0)
    return _picture(request, file, "image", file.display_key, file.display_type)


@require_safe
def thumbnail_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponseBase:
    """The thumbnail of a file that the person may see."""
    file = file_for(request, org_slug, file_id)
    if not file.thumbnail_key:
        raise Http404
    return _picture(request, file, "thumbnail", file.thumbnail_key, "image/jpeg")


@require_safe
def frame_view(request: OrganisationRequest, org_slug: str, file_id: UUID, frame: int) -> HttpResponseBase:
    """One frame as a picture; 425 while ingest has not made it yet, 404 when there is no such frame."""
    file = file_for(request, org_slug, file_id)
    if file.kind == FileKind.IMAGE and frame == 0:
        return _picture(request, file, "image", file.display_key, file.display_type)
    return _frame(request, file, frame)


@require_safe
def pixels_view(request: OrganisationRequest, org_slug: str, file_id: UUID, frame: int) -> HttpResponseBase:
    """The values of one DICOM frame, little-endian int16 row by row, for the editor's window."""
    file = file_for(request, org_slug, file_id)
    if file.kind != FileKind.DICOM:
        raise Http404
    etag = f'"{file.uuid.hex}-pixels-{frame}"'
    if etag in request.headers.get("If-None-Match", "") and frame < file.ready_frames:
        return _kept(HttpResponse(status=304), etag)
    packed = _stored_frame(file, frame, Layer.PIXELS)
    if packed is None:
        return _not_there(file, frame)
    # Frames are stored compressed; every browser takes them so.
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        packed if takes_gzip else gzip.decompress(packed), content_type="application/octet-stream"
    )
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = f'inline; filename="{file.uuid}-{frame}.bin"'
    patch_vary_headers(response, ["Accept-Encoding"])
    return _kept(response, etag)


@require_safe
def status_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> JsonResponse:
    """How far ingest is: state, usable frames, all frames, and the problem when it failed."""
    file = file_for(request, org_slug, file_id)
    response = JsonResponse(
        {
            "state": file.shown_state.value,
            "ready": file.ready_frames,
            "frame_count": file.frame_count,
            "error": file.problem or None,
        }
    )
    patch_cache_control(response, private=True, no_store=True)
    return response


def _frame(request: OrganisationRequest, file: File, frame: int) -> HttpResponseBase:
    etag = f'"{file.uuid.hex}-frame-{frame}"'
    if etag in request.headers.get("If-None-Match", "") and frame < file.ready_frames:
        return _kept(HttpResponse(status=304), etag)
    content = _stored_frame(file, frame, Layer.DISPLAY)
    if content is None:
        return _not_there(file, frame)
    content_type = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = (
        f'inline; filename="{file.uuid}-{frame}.{ENDINGS[content_type]}"'
    )
    return _kept(response, etag)


def _stored_frame(file: File, frame: int, layer: Layer) -> bytes | None:
    try:
        return frame_bytes(file, frame, layer)
    except FileNotFoundError:
        log.error("pixels_missing", file=str(file.uuid), frame=frame, layer=layer)
        raise Http404 from None


def _not_there(file: File, frame: int) -> JsonResponse:
    """425 for a frame that is still being made; raises Http404 for one that will never be there."""
    if file.is_ready or frame >= file.frame_count:
        raise Http404
    response = JsonResponse(
        {
            "error": "not_ready",
            "message": "This frame is still being made. Try again in a moment.",
            "ready": file.ready_frames,
            "frame_count": file.frame_count,
        },
        status=TOO_EARLY,
        headers={"Retry-After": "1"},
    )
    patch_cache_control(response, private=True, no_store=True)
    return response


def _picture(
    request: OrganisationRequest, file: File, version: str, key: str, content_type: str
) -> HttpResponseBase:
    """A stored picture, streamed."""
    etag = f'"{file.uuid.hex}-{version}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _kept(HttpResponse(status=304), etag)
    fixed = content_type if content_type in ENDINGS else "image/jpeg"
    try:
        stored = default_storage.open(key)
    except FileNotFoundError:
        log.error("pixels_missing", file=str(file.uuid), version=version)
        raise Http404 from None
    return _kept(FileResponse(stored, content_type=fixed, filename=f"{file.uuid}.{ENDINGS[fixed]}"), etag)


def _kept(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """The bytes never change, so the entity tag is the file's own identifier: it says nothing about labels."""
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, max_age=YEAR_S, immutable=True)
    return response
