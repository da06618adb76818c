"""CSV that spreadsheets open without harm."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
LINES_AT_ONCE: Final = 500


def neutral(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula: a quote goes before what starts like one.

    What nobody sees may stand before the start: blanks, line ends, control characters, zero-width ones, a BOM. A
    spreadsheet may drop them.
    """
    for character in text:  # the first one settles nearly every cell
        if character in FORMULA_STARTS:
            return f"'{text}"
        if character.isprintable() and not character.isspace():
            break
    return text


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """CSV in pieces of some hundred lines, with a header; numbers are written exactly, None is empty.

    Cells are written as they are: whoever yields texts that people typed makes them neutral first.
    """
    piece = io.StringIO()
    writer = csv.writer(piece)
    piece.write("\ufeff")
    writer.writerow(header)
    rows = iter(rows)
    while some := list(islice(rows, LINES_AT_ONCE)):
        writer.writerows(some)
        yield piece.getvalue()
        piece.seek(0)
        piece.truncate()
    yield piece.getvalue()  # a file without rows has its header
