"""`./dev run`: the whole product on one machine, under one supervisor."""

import fcntl
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from annotrain.runner.environment import ROOT, venv_program
from annotrain.runner.redis_server import answers, redis_binary, redis_command
from annotrain.runner.supervisor import Program, Supervisor
from annotrain.runner.terminal import CannotGoOn, say
from annotrain.state import make_private_directory, redis_socket_path

DEFAULT_PORT = 8000
WEB_PROCESSES = 2
THREADS_PER_WEB_PROCESS = 4


@dataclass(frozen=True)
class Options:
    """What the person asked for. `port` None means: the usual one, or the next free."""

    state_dir: Path
    host: str
    port: int | None
    demo: bool


def run(options: Options) -> int:
    """Start everything, say where it is, keep it alive; returns the exit status."""
    began = time.monotonic()
    state_dir = make_private_directory(options.state_dir.absolute())
    (state_dir / "static").mkdir(
        exist_ok=True
    )  # whitenoise looks there, even where it serves from the sources
    with only_runner(state_dir):
        port = options.port or free_port(options.host)
        if not is_free(options.host, port):
            raise CannotGoOn(f"port {port} is in use; choose another with --port")
        supervisor = Supervisor([])
        supervisor.install_signal_handlers()
        try:
            start_all(supervisor, options, state_dir=state_dir, port=port, began=began)
            supervisor.watch()
        finally:
            say("Stopping ...")
            supervisor.stop_all()
    return 0


def start_all(supervisor: Supervisor, options: Options, *, state_dir: Path, port: int, began: float) -> None:
    """Redis first, then the database's tables, then everything that needs both."""
    environment = product_environment(state_dir)
    if "REDIS_URL" not in environment:
        launch(supervisor, redis_program(state_dir, environment))
        if supervisor.stopping.is_set():
            return
    prepare = [venv_program("python"), "manage.py", "prepare"] + ([] if options.demo else ["--no-demo"])
    log_ins = run_once(supervisor, prepare, environment)
    if supervisor.stopping.is_set():
        return
    for program in product_programs(environment, host=options.host, port=port):
        launch(supervisor, program)
    wait_until_usable(supervisor, f"http://{reachable(options.host)}:{port}/healthz")
    if not supervisor.stopping.is_set():
        greet(options.host, port, log_ins, seconds=time.monotonic() - began)


def launch(supervisor: Supervisor, program: Program) -> None:
    """Hand a program to the supervisor and start it; one that does not even start is an error."""
    supervisor.programs.append(program)
    if not supervisor.start(program) and not supervisor.stopping.is_set():
        raise CannotGoOn(f"{program.name} did not start (its last lines are above)")


@contextmanager
def only_runner(state_dir: Path) -> Iterator[None]:
    """Two runners on one state directory would fight over its database and Redis."""
    with (state_dir / "runner.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotGoOn(
                f"already running on {state_dir} (process {lock.read().strip() or 'unknown'})"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def product_environment(state_dir: Path) -> dict[str, str]:
    """What every process of the product gets; servers named by the caller's variables are passed on."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    return environment | {
        "ANNOTRAIN_STATE_DIR": str(state_dir),
        "DJANGO_SETTINGS_MODULE": "annotrain.settings",
        "PYTHONUNBUFFERED": "1",
    }


def redis_program(state_dir: Path, environment: dict[str, str]) -> Program:
    """The private Redis, ready when it answers on its socket."""
    socket_path = redis_socket_path(state_dir)
    command = redis_command(data_dir=state_dir / "redis", socket_path=socket_path, binary=redis_binary())
    return Program("redis", command, environment, ROOT, ready=lambda: answers(socket_path))


def product_programs(environment: dict[str, str], *, host: str, port: int) -> list[Program]:
    """Web server, queue worker and sweeper. Only web processes keep a pool of database connections: workers fork."""
    python = venv_program("python")
    web = [venv_program("granian"), "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"]
    web += ["--workers", str(WEB_PROCESSES), "--blocking-threads", str(THREADS_PER_WEB_PROCESS)]
    web += ["--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning"]
    web += ["annotrain.wsgi:application"]
    queue = environment | {"ANNOTRAIN_REDIS_TIMEOUT_S": "5"}
    return [
        Program("worker", [python, "manage.py", "work"], queue, ROOT, grace_s=15),
        Program("sweeper", [python, "manage.py", "sweep"], queue, ROOT),
        Program("web", web, environment | {"ANNOTRAIN_DATABASE_POOL": "1"}, ROOT),
    ]


def run_once(supervisor: Supervisor, command: list[str], environment: dict[str, str]) -> str:
    """Run a preparing command, showing its messages; returns what it wrote to its standard output.

    It does not hear Ctrl-C itself; when we are told to stop it is asked to end, and the next start goes on from there.
    """
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while True:
        try:
            output, _ = process.communicate(timeout=0.1)
        except subprocess.TimeoutExpired:
            if supervisor.stopping.is_set():
                process.terminate()
                process.wait()
                return ""
            continue
        if process.returncode != 0:
            raise CannotGoOn(f"`{' '.join(command[1:])}` failed (its message is above)")
        return output


def wait_until_usable(supervisor: Supervisor, url: str, *, timeout_s: float = 60.0) -> None:
    """Return when the health page says 200, or the time is up, which is said but stops nothing."""
    deadline = time.monotonic() + timeout_s
    last = "no answer"
    while time.monotonic() < deadline and not supervisor.stopping.is_set():
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError as error:
            last = error.read(2000).decode(errors="replace")
        except OSError as error:
            last = str(error)
        if not supervisor.programs[-1].is_running:
            raise CannotGoOn("the web server did not start (its last lines are above)")
        supervisor.stopping.wait(0.05)
    if not supervisor.stopping.is_set():
        say(f"Not healthy after {timeout_s:.0f} s: {last}")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(host: str) -> int:
    """The usual port, or the next one that nobody uses."""
    for port in range(DEFAULT_PORT, DEFAULT_PORT + 50):
        if is_free(host, port):
            return port
    raise CannotGoOn(f"no free port from {DEFAULT_PORT} on; choose one with --port")


def reachable(host: str) -> str:
    """An address of this machine that reaches a server listening on `host`."""
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104


def greet(host: str, port: int, log_ins: str, *, seconds: float) -> None:
    """Say where the product is and how to log in."""
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104
    say(f"\nAnnotrain runs at http://{shown}:{port}/ (ready after {seconds:.1f} s). Ctrl-C stops it.")
    if log_ins.strip():
        say("\n" + log_ins.rstrip())
    say("")
