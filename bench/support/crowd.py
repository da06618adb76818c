"""A training project at scale, made by SQL: what it holds is plausible, how it came there is not what is measured."""

import json
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import connection
from psycopg.types.json import Jsonb

import scoring
from accounts.models import Membership, Organisation, OrganisationRole, User
from benchmarks.cloning import COPIES_AT_ONCE, NEW_UUID, add_missing_copies
from benchmarks.models import Evaluation, GoldItem, GoldTask, GoldVersion, TaskCopy, TrainingProject
from benchmarks.operations.functions import first_function
from benchmarks.publications import publish_first
from benchmarks.storage import insert_scores
from benchmarks.sums import add_up_again
from datasets.models import Dataset, DatasetFile, File
from projects.models import Project, ProjectDataset, ProjectKind, ProjectRole, Role, Task
from tests.factories import CELL, CELL_TYPE, NEUTROPHIL, OntologyVersionFactory, box_document


@dataclass(frozen=True)
class Crowd:
    """Handles to what was made; `admin` leads the project."""

    organisation: Organisation
    admin: User
    training: TrainingProject
    annotators: list[User]
    items: list[GoldItem]


def make_crowd(*, tasks: int, annotators: int, boxes: int = 2) -> Crowd:
    """Gold tasks with so many boxes each, and annotators with their roles; no copies yet."""
    organisation = Organisation.objects.create(name="Bench", slug="bench")
    admin = User.objects.create(name="Ines Calder", email="lead@example.org", password=make_password(None))
    Membership.objects.create(organisation=organisation, user=admin, role=OrganisationRole.OWNER)
    version = OntologyVersionFactory(organisation=organisation, frozen=True)
    project = Project.objects.create(
        organisation=organisation, kind=ProjectKind.TRAINING, title="Exam", ontology_version=version
    )
    ProjectRole.objects.create(project=project, user=admin, role=Role.ADMIN)
    training = TrainingProject.objects.create(project=project)
    items = _gold(training, organisation, tasks, boxes)
    gold_version = GoldVersion.objects.create(training=training, number=1)
    document = box_document(*places(boxes))
    GoldTask.objects.bulk_create(
        [GoldTask(version=gold_version, item=item, document=document, label_count=boxes) for item in items],
        batch_size=500,
    )
    function = first_function(training=training, actor=admin, settings={})
    publish_first(training=training, actor=admin, function=function, gold_version=gold_version)
    people = add_people(project, annotators)
    return Crowd(organisation, admin, training, people, items)


