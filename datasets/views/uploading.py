"""Uploads, one file a request, answered in JSON for the list of uploads (static/js/upload.js).

A picture and a video are done with their one request. What is made of several files comes in parts that carry the
browser's identifier of the batch, and one request more when all have arrived.
"""

from typing import BinaryIO, cast
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.http import JsonResponse
from django.urls import reverse

from accounts.access import OrganisationRequest
from datasets.models import Dataset, File, FileKind, Folder
from datasets.operations import BadPicture, upload_image
from datasets.pictures import MAX_BYTES
from datasets.uploads import SEVERAL, BadUpload, Part, finish_upload, receive_part


def receive_upload(
    request: OrganisationRequest, *, dataset: Dataset | None = None, folder: Folder | None = None
) -> JsonResponse:
    """201 with the file's identifier, or 422 with a sentence; call it after the access door."""
    upload = request.FILES.get("file")
    if upload is None:
        return _refused("No file arrived. Choose it again.")
    kind = request.GET.get("kind", FileKind.IMAGE)
    try:
        if kind == FileKind.IMAGE:
            return _listed(_picture(request, upload, dataset, folder))
        if kind == FileKind.VIDEO:
            return _listed(_video(request, upload, dataset, folder))
        if kind in SEVERAL:
            _part(request, upload, FileKind(kind))
            return JsonResponse({"message": "Uploaded"}, status=201)
    except (BadPicture, BadUpload) as problem:
        return _refused(str(problem))
    return _refused("This kind of upload is not known. Load the page again.")


def finish_parts(
    request: OrganisationRequest, *, dataset: Dataset | None = None, folder: Folder | None = None
) -> JsonResponse:
    """201 with the file that the parts became, or 422 with a sentence; call it after the access door."""
    batch, count = _uuid(request.POST.get("batch", "")), request.POST.get("count", "")
    if batch is None or not count.isdecimal() or len(count) > 5:
        return _refused("This upload is not known. Choose the files again.")
    try:
        file = finish_upload(
            organisation=request.organisation,
            actor=request.user,
            batch=batch,
            count=int(count),
            title=request.POST.get("title", ""),
            folder=folder,
            dataset=dataset,
        )
    except BadUpload as problem:
        return _refused(str(problem))
    return _listed(file)


def _picture(
    request: OrganisationRequest, upload: UploadedFile, dataset: Dataset | None, folder: Folder | None
) -> File:
    if upload.size is None or upload.size > MAX_BYTES:
        raise BadPicture(
            f"The file is larger than {MAX_BYTES // 1024**2} MB. Save it smaller and upload it again."
        )
    return upload_image(
        organisation=request.organisation,
        actor=request.user,
        title=upload.name or "",
        content=cast(BinaryIO, upload.file),
        folder=folder,
        dataset=dataset,
    )


def _video(
    request: OrganisationRequest, upload: UploadedFile, dataset: Dataset | None, folder: Folder | None
) -> File:
    batch, name = uuid4(), upload.name or ""
    receive_part(
        organisation=request.organisation,
        actor=request.user,
        kind=FileKind.VIDEO,
        batch=batch,
        part=Part(0, name, cast(BinaryIO, upload.file)),
    )
    return finish_upload(
        organisation=request.organisation,
        actor=request.user,
        batch=batch,
        count=1,
        title=name,
        folder=folder,
        dataset=dataset,
    )


def _part(request: OrganisationRequest, upload: UploadedFile, kind: FileKind) -> None:
    batch, position = _uuid(request.POST.get("batch", "")), request.POST.get("position", "")
    if batch is None or not position.isdecimal() or len(position) > 5:
        raise BadUpload("This upload is not known. Choose the files again.")
    receive_part(
        organisation=request.organisation,
        actor=request.user,
        kind=kind,
        batch=batch,
        part=Part(int(position), upload.name or "", cast(BinaryIO, upload.file)),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _listed(file: File) -> JsonResponse:
    answer = {"file": str(file.uuid), "title": file.title}
    if not file.is_ready:
        answer["message"] = "In line"
        answer["status_url"] = reverse("datasets:status", args=[file.organisation.slug, file.uuid])
    return JsonResponse(answer, status=201)


def _refused(sentence: str) -> JsonResponse:
    return JsonResponse({"error": "invalid", "message": sentence}, status=422)
