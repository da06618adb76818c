from django.apps import AppConfig


class BenchmarksConfig(AppConfig):
    name = "benchmarks"
    verbose_name = "Training projects"

    def ready(self) -> None:
        from benchmarks import wiring

        wiring.connect()
