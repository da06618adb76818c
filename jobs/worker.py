"""Our RQ worker: beats in the database, forks without open connections, and limits what one job may use."""

import contextlib
import importlib
import resource
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from rq import Worker

from jobs.heartbeats import WORKER, beat, stop_beating

BEAT_EVERY_S = 3
# Loaded once in the parent: a forked job then starts in milliseconds.
PRELOADED = ("numpy", "shapely", "shapely.strtree", "scipy.optimize", "PIL.Image")


class DatabaseWorker(Worker):
    """An RQ worker whose life is visible in the database (`WorkerHeartbeat`).

    RQ calls `heartbeat` whenever it waited `worker_ttl - 15` s for work or `job_monitoring_interval` s for a job,
    so no thread is needed: a thread could hold a database connection at the moment of a fork.
    """

    max_connection_wait_time = 5.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["worker_ttl"] = 15 + BEAT_EVERY_S
        kwargs["job_monitoring_interval"] = BEAT_EVERY_S
        super().__init__(*args, **kwargs)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        super().heartbeat(timeout, pipeline=pipeline)
        if not self.is_horse:  # else every job would leave a row under its own process id
            beat(WORKER)

    def execute_job(self, job: Any, queue: Any) -> None:
        connections.close_all()
        super().execute_job(job, queue)

    def main_work_horse(self, job: Any, queue: Any) -> None:
        limit_memory(settings.JOB_MEMORY_MB)
        super().main_work_horse(job, queue)

    def teardown(self) -> None:
        if not self.is_horse:
            stop_beating(WORKER)
        super().teardown()


def limit_memory(megabytes: int) -> None:
    """Let this process allocate so much more than it has now; then Python raises MemoryError.

    RLIMIT_DATA, not RLIMIT_AS: libraries reserve address space by the gigabyte that they never touch.
    """
    with contextlib.suppress(
        OSError, StopIteration, ValueError
    ):  # no /proc (not Linux), or a lower hard limit
        lines = Path("/proc/self/status").read_text().splitlines()
        used_kb = int(next(line for line in lines if line.startswith("VmData:")).split()[1])
        limit = used_kb * 1024 + megabytes * 1024 * 1024
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def preload() -> None:
    """Import the heavy libraries before the first fork; one that is not installed is not needed."""
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
