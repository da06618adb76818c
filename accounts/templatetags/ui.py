"""Template tags of the design system. docs/frontend.md shows each with an example; /_gallery/ draws them."""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from defusedxml import ElementTree
from django import template
from django.conf import settings
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.listing import Listing
from accounts.states import CHIPS, OUTCOMES, VERDICTS

register = template.Library()

ICONS = Path(settings.BASE_DIR) / "node_modules" / "@tabler" / "icons" / "icons"
ICON_NAME = re.compile(r"[a-z0-9-]+")
AVATAR_HUES = 7


@lru_cache(maxsize=512)
def icon_shapes(name: str, style: str) -> str:
    """The shapes inside a Tabler icon file. Raises ValueError for a name that is not an icon."""
    if not ICON_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not an icon name")
    path = ICONS / style / f"{name}.svg"
    try:
        root = ElementTree.fromstring(path.read_text())
    except FileNotFoundError:
        raise ValueError(
            f"no icon {name!r} in {path.parent}; see tabler.io/icons, or run ./dev setup"
        ) from None
    shapes = []
    for shape in root:
        tag = shape.tag.rpartition("}")[2]
        if shape.get("stroke") == "none" and shape.get("fill") == "none":
            continue
        shapes.append(f"<{tag} " + " ".join(f'{key}="{value}"' for key, value in shape.attrib.items()) + "/>")
    return "".join(shapes)


@register.simple_tag
def icon(name: str, css: str = "", label: str = "", filled: bool = False) -> SafeString:
    """Draw a Tabler icon inline; with `label` it is read out, otherwise it is decoration.

    `css` takes icon-tiny (14 px), icon-small (16 px), icon-large (28 px); the default is 18 px.
    """
    shapes = mark_safe(icon_shapes(name, "filled" if filled else "outline"))  # noqa: S308 our own files
    paint = 'fill="currentColor"' if filled else 'fill="none" stroke="currentColor"'
    meaning = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" {} stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        css,
        mark_safe(paint),  # noqa: S308 two constants
        meaning,
        shapes,
    )


# Chips ------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/chip.html")
def status(state: str, label: str = "") -> dict[str, Any]:
    """Chip of a task, submission or job state; `label` replaces the usual word."""
    look = CHIPS.get(str(state), CHIPS["unknown"])
    return {"look": look, "label": label or look.word or str(state).replace("_", " ").capitalize()}


@register.inclusion_tag("components/chip.html")
def outcome(value: str) -> dict[str, Any]:
    """Chip of an evaluation outcome: matched, missing, wrong_category, extra."""
    return {"look": OUTCOMES[str(value)], "label": OUTCOMES[str(value)].word}


@register.inclusion_tag("components/chip.html")
def verdict(value: str, short: bool = False) -> dict[str, Any]:
    """Chip of a verdict: pass, open, fail; `short` for narrow columns."""
    look = VERDICTS[str(value)]
    return {"look": look, "label": "Open" if short and value == "open" else look.word}


# People and names -------------------------------------------------------------------------------------


@register.filter
def initials(name: Any) -> str:
    """Two letters for a person or an organisation: first letters of the first and last word."""
    words = [word for word in re.split(r"[\s@._-]+", str(name)) if word]
    if not words:
        return "?"
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
    return unicodedata.normalize("NFC", letters).upper()


@register.inclusion_tag("components/avatar.html")
def avatar(person: Any, size: str = "") -> dict[str, Any]:
    """Round initials of a person; `size` is "small" or "large". Decoration: write the name beside it."""
    return {"initials": initials(person), "hue": crc32(str(person).encode()) % AVATAR_HUES, "size": size}


@register.inclusion_tag("components/person.html")
def person(user: Any, nobody: str = "Nobody", size: str = "small") -> dict[str, Any]:
    """Initials and name in one line; `nobody` is shown for None."""
    return {"user": user, "nobody": nobody, "size": size}


