"""The label editor in headless Chromium against a private stack: opening, dragging, panning, saving.

`./dev run --no-demo` is started on a state directory and port of its own. Opening is measured from the start of the
navigation to the moment at which the labels are on the canvas, with the program in the browser's cache (an annotator
goes from task to task) and once without. "Script" is what the page's own code takes per frame of the screen (see
support/editor_probe.js); the share of frames that came within 16.7 ms is given beside it and depends on the machine.

    ./dev bench editor [--check] [--rounds N] [--shapes 1000]
"""

import math
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.editor_frames import make_video, stepping
from bench.submit_to_score import percentile, running
from bench.support.report import Figure, finish, options

PROBE = Path(__file__).parent / "support" / "editor_probe.js"
PAINTED = """async () => {
  while (!performance.getEntriesByName("editor-painted").length) await new Promise((done) => setTimeout(done, 5));
}"""
OPEN_SHAPES = 200
FRAMES = 120
FRAME_MS = 1000 / 60
WIDTH, HEIGHT = 1280, 960

OPEN_LIMIT_MS = 300.0
DRAG_LIMIT_MS = 4.0
VIEW_LIMIT_MS = 4.0
SAVE_LIMIT_BYTES = 2048.0
SAVE_LIMIT_MS = 50.0


@dataclass(frozen=True)
class Bench:
    """What a measurement gets: a page of the logged-in annotator and the addresses of the tasks by name."""

    page: Any
    url: str
    tasks: dict[str, str]

    def open(self, name: str) -> None:
        """Open a task and wait until its labels are painted."""
        self.page.goto(self.url + self.tasks[name])
        # Not wait_for_function: asking a second time needs eval, which the page's policy refuses.
        self.page.evaluate(PAINTED)
        self.page.wait_for_selector("#editor[data-ready]")


Measurement = Callable[[Bench, int], list[Figure]]


def main() -> int:
    chosen = options(__doc__, shapes=1000)
    directory = Path(tempfile.mkdtemp(prefix="annotrain-bench-"))
    try:
        figures = measure(directory / "state", chosen)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return finish("editor", figures, check=chosen.check, shapes=chosen.shapes)


def measure(state: Path, chosen: Any) -> list[Figure]:
    """Start the stack, make the tasks, run every measurement in one browser."""
    # Playwright's synchronous interface runs an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with running(state) as url:
        os.environ |= {
            "ANNOTRAIN_STATE_DIR": str(state),
            "DJANGO_SETTINGS_MODULE": "annotrain.settings",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from playwright.sync_api import sync_playwright

        from annotrain.runner.suite import find_browser
        from tests.browser_fixtures import session_cookie

        annotator, tasks = make_tasks(chosen.shapes)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), chromium_sandbox=False)
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
            context.add_init_script(path=PROBE)
            context.add_cookies([session_cookie(annotator, url)])
            bench = Bench(context.new_page(), url, tasks)
            figures = [figure for one in MEASUREMENTS for figure in one(bench, chosen.rounds)]
            browser.close()
    return figures


# ------------------------------------------------------------ what is there to open
def make_tasks(shapes: int) -> tuple[Any, dict[str, str]]:
    """An annotator, and the addresses of their tasks: "some" with 200 polygons, "many" with `--shapes`, "video"."""
    from django.urls import reverse

    from labels.operations import save_labels
    from projects.models import Role
    from tests.factories import (
        FileFactory,
        MembershipFactory,
        OntologyVersionFactory,
        OrganisationFactory,
        ProjectFactory,
        ProjectRoleFactory,
        TaskFactory,
        UserFactory,
    )

    organisation, annotator = OrganisationFactory(slug="bench"), UserFactory()
    MembershipFactory(organisation=organisation, user=annotator)
    version = OntologyVersionFactory(organisation=organisation, frozen=True)
    project = ProjectFactory(organisation=organisation, ontology_version=version)
    ProjectRoleFactory(project=project, user=annotator, role=Role.ANNOTATOR)
    addresses = {}
    for name, count in (("some", OPEN_SHAPES), ("many", shapes)):
        file = FileFactory(organisation=organisation, width=WIDTH, height=HEIGHT)
        task = TaskFactory(project=project, file=file, held_by=annotator)
        save_labels(task=task, actor=annotator, revision=0, upserts=polygons(count), deletes={})
        addresses[name] = reverse("labels:annotate", args=[organisation.slug, task.uuid])
    video = make_video(organisation, project, annotator)
    addresses["video"] = reverse("labels:annotate", args=[organisation.slug, video.uuid])
    return annotator, addresses


