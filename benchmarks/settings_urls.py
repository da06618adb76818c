"""Addresses of a training project's settings."""

from django.urls import path

from benchmarks.views import function, settings

_settings = "t/<uuid:project_id>/settings/"
urlpatterns = [
    path(_settings, settings.options, name="settings"),
    path(f"{_settings}describe/", settings.describe, name="settings_describe"),
    path(f"{_settings}feedback/", settings.feedback, name="settings_feedback"),
    path(f"{_settings}instructions/", settings.instructions, name="settings_instructions"),
    path(f"{_settings}gold/", settings.gold, name="gold"),
    path(f"{_settings}danger/", settings.danger, name="danger"),
    path(f"{_settings}function/", function.function, name="function"),
    path(f"{_settings}function/edit/", function.edit, name="function_edit"),
    path(f"{_settings}function/preview/", function.preview, name="function_preview"),
    path(f"{_settings}function/compare/", function.compare, name="function_compare"),
    path(f"{_settings}function/<int:number>/restore/", function.restore, name="function_restore"),
]