@register.inclusion_tag("components/file_name.html")
def file_name(name: str, keep: int = 10) -> dict[str, str]:
    """A file name that gives way in the middle: the last `keep` characters always stay."""
    text = str(name)
    cut = max(len(text) - keep, 0)
    return {"name": text, "start": text[:cut], "end": text[cut:]}


@register.simple_tag
def swatch(color: str) -> SafeString:
    """A small square in the colour of an ontology class; the colour is an SVG attribute."""
    safe = color if re.fullmatch(r"#[0-9A-Fa-f]{6}", str(color)) else "#9AA3B2"
    return format_html(
        '<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" fill="{}"/></svg>',
        safe,
    )


# Numbers ----------------------------------------------------------------------------------------------


@register.filter
def percent(fraction: float | None) -> str:
    """A share as "85.5 %"; a dash for None."""
    return "–" if fraction is None else f"{100 * fraction:.1f}\N{NO-BREAK SPACE}%"


@register.filter
def whole(number: float | None) -> str:
    """A count or a sum of points with thousands separators; a dash for None."""
    return "–" if number is None else f"{number:,.0f}"


@register.filter
def signed(number: float | None) -> str:
    """A change as "+0.6" or "−0.6" with a real minus; a dash for None."""
    if number is None:
        return "–"
    rounded = round(number, 1)
    return "0.0" if rounded == 0 else f"{rounded:+.1f}".replace("-", "−")


@register.inclusion_tag("components/points.html")
def points(earned: float | None, available: float | None, mark_lost: bool = False) -> dict[str, Any]:
    """Earned / available with the second part grey; `mark_lost` shows anything below full in red and bold."""
    lost = mark_lost and earned is not None and available is not None and earned < available
    return {"earned": earned, "available": available, "lost": lost}


@register.filter
def share_of(part: float | None, total: float | None) -> float | None:
    """part / total as a share for `percent`; None when there is nothing to divide."""
    return part / total if part is not None and total else None


# Bars -------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/progress.html")
def progress(
    value: float, total: float, label: str, figure: str | None = "", tone: str = ""
) -> dict[str, Any]:
    """Bar with its figure beside it. `label` is what is read out; `figure` defaults to value/total."""
    return {
        "value": value,
        "total": total or 1,
        "label": label,
        "figure": f"{value:,}/{total:,}" if figure == "" else figure,
        "tone": tone,
    }


@register.inclusion_tag("components/split_bar.html")
def split_bar(passed: int, open_: int, failed: int) -> dict[str, Any]:
    """Verdicts of a project as one stacked bar with its words below."""
    total = passed + open_ + failed
    scale = 100 / total if total else 0
    return {
        "total": total,
        "passed": passed,
        "open": open_,
        "failed": failed,
        "pass_width": round(passed * scale, 2),
        "open_start": round(passed * scale, 2),
        "open_width": round(open_ * scale, 2),
        "fail_start": round((passed + open_) * scale, 2),
        "fail_width": round(failed * scale, 2),
    }


@register.inclusion_tag("components/interval_bar.html")
def interval_bar(
    score: float, low: float, high: float, pass_mark: float | None, verdict: str = "open", start: float = 65
) -> dict[str, Any]:
    """Score with its interval on a scale from `start` to 100 percent; all values in percent."""

    def place(value: float) -> float:
        return round(min(max((value - start) / (100 - start) * 112, 0), 112), 1)

    return {
        "score": place(score),
        "low": place(low),
        "high": place(high),
        "mark": None if pass_mark is None else place(pass_mark),
        "verdict": verdict,
        "words": f"{score:.1f} %, between {low:.1f} and {high:.1f} %"
        + (f", pass mark {pass_mark:g}" if pass_mark is not None else ""),
    }


@register.inclusion_tag("components/class_bar.html")
def class_bar(share: float, color: str, label: str) -> dict[str, Any]:
    """Bar in the colour of a class; `share` is between 0 and 1."""
    safe = color if re.fullmatch(r"#[0-9A-Fa-f]{6}", str(color)) else "#9AA3B2"
    return {"width": round(100 * min(max(share, 0), 1), 1), "color": safe, "label": label}


