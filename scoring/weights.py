"""Criteria and their points: the default weights, what an extra label costs, and the two balance buttons.

Criterion keys: `iou:<object>`, `category:<object>`, `track:<object>`, `attribute:<attribute>`,
`classification:<classification>`, `extra:<item>`, `duplicate:<object>`. A radio attribute or root may have a weight per
gold answer: `attribute:<a>=<option>`, `classification:<c>=<option>`, and `=none` where only the submission answered.

The cost of an extra label has two parts, because a static attribute counts 1/n on each of the n frames of the submitted
instance: `extra:<item>` for what counts on every frame, `extra:<item>=static` for the static attributes, whose count is
1/n (the same for `duplicate`). Where somebody sets `extra:<item>`, the static part is 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from scoring.ontology import Attribute, Item, Ontology
from scoring.reading import Problems

DEFAULT_POINTS = 100.0
STATIC = "=static"
HIGHEST_WEIGHT = 1e9


def default_weights(ontology: Ontology) -> dict[str, float]:
    """Points of every criterion except `extra` and `duplicate`; archived nodes get 0, since nobody can draw them."""
    weights: dict[str, float] = {}
    for item in ontology.objects:
        points = 0.0 if item.archived else DEFAULT_POINTS
        rivals = sum(other.comparable == item.comparable and not other.archived for other in ontology.objects)
        weights[f"iou:{item.hash}"] = points
        weights[f"category:{item.hash}"] = points if rivals > 1 else 0.0
        weights[f"track:{item.hash}"] = 0.0
        _share(item.top_attributes, points, weights)
    for item in ontology.classifications:
        points = 0.0 if item.archived else DEFAULT_POINTS
        weights[f"classification:{item.hash}"] = points
        root = item.root
        _share(_offered(root) if root else (), points, weights)
        for attribute in item.attributes:
            weights.setdefault(f"attribute:{attribute.hash}", 0.0)
    return weights


def derived_weights(
    ontology: Ontology, weights: Mapping[str, float], not_scored: frozenset[str]
) -> dict[str, float]:
    """What an extra or duplicate label costs unless set: as much as a missed one that gold answers in full."""
    derived: dict[str, float] = {}
    for item in (*ontology.objects, *ontology.classifications):
        kinds = ("extra", "duplicate") if item.kind == "object" else ("extra",)
        own = ("iou", "category") if item.kind == "object" else ("classification",)
        every_frame = sum(weights[f"{kind}:{item.hash}"] for kind in own)
        static = 0.0
        for attribute in item.attributes:
            points = 0.0 if attribute.hash in not_scored else weights[f"attribute:{attribute.hash}"]
            if item.kind == "object" and not attribute.dynamic:
                static += points
            else:
                every_frame += points
        for kind in kinds:
            derived[f"{kind}:{item.hash}"] = every_frame
            if item.kind == "object":
                derived[f"{kind}:{item.hash}{STATIC}"] = static
    return derived


def read_weights(ontology: Ontology, value: object, problems: Problems) -> dict[str, float]:
    """The weights that a function file sets, checked against the ontology."""
    found: dict[str, float] = {}
    for criterion, points in problems.mapping(value, "weights").items():
        reason = _criterion_fault(ontology, criterion)
        if reason:
            problems.add(f"weights.{criterion}", reason)
        else:
            found[criterion] = problems.number(points, f"weights.{criterion}", 0.0, HIGHEST_WEIGHT)
    for criterion in [name for name in found if name.endswith(STATIC)]:
        if criterion.removesuffix(STATIC) not in found and criterion.startswith(("extra:", "duplicate:")):
            problems.add(f"weights.{criterion}", f"needs {criterion.removesuffix(STATIC)} beside it")
    return found


def balanced_answers(
    ontology: Ontology, weights: Mapping[str, float], gold_counts: Mapping[str, float]
) -> dict[str, float]:
    """Weights per gold answer, so that each answer of a radio attribute or root counts the same.

    `gold_counts`: {criterion: count} summed over the gold tasks, as a comparison of gold with itself gives them. The
    points available over all answers of an attribute stay what they were; answers that gold never gives keep the plain
    weight.
    """
    balanced: dict[str, float] = {}
    plain_names = [f"attribute:{name}" for name in ontology.attributes]
    plain_names += [f"classification:{item.hash}" for item in ontology.classifications]
    for plain in plain_names:
        prefix = plain + "="
        counts = {
            name: count
            for name, count in gold_counts.items()
            if name.startswith(prefix) and name != prefix + "none" and count > 0
        }
        if plain in weights and len(counts) > 1:
            each = weights[plain] * sum(counts.values()) / len(counts)
            balanced.update({name: round(each / count, 6) for name, count in counts.items()})
    return balanced


def balanced_classes(
    ontology: Ontology, weights: Mapping[str, float], gold_counts: Mapping[str, float]
) -> dict[str, float]:
    """Weights of all object classes scaled so that each class that gold has offers the same points in sum.

    Covers IoU, category, track and attributes with their answers; `extra` and `duplicate` follow when derived. The
    points available over all classes stay what they were. Classifications are left alone: they are no classes.
    """
    available: dict[str, float] = {}
    owned: dict[str, list[str]] = {}
    for item in ontology.objects:
        plain = [f"{kind}:{item.hash}" for kind in ("iou", "category", "track")]
        plain += [f"attribute:{attribute.hash}" for attribute in item.attributes]
        prefixes = tuple(name + "=" for name in plain)
        owned[item.hash] = plain + [name for name in weights if name.startswith(prefixes)]
        counted = [name for name in gold_counts if name in plain or name.startswith(prefixes)]
        total = sum(
            weights.get(name, weights.get(name.rpartition("=")[0], 0.0)) * gold_counts[name]
            for name in counted
        )
        if total > 0:
            available[item.hash] = total
    if len(available) < 2:
        return {}
    each = sum(available.values()) / len(available)
    return {
        name: round(weights[name] * each / total, 6)
        for item_hash, total in available.items()
        for name in owned[item_hash]
    }


def _share(attributes: tuple[Attribute, ...], points: float, weights: dict[str, float]) -> None:
    """Split points evenly; each attribute's part is split again between itself and its direct children."""
    open_ones = [attribute for attribute in attributes if not attribute.archived]
    for attribute in attributes:
        part = 0.0 if attribute.archived else points / len(open_ones)
        offered = [child for child in _offered(attribute) if not child.archived]
        own = part / (1 + len(offered))
        weights[f"attribute:{attribute.hash}"] = own
        _share(tuple(offered), own * len(offered), weights)
        for child in attribute.children:
            if child not in offered:
                _share((child,), 0.0, weights)


