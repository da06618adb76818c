"""The rule of every list page: two rows and twenty rows cost the same number of queries."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def assert_flat_queries(client: Client, url: str, make_rows: Callable[[int], object]) -> None:
    """Ask for the page with 2 and with 20 rows, made by `make_rows(count)`; fails with the queries that grew."""

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        return [query["sql"] for query in captured.captured_queries]

    make_rows(2)
    client.get(url)  # the first request of a session also writes its token
    few = queries()
    make_rows(18)
    many = queries()
    assert len(few) == len(many), "\n".join(sql for sql in many if sql not in few)
