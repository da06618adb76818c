"""Root of all addresses; each app names its own below /o/<organisation>/."""

from django.urls import URLPattern, URLResolver, include, path

from annotrain.health import healthz

# The people of an organisation come with accounts.urls, under its namespace.
ORGANISATION_ROOMS = [
    "jobs.urls",
    "ontologies.urls",
    "datasets.urls",
    "projects.urls",
    "labels.urls",
    "reviews.urls",
    "benchmarks.urls",
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    *(path("o/<slug:org_slug>/", include(room)) for room in ORGANISATION_ROOMS),
    path("", include("accounts.urls")),
]
