"""How an ontology may change once it is in use: nodes are archived, never deleted or retyped."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ontologies.checking import BadStructure, Problem
from ontologies.structure import Json, Structure, nodes_of, vertices_of


@dataclass(frozen=True)
class Changes:
    """What a person wants to know about the step from one version to the next, as names."""

    added: tuple[str, ...]
    archived: tuple[str, ...]
    restored: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.archived or self.restored or self.renamed or self.removed)


def keep_used(used: Structure | Json, wanted: Structure) -> Structure:
    """`wanted`, with every node of `used` that it leaves out put back as archived.

    Raises BadStructure where it changes the shape, type, level or place of a used node: labels have that nature.
    """
    problems = [*_retyped(used, wanted), *_other_vertices(used, wanted)]
    if problems:
        raise BadStructure(problems)
    kept = deepcopy(wanted)
    for part in ("objects", "classifications"):
        _put_back(used.get(part) or [], kept[part], "attributes")  # type: ignore[arg-type]
    names = {template["name"] for template in kept["skeleton_templates"]}
    kept["skeleton_templates"] += [
        deepcopy(template)
        for template in used.get("skeleton_templates") or ()
        if template["name"] not in names
    ]
    return kept


def _retyped(used: Structure | Json, wanted: Structure) -> Iterable[Problem]:
    before = {node.hash: node for node in nodes_of(used)}
    for node in nodes_of(wanted):
        old = before.get(node.hash)
        if old is None or (old.kind, old.nature) == (node.kind, node.nature):
            continue
        what = next((word for word, value in old.nature.items() if node.nature.get(word) != value), "kind")
        yield Problem(
            node.path,
            f"“{old.name}” is in use, so its {what} cannot change. Archive it and add a new one instead.",
        )


def _other_vertices(used: Structure | Json, wanted: Structure) -> Iterable[Problem]:
    """Skeletons in use keep their vertices: labels have exactly these. Places, edges and colours may change."""
    after = {
        item["featureNodeHash"]: vertices_of(item, wanted)
        for item in wanted["objects"]
        if item["shape"] == "skeleton"
    }
    for item in used.get("objects") or ():
        own = item["featureNodeHash"]
        if item["shape"] != "skeleton" or own not in after or after[own] == vertices_of(item, used):
            continue
        index = [node["featureNodeHash"] for node in wanted["objects"]].index(own)
        message = f"“{item['name']}” is in use, so the vertices of its skeleton cannot change."
        yield Problem(f"objects[{index}].skeletonTemplate", message)


def _put_back(used: list[Any], kept: list[Any], children: str) -> None:
    """Append to `kept` what only `used` has, archived, level by level; below the first level children are options."""
    by_hash = {node["featureNodeHash"]: node for node in kept}
    for old in used:
        new = by_hash.get(old["featureNodeHash"])
        if new is None:
            kept.append(_archived(old))
        elif old.get(children):
            _put_back(old[children], new.setdefault(children, []), "options")


def _archived(node: Any) -> Any:
    """A copy of the node that nobody can choose any more; what lies below it is out of reach with it."""
    copy = deepcopy(node)
    copy["archived"] = True
    copy.pop("hotKey", None)
    return copy


def changes_between(before: Structure | Json, after: Structure | Json) -> Changes:
    """Names of what was added, archived, restored, renamed and removed between two versions."""
    old = {node.hash: node for node in nodes_of(before)}
    new = {node.hash: node for node in nodes_of(after)}
    both = [(old[key], new[key]) for key in new if key in old]
    return Changes(
        added=tuple(node.name for key, node in new.items() if key not in old),
        archived=tuple(b.name for a, b in both if b.archived and not a.archived),
        restored=tuple(b.name for a, b in both if a.archived and not b.archived),
        renamed=tuple((a.name, b.name) for a, b in both if a.name != b.name),
        removed=tuple(node.name for key, node in old.items() if key not in new),
    )