def places(boxes: int) -> list[tuple[float, float, float, float]]:
    """So many boxes on a grid, apart from each other."""
    return [(0.02 + 0.19 * (n % 5), 0.02 + 0.19 * (n // 5 % 5), 0.12, 0.12) for n in range(boxes)]


def _gold(training: TrainingProject, organisation: Organisation, tasks: int, boxes: int) -> list[GoldItem]:
    common = {"width": 1920, "height": 1080, "bytes": 1000, "sha256": "0" * 64}
    keys = {"original_key": "none", "display_key": "none", "thumbnail_key": "none"}
    files = File.objects.bulk_create(
        [File(organisation=organisation, title=f"smear_{n:05d}.jpg", **common, **keys) for n in range(tasks)],
        batch_size=500,
    )
    return GoldItem.objects.bulk_create(
        [GoldItem(training=training, file=file, position=n) for n, file in enumerate(files)], batch_size=500
    )


def add_people(project: Project, count: int, *, prefix: str = "annotator") -> list[User]:
    """Members of the organisation with a direct annotator role."""
    people = User.objects.bulk_create(
        [
            User(name=f"Annotator {n:04d}", email=f"{prefix}{n}@example.org", password="!")  # noqa: S106
            for n in range(count)
        ],
        batch_size=500,
    )
    Membership.objects.bulk_create(
        [Membership(organisation_id=project.organisation_id, user=person) for person in people],
        batch_size=500,
    )
    ProjectRole.objects.bulk_create(
        [ProjectRole(project=project, user=person, role=Role.ANNOTATOR) for person in people], batch_size=500
    )
    return people


def add_copies(crowd: Crowd) -> None:
    """Everybody's copies, by the product's own statements."""
    at_once = max(1, COPIES_AT_ONCE // len(crowd.items))
    ids = [person.pk for person in crowd.annotators]
    for start in range(0, len(ids), at_once):
        add_missing_copies(crowd.training, ids[start : start + at_once])


def add_source(crowd: Crowd, *, tasks: int) -> Project:
    """A Manual QA project of the same ontology with completed tasks, for the lists and the wizard."""
    source = Project.objects.create(
        organisation=crowd.organisation,
        kind=ProjectKind.MANUAL_QA,
        title="Expert labels",
        ontology_version=crowd.training.project.ontology_version,
    )
    ProjectRole.objects.create(project=source, user=crowd.admin, role=Role.ADMIN)
    dataset = Dataset.objects.create(organisation=crowd.organisation, title="Smears")
    ProjectDataset.objects.create(project=source, dataset=dataset)
    files = [item.file for item in crowd.items[:tasks]]
    DatasetFile.objects.bulk_create(
        [DatasetFile(dataset=dataset, file=file) for file in files], batch_size=500
    )
    Task.objects.bulk_create(
        [
            Task(project=source, file=file, state="completed", queue_rank=n, submitted_by=crowd.admin)
            for n, file in enumerate(files)
        ],
        batch_size=500,
    )
    return source


def submit_copies(crowd: Crowd, *, percent: int = 100, labels: int = 2, with_documents: bool = False) -> int:
    """Submit and evaluate so many percent of the copies, by SQL; returns how many.

    Every label carries an overlap, a category and one attribute, so that each score has three criteria at least.
    """
    training = crowd.training
    new_uuid = NEW_UUID[connection.vendor]
    now = connection.ops.adapt_datetimefield_value(training.project.created_at)
    publication = training.publication
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE projects_task SET state = 'submitted', submitted_by_id = assignee_id, submitted_at = %s,
               edited_at = %s WHERE project_id = %s AND kind = 'copy' AND (id * 37) %% 100 < %s""",
            [now, now, training.project_id, percent],
        )
        document = box_document(*places(labels)) if with_documents else box_document()
        cursor.execute(
            f"""INSERT INTO labels_submission (uuid, task_id, round, document, label_count, submitted_by_id,
                                               submitted_at)
                SELECT {new_uuid}, id, 1, %s, %s, assignee_id, %s FROM projects_task
                WHERE project_id = %s AND kind = 'copy' AND state = 'submitted'""",
            [_json(document), labels, now, training.project_id],
        )
        cursor.execute(
            f"""INSERT INTO benchmarks_evaluation (uuid, state, run, starts, rung_at, created_at, error,
                    training_id, submission_id, copy_id, gold_task_id, gold_version_id, comparison_key,
                    engine_version)
                SELECT {new_uuid}, 'done', 1, 1, %s, %s, '', c.training_id, s.id, c.id, g.id, g.version_id, %s, %s
                FROM labels_submission s JOIN benchmarks_taskcopy c ON c.task_id = s.task_id
                JOIN benchmarks_goldtask g ON g.item_id = c.item_id AND g.version_id = %s
                WHERE c.training_id = %s""",
            [
                now,
                now,
                publication.comparison_key,
                scoring.ENGINE_VERSION,
                publication.gold_version_id,
                training.pk,
            ],
        )
        made = cursor.rowcount
        _totals(cursor, training, labels)
    insert_scores(publication.function_id, Evaluation.objects.filter(training=training))
    add_up_again(publication)
    _analyse()
    return made


def _totals(cursor: object, training: TrainingProject, labels: int) -> None:
    """Three criteria per evaluation; the values differ between evaluations by their key."""
    for criterion in (f"iou:{CELL}", f"category:{CELL}", f"attribute:{CELL_TYPE}={NEUTROPHIL}"):
        cursor.execute(  # type: ignore[attr-defined]
            """INSERT INTO benchmarks_criteriontotal (evaluation_id, criterion, value_sum, count)
               SELECT id, %s, %s * (0.5 + ((id * 31) %% 50) / 100.0), %s FROM benchmarks_evaluation
               WHERE training_id = %s""",
            [criterion, float(labels), float(labels), training.pk],
        )


def add_label_facts(crowd: Crowd, *, labels: int) -> int:
    """So many evaluation labels for every evaluation, agreeing with their totals; returns how many."""
    attributes = _json({CELL_TYPE: [0.75, 1.0, NEUTROPHIL]})
    numbers = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(labels))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO benchmarks_evaluationlabel (evaluation_id, position, frame, outcome, gold_id,
                    submitted_id, gold_node, submitted_node, similarity, iou_value, category_value,
                    classification_answer, attributes, reason)
                SELECT e.id, p.n, 0, 'matched', 'o1', 'o1', %s, %s, 0.8, 0.5 + ((e.id * 31) %% 50) / 100.0,
                       0.5 + ((e.id * 31) %% 50) / 100.0, '', %s, ''
                FROM benchmarks_evaluation e CROSS JOIN ({numbers}) p WHERE e.training_id = %s
                ORDER BY e.id, p.n""",
            [CELL, CELL, attributes, crowd.training.pk],
        )
        made = cursor.rowcount
    _analyse()
    return made


def _json(value: object) -> object:
    return Jsonb(value) if connection.vendor == "postgresql" else json.dumps(value)


def _analyse() -> None:
    """Statistics for the planner, as autovacuum would gather them on a living installation."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copies_of(crowd: Crowd) -> int:
    """How many copies the project has."""
    return TaskCopy.objects.filter(training=crowd.training).count()
