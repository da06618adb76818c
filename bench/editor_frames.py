"""The editor over several frames: how long the next frame takes, and what a thousand steps leave in memory.

"Next frame" is from the step to the end of the screen's frame in which the new picture with its labels was painted;
both figures hold the limit or are missed, and the load beside them says what else the machine did. The CPU time of the
page's thread, prefetching and painting included, is what the editor itself takes. Memory is that of the tab's
processes after a collection of garbage.
"""

import os
import statistics
from pathlib import Path
from typing import Any

from bench.submit_to_score import percentile
from bench.support.report import Figure

FRAMES, SIDE = 1_500, 1024
STEPS = 1_000
WARM_STEPS = 200
NEXT_LIMIT_MS = 50.0
CPU_LIMIT_MS = 25.0
GROWTH_LIMIT_MB = 48.0

# As fast as a key that is held repeats.
REST_MS = 30
STEP = """async (count) => {
  const { session, frames, commands } = annotrainEditor;
  const { media } = session;
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const times = [];
  let by = session.state.frame < media.last ? 1 : -1;
  for (let step = 0; step < count; step += 1) {
    const next = session.state.frame + by;
    for (let waited = 0; waited < 500 && !frames.has(next); waited += 1) await pause(10);
    const start = performance.now();
    commands.run(by > 0 ? "next-frame" : "previous-frame");
    await painted();
    times.push(performance.now() - start);
    if (next === media.last) by = -1;
    if (next === 0) by = 1;
    await pause(REST_MS);
  }
  return { times, decoded: frames.cache.bytes };
}""".replace("REST_MS", str(REST_MS))


def make_video(organisation: Any, project: Any, annotator: Any) -> Any:
    """A task on a clip of 1024 x 1024 with two tracks that are on every frame."""
    from labels.operations import save_labels
    from tests.factories import CELL, FramesFactory, TaskFactory, box

    file = FramesFactory(organisation=organisation, width=SIDE, height=SIDE, frame_count=FRAMES)
    task = TaskFactory(project=project, file=file, held_by=annotator)
    names = ("a", "b")
    labels = [
        {
            "instance": name,
            "frame": frame,
            "geometry": box(0.1 + 0.4 * frame / FRAMES, 0.2 + 0.3 * names.index(name), 0.2, 0.2),
            "keyframe": frame % 20 == 0,
        }
        for name in names
        for frame in range(FRAMES)
    ]
    instances = [{"id": name, "kind": "object", "node": CELL, "answers": {}} for name in names]
    upserts = {"instances": instances, "labels": labels}
    save_labels(task=task, actor=annotator, revision=0, upserts=upserts, deletes={})
    return task


def stepping(bench: Any, rounds: int) -> list[Figure]:
    """A thousand steps through a video, to and fro, each to a frame that has been fetched ahead."""
    page = bench.page
    page.goto(bench.url + bench.tasks["video"])
    page.wait_for_selector("#editor[data-ready]")
    page.keyboard.press("v")
    warm = page.evaluate(STEP, WARM_STEPS)
    before = memory_mb(page)
    clock = page.context.new_cdp_session(page)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})
    busy = thread_seconds(clock)
    found = page.evaluate(STEP, STEPS)
    cpu = 1000 * (thread_seconds(clock) - busy) / STEPS
    clock.detach()
    after = memory_mb(page)
    return [
        Figure(
            "next frame when prefetched, median",
            statistics.median(found["times"]),
            "ms",
            at_most=NEXT_LIMIT_MS,
        ),
        Figure(
            "next frame when prefetched, p95",
            percentile(found["times"], 95),
            "ms",
            at_most=NEXT_LIMIT_MS,
            note=f"{load_average():.1f} processes wanted {os.cpu_count()} cores",
        ),
        Figure("next frame when prefetched, CPU of the page's thread", cpu, "ms", at_most=CPU_LIMIT_MS),
        Figure(
            f"memory after {STEPS:,} steps, growth",
            max(0.0, after - before),
            "MB",
            at_most=GROWTH_LIMIT_MB,
            note=f"{before:.0f} MB before, {after:.0f} MB after",
        ),
        Figure(
            "decoded frames kept",
            found["decoded"] / 1e6,
            "MB",
            note=f"{warm['decoded'] / 1e6:.0f} MB after {WARM_STEPS}",
        ),
    ]


def load_average() -> float:
    """Processes that wanted to run during the last minute."""
    return os.getloadavg()[0]


def thread_seconds(clock: Any) -> float:
    """CPU seconds that tasks of the page's main thread have taken since the clock was started."""
    metrics = clock.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def memory_mb(page: Any) -> float:
    """Resident memory of the tab's processes, after a collection of garbage."""
    context = page.context
    own = context.new_cdp_session(page)
    for _ in range(2):
        own.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(300)
    own.detach()
    session = context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(_resident_mb(one["id"]) for one in processes if one["type"] in ("renderer", "GPU"))


def _resident_mb(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
