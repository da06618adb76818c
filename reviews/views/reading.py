"""What reviewers said about a task, label by label."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.listing import Choice, Filter, Listing
from labels.models import Instance, ReviewStatus
from labels.pages import label_pages
from projects.models import TaskKind
from projects.permissions import Permission, ProjectRequest, task_for
from reviews.queries import label_reviews


@require_GET
def of_task(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Per label the last action, who drew it, who judged it and when."""
    task = task_for(request, org_slug, task_id, Permission.SEE_ACTIVITY, kind=TaskKind.ANNOTATE)
    instances = Instance.objects.filter(row__task=task)
    listing = Listing(
        request.GET,
        sorts={
            "order": ["pk"],
            "state": ["review_status", "pk"],
            "created": ["created_at", "pk"],
        },
        default_sort="order",
        filters=[
            Filter("state", "Status", [Choice(one.value, str(one.label)) for one in ReviewStatus], icon="tag")
        ],
        search_placeholder="Search by identifier",
    )
    if listing.query:
        instances = instances.filter(identifier__icontains=listing.query)
    if listing.chosen("state"):
        instances = instances.filter(review_status__in=listing.chosen("state"))
    shown = listing.page(instances.select_related("created_by"))
    context = {
        "task": task,
        "listing": listing,
        "rows": label_reviews(shown, task.project),
        "missing": task.issues.filter(kind="missing").select_related("created_by").order_by("pk"),
        **label_pages(request, "labels", "activity"),
    }
    template = "reviews/_label_list.html" if request.htmx else "reviews/of_task.html"  # type: ignore[attr-defined]
    return render(request, template, context)
