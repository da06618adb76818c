"""Where an installation keeps its files. Standard library only: the runner imports it before anything is installed."""

import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

# Redis cuts a longer unix socket path without saying so (the kernel's limit is 107 bytes).
LONGEST_SOCKET_PATH_BYTES = 100


class UnsafeDirectory(Exception):
    """A directory that must be private belongs to somebody else or is open to others."""


def redis_socket_path(state_dir: Path) -> Path:
    """The private Redis' socket: inside the state directory, or in the system's temporary one when that is too deep."""
    inside = state_dir / "run" / "redis.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"annotrain-{os.getuid()}-{digest}" / "redis.sock"


def make_private_directory(path: Path) -> Path:
    """Create with mode 700 and return; raises UnsafeDirectory when it exists and another user could use it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise UnsafeDirectory(f"{path} is not a directory of this user")
    path.chmod(0o700)
    return path


def read_or_create_secret_key(path: Path) -> str:
    """The signing key of this installation: made once, readable by its owner only.

    Two processes may start together, so the first complete file wins: written aside, then linked into place.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=".secret-"
        )  # mkstemp opens with mode 600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # another process was first; its key is read below
        finally:
            Path(temporary).unlink()
    return path.read_text().strip()
