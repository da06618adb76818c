from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Background jobs"

    def ready(self) -> None:
        from jobs.jobs import run_job
        from jobs.models import Job
        from jobs.registry import register_rows

        register_rows(Job, run_job)
