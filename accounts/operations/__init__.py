"""The verbs of people and organisations: keyword-only, one transaction, one audit row each."""

from accounts.operations.account import change_password, choose_theme, update_account
from accounts.operations.groups import (
    add_to_group,
    create_group,
    delete_group,
    remove_from_group,
    update_group,
)
from accounts.operations.invitations import (
    InvitationGone,
    NotInvited,
    accept_invitation,
    invite_person,
    register_by_invitation,
    renew_invitation,
    revoke_invitation,
)
from accounts.operations.members import MemberRefused, change_member, remove_member
from accounts.operations.organisation import create_organisation, rename_organisation
from accounts.operations.tags import create_tag, delete_tag, rename_tag

__all__ = [
    "InvitationGone",
    "MemberRefused",
    "NotInvited",
    "accept_invitation",
    "add_to_group",
    "change_member",
    "change_password",
    "choose_theme",
    "create_group",
    "create_organisation",
    "create_tag",
    "delete_group",
    "delete_tag",
    "invite_person",
    "register_by_invitation",
    "remove_from_group",
    "remove_member",
    "rename_organisation",
    "rename_tag",
    "renew_invitation",
    "revoke_invitation",
    "update_account",
    "update_group",
]
