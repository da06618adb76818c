"""The verbs of files, folders and datasets."""

import uuid
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.audit import record
from accounts.events import announce
from accounts.models import Organisation, Tag, User
from datasets.events import DataAdded, DataRemoved
from datasets.models import Dataset, DatasetFile, File, FileKind, FileState, Folder
from datasets.pictures import MAX_BYTES, BadPicture, Picture, read_picture
from datasets.storage import Keys, folder_of, remove_folder, remove_stored, store_picture

__all__ = ["BadPicture", "InUse", "NameTaken", "upload_image"]


class InUse(Exception):
    """Something else needs the object; the message says what, and what to do first."""


class NameTaken(Exception):
    """Another object of the organisation has this name."""


# ---------------------------------------------------------------- files
def upload_image(
    *,
    organisation: Organisation,
    actor: User | None,
    title: str,
    content: bytes | BinaryIO,
    folder: Folder | None = None,
    dataset: Dataset | None = None,
) -> File:
    """Check, decode, store and list one picture, and put it into a dataset. Raises BadPicture with a sentence.

    The same picture under the same title in the same folder is the same file: an upload that is repeated because
    its answer was lost makes nothing new. Decoding happens before the transaction, which stays short.
    """
    raw = content if isinstance(content, bytes) else content.read(MAX_BYTES + 1)
    picture = read_picture(raw)
    name = clean_title(title)
    file = _same_file(organisation, name, folder, picture.sha256)
    if file is None:
        identifier = uuid.uuid4()
        keys = store_picture(organisation.uuid, identifier, raw, picture)
        try:
            file = _list_file(organisation, actor, identifier, name, folder, picture, keys)
        except Exception:
            remove_stored(keys.original, keys.display, keys.thumbnail)
            raise
    if dataset is not None:
        add_files(dataset=dataset, actor=actor, files=[file])
    return file


