"""Read models of the import pages."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from labels.models import ImportItem, ImportOutcome, ImportReport
from projects.models import Project


@dataclass(frozen=True)
class Figures:
    """What became of an import so far."""

    items: int
    created: int
    partial: int
    refused: int
    labels_created: int
    labels_refused: int


def imports_of(project: Project) -> QuerySet[ImportReport]:
    """The project's imports with `items_written`, `items_refused` and `labels_written`."""
    return (
        ImportReport.objects.filter(project=project)
        .select_related("job", "created_by")
        .annotate(
            items_written=Count("items", filter=~Q(items__outcome=ImportOutcome.REFUSED)),
            items_refused=Count("items", filter=Q(items__outcome=ImportOutcome.REFUSED)),
            labels_written=Sum("items__labels_created", default=0),
        )
    )


def figures_of(report: ImportReport) -> Figures:
    """Counts of an import's items and labels; one query."""
    outcomes = {str(outcome): Count("pk", filter=Q(outcome=outcome)) for outcome in ImportOutcome}
    counted = ImportItem.objects.filter(report=report).aggregate(
        items=Count("pk"),
        labels_created=Sum("labels_created", default=0),
        labels_refused=Sum("labels_refused", default=0),
        **outcomes,
    )
    return Figures(**counted)
