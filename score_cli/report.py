"""What the command line prints: a table for people, and lines on stderr about what deserves a look."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from score_cli.compare_files import Comparison
from scoring import headline

MOST_WARNINGS = 25
COLUMNS = (
    ("matched", "matched"),
    ("wrong_category", "wrong class"),
    ("imprecise", "imprecise"),
    ("missing", "missing"),
    ("duplicate", "duplicate"),
    ("extra", "extra"),
)


def table(comparison: Comparison) -> str:
    """Points and counts per class and in all, right-aligned."""
    summary = comparison.summary()
    header = ["", "score", "earned", "available", *(title for _, title in COLUMNS), "mean IoU"]
    rows = [_row(name, one) for name, one in summary["classes"].items() if _has_labels(one)]
    rows.append(_row("all", summary))
    widths = [max(len(row[index]) for row in [header, *rows]) for index in range(len(header))]
    lines = [_line(header, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    if len(rows) > 1:
        lines.insert(-1, lines[1])
    count = len(comparison.images)
    compared = f"{count:,} image{'' if count == 1 else 's'} compared"
    if comparison.unscored:
        compared += f", {len(comparison.unscored):,} only in the submission and not scored"
    return "\n".join([*lines, "", f"{compared}."])


def _has_labels(figures: Mapping[str, Any]) -> bool:
    return any(figures[key] for key, _ in COLUMNS)


def _row(name: str, figures: Mapping[str, Any]) -> list[str]:
    percent = "-" if figures["score"] is None else f"{100 * figures['score']:.1f} %"
    overlap = "-" if figures["mean_iou"] is None else f"{figures['mean_iou']:.4f}"
    points = [f"{figures[key]:,.1f}" for key in ("earned", "available")]
    return [_printable(name), percent, *points, *(f"{figures[key]:,}" for key, _ in COLUMNS), overlap]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()


def _printable(text: str) -> str:
    """A name of a file as one line that cannot steer a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def warnings(comparison: Comparison) -> Iterator[str]:
    """Lines for stderr, a screenful at most."""
    lines = [f"{file}: only in the submission, not scored." for file in comparison.unscored]
    lines += comparison.warnings
    for line in lines[:MOST_WARNINGS]:
        yield _printable(line)
    if len(lines) > MOST_WARNINGS:
        yield f"... and {len(lines) - MOST_WARNINGS:,} more."


def explanations(comparison: Comparison) -> Iterator[str]:
    """A line for each label that lost points, under the name of its image."""
    last = None
    for image, fact, explained in comparison.explained():
        sentence = headline(explained)
        if not sentence:
            continue
        if image is not last:
            yield _printable(image.file)
            last = image
        name = comparison.ontology.name_of(fact.gold_node or fact.submitted_node or "")
        identifiers = [
            f"{side} {identifier}"
            for side, identifier in (("gold", fact.gold_id), ("submitted", fact.submitted_id))
            if identifier is not None
        ]
        place = f"frame {fact.frame}, " if len(image.frames) > 1 else ""
        yield _printable(f"  {name} ({place}{', '.join(identifiers)}): {sentence}.")
    if last is not None:
        yield ""
