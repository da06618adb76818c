"""Plain numbers of a document as arrays, fast, and certain that they hold nothing else."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np

from scoring.arrays import FloatArray

_HEADER = 5
"""Bytes that marshal writes before the elements of a list: its type and length."""
_KINDS = {"g": "<f8", "i": "<i4"}
"""Type bytes of marshal (version 2): a float, an integer of 32 bits."""


@lru_cache(maxsize=16)
def _form(pattern: str) -> np.dtype[np.void]:
    """One record as marshal writes it: a type byte and a value for each of the pattern's kinds."""
    fields = [
        pair for n, kind in enumerate(pattern) for pair in ((f"type{n}", "u1"), (f"value{n}", _KINDS[kind]))
    ]
    return np.dtype(fields)


def plain_numbers(records: Iterable[Iterable[Any]], pattern: str) -> FloatArray | None:
    """Records of as many values as the pattern has letters, as floats, shape (letters, records).

    None when any value is no float or int, or an int too large for a float. Booleans are no numbers here, and numpy
    would take them for some. To look at the type of every value costs more than all the rest, so the values are written
    by marshal: where the result is as long as records of this pattern ("g" a float, "i" an integer) and has their type
    bytes wherever a value begins, they hold nothing else, and lie there ready to be taken. Other mixtures of floats and
    ints are right too, and read value by value.
    """
    values = list(chain.from_iterable(records))
    count = len(values) // len(pattern)
    form = _form(pattern)
    try:
        written = marshal.dumps(values, 2)
        if len(written) == _HEADER + form.itemsize * count:
            found = np.frombuffer(written, form, offset=_HEADER)
            if all((found[f"type{n}"] == ord(kind)).all() for n, kind in enumerate(pattern)):
                values_of = np.empty((len(pattern), count))
                for n in range(len(pattern)):
                    values_of[n] = found[f"value{n}"]
                return values_of
        if set(map(type, values)) <= {float, int}:
            return np.array(array("d", values)).reshape(count, len(pattern)).T.copy()
    except (ValueError, OverflowError):
        pass
    return None
