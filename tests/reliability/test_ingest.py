"""kill -9 of a worker in the middle of a video: another one goes on, nothing is left behind, no frame is missing."""

import os
import signal
import threading
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from datasets.frames import frame_bytes
from datasets.ingest import ingest_now
from datasets.models import File, FileKind, FileState, FramePack
from datasets.storage import folder_of
from datasets.uploads import upload_frames
from jobs.sweeper import sweep
from projects.models import Task
from projects.operations import attach_dataset
from tests.datasets.media_samples import video_bytes
from tests.datasets.test_ingest import objects_of, stored_below
from tests.factories import DatasetFactory, MembershipFactory, OrganisationFactory, ProjectFactory
from tests.jobs.conftest import wait_until
from tests.reliability.conftest import at_once
from tests.reliability.test_workers import children_of

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]

FRAMES = 400


def upload(clip: bytes, **into) -> File:
    """A video whose job waits for a worker."""
    organisation = OrganisationFactory() if "dataset" not in into else into["dataset"].organisation
    person = MembershipFactory(organisation=organisation, may_create=True).user
    path = default_storage.path("clip-of-a-test.mp4")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(clip)
    with Path(path).open("rb") as stored:
        return upload_frames(
            organisation=organisation,
            actor=person,
            kind=FileKind.VIDEO,
            title="clip.mp4",
            parts=[("clip.mp4", stored)],
            **into,
        )


def is_running(pid: int) -> bool:
    """Whether there is such a process that is not only waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_killed_during_a_video_is_followed_by_one_that_goes_on(queue, start_worker, settings):
    settings.JOB_LEASE_S = 2
    clip = video_bytes(FRAMES, size=(1920, 1080))
    worker = start_worker(ANNOTRAIN_JOB_LEASE_S="2")
    file = upload(clip)
    wait_until(lambda: File.objects.get(pk=file.pk).ready_frames >= 4, patience_s=60)
    horses = children_of(worker.pid)
    decoders = [pid for horse in horses for pid in children_of(horse)]
    for pid in (worker.pid, *horses):
        os.kill(pid, signal.SIGKILL)
    assert decoders, "the video was done before the worker could be killed"
    wait_until(lambda: not any(map(is_running, decoders)), patience_s=20)
    made = set(FramePack.objects.filter(file=file).values_list("key", flat=True))
    assert File.objects.get(pk=file.pk).state == FileState.PROCESSING

    second = start_worker(ANNOTRAIN_JOB_LEASE_S="2")
    wait_until(lambda: (sweep(), File.objects.get(pk=file.pk).is_ready)[1], patience_s=180)
    wait_until(lambda: not children_of(second.pid), patience_s=30)

    file = File.objects.select_related("organisation", "job").get(pk=file.pk)
    assert (file.frame_count, file.ready_frames, file.job.run >= 2) == (FRAMES, FRAMES, True)
    assert made <= set(file.packs.values_list("key", flat=True)), "nothing was made twice"
    assert stored_below(folder_of(file.organisation.uuid, file.uuid)) == objects_of(file), "no orphans"
    assert all((frame_bytes(file, number) or b"").endswith(b"\xff\xd9") for number in range(FRAMES))


@pytest.mark.parametrize("number", range(4))
def test_a_dataset_attached_while_its_file_becomes_ready_makes_one_task(queue, number):
    organisation = OrganisationFactory()
    dataset = DatasetFactory(organisation=organisation)
    project = ProjectFactory(organisation=organisation)
    admin = MembershipFactory(organisation=organisation, admin=True).user
    file = upload(video_bytes(2), dataset=dataset)
    done = threading.Event()

    def attach() -> None:
        done.wait(0.15 * number)
        attach_dataset(project=project, dataset=dataset, actor=admin)
        connection.close()

    at_once([lambda: ingest_now(File.objects.select_related("organisation").get(pk=file.pk)), attach])
    assert Task.objects.filter(project=project, file=file).count() == 1
