"""People and organisations: users, memberships, groups, tags, invitations and the audit trail."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.timezone import now


class UserQuerySet(BaseUserManager):
    """Creates users by e-mail; the address is stored as typed and unique without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Make a user; without a password the account cannot log in until one is set."""
        user = self.model(email=self.normalize_email(email).strip(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str) -> "User":
        """Find by e-mail, ignoring case, so that log-in does not depend on how it was typed."""
        return self.get(email__iexact=email)


class Theme(models.TextChoices):
    AUTO = "auto", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractBaseUser):
    """A person, identified by e-mail; may belong to several organisations."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    timezone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    editor_settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = UserQuerySet()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """The tenant: everything below carries or reaches exactly one."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return self.name


class OrganisationRole(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Membership(models.Model):
    """A person in an organisation; ended, never deleted, so that past work keeps its author."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=8, choices=OrganisationRole, default=OrganisationRole.MEMBER)
    may_create = models.BooleanField(default=False, help_text="May create projects, datasets and ontologies.")
    joined_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(ended_at=None),
                name="membership_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation}"


class Group(models.Model):
    """A named set of members, such as a cohort."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    members = models.ManyToManyField(User, related_name="annotrain_groups", blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="group_name_unique_in_organisation")
        ]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that projects and datasets of one organisation carry."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="tag_name_unique_in_organisation")
        ]

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """A single-use link for one e-mail address; only a digest of its token is stored."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=8, choices=OrganisationRole, default=OrganisationRole.MEMBER)
    # What a higher room gives on acceptance, for example {"project": "<uuid>", "role": "annotator"}.
    grant = models.JSONField(default=dict, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation of {self.email}"


class AuditEvent(models.Model):
    """Append-only: who did what to which object, with the values before and after."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="audit_events")
    at = models.DateTimeField(default=now, db_index=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target_id = models.CharField(max_length=40)
    target_label = models.CharField(max_length=200, blank=True)
    # The project (or other root) the event belongs to, so that its page can list its own events.
    root_id = models.CharField(max_length=40, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-at", "-id"], name="audit_page"),
            models.Index(fields=["organisation", "root_id", "-at"], name="audit_of_root"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_kind} {self.target_label}"
