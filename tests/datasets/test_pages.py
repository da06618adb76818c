"""Pages of datasets, files and folders."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from datasets.models import Dataset, File, Folder
from tests.factories import (
    DatasetFactory,
    FileFactory,
    FolderFactory,
    FramesFactory,
    JobFactory,
    ProjectFactory,
    TagFactory,
    picture_bytes,
)
from tests.flat_queries import assert_flat_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def address(name: str, organisation, *ids) -> str:
    return reverse(f"datasets:{name}", args=[organisation.slug, *ids])


def picture(name: str = "smear.jpg", content: bytes | None = None, content_type: str = "image/jpeg"):
    return SimpleUploadedFile(name, picture_bytes() if content is None else content, content_type)


class TestWhoMayCome:
    @pytest.mark.parametrize("name", ["list", "new", "files"])
    def test_a_plain_member_may_not_and_a_stranger_sees_nothing(self, client, people, name):
        page = address(name, people.organisation)
        client.force_login(people.member)
        assert client.get(page).status_code == 403
        client.force_login(DatasetFactory().organisation.memberships.create(user=people.creator).user)
        foreign = DatasetFactory().organisation
        assert client.get(address(name, foreign)).status_code == 404

    def test_a_foreign_dataset_and_an_absent_one_answer_the_same(self, as_creator, organisation):
        foreign, gone = DatasetFactory(), DatasetFactory(organisation=organisation)
        Dataset.objects.filter(pk=gone.pk).delete()
        answers = [as_creator.get(address("dataset", organisation, one.uuid)) for one in (foreign, gone)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content

    @pytest.mark.parametrize("name", ["upload_to_dataset", "delete"])
    def test_a_foreign_dataset_cannot_be_changed(self, as_creator, organisation, name):
        foreign = DatasetFactory()
        assert as_creator.post(address(name, organisation, foreign.uuid)).status_code == 404

    def test_a_foreign_folder_cannot_be_uploaded_to(self, as_creator, organisation):
        foreign = FolderFactory()
        answer = as_creator.post(
            address("upload", organisation) + f"?folder={foreign.uuid}", {"file": picture()}
        )
        assert answer.status_code == 404


class TestList:
    def test_it_shows_counts_tags_and_first_pictures(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation, title="Blood smears", files=6)
        dataset.tags.add(TagFactory(organisation=organisation, name="hematology"))
        DatasetFactory(title="Of strangers")
        answer = as_creator.get(address("list", organisation))
        assertContains(answer, "Blood smears")
        assertContains(answer, "hematology")
        assertContains(answer, "/thumbnail/", count=4)
        assertNotContains(answer, "Of strangers")

    def test_search_tags_and_empty_answers(self, as_creator, organisation):
        page = address("list", organisation)
        assertContains(as_creator.get(page), "No datasets yet")
        one, two = DatasetFactory.create_batch(2, organisation=organisation)
        red, blue = TagFactory.create_batch(2, organisation=organisation)
        one.tags.set([red, blue])
        two.tags.set([red])
        found = as_creator.get(page, {"tag": [str(red.uuid), str(blue.uuid)]})
        assertContains(found, one.title)
        assertNotContains(found, two.title)
        assertContains(as_creator.get(page, {"q": "nowhere"}), "No datasets match")

    def test_sorting_by_files(self, as_creator, organisation):
        few = DatasetFactory(organisation=organisation, files=1)
        many = DatasetFactory(organisation=organisation, files=3)
        answer = as_creator.get(address("list", organisation), {"sort": "-files"})
        assert answer.context["datasets"] == [many, few]

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, as_creator, organisation):
        def make(count: int) -> None:
            for _ in range(count):
                tag = TagFactory(organisation=organisation)
                DatasetFactory(organisation=organisation, files=2).tags.add(tag)

        assert_flat_queries(as_creator, address("list", organisation), make)

    def test_the_fragment_is_the_region_of_the_page(self, as_creator, organisation):
        DatasetFactory(organisation=organisation, files=1)
        page = as_creator.get(address("list", organisation)).content.decode()
        fragment = as_creator.get(address("list", organisation), headers=HTMX).content.decode()
        assert fragment[fragment.index("<section") :].strip() in page


class TestMakingAndEditing:
    def test_a_new_dataset_leads_to_its_page(self, as_creator, organisation):
        tag = TagFactory(organisation=organisation)
        answer = as_creator.post(
            address("new", organisation), {"title": "Smears", "description": "From the lab", "tags": [tag.pk]}
        )
        dataset = Dataset.objects.get()
        assertRedirects(answer, address("dataset", organisation, dataset.uuid))
        assert (dataset.title, dataset.tags.get()) == ("Smears", tag)

    def test_what_was_typed_stays_when_the_title_is_missing(self, as_creator, organisation):
        answer = as_creator.post(address("new", organisation), {"title": " ", "description": "From the lab"})
        assertContains(answer, "From the lab", status_code=422)

    def test_a_foreign_tag_is_no_choice(self, as_creator, organisation):
        TagFactory(organisation=organisation)
        answer = as_creator.post(address("new", organisation), {"title": "x", "tags": [TagFactory().pk]})
        assert answer.status_code == 422

    def test_editing(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation)
        page = address("edit", organisation, dataset.uuid)
        assertContains(as_creator.get(page), dataset.title)
        as_creator.post(page, {"title": "New title", "description": ""})
        dataset.refresh_from_db()
        assert dataset.title == "New title"

    def test_an_attached_dataset_says_why_it_stays(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation)
        ProjectFactory(organisation=organisation, datasets=[dataset])
        answer = as_creator.post(address("delete", organisation, dataset.uuid), follow=True)
        assertContains(answer, "is attached to one project")


class TestUploading:
    def test_one_picture_per_request_lands_in_the_dataset(self, as_creator, people, organisation):
        dataset = DatasetFactory(organisation=organisation)
        answer = as_creator.post(
            address("upload_to_dataset", organisation, dataset.uuid), {"file": picture("a b.jpg")}
        )
        assert answer.status_code == 201
        file = dataset.files.get()
        assert (answer.json()["file"], file.title, file.created_by) == (
            str(file.uuid),
            "a b.jpg",
            people.creator,
        )
        assertContains(as_creator.get(address("dataset", organisation, dataset.uuid)), "a b.jpg")

    def test_into_a_folder(self, as_creator, organisation):
        folder = FolderFactory(organisation=organisation)
        as_creator.post(address("upload", organisation) + f"?folder={folder.uuid}", {"file": picture()})
        assert File.objects.get().folder == folder

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("x.jpg", b"<svg onload=alert(1)>", "SVG"),
            ("x.jpg", b"", "empty"),
            ("x.jpg", picture_bytes()[:700], "damaged"),
            ("x.png", b"%PDF-1.4", "PDF"),
        ],
    )
    def test_a_wrong_file_is_refused_by_a_sentence(self, as_creator, organisation, name, content, said):
        answer = as_creator.post(address("upload", organisation), {"file": picture(name, content)})
        assert answer.status_code == 422
        assert said in answer.json()["message"]
        assert not File.objects.exists()

    def test_a_request_without_a_file_says_so(self, as_creator, organisation):
        assert "No file arrived" in as_creator.post(address("upload", organisation)).json()["message"]

    def test_a_hostile_name_is_shown_as_text(self, as_creator, organisation):
        as_creator.post(
            address("upload", organisation), {"file": picture("<img src=x onerror=alert(1)>.jpg")}
        )
        answer = as_creator.get(address("files", organisation))
        assertNotContains(answer, "<img src=x")
        assertContains(answer, "&lt;img src=x")

    def test_an_expired_session_is_told_in_json(self, client, organisation):
        answer = client.post(
            address("upload", organisation), {"file": picture()}, headers={"Accept": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "login")


class TestDatasetPage:
    def test_search_order_and_pages(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation)
        for number in range(50):
            dataset.entries.create(
                file=FileFactory(organisation=organisation, title=f"cell_{number:02d}.jpg")
            )
        page = address("dataset", organisation, dataset.uuid)
        newest = as_creator.get(page)
        assert newest.context["files"][0].title == "cell_49.jpg"
        assertContains(newest, "1–48 of 50 files")
        assert as_creator.get(page, {"sort": "added"}).context["files"][0].title == "cell_00.jpg"
        assert [file.title for file in as_creator.get(page, {"q": "_07"}).context["files"]] == ["cell_07.jpg"]

    def test_the_number_of_queries_does_not_grow(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation)

        def make(count: int) -> None:
            for file in FileFactory.create_batch(count, organisation=organisation):
                dataset.entries.create(file=file)

        assert_flat_queries(as_creator, address("dataset", organisation, dataset.uuid), make)

    def test_a_file_is_taken_out_and_stays_under_files(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation, files=1)
        file = dataset.files.get()
        as_creator.post(address("remove", organisation, dataset.uuid, file.uuid))
        assert dataset.files.count() == 0
        assertContains(as_creator.get(address("files", organisation)), file.title)

    def test_a_file_of_another_dataset_cannot_be_taken_out(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation, files=1)
        other = FileFactory(organisation=organisation)
        answer = as_creator.post(address("remove", organisation, dataset.uuid, other.uuid))
        assert answer.status_code == 404


class TestFilesPage:
    def test_folders_with_their_numbers_and_search(self, as_creator, organisation):
        folder = FolderFactory(organisation=organisation, name="Blood")
        FileFactory(organisation=organisation, folder=folder, title="in.jpg")
        FileFactory(organisation=organisation, title="out.jpg")
        page = address("files", organisation)
        everything = as_creator.get(page)
        assertContains(everything, "out.jpg")
        assert [(entry.label, entry.count) for entry in everything.context["folders"]] == [
            ("All files", 2),
            ("Blood", 1),
        ]
        inside = as_creator.get(page, {"folder": str(folder.uuid)})
        assertContains(inside, "in.jpg")
        assertNotContains(inside, "out.jpg")
        assertContains(as_creator.get(page, {"q": "zzz"}), "No files match")

    def test_the_number_of_queries_does_not_grow(self, as_creator, organisation):
        def make(count: int) -> None:
            for _ in range(count):
                FileFactory(organisation=organisation, folder=FolderFactory(organisation=organisation))

        assert_flat_queries(as_creator, address("files", organisation), make)

    def test_selected_files_go_into_a_dataset(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation, files=1)
        there, new = dataset.files.get(), FileFactory(organisation=organisation)
        given = {
            "file": [str(there.uuid), str(new.uuid), str(FileFactory().uuid)],
            "dataset": str(dataset.uuid),
        }
        answer = as_creator.post(address("add_to_dataset", organisation), given, follow=True)
        assertContains(answer, "1 added")
        assert set(dataset.files.all()) == {there, new}

    @pytest.mark.parametrize("given", [{}, {"dataset": "x", "file": "y"}, {"file": "x"}])
    def test_an_incomplete_selection_says_what_to_do(self, as_creator, organisation, given):
        answer = as_creator.post(address("add_to_dataset", organisation), given, follow=True)
        assertContains(answer, "Select files, then choose the dataset")

    def test_a_folder_is_made_and_opened(self, as_creator, organisation):
        answer = as_creator.post(address("new_folder", organisation), {"name": "Blood", "description": "x"})
        folder = Folder.objects.get()
        assertRedirects(answer, address("files", organisation) + f"?folder={folder.uuid}")

    def test_a_taken_folder_name_is_told_beside_the_field(self, as_creator, organisation):
        FolderFactory(organisation=organisation, name="Blood")
        answer = as_creator.post(address("new_folder", organisation), {"name": "blood"}, headers=HTMX)
        assertContains(answer, "There is a folder “blood” already.", status_code=422)

    def test_deleting_folders(self, as_creator, organisation):
        empty, full = FolderFactory.create_batch(2, organisation=organisation)
        FileFactory(organisation=organisation, folder=full)
        for folder in (empty, full):
            as_creator.post(address("delete_folder", organisation, folder.uuid))
        assert list(Folder.objects.all()) == [full]

    @pytest.mark.parametrize("folder", ["x", "00000000-0000-0000-0000-000000000000"])
    def test_an_unknown_folder_is_absent(self, as_creator, organisation, folder):
        assert as_creator.get(address("files", organisation), {"folder": folder}).status_code == 404


class TestOneFile:
    def test_its_page_says_what_it_is_and_where_it_is_used(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation, title="Smears", files=1)
        answer = as_creator.get(address("file", organisation, dataset.files.get().uuid))
        assertContains(answer, "64 × 48")
        assertContains(answer, "Smears")

    def test_renaming(self, as_creator, organisation):
        file = FileFactory(organisation=organisation)
        as_creator.post(address("rename_file", organisation, file.uuid), {"title": "b.jpg"})
        file.refresh_from_db()
        assert file.title == "b.jpg"

    def test_a_used_file_says_why_it_stays(self, as_creator, organisation):
        dataset = DatasetFactory(organisation=organisation, files=1)
        answer = as_creator.post(address("delete_file", organisation, dataset.files.get().uuid), follow=True)
        assertContains(answer, "Remove it there first.")

    def test_a_foreign_file_is_absent_for_every_verb(self, as_creator, organisation):
        foreign = FileFactory()
        assert as_creator.get(address("file", organisation, foreign.uuid)).status_code == 404
        for verb in ("rename_file", "delete_file"):
            assert as_creator.post(address(verb, organisation, foreign.uuid)).status_code == 404


def test_several_pictures_become_one_file_by_parts(as_creator, organisation, people):
    """The requests of the upload list: a part for each picture, then one request more."""
    dataset = DatasetFactory(organisation=organisation)
    names = [organisation.slug, dataset.uuid]
    batch = "11111111-1111-4111-8111-111111111111"
    upload = reverse("datasets:upload_to_dataset", args=names, query={"kind": "image_sequence"})
    for position in (0, 1):
        picture = SimpleUploadedFile(f"frame_{position}.jpg", picture_bytes(seed=position))
        answer = as_creator.post(upload, {"file": picture, "batch": batch, "position": position})
        assert answer.status_code == 201
    finish = reverse("datasets:finish_in_dataset", args=names)
    answer = as_creator.post(finish, {"batch": batch, "count": 2, "title": "Walk"})
    file = File.objects.get(uuid=answer.json()["file"])
    assert (file.title, file.kind, file.state) == ("Walk", "image_sequence", "processing")
    assert dataset.files.get() == file
    page = as_creator.get(reverse("datasets:dataset", args=names)).content.decode()
    assert "Processing" in page
    assert "every 2s" in page


@pytest.mark.parametrize(
    "body",
    [{}, {"batch": "x", "count": "1"}, {"batch": "11111111-1111-4111-8111-111111111111", "count": "-1"}],
)
def test_an_unknown_upload_cannot_be_ended(as_creator, organisation, body):
    answer = as_creator.post(reverse("datasets:finish", args=[organisation.slug]), body)
    assert answer.status_code == 422
    assert "Choose the files again" in answer.json()["message"]


def test_a_web_page_renamed_to_a_video_is_refused_at_once(as_creator, organisation):
    upload = reverse("datasets:upload", args=[organisation.slug], query={"kind": "video"})
    answer = as_creator.post(upload, {"file": SimpleUploadedFile("clip.mp4", b"<!DOCTYPE html><p>")})
    assert (answer.status_code, File.objects.count()) == (422, 0)
    assert "a web page" in answer.json()["message"]


class TestStates:
    @pytest.fixture
    def files(self, organisation):
        """A file in each state."""

        def job(**state):
            return JobFactory(organisation=organisation, kind="ingest_file", **state)

        made = {
            "uploading": {"state": "uploading", "ready_frames": 0},
            "processing": {"state": "processing", "job": job(), "ready_frames": 1},
            "failed": {
                "state": "processing",
                "job": job(state="failed", error="“clip.mp4” has no key frame."),
                "ready_frames": 0,
            },
            "ready": {},
        }
        return {
            state: FramesFactory(organisation=organisation, title=f"{state}.mp4", **fields)
            for state, fields in made.items()
        }

    @pytest.mark.parametrize("state", ["uploading", "processing", "failed", "ready"])
    def test_the_list_is_filtered_by_state(self, as_creator, organisation, files, state):
        page = as_creator.get(reverse("datasets:files", args=[organisation.slug], query={"state": state}))
        assert [file.title for file in page.context["files"]] == [f"{state}.mp4"]

    def test_the_list_is_filtered_by_kind(self, as_creator, organisation, files):
        picture = FileFactory(organisation=organisation)
        page = as_creator.get(reverse("datasets:files", args=[organisation.slug], query={"kind": "image"}))
        assert list(page.context["files"]) == [picture]

    def test_a_failed_file_says_why_and_can_be_tried_again(self, as_creator, organisation, files):
        file = files["failed"]
        for name, args in (("files", []), ("file", [file.uuid])):
            page = as_creator.get(
                reverse(f"datasets:{name}", args=[organisation.slug, *args])
            ).content.decode()
            assert "has no key frame" in page
        as_creator.post(reverse("datasets:retry", args=[organisation.slug, file.uuid]))
        assert File.objects.select_related("job").get(pk=file.pk).shown_state == "processing"

    def test_the_page_of_a_file_steps_through_what_is_there(self, as_creator, organisation, files):
        page = as_creator.get(reverse("datasets:file", args=[organisation.slug, files["processing"].uuid]))
        assert page.context["preview"]["frames"] == 1
        assert "every 2s" in page.content.decode()
        page = as_creator.get(reverse("datasets:file", args=[organisation.slug, files["ready"].uuid]))
        assert page.context["preview"]["frames"] == 3
        assert "every 2s" not in page.content.decode()
