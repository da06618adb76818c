"""Template tags of training pages."""

from django import template

from benchmarks.results import AnnotatorResult, Points

register = template.Library()


@register.simple_tag
def class_points(row: AnnotatorResult, node: str) -> Points:
    """Points of an annotator in one class; nothing available when there was none."""
    return row.by_class.get(node, Points())
