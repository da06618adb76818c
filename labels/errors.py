"""What can keep labels from being saved or handed in; each carries what the editor needs to tell the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from formats import Problem


class LabelsRefused(Exception):
    """Base of every refusal; nothing was changed."""


class InvalidLabels(LabelsRefused):
    """The change is not valid; `problems` name the paths."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message if problems else "The labels are not valid.")
        self.problems = list(problems)


class MissingAnswers(LabelsRefused):
    """Required classes or attributes are not answered; `problems` list all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Some required answers are missing.")
        self.problems = list(problems)


class StaleRevision(LabelsRefused):
    """Somebody (another tab, another person) saved in the meantime; carries what they saved."""

    def __init__(self, *, revision: int, document: dict[str, Any], by: str, at: datetime) -> None:
        super().__init__(f"These labels were changed elsewhere by {by}.")
        self.revision, self.document, self.by, self.at = revision, document, by, at


class AlreadySubmitted(LabelsRefused):
    """The person handed this task in already, at `at`."""

    def __init__(self, at: datetime | None) -> None:
        super().__init__("This task was already submitted.")
        self.at = at


class NotYours(LabelsRefused):
    """The task is not (or no longer) held by the person, or is in a state in which labels cannot change."""


class UnresolvedIssues(LabelsRefused):
    """Reviewers returned the task, and `count` of their issues are not marked as resolved."""

    def __init__(self, count: int) -> None:
        issues = "1 issue is" if count == 1 else f"{count} issues are"
        super().__init__(f"{issues} not resolved yet. Mark each as resolved, then submit again.")
        self.count = count
