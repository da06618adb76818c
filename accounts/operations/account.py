"""What people do with their account: the verbs without an organisation."""

from accounts.models import User


def update_account(*, actor: User, name: str, timezone: str) -> User:
    """Store the person's own name and time zone."""
    actor.name, actor.timezone = name, timezone
    actor.save(update_fields=["name", "timezone"])
    return actor


def choose_theme(*, actor: User, theme: str) -> None:
    """Store which theme the person wants."""
    User.objects.filter(pk=actor.pk).update(theme=theme)


def change_password(*, actor: User, password: str) -> None:
    """Set a new, already validated password; every other session ends with the old one."""
    actor.set_password(password)
    actor.save(update_fields=["password"])
