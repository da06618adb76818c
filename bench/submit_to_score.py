"""From the answer of Submit to the score in the database, on a real private stack under load.

`./dev run --no-demo` is started on a state directory and port of its own: web server, Redis, one worker, sweeper,
SQLite. Each round posts `--submissions` submissions of 20 boxes at `--rate` a second over HTTP from as many trainees'
sessions as there are annotators; the time of each score is the moment at which its TaskScore row is first seen by a
reader that looks every few milliseconds. Latencies are client side: also that of the submit request itself.

Peer pattern: scoring inside the request, as tools without a queue do: the same comparison and rows, timed here.

    ./dev bench submit_to_score [--check] [--rounds N] [--submissions 100] [--rate 5]
"""

import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from annotrain.runner.environment import ROOT
from bench.support.report import Figure, finish, options

BOXES = 20
ANNOTATORS = 5
LIMIT_P95_MS = 1000.0


def main() -> int:
    chosen = options(__doc__, submissions=100, rate=5.0)
    directory = Path(tempfile.mkdtemp(prefix="annotrain-bench-"))
    try:
        rounds = measure(directory / "state", chosen)
    finally:
        shutil.rmtree(directory, ignore_errors=True)

    def median(key: str) -> float:
        return statistics.median(one[key] for one in rounds)

    figures = [
        Figure("submit answered -> score in the database, p50", median("score_p50"), "ms"),
        Figure(
            "submit answered -> score in the database, p95", median("score_p95"), "ms", at_most=LIMIT_P95_MS
        ),
        Figure("submit request, p50", median("request_p50"), "ms"),
        Figure("submit request, p95", median("request_p95"), "ms"),
        Figure("scores missing after all", sum(one["missing"] for one in rounds), "scores", at_most=0),
        Figure("what the comparison and its rows would add to the request", median("in_request_ms"), "ms"),
    ]
    return finish("submit_to_score", figures, check=chosen.check, rounds=rounds, rate_per_s=chosen.rate)


