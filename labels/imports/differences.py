"""How the ontology that a label file carries differs from the project's, as far as its labels may suffer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from formats import FormatError, Structure
from formats.names import folded
from formats.structure import Attribute, Classification, ObjectClass, Option

MAX_DIFFERENCES = 50
Named = TypeVar("Named", ObjectClass, Classification, Attribute)


def ontology_differences(theirs: Mapping[str, Any] | None, ours: Structure) -> list[str]:
    """Sentences about what the file's ontology has and the project's has not; empty without an own ontology.

    Nodes are compared as the import finds them: by feature hash, else by name. At most MAX_DIFFERENCES and a count.
    """
    if theirs is None:
        return []
    try:
        found = list(_differences(Structure.of(theirs), ours))
    except FormatError:
        return []
    more = len(found) - MAX_DIFFERENCES
    return [*found[:MAX_DIFFERENCES], f"And {more:,} more differences."] if more > 0 else found


def _differences(theirs: Structure, ours: Structure) -> Iterator[str]:
    for node in theirs.objects.values():
        match = _match(node, list(ours.objects.values()))
        if match is None:
            yield f"The file's class “{node.name}” is not in the project's ontology."
        elif match.shape != node.shape:
            yield f"“{node.name}” is drawn as {_words(node.shape)} in the file and as {_words(match.shape)} here."
        else:
            yield from _attribute_differences(node.name, node.attributes, match.attributes)
    for question in theirs.classifications.values():
        answer = _match(question, list(ours.classifications.values()))
        if answer is None:
            yield f"The file's classification “{question.name}” is not in the project's ontology."
        else:
            yield from _attribute_differences(question.name, (question.root,), (answer.root,))


def _attribute_differences(
    owner: str, theirs: Sequence[Attribute], ours: Sequence[Attribute]
) -> Iterator[str]:
    for attribute in theirs:
        match = _match(attribute, ours)
        if match is None:
            yield f"“{owner}” has no attribute “{attribute.name}” here."
        elif match.type != attribute.type:
            yield f"The attribute “{attribute.name}” of “{owner}” is {attribute.type} in the file, {match.type} here."
        else:
            for option in attribute.options:
                known = _option(option, match.options)
                if known is None:
                    yield f"The attribute “{attribute.name}” of “{owner}” has no option “{option.label}” here."
                else:
                    yield from _attribute_differences(owner, option.attributes, known.attributes)


def _match(node: Named, ours: Sequence[Named]) -> Named | None:
    by_key = next((each for each in ours if each.key == node.key), None)
    return by_key or next((each for each in ours if folded(each.name) == folded(node.name)), None)


def _option(option: Option, ours: Sequence[Option]) -> Option | None:
    by_key = next((each for each in ours if each.key == option.key), None)
    return by_key or next((each for each in ours if folded(each.label) == folded(option.label)), None)


def _words(shape: str) -> str:
    return shape.replace("_", " ")
