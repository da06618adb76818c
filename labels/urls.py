"""Addresses of this room, below /o/<organisation>/."""

from django.urls import path

from labels.views import editing

app_name = "labels"
urlpatterns = [
    path("tasks/<uuid:task_id>/document/", editing.document, name="document"),
    path("tasks/<uuid:task_id>/save/", editing.save, name="save"),
    path("tasks/<uuid:task_id>/submit/", editing.submit, name="submit"),
    path("tasks/<uuid:task_id>/skip/", editing.skip, name="skip"),
    path("tasks/<uuid:task_id>/approve/", editing.approve, name="approve"),
    path("editor-settings/", editing.editor_settings, name="editor_settings"),
]
