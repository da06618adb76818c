"""Addresses of this room, below /o/<organisation>/."""

from django.urls import path

from labels import import_urls
from labels.views import correcting, editing, lists, moves, opening, summary

app_name = "labels"
urlpatterns = [
    path("p/<uuid:project_id>/", summary.summary, name="summary"),
    path("p/<uuid:project_id>/start/", opening.start, name="start"),
    path("p/<uuid:project_id>/labels/queue/", lists.queue, name="queue"),
    path("p/<uuid:project_id>/labels/activity/", lists.activity, name="activity"),
    path("p/<uuid:project_id>/labels/data/", lists.data, name="data"),
    path("p/<uuid:project_id>/labels/move/", moves.move_tasks, name="move_tasks"),
    path("tasks/<uuid:task_id>/initiate/", opening.initiate, name="initiate"),
    path("tasks/<uuid:task_id>/annotate/", opening.annotate, name="annotate"),
    path("tasks/<uuid:task_id>/view/", opening.view, name="view"),
    path("tasks/<uuid:task_id>/correct/", correcting.correct, name="correct"),
    path("tasks/<uuid:task_id>/save-correction/", correcting.save_correction, name="save_correction"),
    path("tasks/<uuid:task_id>/history/", opening.history, name="history"),
    path("tasks/<uuid:task_id>/document/", editing.document, name="document"),
    path("tasks/<uuid:task_id>/save/", editing.save, name="save"),
    path("tasks/<uuid:task_id>/submit/", editing.submit, name="submit"),
    path("tasks/<uuid:task_id>/skip/", editing.skip, name="skip"),
    path("tasks/<uuid:task_id>/approve/", editing.approve, name="approve"),
    path("editor-settings/", editing.editor_settings, name="editor_settings"),
]
urlpatterns += import_urls.urlpatterns
