"""Forms of people and organisations. They list their fields: nothing else in a request can change a row."""

from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, PasswordResetForm
from django.contrib.auth.password_validation import validate_password

from accounts.limits import may_send_reset
from accounts.models import Group, Organisation, OrganisationRole, Tag, Theme, User


class LoginForm(AuthenticationForm):
    """Log in by e-mail; the address is lower-cased so that throttling sees one account, however it is typed."""

    username = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": "E-mail and password do not match an account. Check both, or reset your password.",
        "inactive": "This account is switched off. Ask an admin of your organisation.",
    }

    def clean_username(self) -> str:
        """One spelling per account."""
        return self.cleaned_data["username"].lower()


class ResetForm(PasswordResetForm):
    """Where to send the link; an address gets few of them in an hour, whoever asks."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "email"}),
    )

    def get_users(self, email: str) -> list[User]:
        """The account of the address, unless it got enough links; the page says the same either way."""
        users = list(super().get_users(email))
        return users if users and may_send_reset(email) else []


class AccountForm(forms.ModelForm):
    """Name and time zone of the person who is logged in."""

    timezone = forms.ChoiceField(label="Time zone", help_text="Dates and times are shown in this zone.")

    class Meta:
        model = User
        fields = ["name", "timezone"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = [
            (zone, zone.replace("_", " ")) for zone in sorted(available_timezones())
        ]


class NewPasswordForm(PasswordChangeForm):
    """Django's form without its autofocus: the account page has two forms."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password2"].label = "New password again"


class ThemeForm(forms.Form):
    """Light, dark, or as the system."""

    theme = forms.ChoiceField(choices=Theme)


class NewPersonForm(forms.Form):
    """Name and password of somebody who comes by invitation; the e-mail is the invitation's."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        help_text="At least ten characters, not only digits, and nothing from your name or e-mail.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, email: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict:
        """The password validators need to know whose password it is."""
        cleaned = super().clean() or {}
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], User(email=self.email, name=cleaned.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class InvitationForm(forms.Form):
    """Who to invite; several addresses at once, one per line or separated by commas."""

    emails = forms.CharField(
        label="E-mail addresses",
        max_length=10_000,
        help_text="One per line. Each person gets a link that works once, for seven days.",
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True, "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label="Role")

    def __init__(self, *args, roles: list[OrganisationRole], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        self.fields["role"].initial = OrganisationRole.MEMBER

    def clean_emails(self) -> list[str]:
        """Distinct addresses in lower case. Names every one that is not an address."""
        text = self.cleaned_data["emails"].replace(",", "\n").replace(";", "\n")
        addresses = list(dict.fromkeys(line.strip().lower() for line in text.splitlines() if line.strip()))
        if len(addresses) > 200:
            raise forms.ValidationError("Invite at most 200 people at a time.")
        field, wrong = forms.EmailField(max_length=254), []
        for address in addresses:
            try:
                field.clean(address)
            except forms.ValidationError:
                wrong.append(address[:80])
        if wrong:
            raise forms.ValidationError(f"Not an e-mail address: {', '.join(wrong[:5])}.")
        return addresses


class RoleForm(forms.Form):
    """A member's role and the right to create."""

    role = forms.ChoiceField(choices=OrganisationRole)
    may_create = forms.BooleanField(required=False)


class GroupForm(forms.ModelForm):
    """Name and description of a group."""

    class Meta:
        model = Group
        fields = ["name", "description"]
        widgets = {"description": forms.TextInput()}

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_name(self) -> str:
        """One group per name in an organisation, whatever its case."""
        return unique_name(self, Group, "group")


class TagForm(forms.ModelForm):
    """The word of a tag."""

    class Meta:
        model = Tag
        fields = ["name"]

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_name(self) -> str:
        """One tag per word in an organisation, whatever its case."""
        return unique_name(self, Tag, "tag")


class OrganisationForm(forms.ModelForm):
    """The name of the organisation; its address stays."""

    class Meta:
        model = Organisation
        fields = ["name"]


def unique_name(form: GroupForm | TagForm, model: type[Group] | type[Tag], noun: str) -> str:
    """The cleaned name. Raises ValidationError when another row of the organisation has it."""
    name = " ".join(form.cleaned_data["name"].split())
    same = model.objects.filter(organisation=form.organisation, name__iexact=name).exclude(
        pk=form.instance.pk
    )
    if same.exists():
        raise forms.ValidationError(f"There is already a {noun} named “{name}”.")
    return name
