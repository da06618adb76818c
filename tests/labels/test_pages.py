"""Labels > Queue, Activity and Data, Summary, and the ways into the editor."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from projects.models import Instructions, Task, TaskState
from tests.factories import DatasetFactory, ProjectRoleFactory, UserFactory
from tests.flat_queries import assert_flat_queries

pytestmark = pytest.mark.django_db


def url(world, name, *rest):
    return reverse(f"labels:{name}", args=[world.organisation.slug, *(rest or [world.project.uuid])])


def titles(response):
    return [row.task.file.title for row in response.context["rows"]]


def editor_config(response):
    return response.context["editor_config"]


class TestQueue:
    def test_leads_see_all_tasks_what_wants_attention_first(self, world):
        people = world.people
        world.task(title="completed.jpg", state=TaskState.COMPLETED)
        world.task(title="in_review.jpg", state=TaskState.IN_REVIEW)
        world.task(title="assigned.jpg", held_by=people["annotator"])
        world.task(title="queued.jpg")
        world.task(title="returned.jpg", held_by=people["both"], state=TaskState.RETURNED)
        world.task(title="own.jpg", held_by=people["manager"])
        shown = titles(world.client("manager").get(url(world, "queue")))
        expected = ["own", "returned", "queued", "assigned", "in_review", "completed"]
        assert shown == [f"{name}.jpg" for name in expected]

    def test_annotators_see_free_tasks_and_their_own(self, world):
        annotator = world.people["annotator"]
        world.task(title="free.jpg")
        world.task(title="free_returned.jpg", state=TaskState.RETURNED)
        world.task(title="mine.jpg", held_by=annotator)
        world.task(title="others.jpg", held_by=world.people["both"])
        world.task(title="handed_in.jpg", state=TaskState.IN_REVIEW, submitted_by=annotator)
        response = world.client("annotator").get(url(world, "queue"))
        assert set(titles(response)) == {"free.jpg", "free_returned.jpg", "mine.jpg"}
        assertNotContains(response, "others.jpg")

    def test_reviewers_see_what_waits_for_review(self, world):
        world.task(title="free.jpg")
        world.task(title="waits.jpg", state=TaskState.IN_REVIEW, submitted_by=UserFactory())
        assert titles(world.client("reviewer").get(url(world, "queue"))) == ["waits.jpg"]
        assert set(titles(world.client("both").get(url(world, "queue")))) == {"free.jpg", "waits.jpg"}

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "SMEAR_1"}, {"smear_1.jpg"}),
            ({"q": "nothing"}, set()),
            ({"state": ["assigned"]}, {"smear_2.jpg"}),
            ({"state": ["assigned", "queued"]}, {"smear_1.jpg", "smear_2.jpg", "slide_4.jpg"}),
            ({"state": ["nonsense"]}, {"smear_1.jpg", "smear_2.jpg", "smear_3.jpg", "slide_4.jpg"}),
            ({"q": "smear", "state": ["queued"]}, {"smear_1.jpg"}),
        ],
    )
    def test_search_and_filters_add_up(self, world, query, found):
        world.task(title="smear_1.jpg")
        world.task(title="smear_2.jpg", held_by=world.people["annotator"])
        world.task(title="smear_3.jpg", held_by=world.people["both"], state=TaskState.RETURNED)
        world.task(title="slide_4.jpg")
        assert set(titles(world.client("admin").get(url(world, "queue"), query))) == found

    def test_the_list_can_be_filtered_by_dataset_and_by_who_holds_the_task(self, world):
        annotator, both = world.people["annotator"], world.people["both"]
        task = world.task(title="one.jpg", held_by=annotator)
        other = world.task(title="two.jpg", held_by=both)
        second = DatasetFactory(organisation=world.organisation, files=[other.file])
        world.project.attachments.create(dataset=second)
        client = world.client("admin")
        assert titles(client.get(url(world, "queue"), {"dataset": second.uuid})) == ["two.jpg"]
        assert titles(client.get(url(world, "queue"), {"holder": annotator.uuid})) == [task.file.title]

    def test_a_page_of_the_list_keeps_search_and_sort_in_its_links(self, world):
        for number in range(30):
            world.task(title=f"smear_{number:02}.jpg")
        response = world.client("admin").get(url(world, "queue"), {"q": "smear", "sort": "-file"})
        assert titles(response)[0] == "smear_29.jpg"
        assertContains(response, "1–25 of 30 tasks")
        following = world.client("admin").get(url(world, "queue") + response.context["listing"].next_link)
        assert titles(following) == [f"smear_{number:02}.jpg" for number in (4, 3, 2, 1, 0)]

    def test_the_fragment_is_the_region_of_the_page(self, world):
        world.task(title="one.jpg")
        client = world.client("admin")
        for name in ("queue", "activity", "data"):
            page = client.get(url(world, name)).text
            fragment = client.get(url(world, name), headers={"HX-Request": "true"}).text
            start = page.index('<section class="card region" id="task-list"')
            end = page.index("</section>", start) + len("</section>")
            assert without_tokens(page[start:end]) == without_tokens(fragment[fragment.index("<section") :])

    def test_an_empty_list_says_what_to_do(self, world):
        queue = url(world, "queue")
        assertContains(world.client("admin").get(queue), "Attach a dataset")
        assertContains(world.client("annotator").get(queue), "No task is free or yours")
        assertContains(world.client("annotator").get(queue, {"q": "x"}), "No tasks match")

    @pytest.mark.parametrize("name", ["queue", "activity", "data"])
    def test_the_number_of_queries_does_not_grow_with_the_rows(self, world, name):
        def make_rows(count):
            for number in range(count):
                state = TaskState.IN_REVIEW if number % 2 else TaskState.COMPLETED
                task = world.task(state, submitted_by=UserFactory(), edited_by=UserFactory())
                world.labelled(task)
                world.task(held_by=ProjectRoleFactory(project=world.project).user)

        assert_flat_queries(world.client("admin"), url(world, name), make_rows)


def without_tokens(html):
    """CSRF tokens differ with every answer."""
    lines = [line for line in html.strip().splitlines() if "csrfmiddlewaretoken" not in line]
    return [line.strip() for line in lines if line.strip() and 'name="back"' not in line]


class TestActivity:
    def test_it_holds_what_was_handed_in_newest_first(self, world):
        from datetime import timedelta

        from django.utils import timezone

        now = timezone.now()
        world.task(title="older.jpg", state=TaskState.COMPLETED, edited_at=now - timedelta(hours=2))
        world.task(title="newer.jpg", state=TaskState.IN_REVIEW, edited_at=now)
        world.task(title="queued.jpg")
        assert titles(world.client("admin").get(url(world, "activity"))) == ["newer.jpg", "older.jpg"]

    def test_annotators_see_what_they_submitted_and_reviewers_what_they_may_or_did_judge(self, world):
        annotator = world.people["annotator"]
        world.task(title="mine.jpg", state=TaskState.COMPLETED, submitted_by=annotator)
        world.task(title="others_done.jpg", state=TaskState.COMPLETED, submitted_by=UserFactory())
        waiting = world.task(
            title="others_waiting.jpg", state=TaskState.IN_REVIEW, submitted_by=UserFactory()
        )
        assert titles(world.client("annotator").get(url(world, "activity"))) == ["mine.jpg"]
        assert titles(world.client("reviewer").get(url(world, "activity"))) == ["others_waiting.jpg"]
        world.client("reviewer").post(url(world, "move_tasks"), {"action": "approve", "task": waiting.uuid})
        assert titles(world.client("reviewer").get(url(world, "activity"))) == ["others_waiting.jpg"]
        row = world.client("admin").get(url(world, "activity"), {"q": "waiting"}).context["rows"][0]
        assert row.reviewed_by == world.people["reviewer"]


class TestMoves:
    def test_a_selection_is_moved_as_far_as_the_table_allows_and_the_page_says_how_many(self, world):
        free, held = world.task(), world.task(held_by=world.people["both"])
        annotator = world.people["annotator"]
        back = url(world, "queue") + "?q=jpg"
        response = world.client("manager").post(
            url(world, "move_tasks"),
            {"action": "assign", "assignee": annotator.uuid, "task": [free.uuid, held.uuid], "back": back},
            follow=True,
        )
        assertRedirects(response, back)
        assertContains(response, "1 task assigned. 1 left alone")
        assert Task.objects.get(pk=free.pk).assignee == annotator
        assert Task.objects.get(pk=held.pk).assignee == world.people["both"]

    def test_the_button_of_one_row_ignores_what_is_ticked(self, world):
        first, second = (world.task(held_by=world.people["annotator"]) for _ in range(2))
        form = {"one": f"release:{first.uuid}", "task": [second.uuid]}
        world.client("admin").post(url(world, "move_tasks"), form)
        assert [Task.objects.get(pk=task.pk).state for task in (first, second)] == ["queued", "assigned"]

    @pytest.mark.parametrize(
        ("action", "before", "after"),
        [
            ("release", TaskState.ASSIGNED, TaskState.QUEUED),
            ("approve", TaskState.IN_REVIEW, TaskState.COMPLETED),
            ("reopen", TaskState.COMPLETED, TaskState.RETURNED),
            ("reopen", TaskState.IN_REVIEW, TaskState.RETURNED),
        ],
    )
    def test_leads_release_approve_and_reopen(self, world, action, before, after):
        holder = world.people["annotator"] if before == TaskState.ASSIGNED else None
        task = world.task(before, held_by=holder)
        world.client("manager").post(url(world, "move_tasks"), {"action": action, "task": task.uuid})
        assert Task.objects.get(pk=task.pk).state == after

    def test_somebody_whose_role_does_not_annotate_cannot_be_assigned(self, world):
        task = world.task()
        form = {"action": "assign", "assignee": world.people["reviewer"].uuid, "task": task.uuid}
        response = world.client("manager").post(url(world, "move_tasks"), form, follow=True)
        assertContains(response, "no role in this project that annotates")
        assert Task.objects.get(pk=task.pk).assignee is None

    def test_somebody_outside_the_project_is_as_good_as_absent(self, world):
        task = world.task()
        for outsider in (world.people["member"].uuid, world.people["tenant"].uuid, uuid.uuid4(), "nobody"):
            form = {"action": "assign", "assignee": outsider, "task": task.uuid}
            assert world.client("manager").post(url(world, "move_tasks"), form).status_code == 404
        assert Task.objects.get(pk=task.pk).assignee is None

    def test_tasks_of_other_projects_are_not_touched(self, world):
        foreign = ProjectRoleFactory(user=world.people["tenant"]).project
        from tests.factories import TaskFactory

        task = TaskFactory(project=foreign, state=TaskState.COMPLETED)
        world.client("admin").post(url(world, "move_tasks"), {"action": "reopen", "task": task.uuid})
        assert Task.objects.get(pk=task.pk).state == TaskState.COMPLETED

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
    def test_a_foreign_way_back_is_not_followed(self, world, back):
        form = {"action": "release", "task": world.task().uuid, "back": back}
        assert world.client("admin").post(url(world, "move_tasks"), form).url == url(world, "queue")


class TestOpening:
    def test_start_labelling_reserves_the_oldest_free_task_and_opens_it(self, world):
        first = world.task()
        world.task()
        client = world.client("annotator")
        response = client.post(url(world, "start"))
        assertRedirects(response, url(world, "annotate", first.uuid))
        config = editor_config(client.get(response.url))
        assert (config["mode"], config["revision"]) == ("annotate", 0)
        assert config["task"]["title"] == first.file.title
        assert [action["key"] for action in config["actions"]] == ["skip", "submit"]
        frame = reverse("datasets:frame", args=[world.organisation.slug, first.file.uuid, 0])
        assert config["media"]["frame_url"] == frame.replace("/frames/0/", "/frames/{frame}/")
        assert config["media"]["sizes"] == [[64, 48]]

    def test_looking_at_pages_reserves_nothing(self, world):
        task = world.task()
        client = world.client("annotator")
        for name, rest in (("start", []), ("queue", []), ("summary", []), ("annotate", [task.uuid])):
            client.get(url(world, name, *rest))
        task.refresh_from_db()
        assert (task.state, task.assignee, task.version) == (TaskState.QUEUED, None, 0)

    def test_an_empty_queue_says_so(self, world):
        response = world.client("annotator").post(url(world, "start"), follow=True)
        assertContains(response, "The queue is empty")

    def test_initiate_opens_that_task_and_says_when_somebody_was_faster(self, world):
        task = world.task()
        assertRedirects(
            world.client("annotator").post(url(world, "initiate", task.uuid)),
            url(world, "annotate", task.uuid),
        )
        response = world.client("both").post(url(world, "initiate", task.uuid))
        assert response.status_code == 404  # held by somebody else: not theirs to know
        lead = world.client("admin").post(url(world, "initiate", task.uuid), follow=True)
        assertContains(lead, "Somebody else was faster")

    def test_the_editor_opens_for_the_holder_only(self, world):
        task = world.task(held_by=world.people["annotator"])
        assert world.client("annotator").get(url(world, "annotate", task.uuid)).status_code == 200
        response = world.client("admin").get(url(world, "annotate", task.uuid))
        assertRedirects(response, url(world, "queue"))

    def test_the_place_in_ones_list_is_told_when_there_is_a_list(self, world):
        annotator = world.people["annotator"]
        first, second = (world.task(held_by=annotator) for _ in range(2))
        client = world.client("annotator")
        config = editor_config(client.get(url(world, "annotate", second.uuid)))
        assert (config["task"]["position"], config["task"]["total"]) == (2, 2)
        Task.objects.filter(pk=first.pk).delete()
        config = editor_config(client.get(url(world, "annotate", second.uuid)))
        assert (config["task"]["position"], config["task"]["total"]) == (None, None)

    def test_instructions_are_offered_when_there_are_some(self, world):
        task = world.task(held_by=world.people["annotator"])
        client = world.client("annotator")
        opener = url(world, "annotate", task.uuid)
        assert editor_config(client.get(opener))["endpoints"]["instructions"] is None
        Instructions.objects.create(project=world.project, markdown="Draw tight boxes.")
        address = editor_config(client.get(opener))["endpoints"]["instructions"]
        assertContains(client.get(address), "Draw tight boxes.")

    def test_view_shows_the_labels_and_offers_approve_to_who_may(self, world):
        task = world.task(TaskState.IN_REVIEW, submitted_by=UserFactory())
        world.labelled(task, instances=3)
        for role in ("reviewer", "manager"):
            config = editor_config(world.client(role).get(url(world, "view", task.uuid)))
            assert config["mode"] == "view"
            assert len(config["document"]["objects"]) == 3
            assert config["endpoints"]["save"] is config["endpoints"]["submit"] is None
            assert config["endpoints"]["approve"] == url(world, "approve", task.uuid)
        Task.objects.filter(pk=task.pk).update(state=TaskState.COMPLETED)
        config = editor_config(world.client("manager").get(url(world, "view", task.uuid)))
        # Nothing to approve any more; leads can still correct.
        assert [action["key"] for action in config["actions"]] == ["edit"]

    def test_previous_and_next_walk_the_list_that_view_was_pressed_in(self, world):
        tasks = [
            world.task(TaskState.IN_REVIEW, title=f"smear_{number}.jpg", submitted_by=UserFactory())
            for number in range(3)
        ]
        world.task(TaskState.COMPLETED, title="smear_9.jpg")
        for task in tasks:
            world.labelled(task)
        client = world.client("manager")
        query = {"q": "smear", "state": "in_review", "sort": "file"}
        page = client.get(url(world, "activity"), query)
        address = url(world, "view", tasks[1].uuid) + page.context["along"]
        assertContains(page, escape(address))
        endpoints = editor_config(client.get(address))["endpoints"]
        assert str(tasks[0].uuid) in endpoints["previous"]
        assert str(tasks[2].uuid) in endpoints["next"]
        assert editor_config(client.get(endpoints["next"]))["endpoints"]["next"] is None
        assert titles(client.get(endpoints["back"])) == [task.file.title for task in tasks]
        approve = editor_config(client.get(address))["endpoints"]["approve"]
        approved = client.post(approve, "{}", content_type="application/json").json()
        assert approved["next_url"] == endpoints["next"]
        alone = editor_config(client.get(url(world, "view", tasks[1].uuid)))["endpoints"]
        assert (alone["previous"], alone["next"]) == (None, None)

    def test_names_cannot_break_out_of_the_configuration(self, world):
        evil = "</script><script>alert(1)</script>.jpg"
        task = world.task(title=evil, held_by=world.people["annotator"])
        page = world.client("annotator").get(url(world, "annotate", task.uuid)).text
        assert "<script>alert(1)" not in page
        block = page.split('id="editor-config" type="application/json">')[1].split("</script>")[0]
        assert json.loads(block)["task"]["title"] == evil


class TestSummary:
    def test_it_counts_tasks_and_labels_by_status(self, world):
        for state, count in ((TaskState.QUEUED, 3), (TaskState.IN_REVIEW, 2), (TaskState.COMPLETED, 1)):
            for _ in range(count):
                world.task(state)
        world.labelled(Task.objects.filter(state=TaskState.COMPLETED).get(), instances=4)
        summary = world.client("annotator").get(url(world, "summary")).context["summary"]
        assert (summary.total, summary.annotate, summary.in_review, summary.completed) == (6, 3, 2, 1)
        assert summary.label_total == 4
        assert (summary.classes[0].name, summary.classes[0].instances) == ("White blood cell", 4)

    def test_an_empty_project_says_what_to_do(self, world):
        assertContains(world.client("admin").get(url(world, "summary")), "Attach a dataset")
        assertNotContains(world.client("annotator").get(url(world, "summary")), "Attach a dataset")

    def test_the_number_of_queries_does_not_grow(self, world):
        def make_rows(count):
            for _ in range(count):
                world.labelled(world.task(TaskState.IN_REVIEW))

        assert_flat_queries(world.client("admin"), url(world, "summary"), make_rows)

    def test_start_labelling_says_what_waits(self, world):
        world.task()
        assertContains(world.client("annotator").get(url(world, "summary")), "1 free")
        world.task(held_by=world.people["annotator"])
        assertContains(world.client("annotator").get(url(world, "summary")), "1 yours")
        assertNotContains(world.client("reviewer").get(url(world, "summary")), "Start labelling")


def test_the_activity_log_tells_who_did_what(world):
    task = world.task()
    client = world.client("admin")
    annotator = world.people["annotator"]
    client.post(url(world, "move_tasks"), {"action": "assign", "assignee": annotator.uuid, "task": task.uuid})
    client.post(url(world, "move_tasks"), {"action": "release", "task": task.uuid})
    page = client.get(url(world, "history", task.uuid))
    assert [event.move for event in page.context["events"]] == ["assign", "release"]
    assertContains(page, world.people["admin"].name)
