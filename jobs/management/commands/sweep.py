"""`manage.py sweep`: the process that rings again, until it is told to stop."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import connections

from jobs.heartbeats import SWEEPER, beat, stop_beating
from jobs.sweeper import sweep

log = structlog.get_logger()


class Command(BaseCommand):
    """Sweeps every few seconds; any number of sweepers may run, they only ring."""

    requires_system_checks: list[str] = []
    help = "Ring again for background work that was lost, every few seconds, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="sweep once and end")

    def handle(self, *, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"rang {sweep()} times")
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        while not stopping.is_set():
            beat(SWEEPER)
            try:
                sweep()
            except DatabaseError as error:
                log.warning("sweep_failed", error=str(error))
                connections.close_all()
            stopping.wait(settings.SWEEP_EVERY_S)
        stop_beating(SWEEPER)
