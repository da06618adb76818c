"""Pages of datasets: the list, one dataset with its files, making, editing and deleting."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OrganisationRequest, organisation_for
from accounts.listing import Choice, Filter, Listing
from datasets.access import MANAGE_DATA, dataset_for
from datasets.forms import DatasetForm
from datasets.models import Dataset
from datasets.operations import (
    InUse,
    create_dataset,
    delete_dataset,
    edit_dataset,
    remove_file_from_dataset,
)
from datasets.queries import FILE_FILTERS, any_moving, datasets_of, files_of_dataset, found_files
from datasets.views.uploading import finish_parts, receive_upload

SORTS = {
    "title": ["title", "pk"],
    "files": ["file_count", "pk"],
    "created": ["created_at", "pk"],
}
FILE_SORTS = {"added": ["entries__id"], "title": ["title", "pk"]}
GRID_SIZE = 48


@require_GET
def dataset_list_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """All datasets of the organisation."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    tags = [Choice(str(tag.uuid), tag.name) for tag in organisation.tags.order_by("name")]
    listing = Listing(
        request.GET,
        sorts=SORTS,
        default_sort="-created",
        filters=[Filter("tag", "Tags", tags, icon="tag")] if tags else [],
        search_placeholder="Search datasets",
    )
    datasets = datasets_of(organisation)
    if listing.query:
        datasets = datasets.filter(title__icontains=listing.query)
    for tag in listing.chosen("tag") if tags else []:  # a dataset needs all of them
        datasets = datasets.filter(
            pk__in=Dataset.tags.through.objects.filter(tag__uuid=tag).values("dataset")
        )
    context = {"listing": listing, "datasets": listing.page(datasets)}
    return render(request, "datasets/_list.html" if request.htmx else "datasets/list.html", context)


@require_http_methods(["GET", "POST"])
def new_dataset_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """The form for a new dataset; its page then takes the files."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    form = DatasetForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        dataset = create_dataset(organisation=organisation, actor=request.user, **form.cleaned_data)
        messages.success(request, f"“{dataset.title}” is made. Drop its files here.")
        return redirect("datasets:dataset", org_slug, dataset.uuid)
    context = {"form": form, "dataset": None}
    return render(request, "datasets/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit_dataset_view(request: OrganisationRequest, org_slug: str, dataset_id: UUID) -> HttpResponse:
    """Title, description and tags of a dataset."""
    dataset = dataset_for(request, org_slug, dataset_id)
    form = DatasetForm(
        request.POST or None, organisation=request.organisation, initial=DatasetForm.initial_of(dataset)
    )
    if request.method == "POST" and form.is_valid():
        given = {"tags": []} | form.cleaned_data
        edit_dataset(dataset=dataset, actor=request.user, **given)
        messages.success(request, "Saved.")
        return redirect("datasets:dataset", org_slug, dataset.uuid)
    context = {"form": form, "dataset": dataset}
    return render(request, "datasets/form.html", context, status=422 if form.errors else 200)


@require_GET
def dataset_view(request: OrganisationRequest, org_slug: str, dataset_id: UUID) -> HttpResponse:
    """The files of a dataset as a grid, and the place to drop more."""
    dataset = dataset_for(request, org_slug, dataset_id)
    listing = Listing(
        request.GET,
        sorts=FILE_SORTS,
        default_sort="-added",
        filters=FILE_FILTERS,
        per_page=GRID_SIZE,
        search_placeholder="Search files",
    )
    files = found_files(files_of_dataset(dataset), listing)
    orders = [("-added", "Newest"), ("added", "Order of tasks"), ("title", "Name")]
    context = {
        "listing": listing,
        "files": (page := listing.page(files)),
        "is_moving": any_moving(page),
        "dataset": dataset,
        "orders": [(word, listing.link(sort=key), listing.sort == key) for key, word in orders],
    }
    return render(request, "datasets/_grid.html" if request.htmx else "datasets/dataset.html", context)


@require_POST
def upload_to_dataset_view(request: OrganisationRequest, org_slug: str, dataset_id: UUID) -> JsonResponse:
    """One picture, video, or part of an upload (`?kind=`); see `receive_upload`."""
    dataset = dataset_for(request, org_slug, dataset_id)
    return receive_upload(request, dataset=dataset)


@require_POST
def finish_in_dataset_view(request: OrganisationRequest, org_slug: str, dataset_id: UUID) -> JsonResponse:
    """All parts of an upload have arrived; see `finish_parts`."""
    dataset = dataset_for(request, org_slug, dataset_id)
    return finish_parts(request, dataset=dataset)


@require_POST
def remove_view(request: OrganisationRequest, org_slug: str, dataset_id: UUID, file_id: UUID) -> HttpResponse:
    """Take one file out of the dataset."""
    dataset = dataset_for(request, org_slug, dataset_id)
    file = dataset.files.filter(uuid=file_id).first()
    if file is None:
        raise Http404
    try:
        remove_file_from_dataset(dataset=dataset, actor=request.user, file=file)
        messages.success(request, f"“{file.title}” is no longer in this dataset.")
    except InUse as reason:
        messages.error(request, str(reason))
    return redirect("datasets:dataset", org_slug, dataset.uuid)


@require_POST
def delete_dataset_view(request: OrganisationRequest, org_slug: str, dataset_id: UUID) -> HttpResponse:
    """Delete the dataset, unless a project has it attached; its files stay."""
    dataset = dataset_for(request, org_slug, dataset_id)
    try:
        delete_dataset(dataset=dataset, actor=request.user)
    except InUse as reason:
        messages.error(request, str(reason))
        return redirect("datasets:dataset", org_slug, dataset_id)
    messages.success(request, f"“{dataset.title}” is deleted; its files are still under Files.")
    return redirect("datasets:list", org_slug)
