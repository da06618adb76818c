"""Bodies that misbehave on purpose, registered in the worker processes of these tests and in the tests themselves."""

import os
import time
from pathlib import Path
from typing import Any

from accounts.models import Tag
from jobs.jobs import JobProblem
from jobs.models import Job
from jobs.operations import report_progress
from jobs.queue import finishing
from jobs.registry import register_job


def hang_the_first_time(job: Job) -> dict[str, Any]:
    """Say in a file which process has it; the first run then hangs, later ones write a tag and are done."""
    diary = Path(job.arguments["diary"])
    with diary.open("a") as file:
        file.write(f"{os.getpid()} {os.getppid()}\n")
    if len(diary.read_text().splitlines()) == 1:
        time.sleep(300)
    with finishing(job):
        Tag.objects.create(organisation=job.organisation, name=f"written by run {job.run}")
    return {"message": "Written."}


def count_to_ten(job: Job) -> dict[str, Any]:
    """Ten steps, each reported."""
    for step in range(1, 11):
        report_progress(job, step, 10)
    return {"counted": 10, "message": "Counted to ten.", "link": "/o/somewhere/"}


def never_end(job: Job) -> dict[str, Any]:
    """Longer than any wall limit of a test."""
    time.sleep(300)
    return {}


def eat_memory(job: Job) -> dict[str, Any]:
    """Allocate 4 GB, far beyond any limit of a test."""
    return {"eaten": len(bytearray(4 * 1024**3))}


def find_a_problem(job: Job) -> dict[str, Any]:
    raise JobProblem("The file has no labels. Choose another one.")


def stumble(job: Job) -> dict[str, Any]:
    raise ZeroDivisionError("secret detail")


def register() -> None:
    """Make the bodies known in this process."""
    for body in (hang_the_first_time, count_to_ten, never_end, eat_memory, find_a_problem, stumble):
        register_job(body.__name__, body)
