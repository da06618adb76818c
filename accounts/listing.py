"""State of a list page, read from the URL: search words, filters, sort order, page.

A view builds one `Listing` and hands it to the template; the tags `filter_bar`, `sort_head` and
`list_foot` draw it. Everything unknown in the URL is ignored, so a stale link still opens the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

PER_PAGE = 25

# PostgreSQL sorts nulls above everything, SQLite below: a list sorted by a moment that may be missing says where.
NEVER = Value(datetime(1970, 1, 1, tzinfo=UTC), output_field=DateTimeField())
NOT_YET = Value(datetime(9999, 1, 1, tzinfo=UTC), output_field=DateTimeField())


def or_never(moment: str) -> Coalesce:
    """A field to sort by in which a missing moment is before every other."""
    return Coalesce(F(moment), NEVER)


def or_not_yet(moment: str) -> Coalesce:
    """A field to sort by in which a missing moment is after every other."""
    return Coalesce(F(moment), NOT_YET)


@dataclass(frozen=True)
class Choice:
    """One value of a filter; `dot` is a chip class suffix such as "queued", `count` may be unknown."""

    value: str
    label: str
    count: int | None = None
    dot: str = ""


@dataclass(frozen=True)
class Filter:
    """A filter that adds up: any of the ticked values. `inline` draws check boxes instead of a menu."""

    key: str
    label: str
    choices: Sequence[Choice]
    inline: bool = False
    icon: str = ""


class Listing:
    """What the URL of a list asks for, and the links that change one thing and keep the rest.

    `sorts` maps the name in the URL to order_by arguments of the ascending order (end with a unique
    field, so that pages never overlap). A leading minus in the URL turns all of them round.
    """

    def __init__(
        self,
        params: QueryDict,
        *,
        sorts: dict[str, Sequence[str]],
        default_sort: str,
        filters: Sequence[Filter] = (),
        per_page: int = PER_PAGE,
        search_placeholder: str = "Search",
        keep: Sequence[str] = (),
    ) -> None:
        self.params = params
        self.sorts = sorts
        self.filters = filters
        self.per_page = per_page
        self.search_placeholder = search_placeholder
        self.keep = {key: str(params[key]) for key in keep if params.get(key)}
        self.query = params.get("q", "").replace("\x00", "").strip()[:100]
        wanted = params.get("sort", default_sort)
        self.sort = wanted if wanted.removeprefix("-") in sorts else default_sort
        self.default_sort = default_sort
        self._chosen = {f.key: self._known_values(f) for f in filters}
        self.page_number = 1
        self.page_count = 1
        self.total = 0

    def _known_values(self, item: Filter) -> list[str]:
        known = {choice.value for choice in item.choices}
        return [value for value in self.params.getlist(item.key) if value in known]

    def chosen(self, key: str) -> list[str]:
        """The ticked values of a filter; empty means no restriction."""
        return self._chosen[key]

    @property
    def is_filtered(self) -> bool:
        """Whether the list shows less than everything, which the empty state must say."""
        return bool(self.query) or any(self._chosen.values())

    @property
    def ordering(self) -> list[str]:
        """Arguments for order_by."""
        fields = self.sorts[self.sort.removeprefix("-")]
        if not self.sort.startswith("-"):
            return list(fields)
        return [name[1:] if name.startswith("-") else f"-{name}" for name in fields]

    def page(self, rows: QuerySet | Sequence[Any]) -> list[Any]:
        """One page of `rows` in the order asked for; a page beyond the end is the last one."""
        if isinstance(rows, QuerySet):
            rows = rows.order_by(*self.ordering)
            self.total = rows.count()
        else:
            self.total = len(rows)
        self.page_count = max(1, ceil(self.total / self.per_page))
        asked = self.params.get("page", "1")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
        self.page_number = min(max(1, number), self.page_count)
        shown = slice(self._offset, self._offset + self.per_page)
        if not isinstance(rows, QuerySet):
            return list(rows[shown])
        # Keys first: then only what is shown is joined and annotated, and sorting carries no wide rows along.
        keys = list(rows.values_list("pk", flat=True)[shown])
        return list(rows.filter(pk__in=keys))

    @property
    def _offset(self) -> int:
        return (self.page_number - 1) * self.per_page

    @property
    def first(self) -> int:
        """Number of the first row shown, counted from 1; 0 when there is none."""
        return self._offset + 1 if self.total else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self._offset + self.per_page, self.total)

    def link(self, **changes: str | int | None) -> str:
        """The query string of this list with some keys changed; None removes a key."""
        query = QueryDict(mutable=True)
        for key, value in self.keep.items():
            query[key] = value
        if self.query:
            query["q"] = self.query
        for key, values in self._chosen.items():
            query.setlist(key, values)
        if self.sort != self.default_sort:
            query["sort"] = self.sort
        for key, change in changes.items():
            query.pop(key, None)
            if change is not None:
                query[key] = str(change)
        return "?" + query.urlencode()

    @property
    def previous_link(self) -> str:
        """Link to the page before, or an empty string."""
        return self.link(page=self.page_number - 1) if self.page_number > 1 else ""

    @property
    def next_link(self) -> str:
        """Link to the page after, or an empty string."""
        return self.link(page=self.page_number + 1) if self.page_number < self.page_count else ""

    @property
    def clear_link(self) -> str:
        """Link to the whole list, keeping only the sort order."""
        kept = QueryDict(mutable=True)
        kept.update(self.keep)
        if self.sort != self.default_sort:
            kept["sort"] = self.sort
        return "?" + kept.urlencode()
