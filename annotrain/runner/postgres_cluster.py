"""A throw-away PostgreSQL cluster for the tests: own data, own unix socket, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from annotrain.runner.terminal import CannotGoOn

# Nothing here has to survive a power cut.
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}


def server_programs() -> Path:
    """The directory with initdb and postgres: the newest of Debian's versions, else where PATH has them."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parent.parent.name)
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).parent
    raise CannotGoOn("PostgreSQL's server programs are not installed; on Debian: apt-get install postgresql")


def unprivileged_user() -> dict[str, Any]:
    """As whom the server runs: PostgreSQL refuses root, so root hands it to `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise CannotGoOn("PostgreSQL cannot run as root and there is neither a user `postgres` nor `nobody`")


class PrivatePostgres:
    """A cluster that lives as long as a `with` block; `url` is its DATABASE_URL."""

    def __enter__(self) -> "PrivatePostgres":
        self.programs = server_programs()
        self.account = unprivileged_user()
        self.process: subprocess.Popen[bytes] | None = None
        self.directory = Path(
            tempfile.mkdtemp(prefix="annotrain-pg-")
        )  # mode 700, so the socket needs no password
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def url(self) -> str:
        """Where clients find it: a path for a host means its unix socket."""
        return f"postgres://annotrain@/{self.directory}/postgres"

    def _start(self) -> None:
        if self.account:
            os.chown(self.directory, self.account["user"], self.account["group"])
        data = self.directory / "data"
        initdb = [
            str(self.programs / "initdb"),
            "--pgdata",
            str(data),
            "--username",
            "annotrain",
            "--auth",
            "trust",
        ]
        initdb += ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        self._run(initdb)
        options = [part for name, value in FAST_AND_FORGETFUL.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(data), "-k", str(self.directory), *options],
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "log").open("wb"),
            start_new_session=True,  # Ctrl-C reaches the tests first; the server is stopped by us
            **self.account,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + 30
        ready = [str(self.programs / "pg_isready"), "--quiet", "--host", str(self.directory)]
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise CannotGoOn(f"PostgreSQL did not start:\n{(self.directory / 'log').read_text()}")
            time.sleep(0.05)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **self.account)
        if done.returncode != 0:
            raise CannotGoOn(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(2)  # SIGINT: PostgreSQL's fast shutdown, which does not wait for clients
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
