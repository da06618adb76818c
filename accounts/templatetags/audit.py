"""How the audit trail reads."""

from typing import Any

from django import template

from accounts.models import AuditEvent

register = template.Library()
LONGEST = 120


@register.inclusion_tag("accounts/_audit_changes.html")
def audit_changes(event: AuditEvent) -> dict[str, Any]:
    """What changed: the names of `before` and `after` whose values differ, in words."""
    names = list(dict.fromkeys([*event.before, *event.after]))
    changes = [
        {
            "name": name.replace("_", " ").capitalize(),
            "before": in_words(event.before.get(name)),
            "after": in_words(event.after.get(name)),
        }
        for name in names
    ]
    return {
        "changes": [change for change in changes if change["before"] != change["after"]],
        "note": event.note,
    }


def in_words(value: Any) -> str:
    """A JSON value as a person would write it; long ones are cut."""
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(in_words(item) for item in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{key}: {in_words(item)}" for key, item in value.items())
    else:
        text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
