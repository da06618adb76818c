"""python -m score_cli, ./dev score, and the program annotrain-score."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

UNUSABLE = 2
"""Exit status for input that cannot be used. A low score is no error: then it is 0."""


def arguments() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="score",
        allow_abbrev=False,
        description="Score a label file against gold: COCO JSON, Pascal VOC (a folder, one XML file, or a zip archive "
        "of them), or Annotrain's own label JSON. Images are paired by file name without ending.",
        epilog="Exit status: 0 when there is a result, whatever the score; 2 when the input cannot be used.",
    )
    parser.add_argument("gold", type=Path, metavar="GOLD", help="the labels that count as right")
    parser.add_argument("submitted", type=Path, metavar="SUBMITTED", help="the labels to be scored")
    parser.add_argument(
        "--function", type=Path, metavar="FUNCTION.json", help="weights and comparison settings"
    )
    parser.add_argument("--min-overlap", type=float, metavar="X", help="least IoU of a pair of areas (0.4)")
    parser.add_argument(
        "--near-miss", type=float, metavar="X", help="least similarity of a near miss (0.1; 0: off)"
    )
    parser.add_argument(
        "--small-side", type=float, metavar="PX", help="smaller areas may overlap less (20; 0: off)"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FACTS.csv", help="write every evaluation label to this file"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object")
    output.add_argument("--explain", action="store_true", help="say for every label what it lost points for")
    return parser


def main(given: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    asked = arguments().parse_args(given)
    # After the arguments: --help need not wait for the engine.
    from score_cli.compare_files import UnusableInput

    try:
        status = _run(asked)
        sys.stdout.flush()
        return status
    except UnusableInput as reason:
        _complain(str(reason))
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return UNUSABLE


def _run(asked: argparse.Namespace) -> int:
    from score_cli import report
    from score_cli.compare_files import UnusableInput, compare_files

    comparison = compare_files(
        asked.gold, asked.submitted, _function(asked), function_name=str(asked.function or "the options")
    )
    if asked.csv:
        from score_cli.facts_csv import write_csv

        try:
            write_csv(asked.csv, comparison)
        except OSError as error:
            raise UnusableInput(f"{asked.csv}: it cannot be written: {error.strerror or error}.") from None
    for line in report.warnings(comparison):
        _complain(line)
    if asked.json:
        print(json.dumps(comparison.summary(), allow_nan=False))
    else:
        if asked.explain:
            for line in report.explanations(comparison):
                print(line)
        print(report.table(comparison))
    return 0


def _function(asked: argparse.Namespace) -> dict[str, Any]:
    """The function file with the options over it."""
    from formats import FormatError
    from score_cli.compare_files import UnusableInput
    from score_cli.function_file import read_function_file

    function: dict[str, Any] = {}
    if asked.function:
        try:
            function = read_function_file(asked.function)
        except FormatError as reason:
            raise UnusableInput(f"{asked.function}: {reason}") from None
    if asked.min_overlap is not None:
        limits = function.get("min_overlap")
        function["min_overlap"] = (limits if isinstance(limits, dict) else {}) | {"area": asked.min_overlap}
    for key in ("near_miss", "small_side"):
        value = getattr(asked, key)
        if value is not None:
            function[key] = value
    return function


def _complain(sentence: str) -> None:
    print(f"score: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