@register.inclusion_tag("components/ring.html")
def ring(value: int, total: int, label: str) -> dict[str, Any]:
    """Progress as a ring with the figure in it."""
    around = 276.46
    return {
        "value": value,
        "total": total,
        "label": label,
        "around": around,
        "rest": round(around * (1 - (value / total if total else 0)), 2),
    }


@register.filter
def heat_step(percent_value: float | None, low: float = 60) -> str:
    """Class of a heat map cell for a score in percent: six even steps from `low` to 100."""
    if percent_value is None:
        return "heat-none"
    step = int((percent_value - low) / (100 - low) * 6) + 1
    return f"heat-{min(max(step, 1), 6)}"


# Time -------------------------------------------------------------------------------------------------


def _zone(context: template.Context) -> Any:
    user = context.get("user")
    try:
        return (
            ZoneInfo(user.timezone)
            if user is not None and user.is_authenticated
            else timezone.get_default_timezone()
        )
    except (KeyError, ValueError, AttributeError):
        return timezone.get_default_timezone()


def _relative(moment: datetime, now: datetime) -> str:
    seconds = (now - moment).total_seconds()
    if 0 <= seconds < 60:
        return "just now"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    days = (now.date() - moment.date()).days
    if 0 <= seconds < 6 * 3600 and days == 0:
        return f"{int(seconds // 3600)} h ago"
    if days == 0:
        return f"Today, {moment:%H:%M}"
    if days == 1:
        return f"Yesterday, {moment:%H:%M}"
    return format_date(moment, "j M" if moment.year == now.year else "j M Y")


@register.simple_tag(takes_context=True)
def local_time(context: template.Context, moment: datetime | None, style: str = "relative") -> SafeString:
    """A time in the viewer's zone with the exact time on hover; a dash for None.

    `style` is "relative" (kept current by time.js), "clock" (14:05), "day" (12 Nov 2026) or "full".
    """
    if moment is None:
        return mark_safe('<span class="quiet">–</span>')
    here = moment.astimezone(_zone(context))
    exact = format_date(here, "j F Y, H:i:s") + f" ({here.tzname()})"
    texts = {
        "relative": lambda: _relative(here, timezone.now().astimezone(here.tzinfo)),
        "clock": lambda: f"{here:%H:%M}",
        "day": lambda: format_date(here, "j M Y"),
        "full": lambda: format_date(here, "j M Y, H:i"),
    }
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.isoformat(timespec="seconds"),
        exact,
        mark_safe(" data-relative") if style == "relative" else "",
        texts[style](),
    )


# Lists ------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(
    context: template.Context, listing: Listing, target: str, label: str = "Filter the list"
) -> dict[str, Any]:
    """Search field and filters of a list; `target` is the id of the region they swap."""
    filters = [
        {"filter": item, "chosen": set(listing.chosen(item.key)), "count": len(listing.chosen(item.key))}
        for item in listing.filters
    ]
    return {
        "listing": listing,
        "target": target,
        "filters": filters,
        "label": label,
        "form_id": f"{target}-filters",
        "path": context["request"].path,
    }


@register.inclusion_tag("components/sort_head.html")
def sort_head(listing: Listing, key: str, label: str, target: str, css: str = "") -> dict[str, Any]:
    """Head cell with a sort link; a second click turns the order round."""
    current = listing.sort.removeprefix("-") == key
    descending = listing.sort.startswith("-")
    return {
        "label": label,
        "target": target,
        "css": css,
        "current": current,
        "descending": descending,
        "link": listing.link(sort=f"-{key}" if current and not descending else key),
    }


@register.inclusion_tag("components/list_foot.html")
def list_foot(listing: Listing, target: str, noun: str, nouns: str = "") -> dict[str, Any]:
    """Count and pages under a list, and the sort order that the filter form sends along."""
    return {
        "listing": listing,
        "target": target,
        "noun": noun if listing.total == 1 else (nouns or f"{noun}s"),
        "form_id": f"{target}-filters",
    }


