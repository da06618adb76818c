"""Every measurement on a database of its own: a child process with a fresh SQLite file or a private PostgreSQL."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotrain.runner.environment import ROOT
from annotrain.runner.postgres_cluster import PrivatePostgres

KINDS = ("sqlite", "postgresql")
CHILD = "ANNOTRAIN_BENCH_CHILD"
Json = dict[str, Any]


def on_each_database(
    module: str, measure: Callable[[], Json], kinds: tuple[str, ...] = KINDS
) -> dict[str, Json] | None:
    """Run the calling benchmark once per kind of database; what `measure` returned there, by kind.

    The children run the same module with the same arguments: in them `measure` runs, and the answer is None, which
    tells the caller that there is nothing left to do.
    """
    if CHILD in os.environ:
        Path(os.environ[CHILD]).write_text(json.dumps(_in_django(measure)))
        return None
    return {kind: _run_child(module, kind) for kind in kinds}


def _in_django(measure: Callable[[], Json]) -> Json:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    return measure()


def _run_child(module: str, kind: str) -> Json:
    with tempfile.TemporaryDirectory(prefix="annotrain-bench-") as directory:
        if kind == "sqlite":
            return _child(module, Path(directory), {})
        with PrivatePostgres() as cluster:
            return _child(module, Path(directory), {"DATABASE_URL": cluster.url})


def _child(module: str, directory: Path, variables: dict[str, str]) -> Json:
    answer = directory / "answer.json"
    inherited = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL")
    }
    environment = inherited | {
        "ANNOTRAIN_STATE_DIR": str(directory),
        "DJANGO_SETTINGS_MODULE": "annotrain.settings",
        "ALLOWED_HOSTS": "testserver",
        "LOG_LEVEL": "ERROR",
        CHILD: str(answer),
    }
    subprocess.run(
        [sys.executable, "-m", module, *sys.argv[1:]], cwd=ROOT, env=environment | variables, check=True
    )
    return json.loads(answer.read_text())
