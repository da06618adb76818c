"""The command line's numbers are the server's: what was submitted there is exported and scored here."""

import csv
import io
import json
import random

import pytest
from django.db.models import Sum

from benchmarks.csv_export import label_csv_with_reasons
from benchmarks.models import EvaluationLabel, GoldTask, TaskScore
from formats import ImportItem, write_own
from labels.models import Submission
from scoring.label_cells import CELL_COLUMNS
from tests.benchmarks.scenarios import make_training
from tests.benchmarks.test_evaluation import random_document
from tests.factories import CELL, CELL_TYPE, NEUTROPHIL, QUALITY
from tests.score_cli.files import counts, run, scored, write

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["the default function", "a function of one's own"])
def exported(request, tmp_path):
    """A training project with one trainee's submissions, and paths of gold, submission and function as files."""
    rng = random.Random(11)
    settings = {}
    if request.param != "the default function":
        settings = {
            "weights": {f"iou:{CELL}": 200, f"attribute:{CELL_TYPE}={NEUTROPHIL}": 30},
            "min_overlap": {"area": 0.6},
            "near_miss": 0.3,
            "full_marks": {CELL: 0.95},
            "extra_cost": 0.5,
            "not_scored": [QUALITY],
        }
    made = make_training(*(random_document(rng) for _ in range(12)), settings=settings)
    person = made.trainee()
    for item in made.items:
        made.submit(person, item, random_document(rng))
    ontology = made.row.project.ontology_version.structure
    sides = {"gold": [], "own": []}
    for submission in Submission.objects.select_related("task__file").order_by("pk"):
        file = submission.task.file
        (width, height), *_ = file.frame_sizes
        gold = GoldTask.objects.get(item__copies__task=submission.task)
        # the factory's files share a title, an export's do not
        for side, document in (("gold", gold.document), ("own", submission.document)):
            sides[side].append(ImportItem(f"{submission.pk}.png", document, width, height))
    paths = []
    for side, items in sides.items():
        paths.append(tmp_path / f"{side}.json")
        paths[-1].write_bytes(write_own(items, ontology=ontology))
    paths.append(write(tmp_path / "function.json", made.row.publication.function.settings))
    return made.row, paths


def test_points_and_counts_are_those_of_the_server(exported):
    _, (gold, own, function) = exported
    result = scored(gold, own, "--function", function)
    sums = TaskScore.objects.aggregate(earned=Sum("earned"), available=Sum("available"))

    assert result["earned"] == pytest.approx(sums["earned"], rel=1e-12)
    assert result["available"] == pytest.approx(sums["available"], rel=1e-12)
    outcomes = ("matched", "wrong_category", "imprecise", "missing", "duplicate", "extra")
    stored = tuple(EvaluationLabel.objects.filter(outcome=outcome).count() for outcome in outcomes)
    assert counts(result) == stored
    assert sum(stored) > 40


def test_every_line_of_the_csv_is_the_servers(exported, tmp_path):
    training, (gold, own, function) = exported
    ran = run(gold, own, "--function", function, "--csv", tmp_path / "facts.csv")
    assert ran.status == 0
    ours = list(csv.DictReader(io.StringIO((tmp_path / "facts.csv").read_text(encoding="utf-8-sig"))))
    theirs = list(csv.DictReader(io.StringIO(b"".join(label_csv_with_reasons(training)).decode("utf-8-sig"))))

    assert len(ours) == len(theirs) > 40
    for our, their in zip(ours, theirs, strict=True):
        for column in (*CELL_COLUMNS, "reasons"):
            expected = numbers(their[column])
            assert numbers(our[column]) == (expected if isinstance(expected, str) else about(expected)), (
                column
            )


def about(value):
    return pytest.approx(value, rel=1e-12)


def numbers(cell):
    """A cell as a number or a flat map where it is one."""
    try:
        value = json.loads(cell)
    except ValueError:
        return cell
    if isinstance(value, dict):
        return {f"{key} {index}": part for key, pair in value.items() for index, part in enumerate(pair)}
    return value
