"""A second scorer, written from the contract alone: plain Python, one label at a time, nothing shared with the engine.

It knows every shape (naive_shapes.py; of polylines those with two points), classifications, every attribute type,
tracks and all settings; it is slow and tries every pairing, so tasks must be small. `naive_score` returns what the
engine must return for the same files.
"""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from itertools import product

from tests.scoring import naive_shapes

DEFAULT_LIMIT = {"area": 0.4, "line": 0.25, "point": 0.25, "skeleton": 0.25}


def naive_score(structure, function, gold, submitted, frames):
    """(earned, available, [(frame, outcome, gold id, submitted id)] sorted)."""
    return Scorer(structure, function, frames).score(gold, submitted)


class Scorer:
    def __init__(self, structure, function, frames):
        self.frames = frames
        self.function = function
        self.classes = {one["featureNodeHash"]: one for one in structure["objects"]}
        self.scenes = {one["featureNodeHash"]: one for one in structure["classifications"]}
        self.templates = structure.get("skeleton_templates", [])
        self.known = {}
        self.earned = self.available = 0.0
        self.outcomes = []

    def score(self, gold, submitted):
        self.score_objects(gold["objects"], submitted["objects"])
        self.score_classifications(gold["classifications"], submitted["classifications"])
        return self.earned, self.available, sorted(self.outcomes, key=str)

    def count(self, criterion, value, share=1.0, plain=None):
        weight = self.weight(criterion, plain or criterion) * share
        self.earned += weight * value
        self.available += weight

    # --- weights

    def weight(self, criterion, plain):
        kind, node = plain.split(":")
        item = node if node in self.classes or node in self.scenes else self.owner(node)
        if item in self.function.get("not_scored", []) or node in self.function.get("not_scored", []):
            return 0.0
        if self.function.get("type") == "classification" and item in self.classes:
            return 0.0
        given = self.function.get("weights", {})
        return given.get(criterion, given.get(plain, self.default(kind, node)))

    def default(self, kind, node):
        if kind == "iou" or kind == "classification":
            return 100.0
        if kind == "track":
            return 0.0
        if kind == "category":
            kinds = [self.comparable(one) for one in self.classes]
            return 100.0 if kinds.count(self.comparable(node)) > 1 else 0.0
        item = self.classes.get(self.owner(node)) or self.scenes[self.owner(node)]
        if node not in self.classes and self.owner(node) in self.scenes:
            root = item["attributes"][0]
            return self.shared(children(root), node, 100.0)
        return self.shared(item["attributes"], node, 100.0)

    def shared(self, attributes, node, points):
        for attribute in attributes:
            part = points / len(attributes)
            below = children(attribute)
            if attribute["featureNodeHash"] == node:
                return part / (1 + len(below))
            found = self.shared(below, node, part * len(below) / (1 + len(below)))
            if found is not None:
                return found
        return None

    def owner(self, node):
        for name, item in {**self.classes, **self.scenes}.items():
            if node in [one["featureNodeHash"] for one in flat(item["attributes"])]:
                return name
        raise KeyError(node)

    def charge(self, kind, item, frames_of_instance):
        """An extra or duplicate label: the set weight, or the item's points with static attributes at 1 / n."""
        given = self.function.get("weights", {})
        key = f"{kind}:{item}"
        off = item in self.function.get("not_scored", [])
        off = off or (self.function.get("type") == "classification" and item in self.classes)
        if off:
            cost = 0.0
        elif key in given:
            cost = given[key]
        elif item in self.classes:
            cost = self.weight(f"iou:{item}", f"iou:{item}") + self.weight(
                f"category:{item}", f"category:{item}"
            )
            for attribute in self.classes[item]["attributes"]:
                part = 1.0 if attribute.get("dynamic") else 1.0 / frames_of_instance
                for one in flat([attribute]):
                    name = f"attribute:{one['featureNodeHash']}"
                    cost += part * self.weight(name, name)
        else:
            cost = self.weight(f"classification:{item}", f"classification:{item}")
            for one in flat(children(self.scenes[item]["attributes"][0])):
                name = f"attribute:{one['featureNodeHash']}"
                cost += self.weight(name, name)
        self.available += cost * (self.function.get("extra_cost", 1.0) if kind == "extra" else 1.0)

    # --- objects

    def score_objects(self, gold, submitted):
        rows = [self.rows(side) for side in (gold, submitted)]
        pairs, near = {}, {}
        for frame in range(len(self.frames)):
            for kind in sorted({self.comparable(one) for one in self.classes}):
                ours, theirs = (
                    sorted(
                        (one for one in side if one["frame"] == frame and one["kind"] == kind),
                        key=lambda one: order(one["id"]),
                    )
                    for side in rows
                )
                self.pair(ours, theirs, pairs, near)
        tracks = self.tracks(pairs)
        for one in rows[0]:
            self.gold_label(one, pairs.get(one["key"]), near.get(one["key"]), tracks)
        used = [one["key"] for one in (*pairs.values(), *near.values())]
        for one in rows[1]:
            if one["key"] not in used:
                similar = [self.similarity(other, one) for other in rows[0]]
                kind = "duplicate" if max(similar, default=0) >= 0.1 - 1e-9 else "extra"
                self.charge(kind, one["node"], one["frames"])
                self.outcomes.append((one["frame"], kind, None, one["id"]))

    def rows(self, objects):
        found = []
        for instance in objects:
            for label in instance["labels"]:
                found.append(
                    {
                        "key": (instance["id"], label["frame"]),
                        "id": instance["id"],
                        "node": instance["node"],
                        "kind": self.comparable(instance["node"]),
                        "frame": label["frame"],
                        "frames": len(instance["labels"]),
                        "shape": naive_shapes.Shape(label["geometry"], self.frames[label["frame"]]),
                        "answers": {**instance["answers"], **label["answers"]},
                    }
                )
        return found

    def pair(self, ours, theirs, pairs, near):
        def limit(one):
            family = one["shape"].family
            found = self.function.get("min_overlap", {}).get(family, DEFAULT_LIMIT[family])
            if family == "area" and one["shape"].is_usable:
                small = self.function.get("small_side", 20)
                side = math.sqrt(one["shape"].area())
                if small and side < small:
                    found *= side / small
                found = max(found, 0.1)
            return found

        for index, other in best_pairing(ours, theirs, self.pair_weight(limit)).items():
            pairs[ours[index]["key"]] = theirs[other]
        threshold = self.function.get("near_miss", 0.1)
        if threshold:
            taken = [one["key"] for one in pairs.values()]
            left = [one for one in ours if one["key"] not in pairs]
            rest = [one for one in theirs if one["key"] not in taken]
            for index, other in best_pairing(left, rest, self.pair_weight(lambda one: threshold)).items():
                near[left[index]["key"]] = rest[other]

    def pair_weight(self, limit):
        def weight(one, other):
            similarity = self.similarity(one, other)
            if similarity <= 0 or similarity < limit(one) - 1e-9:
                return None
            return similarity + (0.1 if one["node"] == other["node"] else 0.0)

        return weight

    def similarity(self, one, other):
        if one["frame"] != other["frame"] or one["kind"] != other["kind"]:
            return 0.0
        pair = (one["key"], other["key"])
        if pair not in self.known:
            self.known[pair] = naive_shapes.similarity(one["shape"], other["shape"], self.function)
        return self.known[pair]

    def comparable(self, node):
        """Labels of equal value may be paired: the family, for skeletons the names of the template's vertices."""
        item = self.classes[node]
        family = naive_shapes.FAMILY[item["shape"]]
        for template in self.templates if family == "skeleton" else []:
            if template["name"] == item["name"]:
                return f"{family} {sorted(vertex['name'] for vertex in template['skeleton'].values())}"
        return family if family != "skeleton" else node

    def tracks(self, pairs):
        """{gold instance: submitted instance}, one to one, by the number of matched frames."""
        if len(self.frames) == 1:
            return None
        shared = defaultdict(int)
        for (gold_id, _), other in pairs.items():
            shared[gold_id, other["id"]] += 1
        ours = sorted({one for one, _ in shared}, key=order)
        theirs = sorted({one for _, one in shared}, key=order)
        found = best_pairing(ours, theirs, lambda one, other: shared.get((one, other)))
        return {ours[index]: theirs[other] for index, other in found.items()}

    def gold_label(self, one, partner, near, tracks):
        node = one["node"]
        outcome, own, similarity = "missing", {}, 0.0
        if near:
            outcome = "imprecise"
        if partner:
            outcome = "matched" if partner["node"] == node else "wrong_category"
            similarity = self.similarity(one, partner)
        self.outcomes.append((one["frame"], outcome, one["id"], (partner or near or {}).get("id")))
        full = self.function.get("full_marks", {}).get(node, 1.0)
        self.count(f"iou:{node}", min(1.0, similarity / full))
        self.count(f"category:{node}", 1.0 if outcome == "matched" else 0.0)
        if tracks is not None:
            right = partner is not None and tracks.get(one["id"]) == partner["id"]
            self.count(f"track:{node}", 1.0 if right else 0.0)
        if outcome == "matched":
            own = partner["answers"]
        for attribute in self.classes[node]["attributes"]:
            share = 1.0 if attribute.get("dynamic") else 1.0 / one["frames"]
            self.attribute(attribute, one["answers"], own, share, True, True)

    # --- answers

    def attribute(self, attribute, gold, own, share, gold_stands, own_stands):
        """One attribute and all below it; `*_stands`: that side has chosen the parent option."""
        node = attribute["featureNodeHash"]
        a = read(attribute, gold.get(node)) if gold_stands else None
        b = read(attribute, own.get(node)) if own_stands else None
        if a is not None or (b is not None and gold_stands):
            value = self.value(attribute, a, b)
            plain = f"attribute:{node}"
            self.count(keyed(plain, attribute, a), value, share, plain)
        for option in attribute.get("options", []):
            for child in option.get("options", []):
                chosen = option["featureNodeHash"]
                self.attribute(child, gold, own, share, a == chosen, b == chosen)

    def value(self, attribute, a, b):
        if a is None or b is None:
            return 0.0
        if attribute["type"] == "checklist":
            return len(a & b) / len(a | b) if a | b else 1.0
        if attribute["type"] == "numeric":
            allowed = self.function.get("tolerance", {}).get(attribute["featureNodeHash"], 0)
            return 1.0 if abs(a - b) <= allowed + 1e-9 else 0.0
        if a != b and attribute["featureNodeHash"] in self.function.get("ordered", []):
            names = [one["featureNodeHash"] for one in attribute["options"]]
            return 1 - abs(names.index(a) - names.index(b)) / (len(names) - 1)
        return 1.0 if a == b else 0.0

    # --- classifications

    def score_classifications(self, gold, submitted):
        for frame in range(len(self.frames)):
            for node, item in self.scenes.items():
                ours, theirs = (
                    sorted(
                        (one for one in side if one["node"] == node and frame in self.frames_of(one, item)),
                        key=lambda one: order(one["id"]),
                    )
                    for side in (gold, submitted)
                )
                for index in range(max(len(ours), len(theirs))):
                    self.classification(
                        item,
                        frame,
                        ours[index] if index < len(ours) else None,
                        theirs[index] if index < len(theirs) else None,
                    )

    def frames_of(self, one, item):
        return [0] if item.get("level") == "global" else one["frames"]

    def classification(self, item, frame, one, other):
        node, root = item["featureNodeHash"], item["attributes"][0]
        outcome = "matched" if one and other else "missing" if one else "extra"
        self.outcomes.append((frame, outcome, one and one["id"], other and other["id"]))
        if not one:
            self.charge("extra", node, 1)
            return
        gold, own = one["answers"], other["answers"] if other else {}
        a, b = (read(root, side.get(root["featureNodeHash"])) for side in (gold, own))
        if a is not None or b is not None:
            plain = f"classification:{node}"
            self.count(keyed(plain, root, a), self.value(root, a, b), 1.0, plain)
        for option in root.get("options", []):
            for child in option.get("options", []):
                chosen = option["featureNodeHash"]
                self.attribute(child, gold, own, 1.0, a == chosen, b == chosen)


