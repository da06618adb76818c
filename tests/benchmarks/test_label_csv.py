"""The CSV of labels: the same bytes from both databases, harmless in spreadsheets, with the kernel's points."""

import csv
import io
import random
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from benchmarks.bulk import insert_rows
from benchmarks.csv_export import LABEL_COLUMNS, label_bytes, label_csv, label_csv_with_reasons
from benchmarks.evaluation import kernel_function, label_points
from benchmarks.label_lines import Lookups, _formula_pattern, header, in_pieces, lines, number, quoted
from benchmarks.models import Evaluation, EvaluationLabel, Publication
from benchmarks.operations.enrolment import grant_retake
from benchmarks.storage import LABEL_COLUMNS as STORED
from formats.spreadsheet import neutral
from labels.models import Submission
from projects.models import Project, Task
from tests.benchmarks.scenarios import Training, make_training
from tests.benchmarks.test_evaluation import random_document
from tests.factories import (
    BLURRED,
    CELL,
    CELL_TYPE,
    LOBES,
    NEUTROPHIL,
    PLATELET,
    QUALITY,
    SHARP,
    box_document,
)

pytestmark = pytest.mark.django_db

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)
NONE = (None, None, None, None, None)
# Rows as the engine could have stored them, from `frame` to `reason`.
STRANGE = [
    (0, "matched", "=1+1", "o1", CELL, CELL, 0.715, 0.715, 1.0, None, None, "", {}, None, ""),
    (
        0,
        "matched",
        " @x",
        "-5",
        CELL,
        CELL,
        1e-05,
        1e-05,
        0.0,
        0.5,
        None,
        "",
        {LOBES: [0.0, 1 / 3, None], CELL_TYPE: [1.0, 0.1, NEUTROPHIL]},
        None,
        "",
    ),
    (
        1,
        "wrong_category",
        "a,b",
        'say "hi"',
        CELL,
        PLATELET,
        0.1 + 0.2,
        0.3,
        0.0,
        None,
        None,
        "",
        {},
        None,
        "",
    ),
    (
        2,
        "imprecise",
        "<é>",
        "ünï",
        PLATELET,
        CELL,
        0.123456789012345678,
        0.0,
        0.0,
        None,
        None,
        "",
        {},
        None,
        "",
    ),
    (
        3,
        "missing",
        "\u200b=x",
        "",
        CELL,
        "",
        None,
        0.0,
        0.0,
        None,
        None,
        "",
        {CELL_TYPE: [0.0, 1.0, "none"]},
        None,
        "gold: no area",
    ),
    (3, "extra", "", "\u00a0+5", "", CELL, *NONE, "", {}, 0.25, ""),
    (3, "duplicate", "", "x\ny", "", PLATELET, 0.5, None, None, None, None, "", {}, None, ""),
    (0, "matched", "q", "q", QUALITY, QUALITY, None, None, None, None, 1.0, SHARP, {}, None, ""),
    (0, "matched", "r", "r", QUALITY, QUALITY, None, None, None, None, 0.0, "", {}, None, ""),
    (0, "missing", "s", "", "gone", "", *NONE[:4], 0.5, BLURRED, {"gone": [0.5, 1.0, None]}, None, ""),
]


def strange_training() -> Training:
    """One evaluation with the rows above, and nothing in it that differs from run to run."""
    made = make_training(
        box_document(LEFT),
        settings={
            "weights": {
                f"attribute:{CELL_TYPE}=none": 12.5,
                f"attribute:{LOBES}": 7,
                f"track:{CELL}": 0.3,
                f"classification:{QUALITY}={SHARP}": 33,
            },
            "extra_cost": 0.5,
        },
    )
    person = made.trainee(name="+Mei, “Tanaka”", email="mei@example.org")
    submission = made.submit(person, made.items[0], box_document(LEFT))
    Project.objects.filter(training=made.row).update(title='@Exam "7"')
    Task.objects.update(uuid=uuid.UUID(int=7))
    made.items[0].file.title = "smear, 1.png"
    made.items[0].file.save()
    Submission.objects.filter(pk=submission.pk).update(submitted_at=datetime(2026, 11, 20, 18, tzinfo=UTC))
    evaluation = submission.evaluations.get()
    evaluation.labels.all().delete()
    rows = ((evaluation.pk, position, *row) for position, row in enumerate(STRANGE))
    insert_rows(EvaluationLabel, STORED, rows)
    for model in (Evaluation, Publication):
        model.objects.update(engine_version="seven")
    made.row.refresh_from_db()
    made.row.project.refresh_from_db()
    return made


def test_both_databases_write_these_bytes():
    found = b"".join(label_bytes(strange_training().row))
    assert found == Path(__file__).with_name("label_csv_expected.csv").read_bytes()


