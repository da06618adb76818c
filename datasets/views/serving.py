"""The pictures themselves: permission first, a fixed type, a name of our making, kept by the browser for a year."""

from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.access import OrganisationRequest
from datasets.access import file_for
from datasets.models import File
from datasets.storage import ENDINGS

log = structlog.get_logger()

YEAR_S = 365 * 24 * 60 * 60


@require_safe
def image_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponseBase:
    """The display version of a file that the person may see."""
    file = file_for(request, org_slug, file_id)
    return _picture(request, file, "image", file.display_key, file.display_type)


@require_safe
def thumbnail_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponseBase:
    """The thumbnail of a file that the person may see."""
    file = file_for(request, org_slug, file_id)
    return _picture(request, file, "thumbnail", file.thumbnail_key, "image/jpeg")


def _picture(
    request: OrganisationRequest, file: File, version: str, key: str, content_type: str
) -> HttpResponseBase:
    """The bytes never change, so the entity tag is the file's own identifier: it says nothing about labels."""
    etag = f'"{file.uuid.hex}-{version}"'
    response: HttpResponseBase
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        fixed = content_type if content_type in ENDINGS else "image/jpeg"
        try:
            stored = default_storage.open(key)
        except FileNotFoundError:
            log.error("pixels_missing", file=str(file.uuid), version=version)
            raise Http404 from None
        response = FileResponse(stored, content_type=fixed, filename=f"{file.uuid}.{ENDINGS[fixed]}")
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, max_age=YEAR_S, immutable=True)
    return response
