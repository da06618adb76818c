"""Which class of the ontology a name in a label file probably means; a person has the last word."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from formats.names import folded

# Below this share of common letters a guess is noise: "Cell" and "Bell" have 0.75, "Platelet" and "Platelets" 0.94.
ALIKE = 0.8


def suggested_class(name: str, classes: Iterable[str]) -> str:
    """The class that the name abbreviates ("RBC" for "Red blood cell") or is spelt much like; empty without one."""
    known = list(classes)
    wanted = _plain(name)
    if not wanted:
        return ""
    for choice in known:
        initials = "".join(word[0] for word in folded(choice).split())
        if wanted == _plain(choice) or (len(initials) > 1 and wanted == initials):
            return choice
    closest = max(known, key=lambda choice: _likeness(wanted, choice), default="")
    return closest if closest and _likeness(wanted, closest) >= ALIKE else ""


def _plain(name: str) -> str:
    """Letters and digits only, so that "red_blood-cell" reads like "Red blood cell"."""
    return "".join(character for character in folded(name) if character.isalnum())


def _likeness(wanted: str, choice: str) -> float:
    return SequenceMatcher(None, wanted, _plain(choice)).ratio()
