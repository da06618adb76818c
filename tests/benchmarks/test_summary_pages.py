"""Summary as leads and trainees see it: figures, lists, draws, View, files, feedback policy."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks.evaluation import evaluate
from benchmarks.models import (
    Evaluation,
    FeedbackLevel,
    FeedbackMoment,
    SampleDraw,
    TaskCopy,
    TrainingProject,
)
from jobs.jobs import run_job
from jobs.models import Job, RowState
from projects.models import Role
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import (
    CELL,
    CELL_TYPE,
    LYMPHOCYTE,
    NEUTROPHIL,
    GroupFactory,
    ProjectRoleFactory,
    SourceProjectFactory,
    UserFactory,
    box_document,
)
from tests.flat_queries import assert_flat_queries

pytestmark = pytest.mark.django_db

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)


@pytest.fixture
def training() -> Training:
    """Two gold items with two boxes each."""
    return make_training(box_document(LEFT, RIGHT), box_document(LEFT, RIGHT))


def url(training: Training, name: str, *ids: Any) -> str:
    project = training.row.project
    return reverse(f"benchmarks:{name}", args=[project.organisation.slug, project.uuid, *ids])


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def task_of(training: Training, person: User, number: int = 0) -> Any:
    return TaskCopy.objects.get(annotator=person, item=training.items[number]).task


class TestOverview:
    def test_a_lead_sees_totals_points_and_each_annotator(self, training):
        mei = training.trainee(name="Mei Tanaka")
        training.submit(mei, training.items[0], box_document(LEFT, RIGHT))
        training.submit(mei, training.items[1], box_document(LEFT))
        text = text_of(as_user(training.admin).get(url(training, "overview")))
        # Two boxes x (100 + 100) twice = 800 available; one of four boxes is missing: 600 earned, 75 %.
        assert "Mei Tanaka" in text
        assert "600 / 800" in text
        assert "75.0" in text

    def test_search_group_and_sort_work_together(self, training):
        mei, jonas = training.trainee(name="Mei Tanaka"), training.trainee(name="Jonas Lindqvist")
        group = GroupFactory(organisation=training.row.project.organisation)
        group.members.add(jonas)
        training.submit(mei, training.items[0], box_document(LEFT, RIGHT))
        client = as_user(training.admin)
        assert (
            "Jonas"
            not in text_of(client.get(url(training, "overview"), {"q": "tanaka"})).partition("Annotators ")[2]
        )
        region = client.get(
            url(training, "overview"),
            {"group": str(group.uuid)},
            headers={"HX-Request": "true", "HX-Target": "annotator-list"},
        )
        assert "Jonas Lindqvist" in text_of(region)
        assert "Mei Tanaka" not in text_of(region)

    def test_the_region_equals_the_same_part_of_the_page(self, training):
        training.submit(training.trainee(), training.items[0], box_document(LEFT))
        client = as_user(training.admin)
        page = client.get(url(training, "overview")).content.decode()
        for target in ("annotator-list", "overview-figures", "publication-note"):
            region = client.get(
                url(training, "overview"), headers={"HX-Request": "true", "HX-Target": target}
            ).content.decode()
            assert strip(region) in strip(page)

    def test_a_team_manager_reads_everything_and_cannot_publish(self, training):
        manager = UserFactory()
        ProjectRoleFactory(project=training.row.project, user=manager, role=Role.TEAM_MANAGER)
        client = as_user(manager)
        page = client.get(url(training, "overview"))
        assert page.status_code == 200
        assert "Re-calculate scores" not in text_of(page)
        assert client.post(url(training, "recalculate")).status_code == 403

    def test_it_costs_the_same_queries_for_few_and_many_annotators(self, training):
        def make(count: int) -> None:
            for _ in range(count):
                training.submit(training.trainee(), training.items[0], box_document(LEFT))

        assert_flat_queries(as_user(training.admin), url(training, "overview"), make)

    def test_who_had_a_role_in_a_source_is_marked(self, training):
        source = SourceProjectFactory(training=training.row)
        mei = training.trainee(name="Mei Tanaka")
        training.trainee(name="Jonas Lindqvist")
        ProjectRoleFactory(project=source.project, user=mei, role=Role.REVIEWER)
        page = as_user(training.admin).get(url(training, "overview"))
        rows = re.findall(r"<tr data-row>.*?</tr>", page.content.decode(), re.S)
        assert [("Mei Tanaka" in row) for row in rows if "Knows the gold" in row] == [True]

    def test_an_open_page_learns_of_the_next_submission_and_is_left_alone_without_one(self, training):
        mei = training.trainee(name="Mei Tanaka")
        client = as_user(training.admin)
        page = client.get(url(training, "overview"))
        poll = {"stamp": page.context["stamp"]}
        region = {"HX-Request": "true", "HX-Target": "overview-figures"}
        assert "every 15s" in page.content.decode()
        assert client.get(url(training, "overview"), poll, headers=region).status_code == 204
        training.submit(mei, training.items[0], box_document(LEFT))
        answer = client.get(url(training, "overview"), poll, headers=region)
        assert "200 / 400" in text_of(answer)
        assert "figures-changed" in answer["HX-Trigger"]

    def test_saved_but_unpublished_weights_are_named_and_published_by_the_button(self, training, work_off):
        training.submit(training.trainee(), training.items[0], box_document(LEFT))
        training.new_function(weights={f"iou:{CELL}": 300})
        client = as_user(training.admin)
        assert "Version 2 saved" in text_of(client.get(url(training, "overview")))
        client.post(url(training, "recalculate"), headers={"HX-Request": "true"})
        training.row.refresh_from_db()
        if training.row.publication.number == 1:  # the ring waits for a worker
            run_job(Job.objects.get().pk)
        training.row.refresh_from_db()
        assert training.row.publication.function.number == 2
        assert "Version 2 saved" not in text_of(client.get(url(training, "overview")))

    def test_a_failed_evaluation_is_shown_and_retried(self, training):
        person = training.trainee()
        evaluation = training.submit(
            person, training.items[0], box_document(LEFT), evaluated=False
        ).evaluations.get()
        Evaluation.objects.filter(pk=evaluation.pk).update(
            state=RowState.FAILED, error="It broke. Press Retry."
        )
        client = as_user(training.admin)
        assert "1 failed" in text_of(client.get(url(training, "overview")))
        client.post(url(training, "retry_failed"))
        evaluation.refresh_from_db()
        assert evaluation.state == RowState.PENDING


def strip(html: str) -> str:
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)
    return re.sub(r"\s+", " ", html).strip()


class TestSubmissions:
    def test_worst_labels_come_first_with_their_arithmetic(self, training):
        training.submit(training.trainee(), training.items[0], box_document(LEFT))
        page = as_user(training.admin).get(url(training, "submissions"))
        text = text_of(page).partition("Evaluation labels with their points")[2]
        assert text.index("Missing") < text.index("Matched")
        assert "0 / 200" in text
        assert "−200" in text

    def test_filters_by_annotator_class_outcome_and_score(self, training):
        mei, jonas = training.trainee(name="Mei"), training.trainee(name="Jonas")
        training.submit(mei, training.items[0], box_document(LEFT))
        training.submit(jonas, training.items[0], box_document(LEFT, RIGHT))
        client = as_user(training.admin)

        def rows(**query: str) -> int:
            return client.get(url(training, "submissions"), query).context["listing"].total

        assert rows() == 4
        assert rows(annotator=str(mei.uuid)) == 2
        assert rows(outcome="missing") == 1
        assert rows(**{"class": CELL, "annotator": str(jonas.uuid)}) == 2
        assert rows(score="100") == 3
        assert rows(score="0-25") == 1
        assert rows(annotator="nonsense", outcome="nonsense") == 4

    def test_beyond_the_limit_a_sample_even_over_annotators_is_drawn_and_kept(self, training, settings):
        settings.ANNOTRAIN_SAMPLE_LIMIT = 4
        for _ in range(4):
            training.submit(training.trainee(), training.items[0], box_document(LEFT, RIGHT))
        client = as_user(training.admin)
        page = client.get(url(training, "submissions"))
        draw = SampleDraw.objects.get()
        assert "Random sample: 4 of 8" in text_of(page)
        assert str(draw.seed) in text_of(page)
        people = [row.label.evaluation.copy.annotator_id for row in draw.rows.all()]
        assert len(people) == len(set(people)) == 4
        client.get(url(training, "submissions"), {"sort": "file"})
        assert SampleDraw.objects.count() == 1
        client.post(url(training, "draw_again"))
        assert SampleDraw.objects.count() == 2

    def test_labels_without_a_similarity_sort_below_all_others(self, training):
        training.submit(training.trainee(), training.items[0], box_document(LEFT))
        client = as_user(training.admin)
        for sort, order in [("similarity", ["missing", "match"]), ("-similarity", ["match", "missing"])]:
            lines = client.get(url(training, "submissions"), {"sort": sort}).context["lines"]
            assert [line.label.similarity is None for line in lines] == [one == "missing" for one in order]

    def test_a_new_submission_appears_in_the_complete_list(self, training):
        person = training.trainee()
        training.submit(person, training.items[0], box_document(LEFT, RIGHT))
        client = as_user(training.admin)
        client.get(url(training, "submissions"))
        training.submit(person, training.items[1], box_document(LEFT, RIGHT))
        client.get(url(training, "submissions"))
        assert SampleDraw.objects.latest("pk").total == 4

    def test_it_costs_the_same_queries_for_few_and_many_rows(self, training):
        def make(count: int) -> None:
            for _ in range(count):
                training.submit(training.trainee(), training.items[0], box_document(LEFT))
            as_user(training.admin).get(url(training, "submissions"))

        assert_flat_queries(as_user(training.admin), url(training, "submissions"), make)


class TestView:
    def test_gold_left_submission_right_and_the_differences_with_their_points(self, training):
        mei = training.trainee(name="Mei Tanaka")
        training.submit(mei, training.items[0], box_document(LEFT))
        page = as_user(training.admin).get(url(training, "compare", task_of(training, mei).uuid))
        config = config_in(page)
        assert config["mode"] == "compare"
        assert len(config["compare"]["left"]["document"]["objects"]) == 2
        assert config["compare"]["right"]["title"] == "Mei Tanaka"
        assert config["compare"]["score"] == {"earned": 200, "available": 400, "percent": 50}
        missing = [one for one in config["compare"]["differences"] if one["outcome"] == "missing"]
        assert len(missing) == 1
        assert (missing[0]["earned"], missing[0]["available"]) == (0, 200)
        assert missing[0]["sentence"]

    def test_next_and_previous_walk_all_scored_submissions(self, training):
        mei, jonas = training.trainee(), training.trainee()
        for person in (mei, jonas):
            for item in training.items:
                training.submit(person, item, box_document(LEFT))
        client = as_user(training.admin)
        address, seen = url(training, "compare", task_of(training, mei).uuid), []
        while address:
            seen.append(address)
            address = config_in(client.get(address))["compare"]["next_url"]
        assert len(seen) == len(set(seen)) == 4

    def test_an_unscored_submission_says_so(self, training):
        person = training.trainee()
        training.submit(person, training.items[0], box_document(LEFT), evaluated=False)
        page = as_user(training.admin).get(url(training, "compare", task_of(training, person).uuid))
        assert page.status_code == 409
        assert "being scored" in text_of(page)


def config_in(page: Any) -> dict[str, Any]:
    found = re.search(
        r'<script id="editor-config" type="application/json">(.*?)</script>', page.content.decode(), re.S
    )
    return json.loads(found.group(1))


class TestFiles:
    def test_both_files_are_streamed_to_leads_only(self, training):
        person = training.trainee(name="@Mei")
        training.submit(person, training.items[0], box_document(LEFT))
        client = as_user(training.admin)
        for name in ("labels_csv", "annotators_csv"):
            response = client.get(url(training, name))
            assert response.streaming
            assert "attachment" in response["Content-Disposition"]
            assert "'@Mei" in b"".join(response.streaming_content).decode()
            assert as_user(person).get(url(training, name)).status_code == 403


class TestTrainee:
    def test_only_own_tasks_and_no_score_with_the_default_policy(self, training):
        mei, jonas = training.trainee(name="Mei"), training.trainee(name="Jonas")
        training.submit(mei, training.items[0], box_document(LEFT))
        page = as_user(mei).get(url(training, "overview"))
        text = text_of(page)
        assert "1 task to go" in text
        assert "Submitted" in text
        assert "Jonas" not in text
        assert "%" not in text
        assert "Scored" not in text
        del jonas

    @pytest.mark.parametrize(
        ("level", "total", "classes", "card"),
        [
            (FeedbackLevel.NONE, False, False, False),
            (FeedbackLevel.TOTAL, True, False, False),
            (FeedbackLevel.PER_CLASS, True, True, False),
            (FeedbackLevel.PER_LABEL, True, True, True),
            (FeedbackLevel.PER_LABEL_WITH_GOLD, True, True, True),
        ],
    )
    def test_each_level_shows_what_it_says(self, training, level, total, classes, card):
        TrainingProject.objects.filter(pk=training.row.pk).update(
            feedback_level=level, feedback_moment=FeedbackMoment.AT_ONCE
        )
        mei = training.trainee()
        training.submit(mei, training.items[0], box_document(LEFT))
        client = as_user(mei)
        text = text_of(client.get(url(training, "overview")))
        assert ("50.0" in text) is total
        assert ("White blood cell" in text) is classes
        result = client.get(url(training, "result", task_of(training, mei).uuid))
        assert result.status_code == (200 if card else 403)

    def test_a_score_card_without_gold_names_no_gold_and_no_weights(self, training):
        TrainingProject.objects.filter(pk=training.row.pk).update(
            feedback_level=FeedbackLevel.PER_LABEL, feedback_moment=FeedbackMoment.AT_ONCE
        )
        gold = box_document(LEFT)
        gold["objects"][0]["answers"] = {CELL_TYPE: LYMPHOCYTE}
        gold["objects"][0]["id"] = "secret-gold-id"
        training.items[0].gold_tasks.update(document=gold)
        own = box_document(LEFT)
        own["objects"][0]["answers"] = {CELL_TYPE: NEUTROPHIL}
        mei = training.trainee()
        training.submit(mei, training.items[0], own)
        page = as_user(mei).get(url(training, "result", task_of(training, mei).uuid)).content.decode()
        assert "Lymphocyte" not in page
        assert "secret-gold-id" not in page
        assert "/ 100" not in page
        assert "Neutrophil" in page

    def test_with_gold_everything_counts_100_so_that_weights_stay_secret(self, training):
        function = training.new_function(weights={f"iou:{CELL}": 777})
        TrainingProject.objects.filter(pk=training.row.pk).update(
            feedback_level=FeedbackLevel.PER_LABEL_WITH_GOLD, feedback_moment=FeedbackMoment.AT_ONCE
        )
        training.row.publication.function = function
        training.row.publication.save()
        mei = training.trainee()
        training.submit(mei, training.items[0], box_document(LEFT))
        page = as_user(mei).get(url(training, "result", task_of(training, mei).uuid))
        assert "777" not in json.dumps(config_in(page)["compare"])

    @pytest.mark.parametrize(
        ("moment", "released", "finished", "shown"),
        [
            (FeedbackMoment.AFTER_LAST_TASK, False, False, False),
            (FeedbackMoment.AFTER_LAST_TASK, False, True, True),
            (FeedbackMoment.WHEN_RELEASED, False, True, False),
            (FeedbackMoment.WHEN_RELEASED, True, False, True),
        ],
    )
    def test_scores_wait_for_their_moment(self, training, moment, released, finished, shown):
        TrainingProject.objects.filter(pk=training.row.pk).update(
            feedback_level=FeedbackLevel.TOTAL,
            feedback_moment=moment,
            feedback_released_at=timezone.now() if released else None,
        )
        mei = training.trainee()
        for item in training.items if finished else training.items[:1]:
            training.submit(mei, item, box_document(LEFT))
        text = text_of(as_user(mei).get(url(training, "overview")))
        assert ("50.0" in text) is shown

    def test_a_submitted_task_cannot_be_opened_again(self, training):
        mei = training.trainee()
        training.submit(mei, training.items[0], box_document(LEFT))
        page = as_user(mei).get(url(training, "annotate", task_of(training, mei).uuid))
        assert page.status_code == 409
        assert "editor-config" not in page.content.decode()

    def test_somebody_elses_copy_does_not_exist(self, training):
        mei, jonas = training.trainee(), training.trainee()
        for name in ("annotate", "result", "compare"):
            assert as_user(jonas).get(url(training, name, task_of(training, mei).uuid)).status_code == 404

    def test_leads_have_no_tasks_and_cannot_take_one(self, training):
        mei = training.trainee()
        client = as_user(training.admin)
        assert client.get(url(training, "start")).status_code == 403
        assert client.get(url(training, "annotate", task_of(training, mei).uuid)).status_code == 403
        assert client.post(url(training, "initiate", task_of(training, mei).uuid)).status_code == 403

    def test_start_opens_the_next_own_task_in_the_editor_and_says_when_all_are_done(self, training):
        mei = training.trainee()
        client = as_user(mei)
        page = client.get(url(training, "start"), follow=True)
        config = config_in(page)
        assert (config["mode"], config["task"]["position"], config["task"]["total"]) == ("annotate", 1, 2)
        assert config["endpoints"]["approve"] is None
        for item in training.items:
            training.submit(mei, item, box_document(LEFT))
        assert "All done" in text_of(client.get(url(training, "start")))

    def test_opening_by_get_changes_nothing_and_initiate_starts_it(self, training):
        mei = training.trainee()
        task = task_of(training, mei)
        client = as_user(mei)
        client.get(url(training, "annotate", task.uuid))
        task.refresh_from_db()
        assert task.state == "assigned"
        client.post(url(training, "initiate", task.uuid))
        task.refresh_from_db()
        assert task.state == "in_progress"


class TestLabelsPages:
    def test_leads_see_open_copies_without_initiate_and_withdraw_them(self, training):
        mei = training.trainee(name="Mei Tanaka")
        client = as_user(training.admin)
        page = client.get(url(training, "queue"))
        assert "Mei Tanaka" in text_of(page)
        assert "Initiate" not in text_of(page)
        task = task_of(training, mei)
        client.post(url(training, "move_copies"), {"move": "withdraw", "task": [str(task.uuid)]})
        task.refresh_from_db()
        assert task.state == "withdrawn"
        client.post(url(training, "move_copies"), {"move": "restore", "task": [str(task.uuid)]})
        task.refresh_from_db()
        assert task.state == "assigned"

    def test_a_trainees_queue_holds_own_tasks_only(self, training):
        mei = training.trainee()
        training.trainee(name="Jonas")
        text = text_of(as_user(mei).get(url(training, "queue")))
        assert "Initiate" in text
        assert "Jonas" not in text

    def test_activity_moves_from_waiting_to_scored_without_a_reload(self, training):
        mei = training.trainee()
        evaluation = training.submit(
            mei, training.items[0], box_document(LEFT), evaluated=False
        ).evaluations.get()
        client = as_user(training.admin)
        waiting = client.get(url(training, "activity"))
        assert "Waiting" in text_of(waiting)
        assert 'hx-trigger="every 2s"' in waiting.content.decode()
        evaluate(evaluation.pk)
        scored = client.get(
            url(training, "activity"), headers={"HX-Request": "true", "HX-Target": "activity-list"}
        )
        assert "Scored" in text_of(scored)
        assert "50.0" in text_of(scored)
        assert "every 2s" not in scored.content.decode()

    def test_a_submission_that_waits_long_is_called_delayed(self, training):
        training.submit(training.trainee(), training.items[0], box_document(LEFT), evaluated=False)
        Evaluation.objects.update(created_at=timezone.now() - timedelta(seconds=31))
        assert "Delayed" in text_of(as_user(training.admin).get(url(training, "activity")))

    @pytest.mark.parametrize("name", ["activity", "data"])
    def test_trainees_do_not_see_the_leads_pages(self, training, name):
        assert as_user(training.trainee()).get(url(training, name)).status_code == 403

    def test_data_lists_gold_items_with_labels_and_scores(self, training):
        training.submit(training.trainee(), training.items[0], box_document(LEFT))
        text = text_of(as_user(training.admin).get(url(training, "data")))
        assert "50.0" in text
        assert "1 of 1" in text

    @pytest.mark.parametrize("name", ["queue", "activity", "data"])
    @pytest.mark.parametrize("sort", ["file", "-file", "score", "-score", "edited", "labels", "submitted"])
    def test_every_sort_works(self, training, name, sort):
        training.submit(training.trainee(), training.items[0], box_document(LEFT))
        assert as_user(training.admin).get(url(training, name), {"sort": sort}).status_code == 200

    @pytest.mark.parametrize("name", ["queue", "activity"])
    def test_lists_cost_the_same_queries(self, training, name):
        def make(count: int) -> None:
            for _ in range(count):
                training.submit(training.trainee(), training.items[0], box_document(LEFT))

        assert_flat_queries(as_user(training.admin), url(training, name), make)
