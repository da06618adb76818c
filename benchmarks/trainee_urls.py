"""Addresses of a trainee's own work."""

from django.urls import path

from benchmarks.views import trainee

_task = "t/<uuid:project_id>/tasks/<uuid:task_id>/"
urlpatterns = [
    path("t/<uuid:project_id>/start/", trainee.start, name="start"),
    path(f"{_task}annotate/", trainee.annotate, name="annotate"),
    path(f"{_task}initiate/", trainee.initiate, name="initiate"),
    path(f"{_task}result/", trainee.result, name="result"),
]
