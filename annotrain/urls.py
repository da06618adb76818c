"""Root of all addresses; each app names its own below /o/<organisation>/."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from annotrain.health import healthz

ORGANISATION_ROOMS = [
    "jobs.urls",
    "ontologies.urls",
    "datasets.urls",
    "projects.urls",
    "labels.urls",
]
ORGANISATION_ROOMS += ["benchmarks.urls"]


def existing(module: str) -> bool:
    """Whether the module is written yet (only while the first rooms are being built)."""
    return find_spec(module) is not None


urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz, name="healthz")]
urlpatterns += [
    path("o/<slug:org_slug>/", include(module)) for module in ORGANISATION_ROOMS if existing(module)
]
if existing("accounts.urls"):
    urlpatterns += [path("", include("accounts.urls"))]
