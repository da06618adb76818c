"""The queue of record: one row is done once, whatever happens to Redis and to workers."""

import os
import signal
import socket
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import django_rq.settings
import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Tag
from annotrain.connections import queue_connection
from jobs.jobs import run_job
from jobs.models import Job, RowState, WorkerHeartbeat
from jobs.operations import report_progress, retry_job, start_job
from jobs.queue import MAX_STARTS, LostRun, claim, extend, finishing
from jobs.sweeper import sweep
from tests.factories import JobFactory, OrganisationFactory, UserFactory, WorkerHeartbeatFactory
from tests.jobs.conftest import wait_until


def start(kind: str, **arguments) -> Job:
    return start_job(
        organisation=OrganisationFactory(), actor=None, kind=kind, title="Some work", arguments=arguments
    )


@pytest.mark.django_db
class TestClaiming:
    def test_a_claimed_row_is_nobody_elses(self):
        job = JobFactory()
        assert claim(Job.objects.all(), job.pk).run == 1
        assert claim(Job.objects.all(), job.pk) is None

    def test_a_row_whose_lease_has_expired_is_taken_over_with_a_new_run(self):
        job = JobFactory(running=True, lease_until=timezone.now() - timedelta(seconds=1))
        assert claim(Job.objects.all(), job.pk).run == 2

    def test_a_finished_row_is_not_claimed_again(self):
        assert claim(Job.objects.all(), JobFactory(done=True).pk) is None

    def test_a_row_that_kills_its_workers_fails_for_good_and_can_be_retried(self):
        job = JobFactory(
            running=True, run=9, starts=MAX_STARTS, lease_until=timezone.now() - timedelta(seconds=1)
        )
        assert claim(Job.objects.all(), job.pk) is None
        job.refresh_from_db()
        assert job.state == RowState.FAILED
        assert "Stopped 5 times" in job.error
        assert retry_job(job=job, actor=UserFactory())
        assert claim(Job.objects.all(), job.pk).run == 10  # never a number that an old worker may still carry

    def test_a_job_that_runs_twice_writes_once(self):
        job = JobFactory()
        first = claim(Job.objects.all(), job.pk)
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        second = claim(Job.objects.all(), job.pk)
        with finishing(second):
            Tag.objects.create(organisation=job.organisation, name="second")
        with pytest.raises(LostRun), finishing(first):
            Tag.objects.create(organisation=job.organisation, name="first")
        assert [tag.name for tag in Tag.objects.all()] == ["second"]
        with pytest.raises(LostRun):
            extend(first)
        with pytest.raises(LostRun):
            report_progress(first, 1, 1)

    def test_an_error_while_writing_the_result_leaves_nothing_written(self):
        job = claim(Job.objects.all(), JobFactory().pk)
        with pytest.raises(ZeroDivisionError), finishing(job):
            Tag.objects.create(organisation=job.organisation, name="half")
            raise ZeroDivisionError
        job.refresh_from_db()
        assert (job.state, Tag.objects.count()) == (RowState.RUNNING, 0)


@pytest.mark.django_db
class TestRunning:
    def test_a_body_reports_progress_and_leaves_its_result(self):
        job = start("count_to_ten")
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.progress_done, job.progress_total) == (RowState.DONE, 10, 10)
        assert job.result["counted"] == 10
        assert job.lease_until is None
        assert job.finished_at >= job.started_at

    def test_a_problem_for_people_is_shown_as_it_is(self):
        job = start("find_a_problem")
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.error) == (RowState.FAILED, "The file has no labels. Choose another one.")

    def test_an_unexpected_error_is_logged_and_not_shown(self):
        job = start("stumble")
        run_job(job.pk)
        job.refresh_from_db()
        assert job.state == RowState.FAILED
        assert job.error.startswith("Something went wrong")
        assert "secret" not in job.error

    def test_a_kind_that_nobody_registered_says_so(self):
        job = start("from_the_future")
        run_job(job.pk)
        job.refresh_from_db()
        assert "from_the_future" in job.error

    def test_only_one_of_two_retries_counts(self):
        job = JobFactory(failed=True, progress_done=3, progress_total=9)
        actor = UserFactory()
        assert retry_job(job=job, actor=actor)
        assert not retry_job(job=Job.objects.get(pk=job.pk), actor=actor)
        assert (job.state, job.error, job.progress_done) == (RowState.PENDING, "", 0)


