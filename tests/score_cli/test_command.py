"""The command as a program: exit status, standard output and error, files, speed."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scoring.label_cells import CELL_COLUMNS
from tests.score_cli.files import bbox, coco, run, scored, write

ROOT = Path(__file__).parents[2]
GOLD = coco([bbox(0, 0, 40, 40, attributes={"kind": "a"}), bbox(50, 50, 40, 40)])
MINE = coco([bbox(0, 0, 40, 30, attributes={"kind": "b"}), bbox(0, 90, 5, 5)])


@pytest.fixture
def files(tmp_path):
    return write(tmp_path / "gold.json", GOLD), write(tmp_path / "mine.json", MINE)


def test_people_read_a_table(files):
    ran = run(*files)

    assert ran.status == 0
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert lines[0].split() == [
        *("score", "earned", "available", "matched", "wrong", "class", "imprecise", "missing", "duplicate"),
        *("extra", "mean", "IoU"),
    ]
    # IoU 75 of 100, kind 0 of 100; a missed label 200 less kind, an extra one 100 + kind
    assert lines[2].split() == ["cell", "15.0", "%", "75.0", "500.0", "1", "0", "0", "1", "0", "1", "0.7500"]
    assert lines[4].split()[0] == "all"
    assert lines[-1] == "1 image compared."


def test_explain_says_for_every_label_what_it_lost(files):
    ran = run(*files, "--explain")

    assert "a.png\n  cell (gold 1, submitted 1): " in ran.out
    assert "Wrong option for kind: you chose b (expected a); box 25 % too short at the bottom." in ran.out
    assert "  cell (gold 2): Missing: no submitted label fits.\n" in ran.out
    assert "  cell (submitted 2): Extra label: nothing is expected here.\n" in ran.out
    assert run(*files, "--explain", "--json").status == 2


def test_the_csv_has_a_line_for_every_label_and_adds_up(files, tmp_path):
    path = tmp_path / "facts.csv"
    result = scored(*files, "--csv", path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))

    assert list(lines[0]) == ["file", *CELL_COLUMNS, "engine_version", "reasons"]
    assert [line["outcome"] for line in lines] == ["matched", "missing", "extra"]
    for key in ("earned", "available"):
        assert sum(float(line[key]) for line in lines) == pytest.approx(result[key])
    assert json.loads(lines[0]["attributes"]) == {"kind": [0.0, 100.0]}
    assert lines[2]["extra_weight"] == "200.0"
    assert lines[0]["reasons"] == (
        "IoU: box 25 % too short at the bottom; kind: wrong option for kind: you chose b (expected a)"
    )
    assert lines[1]["reasons"] == "IoU: missing: no submitted label fits"


def test_names_that_a_spreadsheet_would_calculate_are_made_harmless(tmp_path):
    gold = write(tmp_path / "gold.json", coco([bbox(0, 0, 9, 9)], categories=["=1+1"], images=["@a.png"]))
    scored(gold, gold, "--csv", tmp_path / "facts.csv")
    text = (tmp_path / "facts.csv").read_text(encoding="utf-8-sig")

    assert ",'=1+1,'=1+1," in text
    assert "\n'@a.png," in text


def test_names_cannot_steer_a_terminal(tmp_path):
    gold = write(tmp_path / "gold.json", coco([bbox(0, 0, 9, 9)], categories=["a\x1b[2Jb"]))

    assert "\x1b" not in run(gold, gold).out
    assert list(scored(gold, gold)["classes"]) == ["a\x1b[2Jb"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("labels", "is not a label file that can be read"),
        ("{}", "neither Annotrain's labels nor COCO"),
        ("[]", "bare list, as COCO results are. It can only be the submission"),
        ('{"annotations": [}', "not valid JSON: expecting value in line 1, column 18"),
        ('{"annotations": []}', "it needs the lists images, annotations and categories"),
        ('{"annotations": ' + "[" * 100_000, "nested too deeply"),
        (json.dumps(coco([], images=[{"id": 1}])), "images[0].file_name: the file name is missing"),
        (
            json.dumps(coco([], images=[{"file_name": "a"}])),
            "images[0]: an image must be an object with an id",
        ),
        (json.dumps(coco([], images=["a.png", "x/a.jpg"])), "have the same name without ending"),
        (json.dumps(coco([], categories=[{"id": 1}])), "categories[0]: a category must be"),
        (json.dumps(coco([bbox(0, 0, 1, 1)], size=None)), "does not state the width and height"),
        (
            json.dumps(coco([bbox(0, 0, 1, 1)] * 2001)),
            '"a.png" has 2,001 labels on one frame; 2,000 are allowed',
        ),
    ],
)
def test_what_cannot_be_used_ends_with_status_2_and_a_sentence(tmp_path, content, message):
    path = write(tmp_path / "gold.json", content)
    ran = run(path, path, "--json")

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_that_is_not_there_is_named(files, tmp_path):
    ran = run(files[0], tmp_path / "missing.json")

    assert ran.status == 2
    assert ran.err == f"score: {tmp_path / 'missing.json'}: There is no such file or folder.\n"
    assert run(files[0]).status == 2
    assert run(*files, "--function", tmp_path / "missing.json").status == 2
    assert run(*files, "--csv", tmp_path / "no" / "facts.csv").status == 2
    assert run(*files, "--min-overlap", "half").status == 2
    assert run(*files, "--min-overlap", "nan").status == 2
    assert run(*files, "--min-overlap", 1.5).status == 2


def test_a_score_of_nothing_is_a_result_too(tmp_path):
    gold, empty = write(tmp_path / "gold.json", GOLD), write(tmp_path / "empty.json", coco([]))
    ran = run(gold, empty, "--json")

    assert (ran.status, ran.result["score"]) == (0, 0)


def test_a_submission_about_other_pictures_is_scored_with_a_warning(tmp_path):
    gold = write(tmp_path / "gold.json", GOLD)
    other = write(tmp_path / "other.json", coco([bbox(0, 0, 40, 40)], images=["b.png"]))
    ran = run(gold, other, "--json")

    assert (ran.status, ran.result["missing"]) == (0, 2)
    assert "No image of gold is in the submission" in ran.err


def test_many_warnings_are_cut_short(tmp_path):
    gold = write(tmp_path / "gold.json", GOLD)
    mine = write(tmp_path / "mine.json", coco([bbox(0, 0, -1, 4)] * 300))
    ran = run(gold, mine)

    assert ran.err.count("\n") == 26
    assert ran.err.endswith("... and 275 more.\n")


def test_hundreds_of_pictures_with_thousands_of_labels_take_seconds(tmp_path):
    images = [f"{number}.png" for number in range(300)]
    boxes = [
        bbox(10 * column, 10 * row, 9, 9, image_id=number)
        for number in range(1, 301)
        for row in range(5)
        for column in range(5)
    ]
    gold = write(tmp_path / "gold.json", coco(boxes, images=images))
    began = time.monotonic()
    result = scored(gold, gold)

    assert result["matched"] == 7_500
    assert time.monotonic() - began < 20


def program(*given, cwd=ROOT, python=(sys.executable,)):
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [*python, "-m", "score_cli", *map(str, given)]
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)


def test_the_module_is_a_program_that_needs_no_settings_and_takes_paths_from_where_it_is_called(
    files, tmp_path
):
    done = program("gold.json", "mine.json", "--json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == scored(*files)
    refused = program("gold.json", "nothing.json", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Traceback" not in refused.stderr


def test_neither_django_nor_a_database_is_loaded(files):
    code = (
        "import sys; from score_cli.__main__ import main; status = main(sys.argv[1:]);"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(loaded & {'django', 'psycopg', 'redis', 'rq', 'orjson', 'PIL', 'annotrain', 'benchmarks'}),"
        " file=sys.stderr); sys.exit(status)"
    )
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, files), "--json"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_help_does_not_wait_for_the_engine():
    code = "import sys; from score_cli.__main__ import arguments; arguments(); print('numpy' in sys.modules)"
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_a_reader_that_stops_early_is_no_fault(files):
    command = f"{sys.executable} -m score_cli {files[0]} {files[1]} --explain | true; exit ${{PIPESTATUS[0]}}"
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr
