"""Keeps a few processes alive: starts them in order, restarts those that die, stops them in reverse, by process id."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from annotrain.runner.terminal import say

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
CALM_AFTER_S = 30.0  # having lived this long, a process has earned a short pause again
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec only the call itself is safe


def die_with_parent() -> None:
    """Ask Linux to send SIGTERM when the supervisor itself is killed, so that nothing is left behind."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def kill_group(leader: int) -> None:
    """Kill what is left of the session that one of our programs led (a dead web server's own workers, say)."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


@dataclass
class Program:
    """One process to keep alive. Times are in seconds of the monotonic clock."""

    name: str
    command: list[str]
    environment: dict[str, str]
    directory: Path
    grace_s: float = 10.0
    ready: Callable[[], bool] | None = None  # the next program starts when this says yes
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    restarts: int = 0
    reader: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C in the terminal reaches the supervisor only."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.started_at = time.monotonic()
        self.reader = threading.Thread(target=self._show_output, args=(self.process,), daemon=True)
        self.reader.start()

    def _show_output(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            say(f"{self.name:>8} | {line.decode(errors='replace').rstrip()}")

    @property
    def is_running(self) -> bool:
        """Whether its process is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask with SIGTERM, wait out the grace, then kill what is left of its session."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=self.grace_s)
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop within {self.grace_s:.0f} s; killing it")
            kill_group(self.process.pid)
            self.process.wait()


class Supervisor:
    """Runs programs until it is told to stop."""

    def __init__(self, programs: list[Program]) -> None:
        self.programs = programs
        self.stopping = threading.Event()

    def install_signal_handlers(self) -> None:
        """Ctrl-C, SIGTERM and a closed terminal all mean: stop in order; `nohup` keeps its meaning."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: self.stopping.set())

    def start(self, program: Program, *, timeout_s: float = 20.0) -> bool:
        """Start one and wait until it is ready; False when it died, was not ready in time, or we are told to stop."""
        program.start()
        deadline = time.monotonic() + timeout_s
        while program.ready is not None and not program.ready():
            if not program.is_running or self.stopping.is_set() or time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def watch(self) -> None:
        """Restart what dies, with pauses that double, until told to stop."""
        while not self.stopping.wait(0.1):
            for program in self.programs:
                self.revive(program, now=time.monotonic())

    def revive(self, program: Program, *, now: float) -> None:
        """One look at one program: plan its restart when it died, start it when its pause is over."""
        if program.is_running:
            if now - program.started_at > CALM_AFTER_S:
                program.pause_s = FIRST_PAUSE_S
            return
        if not program.start_at:
            assert program.process is not None
            kill_group(program.process.pid)
            status = describe(program.process.returncode)
            say(f"{program.name} stopped ({status}); starting it again in {program.pause_s:.1f} s")
            program.start_at = now + program.pause_s
            program.pause_s = min(program.pause_s * 2, LONGEST_PAUSE_S)
        elif now >= program.start_at:
            program.start_at = 0.0
            program.restarts += 1
            program.start()

    def stop_all(self) -> None:
        """Last started, first stopped: nobody loses a server that it still needs."""
        for program in reversed(self.programs):
            program.stop()
            say(f"{program.name} has stopped")


def describe(status: int) -> str:
    """An exit status in words."""
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
