"""Static files: which files of the installed packages are served, and their hashed names in production."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import ... from "./x.js"` inside ES modules, so that one release never mixes with the next."""

    support_js_module_import_aggregation = True
    # A pass carries a changed name one import further, and the editor is deeper than the five that Django makes.
    max_post_process_passes = 20


class PackageFinder(BaseFinder):
    """Finds what settings.VENDOR_FILES names inside the installed packages, and nothing else of them.

    A package brings many files that no page uses, some of which refer to files that we do not serve.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.packages = []
        for prefix, (directory, patterns) in settings.VENDOR_FILES.items():
            storage = FileSystemStorage(location=directory)
            storage.prefix = prefix  # type: ignore[attr-defined]  # where collectstatic puts its files
            self.packages.append((prefix, storage, patterns))

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to check: a missing package is noticed by the page that uses it."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The absolute path of a served file, or nothing (all of none, when asked for all)."""
        for prefix, storage, patterns in self.packages:
            name = path.removeprefix(prefix + "/")
            if name != path and matches_any(name, patterns) and storage.exists(name):
                return [storage.path(name)] if find_all else storage.path(name)
        return [] if find_all else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Pairs of a name within its package and the package's storage."""
        for _, storage, patterns in self.packages:
            root = Path(storage.location)
            for file in sorted(root.rglob("*")):
                name = file.relative_to(root).as_posix()
                ignored = matches_patterns(name, list(ignore_patterns or []))
                if file.is_file() and matches_any(name, patterns) and not ignored:
                    yield name, storage


def matches_any(name: str, patterns: list[str]) -> bool:
    """Whether a shell pattern matches; its `*` crosses directories."""
    return any(fnmatch(name, pattern) for pattern in patterns)