def polygons(count: int) -> dict[str, Any]:
    """So many polygons of twelve vertices on a grid, as the upserts of a save."""
    from tests.factories import PLATELET

    columns = math.ceil(math.sqrt(count))
    instances, labels = [], []
    for index in range(count):
        x, y = (index % columns + 0.5) / columns, (index // columns + 0.5) / columns
        ring = []
        for corner in range(12):
            reach = (0.42 + 0.08 * math.sin(index + corner * 3)) / columns
            angle = corner * math.pi / 6
            ring.append([x + reach * math.cos(angle), y + reach * math.sin(angle)])
        instances.append({"id": f"p{index}", "kind": "object", "node": PLATELET, "answers": {}})
        geometry = {"type": "polygon", "parts": [[ring]]}
        labels.append({"instance": f"p{index}", "frame": 0, "geometry": geometry, "keyframe": True})
    return {"instances": instances, "labels": labels}


# ------------------------------------------------------------ measurements
def opening(bench: Bench, rounds: int) -> list[Figure]:
    """From the start of the navigation to the labels on the canvas."""

    def opened() -> float:
        bench.open("some")
        return float(bench.page.evaluate("performance.getEntriesByName('editor-painted')[0].startTime"))

    cold = opened()
    found = [opened() for _ in range(max(5, rounds))]
    name = f"open to {OPEN_SHAPES} labels painted"
    return [
        Figure(f"{name}, median", statistics.median(found), "ms", at_most=OPEN_LIMIT_MS),
        Figure(f"{name}, p95", percentile(found, 95), "ms"),
        Figure(f"{name}, nothing in the cache", cold, "ms"),
    ]


def dragging(bench: Bench, rounds: int) -> list[Figure]:
    """One of many polygons goes round with the pointer."""
    bench.open("many")
    page = bench.page
    page.keyboard.press("v")
    x, y = place_of_a_shape(bench)
    page.mouse.click(x, y)
    script, frames = [], []
    for _ in range(rounds):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 8, y + 8)
        found = page.evaluate(
            "place => editorProbe.drag(place)", {"x": x, "y": y, "radius": 60, "count": FRAMES}
        )
        assert page.evaluate("annotrainEditor.view.panes()[0].machine.state") == "moving"
        page.keyboard.press("Escape")
        page.mouse.up()
        script += found["script"]
        frames += found["frames"]
    return per_frame("drag one of many", script, frames, DRAG_LIMIT_MS)


def place_of_a_shape(bench: Bench) -> tuple[float, float]:
    """A point of the page in the middle of a shape near the middle of the picture."""
    return tuple(
        bench.page.evaluate(
            """() => {
              const shapes = annotrainEditor.session.shapes();
              const ring = shapes[Math.floor(shapes.length * 0.52)].geometry.parts[0][0];
              const middle = (axis) => ring.reduce((sum, point) => sum + point[axis], 0) / ring.length;
              const at = annotrainEditor.view.panes()[0].pagePoint({ x: middle(0), y: middle(1) });
              return [at.x, at.y];
            }"""
        )
    )


def looking(bench: Bench, rounds: int) -> list[Figure]:
    """Pan with the space bar held, and zoom with the wheel, over many shapes."""
    bench.open("many")
    page = bench.page
    page.keyboard.press("Escape")
    x, y = place_of_a_shape(bench)
    figures = []
    for name in ("pan", "zoom"):
        script, frames = [], []
        for _ in range(rounds):
            page.mouse.move(x, y)
            if name == "pan":
                page.keyboard.down("Space")
                page.mouse.down()
                page.mouse.move(x + 8, y + 8)
            argument = {"x": x, "y": y, "radius": 120, "count": FRAMES}
            found = page.evaluate(
                f"place => editorProbe.{'drag' if name == 'pan' else 'zoom'}(place)", argument
            )
            if name == "pan":
                page.mouse.up()
                page.keyboard.up("Space")
            script += found["script"]
            frames += found["frames"]
        figures += per_frame(f"{name} over many", script, frames, VIEW_LIMIT_MS)
    return figures


def per_frame(name: str, script: list[float], frames: list[float], limit: float) -> list[Figure]:
    """Median and p95 of the script, with the share of frames in time as a remark."""
    in_time = sum(one <= 1.5 * FRAME_MS for one in frames) / len(frames)
    note = f"{in_time:.0%} of the frames within 25 ms"
    return [
        Figure(f"{name}, script a frame, median", statistics.median(script), "ms", at_most=limit, note=note),
        Figure(f"{name}, script a frame, p95", percentile(script, 95), "ms", at_most=2 * limit),
    ]


def saving(bench: Bench, rounds: int) -> list[Figure]:
    """One shape of many is moved by a key and saved."""
    bench.open("many")
    page = bench.page
    x, y = place_of_a_shape(bench)
    page.mouse.click(x, y)
    sizes, times = [], []
    for _ in range(max(5, rounds) + 1):
        with page.expect_response("**/save/") as answer:
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Control+s")
        assert answer.value.status == 200, answer.value.text()
        answer.value.finished()
        sizes.append(len(answer.value.request.post_data or ""))
        times.append(
            page.evaluate(
                """() => {
                  const sent = performance.getEntriesByType("resource");
                  const entry = sent.filter(({ name }) => name.endsWith("/save/")).at(-1);
                  return entry.responseEnd - entry.startTime;
                }"""
            )
        )
        page.wait_for_selector(".ed-save:has-text('Saved ')")
    return [
        Figure("save of one changed shape of many, body", max(sizes), "bytes", at_most=SAVE_LIMIT_BYTES),
        Figure("save answered, median", statistics.median(times[1:]), "ms", at_most=SAVE_LIMIT_MS),
        Figure("save answered, p95", percentile(times[1:], 95), "ms"),
    ]


MEASUREMENTS: list[Measurement] = [opening, dragging, looking, saving, stepping]

if __name__ == "__main__":
    raise SystemExit(main())
