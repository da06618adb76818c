"""The doors to files and datasets: who may see pictures, who may manage data."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404

from accounts.access import OrganisationRequest, organisation_for
from accounts.models import User
from accounts.permissions import OrganisationPermission
from datasets.models import Dataset, File, Folder

# The pages of data (datasets, files, folders) are for those who build projects of it.
MANAGE_DATA = OrganisationPermission.CREATE
# Organisation permissions that open every picture; everybody else needs a reason from a higher room.
SEE_EVERY_FILE = frozenset({OrganisationPermission.CREATE, OrganisationPermission.MANAGE_PEOPLE})

FileReason = Callable[[User, File], bool]
_reasons: list[FileReason] = []


def allow_file_access(reason: FileReason) -> None:
    """Let a higher room open files: `reason(user, file)` is true when the person works with that file.

    Call it from `AppConfig.ready`. The person is a member of the file's organisation already; one query at most,
    since it runs for every picture of a page.
    """
    if reason not in _reasons:
        _reasons.append(reason)


def file_for(request: OrganisationRequest, org_slug: str, file_id: UUID) -> File:
    """The file, if the person may see its picture. Raises Http404 for absent, foreign and invisible ones alike."""
    organisation = organisation_for(request, org_slug)
    file = File.objects.filter(organisation=organisation, uuid=file_id).first()
    if file is None:
        raise Http404
    if not SEE_EVERY_FILE & request.organisation_permissions and not any(
        reason(request.user, file) for reason in _reasons
    ):
        raise Http404
    return file


def managed_file_for(request: OrganisationRequest, org_slug: str, file_id: UUID) -> File:
    """The file for somebody who manages data. Raises Http404 or PermissionDenied."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    file = File.objects.filter(organisation=organisation, uuid=file_id).select_related("job").first()
    if file is None:
        raise Http404
    return file


def dataset_for(request: OrganisationRequest, org_slug: str, dataset_id: UUID) -> Dataset:
    """The dataset for somebody who manages data. Raises Http404 or PermissionDenied."""
    organisation = organisation_for(request, org_slug, MANAGE_DATA)
    dataset = Dataset.objects.filter(organisation=organisation, uuid=dataset_id).first()
    if dataset is None:
        raise Http404
    return dataset


def folder_for(request: OrganisationRequest, folder_id: str) -> Folder | None:
    """The folder that a form or an address names, in the organisation of the request; None for an empty one.

    Call it after a door. Raises Http404 for an unknown or foreign one.
    """
    if not folder_id:
        return None
    try:
        wanted = UUID(folder_id)
    except ValueError:
        raise Http404 from None
    folder = Folder.objects.filter(organisation=request.organisation, uuid=wanted).first()
    if folder is None:
        raise Http404
    return folder
