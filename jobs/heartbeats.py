"""Signs of life of workers and the sweeper, in the database, for the health page and the jobs page."""

import os
import socket

import structlog
from django.db import Error as DatabaseError
from django.db import connection

from jobs.models import WorkerHeartbeat
from jobs.queue import database_now

log = structlog.get_logger()

WORKER, SWEEPER = "worker", "sweeper"


def process_name() -> str:
    """Host and process id: unique among the processes alive, and telling in a log."""
    return f"{socket.gethostname()}:{os.getpid()}"[:110]


def beat(role: str) -> None:
    """Say that this process is alive. A database that is away is logged, not fatal: the next beat tries again."""
    try:
        WorkerHeartbeat.objects.update_or_create(
            name=f"{role} {process_name()}", defaults={"role": role, "seen_at": database_now()}
        )
    except DatabaseError as error:
        log.warning("heartbeat_failed", role=role, error=str(error))
        connection.close()


def stop_beating(role: str) -> None:
    """An orderly end: the row goes, so that nobody waits for this process."""
    try:
        WorkerHeartbeat.objects.filter(name=f"{role} {process_name()}").delete()
    except DatabaseError:
        log.warning("heartbeat_not_removed", role=role)
