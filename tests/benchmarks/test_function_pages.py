"""Settings > Benchmark scoring function: versions are immutable, saving changes nobody's score."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from benchmarks.function_form import typed_of
from benchmarks.models import BenchmarkFunction, TrainingProject
from projects.models import Role
from scoring import Function, Ontology
from tests.benchmarks.worlds import make_world
from tests.factories import CELL, simple_structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    world = make_world(items=2)
    client.force_login(world.admin)
    return world


def url(world, name="function", *rest):
    return reverse(f"benchmarks:{name}", args=[world.project.organisation.slug, world.project.uuid, *rest])


def typed(world, base=1, **changes):
    ontology = Ontology.from_structure(simple_structure())
    settings = world.training.functions.get(number=base).settings
    fields = typed_of(Function.from_dict(ontology, settings))
    return fields | {"base": str(base), "reason": "White cells decide"} | changes


def save(client, world, base=1, **changes):
    return client.post(url(world, "function_edit"), typed(world, base, **changes))


def test_saving_makes_the_next_version_with_author_time_and_reason(client, world):
    answer = save(client, world, **{f"weight:iou:{CELL}": "300"})

    assert answer.url == url(world)
    version = BenchmarkFunction.objects.get(number=2)
    assert (version.created_by, version.reason) == (world.admin, "White cells decide")
    assert version.settings["weights"][f"iou:{CELL}"] == 300
    assert version.weights.get(criterion=f"iou:{CELL}").weight == 300
    assert world.training.functions.get(number=1).settings["weights"][f"iou:{CELL}"] == 100
    assert AuditEvent.objects.get(action="save benchmark function").note == "White cells decide"


def test_a_saved_version_is_not_published(client, world):
    save(client, world, **{f"weight:iou:{CELL}": "300"})

    assert TrainingProject.objects.get().publication.function.number == 1
    page = client.get(url(world)).content.decode()
    assert "Version 2 is saved, scores still use version 1" in page


@pytest.mark.parametrize("wrong", ["abc", "-1", "NaN", "1e999", ""])
def test_a_weight_that_is_none_saves_nothing_and_stays_in_its_field(client, world, wrong):
    answer = save(client, world, **{f"weight:iou:{CELL}": wrong})

    assert answer.status_code == 422
    content = answer.content.decode()
    assert re.search(rf'name="weight:iou:{CELL}" value="{re.escape(wrong)}"', content)
    assert re.search(rf'id="error-weight:iou:{CELL}">\w', content)
    assert 'value="White cells decide"' in content
    assert BenchmarkFunction.objects.count() == 1


def test_nothing_changed_is_nothing_to_save(client, world):
    assert save(client, world).status_code == 422
    assert BenchmarkFunction.objects.count() == 1


def test_somebody_else_saved_in_the_meantime(client, world):
    save(client, world, **{f"weight:iou:{CELL}": "300"})

    answer = save(client, world, base=1, **{f"weight:iou:{CELL}": "50"})

    assert answer.status_code == 409
    content = answer.content.decode()
    assert "Ines Calder saved version 2 in the meantime" in content
    assert f'name="weight:iou:{CELL}" value="50"' in content
    assert 'name="base" value="2"' in content
    assert '<del class="weight-before">300</del>' in content
    assert BenchmarkFunction.objects.count() == 2


def test_typing_strikes_the_old_value_through(client, world):
    answer = client.post(url(world, "function_preview"), typed(world, **{f"weight:iou:{CELL}": "300"}))

    content = answer.content.decode()
    assert f'id="before-weight:iou:{CELL}" hx-swap-oob="true"><del class="weight-before">100</del>' in content
    assert '<span id="total-iou" hx-swap-oob="true">600</span>' in content  # two gold boxes
    assert BenchmarkFunction.objects.count() == 1


def test_a_changed_comparison_setting_is_marked(client, world):
    answer = client.post(url(world, "function_preview"), typed(world, near_miss="0.2"))

    assert "Changed: needs comparing again" in answer.content.decode()


def test_two_versions_are_compared(client, world):
    save(client, world, **{f"weight:iou:{CELL}": "300"})

    content = client.get(url(world, "function_compare"), {"a": "2", "b": "1"}).content.decode()

    assert re.search(r'<del class="weight-before">100</del></span><span>300</span>', content)


@pytest.mark.parametrize("query", [{}, {"a": "1"}, {"a": "x", "b": "1"}, {"a": "9", "b": "1"}])
def test_comparing_with_a_version_that_does_not_exist_is_not_found(client, world, query):
    assert client.get(url(world, "function_compare"), query).status_code == 404


def test_restoring_saves_the_old_values_as_a_new_version(client, world):
    save(client, world, **{f"weight:iou:{CELL}": "300"})

    client.post(url(world, "function_restore", 1), {"base": "2"})

    restored = BenchmarkFunction.objects.get(number=3)
    assert restored.settings == BenchmarkFunction.objects.get(number=1).settings
    assert restored.reason == "Restored version 1"


def test_restoring_over_a_version_one_has_not_seen_is_refused(client, world):
    save(client, world, **{f"weight:iou:{CELL}": "300"})

    client.post(url(world, "function_restore", 1), {"base": "1"})

    assert BenchmarkFunction.objects.count() == 2


def test_a_team_manager_reads_and_cannot_change(client, world):
    save(client, world, **{f"weight:iou:{CELL}": "300"})
    client.force_login(world.join(Role.TEAM_MANAGER))

    page = client.get(url(world)).content.decode()

    assert "function/edit/" not in page
    assert "Restore" not in page
    assert 'inputmode="decimal"' not in page
    assert client.get(url(world, "function_edit")).status_code == 403
    assert client.post(url(world, "function_edit"), typed(world)).status_code == 403
    assert client.post(url(world, "function_preview"), typed(world)).status_code == 403
    assert client.post(url(world, "function_restore", 1), {"base": "2"}).status_code == 403


@pytest.mark.parametrize("name", ["function", "function_edit", "function_compare"])
def test_an_annotator_sees_nothing_of_the_function(client, world, name):
    client.force_login(world.join())

    assert client.get(url(world, name)).status_code == 403
