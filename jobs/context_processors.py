"""The number beside Background jobs in the side bar."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from jobs.models import RowState
from jobs.queries import jobs_visible_to


def running_jobs(request: HttpRequest) -> dict[str, object]:
    """How many jobs of the organisation wait or run; asked only when the side bar is drawn."""
    if getattr(request, "organisation", None) is None:
        return {"shell_running_jobs": 0}
    waiting = (RowState.PENDING, RowState.RUNNING)
    return {
        "shell_running_jobs": SimpleLazyObject(
            lambda: jobs_visible_to(request).filter(state__in=waiting).count()  # type: ignore[arg-type]
        )
    }