@pytest.mark.django_db(transaction=True)
class TestRinging:
    def test_nothing_is_rung_before_the_commit_nor_after_a_rollback(self, queue):
        with suppress(ZeroDivisionError), transaction.atomic():
            start("count_to_ten")
            assert queue.count == 0
            raise ZeroDivisionError
        assert (queue.count, Job.objects.count()) == (0, 0)

    def test_a_rung_job_is_worked_off(self, queue, work_off):
        job = start("count_to_ten")
        assert work_off() == 1
        job.refresh_from_db()
        assert job.state == RowState.DONE

    def test_a_flushed_redis_loses_nothing(self, queue, work_off, settings):
        job = start("count_to_ten")
        queue.connection.flushdb()
        settings.JOB_RING_AGAIN_S = -1
        assert sweep() == 1
        work_off()
        job.refresh_from_db()
        assert job.state == RowState.DONE

    def test_the_sweeper_does_not_ring_for_what_still_waits_in_redis(self, queue, settings):
        start("count_to_ten")
        settings.JOB_RING_AGAIN_S = -1
        assert (sweep(), sweep(), queue.count) == (0, 0, 1)

    def test_the_sweeper_leaves_fresh_and_finished_rows_alone(self, queue):
        JobFactory()
        JobFactory(running=True)
        JobFactory(done=True, rung_at=timezone.now() - timedelta(days=1))
        assert sweep() == 0

    def test_the_sweeper_forgets_processes_that_have_been_gone_for_days(self, queue):
        WorkerHeartbeatFactory(seen_at=timezone.now() - timedelta(days=2))
        alive = WorkerHeartbeatFactory()
        sweep()
        assert list(WorkerHeartbeat.objects.all()) == [alive]

    def test_ids_travel_as_json_never_as_pickle(self, queue):
        job = start("count_to_ten")
        (name,) = queue.get_job_ids()
        stored = queue.connection.hget(f"rq:job:{name}", "data")
        assert b"jobs.jobs.run_job" in stored or b"jobs.jobs.run_job" in __import__("zlib").decompress(stored)
        assert queue.fetch_job(name).args == [job.pk]


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
class TestRedisAway:
    def point_at(self, monkeypatch, url: str) -> None:
        away = queue_connection(url, timeout_s=0.5) | {"SERIALIZER": "rq.serializers.JSONSerializer"}
        monkeypatch.setitem(django_rq.settings.QUEUES, "default", away)

    def test_asking_for_a_job_succeeds_at_once_without_redis(self, monkeypatch, tmp_path):
        self.point_at(monkeypatch, f"unix://{tmp_path}/nobody.sock")
        began = time.monotonic()
        jobs = [start("count_to_ten") for _ in range(3)]
        assert time.monotonic() - began < 1
        assert Job.objects.filter(state=RowState.PENDING).count() == len(jobs)

    def test_a_redis_that_hangs_costs_one_short_wait_for_many_rings(self, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.point_at(monkeypatch, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
            began = time.monotonic()
            for _ in range(20):
                start("count_to_ten")
            assert time.monotonic() - began < 1.5
        assert Job.objects.count() == 20

    def test_the_sweeper_survives_without_redis_and_rings_when_it_is_back(
        self, monkeypatch, tmp_path, settings
    ):
        settings.JOB_RING_AGAIN_S = -1
        with monkeypatch.context() as patched:
            self.point_at(patched, f"unix://{tmp_path}/nobody.sock")
            start("count_to_ten")
            assert sweep() == 0

    def test_what_was_asked_for_without_redis_is_rung_when_it_is_back(
        self, monkeypatch, tmp_path, settings, queue
    ):
        settings.JOB_RING_AGAIN_S = -1
        with monkeypatch.context() as patched:
            self.point_at(patched, f"unix://{tmp_path}/nobody.sock")
            start("count_to_ten")
        assert (sweep(), queue.count) == (1, 1)


@pytest.mark.alone
class TestRealWorkers:
    def test_kill_minus_nine_of_worker_and_job_is_recovered_by_the_next_worker(
        self, queue, start_worker, diary: Path, settings
    ):
        settings.JOB_LEASE_S = 1
        worker = start_worker(ANNOTRAIN_JOB_LEASE_S="1")
        job = start("hang_the_first_time", diary=str(diary))
        wait_until(lambda: diary.read_text().endswith("\n"))
        wait_until(lambda: WorkerHeartbeat.objects.filter(role="worker").exists())
        horse, parent = map(int, diary.read_text().split())
        assert parent == worker.pid
        os.kill(parent, signal.SIGKILL)
        os.kill(horse, signal.SIGKILL)
        start_worker(ANNOTRAIN_JOB_LEASE_S="1")
        wait_until(lambda: sweep() or Job.objects.get().state == RowState.DONE)
        wait_until(lambda: Job.objects.get().state == RowState.DONE)
        job.refresh_from_db()
        assert (job.run, job.starts) == (2, 2)
        assert [tag.name for tag in Tag.objects.all()] == ["written by run 2"]

    def test_a_job_without_end_and_one_that_eats_memory_fail_alone_with_a_reason(
        self, queue, start_worker, settings
    ):
        settings.JOB_WALL_S = 1
        endless, greedy, honest = start("never_end"), start("eat_memory"), start("count_to_ten")
        start_worker(ANNOTRAIN_JOB_WALL_S="1", ANNOTRAIN_JOB_MEMORY_MB="300")
        wait_until(lambda: not Job.objects.filter(state__in=[RowState.PENDING, RowState.RUNNING]).exists())
        for job in (endless, greedy, honest):
            job.refresh_from_db()
        assert "longer than 1 seconds" in endless.error
        assert "more than 300 MB" in greedy.error
        assert (endless.state, greedy.state, honest.state) == ("failed", "failed", "done")
