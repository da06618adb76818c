"""What the runner says to the person who started it."""

import sys
from typing import NoReturn


class CannotGoOn(Exception):
    """Something the person has to do first; its text says what."""


def say(text: str) -> None:
    """One line on the terminal, at once."""
    print(text, flush=True)


def give_up(reason: object) -> NoReturn:
    """Print the reason and leave with status 1."""
    print(f"annotrain: {reason}", file=sys.stderr, flush=True)
    raise SystemExit(1)
