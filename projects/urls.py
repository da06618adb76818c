"""Addresses of this room, below /o/<organisation>/."""

from django.urls import path

from projects.views import creating, listing, reading, settings, team

app_name = "projects"
_team = "p/<uuid:project_id>/team/"
_settings = "p/<uuid:project_id>/settings/"
urlpatterns = [
    path("projects/manual-qa/", listing.manual_qa, name="manual_qa"),
    path("projects/manual-qa/new/", creating.new_manual_qa, name="new_manual_qa"),
    path("p/<uuid:project_id>/instructions/", reading.instructions, name="instructions"),
    path("p/<uuid:project_id>/instructions.pdf", reading.instructions_pdf, name="instructions_pdf"),
    path("p/<uuid:project_id>/join/", team.join, name="join"),
    path(_team, team.team, name="team"),
    path(f"{_team}add/", team.add, name="team_add"),
    path(f"{_team}invite/", team.invite, name="team_invite"),
    path(f"{_team}leave/", team.leave, name="team_leave"),
    path(f"{_team}groups/", team.add_group_view, name="team_add_group"),
    path(f"{_team}groups/<uuid:group_id>/remove/", team.remove_group_view, name="team_remove_group"),
    path(f"{_team}<uuid:user_id>/", team.change, name="team_change"),
    path(f"{_team}<uuid:user_id>/remove/", team.remove, name="team_remove"),
    path(_settings, settings.general, name="settings"),
    path(f"{_settings}instructions/", settings.instructions, name="settings_instructions"),
    path(f"{_settings}ontology/", settings.ontology, name="settings_ontology"),
    path(f"{_settings}datasets/", settings.datasets, name="settings_datasets"),
    path(f"{_settings}datasets/attach/", settings.attach, name="settings_attach"),
    path(f"{_settings}datasets/<uuid:dataset_id>/detach/", settings.detach, name="settings_detach"),
    path(f"{_settings}danger/", settings.danger, name="settings_danger"),
]