def best_pairing(ours, theirs, weight):
    """{index of ours: index of theirs}: every pairing is tried."""
    table = [[weight(one, other) for other in theirs] for one in ours]
    none = len(theirs)
    best_sum, tried = 0.0, []
    choices = [[j for j, one in enumerate(row) if one is not None] + [none] for row in table]
    for picked in product(*choices):
        used = [one for one in picked if one != none]
        if len(set(used)) == len(used):
            total = sum(table[index][one] for index, one in enumerate(picked) if one != none)
            tried.append((total, picked))
            best_sum = max(best_sum, total)
    first = min(picked for total, picked in tried if total >= best_sum - 1e-9)
    return {index: one for index, one in enumerate(first) if one != none}


def order(identifier):
    text = identifier.lstrip("-")
    return (0, int(identifier), identifier) if text.isdigit() else (1, 0, identifier)


def read(attribute, value):
    if attribute["type"] == "checklist":
        return None if value is None else set(value)
    if attribute["type"] == "text":
        return (
            None
            if value is None
            else " ".join(unicodedata.normalize("NFKC", value).split()).casefold() or None
        )
    return value


def keyed(plain, attribute, gold):
    return f"{plain}={'none' if gold is None else gold}" if attribute["type"] == "radio" else plain


def children(attribute):
    return [child for option in attribute.get("options", []) for child in option.get("options", [])]


def flat(attributes):
    found = []
    for attribute in attributes:
        found += [attribute, *flat(children(attribute))]
    return found
