"""Undefined template variables fail a test instead of becoming empty text."""

from typing import NoReturn


class UndefinedTemplateVariable(Exception):
    """A template used a name that its context does not have."""


class UndefinedVariable(str):
    """The `string_if_invalid` of the test settings: Django formats it with the name it could not find; that raises.

    `{% if name %}` may still ask whether a name is there. `{{ name|default:"" }}` may not: every template states
    what it needs, and its view passes all of it.
    """

    def __mod__(self, missing: object) -> NoReturn:
        raise UndefinedTemplateVariable(f"undefined template variable {missing!r}")
