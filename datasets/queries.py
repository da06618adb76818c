"""Read models of the pages of data."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet

from accounts.models import Organisation
from datasets.models import Dataset, DatasetFile, File, Folder

PREVIEWS = 4


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
    return File.objects.filter(entries__dataset=dataset)


def files_of(organisation: Organisation) -> QuerySet[File]:
    """All files of the organisation with folder, uploader and the number of datasets (`dataset_count`)."""
    return (
        File.objects.filter(organisation=organisation)
        .select_related("folder", "created_by")
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