def measure(state: Path, chosen: Any) -> list[dict[str, float]]:
    """One stack, `--rounds` rounds."""
    with running(state) as url:
        os.environ |= {
            "ANNOTRAIN_STATE_DIR": str(state),
            "DJANGO_SETTINGS_MODULE": "annotrain.settings",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from bench.support import crowd as crowds

        tasks = -(-chosen.submissions * chosen.rounds // ANNOTATORS)
        crowd = crowds.make_crowd(tasks=tasks, annotators=ANNOTATORS, boxes=BOXES)
        crowds.add_copies(crowd)
        visitors = [Visitor(url, person) for person in crowd.annotators]
        waiting = [
            (visitor, task)
            for tasks_of_all in zip(*[visitor.open_tasks() for visitor in visitors], strict=True)
            for visitor, task in zip(visitors, tasks_of_all, strict=True)
        ]
        count = chosen.submissions
        return [
            one_round(crowd, waiting[n * count : (n + 1) * count], chosen.rate) for n in range(chosen.rounds)
        ]


@contextmanager
def running(state: Path) -> Iterator[str]:
    """The product under its own supervisor; stopped by its process id."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    log = state.parent / "run.log"
    state.mkdir()
    with log.open("w") as output:
        process = subprocess.Popen(
            ["./dev", "run", "--no-demo", "--state-dir", str(state), "--port", str(free_port())],
            cwd=ROOT,
            env=environment | {"LOG_LEVEL": "WARNING"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 90
        while "Annotrain runs at" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the stack did not start:\n{log.read_text()}")
            time.sleep(0.1)
        found = re.search(r"http://[^/\s]+", log.read_text())
        assert found
        yield found[0].replace("localhost", "127.0.0.1")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def free_port() -> int:
    """A port that nobody listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """One trainee's browser: a session in the product's database, and the token that its pages carry."""

    def __init__(self, url: str, person: Any) -> None:
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore
        from django.middleware.csrf import _get_new_csrf_string

        self.url, self.person, self.token = url, person, _get_new_csrf_string()
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session["_csrftoken"] = self.token
        session.save()
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"

    def open_tasks(self) -> list[Any]:
        """The person's copies, in their order."""
        from projects.models import Task

        return list(Task.objects.filter(assignee=self.person, kind="copy").order_by("queue_rank"))

    def submit(self, task: Any) -> tuple[float, float]:
        """Hand in a document of boxes; (seconds that the request took, moment of the answer)."""
        request = urllib.request.Request(  # noqa: S310 our own server
            f"{self.url}/o/bench/tasks/{task.uuid}/submit/",
            json.dumps(labels_of_submission()).encode(),
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Cookie": self.cookie,
                "X-CSRFToken": self.token,
            },
        )
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
            answer.read()
        moment = time.perf_counter()
        return moment - began, moment


def labels_of_submission() -> dict[str, Any]:
    """The editor's diff: the gold boxes, each moved a little."""
    from bench.support.crowd import places
    from tests.factories import CELL, box

    boxes = [(x + 0.01, y, w, h) for x, y, w, h in places(BOXES)]
    return {
        "key": str(uuid.uuid4()),
        "revision": 0,
        "upserts": {
            "instances": [
                {"id": f"o{n}", "kind": "object", "node": CELL, "answers": {}} for n in range(len(boxes))
            ],
            "labels": [
                {"instance": f"o{n}", "frame": 0, "geometry": box(*corners), "keyframe": True, "answers": {}}
                for n, corners in enumerate(boxes)
            ],
        },
        "deletes": {"instances": [], "labels": []},
    }


class Reader(threading.Thread):
    """Looks for new scores every few milliseconds, and notes when it first saw each."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        from benchmarks.models import TaskScore

        last = TaskScore.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        while not self.over.wait(0.005):
            fresh = TaskScore.objects.filter(pk__gt=last).order_by("pk")
            for pk, task in fresh.values_list("pk", "evaluation__copy__task"):
                last = pk
                self.seen[task] = time.perf_counter()


def one_round(crowd: Any, work: list[tuple[Visitor, Any]], rate: float) -> dict[str, float]:
    """Post at a steady rate whatever the answers take; milliseconds."""
    reader = Reader()
    reader.start()
    answers: dict[int, tuple[float, float]] = {}
    start = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        for number, (visitor, task) in enumerate(work):
            time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            pool.submit(lambda v=visitor, t=task: answers.__setitem__(t.pk, v.submit(t)))
    deadline = time.perf_counter() + 30
    while len(reader.seen) < len(work) and time.perf_counter() < deadline:
        time.sleep(0.02)
    reader.over.set()
    reader.join()
    assert len(answers) == len(work), f"{len(work) - len(answers)} submits were not accepted"
    waits = [
        max(0.0, 1000 * (reader.seen[pk] - moment))
        for pk, (_, moment) in answers.items()
        if pk in reader.seen
    ]
    requests = [1000 * seconds for seconds, _ in answers.values()]
    return {
        "score_p50": percentile(waits, 50),
        "score_p95": percentile(waits, 95),
        "request_p50": percentile(requests, 50),
        "request_p95": percentile(requests, 95),
        "missing": len(work) - len(waits),
        "in_request_ms": in_request(crowd),
    }


def in_request(crowd: Any) -> float:
    """The body of one evaluation, here and now, rolled back; milliseconds (median of ten)."""
    from django.db import transaction

    from benchmarks.evaluation import compare_row, store_facts
    from benchmarks.models import Evaluation
    from benchmarks.storage import forget_rows

    rows = Evaluation.objects.select_related("training__project", "submission__task__file", "gold_task")
    spent = []
    for row in rows.order_by("-pk")[:10]:
        with transaction.atomic():
            forget_rows([row.pk])
            began = time.perf_counter()
            store_facts(row, compare_row(row))
            spent.append(1000 * (time.perf_counter() - began))
            transaction.set_rollback(True)
    return statistics.median(spent)


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * percent // 100) - 1)]


if __name__ == "__main__":
    raise SystemExit(main())
