"""The engine can be installed alone: what it imports, and what its package says."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import annotrain
from tests.score_cli.files import bbox, coco, write

ROOT = Path(__file__).parents[2]
PACKAGE = tomllib.loads((ROOT / "score_cli" / "pyproject.toml").read_text(encoding="utf-8"))
PRODUCT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Refuses every import but the standard library's and those named; run before anything of ours is imported.
ONLY = """
import sys
allowed = sys.stdlib_module_names | set({allowed!r})
class Only:
    def find_spec(self, name, path=None, target=None):
        first = name.partition(".")[0]
        if first not in allowed and not first.startswith("_"):
            raise ImportError(f"{{name}} is not among the dependencies")
sys.meta_path.insert(0, Only())
"""


def python(code, *allowed, arguments=()):
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ONLY.format(allowed=allowed) + code, *map(str, arguments)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_the_kernel_needs_numpy_shapely_and_scipy_only():
    code = "import pkgutil, importlib, scoring\n"
    code += (
        "for one in pkgutil.iter_modules(scoring.__path__): importlib.import_module('scoring.' + one.name)"
    )
    done = python(code, "scoring", "numpy", "shapely", "scipy")

    assert done.returncode == 0, done.stderr
    assert python("import django", "scoring").returncode == 1


def test_the_command_needs_what_its_package_says(tmp_path):
    names = [one.partition(">")[0] for one in PACKAGE["project"]["dependencies"]]
    gold = write(tmp_path / "gold.json", coco([bbox(0, 0, 9, 9, attributes={"a": 1})]))
    code = "from score_cli.__main__ import main; sys.exit(main(sys.argv[1:]))"
    options = (gold, gold, "--explain", "--csv", tmp_path / "facts.csv")
    done = python(code, "scoring", "formats", "score_cli", *names, arguments=options)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_package_asks_for_the_products_versions_and_has_its_number():
    assert set(PACKAGE["project"]["dependencies"]) <= set(PRODUCT["project"]["dependencies"])
    assert PACKAGE["project"]["requires-python"] == PRODUCT["project"]["requires-python"]
    assert PACKAGE["project"]["version"] == annotrain.__version__


def test_the_program_of_the_package_exists():
    module, _, name = PACKAGE["project"]["scripts"]["annotrain-score"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("place", PACKAGE["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])
def test_the_folders_of_the_package_exist(place):
    assert (ROOT / "score_cli" / place / "__init__.py").is_file()
