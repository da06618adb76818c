"""What README.md and docs/ promise exists: commands, links, pictures, rooms, modules, log-ins."""

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

import annotrain
import score_cli.__main__
from annotrain.runner.__main__ import arguments
from benchmarks.demo import LOGINS, PASSWORD
from demo.catalogue import demo_sets

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "demo" / "NOTICE.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
LARGEST_PICTURE_BYTES = 250_000

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
COMMAND = re.compile(r"\./dev ([a-z][a-z-]*)")
OPTION = re.compile(r"\./dev ([a-z]+) (--[a-z-]+)")
# A path in back quotes, with the names that follow it: `projects/workflow.py` `advance`
NAMED_PATH = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.py)`(?:\s+((?:`[a-z_]+`(?:, )?)+))?")


def of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def prose_and_code(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def prose(document: Path) -> str:
    """The text without its fenced examples, where brackets mean other things."""
    return re.sub(r"^```.*?^```", "", prose_and_code(document), flags=re.MULTILINE | re.DOTALL)


def commands() -> dict[str, set[str]]:
    """Every ./dev command with its options."""
    choices = next(action.choices for action in arguments()._actions if isinstance(action.choices, dict))
    known = {name: set(parser._option_string_actions) for name, parser in choices.items()}
    return known | {"score": set(score_cli.__main__.arguments()._option_string_actions)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=of)
def test_every_command_of_a_document_exists(document):
    known = commands()
    assert set(COMMAND.findall(prose_and_code(document))) <= set(known)
    for command, option in OPTION.findall(prose_and_code(document)):
        assert option in known[command], f"./dev {command} has no {option}"


def test_the_readme_names_every_command():
    assert set(COMMAND.findall(README)) == set(commands())


@pytest.mark.parametrize("document", DOCUMENTS, ids=of)
def test_relative_links_and_pictures_resolve(document):
    for found in LINK.finditer(prose(document)):
        target = found["target"].partition("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        assert not target.startswith("/"), f"{target} is a path of one machine"
        assert (document.parent / target).exists(), f"{target} does not exist"


@pytest.mark.parametrize("document", DOCUMENTS, ids=of)
def test_every_anchor_is_a_heading_of_the_page_it_leads_to(document):
    for found in LINK.finditer(prose(document)):
        target, _, anchor = found["target"].partition("#")
        if anchor and not re.match(r"[a-z]+:", target):
            page = document.parent / target if target else document
            headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings]


def test_every_page_of_docs_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        targets = (found["target"].partition("#")[0] for found in LINK.finditer(prose(page)))
        waiting += [(page.parent / target).resolve() for target in targets if target and ":" not in target]
    assert {document for document in DOCUMENTS if "docs" in document.parts} <= reached


def test_the_pictures_of_the_readme_are_small_and_all_are_used():
    shown = set(re.findall(r"!\[[^\]]+\]\((docs/images/[^)]+)\)", README))
    assert shown == {of(picture) for picture in (ROOT / "docs" / "images").iterdir()}
    for name in shown:
        assert (ROOT / name).stat().st_size < LARGEST_PICTURE_BYTES, name
        with Image.open(ROOT / name) as picture:
            assert picture.format == "PNG"
            assert picture.mode == "P", f"{name} is not reduced to a palette"


def test_every_room_of_the_architecture_is_a_folder_and_every_layer_has_its_line():
    rooms = re.findall(r"^\| `([a-z_]+)/` \|", ARCHITECTURE, flags=re.MULTILINE)
    for room in rooms:
        assert (ROOT / room / "__init__.py").is_file(), room
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(linter["root_packages"]) <= set(rooms)
    layers = next(contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    assert [room for room in rooms if room in layers] == layers


def test_the_readme_draws_the_rooms_from_top_to_bottom():
    drawn = re.findall(r"^│ ([a-z]+)/ ", README, flags=re.MULTILINE)
    rooms = re.findall(r"^\| `([a-z_]+)/` \|", ARCHITECTURE, flags=re.MULTILINE)
    assert drawn == [room for room in rooms if room not in ("score_cli", "scoring", "formats", "demo")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=of)
def test_modules_and_the_names_in_them_exist(document):
    for path, names in NAMED_PATH.findall(prose(document)):
        places = [place for place in (ROOT / path, ROOT / "tests" / path) if place.is_file()]
        assert places, f"{path} does not exist"
        for name in re.findall(r"`([a-z_]+)`", names):
            text = places[0].read_text(encoding="utf-8")
            assert re.search(rf"\b{name}\b", text), f"{path} has no {name}"


def test_every_demo_log_in_of_the_readme_works_and_none_is_left_out():
    lines = re.findall(r"^\| `([\w.]+@demo\.example)` \|", README, flags=re.MULTILINE)
    trainees = {trainee.email for found in demo_sets() for trainee in found.trainees}
    assert {login.email for login in LOGINS} <= set(lines)
    assert set(lines) - {login.email for login in LOGINS} <= trainees
    assert f"`{PASSWORD}`" in README


def test_the_changelog_begins_with_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\S+)", changelog, flags=re.MULTILINE)
    assert first
    assert first[1] == annotrain.__version__


def test_the_boston_university_is_acknowledged_where_its_pictures_are_shown():
    # Clause 3 of the licence of the muscle cells.
    sentence = "This product includes software developed by the Boston University."
    assert sentence in README
    assert sentence in (ROOT / "demo" / "NOTICE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=of)
def test_no_document_names_a_path_of_one_machine(document):
    assert not re.findall(r"(?<![\w.])/(?:work|home|root|tmp|Users)/\w+", prose_and_code(document))