def test_copy_writes_the_bytes_that_are_made_line_by_line():
    rng = random.Random(5)
    made = make_training(*(random_document(rng) for _ in range(4)))
    for _ in range(3):
        person = made.trainee()
        for item in made.items:
            submission = made.submit(person, item, random_document(rng))
    made.submit_copy(grant_retake(copy=submission.task.copy, actor=made.admin), random_document(rng))
    slow = b"".join([header(LABEL_COLUMNS), *in_pieces(lines(Lookups.of(made.row, made.row.publication)))])
    assert b"".join(label_bytes(made.row)) == slow
    assert len(slow.splitlines()) > 30


def test_lines_made_here_are_those_bytes_too():
    made = strange_training()
    slow = b"".join(in_pieces(lines(Lookups.of(made.row, made.row.publication))))
    assert b"".join(label_bytes(made.row)) == header(LABEL_COLUMNS) + slow


def test_every_line_has_the_kernels_points():
    rng = random.Random(9)
    made = make_training(*(random_document(rng) for _ in range(3)))
    person = made.trainee()
    for item in made.items:
        made.submit(person, item, random_document(rng))
    function = kernel_function(made.row.publication.function)
    rows = EvaluationLabel.objects.order_by("evaluation", "position")
    found = list(csv.DictReader(io.StringIO("".join(label_csv(made.row)).removeprefix("\ufeff"))))
    for line, row in zip(found, rows, strict=True):
        points = label_points(row, function)
        assert float(line["earned"]) == pytest.approx(sum(one.points for one in points), abs=1e-12)
        assert float(line["available"]) == pytest.approx(sum(one.weight for one in points), abs=1e-12)
        for kind in ("iou", "category", "classification"):
            criterion = next((one for one in points if one.criterion.startswith(f"{kind}:")), None)
            shown = line[f"{kind}_value"], line[f"{kind}_weight"]
            expected = (number(criterion.value), number(criterion.weight)) if criterion else ("", "")
            assert shown == expected
    assert {row.outcome for row in rows} >= {"matched", "missing", "extra"}


def test_a_project_without_a_submission_has_a_header_and_no_line():
    made = make_training(box_document(LEFT))
    assert "".join(label_csv(made.row)) == "\ufeff" + ",".join(LABEL_COLUMNS) + "\n"


@pytest.mark.parametrize("text", ["", "plain", "a,b", 'say "hi"', "two\nlines", "cr\rhere", '"', " blank "])
def test_a_quoted_cell_reads_back_as_it_was(text):
    assert list(csv.reader([f"{quoted(text)},x"], strict=True)) in ([[text, "x"]],) or "\n" in text
    assert next(csv.reader(io.StringIO(f"{quoted(text)},x\n", newline=""))) == [text, "x"]


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1 + 0.2, 1e-05, 1e-04, 123456789.125, 1 / 3, 5e-324, 1e14])
def test_numbers_are_written_alike_and_read_back_exactly(value):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT (%s::float8)::text", [value])
            assert cursor.fetchone()[0] == number(value)
    assert float(number(value)) == value


def test_the_database_finds_formulas_by_the_same_rule():
    if connection.vendor != "postgresql":
        pytest.skip("identifiers are made neutral in Python")
    unseen = ["", " ", "\u00a0", "\u200b", "\ufeff", "\u2028", "\x85", "\U000e0001", "x", "\u200b \n"]
    texts = [f"{before}{start}1" for before in unseen for start in "=+-@\t\r1"]
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute("SELECT %s ~ %s", [text, _formula_pattern()])
            assert cursor.fetchone()[0] == (neutral(text) != text), ascii(text)


def test_reasons_say_why_points_were_lost_and_are_the_score_cards():
    made = make_training(box_document(LEFT, RIGHT))
    made.submit(made.trainee(), made.items[0], box_document((0.13, 0.1, 0.3, 0.4)))
    plain = "".join(label_csv(made.row)).splitlines()
    text = b"".join(label_csv_with_reasons(made.row)).decode()
    assert [
        line.rpartition(",")[0] if '"' not in line else line.partition(',"')[0] for line in text.splitlines()
    ] == plain
    matched, missing = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert matched["reasons"].startswith("IoU: ")
    assert "10 % too far right" in matched["reasons"]
    assert "missing" in missing["reasons"]


def test_leads_are_offered_both_files(client):
    made = make_training(box_document(LEFT))
    made.submit(made.trainee(name="Mei"), made.items[0], box_document((0.13, 0.1, 0.3, 0.4)))
    client.force_login(made.admin)
    place = [made.row.project.organisation.slug, made.row.project.uuid]
    page = client.get(reverse("benchmarks:overview", args=place)).content.decode()
    for name in ("labels_csv", "reasons_csv", "annotators_csv"):
        url = reverse(f"benchmarks:{name}", args=place)
        assert f'href="{url}"' in page
        answer = client.get(url)
        assert answer["Content-Type"].startswith("text/csv")
        assert b"Mei" in b"".join(answer.streaming_content)
