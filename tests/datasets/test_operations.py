"""Files, folders and datasets: what the verbs write and refuse."""

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError

from accounts.events import _handlers, listen
from accounts.models import AuditEvent, Organisation
from datasets.events import DataAdded, DataRemoved
from datasets.models import DatasetFile, File, Folder
from datasets.operations import (
    BadPicture,
    InUse,
    NameTaken,
    add_files,
    clean_title,
    create_dataset,
    create_folder,
    delete_dataset,
    delete_file,
    delete_folder,
    edit_dataset,
    remove_file_from_dataset,
    rename_file,
    upload_image,
)
from tests.factories import (
    DatasetFactory,
    FileFactory,
    OrganisationFactory,
    ProjectFactory,
    TagFactory,
    TaskFactory,
    UserFactory,
    picture_bytes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def actor():
    return UserFactory()


@pytest.fixture
def announced():
    """Every DataAdded and DataRemoved of the test, in order."""
    seen = []
    for event in (DataAdded, DataRemoved):
        listen(event, seen.append)
    yield seen
    for event in (DataAdded, DataRemoved):
        _handlers[event].remove(seen.append)


def upload(organisation, actor, **more) -> File:
    given = {"title": "smear.jpg", "content": picture_bytes()} | more
    return upload_image(organisation=organisation, actor=actor, **given)


class TestUploading:
    def test_a_picture_is_stored_under_names_of_our_making(self, organisation, actor):
        file = upload(organisation, actor, title="../../etc/passwd\x00.jpg")
        assert file.title == "passwd.jpg"
        for key in (file.original_key, file.display_key, file.thumbnail_key):
            assert str(file.uuid) in key
            assert "passwd" not in key
            assert default_storage.exists(key)
        assert (file.width, file.height) == (64, 48)
        assert AuditEvent.objects.get().action == "upload file"

    def test_a_stream_is_as_good_as_bytes(self, organisation, actor):
        assert upload(organisation, actor, content=io.BytesIO(picture_bytes())).width == 64

    def test_a_repeated_upload_makes_nothing_new(self, organisation, actor):
        dataset = DatasetFactory(organisation=organisation)
        first = upload(organisation, actor, dataset=dataset)
        assert upload(organisation, actor, dataset=dataset) == first
        assert (File.objects.count(), DatasetFile.objects.count()) == (1, 1)

    def test_another_picture_of_the_same_name_is_another_file(self, organisation, actor):
        assert upload(organisation, actor) != upload(organisation, actor, content=picture_bytes(seed=7))

    def test_the_same_picture_in_another_organisation_is_another_file(self, organisation, actor):
        assert upload(organisation, actor) != upload(OrganisationFactory(), actor)

    def test_a_refused_file_leaves_nothing_behind(self, organisation, actor):
        with pytest.raises(BadPicture):
            upload(organisation, actor, content=b"<svg/>")
        assert File.objects.count() == 0

    @pytest.mark.django_db(transaction=True)
    def test_pixels_are_removed_again_when_the_row_cannot_be_written(self, organisation, actor):
        folder = Path(default_storage.path(f"organisations/{organisation.uuid}"))
        Organisation.objects.filter(pk=organisation.pk).delete()
        with pytest.raises(IntegrityError):
            upload(organisation, actor)
        assert folder.is_dir()  # it came to writing
        assert not [path for path in folder.rglob("*") if path.is_file()]

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("C:\\photos\\a.jpg", "a.jpg"),
            ("a\nb.jpg", "ab.jpg"),
            ("  ", "unnamed"),
            ("x" * 400, "x" * 300),
            ("<img src=x>.png", "<img src=x>.png"),  # shown as text, escaped by the templates
        ],
    )
    def test_titles_are_the_last_part_of_the_name(self, sent, kept):
        assert clean_title(sent) == kept


