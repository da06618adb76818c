"""When something last happened: often enough for people, seldom enough for the database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.activity import touch_project
from projects.models import Project
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("age_s", "at_once", "moves"),
    [(90, False, True), (30, False, False), (30, True, True), (-60, True, False)],
)
def test_a_save_counts_once_a_minute_and_a_move_at_once(
    age_s, at_once, moves, django_capture_on_commit_callbacks
):
    before = timezone.now() - timedelta(seconds=age_s)
    project = ProjectFactory(last_activity_at=before)
    with django_capture_on_commit_callbacks(execute=True):
        touch_project(project, at_once=at_once)
    assert (Project.objects.get().last_activity_at > before) == moves
