"""`manage.py work`: one queue worker, until it is told to stop."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from django_rq.workers import get_worker
from redis.exceptions import RedisError

from jobs.heartbeats import WORKER, beat
from jobs.worker import DatabaseWorker, preload


class Command(BaseCommand):
    """Takes work from Redis, forks for each job, and beats in the database."""

    requires_system_checks: list[str] = []  # the web server has made them; a worker should start at once
    help = "Work on background jobs until stopped (SIGTERM finishes the current one first)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *, burst: bool, **options: Any) -> None:
        preload()
        beat(WORKER)
        try:
            worker = get_worker(
                "default", worker_class=DatabaseWorker, serializer="rq.serializers.JSONSerializer"
            )
            connections.close_all()
            worker.work(burst=burst, logging_level="WARNING")
        except RedisError as error:
            raise SystemExit(f"Redis does not answer: {error}") from error  # the supervisor starts it again
