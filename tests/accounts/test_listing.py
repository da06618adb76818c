"""State of a list in the URL."""

import pytest
from django.http import QueryDict

from accounts.listing import Choice, Filter, Listing

FILTERS = [Filter("state", "State", [Choice("a", "A"), Choice("b", "B")])]


def listing(query: str = "", **options) -> Listing:
    sorts = {"name": ["name", "pk"], "created": ["-created", "pk"]}
    defaults = {"sorts": sorts, "default_sort": "name", "filters": FILTERS, "per_page": 10}
    return Listing(QueryDict(query), **defaults | options)


def test_an_ascending_and_a_descending_order():
    assert listing("sort=created").ordering == ["-created", "pk"]
    assert listing("sort=-created").ordering == ["created", "-pk"]


@pytest.mark.parametrize("query", ["sort=password", "sort=user__password", "sort=--name", "sort="])
def test_an_unknown_order_is_the_default(query):
    assert listing(query).sort == "name"


def test_unknown_filter_values_are_ignored():
    found = listing("state=a&state=x&other=1")
    assert found.chosen("state") == ["a"]
    assert found.is_filtered


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("1", (1, 10)),
        ("3", (21, 25)),
        ("99", (21, 25)),
        ("0", (1, 10)),
        ("-1", (1, 10)),
        ("x", (1, 10)),
        ("²", (1, 10)),
    ],
)
def test_a_page_outside_the_list_is_the_nearest_one(page, shown):
    found = listing(f"page={page}")
    found.page(list(range(25)))
    assert (found.first, found.last) == shown


def test_links_keep_everything_but_what_they_change():
    found = listing("q=cell&state=a&state=b&sort=-name&page=2", keep=["root"])
    found.page(list(range(25)))
    assert found.next_link == "?q=cell&state=a&state=b&sort=-name&page=3"
    assert found.link(sort="created") == "?q=cell&state=a&state=b&sort=created"
    assert found.clear_link == "?sort=-name"


def test_what_must_stay_stays_when_filters_are_cleared():
    assert listing("q=x&root=7", keep=["root"]).clear_link == "?root=7"


def test_search_words_are_cut_and_never_hold_a_nul():
    found = listing("q=%20a%00b%20" + "c" * 300)
    assert found.query.startswith("ab c")
    assert len(found.query) == 100


def test_an_empty_list_has_one_page_and_no_rows():
    found = listing()
    assert found.page([]) == []
    assert (found.first, found.last, found.page_count, found.next_link) == (0, 0, 1, "")
