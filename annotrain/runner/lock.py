"""`./dev lock`: resolve pyproject.toml and package.json into lock files with hashes and without addresses."""

import json
import shutil
import subprocess
from pathlib import Path

from annotrain.runner.environment import ROOT
from annotrain.runner.terminal import CannotGoOn, say

UV = ["uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"]
UV += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]


def lock_dependencies() -> int:
    """Write requirements*.txt and package-lock.json; returns the exit status."""
    for program in ("uv", "npm"):
        if shutil.which(program) is None:
            raise CannotGoOn(f"{program} is needed to resolve dependencies (not to install them)")
    compile_lock("requirements.txt", ["pyproject.toml"])
    compile_lock("requirements-dev.txt", ["pyproject.toml", "--extra", "dev", "-c", "requirements.txt"])
    for group in ("node", "redis"):
        compile_lock(f"requirements-{group}.txt", ["--group", group, "-c", "requirements.txt"])
    subprocess.run(["npm", "install", "--package-lock-only", "--ignore-scripts"], check=True, cwd=ROOT)
    remove_addresses(ROOT / "package-lock.json")
    say("Locked. Run ./dev setup to install.")
    return 0


def compile_lock(name: str, sources: list[str]) -> None:
    """Resolve some sources into one requirements file."""
    subprocess.run([*UV, *sources, "--output-file", name], check=True, cwd=ROOT)


def remove_addresses(path: Path) -> None:
    """npm writes no registry addresses (.npmrc); drop the sponsors' ones, too."""
    locked = json.loads(path.read_text())
    for package in locked["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    path.write_text(json.dumps(locked, indent=2) + "\n")
