"""The job behind a file: frames appear, the file becomes ready, tasks follow; whatever happens in between."""

import io

import pytest
from django.core.files.storage import default_storage

from datasets import frames as frame_store
from datasets.frames import frame_bytes
from datasets.ingest import ingest_now
from datasets.models import File, FileKind, FileState, FramePack, Layer, Source
from datasets.operations import add_files, delete_file
from datasets.storage import folder_of
from datasets.uploads import BadUpload, Part, finish_upload, receive_part, upload_frames
from jobs.jobs import run_job
from jobs.models import Job, RowState
from jobs.operations import retry_job
from jobs.queue import LostRun
from jobs.running import JobProblem
from projects.models import Task
from projects.operations import attach_dataset
from tests.datasets.media_samples import CT, dicom_bytes, video_bytes
from tests.factories import DatasetFactory, ProjectFactory, picture_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(people):
    """A function: kind and contents -> the file, its job waiting."""

    def upload_all(kind, *contents, title="upload", **into):
        parts = [(f"part_{n}", io.BytesIO(content)) for n, content in enumerate(contents)]
        return upload_frames(
            organisation=people.organisation,
            actor=people.creator,
            kind=kind,
            title=title,
            parts=parts,
            **into,
        )

    return upload_all


def stored_below(folder: str) -> set[str]:
    """Every object below a folder of the storage."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return set()
    found = {f"{folder}/{name}" for name in names}
    return found.union(*(stored_below(f"{folder}/{name}") for name in folders))


def objects_of(file: File) -> set[str]:
    """What the rows of a file say is stored."""
    return {file.thumbnail_key, *file.packs.values_list("key", flat=True)}


def test_a_video_is_ready_when_its_job_is_done(upload):
    file = upload(FileKind.VIDEO, video_bytes(80))
    assert (file.state, file.job.state, file.ready_frames) == (FileState.PROCESSING, RowState.PENDING, 0)
    run_job(file.job_id)
    file = File.objects.select_related("job").get(pk=file.pk)
    assert (file.state, file.job.state) == (FileState.READY, RowState.DONE)
    assert (file.frame_count, file.ready_frames, file.width, file.height) == (80, 80, 64, 48)
    assert file.rate == pytest.approx(25)
    assert file.frame_sizes == [(64, 48)] * 80
    assert all((frame_bytes(file, n) or b"").startswith(b"\xff\xd8") for n in (0, 3, 4, 47, 48, 79))
    assert frame_bytes(file, 80) is None
    assert stored_below(folder_of(file.organisation.uuid, file.uuid)) == objects_of(file)


def test_the_first_frames_can_be_looked_at_before_the_rest(upload, monkeypatch):
    file = upload(FileKind.VIDEO, video_bytes(20))
    seen = []
    monkeypatch.setattr(
        "datasets.ingest.extend",
        lambda job, **changes: seen.append(
            (File.objects.get(pk=file.pk).ready_frames, changes["progress_total"])
        ),
    )
    ingest_now(file)
    assert seen == [(0, 20), (4, 20), (12, 20)]


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(upload, monkeypatch):
    file = upload(FileKind.VIDEO, video_bytes(60))
    store, calls = frame_store.store_pack, []

    def dying(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            default_storage.save(
                f"{folder_of(file.organisation.uuid, file.uuid)}/frames/x", io.BytesIO(b"orphan")
            )
            raise KeyboardInterrupt
        return store(*arguments)

    monkeypatch.setattr("datasets.ingest.store_pack", dying)
    with pytest.raises(KeyboardInterrupt):
        ingest_now(file)
    file.refresh_from_db()
    assert (file.state, file.ready_frames) == (FileState.PROCESSING, 12)
    before = set(FramePack.objects.filter(file=file).values_list("pk", flat=True))
    monkeypatch.setattr("datasets.ingest.store_pack", store)
    Job.objects.filter(pk=file.job_id).update(lease_until="2020-01-01T00:00Z")
    file = ingest_now(file)
    assert (file.state, file.frame_count) == (FileState.READY, 60)
    assert before < set(FramePack.objects.filter(file=file).values_list("pk", flat=True)), (
        "nothing made twice"
    )
    assert stored_below(folder_of(file.organisation.uuid, file.uuid)) == objects_of(file), "no orphans"


def test_a_run_that_lost_its_row_leaves_nothing(upload, monkeypatch):
    file = upload(FileKind.VIDEO, video_bytes(6))

    def taken_away(job, **changes):
        raise LostRun(job)

    monkeypatch.setattr("datasets.ingest.extend", taken_away)
    with pytest.raises(LostRun):
        ingest_now(file)
    assert not stored_below(folder_of(file.organisation.uuid, file.uuid))
    assert not FramePack.objects.filter(file=file).exists()


def test_a_long_upload_lets_other_jobs_have_a_turn(upload, monkeypatch):
    monkeypatch.setattr("datasets.ingest.SLICE_S", 0)
    file, steps = upload(FileKind.VIDEO, video_bytes(60)), []
    while not file.is_ready:
        run_job(file.job_id)
        file = File.objects.select_related("job").get(pk=file.pk)
        steps.append((file.ready_frames, file.job.state))
    # A pack in each turn, the last one with the end: packs end at 4, 12, 32 and 60.
    assert steps == [(4, "pending"), (12, "pending"), (32, "pending"), (60, "done")]


def test_what_is_wrong_is_said_on_the_file_and_can_be_tried_again(upload, people):
    file = upload(FileKind.VIDEO, video_bytes(30)[:2000])
    run_job(file.job_id)
    file = File.objects.select_related("job").get(pk=file.pk)
    assert file.shown_state == FileState.FAILED
    assert "incomplete" in file.problem
    assert retry_job(job=file.job, actor=people.creator)
    assert File.objects.select_related("job").get(pk=file.pk).shown_state == FileState.PROCESSING


def test_a_group_keeps_every_pictures_size(upload):
    file = ingest_now(upload(FileKind.IMAGE_GROUP, picture_bytes(64, 48), picture_bytes(30, 90)))
    assert file.frame_sizes == [(64, 48), (30, 90)]
    assert file.size_of(1) == (30, 90)
    assert file.frame_index.names == ["part_0", "part_1"]


def test_a_sequence_has_the_size_of_its_first_picture(upload):
    file = ingest_now(upload(FileKind.IMAGE_SEQUENCE, picture_bytes(64, 48), picture_bytes(30, 90, "PNG")))
    assert file.frame_sizes == [(64, 48)] * 2


def test_a_series_has_values_beside_its_pictures(upload):
    file = ingest_now(upload(FileKind.DICOM, *(path.read_bytes() for path in CT)))
    assert set(file.packs.values_list("layer", "frame_count")) == {(Layer.DISPLAY, 3), (Layer.PIXELS, 3)}
    assert file.frame_index.pixels["window"] == {"center": 40.0, "width": 400.0}
    assert file.frame_index.names == ["-128.7 mm", "-127.7 mm", "-126.7 mm"]


def test_several_series_become_several_files_of_the_same_datasets(upload, people):
    dataset = DatasetFactory(organisation=people.organisation)
    uploads = [dicom_bytes(series=one) for one in ("1.2.3", "1.2.4", "1.2.3")]
    file = ingest_now(upload(FileKind.DICOM, *uploads, title="Scan", dataset=dataset))
    (other,) = File.objects.exclude(pk=file.pk)
    other = ingest_now(other)
    assert [(one.title, one.frame_count, one.state) for one in (file, other)] == [
        ("Scan", 2, "ready"),
        ("Scan (series 2)", 1, "ready"),
    ]
    assert set(dataset.files.all()) == {file, other}
    assert Source.objects.filter(file=other).count() == 1


class TestTasks:
    def test_come_when_the_file_is_ready(self, upload, people):
        dataset = DatasetFactory(organisation=people.organisation)
        project = ProjectFactory(organisation=people.organisation)
        attach_dataset(project=project, dataset=dataset, actor=people.admin)
        file = upload(FileKind.VIDEO, video_bytes(3), dataset=dataset)
        assert not Task.objects.filter(project=project).exists()
        ingest_now(file)
        assert Task.objects.get(project=project).file == file

    def test_of_a_dataset_attached_meanwhile(self, upload, people):
        dataset = DatasetFactory(organisation=people.organisation)
        file = upload(FileKind.VIDEO, video_bytes(3), dataset=dataset)
        project = ProjectFactory(organisation=people.organisation)
        assert attach_dataset(project=project, dataset=dataset, actor=people.admin) == 0
        ingest_now(file)
        assert Task.objects.filter(project=project).count() == 1

    def test_of_a_file_put_into_a_second_dataset(self, upload, people):
        first, second = (DatasetFactory(organisation=people.organisation) for _ in range(2))
        file = upload(FileKind.VIDEO, video_bytes(3), dataset=first)
        project = ProjectFactory(organisation=people.organisation)
        attach_dataset(project=project, dataset=second, actor=people.admin)
        add_files(dataset=second, actor=people.admin, files=[file])
        ingest_now(file)
        assert Task.objects.filter(project=project).count() == 1

    def test_never_come_for_a_file_that_failed(self, upload, people):
        dataset = DatasetFactory(organisation=people.organisation)
        project = ProjectFactory(organisation=people.organisation)
        attach_dataset(project=project, dataset=dataset, actor=people.admin)
        file = upload(FileKind.VIDEO, b"\0\0\0\x20ftypisom" + b"x" * 400, dataset=dataset)
        with pytest.raises(JobProblem):
            ingest_now(file)
        assert not Task.objects.filter(project=project).exists()


class TestDeleting:
    def test_takes_originals_and_frames_along(self, upload, people, django_capture_on_commit_callbacks):
        file = ingest_now(upload(FileKind.VIDEO, video_bytes(3)))
        folder, (source,) = folder_of(file.organisation.uuid, file.uuid), file.sources.all()
        with django_capture_on_commit_callbacks(execute=True):
            delete_file(file=file, actor=people.creator)
        assert not stored_below(folder)
        assert not default_storage.exists(source.key)

    def test_ends_a_job_that_has_not_run(self, upload, people):
        file = upload(FileKind.VIDEO, video_bytes(3))
        job = file.job_id
        delete_file(file=file, actor=people.creator)
        run_job(job)
        assert not Job.objects.filter(pk=job).exists()


class TestUploading:
    def part(self, people, batch, position=0, content=b"", kind=FileKind.IMAGE_GROUP):
        return receive_part(
            organisation=people.organisation,
            actor=people.creator,
            kind=kind,
            batch=batch,
            part=Part(position, f"{position}.jpg", io.BytesIO(content or picture_bytes(seed=position))),
        )

    def finish(self, people, batch, count):
        return finish_upload(
            organisation=people.organisation, actor=people.creator, batch=batch, count=count, title="Group"
        )

    BATCH = "11111111-1111-4111-8111-111111111111"

    def test_a_repeated_part_and_a_repeated_end_change_nothing(self, people):
        for position in (0, 1, 0):
            self.part(people, self.BATCH, position)
        first = self.finish(people, self.BATCH, 2)
        assert self.finish(people, self.BATCH, 2) == first
        assert (Source.objects.count(), Job.objects.count(), first.title) == (2, 1, "Group")

    def test_a_missing_part_is_noticed(self, people):
        self.part(people, self.BATCH)
        with pytest.raises(BadUpload, match="1 of 2 files have arrived"):
            self.finish(people, self.BATCH, 2)

    def test_the_same_upload_under_the_same_title_is_the_same_file(self, people):
        self.part(people, self.BATCH)
        first = self.finish(people, self.BATCH, 1)
        other = "22222222-2222-4222-8222-222222222222"
        self.part(people, other)
        assert self.finish(people, other, 1) == first
        assert File.objects.count() == 1

    def test_nobody_adds_to_the_upload_of_somebody_else(self, people):
        self.part(people, self.BATCH)
        with pytest.raises(BadUpload, match="begun differently"):
            receive_part(
                organisation=people.organisation,
                actor=people.admin,
                kind=FileKind.IMAGE_GROUP,
                batch=self.BATCH,
                part=Part(1, "x.jpg", io.BytesIO(picture_bytes())),
            )

    @pytest.mark.parametrize(
        ("kind", "content", "word"),
        [
            (FileKind.VIDEO, b"GIF89a....", "a GIF"),
            (FileKind.VIDEO, b"<svg xmlns='x'></svg>", "an SVG drawing"),
            (FileKind.DICOM, b"<!DOCTYPE html>", "a web page"),
            (FileKind.IMAGE_GROUP, b"%PDF-1.7", "a PDF document"),
            (FileKind.IMAGE_SEQUENCE, b"GIF87a", "a GIF"),
        ],
    )
    def test_other_things_are_refused_by_name_at_once(self, people, kind, content, word):
        with pytest.raises(BadUpload, match=word):
            self.part(people, self.BATCH, content=content, kind=kind)
        assert not Source.objects.exists()


def test_an_upload_that_has_not_ended_cannot_be_put_into_a_dataset(people):
    dataset = DatasetFactory(organisation=people.organisation)
    file = TestUploading().part(people, TestUploading.BATCH)
    assert add_files(dataset=dataset, actor=people.admin, files=[file]) == []


def test_forgotten_parts_are_cleared_away_when_the_next_upload_begins(
    people, django_capture_on_commit_callbacks
):
    uploading = TestUploading()
    old = uploading.part(people, TestUploading.BATCH)
    key = old.sources.get().key
    File.objects.filter(pk=old.pk).update(created_at="2026-01-01T00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        uploading.part(people, "22222222-2222-4222-8222-222222222222")
    assert not File.objects.filter(pk=old.pk).exists()
    assert not default_storage.exists(key)
