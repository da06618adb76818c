"""Summary > Annotator submissions, and View: gold and submission side by side."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

import scoring
from accounts.listing import Choice, Filter, Listing
from accounts.models import User
from benchmarks.access import copy_task_for, training_for
from benchmarks.comparison import compare_config, evaluation_of, neighbours_of
from benchmarks.crops import Crop, crop_of
from benchmarks.evaluation import kernel_function, label_points
from benchmarks.models import EvaluationLabel, Outcome, SampleRow, TaskCopy, TrainingProject
from benchmarks.navigation import training_pages
from benchmarks.results import scored_classes
from benchmarks.submissions import LabelFilter, draw_of, rows_of, sample_limit
from jobs.models import RowState
from labels.editor import ENDPOINTS
from projects.permissions import Permission, ProjectRequest

SORTS = {
    "lost": ["lost", "-position"],
    "annotator": ["label__evaluation__copy__annotator__name", "position"],
    "file": ["label__evaluation__copy__item__file__title", "position"],
    "outcome": ["label__outcome", "position"],
    "similarity": ["similarity_or_none", "position"],
    "earned": ["earned", "position"],
}


@dataclass(frozen=True)
class Line:
    """One row of the list: a label with its points per criterion and a crop of its picture."""

    row: SampleRow
    class_name: str
    color: str
    iou: scoring.Points | None
    category: scoring.Points | None
    others: list[tuple[str, scoring.Points]]
    crop: Crop | None

    @property
    def label(self) -> EvaluationLabel:
        return self.row.label

    @property
    def percent(self) -> float | None:
        return 100 * self.row.earned / self.row.available if self.row.available else None


@require_GET
def submissions(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """A row per evaluation label, worst first; a random sample when there are very many."""
    training = training_for(request, org_slug, project_id, Permission.SEE_RESULTS)
    listing = _listing(request, training)
    draw = draw_of(training.publication, _filter_of(listing))
    rows = listing.page(rows_of(draw))
    context = {
        "training": training,
        "project": training.project,
        "listing": listing,
        "draw": draw,
        "is_sample": draw.total > sample_limit(),
        "sample_limit": sample_limit(),
        "lines": _lines(rows, training),
    }
    if request.htmx and request.htmx.target == "submission-list":
        return render(request, "benchmarks/_submission_list.html", context)
    return render(
        request, "benchmarks/submissions.html", context | training_pages(request, "summary", "submissions")
    )


@require_POST
def draw_again(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Another random sample for the filters in the query string."""
    training = training_for(request, org_slug, project_id, Permission.SEE_RESULTS)
    listing = _listing(request, training)
    draw_of(training.publication, _filter_of(listing), again=True)
    return redirect(reverse("benchmarks:submissions", args=[org_slug, project_id]) + listing.link(page=None))


def _listing(request: ProjectRequest, training: TrainingProject) -> Listing:
    having = TaskCopy.objects.filter(training=training).values("annotator")
    people = User.objects.filter(pk__in=having).order_by("name", "pk").only("uuid", "name")
    classes = scored_classes(training.publication, training.project.ontology_version.structure)
    return Listing(
        request.GET,
        sorts=SORTS,
        default_sort="-lost",
        filters=[
            Filter(
                "annotator", "Annotator", [Choice(str(one.uuid), one.name) for one in people], icon="user"
            ),
            Filter("class", "Class", [Choice(one.node, one.name) for one in classes], icon="tag"),
            Filter("outcome", "Outcome", [Choice(value, label) for value, label in Outcome.choices]),
            Filter("score", "Score", [Choice(key, words) for key, (words, _, _) in SCORE_RANGES.items()]),
        ],
        per_page=50,
        search_placeholder="Search file or annotator",
    )


# Name in the URL -> words, from, to (percent of the label's own points).
SCORE_RANGES: dict[str, tuple[str, float | None, float | None]] = {
    "0-25": ("Under 25 %", None, 24.999999999),
    "25-50": ("25 to 50 %", 25.0, 49.999999999),
    "50-75": ("50 to 75 %", 50.0, 74.999999999),
    "75-100": ("75 % to less than all", 75.0, 99.999999999),
    "100": ("All points", 99.9999999991, None),
}


