"""Whatever a file holds: a result or a sentence, never a traceback, never a number that is none."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.ontologies import GEOMETRIES, STRUCTURE, instance
from tests.score_cli.files import bbox, coco, own, own_item, run, voc, write

COCO = coco(
    [
        bbox(0, 0, 40, 40, attributes={"state": "a", "tags": ["x"], "n": 3}),
        {"segmentation": [[0, 0, 40, 0, 40, 40], [50, 50, 90, 50, 90, 90]]},
        {"segmentation": {"size": [100, 100], "counts": [5000, 100, 4900]}},
        {"category_id": 2, "keypoints": [1, 2, 2, 3, 4, 1]},
    ],
    categories=["cell", {"id": 2, "name": "fly", "keypoints": ["head", "tail"]}],
)
DOCUMENT = {
    "objects": [instance(key, number) for number, key in enumerate(GEOMETRIES)],
    "classifications": [
        {"id": "c", "node": "quality0", "frames": [0], "answers": {"qualroot": "bad", "why": "dark"}},
        {"id": "g", "node": "patient0", "frames": None, "answers": {"patroot0": "none"}},
    ],
}
OWN = own(own_item(DOCUMENT, size=(8, 4)), ontology=STRUCTURE)
BARE = own(own_item(DOCUMENT, size=(8, 4)))
FUNCTION = {
    "weights": {"iou:cell": 10, "attribute:state=a": 5},
    "ordered": ["state"],
    "min_overlap": {"area": 0.5},
    "full_marks": {"cell": 0.9},
    "not_scored": ["fly"],
}

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        [[], {}, [[]], [[[]]], [{}], "cell", "whitecel", [0, 0], -1, 1e308, "__proto__", {"a": {"b": 1}}]
    ),
)


def places(value, path=()):
    """The paths of everything in a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*path, key))


def replaced(value, path, odd):
    """A copy in which what is at the path is something else."""
    if not path:
        return odd
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = replaced(copied[path[0]], path[1:], odd)
    return copied


def judged(*given):
    ran = run(*given, "--json")
    assert ran.status in (0, 2)
    assert "Traceback" not in ran.err
    if ran.status == 2:
        assert ran.out == ""
        assert ran.err.startswith("score: ")
        return
    for figures in (ran.result, *ran.result["classes"].values()):
        assert all(math.isfinite(figures[key]) and figures[key] >= 0 for key in ("earned", "available"))
        assert figures["earned"] <= figures["available"] + 1e-9
        assert figures["score"] is None or 0 <= figures["score"] <= 1 + 1e-12
    assert run(*given, "--explain").status == 0


@pytest.mark.parametrize("file", [COCO, OWN, BARE], ids=["coco", "own", "own without ontology"])
def test_one_odd_value_anywhere_in_gold_or_submission(file, tmp_path):
    paths = list(places(file))
    path = write(tmp_path / "good.json", file)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(place=st.sampled_from(paths), odd=ODD)
    def check(place, odd):
        broken = write(tmp_path / "broken.json", json.dumps(replaced(file, place, odd)))
        judged(broken, path)
        judged(path, broken)

    check()


def test_one_odd_value_anywhere_in_a_function_file(tmp_path):
    gold = write(tmp_path / "good.json", COCO)

    @settings(max_examples=60, deadline=None)
    @given(place=st.sampled_from(list(places(FUNCTION))), odd=ODD)
    def check(place, odd):
        function = write(tmp_path / "function.json", json.dumps(replaced(FUNCTION, place, odd)))
        judged(gold, gold, "--function", function)

    check()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400), text=st.text(max_size=8))
def test_xml_that_is_cut_or_garbled(tmp_path_factory, cut, text):
    folder = tmp_path_factory.mktemp("voc")
    good = voc([("cell", 1, 1, 50, 50, {"kind": "a"})])
    gold = write(folder / "gold.xml", good)
    broken = write(
        folder / "broken.xml", (good[:cut] + text + good[cut:]).encode("utf-8", "replace").decode()
    )

    judged(gold, broken)
    judged(broken, gold)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"PK\x03\x04 no archive", b"\x00" * 100, b'{"annotations": "\xed\xa0\x80"}']
)
def test_bytes_that_are_no_text(tmp_path, content):
    path = tmp_path / "gold.json"
    path.write_bytes(content)

    assert run(path, path).status == 2


def test_endless_input_is_not_read_to_its_end(monkeypatch, tmp_path):
    from formats import compared

    monkeypatch.setattr(compared, "MAX_COMPARED_FILE_BYTES", 10_000)
    ran = run("/dev/zero", "/dev/zero")

    assert ran.status == 2
    assert "The file is larger than" in ran.err


def test_comb_shaped_outlines_of_the_largest_size_are_compared_in_seconds(tmp_path):
    def comb(offset):
        points = []
        for tooth in range(240):
            x = tooth * 0.4 + offset
            points += [x, 0, x, 90, x + 0.2, 90, x + 0.2, 0]
        return {"segmentation": [[*points, 99, 99, 0, 99]]}

    gold = write(tmp_path / "gold.json", coco([comb(0)] * 5))
    mine = write(tmp_path / "mine.json", coco([comb(0.05)] * 5))
    judged(gold, mine)
