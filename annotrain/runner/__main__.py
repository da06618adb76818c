"""The command line of ./dev."""

import argparse
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from annotrain.runner import environment, lint, lock, serve, suite
from annotrain.runner.terminal import CannotGoOn, give_up, say
from annotrain.state import UnsafeDirectory

DEFAULT_STATE_DIR = Path(os.environ.get("ANNOTRAIN_STATE_DIR", environment.ROOT / "var"))
PASSED_ON = {
    "manage": "Django's management commands",
    "worker": "one more queue worker for a running product",
    "bench": "run bench/<name>.py",
    "score": "score a label file against gold, without a server (./dev score --help)",
}


def arguments() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="./dev", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    run = commands.add_parser("run", help="set up everything that is missing and run the product")
    run.add_argument("--port", type=int, help=f"default: {serve.DEFAULT_PORT}, or the next free one")
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    run.add_argument("--state-dir", type=Path, default=DEFAULT_STATE_DIR, help="database, files and Redis")
    run.add_argument("--no-demo", action="store_true", help="start with an empty database")

    commands.add_parser("setup", help="make .venv and node_modules, with what development needs")
    test = commands.add_parser(
        "test", allow_abbrev=False, help="the whole suite; further arguments go to pytest"
    )
    test.add_argument("--postgres", action="store_true", help="on a private PostgreSQL instead of SQLite")
    commands.add_parser("lint", help="style, types, rooms, templates, migrations")
    commands.add_parser("lock", help="resolve the dependencies anew into the lock files (needs uv and npm)")
    for name, what in PASSED_ON.items():
        commands.add_parser(name, help=what)
    return parser


def main() -> int:
    """Run one command; returns the exit status."""
    if len(sys.argv) > 1 and sys.argv[1] in PASSED_ON:  # their options are not ours to read
        return pass_on(sys.argv[1], sys.argv[2:])
    asked, rest = arguments().parse_known_args()
    if rest and asked.command != "test":
        give_up(f"{asked.command} does not know {' '.join(rest)}")
    if asked.command == "lock":
        return lock.lock_dependencies()
    environment.ensure_ready(development=asked.command in ("setup", "test", "lint"))
    match asked.command:
        case "run":
            options = serve.Options(
                state_dir=asked.state_dir, host=asked.host, port=asked.port, demo=not asked.no_demo
            )
            return serve.run(options)
        case "test":
            return suite.run_suite(postgres=asked.postgres, pytest_arguments=rest)
        case "lint":
            return lint.run_lint()
    say("Ready: .venv and node_modules agree with the lock files.")
    return 0


def pass_on(command: str, rest: list[str]) -> int:
    """Commands that are somebody else's, with all their arguments."""
    if command == "score":
        return score(rest)
    environment.ensure_ready(development=command == "bench")
    if command == "bench":
        return bench(rest)
    return python(["manage.py", *(["work"] if command == "worker" else []), *rest])


def python(command: list[str]) -> int:
    """Run the virtual environment's Python on the default state directory, as `./dev run` does."""
    variables = os.environ | {"ANNOTRAIN_STATE_DIR": str(DEFAULT_STATE_DIR.absolute())}
    return subprocess.run(
        [environment.venv_program("python"), *command], cwd=environment.ROOT, env=variables, check=False
    ).returncode


def score(rest: list[str]) -> int:
    """Run the command line of the engine where it was called, so that its paths mean what they meant there.

    Standard output is the result's: what there is to say about setting up goes to standard error.
    """
    with contextlib.redirect_stdout(sys.stderr):
        environment.ensure_ready(front_end=False)
    paths = [str(environment.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [environment.venv_program("python"), "-m", "score_cli", *rest],
        cwd=os.environ.get("ANNOTRAIN_CALLED_FROM", os.curdir),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        check=False,
    ).returncode


def bench(rest: list[str]) -> int:
    """Run a measurement of bench/, or list them."""
    known = sorted(path.stem for path in (environment.ROOT / "bench").glob("*.py") if path.stem != "__init__")
    if not rest or rest[0] not in known:
        give_up(f"./dev bench <name>, one of: {', '.join(known) or '(none yet)'}")
    return python(["-m", f"bench.{rest[0]}", *rest[1:]])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CannotGoOn, UnsafeDirectory) as reason:
        give_up(reason)
    except subprocess.CalledProcessError as failed:
        give_up(f"`{' '.join(map(str, failed.cmd))}` failed with status {failed.returncode}")
    except KeyboardInterrupt:
        sys.exit(130)
