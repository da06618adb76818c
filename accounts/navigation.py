"""The entries of the side bar, as data. Paths are below /o/<organisation>/ and belong to the rooms named there."""

from dataclasses import dataclass

from accounts.permissions import OrganisationPermission


@dataclass(frozen=True)
class Entry:
    """A place in the side bar: shown to those who may, current while the path starts with a prefix."""

    label: str
    icon: str
    path: str
    prefixes: tuple[str, ...]
    permission: OrganisationPermission = OrganisationPermission.SEE
    counter: str = ""


ROOMS = (
    Entry("Projects", "layout-grid", "projects/", ("projects/", "p/", "t/", "tasks/")),
    Entry("Ontologies", "hierarchy-3", "ontologies/", ("ontologies/",), OrganisationPermission.CREATE),
    Entry("Datasets", "database", "datasets/", ("datasets/",), OrganisationPermission.CREATE),
    Entry("Files", "photo", "files/", ("files/",), OrganisationPermission.CREATE),
)
ORGANISATION = (
    Entry("People and groups", "users", "people/", ("people/",), OrganisationPermission.MANAGE_PEOPLE),
    Entry("Background jobs", "loader", "jobs/", ("jobs/",), OrganisationPermission.CREATE, counter="jobs"),
    Entry("Audit log", "history", "audit/", ("audit/",), OrganisationPermission.MANAGE_PEOPLE),
    Entry("Settings", "settings", "settings/", ("settings/", "tags/"), OrganisationPermission.MANAGE_PEOPLE),
)
