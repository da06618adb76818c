"""What the team page of a training project says about people: who knows the gold, and what leaving costs whom."""

from collections.abc import Collection

from django.db.models import Count, Q

from accounts.models import User
from benchmarks.knowledge import people_who_know_the_gold
from benchmarks.models import TaskCopy, TrainingProject
from benchmarks.operations.enrolment import OPEN_STATES
from projects.models import Project, TaskState
from projects.team_notes import MemberNote


def notes_about(project: Project, people: Collection[User]) -> dict[int, MemberNote]:
    """A note for each of the people; four queries."""
    training = TrainingProject.objects.get(project=project)
    known = people_who_know_the_gold(training, people)
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
