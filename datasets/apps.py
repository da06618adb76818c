from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "datasets"
    verbose_name = "Datasets"

    def ready(self) -> None:
        from datasets.ingest import ingest_file
        from datasets.uploads import INGEST
        from jobs.registry import register_job

        register_job(INGEST, ingest_file)
