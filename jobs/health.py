"""What /healthz and the jobs page say about database, Redis, workers and waiting work."""

from dataclasses import asdict, dataclass
from typing import Any

import django_rq
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Count, Max, Min, Q
from redis.exceptions import RedisError

from jobs.heartbeats import SWEEPER, WORKER
from jobs.models import RowState, WorkerHeartbeat
from jobs.queue import database_now
from jobs.registry import swept_tables

# Processes beat every 3 to 5 s; after this long without, one is taken for dead.
ALIVE_S = 20


@dataclass(frozen=True)
class Rows:
    """Waiting, running and failed rows of one table, and the age of the oldest waiting one."""

    pending: int
    running: int
    failed: int
    oldest_pending_s: float | None


@dataclass(frozen=True)
class Health:
    """One look at everything that background work needs; ages in seconds, None when never seen."""

    database: bool
    redis: bool
    worker_age_s: float | None
    sweeper_age_s: float | None
    rows: dict[str, Rows]

    @property
    def worker_alive(self) -> bool:
        """Whether a worker beat recently."""
        return self.worker_age_s is not None and self.worker_age_s < ALIVE_S

    @property
    def usable(self) -> bool:
        """Whether people can work: pages need the database, submitting and scoring Redis and a worker."""
        return self.database and self.redis and self.worker_alive

    def as_json(self) -> dict[str, Any]:
        """Plain values for the health page; the tables are named like `benchmarks.evaluation`."""
        return asdict(self) | {"worker_alive": self.worker_alive, "usable": self.usable}


def health() -> Health:
    """Look once; never raises, each answer within the clients' time limits."""
    redis = _redis_answers()
    try:
        connection.ensure_connection()
        return Health(True, redis, _age_s(WORKER), _age_s(SWEEPER), _rows())
    except DatabaseError:
        return Health(False, redis, None, None, {})


def _redis_answers() -> bool:
    try:
        return bool(django_rq.get_connection("default").ping())
    except (RedisError, OSError):
        return False


def _age_s(role: str) -> float | None:
    latest = WorkerHeartbeat.objects.filter(role=role).aggregate(latest=Max("seen_at"))["latest"]
    return None if latest is None else max(0.0, (database_now() - latest).total_seconds())


def _rows() -> dict[str, Rows]:
    now = database_now()
    found = {}
    for model in swept_tables():
        counts = model._default_manager.exclude(state=RowState.DONE).aggregate(
            pending=Count("pk", filter=Q(state=RowState.PENDING)),
            running=Count("pk", filter=Q(state=RowState.RUNNING)),
            failed=Count("pk", filter=Q(state=RowState.FAILED)),
            oldest=Min("created_at", filter=Q(state=RowState.PENDING)),
        )
        oldest = counts.pop("oldest")
        age_s = None if oldest is None else max(0.0, (now - oldest).total_seconds())
        found[model._meta.label_lower] = Rows(**counts, oldest_pending_s=age_s)
    return found