def clean_title(name: str) -> str:
    """The title of a file from the name a browser sent: the last part of its path, no control characters."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    printable = "".join(letter for letter in last if letter.isprintable()).strip()
    return printable[:300] or "unnamed"


def _same_file(organisation: Organisation, title: str, folder: Folder | None, sha256: str) -> File | None:
    return File.objects.filter(
        organisation=organisation, title=title, folder=folder, sha256=sha256, kind=FileKind.IMAGE
    ).first()


@transaction.atomic
def _list_file(
    organisation: Organisation,
    actor: User | None,
    identifier: uuid.UUID,
    title: str,
    folder: Folder | None,
    picture: Picture,
    keys: Keys,
) -> File:
    file = File.objects.create(
        uuid=identifier,
        organisation=organisation,
        folder=folder,
        title=title,
        kind=FileKind.IMAGE,
        width=picture.width,
        height=picture.height,
        bytes=picture.size_bytes,
        sha256=picture.sha256,
        original_key=keys.original,
        display_key=keys.display,
        display_type=picture.display_type,
        thumbnail_key=keys.thumbnail,
        created_by=actor,
    )
    record(
        organisation=organisation,
        actor=actor,
        action="upload file",
        target=file,
        after={"width": picture.width, "height": picture.height, "sha256": picture.sha256},
    )
    return file


@transaction.atomic
def rename_file(*, file: File, actor: User, title: str) -> File:
    """Give a file another title; labels and tasks keep pointing to it."""
    before, file.title = file.title, clean_title(title)
    file.save(update_fields=["title"])
    record(
        organisation=file.organisation,
        actor=actor,
        action="rename file",
        target=file,
        before={"title": before},
        after={"title": file.title},
    )
    return file


def delete_file(*, file: File, actor: User) -> None:
    """Delete a file that nothing uses, with its pixels. Raises InUse."""
    datasets = list(file.datasets.order_by("title").values_list("title", flat=True)[:4])
    if datasets:
        named = ", ".join(f"“{title}”" for title in datasets[:3]) + (" and more" if len(datasets) > 3 else "")
        raise InUse(f"“{file.title}” is in the dataset {named}. Remove it there first.")
    keys = [file.original_key, file.display_key, file.thumbnail_key]
    keys += file.sources.values_list("key", flat=True)
    folder = folder_of(file.organisation.uuid, file.uuid)
    try:
        with transaction.atomic():
            record(organisation=file.organisation, actor=actor, action="delete file", target=file)
            if file.job is not None and not file.is_ready:
                file.job.delete()  # a worker that is busy with it loses its row, and cleans up
            file.delete()
            transaction.on_commit(lambda: remove_stored(*keys), robust=True)
            transaction.on_commit(lambda: remove_folder(folder), robust=True)
    except ProtectedError:
        raise InUse(
            f"“{file.title}” has tasks or gold labels in a project, so it cannot be deleted."
        ) from None


# ---------------------------------------------------------------- folders
def create_folder(*, organisation: Organisation, actor: User, name: str, description: str = "") -> Folder:
    """Make a folder. Raises NameTaken."""
    try:
        with transaction.atomic():
            folder = Folder.objects.create(
                organisation=organisation, name=name.strip()[:120], description=description.strip()[:300]
            )
            record(organisation=organisation, actor=actor, action="create folder", target=folder)
    except IntegrityError:
        raise NameTaken(f"There is a folder “{name.strip()}” already.") from None
    return folder


def delete_folder(*, folder: Folder, actor: User) -> None:
    """Delete an empty folder. Raises InUse."""
    try:
        with transaction.atomic():
            record(organisation=folder.organisation, actor=actor, action="delete folder", target=folder)
            folder.delete()
    except ProtectedError:
        raise InUse(f"“{folder.name}” still holds files. Delete them first.") from None


# ---------------------------------------------------------------- datasets
@transaction.atomic
def create_dataset(
    *,
    organisation: Organisation,
    actor: User | None,
    title: str,
    description: str = "",
    tags: Iterable[Tag] = (),
    files: Sequence[File] = (),
) -> Dataset:
    """Make a dataset, with files at once if there are any."""
    dataset = Dataset.objects.create(
        organisation=organisation,
        title=title.strip()[:120],
        description=description.strip(),
        created_by=actor,
    )
    dataset.tags.set([tag for tag in tags if tag.organisation_id == organisation.pk])
    record(
        organisation=organisation,
        actor=actor,
        action="create dataset",
        target=dataset,
        after={"title": title},
    )
    if files:
        add_files(dataset=dataset, actor=actor, files=files)
    return dataset


@transaction.atomic
def edit_dataset(
    *, dataset: Dataset, actor: User, title: str, description: str, tags: Iterable[Tag]
) -> Dataset:
    """Change title, description and tags."""
    before = {"title": dataset.title, "description": dataset.description}
    dataset.title, dataset.description = title.strip()[:120], description.strip()
    dataset.save(update_fields=["title", "description"])
    dataset.tags.set([tag for tag in tags if tag.organisation_id == dataset.organisation_id])
    record(
        organisation=dataset.organisation,
        actor=actor,
        action="edit dataset",
        target=dataset,
        before=before,
        after={"title": dataset.title, "description": dataset.description},
    )
    return dataset


@transaction.atomic
def add_files(*, dataset: Dataset, actor: User | None, files: Sequence[File]) -> list[File]:
    """Put files of the same organisation into a dataset; returns those that were not in it yet.

    Projects that have the dataset attached get tasks for them in the same transaction, or for a file that ingest is
    still busy with when it is ready: its row is locked here, so that it cannot become ready in between unseen.
    """
    ready = set(
        File.objects.select_for_update(no_key=True)
        .filter(pk__in=[file.pk for file in files], state=FileState.READY)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    there = set(
        DatasetFile.objects.filter(dataset=dataset, file__in=[file.pk for file in files]).values_list(
            "file_id", flat=True
        )
    )
    new = [
        file
        for file in dict.fromkeys(files)
        if file.pk not in there
        and file.organisation_id == dataset.organisation_id
        and file.state != FileState.UPLOADING  # it may never become a file, and is cleared away then
    ]
    if not new:
        return []
    DatasetFile.objects.bulk_create(
        [DatasetFile(dataset=dataset, file=file) for file in new], ignore_conflicts=True
    )
    if announced := tuple(file for file in new if file.pk in ready):
        announce(DataAdded(dataset=dataset, files=announced, actor=actor))
    record(
        organisation=dataset.organisation,
        actor=actor,
        action="add files to dataset",
        target=dataset,
        after={"files": [str(file.uuid) for file in new[:100]], "count": len(new)},
    )
    return new


@transaction.atomic
def remove_file_from_dataset(*, dataset: Dataset, actor: User, file: File) -> None:
    """Take a file out of a dataset; the file itself stays. Raises InUse when a project cannot let it go."""
    announce(DataRemoved(dataset=dataset, files=(file,), actor=actor))
    DatasetFile.objects.filter(dataset=dataset, file=file).delete()
    record(
        organisation=dataset.organisation,
        actor=actor,
        action="remove file from dataset",
        target=dataset,
        before={"file": str(file.uuid), "title": file.title},
    )


def delete_dataset(*, dataset: Dataset, actor: User) -> None:
    """Delete a dataset that no project has attached; its files stay. Raises InUse."""
    try:
        with transaction.atomic():
            record(organisation=dataset.organisation, actor=actor, action="delete dataset", target=dataset)
            dataset.delete()
    except ProtectedError as error:
        count = len(error.protected_objects)
        projects = "one project" if count == 1 else f"{count} projects"
        raise InUse(f"“{dataset.title}” is attached to {projects}. Detach it there first.") from None
