"""Forms of datasets, folders and files."""

from typing import Any

from django import forms

from accounts.models import Organisation, Tag
from datasets.models import Dataset


class DatasetForm(forms.Form):
    """Title, description and tags of a dataset; tags are those of the organisation."""

    title = forms.CharField(max_length=120)
    description = forms.CharField(
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the files are and where they come from.",
    )
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = organisation.tags.order_by("name")
        self.fields["tags"].queryset = tags  # type: ignore[attr-defined]
        if not tags:
            del self.fields["tags"]

    @staticmethod
    def initial_of(dataset: Dataset) -> dict[str, Any]:
        """What the form shows for an existing dataset."""
        return {"title": dataset.title, "description": dataset.description, "tags": list(dataset.tags.all())}


class FolderForm(forms.Form):
    """A new folder."""

    name = forms.CharField(max_length=120)
    description = forms.CharField(required=False, max_length=300)


class FileTitleForm(forms.Form):
    """Another title for a file."""

    title = forms.CharField(max_length=300)
