"""The matrices are the tables of the specification; these are the rules that the tables share."""

import pytest

from projects.models import ProjectKind, Role
from projects.permissions import MATRIX, ROLES, Permission, effective_role, permissions_of


def test_admins_and_managers_of_a_training_never_annotate():
    assert Permission.ANNOTATE not in permissions_of(ProjectKind.TRAINING, Role.ADMIN)
    assert Permission.ANNOTATE not in permissions_of(ProjectKind.TRAINING, Role.TEAM_MANAGER)
    assert Permission.ANNOTATE in permissions_of(ProjectKind.TRAINING, Role.ANNOTATOR)


def test_a_trainee_sees_no_results_and_no_activity():
    allowed = permissions_of(ProjectKind.TRAINING, Role.ANNOTATOR)
    assert allowed == {Permission.SEE, Permission.ANNOTATE, Permission.OWN_PROGRESS}


@pytest.mark.parametrize(
    ("granted", "role"),
    [
        (set(), None),
        ({"annotator"}, Role.ANNOTATOR),
        ({"annotator", "reviewer"}, Role.ANNOTATOR_REVIEWER),
        ({"annotator", "team_manager"}, Role.TEAM_MANAGER),
        ({"reviewer", "admin"}, Role.ADMIN),
    ],
)
def test_open_roles_add_up_to_one(granted, role):
    assert effective_role(granted) == role


@pytest.mark.parametrize("kind", list(ProjectKind))
def test_no_permission_is_given_to_a_role_that_the_kind_does_not_have(kind):
    for permission, roles in MATRIX[kind].items():
        if permission not in {Permission.SEE, Permission.SEE_ACTIVITY}:
            assert roles <= set(ROLES[kind]), permission
