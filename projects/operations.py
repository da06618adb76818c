"""The verbs on a project as a whole: create, describe, attach and detach data, delete."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit import record
from accounts.events import announce
from accounts.models import Organisation, Tag, User
from datasets.models import Dataset, DatasetFile, FileState
from ontologies.models import OntologyVersion
from ontologies.operations import freeze_version
from projects.activity import touch_project
from projects.events import ProjectToBeDeleted
from projects.instructions import forget_instructions
from projects.models import Project, ProjectDataset, ProjectKind, Task, TaskKind
from projects.team import begin_as_admin

FILES_AT_ONCE = 1_000


class ProjectRefused(Exception):
    """The verb is not possible as things are; the message says why, for people."""


@dataclass(frozen=True)
class Loss:
    """How many of a thing would go, for the question before it goes."""

    count: int
    noun: str
    nouns: str


# Higher rooms count what they would lose with tasks (labels, submissions); registered in AppConfig.ready.
_loss_counters: list[Callable[[QuerySet[Task]], list[Loss]]] = []


def register_losses(counter: Callable[[QuerySet[Task]], list[Loss]]) -> None:
    """Let a higher room say what it loses when tasks are deleted."""
    if counter not in _loss_counters:
        _loss_counters.append(counter)


def losses_with(tasks: QuerySet[Task]) -> list[Loss]:
    """What deleting these tasks would take away, tasks first; nothing that counts zero."""
    losses = [Loss(tasks.exclude(kind=TaskKind.REVIEW).count(), "task", "tasks")]
    for counter in _loss_counters:
        losses += counter(tasks)
    return [loss for loss in losses if loss.count]


@transaction.atomic
def create_project(
    *,
    organisation: Organisation,
    actor: User,
    title: str,
    ontology_version: OntologyVersion,
    description: str = "",
    tags: Iterable[Tag] = (),
    datasets: Iterable[Dataset] = (),
    kind: ProjectKind = ProjectKind.MANUAL_QA,
) -> Project:
    """Make a project; its creator is the first admin, its ontology version is frozen, every file gets a task.

    Training projects are made with no datasets: their tasks are copies.
    """
    if ontology_version.ontology.organisation_id != organisation.pk:
        raise ProjectRefused("This ontology belongs to another organisation.")
    project = Project.objects.create(
        organisation=organisation,
        kind=kind,
        title=title,
        description=description,
        ontology_version=ontology_version,
        created_by=actor,
    )
    freeze_version(version=ontology_version)
    project.tags.set(tags)
    record(organisation=organisation, actor=actor, action="create project", target=project, root=project)
    begin_as_admin(project=project, user=actor)
    for dataset in datasets:
        attach_dataset(project=project, dataset=dataset, actor=actor)
    return project


@transaction.atomic
def describe_project(
    *, project: Project, actor: User, title: str, description: str, tags: Collection[Tag]
) -> Project:
    """Change title, description and tags."""
    before = {"title": project.title, "description": project.description, "tags": _names(project.tags.all())}
    project.title, project.description = title, description
    project.save(update_fields=["title", "description"])
    project.tags.set(tags)
    after = {"title": title, "description": description, "tags": _names(tags)}
    if after != before:
        changed = [key for key in after if after[key] != before[key]]
        record(
            organisation=project.organisation,
            actor=actor,
            action="describe project",
            target=project,
            root=project,
            before={key: before[key] for key in changed},
            after={key: after[key] for key in changed},
        )
    return project


def _names(tags: Iterable[Tag]) -> list[str]:
    return sorted(tag.name for tag in tags)


@transaction.atomic
def attach_dataset(*, project: Project, dataset: Dataset, actor: User) -> int:
    """Attach a dataset and make a task for each file that has none yet; returns how many were made.

    Files that ingest is still busy with get theirs when they are ready (`datasets.ingest`, which locks the dataset
    first, too: one of the two sees what the other did).
    """
    if project.kind != ProjectKind.MANUAL_QA:
        raise ProjectRefused("A training project takes its data from its sources.")
    if dataset.organisation_id != project.organisation_id:
        raise ProjectRefused("This dataset belongs to another organisation.")
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    Project.objects.select_for_update().get(pk=project.pk)  # counting and inserting must not interleave
    _, attached = ProjectDataset.objects.get_or_create(project=project, dataset=dataset)
    ready = DatasetFile.objects.filter(dataset=dataset, file__state=FileState.READY).order_by("id")
    made = add_tasks(project, ready.values_list("file", flat=True))
    if attached:
        record(
            organisation=project.organisation,
            actor=actor,
            action="attach dataset",
            target=dataset,
            root=project,
            after={"tasks": made},
        )
    touch_project(project, at_once=True)
    return made


def add_tasks(project: Project, file_ids: Iterable[int]) -> int:
    """Make an annotate task for each of the files that the project has none for; in the order given."""
    present = set(Task.objects.filter(project=project, kind=TaskKind.ANNOTATE).values_list("file", flat=True))
    new = [file_id for file_id in dict.fromkeys(file_ids) if file_id not in present]
    Task.objects.bulk_create(
        (Task(project=project, file_id=file_id) for file_id in new),
        batch_size=FILES_AT_ONCE,
        ignore_conflicts=True,
    )
    return len(new)


def add_tasks_for_new_files(dataset: Dataset, file_ids: Iterable[int]) -> None:
    """Files were added to a dataset: every project that has it attached gets tasks for them."""
    wanted = list(file_ids)
    for attachment in ProjectDataset.objects.filter(dataset=dataset).select_related("project"):
        Project.objects.select_for_update().get(pk=attachment.project_id)
        if add_tasks(attachment.project, wanted):
            touch_project(attachment.project, at_once=True)


def tasks_only_in(project: Project, dataset: Dataset) -> QuerySet[Task]:
    """The tasks that go when the dataset is detached: their file is in no other attached dataset."""
    others = project.datasets.exclude(pk=dataset.pk)
    kept = DatasetFile.objects.filter(dataset__in=others).values("file")
    return Task.objects.filter(
        project=project, file__in=DatasetFile.objects.filter(dataset=dataset).values("file")
    ).exclude(file__in=kept)


@transaction.atomic
def detach_dataset(*, project: Project, dataset: Dataset, actor: User) -> list[Loss]:
    """Detach a dataset; its tasks go with their labels, unless another attached dataset holds the file too."""
    Project.objects.select_for_update().get(pk=project.pk)
    if not ProjectDataset.objects.filter(project=project, dataset=dataset).exists():
        raise ProjectRefused("This dataset is not attached any more.")
    tasks = tasks_only_in(project, dataset)
    losses = losses_with(tasks)
    tasks.delete()
    ProjectDataset.objects.filter(project=project, dataset=dataset).delete()
    record(
        organisation=project.organisation,
        actor=actor,
        action="detach dataset",
        target=dataset,
        root=project,
        before={loss.nouns: loss.count for loss in losses},
    )
    touch_project(project, at_once=True)
    return losses


@transaction.atomic
def delete_project(*, project: Project, actor: User, typed_title: str, with_ontology: bool = False) -> None:
    """Delete a project with its tasks, labels and reviews; datasets stay.

    The ontology goes only when nothing else uses it and `with_ontology` is set. Training projects made from
    this one keep their frozen gold. Raises ProjectRefused when the title was not typed as it is.
    """
    if " ".join(typed_title.split()) != " ".join(project.title.split()):
        raise ProjectRefused("Type the project's title exactly as it is to delete it.")
    announce(ProjectToBeDeleted(project=project, actor=actor))
    losses = losses_with(Task.objects.filter(project=project))
    record(
        organisation=project.organisation,
        actor=actor,
        action="delete project",
        target=project,
        root=project,
        before={loss.nouns: loss.count for loss in losses} | {"kind": project.kind},
    )
    ontology = project.ontology_version.ontology
    forget_instructions(project)
    project.delete()
    if with_ontology and not is_ontology_used(ontology.pk):
        record(organisation=project.organisation, actor=actor, action="delete ontology", target=ontology)
        ontology.delete()


def is_ontology_used(ontology_id: int, *, besides: Project | None = None) -> bool:
    """Whether any (other) project uses a version of the ontology."""
    users = Project.objects.filter(ontology_version__ontology=ontology_id)
    return (users.exclude(pk=besides.pk) if besides else users).exists()
