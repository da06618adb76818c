"""Addresses of the import of labels; included by labels/urls.py."""

from django.urls import path

from labels.views import imports

urlpatterns = [
    path("p/<uuid:project_id>/import/", imports.imports, name="imports"),
    path("p/<uuid:project_id>/import/<uuid:report_id>/", imports.import_report, name="import_report"),
    path("p/<uuid:project_id>/import/<uuid:report_id>/discard/", imports.discard, name="discard_import"),
]
