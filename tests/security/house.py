"""An organisation with everything that an address can name, and one person for each way of standing to it.

Two of them are built: what is asked of one with the things of the other must look as if it did not exist.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from accounts.models import Group, Organisation, Tag, User
from benchmarks.models import WizardDraft
from benchmarks.operations.enrolment import CLONE
from benchmarks.publications import RECALCULATE
from datasets.models import Dataset, File, Folder
from jobs.models import Job
from labels.imports.intake import JOB_KIND as IMPORT
from labels.imports.intake import import_labels_now, upload_labels
from labels.models import ImportReport, Instance
from labels.operations import submit_task
from ontologies.models import Ontology
from projects.models import Instructions, Project, ProjectKind, Role, Task, TaskState
from projects.workflow import Move, advance
from reviews.models import Issue
from reviews.planning import make_review
from tests.benchmarks.worlds import World, make_world
from tests.factories import (
    DatasetFactory,
    FileFactory,
    FolderFactory,
    FramesFactory,
    GroupFactory,
    InstanceFactory,
    InvitationFactory,
    JobFactory,
    LabelFactory,
    MembershipFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    SubmissionFactory,
    TagFactory,
    TaskFactory,
    UserFactory,
    box_document,
)
from tests.labels.test_import import own as label_file
from tests.labels.test_import import voc_of

# Roles in the manual-QA project, roles in the training project, people of the organisation without any.
QA_ROLES = {
    "qa_admin": Role.ADMIN,
    "qa_manager": Role.TEAM_MANAGER,
    "qa_reviewer": Role.REVIEWER,
    "qa_annotator": Role.ANNOTATOR,
    "qa_both": Role.ANNOTATOR_REVIEWER,
}
TRAINING_ROLES = {"t_admin": Role.ADMIN, "t_manager": Role.TEAM_MANAGER, "trainee": Role.ANNOTATOR}
NO_CHANGE: dict[str, Any] = {"upserts": {}, "deletes": {}}


@dataclass
class House:
    """Handles: `people` by what they are, `things` by name: what stands in an address or a form for each."""

    organisation: Organisation
    qa: Project
    world: World
    people: dict[str, User | None] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)


def build_house(mark: str) -> House:
    """An organisation with a manual-QA project and a training project, in the middle of their lives.

    Everything that has a name has `mark` in it, so that a page that shows it gives itself away.
    """
    organisation = OrganisationFactory()
    version = OntologyVersionFactory(organisation=organisation, frozen=True)
    qa = ProjectFactory(organisation=organisation, ontology_version=version)
    world = make_world(organisation=organisation)
    house = House(organisation, qa, world)
    _people(house)
    _things_of_the_organisation(house)
    _tasks(house)
    _imports(house)
    _training(house)
    _instructions(house)
    _mark_names(house, mark)
    return house


def _people(house: House) -> None:
    """Everybody has one standing only, so that a cell of the table is about one rule."""
    organisation = house.organisation
    people = {
        "owner": MembershipFactory(organisation=organisation, owner=True).user,
        "org_admin": MembershipFactory(organisation=organisation, admin=True).user,
        "creator": MembershipFactory(organisation=organisation, may_create=True).user,
        "member": MembershipFactory(organisation=organisation).user,
    }
    for name, role in QA_ROLES.items():
        people[name] = ProjectRoleFactory(project=house.qa, role=role).user
    for name, role in TRAINING_ROLES.items():
        people[name] = house.world.join(role=role)
    people["rival"] = house.world.join()
    # Taken out of the organisation, but with roles that nobody ended: the organisation's door must stop them.
    gone = people["ex_member"] = UserFactory()
    for project in (house.qa, house.world.project):
        ProjectRoleFactory(project=project, user=gone, role=Role.ADMIN)
    gone.memberships.update(ended_at=timezone.now())
    # May do everything there is, to ask for things of another house with.
    chief = people["chief"] = MembershipFactory(organisation=organisation, owner=True).user
    for project in (house.qa, house.world.project):
        ProjectRoleFactory(project=project, user=chief, role=Role.ADMIN)
    house.people = people


def _things_of_the_organisation(house: House) -> None:
    organisation, things = house.organisation, house.things
    group = GroupFactory(organisation=organisation)
    dataset = DatasetFactory(organisation=organisation, files=2)
    unused = DatasetFactory(organisation=organisation)
    house.qa.datasets.add(dataset)
    ontology = OntologyVersionFactory(organisation=organisation).ontology
    token = uuid.uuid4().hex
    invitation = InvitationFactory(organisation=organisation, invited_by=house.people["owner"], token=token)
    done = JobFactory(organisation=organisation, done=True, created_by=house.people["owner"])
    own = JobFactory(organisation=organisation, done=True, created_by=house.people["qa_admin"])
    failed = JobFactory(organisation=organisation, failed=True, created_by=house.people["owner"])
    root = str(house.world.project.uuid)
    recalculation, cloning = (
        JobFactory(organisation=organisation, failed=True, kind=kind, root_id=root)
        for kind in (RECALCULATE, CLONE)
    )
    import_of_labels = JobFactory(
        organisation=organisation, failed=True, kind=IMPORT, root_id=str(house.qa.uuid)
    )
    draft = WizardDraft.objects.create(
        organisation=organisation, user=house.people["creator"], answers={"details": {"title": "Draft"}}
    )
    things |= {
        "organisation": organisation.slug,
        "qa": str(house.qa.uuid),
        "training": str(house.world.project.uuid),
        "group": str(group.uuid),
        "tag": str(TagFactory(organisation=organisation).uuid),
        "member": str(house.people["member"].uuid),
        "qa_annotator": str(house.people["qa_annotator"].uuid),
        "trainee": str(house.people["trainee"].uuid),
        "invitation": str(invitation.uuid),
        "token": token,
        "dataset": str(dataset.uuid),
        "unused_dataset": str(unused.uuid),
        "file": str(dataset.files.order_by("pk").first().uuid),
        "dicom_file": str(FramesFactory(organisation=organisation, kind="dicom").uuid),
        "folder": str(FolderFactory(organisation=organisation).uuid),
        "ontology": str(ontology.uuid),
        "job": str(done.uuid),
        "own_job": str(own.uuid),
        "failed_job": str(failed.uuid),
        "recalculation": str(recalculation.uuid),
        "cloning": str(cloning.uuid),
        "import_of_labels": str(import_of_labels.uuid),
        "draft": str(draft.uuid),
    }


def _tasks(house: House) -> None:
    """A task in each state; the annotator holds one and has submitted another."""
    annotator = house.people["qa_annotator"]
    made = {
        "held": TaskFactory(project=house.qa, held_by=annotator),
        "free": TaskFactory(project=house.qa),
        "in_review": TaskFactory(
            project=house.qa, state=TaskState.IN_REVIEW, submitted_by=annotator, submitted_at=timezone.now()
        ),
        "completed": TaskFactory(project=house.qa, state=TaskState.COMPLETED),
    }
    for name in ("held", "in_review"):
        LabelFactory(instance=InstanceFactory(row__task=made[name]))
    SubmissionFactory(task=made["in_review"], submitted_by=annotator)
    house.things |= {name: str(task.uuid) for name, task in made.items()} | _reviews(house, made["in_review"])
    house.things["qa_file"] = str(made["held"].file.uuid)


def _reviews(house: House, subject: Task) -> dict[str, str]:
    """A review that the reviewer holds, a free one, and a returned task of the annotator's with an issue."""
    submission = subject.submissions.get()
    held = make_review(submission, _instances(subject), pool=frozenset())
    free = make_review(submission, _instances(subject), pool=frozenset())
    advance(held.task, Move.RESERVE, actor=None, assignee=house.people["qa_reviewer"])
    returned = TaskFactory(
        project=house.qa, state=TaskState.RETURNED, assignee=house.people["qa_annotator"], round=2
    )
    issue = Issue.objects.create(task=returned, kind="missing", round=1, reason="A cell is missing.")
    return {"held_review": str(held.task.uuid), "free_review": str(free.task.uuid), "issue": str(issue.uuid)}


