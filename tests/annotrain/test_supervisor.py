"""The supervisor with small programs: what dies is started again, everything is stopped in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from annotrain.runner.supervisor import (
    CALM_AFTER_S,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    Program,
    Supervisor,
    describe,
)


@pytest.fixture
def supervise(tmp_path):
    """A function from names and shell scripts to a supervisor that has started them; all are stopped afterwards."""
    supervisors = []

    def start(grace_s=2.0, **scripts):
        environment = {"PATH": os.environ["PATH"]}
        programs = [
            Program(name, ["sh", "-c", script], environment, tmp_path, grace_s=grace_s)
            for name, script in scripts.items()
        ]
        supervisor = Supervisor(programs)
        supervisors.append(supervisor)
        for program in programs:
            assert supervisor.start(program)
        return supervisor

    yield start
    for supervisor in supervisors:
        supervisor.stop_all()


def eventually(condition, *, timeout_s=5.0):
    """Wait until a condition holds; fails when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def is_alive(pid):
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_program_is_started_again_after_a_short_pause(supervise):
    supervisor = supervise(worker="exec sleep 60")
    worker = supervisor.programs[0]
    first = worker.process.pid
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: worker.restarts == 1 and worker.is_running)
    assert worker.process.pid != first
    supervisor.stopping.set()
    watching.join()


def test_the_pauses_of_a_program_that_keeps_dying_double_up_to_a_limit(supervise):
    supervisor = supervise(web="exit 3")
    web, now, pauses = supervisor.programs[0], 1000.0, []
    for _ in range(7):
        web.process.wait()
        supervisor.revive(web, now=now)
        pauses.append(web.start_at - now)
        supervisor.revive(web, now=web.start_at - 0.01)
        assert not web.is_running, "started before its pause was over"
        now = web.start_at
        supervisor.revive(web, now=now)
    assert pauses == pytest.approx([0.5, 1, 2, 4, 8, LONGEST_PAUSE_S, LONGEST_PAUSE_S])
    assert web.restarts == 7


def test_a_program_that_has_run_for_a_while_starts_again_quickly(supervise):
    supervisor = supervise(web="exec sleep 60")
    web = supervisor.programs[0]
    web.pause_s = LONGEST_PAUSE_S
    supervisor.revive(web, now=web.started_at + CALM_AFTER_S + 1)
    assert web.pause_s == FIRST_PAUSE_S


def test_the_last_started_is_stopped_first(supervise, tmp_path):
    leave_a_line = "trap 'echo {} >> order; exit' TERM; touch {}.up; while :; do sleep 0.02; done"
    names = ["redis", "worker", "web"]
    supervisor = supervise(**{name: leave_a_line.format(name, name) for name in names})
    eventually(lambda: all((tmp_path / f"{name}.up").exists() for name in names))
    supervisor.stop_all()
    assert (tmp_path / "order").read_text().split() == ["web", "worker", "redis"]


def test_a_program_that_ignores_the_request_is_killed_after_its_grace(supervise, tmp_path):
    supervisor = supervise(grace_s=0.2, stubborn="trap '' TERM; touch up; while :; do sleep 0.05; done")
    eventually(lambda: (tmp_path / "up").exists())
    supervisor.stop_all()
    assert supervisor.programs[0].process.returncode == -signal.SIGKILL


def test_what_a_killed_program_leaves_behind_is_killed_before_it_starts_again(supervise, tmp_path):
    supervisor = supervise(web="sleep 60 & echo $! > child; wait")
    web = supervisor.programs[0]
    eventually(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip())
    child = int((tmp_path / "child").read_text())
    os.kill(web.process.pid, signal.SIGKILL)
    web.process.wait()
    assert is_alive(child)
    supervisor.revive(web, now=time.monotonic())
    eventually(lambda: not is_alive(child))


def test_a_program_that_dies_before_it_is_ready_is_reported(tmp_path):
    program = Program("redis", ["sh", "-c", "exit 1"], dict(os.environ), tmp_path, ready=lambda: False)
    assert Supervisor([program]).start(program, timeout_s=5) is False


def test_programs_end_when_their_supervisor_is_killed(tmp_path):
    script = f"""
import pathlib, time
from annotrain.runner.supervisor import Program, Supervisor
program = Program("web", ["sleep", "60"], {{"PATH": {os.environ["PATH"]!r}}}, pathlib.Path({str(tmp_path)!r}))
Supervisor([program]).start(program)
pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(program.process.pid))
time.sleep(60)
"""
    runner = subprocess.Popen([sys.executable, "-c", script])
    eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    child = int((tmp_path / "pid").read_text())
    assert is_alive(child)
    runner.kill()
    runner.wait()
    eventually(lambda: not is_alive(child))


def test_the_end_of_a_program_is_told_in_words():
    assert describe(-9) == "SIGKILL"
    assert describe(2) == "exit status 2"