def _filter_of(listing: Listing) -> LabelFilter:
    ranges = [SCORE_RANGES[key][1:] for key in listing.chosen("score")]
    return LabelFilter(
        annotators=tuple(sorted(listing.chosen("annotator"))),
        classes=tuple(sorted(listing.chosen("class"))),
        outcomes=tuple(sorted(listing.chosen("outcome"))),
        words=listing.query,
        percent_ranges=tuple(sorted(ranges, key=str)),
    )


def _lines(rows: list[SampleRow], training: TrainingProject) -> list[Line]:
    function = kernel_function(training.publication.function)
    structure = training.project.ontology_version.structure
    colors = {
        node["featureNodeHash"]: node.get("color", "")
        for node in [*structure.get("objects", []), *structure.get("classifications", [])]
    }
    return [_line(row, function, colors) for row in rows]


def _line(row: SampleRow, function: scoring.Function, colors: dict[str, str]) -> Line:
    label, ontology = row.label, function.ontology
    node = label.gold_node or label.submitted_node
    points = {one.criterion.partition(":")[0]: one for one in label_points(label, function)}
    others = [
        (_name(one.criterion, ontology), one)
        for one in label_points(label, function)
        if one.criterion.startswith(("attribute:", "classification:", "track:")) and one.weight > 0
    ]
    return Line(
        row=row,
        class_name=ontology.name_of(node),
        color=colors.get(node, ""),
        iou=points.get("iou"),
        category=points.get("category"),
        others=others,
        crop=_crop(label),
    )


def _name(criterion: str, ontology: scoring.Ontology) -> str:
    rest = criterion.partition(":")[2]
    return ontology.name_of(rest if ontology.name_of(rest) != rest else rest.rpartition("=")[0] or rest)


def _crop(label: EvaluationLabel) -> Crop | None:
    evaluation = label.evaluation
    file = evaluation.copy.item.file
    return crop_of(
        *file.size_of(label.frame),
        frame=label.frame,
        gold=_geometry(evaluation.gold_task.document, label.gold_id, label.frame),
        submitted=_geometry(evaluation.submission.document, label.submitted_id, label.frame),
    )


def _geometry(document: dict[str, Any], identifier: str, frame: int) -> dict[str, Any] | None:
    if not identifier:
        return None
    for item in document["objects"]:
        if item["id"] == identifier:
            return next((one["geometry"] for one in item["labels"] if one["frame"] == frame), None)
    return None


@require_GET
def compare(request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """The editor in compare mode: gold left, submission right, the differences with their points."""
    _, task = copy_task_for(request, org_slug, project_id, task_id, Permission.SEE_RESULTS)
    copy = TaskCopy.objects.select_related("training__publication").get(task=task)
    evaluation = evaluation_of(copy)
    if evaluation is None or evaluation.state != RowState.DONE:
        pages = training_pages(request, "summary", "submissions")
        return render(
            request,
            "benchmarks/not_scored.html",
            pages | {"task": task, "evaluation": evaluation},
            status=409,
        )
    around = neighbours_of(evaluation)
    endpoints = dict.fromkeys(ENDPOINTS) | {
        "back": reverse("benchmarks:submissions", args=[org_slug, project_id]),
        "settings": reverse("labels:editor_settings", args=[org_slug]),
    }
    config = compare_config(
        evaluation,
        user=request.user,
        organisation=request.organisation,
        endpoints=endpoints,
        next_url=_compare_url(org_slug, project_id, around.following),
        previous_url=_compare_url(org_slug, project_id, around.previous),
    )
    return render(request, "labels/editor.html", {"editor_config": config})


def _compare_url(org_slug: str, project_id: UUID, evaluation: Any) -> str | None:
    if evaluation is None:
        return None
    return reverse("benchmarks:compare", args=[org_slug, project_id, evaluation.copy.task.uuid])
