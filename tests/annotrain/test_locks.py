"""Lock files: every package with a hash, no address of any registry or machine, one version everywhere."""

import json
import re
import subprocess
import tomllib

import pytest
from django.conf import settings

from annotrain import __version__

LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-node.txt", "requirements-redis.txt"]


def text_of(name):
    return (settings.BASE_DIR / name).read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_every_python_package_is_pinned_with_hashes_and_without_an_address(name):
    text = text_of(name)
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE), "an option line (index, find-links) is in the lock"
    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", package), package
        assert "--hash=sha256:" in package, package


def test_the_development_lock_holds_exactly_the_versions_of_the_product():
    def pins(name):
        return set(re.findall(r"^(\S+==\S+(?: ; [^\\\n]+)?)", text_of(name), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_every_front_end_package_is_pinned_with_a_hash_and_without_an_address():
    lock = json.loads(text_of("package-lock.json"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "://" not in json.dumps(lock)
    wanted = json.loads(text_of("package.json"))["dependencies"]
    assert all(packages[f"node_modules/{name}"]["version"] == version for name, version in wanted.items())


def test_the_version_is_the_same_everywhere():
    assert tomllib.loads(text_of("pyproject.toml"))["project"]["version"] == __version__


def test_no_file_names_a_machine_or_a_registry():
    # Put together here, so that this file does not contain what it looks for.
    places = [
        "/work" + "/main",
        "/work" + "/shared",
        "/opt" + "/wheels",
        "/opt" + "/pypi",
        "registry." + "npmjs",
    ]
    found = subprocess.run(
        ["git", "grep", "-nIF", *(part for place in places for part in ("-e", place))],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert found.returncode in (0, 1), found.stderr
    assert found.stdout == ""
