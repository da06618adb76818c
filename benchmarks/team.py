"""What the team page of a training project says about people: who knows the gold, and what leaving costs whom."""

from collections.abc import Collection

from django.db.models import Count, Q

from accounts.models import Group, User
from benchmarks.knowledge import people_who_know_the_gold
from benchmarks.models import TaskCopy, TrainingProject
from benchmarks.operations.enrolment import OPEN_STATES, annotator_ids, open_copies_with_drafts
from projects.models import Project, ProjectRole, TaskState
from projects.team_notes import MemberNote


def notes_about(project: Project, people: Collection[User]) -> dict[int, MemberNote]:
    """A note for each of the people; five queries."""
    training = TrainingProject.objects.select_related("project").get(project=project)
    # Leads have no tasks: that they know the gold is no news.
    trainees = annotator_ids(training, people)
    known = people_who_know_the_gold(training, [person for person in people if person.pk in trainees])
    counts = {
        row["annotator"]: row
        for row in TaskCopy.objects.filter(training=training, annotator__in=people)
        .values("annotator")
        .annotate(
            open=Count("pk", filter=Q(task__state__in=OPEN_STATES)),
            drafts=Count("pk", filter=Q(task__state__in=OPEN_STATES) & Q(task__label_row__revision__gt=0)),
            submitted=Count("pk", filter=Q(task__state=TaskState.SUBMITTED)),
        )
        .order_by()
    }
    nothing = {"open": 0, "drafts": 0, "submitted": 0}
    notes = {}
    for person in people:
        knowledge = known.get(person.pk, [])
        notes[person.pk] = MemberNote(
            mark="Knows the gold" if knowledge else "",
            mark_help=" ".join(str(one) for one in knowledge),
            leaving=_leaving(**{key: counts.get(person.pk, nothing)[key] for key in nothing}),
        )
    return notes


def group_leaving(project: Project, group: Group) -> str:
    """What removing a group withdraws: the open copies of those who annotate by this group only."""
    training = TrainingProject.objects.get(project=project)
    rows = ProjectRole.objects.filter(project=project, ended_at=None)
    others = rows.exclude(group=group).values("user")
    only_here = rows.filter(group=group).exclude(user__in=others).values_list("user", flat=True)
    drafts = open_copies_with_drafts(training, set(only_here))
    holding = f"; {drafts:,} of them {'holds a draft' if drafts == 1 else 'hold drafts'}" if drafts else ""
    return (
        "Everybody loses the role that came from this group; roles given directly or by other groups stay. Tasks "
        f"that are not submitted are withdrawn from those who do not annotate any more{holding}. Coming back to "
        "the project brings them back."
    )


def _leaving(*, open: int, drafts: int, submitted: int) -> str:
    if not open and not submitted:
        return "They have no tasks here."
    words = []
    if open:
        words.append(f"{_tasks(open)} that {'is' if open == 1 else 'are'} not submitted will be withdrawn")
        words.append(f"; {drafts:,} of them {'holds' if drafts == 1 else 'hold'} a draft" if drafts else "")
        words.append(". Coming back to the project brings them back, with their drafts. ")
    words.append(
        f"{_tasks(submitted)} they submitted {'stays' if submitted == 1 else 'stay'}." if submitted else ""
    )
    return "".join(words).strip()


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count:,} tasks"
