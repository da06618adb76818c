"""Reading values that somebody else wrote: every fault becomes a problem with its path, nothing raises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypedDict


class Problem(TypedDict):
    """One fault of a file: where, and a sentence about what."""

    path: str
    message: str


class Problems:
    """Collects the problems of one file and returns harmless values in their place."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        self.found.append({"path": path, "message": message})

    def mapping(self, value: object, path: str) -> Mapping[str, Any]:
        """An object with string keys; None is an empty one."""
        if value is None and path:
            return {}
        if not isinstance(value, Mapping):
            self.add(path, "must be an object")
            return {}
        if not all(isinstance(key, str) for key in value):
            self.add(path, "must have strings as keys")
            return {}
        return value

    def strings(self, value: object, path: str) -> list[str]:
        """A list of strings; None is an empty one."""
        if value is None:
            return []
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            self.add(path, "must be a list of strings")
            return []
        return list(value)

    def number(self, value: object, path: str, low: float, high: float) -> float:
        """A finite number within the bounds; `low` when it is none."""
        found = finite(value)
        if found is None:
            self.add(path, "must be a number")
        elif not low <= found <= high:
            hides_limit = found < low and high >= 1e9
            self.add(
                path, f"must be at least {low:g}" if hides_limit else f"must be between {low:g} and {high:g}"
            )
        else:
            return found
        return low


def finite(value: object) -> float | None:
    """The value as a float, or None for anything that is no finite number (booleans and strings are none)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
