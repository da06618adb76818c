"""Addresses of the Labels pages of a training project."""

from django.urls import path

from benchmarks.views import labels

_labels = "t/<uuid:project_id>/labels/"
urlpatterns = [
    path(f"{_labels}queue/", labels.queue, name="queue"),
    path(f"{_labels}queue/move/", labels.move, name="move_copies"),
    path(f"{_labels}activity/", labels.activity, name="activity"),
    path(f"{_labels}activity/<uuid:task_id>/retry/", labels.retry_one, name="retry_evaluation"),
    path(f"{_labels}activity/<uuid:task_id>/retake/", labels.retake, name="grant_retake"),
    path(f"{_labels}data/", labels.data, name="data"),
]
