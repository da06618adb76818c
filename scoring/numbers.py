"""Lists of plain numbers as arrays, fast, and certain that they hold nothing else."""

from __future__ import annotations

import marshal
from array import array
from typing import Any

import numpy as np

from scoring.arrays import FloatArray

_HEADER = 5
"""Bytes that marshal writes before the elements of a list: its type and length."""
_FORMS = (
    (ord("g"), np.dtype([("type", "u1"), ("value", "<f8")])),
    (ord("i"), np.dtype([("type", "u1"), ("value", "<i4")])),
)
"""How marshal (version 2) writes a float, and an integer of 32 bits: a type byte and the value."""


def plain_numbers(values: list[Any]) -> FloatArray | None:
    """The values as floats, shape (n,); None when one is no float or int, or an int too large for a float.

    Booleans are no numbers here, and numpy would take them for some. To look at the type of every value costs more than
    all the rest, so the list is written by marshal: if the result is as long as n floats, and has the type byte of a
    float wherever one begins, it holds n floats, and they lie there ready to be taken.
    """
    try:
        written = marshal.dumps(values, 2)
        for code, form in _FORMS:
            if len(written) == _HEADER + form.itemsize * len(values):
                found = np.frombuffer(written, form, offset=_HEADER)
                if (found["type"] == code).all():
                    return found["value"].astype(np.float64)
        if set(map(type, values)) <= {float, int}:
            return np.frombuffer(array("d", values))
    except (ValueError, OverflowError):
        pass
    return None
