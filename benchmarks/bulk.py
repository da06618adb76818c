"""One way to insert many rows: COPY on PostgreSQL, executemany on SQLite (8 times and more faster than bulk_create)."""

import math
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows given as tuples in the order of `columns` (field attnames); returns how many.

    Dicts and lists become JSON. Runs in the caller's transaction. Raises ValueError for a number that is
    not finite: the databases differ in what they make of it. Defaults of the model are not applied.
    """
    by_attname = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_attname[column] for column in columns]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    stored = (tuple(map(_storable, row)) for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _copy(cursor, f"COPY {table} ({names}) FROM STDIN", stored)
        marks = ", ".join(["%s"] * len(fields))
        batch = list(stored)
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", batch)  # noqa: S608 quoted names
        return len(batch)


def _copy(cursor: Any, statement: str, rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _storable(value: Any) -> Any:
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number to store is not finite")
    if isinstance(value, UUID):
        return value if connection.vendor == "postgresql" else value.hex
    return value