class TestDatasets:
    def test_new_files_are_announced_once_in_their_order(self, organisation, actor, announced):
        files = FileFactory.create_batch(3, organisation=organisation)
        dataset = create_dataset(organisation=organisation, actor=actor, title=" Smears ", files=files[:1])
        assert dataset.title == "Smears"
        assert add_files(dataset=dataset, actor=actor, files=[files[2], files[0], files[1], files[2]]) == [
            files[2],
            files[1],
        ]
        assert [event.files for event in announced] == [(files[0],), (files[2], files[1])]
        assert [entry.file for entry in dataset.entries.all()] == [files[0], files[2], files[1]]

    def test_a_foreign_file_or_tag_is_not_taken_in(self, organisation, actor, announced):
        dataset = create_dataset(
            organisation=organisation, actor=actor, title="Smears", tags=[TagFactory()], files=[FileFactory()]
        )
        assert (dataset.files.count(), dataset.tags.count(), announced) == (0, 0, [])

    def test_editing_keeps_what_it_was_in_the_audit_trail(self, organisation, actor):
        dataset = DatasetFactory(organisation=organisation, title="Old")
        tag = TagFactory(organisation=organisation)
        edit_dataset(dataset=dataset, actor=actor, title="New", description="x", tags=[tag])
        event = AuditEvent.objects.get()
        assert (event.before["title"], event.after["title"], dataset.tags.get()) == ("Old", "New", tag)

    def test_a_file_leaves_a_dataset_and_stays(self, organisation, actor, announced):
        dataset = DatasetFactory(organisation=organisation, files=2)
        gone, stays = dataset.files.order_by("id")
        remove_file_from_dataset(dataset=dataset, actor=actor, file=gone)
        assert list(dataset.files.all()) == [stays]
        assert File.objects.filter(pk=gone.pk).exists()
        assert announced == [DataRemoved(dataset=dataset, files=(gone,), actor=actor)]

    def test_a_project_that_cannot_let_a_file_go_keeps_it_in_the_dataset(self, organisation, actor):
        def refuse(event):
            raise InUse("Two projects label this file.")

        listen(DataRemoved, refuse)
        try:
            dataset = DatasetFactory(organisation=organisation, files=1)
            with pytest.raises(InUse):
                remove_file_from_dataset(dataset=dataset, actor=actor, file=dataset.files.get())
        finally:
            _handlers[DataRemoved].remove(refuse)
        assert dataset.files.count() == 1

    def test_an_attached_dataset_cannot_be_deleted(self, organisation, actor):
        dataset = DatasetFactory(organisation=organisation)
        ProjectFactory(organisation=organisation, datasets=[dataset])
        with pytest.raises(InUse, match="one project"):
            delete_dataset(dataset=dataset, actor=actor)
        assert not AuditEvent.objects.exists()

    def test_deleting_a_dataset_leaves_its_files(self, organisation, actor):
        dataset = DatasetFactory(organisation=organisation, files=2)
        delete_dataset(dataset=dataset, actor=actor)
        assert File.objects.count() == 2


class TestFilesAndFolders:
    def test_a_file_in_a_dataset_cannot_be_deleted(self, organisation, actor):
        dataset = DatasetFactory(organisation=organisation, title="Smears", files=1)
        with pytest.raises(InUse, match="“Smears”"):
            delete_file(file=dataset.files.get(), actor=actor)

    def test_a_file_with_a_task_cannot_be_deleted(self, actor):
        with pytest.raises(InUse, match="project"):
            delete_file(file=TaskFactory().file, actor=actor)
        assert not AuditEvent.objects.exists()

    def test_a_deleted_file_takes_its_pixels_along(
        self, organisation, actor, django_capture_on_commit_callbacks
    ):
        file = upload(organisation, actor)
        with django_capture_on_commit_callbacks(execute=True):
            delete_file(file=file, actor=actor)
        assert not default_storage.exists(file.display_key)
        assert File.objects.count() == 0

    def test_renaming_keeps_the_old_title_in_the_audit_trail(self, organisation, actor):
        file = FileFactory(organisation=organisation, title="old.jpg")
        rename_file(file=file, actor=actor, title="new.jpg")
        assert AuditEvent.objects.get().before == {"title": "old.jpg"}

    def test_folder_names_are_unique_in_an_organisation_without_regard_to_case(self, organisation, actor):
        create_folder(organisation=organisation, actor=actor, name="Blood")
        create_folder(organisation=OrganisationFactory(), actor=actor, name="Blood")
        with pytest.raises(NameTaken, match="“blood”"):
            create_folder(organisation=organisation, actor=actor, name="blood ")

    def test_a_folder_with_files_cannot_be_deleted(self, organisation, actor):
        folder = create_folder(organisation=organisation, actor=actor, name="Blood")
        file = upload(organisation, actor, folder=folder)
        with pytest.raises(InUse):
            delete_folder(folder=folder, actor=actor)
        delete_file(file=file, actor=actor)
        delete_folder(folder=folder, actor=actor)
        assert not Folder.objects.exists()