def _instances(task: Task) -> list[int]:
    return list(Instance.objects.filter(row__task=task).values_list("pk", flat=True))


def _imports(house: House) -> None:
    """One import that is done, and one that waits for class names."""
    task = TaskFactory(
        project=house.qa, file=FileFactory(organisation=house.organisation, title="imported.jpg")
    )
    content = label_file((task.file.title, box_document((0.1, 0.1, 0.2, 0.2))))
    common = {"project": house.qa, "actor": house.people["qa_admin"], "as_submitted": False}
    done = import_labels_now(content=content, file_name="labels.json", **common)
    waiting = upload_labels(content=voc_of(("RBC",)), file_name="a.xml", **common)
    assert ImportReport.objects.filter(project=house.qa).count() == 2
    house.things |= {"report": str(done.uuid), "waiting_report": str(waiting.uuid)}


def _training(house: House) -> None:
    """The trainee has an open and a submitted copy; the rival has copies that the trainee must not see."""
    trainee, rival = house.people["trainee"], house.people["rival"]
    first, second = (copy.task for copy in house.world.copies(trainee)[:2])
    for task, person in ((first, trainee), (house.world.copies(rival)[0].task, rival)):
        submit_task(
            task=Task.objects.get(pk=task.pk), actor=person, key=uuid.uuid4(), revision=0, **NO_CHANGE
        )
    house.things |= {
        "submitted_copy": str(first.uuid),
        "open_copy": str(second.uuid),
        "gold_file": str(first.file.uuid),
        "rivals_copy": str(house.world.copies(rival)[0].task.uuid),
    }


def _instructions(house: House) -> None:
    for project in (house.qa, house.world.project):
        key = default_storage.save(f"tests/{uuid.uuid4().hex}.pdf", ContentFile(b"%PDF-1.4 %%EOF"))
        Instructions.objects.create(project=project, pdf_key=key, pdf_name="rules.pdf")
    assert house.qa.kind == ProjectKind.MANUAL_QA


def _mark_names(house: House, mark: str) -> None:
    organisation = house.organisation
    Organisation.objects.filter(pk=organisation.pk).update(name=_marked(mark, "name"))
    User.objects.filter(memberships__organisation=organisation).update(name=_marked(mark, "name"))
    for model, column in (
        (Project, "title"),
        (Dataset, "title"),
        (File, "title"),
        (Ontology, "title"),
        (Job, "title"),
        (Group, "name"),
        (Tag, "name"),
        (Folder, "name"),
    ):
        model.objects.filter(organisation=organisation).update(**{column: _marked(mark, column)})


def _marked(mark: str, column: str) -> Concat:
    return Concat(Value(f"{mark} "), F(column))
