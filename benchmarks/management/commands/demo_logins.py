"""manage.py demo_logins: how to log in as each role of the demo organisation."""

from typing import Any

from django.core.management.base import BaseCommand

from benchmarks.demo import LOGINS, PASSWORD, is_loaded, trainee_logins


class Command(BaseCommand):
    help = "Print the log-ins of the demo organisation, if it is loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line per role, and one trainee per training project."""
        if not is_loaded():
            return
        trainees = trainee_logins()
        shown = [*LOGINS, *(one for one in trainees if one.name in ("Priya Nair", "Car annotator 1"))]
        width = max(len(login.email) for login in shown)
        self.stdout.write(f"Demo log-ins (password {PASSWORD}):")
        for login in shown:
            self.stdout.write(f"  {login.email:<{width}}  {login.name}: {login.role}")
