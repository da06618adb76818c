"""Stub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scoring.facts import Facts
from scoring.function import Function
from scoring.ontology import Ontology


def compare(
    ontology: Ontology,
    function: Function,
    gold: Mapping[str, Any],
    submitted: Mapping[str, Any],
    frames: Sequence[tuple[int, int]],
) -> Facts:
    raise NotImplementedError
