"""Fixtures of projects."""

import pytest

from tests.projects.world import World, make_world


@pytest.fixture
def world(db) -> World:
    """A Manual QA project with somebody in each role."""
    return make_world()
