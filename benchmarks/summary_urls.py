"""Addresses of Summary: results, their files, and View."""

from django.urls import path

from benchmarks.views import overview, submissions

urlpatterns = [
    path("t/<uuid:project_id>/", overview.overview, name="overview"),
    path("t/<uuid:project_id>/recalculation/", overview.recalculation, name="recalculation"),
    path("t/<uuid:project_id>/recalculate/", overview.recalculate, name="recalculate"),
    path("t/<uuid:project_id>/retry-failed/", overview.retry_failed, name="retry_failed"),
    path("t/<uuid:project_id>/clone/", overview.clone, name="clone"),
    path("t/<uuid:project_id>/clone/retry/", overview.retry_clone, name="retry_clone"),
    path("t/<uuid:project_id>/csv/labels/", overview.labels_csv, name="labels_csv"),
    path("t/<uuid:project_id>/csv/labels/reasons/", overview.reasons_csv, name="reasons_csv"),
    path("t/<uuid:project_id>/csv/annotators/", overview.annotators_csv, name="annotators_csv"),
    path("t/<uuid:project_id>/submissions/", submissions.submissions, name="submissions"),
    path("t/<uuid:project_id>/submissions/draw/", submissions.draw_again, name="draw_again"),
    path("t/<uuid:project_id>/tasks/<uuid:task_id>/compare/", submissions.compare, name="compare"),
]
