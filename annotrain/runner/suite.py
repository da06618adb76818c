"""`./dev test`: the whole suite on SQLite, or on a PostgreSQL of its own."""

import os
import shutil
import subprocess
from pathlib import Path

from annotrain.runner.environment import ROOT, node_commands, venv_program
from annotrain.runner.postgres_cluster import PrivatePostgres
from annotrain.runner.terminal import CannotGoOn, say


def run_suite(*, postgres: bool, pytest_arguments: list[str]) -> int:
    """JavaScript units first (a second), then pytest. With arguments of its own pytest runs alone."""
    say_which_browser()
    variables = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    if not pytest_arguments:
        status = run_javascript_units()
        if status:
            return status
    if not postgres:
        return run_pytest(pytest_arguments, variables)
    with PrivatePostgres() as cluster:
        say("The tests run on a private PostgreSQL.")
        return run_pytest(pytest_arguments, variables | {"DATABASE_URL": cluster.url})


def run_pytest(arguments: list[str], variables: dict[str, str]) -> int:
    """Run pytest with the given arguments, or everything in two parts; returns the first bad status.

    Files are spread over the processors; what measures time or starts the whole product runs alone afterwards.
    """
    if arguments:
        return pytest(arguments, variables)
    together = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile", "-m", "not alone"]
    return pytest(together, variables) or pytest(["-m", "alone"], variables)


def pytest(arguments: list[str], variables: dict[str, str]) -> int:
    """Run pytest in the virtual environment; returns its status."""
    return subprocess.run(
        [venv_program("python"), "-m", "pytest", "-q", *arguments], cwd=ROOT, env=variables, check=False
    ).returncode


def run_javascript_units() -> int:
    """`node --test` on every tests/js/**/*.test.mjs; names are passed, since versions read a directory differently."""
    units = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").rglob("*.test.mjs"))
    if not units:
        return 0
    node, _ = node_commands()
    return subprocess.run([*node, "--test", *units], cwd=ROOT, check=False).returncode


def find_browser() -> str | None:
    """Chromium as Debian installs it, or what ANNOTRAIN_CHROMIUM names."""
    named = os.environ.get("ANNOTRAIN_CHROMIUM")
    return named if named and Path(named).exists() else shutil.which("chromium")


def say_which_browser() -> None:
    """A missing browser is a skip for a person and an error in CI, never silence."""
    if find_browser() is None:
        if os.environ.get("CI"):
            raise CannotGoOn("no chromium, and CI must not skip the browser tests")
        say("No chromium found: the browser tests will be SKIPPED (on Debian: apt-get install chromium).")
