"""Create a training project: sources chosen, gold and function frozen, people with roles, copies for everybody."""

from collections.abc import Collection, Mapping, Sequence
from typing import IO, Any

from django.db import transaction

from accounts import audit
from accounts.models import Group, Organisation, Tag, User
from benchmarks.models import (
    FeedbackLevel,
    FeedbackMoment,
    SourceProject,
    TrainingKind,
    TrainingProject,
)
from benchmarks.operations.enrolment import sync_enrolment
from benchmarks.operations.functions import first_function
from benchmarks.operations.gold import freeze_first_gold
from benchmarks.publications import publish_first
from benchmarks.sources import eligible_projects, usable_tasks
from projects.instructions import upload_pdf, write_markdown
from projects.models import Project, ProjectKind
from projects.operations import create_project
from projects.permissions import roles_in
from projects.team import add_group, add_people

FEEDBACK_DEFAULTS = {
    TrainingKind.EXAM: (FeedbackLevel.NONE, FeedbackMoment.AFTER_LAST_TASK),
    TrainingKind.PRACTICE: (FeedbackLevel.PER_LABEL, FeedbackMoment.AT_ONCE),
}


class TrainingRefused(Exception):
    """The project cannot be made as asked; the message says why, for people."""


@transaction.atomic
def create_training_project(
    *,
    organisation: Organisation,
    actor: User,
    title: str,
    sources: Sequence[Project],
    function: dict[str, Any],
    description: str = "",
    tags: Collection[Tag] = (),
    kind: str = TrainingKind.EXAM,
    instructions: str = "",
    instructions_pdf: tuple[IO[bytes], str, int] | None = None,
    people: Mapping[User, str] | None = None,
    groups: Mapping[Group, str] | None = None,
) -> TrainingProject:
    """Make the project; its creator is its admin. Copies beyond a few thousand follow as a background job.

    `sources` in the order in which they count; `function` is a function file by feature hash; `people` and `groups`
    map to project roles; `instructions_pdf` is (content, name, size in bytes) and wins over Markdown. Raises
    TrainingRefused, scoring.InvalidFunction, projects.team.TeamRefused or projects.instructions.InstructionsRefused.
    """
    _check_sources(sources, organisation, actor)
    project = create_project(
        organisation=organisation,
        actor=actor,
        title=title,
        description=description,
        tags=tags,
        ontology_version=sources[0].ontology_version,
        kind=ProjectKind.TRAINING,
    )
    level, moment = FEEDBACK_DEFAULTS[TrainingKind(kind)]
    training = TrainingProject.objects.create(
        project=project, kind=kind, feedback_level=level, feedback_moment=moment
    )
    SourceProject.objects.bulk_create(
        SourceProject(training=training, project=source, title=source.title, position=position)
        for position, source in enumerate(sources)
    )
    _write_instructions(project, actor, instructions, instructions_pdf)
    # Roles before gold: then nobody's copies are made one event at a time, but all at once at the end.
    _add_team(project, actor, people or {}, groups or {})
    gold_version = freeze_first_gold(training=training, sources=sources, actor=actor)
    publish_first(
        training=training,
        actor=actor,
        function=first_function(training=training, actor=actor, settings=function),
        gold_version=gold_version,
    )
    everybody = list(User.objects.filter(pk__in=roles_in(project)).order_by("pk"))
    sync_enrolment(training=training, people=everybody, actor=actor)
    audit.record(
        organisation=organisation,
        actor=actor,
        action="create training project",
        target=project,
        root=project,
        after={
            "kind": kind,
            "sources": [source.title for source in sources],
            "gold_tasks": gold_version.tasks.count(),
            "people": len(everybody),
        },
    )
    return training


def _check_sources(sources: Sequence[Project], organisation: Organisation, actor: User) -> None:
    if not sources:
        raise TrainingRefused("Choose at least one source project.")
    eligible = {project.pk: project for project in eligible_projects(actor, organisation)}
    for source in sources:
        if source.pk not in eligible:
            raise TrainingRefused(
                f"You are not an admin of {source.title} any more, so it cannot be a source."
            )
    if len({eligible[source.pk].ontology_version.canonical_digest for source in sources}) > 1:
        raise TrainingRefused("The sources do not have exactly the same ontology any more.")
    if not usable_tasks(sources).exists():
        raise TrainingRefused("None of the sources has a task that is In review or Completed.")


def _write_instructions(
    project: Project, actor: User, text: str, pdf: tuple[IO[bytes], str, int] | None
) -> None:
    if pdf is not None:
        content, name, size = pdf
        upload_pdf(project=project, actor=actor, content=content, name=name, size=size)
    elif text.strip():
        write_markdown(project=project, actor=actor, text=text)


def _add_team(project: Project, actor: User, people: Mapping[User, str], groups: Mapping[Group, str]) -> None:
    by_role: dict[str, list[User]] = {}
    for person, role in people.items():
        if person != actor:  # the creator is the admin already, and has no tasks
            by_role.setdefault(role, []).append(person)
    for role, users in by_role.items():
        add_people(project=project, users=users, role=role, actor=actor)
    for group, role in groups.items():
        add_group(project=project, group=group, role=role, actor=actor)
