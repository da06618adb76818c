"""One uploaded picture per request, answered in JSON for the list of uploads (static/js/upload.js)."""

from django.http import JsonResponse

from accounts.access import OrganisationRequest
from datasets.models import Dataset, Folder
from datasets.operations import BadPicture, upload_image
from datasets.pictures import MAX_BYTES


def receive_picture(
    request: OrganisationRequest, *, dataset: Dataset | None = None, folder: Folder | None = None
) -> JsonResponse:
    """201 with the file's identifier, or 422 with a sentence; call it after the access door."""
    upload = request.FILES.get("file")
    if upload is None:
        return _refused("No file arrived. Choose it again.")
    if upload.size is None or upload.size > MAX_BYTES:
        return _refused(
            f"The file is larger than {MAX_BYTES // 1024**2} MB. Save it smaller and upload it again."
        )
    try:
        file = upload_image(
            organisation=request.organisation,
            actor=request.user,
            title=upload.name or "",
            content=upload.file,  # type: ignore[arg-type]
            folder=folder,
            dataset=dataset,
        )
    except BadPicture as problem:
        return _refused(str(problem))
    return JsonResponse({"file": str(file.uuid), "title": file.title}, status=201)


def _refused(sentence: str) -> JsonResponse:
    return JsonResponse({"error": "invalid", "message": sentence}, status=422)
