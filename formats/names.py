"""Names in files to nodes of an ontology and back: exact first, then without regard to case and blanks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from formats.geometry import is_clean_text, is_number, quoted
from formats.limits import MAX_CHECKLIST_CHOICES, MAX_TEXT_CHARS
from formats.records import Problem
from formats.structure import Attribute, Classification, ObjectClass, Option, Structure, walk

Node = TypeVar("Node", ObjectClass, Classification)
_PATH = " / "


def folded(name: str) -> str:
    """The form under which two names count as the same."""
    return " ".join(name.casefold().split())


def classes_named(nodes: Iterable[Node], name: str, class_map: Mapping[str, str] | None = None) -> list[Node]:
    """The classes that a name in a file stands for; archived ones are never chosen.

    ``class_map`` renames first (name in the file -> name in the ontology). Several classes may share a name
    with different shapes; the caller takes the one that its geometry suits.
    """
    renamed = {folded(key): value for key, value in (class_map or {}).items()}
    name = renamed.get(folded(name), name)
    open_nodes = [node for node in nodes if not node.archived]
    exact = [node for node in open_nodes if node.name == name]
    return exact or [node for node in open_nodes if folded(node.name) == folded(name)]


def unknown_class(name: object, ontology: Structure, *, path: str) -> Problem:
    """The problem that names an unknown class and lists the known ones."""
    known = sorted({node.name for node in ontology.objects.values() if not node.archived})
    listed = ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
    return Problem(path, f"The ontology has no object class {quoted(name)}; it has: {listed or 'none'}.")


def answers_from_names(
    named: Mapping[str, Any], attributes: Sequence[Attribute], *, path: str
) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
    """Answers given by attribute and option names: static ones, dynamic ones, and what was left out.

    A nested attribute is found under its name, or under its whole path ("Cell type / Neutrophil / Lobes")
    where a name occurs twice; it counts only when its parent option is chosen.
    """
    by_name: dict[str, str] = {}
    for key in named:
        by_name.setdefault(folded(key), key)
    static: dict[str, Any] = {}
    dynamic: dict[str, Any] = {}
    problems: list[Problem] = []
    used: set[str] = set()

    def take(level: Sequence[Attribute], prefix: str) -> None:
        for attribute in level:
            if attribute.archived:
                continue
            full = prefix + attribute.name
            key = next((by_name[folded(n)] for n in (full, attribute.name) if folded(n) in by_name), None)
            if key is None or key in used:
                continue
            used.add(key)
            if named[key] is None:
                continue
            value, reason = _value_from_names(named[key], attribute)
            if reason:
                problems.append(
                    Problem(f"{path}.{key[:80]}", f"The answer was left out: {reason}", "repaired")
                )
                continue
            (dynamic if attribute.dynamic else static)[attribute.key] = value
            option = attribute.option(value) if attribute.type == "radio" else None
            if option:
                take(option.attributes, f"{full}{_PATH}{option.label}{_PATH}")

    take(attributes, "")
    known = {folded(attribute.name) for attribute in walk(tuple(attributes))}
    for key in named:
        if key not in used:
            reason = (
                "its parent option is not chosen."
                if folded(key) in known
                else "the class has no such attribute."
            )
            problems.append(Problem(f"{path}.{key[:80]}", f"The answer was left out: {reason}", "repaired"))
    return static, dynamic, problems


def _value_from_names(value: object, attribute: Attribute) -> tuple[Any, str]:
    """The answer as it is stored, and why it cannot be one (empty when it can)."""
    if attribute.type == "radio":
        option = option_named(attribute.options, value)
        return (option.key, "") if option else (None, f"there is no option {quoted(value)}.")
    if attribute.type == "checklist":
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or len(value) > MAX_CHECKLIST_CHOICES:
            return None, "it must be a list of options."
        chosen = [option_named(attribute.options, choice) for choice in value]
        if None in chosen:
            return None, f"there is no option {quoted(value[chosen.index(None)])}."
        return list(dict.fromkeys(option.key for option in chosen if option)), ""
    if attribute.type == "text":
        return (value, "") if is_clean_text(value, MAX_TEXT_CHARS) else (None, "it must be text.")
    if is_number(value):
        return value, ""
    try:
        number = float(value) if isinstance(value, str) and len(value) <= 40 else float("nan")
    except ValueError:
        number = float("nan")
    return (number, "") if is_number(number) else (None, "it must be a finite number.")


def option_named(options: Sequence[Option], name: object) -> Option | None:
    """The option with this label or value; true and false stand for options of that name or yes and no.

    A number stands for the option that is written like it.
    """
    if isinstance(name, bool):
        wanted = ("true", "yes") if name else ("false", "no")
        return next((option for text in wanted for option in options if folded(option.label) == text), None)
    if is_number(name):
        name = f"{name:.15g}"
    if not isinstance(name, str):
        return None
    open_options = [option for option in options if not option.archived]
    for matches in (
        lambda option: option.label == name,
        lambda option: option.value == name,
        lambda option: folded(option.label) == folded(name),
        lambda option: folded(option.value) == folded(name),
    ):
        found = next((option for option in open_options if matches(option)), None)
        if found:
            return found
    return None


def answers_by_name(attributes: Sequence[Attribute], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of ``answers_from_names``: names (or paths) to option labels, texts and numbers."""
    counts = Counter(folded(attribute.name) for attribute in walk(tuple(attributes)))
    named: dict[str, Any] = {}

    def give(level: Sequence[Attribute], prefix: str) -> None:
        for attribute in level:
            if attribute.key not in answers:
                continue
            full = prefix + attribute.name
            name = attribute.name if counts[folded(attribute.name)] == 1 else full
            value = answers[attribute.key]
            if attribute.type == "radio":
                option = attribute.option(value) if isinstance(value, str) else None
                if option:
                    named[name] = option.label
                    give(option.attributes, f"{full}{_PATH}{option.label}{_PATH}")
            elif attribute.type == "checklist":
                chosen = [attribute.option(choice) for choice in value] if isinstance(value, list) else []
                named[name] = [option.label for option in chosen if option]
            else:
                named[name] = value

    give(attributes, "")
    return named
