"""What a list page costs at scale: CPU and wall time of this process per request, and the number of queries.

Every page is asked for through Django's whole stack (middleware, session, templates) as the lead of a project of
`--tasks` gold tasks x `--annotators` annotators, half of the copies submitted and scored. The same page with a tenth
of the annotators says whether the number of queries grows. The peer pattern is a page of rows that asks for its
related rows one by one.

    ./dev bench lists [--check] [--rounds N] [--tasks 1000] [--annotators 50]
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, options

CPU_LIMIT_MS = 12.0
WALL_LIMIT_MS = 100.0


def main() -> int:
    chosen = options(__doc__, tasks=1000, annotators=50)
    found = on_each_database("bench.lists", lambda: measure(chosen.tasks, chosen.annotators, chosen.rounds))
    if found is None:
        return 0
    figures = [figure for kind, result in found.items() for figure in _figures(kind, result)]
    size = f"_{chosen.tasks}x{chosen.annotators}"
    name = "lists" if size == "_1000x50" else f"lists{size}"
    return finish(name, figures, check=chosen.check, tasks=chosen.tasks, annotators=chosen.annotators)


def _figures(kind: str, result: dict[str, Any]) -> list[Figure]:
    lines = []
    for name, page in result["pages"].items():
        note = f"wall {page['wall_ms']:.0f} ms, {page['queries']} queries, {page['bytes'] / 1024:.0f} kB"
        if page["queries"] > page["queries_small"]:
            note += f" (grew from {page['queries_small']})"
        limit = CPU_LIMIT_MS if name in LISTS else None
        lines.append(Figure(f"{name}, {kind}", page["cpu_ms"], "ms CPU", at_most=limit, note=note))
    peer = result["peer"]
    lines.append(
        Figure(
            f"rows of Queue against one query per relation, {kind}",
            peer["joined_ms"],
            "ms CPU",
            peer=peer["lazy_ms"],
            ratio=peer["lazy_ms"] / peer["joined_ms"],
        )
    )
    return lines


# Pages that show one page of rows and little else: the limit of design/performance.md is about them.
LISTS = ("queue", "activity", "data", "team", "projects")


def measure(tasks: int, annotators: int, rounds: int) -> dict[str, Any]:
    from bench.support import crowd as crowds

    few = max(2, annotators // 10)
    crowd = crowds.make_crowd(tasks=tasks, annotators=few)
    crowds.add_source(crowd, tasks=tasks)
    crowds.add_copies(crowd)
    crowds.submit_copies(crowd, percent=50)
    crowds.add_label_facts(crowd, labels=2)
    small = {name: ask() for name, ask in pages(crowd).items()}
    wipe_results(crowd)
    people = crowds.add_people(crowd.training.project, annotators - few, prefix="later")
    crowd = crowds.Crowd(
        crowd.organisation, crowd.admin, crowd.training, [*crowd.annotators, *people], crowd.items
    )
    crowds.add_copies(crowd)
    crowds.submit_copies(crowd, percent=50)
    crowds.add_label_facts(crowd, labels=2)
    found = {}
    for name, ask in pages(crowd).items():
        ask()
        taken = [ask() for _ in range(max(3, rounds))]
        found[name] = {key: statistics.median(one[key] for one in taken) for key in ("cpu_ms", "wall_ms")} | {
            "queries": taken[-1]["queries"],
            "queries_small": small[name]["queries"],
            "bytes": taken[-1]["bytes"],
        }
    return {"pages": found, "peer": peer(crowd, rounds), "copies": crowds.copies_of(crowd)}


def wipe_results(crowd: Any) -> None:
    """Make the copies open again, so that they are submitted anew with those of the people who come."""
    from labels.models import Submission
    from projects.models import Task

    Submission.objects.filter(task__project=crowd.training.project).delete()
    Task.objects.filter(project=crowd.training.project).update(state="assigned")


def pages(crowd: Any) -> dict[str, Callable[[], dict[str, float]]]:
    """A function per page that asks for it once, as the lead or as a trainee."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    lead, trainee = Client(), Client()
    backend = "django.contrib.auth.backends.ModelBackend"
    lead.force_login(crowd.admin, backend=backend)
    trainee.force_login(crowd.annotators[0], backend=backend)
    organisation, project = crowd.organisation.slug, crowd.training.project.uuid

    def asker(client: Client, url: str, **headers: str) -> Callable[[], dict[str, float]]:
        def ask() -> dict[str, float]:
            cpu, wall = time.process_time(), time.perf_counter()
            response = client.get(url, headers=headers)
            spent = {
                "cpu_ms": 1000 * (time.process_time() - cpu),
                "wall_ms": 1000 * (time.perf_counter() - wall),
                "bytes": len(response.content),
            }
            assert response.status_code == 200, (url, response.status_code)
            with CaptureQueriesContext(connection) as captured:
                client.get(url, headers=headers)
            return spent | {"queries": len(captured)}

        return ask

    def address(name: str, *extra: Any) -> str:
        return reverse(name, args=[organisation, project, *extra])

    wizard = wizard_draft(crowd)
    figures = {"HX-Request": "true", "HX-Target": "overview-figures"}
    return {
        "overview": asker(lead, address("benchmarks:overview")),
        "overview, refreshed figures": asker(lead, address("benchmarks:overview"), **figures),
        "annotator submissions": asker(lead, address("benchmarks:submissions")),
        "queue": asker(lead, address("benchmarks:queue")),
        "activity": asker(lead, address("benchmarks:activity")),
        "data": asker(lead, address("benchmarks:data")),
        "team": asker(lead, address("projects:team")),
        "projects": asker(lead, reverse("benchmarks:projects", args=[organisation])),
        "wizard, training data": asker(
            lead, reverse("benchmarks:wizard_step", args=[organisation, wizard, "data"])
        ),
        "wizard, annotators": asker(
            lead, reverse("benchmarks:wizard_step", args=[organisation, wizard, "trainees"])
        ),
        "trainee's page": asker(trainee, address("benchmarks:overview")),
    }


def wizard_draft(crowd: Any) -> str:
    """A draft that is filled in up to its last step, with everybody chosen."""
    from benchmarks.models import WizardDraft
    from projects.models import Project

    source = Project.objects.get(title="Expert labels")
    digest = source.ontology_version.canonical_digest
    draft = WizardDraft.objects.create(
        organisation=crowd.organisation,
        user=crowd.admin,
        answers={
            "details": {"title": "Next exam"},
            "ontology": digest,
            "data": {digest: {"sources": [str(source.uuid)]}},
            "trainees": {"people": {str(one.uuid): "annotator" for one in crowd.annotators}, "groups": {}},
        },
    )
    return str(draft.uuid)


def peer(crowd: Any, rounds: int) -> dict[str, float]:
    """Fifty rows of Queue with their relations joined, and with one query for each."""
    from bench.support.report import median_of
    from benchmarks.models import TaskCopy

    copies = TaskCopy.objects.filter(training=crowd.training).order_by("pk")

    def read(rows: Any) -> float:
        began = time.process_time()
        for copy in rows[:50]:
            copy.task.state, copy.item.file.title, copy.annotator.name  # noqa: B018 reading is the work
        return 1000 * (time.process_time() - began)

    joined, lazy = median_of(
        max(3, rounds),
        lambda: read(copies.select_related("task", "item__file", "annotator")),
        lambda: read(copies.all()),
    )
    return {"joined_ms": joined, "lazy_ms": lazy}


if __name__ == "__main__":
    raise SystemExit(main())
