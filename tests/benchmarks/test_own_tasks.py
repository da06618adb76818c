"""A trainee's own tasks: opening them twice at once, and in which order they are listed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from benchmarks.views import trainee
from labels.models import LabelRow
from labels.operations import open_label_row
from projects.models import Task, TaskEvent
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


class TestOrder:
    @pytest.fixture
    def world(self):
        """Six items A to F; the trainee has them in the order F to A, and submitted B first and E an hour later."""
        world = make_world(items=6)
        for item, name in zip(world.items, "ABCDEF", strict=True):
            type(item.file).objects.filter(pk=item.file_id).update(title=f"field-{name}.png")
        self.person = world.join(name="Mei Tanaka")
        for rank, name in enumerate("FEDCBA"):
            self.task(name).update(queue_rank=rank)
        now = timezone.now()
        for hour, name in enumerate("BE"):
            at = now + timedelta(hours=hour)
            self.task(name).update(state="submitted", submitted_at=at, finished_at=at, edited_at=at)
        self.task("C").update(state="in_progress", edited_at=now + timedelta(minutes=5))
        return world

    def task(self, name):
        return Task.objects.filter(assignee=self.person, file__title=f"field-{name}.png")

    def names(self, client, world, user, page="queue", **query):
        client.force_login(user)
        content = client.get(address(world, page), query).content.decode()
        found = re.findall(r'title="field-([A-F])', content)
        return "".join(dict.fromkeys(found))

    @pytest.mark.parametrize("page", ["queue", "overview"])
    def test_open_tasks_come_first_as_offered_then_the_newest_submitted(self, client, world, page):
        assert self.names(client, world, self.person, page) == "FDCAEB"

    def test_turned_round_it_is_the_reverse(self, client, world):
        assert self.names(client, world, self.person, sort="-order") == "BEACDF"

    def test_what_was_never_edited_is_before_all_edits_in_the_order_of_offering(self, client, world):
        assert self.names(client, world, self.person, sort="edited") == "FDABCE"
        assert self.names(client, world, self.person, sort="-edited") == "ECBADF"

    def test_equal_names_and_ranks_do_not_show_the_order_of_the_gold(self, client, world):
        Task.objects.filter(assignee=self.person).update(queue_rank=0)
        free = Task.objects.filter(assignee=self.person).exclude(state="submitted").order_by("uuid")
        by_uuid = "".join(task.file.title[6] for task in free.select_related("file"))

        assert self.names(client, world, self.person, state="todo") == by_uuid

    def test_a_lead_sorts_open_copies_by_last_edit_never_edited_first(self, client, world):
        assert self.names(client, world, world.admin, sort="edited")[-1] == "C"
        assert self.names(client, world, world.admin, sort="-edited")[0] == "C"
