"""/healthz: what a load balancer, the runner and a person on call want to know in one answer."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.health import health

EVALUATIONS = "benchmarks.evaluation"


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 only when people can work: pages, submitting and scoring; else 503 with the same fields."""
    found = health()
    evaluations = found.rows.get(EVALUATIONS)
    answer = {
        "usable": found.usable,
        "version": settings.VERSION,
        "database": found.database,
        "queue": found.redis,
        "worker_heartbeat_age_s": found.worker_age_s,
        "sweeper_heartbeat_age_s": found.sweeper_age_s,
        "pending_evaluations": evaluations.pending if evaluations else None,
        "rows": found.as_json()["rows"],
    }
    return JsonResponse(answer, status=200 if found.usable else 503)