# Things around a page ---------------------------------------------------------------------------------


@register.inclusion_tag("components/steps.html")
def steps(current: int, *names: str) -> dict[str, Any]:
    """Steps of a wizard; `current` counts from 1, earlier ones are done."""
    return {
        "steps": [
            {"number": n, "name": name, "done": n < current, "current": n == current}
            for n, name in enumerate(names, start=1)
        ]
    }


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    icon: str, title: str, text: str = "", action_url: str = "", action: str = "", action_icon: str = ""
) -> dict[str, str]:
    """One sentence and one button where a list is empty."""
    return {
        "icon": icon,
        "title": title,
        "text": text,
        "action_url": action_url,
        "action": action,
        "action_icon": action_icon,
    }


@register.inclusion_tag("components/field.html")
def field(bound_field: Any, help_text: str = "", placeholder: str = "") -> dict[str, Any]:
    """A form field with label, help and errors, linked for screen readers; check boxes get their label beside."""
    widget = bound_field.field.widget
    kind = getattr(widget, "input_type", "")
    attributes: dict[str, str] = {}
    if placeholder:
        attributes["placeholder"] = placeholder
    if kind == "checkbox":
        attributes["class"] = widget.attrs.get("class", "")
    return {
        "field": bound_field,
        "control": bound_field.as_widget(attrs=attributes),
        "kind": "choices" if getattr(widget, "use_fieldset", False) else kind,
        "help": help_text or bound_field.help_text,
        "help_id": f"{bound_field.auto_id}_helptext",
        "error_id": f"{bound_field.auto_id}_error",
    }


@register.simple_block_tag
def dialog(content: str, name: str, title: str, key: Any = "", css: str = "") -> str:
    """A native dialog; a button with data-dialog="name" (or "name-key" in rows) opens it."""
    full_name = f"{name}-{key}" if key != "" else name
    return template.loader.render_to_string(
        "components/dialog.html", {"content": content, "name": full_name, "title": title, "css": css}
    )


@register.simple_block_tag
def menu(content: str, name: str, label: str, key: Any = "", css: str = "") -> str:
    """A panel of menu items; a button with popovertarget="name" (or "name-key" in rows) opens it."""
    full_name = f"{name}-{key}" if key != "" else name
    return template.loader.render_to_string(
        "components/menu.html", {"content": content, "name": full_name, "label": label, "css": css}
    )


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm(
    context: template.Context,
    name: str,
    title: str,
    text: str,
    url: str,
    button: str,
    key: Any = "",
    danger: bool = True,
) -> dict[str, Any]:
    """A dialog that posts to `url` when confirmed; in rows its name is "name-key"."""
    return {
        "name": f"{name}-{key}" if key != "" else name,
        "title": title,
        "text": text,
        "url": url,
        "button": button,
        "danger": danger,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/copy_id.html")
def copy_id(value: Any, label: str = "Copy identifier") -> dict[str, str]:
    """Button that copies an identifier."""
    return {"value": str(value), "label": label}


@register.inclusion_tag("components/job_progress.html")
def job_progress(
    *,
    title: str,
    state: str,
    done: int,
    total: int,
    poll_url: str,
    error: str = "",
    retry_url: str = "",
    result_url: str = "",
    result_text: str = "",
    region: str = "job",
) -> dict[str, Any]:
    """A background job that moves by itself until it ends; `poll_url` answers with the same component."""
    return {
        "title": title,
        "state": state,
        "done": done,
        "total": total,
        "poll_url": poll_url,
        "error": error,
        "retry_url": retry_url,
        "result_url": result_url,
        "result_text": result_text,
        "region": region,
        "moving": state in ("pending", "running"),
    }


@register.inclusion_tag("components/tags.html")
def tags(items: Any) -> dict[str, Any]:
    """The tags of a project or dataset in one line."""
    return {"items": items}
