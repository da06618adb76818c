"""Template tags of projects and labels."""

from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()


@register.filter
def words(name: str) -> str:
    """A name of ours as words: "bounding_box" is "Bounding box"."""
    return str(name).replace("_", " ").capitalize()


@register.inclusion_tag("projects/_share_bar.html")
def share_bar(bars: Sequence[tuple[str, int, str]], total: int, label: str) -> dict[str, Any]:
    """One stacked bar of (word, count, colour); nothing when there is nothing to divide."""
    parts, start = [], 0.0
    for word, count, color in bars:
        width = 100 * count / total if total else 0.0
        if width:
            parts.append({"x": round(start, 2), "width": round(width, 2), "color": color, "word": word})
        start += width
    text = ", ".join(f"{word} {count:,}" for word, count, _ in bars)
    return {"parts": parts, "label": f"{label}: {text}"}
