"""manage.py load_demo: the demo organisation with real pictures, gold, trainees and scores."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchmarks.demo import is_loaded, load_demo


class Command(BaseCommand):
    help = "Build the demo organisation from demo/; does nothing when it is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it once; refused in production, where its public passwords would be open doors."""
        if settings.PRODUCTION:
            raise CommandError("The demo has public passwords and is not loaded in production.")
        if is_loaded():
            self.stdout.write("The demo organisation is there already.")
            return
        load_demo(say=self.stdout.write)
