"""The state machine against the table of spec/manual_qa.md section 3 and spec/training.md section 3.

EXPECTED is written by hand from the specification, not taken from the code: every (kind, state, held, move) that is
not in it must be refused and change nothing.
"""

from itertools import product

import pytest

from projects.models import Task, TaskEvent, TaskKind, TaskState
from projects.workflow import IllegalMove, Move, StaleTask, advance, moves_from
from tests.factories import TaskFactory, UserFactory

pytestmark = pytest.mark.django_db
A, R, C = TaskKind.ANNOTATE, TaskKind.REVIEW, TaskKind.COPY
S = TaskState
HELD, FREE = True, False

# (kind, state, held, move): (resulting states, who holds it after: "taker", "nobody", "same", "given")
EXPECTED = {
    (A, S.QUEUED, FREE, Move.RESERVE): ([S.ASSIGNED], "taker"),
    (A, S.QUEUED, FREE, Move.ASSIGN): ([S.ASSIGNED], "taker"),
    (A, S.RETURNED, FREE, Move.RESERVE): ([S.RETURNED], "taker"),
    (A, S.RETURNED, FREE, Move.ASSIGN): ([S.RETURNED], "taker"),
    (A, S.ASSIGNED, HELD, Move.RELEASE): ([S.QUEUED], "nobody"),
    (A, S.RETURNED, HELD, Move.RELEASE): ([S.RETURNED], "nobody"),
    (A, S.ASSIGNED, HELD, Move.SUBMIT): ([S.IN_REVIEW, S.COMPLETED], "nobody"),
    (A, S.RETURNED, HELD, Move.SUBMIT): ([S.IN_REVIEW, S.COMPLETED], "nobody"),
    (A, S.QUEUED, FREE, Move.IMPORT_SUBMITTED): ([S.IN_REVIEW, S.COMPLETED], "same"),
    **{
        (A, state, held, move): (targets, holder)
        for held in (HELD, FREE)
        for state, move, targets, holder in (
            (S.IN_REVIEW, Move.RETURN, [S.RETURNED], "given"),
            (S.IN_REVIEW, Move.COMPLETE, [S.COMPLETED], "same"),
            (S.IN_REVIEW, Move.APPROVE, [S.COMPLETED], "same"),
            (S.IN_REVIEW, Move.REOPEN, [S.RETURNED], "given"),
            (S.COMPLETED, Move.REOPEN, [S.RETURNED], "given"),
        )
    },
    (R, S.QUEUED, FREE, Move.RESERVE): ([S.ASSIGNED], "taker"),
    (R, S.QUEUED, FREE, Move.ASSIGN): ([S.ASSIGNED], "taker"),
    (R, S.ASSIGNED, HELD, Move.RELEASE): ([S.QUEUED], "nobody"),
    **{(R, S.ASSIGNED, held, Move.FINISH): ([S.DONE], "same") for held in (HELD, FREE)},
    **{
        (R, state, held, Move.CANCEL): ([S.CANCELLED], "nobody")
        for state in (S.QUEUED, S.ASSIGNED)
        for held in (HELD, FREE)
    },
    **{
        (C, state, held, move): (targets, "same")
        for held in (HELD, FREE)
        for state, move, targets in (
            (S.ASSIGNED, Move.OPEN, [S.IN_PROGRESS]),
            (S.ASSIGNED, Move.SUBMIT, [S.SUBMITTED]),
            (S.IN_PROGRESS, Move.SUBMIT, [S.SUBMITTED]),
            (S.ASSIGNED, Move.WITHDRAW, [S.WITHDRAWN]),
            (S.IN_PROGRESS, Move.WITHDRAW, [S.WITHDRAWN]),
            (S.WITHDRAWN, Move.RESTORE, [S.ASSIGNED, S.IN_PROGRESS]),
        )
    },
}


def make(kind, state, held):
    return TaskFactory(kind=kind, state=state, held_by=UserFactory() if held else None)


@pytest.mark.parametrize("kind", list(TaskKind))
@pytest.mark.parametrize("state", list(TaskState))
def test_exactly_the_moves_of_the_table_are_possible(kind, state):
    """All (held, move, target) of one kind and state, on a task put back to where it was each time."""
    somebody = UserFactory()
    for held in (HELD, FREE):
        task = make(kind, state, held)
        for move, target in product(Move, TaskState):
            targets, holder = EXPECTED.get((kind, state, held, move), ([], ""))
            assert (move in moves_from(task)) == bool(targets), (kind, state, held, move)
            _check_one_move(Task.objects.get(pk=task.pk), move, target, targets, holder, somebody)
            if target in targets:
                Task.objects.filter(pk=task.pk).update(state=state, version=0, assignee=task.assignee_id)


def _check_one_move(task, move, target, targets, holder, somebody):
    before, events = task.assignee_id, TaskEvent.objects.count()
    try:
        advance(task, move, actor=somebody, target=target, assignee=somebody)
        moved = True
    except IllegalMove:
        moved = False
    case = (task.kind, task.state, move, target)
    assert moved == (target in targets), case
    stored = Task.objects.get(pk=task.pk)
    assert TaskEvent.objects.count() == events + moved, case
    if moved:
        expected = {"taker": somebody.pk, "given": somebody.pk, "nobody": None, "same": before}[holder]
        assert (stored.state, stored.assignee_id) == (target, expected), case
    else:
        assert (stored.state, stored.assignee_id) == (task.state, before), case


def test_a_move_without_a_target_takes_the_first_of_the_table():
    task = make(A, S.ASSIGNED, HELD)
    assert advance(task, Move.SUBMIT, actor=task.assignee).state == S.IN_REVIEW


def test_a_return_raises_the_round_and_nothing_else_does():
    task = make(A, S.IN_REVIEW, FREE)
    advance(task, Move.REOPEN, actor=None)
    assert task.round == 2
    advance(task, Move.ASSIGN, actor=None, assignee=UserFactory())
    advance(task, Move.SUBMIT, actor=task.submitted_by)
    assert task.round == 2


def test_a_move_on_what_somebody_else_moved_meanwhile_is_stale_and_changes_nothing():
    task = make(A, S.QUEUED, FREE)
    same = Task.objects.get(pk=task.pk)
    first, second = UserFactory(), UserFactory()
    advance(task, Move.RESERVE, actor=first, assignee=first)
    with pytest.raises(StaleTask):
        advance(same, Move.RESERVE, actor=second, assignee=second)
    assert Task.objects.get(pk=task.pk).assignee == first
    assert TaskEvent.objects.count() == 1


def test_an_imported_submission_has_no_submitter():
    task = make(A, S.QUEUED, FREE)
    advance(task, Move.IMPORT_SUBMITTED, actor=UserFactory())
    assert task.submitted_by_id is None
    assert task.submitted_at is not None
