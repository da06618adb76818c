"""Addresses of training projects, below /o/<organisation>/."""

from django.urls import path

from benchmarks import label_urls, settings_urls, summary_urls, trainee_urls
from benchmarks.views import projects, wizard

app_name = "benchmarks"
_wizard = "projects/training/new/<uuid:draft_id>/"
_training = "t/<uuid:project_id>/"
urlpatterns = [
    path("projects/", projects.projects, name="projects"),
    path("projects/training/<uuid:project_id>/", projects.project_row, name="project_row"),
    path("projects/training/new/", wizard.start, name="wizard"),
    path(f"{_wizard}pdf/", wizard.pdf, name="wizard_pdf"),
    path(f"{_wizard}create/", wizard.create, name="wizard_create"),
    path(f"{_wizard}discard/", wizard.discard, name="wizard_discard"),
    path(f"{_wizard}<slug:name>/", wizard.step, name="wizard_step"),
    path(f"{_wizard}<slug:name>/draft/", wizard.autosave, name="wizard_autosave"),
    *label_urls.urlpatterns,
    *settings_urls.urlpatterns,
    *summary_urls.urlpatterns,
    *trainee_urls.urlpatterns,
]
