"""An app that registers the misbehaving bodies in a worker process."""

from django.apps import AppConfig


class MisbehavingJobs(AppConfig):
    name = "tests.jobs"
    label = "misbehaving_jobs"

    def ready(self) -> None:
        from tests.jobs.bodies import register

        register()
