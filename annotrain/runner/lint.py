"""`./dev lint`: every check that needs no test run."""

import os
import subprocess
import tempfile
import time

from annotrain.runner.environment import ROOT, venv_program
from annotrain.runner.template_rules import broken_rules
from annotrain.runner.terminal import say

CORE = [
    "scoring",
    "formats",
    "score_cli",
    "projects/permissions.py",
    "projects/workflow.py",
    "accounts/permissions.py",
]


def core_paths() -> list[str]:
    """What strict typing covers: the kernel, the parsers, permissions, workflow and all operations."""
    core = [name for name in CORE if (ROOT / name).exists()]
    operations = [*ROOT.glob("*/operations.py"), *ROOT.glob("*/operations")]
    return core + sorted(str(path.relative_to(ROOT)) for path in operations)


def run_lint() -> int:
    """Run all checks, say which failed; returns the exit status."""
    python = venv_program("python")
    checks = {
        "ruff": [venv_program("ruff"), "check", "."],
        "format": [venv_program("ruff"), "format", "--check", "."],
        "types": [venv_program("mypy"), *core_paths(), "annotrain"],
        "rooms": [venv_program("lint-imports"), "--no-cache"],
        "templates": [venv_program("djlint"), "templates", "--lint", "--quiet"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "deployment": [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    }
    failed = [name for name, command in checks.items() if not passes(name, command)]
    problems = broken_rules(ROOT / "templates")
    for problem in problems:
        say(problem)
    if problems:
        failed.append("template rules")
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def passes(name: str, command: list[str]) -> bool:
    """Run one check, printing its output only when it fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="annotrain-lint-") as state_dir:
        variables = os.environ | {"ANNOTRAIN_STATE_DIR": state_dir}
        if name == "deployment":
            variables |= production_example()
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    say(f"{name:<12} {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    if done.returncode != 0:
        say(done.stdout + done.stderr)
    return done.returncode == 0


def production_example() -> dict[str, str]:
    """The variables that a production machine must set."""
    return {
        "ANNOTRAIN_PRODUCTION": "1",
        "SECRET_KEY": "only-for-this-check-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "ALLOWED_HOSTS": "annotrain.example.org",
    }
