"""Addresses of ontologies, below /o/<organisation>/."""

from django.urls import path

from ontologies import views

app_name = "ontologies"
urlpatterns = [
    path("ontologies/", views.ontology_list_view, name="list"),
    path("ontologies/new/", views.new_ontology_view, name="new"),
    path("ontologies/import/", views.import_view, name="import"),
    path("ontologies/<uuid:ontology_id>/", views.ontology_view, name="ontology"),
    path("ontologies/<uuid:ontology_id>/edit/", views.edit_ontology_view, name="edit"),
    path("ontologies/<uuid:ontology_id>/export/", views.export_view, name="export"),
    path("ontologies/<uuid:ontology_id>/delete/", views.delete_view, name="delete"),
]
