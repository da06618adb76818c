"""The demo organisation, built through the product's own operations from the data in demo/.

Gold goes through the import and, for most tasks, through approval; every trainee's labels are saved and submitted
like a person's. Real people keep their sources' names; simulated ones say so in the project's description.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import connection, transaction

import scoring
from accounts.models import Group, Organisation, OrganisationRole, Tag, User
from accounts.operations.groups import add_to_group, create_group
from accounts.operations.invitations import accept_invitation, invite_person, register_by_invitation
from accounts.operations.organisation import create_organisation
from accounts.operations.tags import create_tag
from benchmarks.evaluation import evaluate
from benchmarks.models import Evaluation, FeedbackLevel, FeedbackMoment, TaskCopy, TrainingProject
from benchmarks.operations.create import create_training_project
from benchmarks.operations.settings import change_feedback
from datasets.ingest import ingest_now
from datasets.models import Dataset, FileKind
from datasets.operations import create_dataset, upload_image
from datasets.uploads import upload_frames
from demo.catalogue import DemoFile, DemoSet, Trainee, demo_sets
from jobs.models import RowState
from labels.imports.intake import import_labels_now
from labels.operations import approve_task, submit_task
from ontologies.operations import create_ontology
from projects.models import Project, Role, Task, TaskState
from projects.operations import create_project
from projects.team import add_people

PASSWORD = "annotrain-demo"  # noqa: S105 the demo's log-ins are public; never loaded in production
SLUG = "meridian-imaging"


@dataclass(frozen=True)
class DemoLogin:
    """A person to log in as, with what there is to see."""

    name: str
    email: str
    role: str


OWNER = DemoLogin("Ines Calder", "ines@demo.example", "owner of the organisation, admin of every project")
MANAGER = DemoLogin("Marc Dubois", "marc@demo.example", "team manager: results of everybody, no settings")
REVIEWER = DemoLogin("Ruth Keller", "ruth@demo.example", "reviewer of the Manual QA projects")
EXPERT = DemoLogin(
    "Noor Haddad", "noor@demo.example", "annotator of the Manual QA projects, where gold is made"
)
LOGINS = (OWNER, MANAGER, REVIEWER, EXPERT)

# Title of the training project and its tag, by set; the feedback level shows the policy at work.
TRAININGS: dict[str, tuple[str, str, str]] = {
    "blood-cells": ("Blood cells, cohort 1", "haematology", FeedbackLevel.NONE),
    "car-polygons": ("Car outlines, three annotators", "traffic", FeedbackLevel.PER_CLASS),
    "muscle-cells": ("Muscle cell masks, four people", "microscopy", FeedbackLevel.PER_LABEL),
    "smear-video": ("Moving smear, tracked cells", "tracking", FeedbackLevel.PER_LABEL),
    "person-keypoints": ("Body points, 17 of COCO", "pose", FeedbackLevel.PER_LABEL),
    "parking": ("Parking spaces over time", "parking", FeedbackLevel.PER_CLASS),
    "ct-abdomen": ("Abdomen CT organs", "radiology", FeedbackLevel.PER_LABEL),
}
# The last gold tasks of each set stay In review: usable as gold, and something for the reviewer to approve.
LEFT_IN_REVIEW = 2

Say = Callable[[str], None]


def is_loaded() -> bool:
    """Whether the demo organisation is there."""
    return Organisation.objects.filter(slug=SLUG).exists()


def trainee_logins() -> list[DemoLogin]:
    """A log-in per demo trainee."""
    return [DemoLogin(one.name, one.email, one.about) for found in demo_sets() for one in found.trainees]


def load_demo(say: Say = lambda line: None) -> None:
    """Build everything in one transaction, then score it; does nothing when the organisation exists already.

    Interrupted while building, nothing of it stays.
    """
    if is_loaded():
        return
    with _no_letters(), transaction.atomic():
        demo = _Demo(say)
        for found in demo_sets():
            demo.build(found)
    demo.score_everything()


@contextmanager
def _no_letters() -> Iterator[None]:
    """Invitations are part of the way in, but nobody reads their letters here."""
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend


class _Demo:
    """The organisation while it is being built."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.owner = User.objects.create_user(OWNER.email, PASSWORD, name=OWNER.name)
        self.organisation = create_organisation(actor=self.owner, name="Meridian Imaging", slug=SLUG)
        self.people = {login: self.join(login.name, login.email) for login in LOGINS[1:]}
        second = create_organisation(actor=self.owner, name="Northside Annotation", slug="northside")
        self.join_again(second, self.people[MANAGER])

    def join(self, name: str, email: str) -> User:
        """A new member, by the invitation that a real one would get."""
        links: list[str] = []
        invitation = invite_person(
            organisation=self.organisation, actor=self.owner, email=email, link_of=_kept(links)
        )
        return register_by_invitation(invitation=invitation, name=name, password=PASSWORD)

    def join_again(self, organisation: Organisation, user: User) -> None:
        """A person in two organisations."""
        invitation = invite_person(
            organisation=organisation,
            actor=self.owner,
            email=user.email,
            role=OrganisationRole.ADMIN,
            link_of=_kept([]),
        )
        accept_invitation(invitation=invitation, actor=user)

    def build(self, found: DemoSet) -> None:
        """One set: ontology, pictures, gold project, training project, and everybody's work."""
        self.say(f"{found.title}: {len(found.images) + len(found.media)} files")
        tag = create_tag(organisation=self.organisation, actor=self.owner, name=TRAININGS[found.key][1])
        source = self.gold_project(found, tag)
        _refresh_statistics()
        training = self.training_project(found, source, tag)
        for trainee in found.trainees:
            self.hand_in(training, trainee)
            _refresh_statistics()

    def gold_project(self, found: DemoSet, tag: Tag) -> Project:
        """A Manual QA project with imported gold, most of it approved."""
        version = create_ontology(
            organisation=self.organisation,
            actor=self.owner,
            title=found.ontology_title,
            structure=found.structure,
        )
        dataset = create_dataset(
            organisation=self.organisation,
            actor=self.owner,
            title=found.title,
            description=found.credit,
            tags=[tag],
        )
        for image in found.images:
            upload_image(
                organisation=self.organisation,
                actor=self.owner,
                title=image.name,
                content=image.read_bytes(),
                dataset=dataset,
            )
        for file in found.media:
            self.upload_frames(file, dataset)
        project = create_project(
            organisation=self.organisation,
            actor=self.owner,
            title=f"{found.title}, gold",
            description=f"{found.description} {found.credit}",
            ontology_version=version,
            tags=[tag],
            datasets=[dataset],
        )
        for login, role in (
            (MANAGER, Role.TEAM_MANAGER),
            (REVIEWER, Role.REVIEWER),
            (EXPERT, Role.ANNOTATOR),
        ):
            add_people(project=project, users=[self.people[login]], role=role, actor=self.owner)
        import_labels_now(
            project=project,
            actor=self.owner,
            content=found.gold.content,
            file_name=found.gold.name,
            as_submitted=True,
            class_map=found.class_map,
        )
        in_review = Task.objects.filter(project=project, state=TaskState.IN_REVIEW).select_related(
            "project__organisation"
        )
        left = LEFT_IN_REVIEW if in_review.count() > LEFT_IN_REVIEW else 0
        for task in in_review.order_by("pk")[: in_review.count() - left]:
            approve_task(task=task, actor=self.people[REVIEWER])
        return project

    def upload_frames(self, file: DemoFile, dataset: Dataset) -> None:
        """Upload a file of several frames and make its frames here: nothing waits for a worker."""
        with ExitStack() as opened:
            parts = [(path.name, opened.enter_context(path.open("rb"))) for path in file.parts]
            uploaded = upload_frames(
                organisation=self.organisation,
                actor=self.owner,
                kind=FileKind(file.kind),
                title=file.title,
                parts=parts,
                dataset=dataset,
            )
        ingest_now(uploaded)

    def training_project(self, found: DemoSet, source: Project, tag: Tag) -> TrainingProject:
        """The exam made from the gold, with its people as a group."""
        group = self.group_of(found)
        title, _, level = TRAININGS[found.key]
        ontology = scoring.Ontology.from_structure(source.ontology_version.structure)
        training = create_training_project(
            organisation=self.organisation,
            actor=self.owner,
            title=title,
            description=f"{found.description} {found.credit}",
            tags=[tag],
            sources=[source],
            function=scoring.default_function(ontology, kind="exam").to_dict(),
            instructions=found.instructions,
            people={self.people[MANAGER]: Role.TEAM_MANAGER},
            groups={group: Role.ANNOTATOR},
        )
        return change_feedback(
            training=training,
            actor=self.owner,
            level=level,
            moment=FeedbackMoment.AT_ONCE,
            pass_mark=Decimal(80) if found.key == "blood-cells" else None,
        )

    def group_of(self, found: DemoSet) -> Group:
        """The trainees of a set as a group of the organisation."""
        members = [self.join(one.name, one.email) for one in found.trainees]
        group = create_group(
            organisation=self.organisation,
            actor=self.owner,
            name=f"{found.title} cohort",
            description=found.credit,
        )
        add_to_group(group=group, actor=self.owner, people=members)
        return group

    def hand_in(self, training: TrainingProject, trainee: Trainee) -> None:
        """Save and submit a trainee's labels, in the order of their own queue."""
        person = User.objects.get(email=trainee.email)
        copies = (
            TaskCopy.objects.filter(training=training, annotator=person)
            .select_related("task__file", "task__project__organisation")
            .order_by("task__queue_rank")
        )
        for copy in copies:
            document = trainee.documents.get(copy.task.file.title)
            if document is not None:
                key = uuid5(NAMESPACE_URL, f"annotrain-demo:{copy.task.uuid}")
                submit_task(
                    task=copy.task,
                    actor=person,
                    key=key,
                    revision=0,
                    upserts=upserts_of(document),
                    deletes={},
                )

    def score_everything(self) -> None:
        """Score here and now, so that the first page shows results before a worker has started."""
        waiting = Evaluation.objects.filter(
            training__project__organisation=self.organisation, state=RowState.PENDING
        )
        keys = list(waiting.values_list("pk", flat=True))
        self.say(f"Scoring {len(keys)} submissions")
        for pk in keys:
            evaluate(pk)


def _refresh_statistics() -> None:
    """Tell PostgreSQL's planner how large the tables have grown: autovacuum does not see an open transaction, and
    plans made for empty tables take minutes."""
    if connection.vendor == "postgresql":
        tables = "labels_labelrow, labels_instance, labels_label, projects_task, benchmarks_taskcopy"
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


def _kept(links: list[str]) -> Callable[[str], str]:
    def link_of(token: str) -> str:
        links.append(token)
        return token

    return link_of


def upserts_of(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """A whole label document as the upserts of a first save."""
    instances = [
        {"id": one["id"], "kind": "object", "node": one["node"], "answers": one.get("answers", {})}
        for one in document["objects"]
    ]
    instances += [
        {
            "id": one["id"],
            "kind": "classification",
            "node": one["node"],
            "answers": one["answers"],
            "frames": one["frames"],
        }
        for one in document["classifications"]
    ]
    labels = [{"instance": one["id"], **label} for one in document["objects"] for label in one["labels"]]
    return {"instances": instances, "labels": labels}
