"""One way to report: a table with the figure, its peer pattern and the ratio, and bench/results/<name>.json."""

import argparse
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"


@dataclass(frozen=True)
class Figure:
    """One measured line. `peer` is the other way to do it, measured in the same run; `ratio` says how much better.

    `at_least` and `at_most` are what is held: a limit of the ratio where there is a peer, else of the figure.
    """

    name: str
    value: float
    unit: str
    peer: float | None = None
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def is_held(self) -> bool:
        """Whether the limit is kept; True without one."""
        judged = self.value if self.ratio is None else self.ratio
        return (self.at_least is None or judged >= self.at_least) and (
            self.at_most is None or judged <= self.at_most
        )


def options(description: str | None, **extra: Any) -> argparse.Namespace:
    """`--check`, `--rounds` and what else a benchmark asks for (name = default)."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="exit 1 where a held ratio or limit is missed")
    parser.add_argument("--rounds", type=int, default=3)
    for name, default in extra.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return parser.parse_args()


def finish(name: str, figures: Sequence[Figure], *, check: bool, **details: Any) -> int:
    """Print the table, write the file; the exit status is 1 with `check` where something held is missed."""
    print(f"{name:<58}{'figure':>12}{'':<14}{'peer':>12}{'ratio':>9}  held")
    for one in figures:
        peer = "" if one.peer is None else f"{one.peer:,.1f}"
        ratio = "" if one.ratio is None else f"{one.ratio:,.2f}x"
        print(
            f"{one.name:<58}{one.value:>12,.1f} {one.unit:<13}{peer:>12}{ratio:>9}  {_limit(one)} {one.note}"
        )
    RESULTS.mkdir(exist_ok=True)
    rows = [asdict(one) | {"held": one.is_held} for one in figures]
    written = {"machine": machine(), "figures": rows, **details}
    (RESULTS / f"{name}.json").write_text(json.dumps(written, indent=1) + "\n")
    return int(check and not all(one.is_held for one in figures))


def _limit(one: Figure) -> str:
    if one.at_least is None and one.at_most is None:
        return ""
    limit = f">= {one.at_least:g}" if one.at_least is not None else f"<= {one.at_most:g}"
    return limit if one.is_held else f"{limit} MISSED"


def machine() -> dict[str, Any]:
    """What it ran on, and how busy that was."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=RESULTS.parent.parent,
    ).stdout.strip()
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load_average_1_min": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": platform.platform(),
        "commit": commit,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def median_of(rounds: int, *works: Callable[[], float]) -> list[float]:
    """Medians of what each of the works returns, rounds interleaved so that a busy machine slows all of them."""
    measured: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for found, work in zip(measured, works, strict=True):
            found.append(work())
    return [statistics.median(found) for found in measured]
