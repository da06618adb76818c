"""Every evaluation label as a line of CSV: the columns of the server's file that exist without one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from formats.spreadsheet import csv_lines, neutral
from score_cli.compare_files import Comparison
from scoring import ENGINE_VERSION
from scoring.explain import reasons
from scoring.label_cells import CELL_COLUMNS, attribute_names, fact_cells

COLUMNS = ("file", *CELL_COLUMNS, "engine_version", "reasons")


def write_csv(path: Path, comparison: Comparison) -> None:
    """Write the file, replacing one of the name. Raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(csv_lines(COLUMNS, _rows(comparison)))


def _rows(comparison: Comparison) -> Iterator[list[Any]]:
    names = attribute_names(comparison.ontology)
    for image, fact, explained in comparison.explained():
        cells = fact_cells(fact, comparison.function, names)
        texts = (neutral(cell) if isinstance(cell, str) else cell for cell in cells)
        yield [neutral(image.file), *texts, ENGINE_VERSION, neutral(reasons(explained))]
