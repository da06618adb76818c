"""Template tags of training pages."""

from django import template

from accounts.models import User
from benchmarks.figures import AnnotatorResult, Points
from benchmarks.knowledge import Knowledge
from benchmarks.models import BenchmarkFunction
from benchmarks.offer import Offer

register = template.Library()


@register.simple_tag
def class_points(row: AnnotatorResult, node: str) -> Points:
    """Points of an annotator in one class; nothing available when there was none."""
    return row.by_class.get(node, Points())


SHAPE_ICONS = {
    "bounding_box": "square",
    "rotatable_bounding_box": "rotate-rectangle",
    "polygon": "polygon",
    "polyline": "vector-spline",
    "point": "point",
    "skeleton": "stretching",
    "bitmask": "brush",
    "classification": "photo",
    "radio": "circle-dot",
    "checklist": "checkbox",
    "text": "cursor-text",
    "numeric": "number-123",
}


@register.filter
def shape_icon(shape: str) -> str:
    """Icon of a class's shape, a classification, or an attribute's type."""
    return SHAPE_ICONS.get(shape, "shape")


@register.filter
def color_of(colors: dict[str, str], node: str) -> str:
    """Colour of an ontology item; empty when it has none."""
    return colors.get(node, "")


@register.filter
def worth_of(offer: Offer, node: str) -> float | None:
    """Points that one fully answered label of an item offers."""
    worth = offer.items.get(node)
    return worth.points if worth else None


@register.filter
def share_in(offer: Offer, node: str) -> float | None:
    """An item's share of all points over the gold, 0 to 1."""
    worth = offer.items.get(node)
    return worth.share if worth else None


@register.filter
def version_title(version: BenchmarkFunction) -> str:
    """Heading of a version's table."""
    return f"Version {version.number}"


@register.filter
def draft_title(version: BenchmarkFunction) -> str:
    """Heading of the table while a version is being edited."""
    return f"Weights, draft from v{version.number}"


@register.simple_tag
def knowledge_of(knowledge: dict[int, list[Knowledge]], person: User) -> str:
    """What a person has seen of the gold, in sentences; empty for most."""
    return " ".join(str(one) for one in knowledge.get(person.pk, []))
