"""Forms of training pages; what is typed in them is checked here, who may send them by the permission door."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from benchmarks.models import FeedbackLevel, FeedbackMoment, TrainingProject
from projects.forms import DescriptionForm
from projects.instructions import MAX_MARKDOWN_CHARS

LEVEL_HELP = {
    FeedbackLevel.NONE: "Trainees see that a task is submitted, nothing else.",
    FeedbackLevel.TOTAL: "Their own score, as one figure.",
    FeedbackLevel.PER_CLASS: "Their own score for each class.",
    FeedbackLevel.PER_LABEL: "What was off with each of their labels, never where gold is.",
    FeedbackLevel.PER_LABEL_WITH_GOLD: "The gold labels beside their own. Do not use these tasks in an exam again.",
}


class DetailsForm(DescriptionForm):
    """Step 1 of the wizard."""

    markdown = forms.CharField(
        label="Text",
        required=False,
        max_length=MAX_MARKDOWN_CHARS,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}),
        help_text="Markdown: headings, lists, links, tables.",
    )


class FeedbackForm(forms.Form):
    """What trainees see of their own scores, when, and the pass mark."""

    level = forms.ChoiceField(label="Trainees see", choices=FeedbackLevel, widget=forms.RadioSelect)
    moment = forms.ChoiceField(label="When", choices=FeedbackMoment, widget=forms.RadioSelect)
    is_released = forms.BooleanField(label="Release the scores now", required=False)
    pass_mark = forms.DecimalField(
        label="Pass mark in percent",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="Leave it empty for no verdicts anywhere.",
    )

    @classmethod
    def of(cls, training: TrainingProject, data: Any = None) -> "FeedbackForm":
        """The form with the project's settings, or bound to what was posted."""
        initial = {
            "level": training.feedback_level,
            "moment": training.feedback_moment,
            "is_released": training.feedback_released_at is not None,
            "pass_mark": training.pass_mark,
        }
        return cls(data, initial=initial)
