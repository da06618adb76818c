"""`manage.py create_organisation`: the first organisation and its owner on a new installation; sign-up is closed."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.operations.organisation import create_organisation


class Command(BaseCommand):
    """Makes the owner's account when there is none; everybody else is invited from inside."""

    help = "Create an organisation. A new owner's password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who and what."""
        parser.add_argument("name", help="name of the organisation")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="e-mail address of its owner")
        parser.add_argument("--owner-name", default="", help="name of a new owner")

    def handle(self, *args: Any, name: str, owner: str, owner_name: str, **options: Any) -> None:
        """One transaction: no organisation without an owner, no account without an organisation."""
        try:
            validate_email(owner)
            with transaction.atomic():
                person = User.objects.filter(email__iexact=owner).first() or new_person(owner, owner_name)
                organisation = create_organisation(actor=person, name=name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError("An organisation with this address exists; choose another name.") from error
        self.stdout.write(f"{organisation.name} is at /o/{organisation.slug}/; {person.email} owns it.")


def new_person(email: str, name: str) -> User:
    """An account with a password that passes the validators. Raises ValidationError."""
    person = User(email=email, name=name or email.partition("@")[0])
    password = ask_for_password() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    validate_password(password, person)
    return User.objects.create_user(email, password, name=person.name)


def ask_for_password() -> str:
    """Twice, unseen. Raises ValidationError when the two differ."""
    password = getpass.getpass("Password of the new owner: ")
    if password != getpass.getpass("Once more: "):
        raise ValidationError("The two passwords differ.")
    return password
