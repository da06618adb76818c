"""A trainee's own tasks: opening them twice at once, and in which order they are listed."""

from typing import Any

import pytest
from django.urls import reverse

from benchmarks.views import trainee
from labels.models import LabelRow
from labels.operations import open_label_row
from projects.models import TaskEvent
from projects.workflow import Move, advance
from tests.benchmarks.worlds import World, make_world

pytestmark = pytest.mark.django_db


def address(world: World, name: str, *ids: Any) -> str:
    return reverse(f"benchmarks:{name}", args=[world.project.organisation.slug, world.project.uuid, *ids])


class TestOpening:
    def test_a_second_opening_of_a_stale_task_is_the_first_one(self):
        world = make_world(items=1)
        person = world.join()
        first, stale = world.copies(person)[0].task, world.copies(person)[0].task
        row = open_label_row(first, person)

        assert open_label_row(stale, person) == row
        assert (stale.state, stale.version) == (first.state, first.version) == ("in_progress", 1)
        assert TaskEvent.objects.filter(move="open").count() == 1

    def test_a_stale_opening_of_a_withdrawn_task_makes_no_row(self):
        world = make_world(items=1)
        person = world.join()
        stale = world.copies(person)[0].task
        advance(world.copies(person)[0].task, Move.WITHDRAW, actor=world.admin)

        with pytest.raises(LabelRow.DoesNotExist):
            open_label_row(stale, person)
        assert not LabelRow.objects.exists()

    @pytest.mark.parametrize("move", [Move.OPEN, Move.WITHDRAW])
    def test_initiate_of_a_task_that_moved_meanwhile_leads_on(self, client, monkeypatch, move):
        world = make_world(items=1)
        person = world.join()
        stale = world.copies(person)[0].task
        advance(world.copies(person)[0].task, move, actor=person)
        monkeypatch.setattr(trainee, "copy_task_for", lambda *_: (world.training, stale))
        client.force_login(person)

        answer = client.post(address(world, "initiate", stale.uuid))

        assert answer.status_code == 302
        assert answer["Location"] == address(world, "annotate", stale.uuid)
