"""Addresses of this room, below /o/<organisation>/."""

from django.urls import path

from reviews.views import judging, opening, quality, reading

app_name = "reviews"
urlpatterns = [
    path("p/<uuid:project_id>/reviews/start/", opening.start, name="start"),
    path("p/<uuid:project_id>/settings/quality/", quality.quality, name="quality"),
    path("reviews/<uuid:task_id>/", opening.review, name="review"),
    path("reviews/<uuid:task_id>/initiate/", opening.initiate, name="initiate"),
    path("reviews/<uuid:task_id>/judge/", judging.judge_labels, name="judge"),
    path("reviews/<uuid:task_id>/missing/", judging.missing, name="missing"),
    path("reviews/<uuid:task_id>/save/", judging.save, name="save"),
    path("tasks/<uuid:task_id>/reviews/", reading.of_task, name="of_task"),
    path("issues/<uuid:issue_id>/resolve/", judging.resolve, name="resolve"),
]
