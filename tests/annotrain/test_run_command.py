"""`./dev run` as a person uses it: the real command, the real processes, killed one after the other."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from tests.annotrain.test_supervisor import eventually, is_alive

pytestmark = pytest.mark.alone


class Running:
    """A started `./dev run --no-demo` with its own state directory and port."""

    def __init__(self, state_dir):
        command = ["./dev", "run", "--no-demo", "--state-dir", str(state_dir)]
        environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        self.state_dir, self.command, self.environment = state_dir, command, environment
        self.log = state_dir.parent / "run.log"
        self.process = self.start(self.log.open("w"))
        eventually(lambda: "Annotrain runs at" in self.said or self.process.poll() is not None, timeout_s=60)
        assert self.process.poll() is None, self.said
        self.url = re.search(r"http://[^/]+", self.said)[0]

    def start(self, output):
        """Start the command once more."""
        return subprocess.Popen(
            self.command,
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def said(self):
        """Everything it has printed."""
        return self.log.read_text()

    def children(self):
        """Process ids by the words of their command lines, in the order of their start."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                words = (stat.parent / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == self.process.pid:
                found[int(stat.parent.name)] = b" ".join(words).decode()
        return found

    def child(self, word):
        """The process id of the child whose command line has the word."""
        return next((pid for pid, command in self.children().items() if word in command), None)

    def health(self):
        """Status and content of /healthz; (0, {}) while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=3) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def is_healthy(self):
        """Whether people can work."""
        return self.health()[0] == 200


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One product for the tests of this module."""
    product = Running(tmp_path_factory.mktemp("run") / "state")
    yield product
    if product.process.poll() is None:
        product.process.terminate()
        product.process.wait(timeout=60)


def test_the_product_is_usable_when_the_runner_says_so(running):
    status, health = running.health()
    assert status == 200
    assert health["usable"] and health["database"] and health["queue"]
    assert health["worker_heartbeat_age_s"] < 20
    assert health["pending_evaluations"] == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+", health["version"])


def test_the_secret_key_and_the_database_are_the_owners_alone(running):
    assert (running.state_dir / "secret_key").stat().st_mode & 0o077 == 0
    assert running.state_dir.stat().st_mode & 0o077 == 0


def test_a_second_runner_on_the_same_directory_is_refused_and_harms_nothing(running):
    second = running.start(subprocess.PIPE)
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already running on {running.state_dir} (process {running.process.pid})" in said
    assert running.is_healthy()


@pytest.mark.parametrize("word", ["redis-server", "manage.py work", "manage.py sweep", "granian"])
def test_a_killed_process_is_replaced_and_the_product_is_usable_again(running, word):
    killed = running.child(word)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: running.child(word) not in (None, killed), timeout_s=20)
    eventually(running.is_healthy, timeout_s=20)


def test_ctrl_c_stops_everything_in_order_and_a_second_start_does_no_setting_up(running):
    children = list(running.children())
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=60) == 0
    assert re.findall(r"^(\w+) has stopped$", running.said, re.MULTILINE) == [
        "web",
        "sweeper",
        "worker",
        "redis",
    ]
    assert not [pid for pid in children if is_alive(pid)]

    # How long it takes is measured, not tested: the machine may be busy (docs/performance.md, README).
    again = Running(running.state_dir)
    try:
        assert again.is_healthy()
        assert "Installing" not in again.said
        assert "Updating the database" not in again.said
    finally:
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(timeout=60) == 0
