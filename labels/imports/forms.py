"""Forms of the import pages: the file and what it is imported as, and which class an unknown name means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

from formats import MAX_FILE_BYTES, Structure
from labels.imports.suggestions import suggested_class
from labels.models import ImportReport

STARTING, SUBMITTED = "starting", "submitted"
MEGABYTE: Final = 1024 * 1024


class UploadForm(forms.Form):
    """A label file; what cannot be read at all is the view's to say, beside the file."""

    file = forms.FileField(
        label="Label file",
        error_messages={
            "required": "Choose a label file first.",
            "empty": "The file is empty.",
            "missing": "No file arrived. Choose it again.",
        },
    )
    labels_are = forms.ChoiceField(
        label="Import as",
        widget=forms.RadioSelect,
        initial=STARTING,
        choices=[(STARTING, "Starting labels"), (SUBMITTED, "Submitted labels")],
        error_messages={"invalid_choice": "Choose starting labels or submitted labels."},
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size / MEGABYTE:.1f} MB; at most {MAX_FILE_BYTES // MEGABYTE} MB can be imported."
                " Split it, or put the XML files into a zip archive."
            )
        return file

    @property
    def as_submitted(self) -> bool:
        """Whether the labels count as handed in."""
        return self.cleaned_data["labels_are"] == SUBMITTED


class ClassesForm(forms.Form):
    """One drop-down for each class name that the ontology does not have; left empty, its labels are refused."""

    def __init__(self, *args: Any, report: ImportReport, ontology: Structure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unknown: dict[str, dict[str, Any]] = {}
        choices = class_choices(ontology)
        for number, unknown in enumerate(report.unknown_classes):
            known = choices[unknown["kind"]]
            key = f"class-{number}"
            self.unknown[key] = unknown
            self.fields[key] = forms.ChoiceField(
                label=unknown["name"],
                required=False,
                choices=[("", "Leave out"), *((name, name) for name in known)],
                initial=suggested_class(unknown["name"], known),
                widget=forms.Select(attrs={"class": "form-select"}),
                error_messages={"invalid_choice": "The ontology has no such class. Choose one of the list."},
            )

    @property
    def rows(self) -> list["ClassRow"]:
        """The drop-downs in the order of the file's most frequent names."""
        return [
            ClassRow(
                self[key],
                unknown["name"],
                unknown["labels"],
                is_guess=not self.is_bound and bool(self.fields[key].initial),
            )
            for key, unknown in self.unknown.items()
        ]

    @property
    def class_map(self) -> Mapping[str, str]:
        """Names in the file -> classes of the ontology; only what was chosen."""
        chosen = ((unknown["name"], self.cleaned_data[key]) for key, unknown in self.unknown.items())
        return {name: node for name, node in chosen if node}


@dataclass(frozen=True)
class ClassRow:
    """One line of the form: a name in the file, how many labels have it, and the drop-down."""

    field: forms.BoundField
    name: str
    labels: int
    is_guess: bool


def class_choices(ontology: Structure) -> dict[str, list[str]]:
    """Names to choose from for objects and for classifications; archived ones cannot get labels."""
    return {
        "object": _names(node.name for node in ontology.objects.values() if not node.archived),
        "classification": _names(
            node.name for node in ontology.classifications.values() if not node.archived
        ),
    }


def _names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
