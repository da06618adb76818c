"""Read models of the pages of data."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.listing import Choice, Filter, Listing
from accounts.models import Organisation
from datasets.models import Dataset, DatasetFile, File, FileKind, FileState, Folder
from jobs.models import RowState

PREVIEWS = 4
DOTS = {
    FileState.UPLOADING: "queued",
    FileState.PROCESSING: "review",
    FileState.READY: "completed",
    FileState.FAILED: "returned",
}
FILE_FILTERS = (
    Filter("kind", "Kind", [Choice(kind.value, str(kind.label)) for kind in FileKind], icon="category"),
    Filter(
        "state",
        "State",
        [Choice(state.value, str(state.label), dot=DOTS[state]) for state in FileState],
        icon="loader",
    ),
)
_JOB_FAILED = Q(state=FileState.PROCESSING, job__state=RowState.FAILED)
_IN_STATE = {
    FileState.UPLOADING: Q(state=FileState.UPLOADING),
    FileState.PROCESSING: Q(state=FileState.PROCESSING) & ~Q(job__state=RowState.FAILED),
    FileState.READY: Q(state=FileState.READY),
    FileState.FAILED: _JOB_FAILED,
}


def found_files(files: QuerySet[File], listing: Listing) -> QuerySet[File]:
    """The files that the URL asks for by name, kind and state."""
    if listing.query:
        files = files.filter(title__icontains=listing.query)
    if kinds := listing.chosen("kind"):
        files = files.filter(kind__in=kinds)
    if states := listing.chosen("state"):
        wanted = Q()
        for state in states:
            wanted |= _IN_STATE[FileState(state)]
        files = files.filter(wanted)
    return files


def any_moving(files: Iterable[File]) -> bool:
    """Whether ingest is busy with one of them, so that the page should look again soon."""
    return any(file.shown_state == FileState.PROCESSING for file in files)


def datasets_of(organisation: Organisation) -> QuerySet[Dataset]:
    """Datasets with `file_count`, tags and the first files (`previews`), in three queries however many there are."""
    first = DatasetFile.objects.select_related("file").order_by("id")[:PREVIEWS]
    return (
        Dataset.objects.filter(organisation=organisation)
        .annotate(file_count=Count("entries"))
        .prefetch_related("tags", Prefetch("entries", queryset=first, to_attr="previews"))
    )


def files_of_dataset(dataset: Dataset) -> QuerySet[File]:
    """The files of a dataset; `entries__id` is the order of adding."""
    return File.objects.filter(entries__dataset=dataset).select_related("job")


def files_of(organisation: Organisation) -> QuerySet[File]:
    """All files of the organisation with folder, uploader and the number of datasets (`dataset_count`)."""
    return (
        File.objects.filter(organisation=organisation)
        .select_related("folder", "created_by", "job")
        .annotate(dataset_count=Count("entries"))
    )


@dataclass(frozen=True)
class FolderEntry:
    """A folder in the side list of the Files page; None stands for all files."""

    folder: Folder | None
    label: str
    count: int
    current: bool
    url: str


def folder_entries(organisation: Organisation, current: Folder | None, url: str) -> list[FolderEntry]:
    """All files, then every folder by name, with their numbers of files."""
    everything = FolderEntry(
        None, "All files", File.objects.filter(organisation=organisation).count(), current is None, url
    )
    folders = Folder.objects.filter(organisation=organisation).annotate(file_count=Count("files"))
    return [everything] + [
        FolderEntry(folder, folder.name, folder.file_count, folder == current, f"{url}?folder={folder.uuid}")
        for folder in folders.order_by("name")
    ]
