"""Pages of files and folders: everything the organisation has, whatever dataset it is in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OrganisationRequest, organisation_for
from accounts.listing import Listing
from datasets.access import MANAGE_DATA, dataset_for, folder_for, managed_file_for
from datasets.forms import FileTitleForm, FolderForm
from datasets.models import Dataset, File
from datasets.operations import (
    InUse,
    NameTaken,
    add_files,
    create_folder,
    delete_file,
    delete_folder,
    rename_file,
)
from datasets.queries import FILE_FILTERS, any_moving, files_of, folder_entries, found_files
from datasets.views.preview import preview_of
from datasets.views.uploading import finish_parts, receive_upload
from jobs.operations import retry_job

SORTS = {
    "title": ["title", "pk"],
    "size": ["bytes", "pk"],
    "datasets": ["dataset_count", "pk"],
    "added": ["created_at", "pk"],
}


@require_GET
def file_list_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """All files, or those of one folder (`?folder=`)."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    folder = folder_for(request, request.GET.get("folder", ""))
    listing = Listing(
        request.GET,
        sorts=SORTS,
        default_sort="-added",
        filters=FILE_FILTERS,
        search_placeholder="Search files",
        keep=["folder"],
    )
    files = found_files(files_of(organisation), listing)
    if folder is not None:
        files = files.filter(folder=folder)
    page = reverse("datasets:files", args=[org_slug])
    context = {
        "listing": listing,
        "files": (shown := listing.page(files)),
        "is_moving": any_moving(shown),
        "folder": folder,
        "folders": folder_entries(organisation, folder, page),
        "datasets": Dataset.objects.filter(organisation=organisation).order_by("title")[:200],
        "folder_form": FolderForm(auto_id="folder_%s"),
    }
    return render(request, "datasets/_files.html" if request.htmx else "datasets/files.html", context)


@require_POST
def upload_view(request: OrganisationRequest, org_slug: str) -> JsonResponse:
    """One picture, video, or part of an upload (`?kind=`), into `?folder=` or none; see `receive_upload`."""
    organisation_for(request, org_slug, MANAGE_DATA)
    return receive_upload(request, folder=folder_for(request, request.GET.get("folder", "")))


@require_POST
def finish_view(request: OrganisationRequest, org_slug: str) -> JsonResponse:
    """All parts of an upload have arrived; see `finish_parts`."""
    organisation_for(request, org_slug, MANAGE_DATA)
    return finish_parts(request, folder=folder_for(request, request.GET.get("folder", "")))


@require_POST
def add_to_dataset_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """Put the selected files into a dataset."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    wanted = [value for value in request.POST.getlist("file") if _is_uuid(value)]
    if not _is_uuid(request.POST.get("dataset", "")) or not wanted:
        messages.error(request, "Select files, then choose the dataset they go into.")
        return redirect("datasets:files", org_slug)
    dataset = dataset_for(request, org_slug, UUID(request.POST["dataset"]))
    files = File.objects.filter(organisation=organisation, uuid__in=wanted[:1_000]).order_by("title", "pk")
    added = add_files(dataset=dataset, actor=request.user, files=list(files))
    there = len(files) - len(added)
    text = f"{len(added)} added to “{dataset.title}”" + (f", {there} had been there." if there else ".")
    messages.success(request, text)
    return redirect("datasets:files", org_slug)


@require_GET
def file_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponse:
    """One file: its frames, what it is, where it is used; its region alone while ingest is busy."""
    file = managed_file_for(request, org_slug, file_id)
    context = {
        "file": file,
        "preview": preview_of(file, request.organisation),
        "datasets": file.datasets.order_by("title"),
        "form": FileTitleForm(initial={"title": file.title}),
    }
    return render(request, "datasets/_file.html" if request.htmx else "datasets/file.html", context)


@require_POST
def retry_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponse:
    """Try the ingest of a file again that failed."""
    file = managed_file_for(request, org_slug, file_id)
    if file.job is not None and not file.is_ready and retry_job(job=file.job, actor=request.user):
        messages.success(request, f"“{file.title}” is in line again.")
    return redirect("datasets:file", org_slug, file.uuid)


@require_POST
def rename_file_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponse:
    """Another title."""
    file = managed_file_for(request, org_slug, file_id)
    form = FileTitleForm(request.POST)
    if form.is_valid():
        rename_file(file=file, actor=request.user, title=form.cleaned_data["title"])
        messages.success(request, "Renamed.")
    else:
        messages.error(request, "A file needs a title of up to 300 characters.")
    return redirect("datasets:file", org_slug, file.uuid)


@require_POST
def delete_file_view(request: OrganisationRequest, org_slug: str, file_id: UUID) -> HttpResponse:
    """Delete a file for good, unless something uses it."""
    file = managed_file_for(request, org_slug, file_id)
    try:
        delete_file(file=file, actor=request.user)
    except InUse as reason:
        messages.error(request, str(reason))
        return redirect("datasets:file", org_slug, file_id)
    messages.success(request, f"“{file.title}” is deleted.")
    return redirect("datasets:files", org_slug)


@require_POST
def new_folder_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """Make a folder and open it."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    form = FolderForm(request.POST, auto_id="folder_%s")
    if form.is_valid():
        try:
            folder = create_folder(organisation=organisation, actor=request.user, **form.cleaned_data)
        except NameTaken as reason:
            form.add_error("name", str(reason))
        else:
            return redirect(f"{reverse('datasets:files', args=[org_slug])}?folder={folder.uuid}")
    if request.htmx:
        return render(request, "datasets/_folder_form.html", {"folder_form": form}, status=422)
    messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect("datasets:files", org_slug)


@require_POST
def delete_folder_view(request: OrganisationRequest, org_slug: str, folder_id: UUID) -> HttpResponse:
    """Delete an empty folder."""
    organisation_for(request, org_slug, MANAGE_DATA)
    folder = folder_for(request, str(folder_id))
    assert folder is not None
    try:
        delete_folder(folder=folder, actor=request.user)
    except InUse as reason:
        messages.error(request, str(reason))
        return redirect(f"{reverse('datasets:files', args=[org_slug])}?folder={folder_id}")
    messages.success(request, f"The folder “{folder.name}” is deleted.")
    return redirect("datasets:files", org_slug)


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
