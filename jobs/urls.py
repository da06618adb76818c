"""Addresses of background jobs, below /o/<organisation>/."""

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list_view, name="list"),
    path("jobs/<uuid:job_id>/", views.job_view, name="job"),
    path("jobs/<uuid:job_id>/retry/", views.retry_view, name="retry"),
]