def _offered(attribute: Attribute) -> tuple[Attribute, ...]:
    """The direct children of the options that can still be chosen."""
    return tuple(child for option in attribute.options if not option.archived for child in option.attributes)


def _criterion_fault(ontology: Ontology, criterion: str) -> str:
    """Why a key is no criterion of this ontology, or ""."""
    kind, _, rest = criterion.partition(":")
    node, suffix = rest, ""
    if rest not in ontology.items and rest not in ontology.attributes:
        node, _, suffix = rest.rpartition("=")
    item: Item | None = ontology.items.get(node)
    if kind == "attribute":
        attribute = ontology.attributes.get(node)
        owner = ontology.items.get(ontology.item_of_attribute.get(node, ""))
        if attribute is None or owner is None:
            return "is not an attribute of the ontology"
        if owner.root is attribute:
            return f"is the root of a classification; its criterion is classification:{owner.hash}"
        return _suffix_fault(attribute, suffix)
    if kind == "classification":
        if item is None or item.root is None:
            return "is not a classification of the ontology"
        return _suffix_fault(item.root, suffix)
    if kind in ("iou", "category", "track"):
        return "" if item and item.family and not suffix else "is not an object class that can be scored"
    if kind == "extra" or kind == "duplicate":
        is_object = bool(item and item.family)
        is_item = is_object or bool(item and item.root and kind == "extra")
        return (
            ""
            if is_item and (not suffix or (suffix == "static" and is_object))
            else "is not an item of the ontology"
        )
    return "is not a criterion"


def _suffix_fault(attribute: Attribute, suffix: str) -> str:
    if not suffix or (attribute.type == "radio" and (suffix == "none" or attribute.option(suffix))):
        return ""
    return f"{suffix!r} is not an option of {attribute.name!r}"
