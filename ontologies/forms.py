"""The form that takes an ontology as JSON."""

from typing import Any

from django import forms

from ontologies.checking import MAX_JSON_BYTES


class ImportForm(forms.Form):
    """A title and JSON, pasted or as a file."""

    title = forms.CharField(max_length=120)
    file = forms.FileField(
        required=False,
        label="JSON file",
        widget=forms.FileInput(attrs={"accept": ".json", "class": "form-control"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the JSON",
        widget=forms.Textarea(attrs={"rows": 14, "class": "mono", "spellcheck": "false"}),
        help_text="The structure that Encord’s ontologies have: objects, classifications, skeleton_templates.",
    )

    def clean(self) -> dict[str, Any]:
        """One of file and text is needed; `json` is the bytes of whichever came."""
        given = super().clean() or {}
        file, text = given.get("file"), given.get("text")
        if file and file.size > MAX_JSON_BYTES:
            self.add_error("file", f"The file is larger than {MAX_JSON_BYTES // 1024**2} MB.")
        elif file:
            given["json"] = file.read()
        elif text:
            given["json"] = text.encode(errors="replace")
        else:
            self.add_error("text", "Choose a file or paste the JSON.")
        return given
