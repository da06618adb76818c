"""Forms of projects. They list their fields, and every choice is limited to the organisation."""

from collections.abc import Sequence

from django import forms

from accounts.models import Group, Organisation, Tag, User
from accounts.queries import people_of
from datasets.models import Dataset
from ontologies.models import Ontology, OntologyVersion
from projects.models import Project, Role

MAX_EMAILS = 200


class TagsField(forms.ModelMultipleChoiceField):
    """Tags of the organisation, as check boxes."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            queryset=Tag.objects.none(),
            required=False,
            to_field_name="uuid",
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )


class DescriptionForm(forms.Form):
    """Title, description and tags of a project."""

    title = forms.CharField(max_length=120, strip=True)
    description = forms.CharField(
        max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    tags = TagsField()

    def __init__(self, *args: object, organisation: Organisation, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].queryset = Tag.objects.filter(organisation=organisation).order_by("name")


class ManualQaForm(DescriptionForm):
    """A new Manual QA project: what it is called, its data and its ontology."""

    datasets = forms.ModelMultipleChoiceField(
        queryset=Dataset.objects.none(),
        to_field_name="uuid",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one dataset, or make one first."},
    )
    ontology = forms.ModelChoiceField(
        queryset=Ontology.objects.none(),
        to_field_name="uuid",
        empty_label="Choose an ontology",
        error_messages={"required": "Choose an ontology, or make one first."},
    )

    def __init__(self, *args: object, organisation: Organisation, **kwargs: object) -> None:
        super().__init__(*args, organisation=organisation, **kwargs)
        self.fields["datasets"].queryset = Dataset.objects.filter(organisation=organisation).order_by("title")
        self.fields["ontology"].queryset = Ontology.objects.filter(organisation=organisation).order_by(
            "title"
        )

    def ontology_version(self) -> OntologyVersion:
        """The newest version of the chosen ontology; only of a valid form."""
        return self.cleaned_data["ontology"].versions.order_by("-number").first()


class AddPeopleForm(forms.Form):
    """Members to add with a role."""

    people = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        to_field_name="uuid",
        error_messages={"required": "Choose at least one person."},
    )
    role = forms.ChoiceField()

    def __init__(self, *args: object, project: Project, roles: Sequence[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people_of(project.organisation)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]


class AddGroupForm(forms.Form):
    """A group to add with a role; never admin."""

    group = forms.ModelChoiceField(
        queryset=Group.objects.none(), to_field_name="uuid", error_messages={"required": "Choose a group."}
    )
    role = forms.ChoiceField()

    def __init__(self, *args: object, project: Project, roles: Sequence[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = Group.objects.filter(organisation=project.organisation)
        self.fields["role"].choices = [(role.value, role.label) for role in roles if role is not Role.ADMIN]


class InviteForm(forms.Form):
    """People by e-mail, one or many, with a role."""

    emails = forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))
    role = forms.ChoiceField()

    def __init__(self, *args: object, roles: Sequence[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]

    def clean_emails(self) -> list[str]:
        """The addresses, each checked; names every one that is not an address."""
        text = self.cleaned_data["emails"].replace(",", " ").replace(";", " ")
        addresses = list(dict.fromkeys(part.strip().lower() for part in text.split() if part.strip()))
        if len(addresses) > MAX_EMAILS:
            raise forms.ValidationError(f"Invite at most {MAX_EMAILS} people at a time.")
        one, wrong = forms.EmailField(max_length=254), []
        for address in addresses:
            try:
                one.clean(address)
            except forms.ValidationError:
                wrong.append(address[:80])
        if wrong:
            raise forms.ValidationError(f"Not an e-mail address: {', '.join(wrong[:5])}.")
        return addresses


class RoleForm(forms.Form):
    """Another role for somebody; an admin is made only with the confirmation ticked."""

    role = forms.ChoiceField()
    confirmed = forms.BooleanField(required=False)

    def __init__(self, *args: object, roles: Sequence[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]


class InstructionsForm(forms.Form):
    """Markdown text, or a PDF in its place."""

    markdown = forms.CharField(
        required=False, strip=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": 16})
    )
    pdf = forms.FileField(
        label="PDF", required=False, widget=forms.FileInput(attrs={"accept": "application/pdf"})
    )


class DeleteForm(forms.Form):
    """The typed title, and whether an ontology that nothing else uses goes too."""

    title = forms.CharField(max_length=200)
    with_ontology = forms.BooleanField(required=False)
