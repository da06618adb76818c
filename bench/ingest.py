"""How long a video takes to become frames, how soon the first can be seen, and what serving one costs.

Figure: the flies clip (1,500 frames of 1024 x 1024) from the upload to READY, as the worker's job does it: decoded in a
process of its own, encoded by two threads, packed, with rows and progress. Peer: the simplest thing that works, in one
thread: decode, encode with the same quality, one stored object a frame, and no rows.

    ./dev bench ingest [--check] [--rounds N]
"""

import io
import random
import statistics
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, median_of, options

# Not in the repository: its licence is for academic and research use only.
CLIP = Path(__file__).resolve().parents[2] / "shared" / "data" / "flies-video" / "clip.mp4"
FRAMES = 1_500
MOST_S, FIRST_S, SERVED_MS = 60.0, 5.0, 50.0


def main() -> int:
    chosen = options(__doc__)
    if not CLIP.exists():
        print("skipped: the flies clip is not in the shared folder beside the repository")
        return 0
    found = on_each_database("bench.ingest", lambda: measure(chosen.rounds))
    if found is None:
        return 0
    figures = []
    for kind, one in found.items():
        per_second = FRAMES / one["all_s"]
        figures += [
            Figure(f"1,500 frames of 1024 x 1024 ready, {kind}", one["all_s"], "s", at_most=MOST_S),
            Figure(
                f"frames made a second, {kind}",
                per_second,
                "frames/s",
                peer=FRAMES / one["peer_s"],
                ratio=one["peer_s"] / one["all_s"],
            ),
            Figure(f"first frames usable, {kind}", one["first_s"], "s", at_most=FIRST_S),
            Figure(
                f"one frame served, p95, {kind}",
                one["served_p95_ms"],
                "ms",
                at_most=SERVED_MS,
                note=f"p50 {one['served_p50_ms']:.1f} ms",
            ),
        ]
    return finish("ingest", figures, check=chosen.check)


def measure(rounds: int) -> dict[str, Any]:
    from tests.factories import MembershipFactory, OrganisationFactory

    organisation = OrganisationFactory()
    person = MembershipFactory(organisation=organisation, may_create=True).user
    firsts: list[float] = []
    files: list[Any] = []

    def ours() -> float:
        spent, first, file = ingest(organisation, person)
        firsts.append(first)
        files.append(file)
        return spent

    all_s, peer_s = median_of(rounds, ours, one_thread_one_object_a_frame)
    served = serve(files[-1], person)
    return {
        "all_s": all_s,
        "peer_s": peer_s,
        "first_s": statistics.median(firsts),
        "served_p50_ms": statistics.median(served),
        "served_p95_ms": sorted(served)[int(len(served) * 0.95)],
    }


def ingest(organisation: Any, person: Any) -> tuple[float, float, Any]:
    """Seconds to all frames and to the first ones, and the file."""
    from datasets import ingest as module
    from datasets.models import FileKind
    from datasets.uploads import upload_frames

    began = time.perf_counter()
    with CLIP.open("rb") as stored:
        file = upload_frames(
            organisation=organisation,
            actor=person,
            kind=FileKind.VIDEO,
            title=f"{uuid4()}.mp4",
            parts=[("clip.mp4", stored)],
        )
    first: list[float] = []
    store = module.store_pack

    def noticed(*arguments: Any) -> Any:
        pack = store(*arguments)
        if not first:
            first.append(time.perf_counter() - began)
        return pack

    module.store_pack = noticed
    try:
        file = module.ingest_now(file)
    finally:
        module.store_pack = store
    assert file.is_ready and file.frame_count == FRAMES
    return time.perf_counter() - began, first[0], file


def one_thread_one_object_a_frame() -> float:
    """Seconds of the peer pattern; what it wrote is removed, untimed."""
    import av
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from datasets.media.limits import VIDEO_JPEG_QUALITY

    folder, began = f"bench/{uuid4()}", time.perf_counter()
    with av.open(str(CLIP)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            written = io.BytesIO()
            frame.to_image().save(written, "JPEG", quality=VIDEO_JPEG_QUALITY)
            default_storage.save(f"{folder}/{number:06d}.jpg", ContentFile(written.getvalue()))
    spent = time.perf_counter() - began
    from datasets.storage import remove_folder

    remove_folder(folder)
    return spent


def serve(file: Any, person: Any) -> list[float]:
    """Milliseconds of frames in any order, through the whole of Django."""
    from django.test import Client
    from django.urls import reverse

    client, chance, spent = Client(), random.Random(1), []  # noqa: S311
    client.force_login(person)
    for _ in range(220):
        frame = chance.randrange(FRAMES)
        began = time.perf_counter()
        answer = client.get(reverse("datasets:frame", args=[file.organisation.slug, file.uuid, frame]))
        assert answer.status_code == 200
        assert len(answer.content) > 1_000
        spent.append(1000 * (time.perf_counter() - began))
    return spent[20:]


if __name__ == "__main__":
    raise SystemExit(main())
