"""`manage.py prepare`: what a start of the embedded product needs before anything listens."""

import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Organisation
from benchmarks.publications import recalculate_after_upgrade
from benchmarks.sums import add_up_missing


class Command(BaseCommand):
    """Migrations when there are any, demo data into an empty database, and the demo's log-ins on standard output."""

    help = "Prepare the database for `./dev run`: migrate, load demo data when it is empty, print the demo log-ins."
    requires_system_checks: list[str] = []  # the web process runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch."""
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, no_demo: bool, **options: Any) -> None:
        """Everything said on the way goes to standard error; standard output carries the log-ins only."""
        migrate_if_needed()
        add_up_missing()
        recalculate_after_upgrade()
        if not no_demo:
            load_demo_if_empty()
        call_command("demo_logins", stdout=self.stdout)


def migrate_if_needed() -> None:
    """Looking at the plan costs a tenth of what `migrate` with nothing to do costs."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Updating the database ...", file=sys.stderr, flush=True)
        call_command("migrate", verbosity=0, interactive=False)


def load_demo_if_empty() -> None:
    """Load the demo into a database without organisations: whole, or, when interrupted, not at all."""
    if Organisation.objects.exists():
        return
    print("Loading demo data (once) ...", file=sys.stderr, flush=True)
    with transaction.atomic():
        call_command("load_demo", stdout=sys.stderr)
