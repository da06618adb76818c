"""What gold labels are worth under a function: points per label and shares of all points."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring import Function, item_of


@dataclass(frozen=True)
class Worth:
    """What an item offers: points of one fully answered label, and its points over the chosen gold."""

    points: float
    total: float
    share: float | None


@dataclass(frozen=True)
class Offer:
    """What all gold labels together are worth under a function."""

    items: dict[str, Worth]
    iou: float
    category: float
    attribute: float

    @property
    def total(self) -> float:
        """Points available over all gold labels."""
        return self.iou + self.category + self.attribute


def offer_of(function: Function, counts: Mapping[str, float]) -> Offer:
    """Points per label and over all gold labels, by item and by kind of criterion."""
    by_kind = {"iou": 0.0, "category": 0.0, "attribute": 0.0}
    by_item: dict[str, float] = {}
    for criterion, count in counts.items():
        points = function.weight(criterion) * count
        kind = criterion.partition(":")[0]
        by_kind["category" if kind == "classification" else kind] += points
        item = item_of(criterion, function.ontology)
        if item is not None:
            by_item[item] = by_item.get(item, 0.0) + points
    total = sum(by_kind.values())
    worth = {
        row["node"]: Worth(
            points=row["points"],
            total=by_item.get(row["node"], 0.0),
            share=by_item.get(row["node"], 0.0) / total if total else None,
        )
        for row in function.points_per_item()
    }
    return Offer(worth, by_kind["iou"], by_kind["category"], by_kind["attribute"])
