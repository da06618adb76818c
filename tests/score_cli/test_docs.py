"""docs/scoring.md shows a function file that is read, options that exist, and the keys of --json."""

import json
import re
from pathlib import Path

from score_cli.__main__ import arguments
from tests.formats.ontologies import STRUCTURE
from tests.score_cli.files import KEYS, run, scored, write

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "scoring.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## On the command line")[2].partition("\n## ")[0]
(FUNCTION,) = re.findall(r"```json function\n(.*?)```", SECTION, re.DOTALL)
(LABELS,) = re.findall(r"```json own\n(.*?)```", (DOCS / "formats.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_function_file_of_the_docs_fits_the_label_file_of_the_docs(tmp_path):
    gold = write(tmp_path / "gold.json", json.loads(LABELS) | {"ontology": STRUCTURE})
    function = write(tmp_path / "function.json", FUNCTION)
    ran = run(gold, gold, "--function", function, "--json")

    assert (ran.status, ran.err) == (0, "")
    assert ran.result["score"] == 1.0
    assert ran.result["available"] != scored(gold, gold)["available"]


def test_every_option_of_the_command_is_described_and_every_described_one_exists():
    known = {name for action in arguments()._actions for name in action.option_strings} - {"-h", "--help"}
    assert set(re.findall(r"--[a-z-]+", SECTION)) == known


def test_every_key_of_the_json_is_described():
    assert all(f"`{key}`" in SECTION for key in [*KEYS, "classes"])
