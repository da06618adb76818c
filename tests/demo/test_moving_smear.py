"""The clips of the moving smear: pictures, path and gold belong together, and the answers follow from the geometry."""

import itertools
import json

import av
import numpy as np
import pytest

from demo.catalogue import moving_smear
from demo.moving_smear import (
    CELLS,
    CLASSES,
    FOLDER,
    PANS,
    RATE,
    Pan,
    cells_of,
    enlarged,
    smear_document,
    view,
)
from demo.track_errors import TrackErrors, radio_options, with_track_errors
from formats import document_problems

SMEAR = moving_smear()
GOLD = {item["file"]: item["document"] for item in json.loads(SMEAR.gold.content)["items"]}
CUT = {kind.node: kind for kind in CLASSES.values()}
TRACKS = [(name, one) for name, document in GOLD.items() for one in document["objects"]]


def test_the_stored_gold_is_what_the_path_gives():
    assert {
        name: smear_document(cells_of((CELLS / "gold" / f"{pan.picture}.xml").read_bytes()), pan.windows)
        for name, pan in PANS.items()
    } == GOLD


@pytest.mark.parametrize("name", PANS)
def test_a_clip_shows_the_window_on_every_frame(name):
    large = enlarged(CELLS / "images" / f"{PANS[name].picture}.jpg")
    with av.open(str(FOLDER / name)) as clip:
        assert (clip.streams.video[0].codec.name, clip.streams.video[0].average_rate) == ("h264", RATE)
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in clip.decode(video=0)]
    assert len(frames) == len(PANS[name].windows) == 75
    for frame, window in zip(frames, PANS[name].windows, strict=True):
        assert frame.shape == (480, 640, 3)
        assert np.abs(frame - np.asarray(view(large, window))).mean() < 4
    assert (FOLDER / name).stat().st_size < 400_000


def test_frames_between_key_frames_lie_on_the_straight_line():
    """Between key frames as the editor draws it: what it computes again is what is stored."""
    interpolated = 0
    for _, track in TRACKS:
        labels = {label["frame"]: label for label in track["labels"]}
        for frame in (frame for frame, label in labels.items() if not label["keyframe"]):
            start = max(key for key in labels if key < frame and labels[key]["keyframe"])
            end = min(key for key in labels if key > frame and labels[key]["keyframe"])
            assert set(range(start, end)) <= set(labels)
            share, (one, other) = (frame - start) / (end - start), (labels[start], labels[end])
            for side in "xywh":
                first, last = one["geometry"][side], other["geometry"][side]
                line = first + (last - first) * share
                assert labels[frame]["geometry"][side] == pytest.approx(line, abs=1e-7)
            interpolated += 1
    assert interpolated > 700


def test_a_cut_cell_touches_the_edge_and_a_whole_one_has_its_full_size():
    for _, track in TRACKS:
        kind = CUT[track["node"]]
        said = {label["answers"][kind.cut] == kind.cut_answers[True] for label in track["labels"]}
        assert track["answers"][kind.whole] == kind.whole_answers[False in said]
        boxes = [label["geometry"] for label in track["labels"]]
        for label, box in zip(track["labels"], boxes, strict=True):
            touches = min(box["x"], box["y"], 1 - box["x"] - box["w"], 1 - box["y"] - box["h"]) < 1e-6
            if label["answers"][kind.cut] == kind.cut_answers[True]:
                assert touches
            else:
                assert box["w"] == pytest.approx(max(each["w"] for each in boxes), abs=2e-7)
                assert box["h"] == pytest.approx(max(each["h"] for each in boxes), abs=2e-7)


def test_every_class_is_there_and_answers_change_over_time():
    assert {track["node"] for _, track in TRACKS} == set(CUT)
    changing = [
        track
        for _, track in TRACKS
        if len({answer for label in track["labels"] for answer in label["answers"].values()}) == 2
    ]
    assert len(changing) > 10


def test_a_window_that_would_stand_between_pixels_is_refused():
    with pytest.raises(ValueError, match="whole pixels"):
        _ = Pan("BloodImage_00069", ((0, 0, 0), (10, 15, 0))).windows


def drawn_by(errors: TrackErrors) -> dict:
    document = GOLD["smear_a.mp4"]
    drawn = with_track_errors(document, errors, seed="s", options=radio_options(SMEAR.structure))
    assert document_problems(drawn, SMEAR.structure, frames=SMEAR.frames["smear_a.mp4"]) == []
    assert drawn == with_track_errors(document, errors, seed="s", options=radio_options(SMEAR.structure))
    return drawn


def labels_of(document: dict) -> list[list[dict]]:
    return [one["labels"] for one in document["objects"]]


def test_lost_tracks_end_early_and_late_ones_begin_late():
    count = sum(map(len, labels_of(GOLD["smear_a.mp4"])))
    for errors in (TrackErrors(step=0, lost=1), TrackErrors(step=0, late=1)):
        assert sum(map(len, labels_of(drawn_by(errors)))) < 0.95 * count
    assert sum(map(len, labels_of(drawn_by(TrackErrors(step=0))))) == count


def test_exchanged_tracks_jump_and_nothing_is_interpolated_across():
    jumps = 0
    for labels in labels_of(drawn_by(TrackErrors(step=0, exchange=1))):
        for one, other in itertools.pairwise(labels):
            if other["frame"] == one["frame"] + 1:
                apart = max(abs(one["geometry"][side] - other["geometry"][side]) for side in "xy")
                if apart > 0.1:
                    jumps += 1
                    assert one["keyframe"]
                    assert other["keyframe"]
    assert jumps >= 4


def test_forgotten_changes_leave_the_first_answer():
    for labels in labels_of(drawn_by(TrackErrors(step=0, forget=1))):
        assert len({answer for label in labels for answer in label["answers"].values()}) == 1


def test_drifting_boxes_are_further_off_at_the_end():
    for one in GOLD["smear_a.mp4"]["objects"]:
        alone = {"objects": [one], "classifications": []}
        drifted = with_track_errors(alone, TrackErrors(step=0, drift=0.3), seed="s", options={})
        ((gold, drawn),) = zip(labels_of(alone), labels_of(drifted), strict=True)
        apart = [
            max(abs(a["geometry"][side] - b["geometry"][side]) for side in "xywh")
            for a, b in zip(gold, drawn, strict=True)
        ]
        assert apart[0] < 1e-5
        assert apart[-1] > 0.01
