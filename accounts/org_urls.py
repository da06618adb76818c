"""Addresses of people and settings below /o/<organisation>/."""

from django.urls import path

from accounts.views import audit, groups, invitations, organisation, people

urlpatterns = [
    path("people/", people.members_view, name="members"),
    path("people/groups/", groups.groups_view, name="groups"),
    path("people/groups/new/", groups.new_group_view, name="new_group"),
    path("people/groups/<uuid:group_uuid>/", groups.group_view, name="group"),
    path("people/groups/<uuid:group_uuid>/add/", groups.add_to_group_view, name="add_to_group"),
    path("people/groups/<uuid:group_uuid>/remove/", groups.remove_from_group_view, name="remove_from_group"),
    path("people/groups/<uuid:group_uuid>/delete/", groups.delete_group_view, name="delete_group"),
    path("people/invitations/", invitations.invitations_view, name="invitations"),
    path("people/invite/", invitations.invite_view, name="invite"),
    path(
        "people/invitations/<uuid:invitation_uuid>/renew/",
        invitations.renew_invitation_view,
        name="renew_invitation",
    ),
    path(
        "people/invitations/<uuid:invitation_uuid>/revoke/",
        invitations.revoke_invitation_view,
        name="revoke_invitation",
    ),
    path("people/<uuid:user_uuid>/", people.member_view, name="member"),
    path("people/<uuid:user_uuid>/may-create/", people.may_create_view, name="may_create"),
    path("people/<uuid:user_uuid>/remove/", people.remove_member_view, name="remove_member"),
    path("settings/", organisation.settings_view, name="settings"),
    path("tags/", organisation.tags_view, name="tags"),
    path("tags/<uuid:tag_uuid>/", organisation.tag_view, name="tag"),
    path("tags/<uuid:tag_uuid>/delete/", organisation.delete_tag_view, name="delete_tag"),
    path("audit/", audit.audit_view, name="audit"),
]
