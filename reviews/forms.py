"""Forms of Settings > Quality. Their rows follow from the project: its classes, its annotators, its reviewers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.models import User
from projects.assignments import people_who_annotate
from projects.models import Project
from reviews.models import (
    ExpertStage,
    QualitySettings,
    ReviewerMapping,
    SamplingRate,
    StageAction,
)
from reviews.quality import Stage, reasons_of, reviewers_in

ITERATIONS = range(1, 6)


@dataclass(frozen=True)
class Subject:
    """What a rate or a pool can be given to: a class or an annotator."""

    key: str
    name: str
    color: str = ""
    node: str = ""
    user: User | None = None


@dataclass(frozen=True)
class Row:
    """One subject with its fields, for the template."""

    subject: Subject
    fields: tuple[BoundField, ...]


def classes_of(project: Project) -> list[Subject]:
    """The classes and frame labels of the project's ontology, in its order."""
    structure = project.ontology_version.structure
    return [
        Subject(
            f"node_{one['featureNodeHash']}", one["name"], one.get("color", ""), node=one["featureNodeHash"]
        )
        for one in structure.get("objects", [])
        if not one.get("archived")
    ] + [
        Subject(
            f"node_{one['featureNodeHash']}",
            one["attributes"][0]["name"],
            one.get("color", ""),
            node=one["featureNodeHash"],
        )
        for one in structure.get("classifications", [])
        if not one.get("archived") and one.get("attributes")
    ]


def annotators_of(project: Project) -> list[Subject]:
    """Everybody who labels in the project, by name."""
    people = people_who_annotate(project)
    return [Subject(f"user_{person.uuid}", str(person), user=person) for person in people]


class PercentField(forms.FloatField):
    """0 to 100 in the form, 0 to 1 for everybody else."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, **kwargs)
        self.widget.attrs |= {"step": "any", "inputmode": "decimal", "class": "form-control"}

    def prepare_value(self, value: Any) -> Any:
        """A stored share as percent; what was typed as it was typed."""
        return f"{value * 100:g}" if isinstance(value, float) else value

    def clean(self, value: Any) -> float | None:
        """The share; None when nothing was typed."""
        percent = super().clean(value)
        return None if percent is None else percent / 100


class QualityForm(forms.Form):
    """A part of the page; `part` in what is posted names it. Who only reads gets fields that cannot be changed."""

    part = ""

    def __init__(self, data: Any = None, *, project: Project, may_change: bool, **kwargs: Any) -> None:
        super().__init__(
            data,
            prefix=self.part,
            auto_id="id_%s",
            initial=self.stored(project),
            use_required_attribute=False,
        )
        self.project = project
        self.build(project)
        for field in self.fields.values():
            field.disabled = not may_change

    def stored(self, project: Project) -> dict[str, Any]:
        """The values of now."""
        raise NotImplementedError

    def build(self, project: Project) -> None:
        """Add the fields that follow from the project."""

    def rows(self, subjects: Iterable[Subject], *prefixes: str) -> list[Row]:
        """The fields of these subjects."""
        return [Row(one, tuple(self[f"{prefix}{one.key}"] for prefix in prefixes)) for one in subjects]


class SamplingForm(QualityForm):
    """Sampling rates, and whether a submission gets one review or one for each pool."""

    part = "sampling"
    overall = PercentField(label="Overall sampling rate, %")
    one_review = forms.BooleanField(
        required=False,
        label="Multi review assignment",
        help_text="One review for a whole submission, given to the reviewers of the class with the most labels.",
    )

    def stored(self, project: Project) -> dict[str, Any]:
        """The rates of now; a project without a row has the defaults."""
        settings = QualitySettings.objects.filter(project=project).first() or QualitySettings()
        found: dict[str, Any] = {"overall": settings.sampling_rate, "one_review": settings.is_multi_review}
        for rate in SamplingRate.objects.filter(project=project).select_related("annotator"):
            key = f"node_{rate.node}" if rate.annotator is None else f"user_{rate.annotator.uuid}"
            found[key] = rate.rate
        return found

    def build(self, project: Project) -> None:
        """A rate for each class and each annotator."""
        self.classes, self.annotators = classes_of(project), annotators_of(project)
        for one in (*self.classes, *self.annotators):
            self.fields[one.key] = PercentField(required=False, label=f"Sampling rate of {one.name}")

    def class_rows(self) -> list[Row]:
        """The rates by class."""
        return self.rows(self.classes, "")

    def annotator_rows(self) -> list[Row]:
        """The rates by annotator."""
        return self.rows(self.annotators, "")

    def values(self) -> dict[str, Any]:
        """Arguments of `set_sampling`."""
        given = {key: value for key, value in self.cleaned_data.items() if value is not None}
        return {
            "overall": given["overall"],
            "one_review": given["one_review"],
            "by_node": {one.node: given[one.key] for one in self.classes if one.key in given},
            "by_annotator": {one.user: given[one.key] for one in self.annotators if one.key in given},
        }


class ReasonsForm(QualityForm):
    """The default rejection reasons, one a line."""

    part = "reasons"
    reasons = forms.CharField(
        required=False,
        max_length=12_000,
        label="Default rejection reasons",
        help_text="One a line, in the order in which reviewers see them. Others can be typed while reviewing.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def stored(self, project: Project) -> dict[str, Any]:
        """The reasons of now."""
        return {"reasons": "\n".join(reasons_of(project))}

    def values(self) -> dict[str, Any]:
        """Arguments of `set_reasons`."""
        return {"reasons": self.cleaned_data["reasons"].splitlines()}


class PeopleField(forms.ModelMultipleChoiceField):
    """Reviewers of the project, as check boxes."""

    def __init__(self, *, reviewers: Any, label: str) -> None:
        super().__init__(
            queryset=reviewers,
            required=False,
            to_field_name="uuid",
            label=label,
            widget=forms.CheckboxSelectMultiple,
        )


def _reviewers(project: Project) -> Any:
    return User.objects.filter(pk__in=reviewers_in(project)).order_by("name", "pk")


class MappingForm(QualityForm):
    """Who reviews which class, and whose labels."""

    part = "mapping"

    def stored(self, project: Project) -> dict[str, Any]:
        """The pools of now."""
        found: dict[str, Any] = {}
        for row in ReviewerMapping.objects.filter(project=project).select_related("annotator", "reviewer"):
            key = f"node_{row.node}" if row.annotator is None else f"user_{row.annotator.uuid}"
            found.setdefault(key, []).append(row.reviewer.uuid)
        return found

    def build(self, project: Project) -> None:
        """A pool for each class and each annotator."""
        self.classes, self.annotators = classes_of(project), annotators_of(project)
        reviewers = _reviewers(project)
        for one in (*self.classes, *self.annotators):
            self.fields[one.key] = PeopleField(reviewers=reviewers, label=f"Reviewers of {one.name}")

    def class_rows(self) -> list[Row]:
        """The pools by class."""
        return self.rows(self.classes, "")

    def annotator_rows(self) -> list[Row]:
        """The pools by annotator."""
        return self.rows(self.annotators, "")

    def values(self) -> dict[str, Any]:
        """Arguments of `set_mapping`."""
        pools = {key: list(people) for key, people in self.cleaned_data.items() if people}
        return {
            "by_node": {one.node: pools[one.key] for one in self.classes if one.key in pools},
            "by_annotator": {one.user: pools[one.key] for one in self.annotators if one.key in pools},
        }


class ExpertForm(QualityForm):
    """Expert review: whether, from which rejection on, by whom, and the stages."""

    part = "experts"
    is_on = forms.BooleanField(required=False, label="Expert review")
    after = forms.IntegerField(
        min_value=1,
        max_value=100,
        label="Rejections before an expert looks",
        help_text="The first rejection is number 1: from this one on a rejected label goes to an expert instead of the annotator.",  # noqa: E501
    )

    def stored(self, project: Project) -> dict[str, Any]:
        """The expert review of now."""
        settings = QualitySettings.objects.filter(project=project).first()
        found: dict[str, Any] = {
            "is_on": bool(settings and settings.is_expert_review),
            "after": settings.expert_after if settings else 2,
            "experts": [user.uuid for user in settings.experts.all()] if settings else [],
        }
        for stage in ExpertStage.objects.filter(project=project):
            found |= {f"share_{stage.iteration}": stage.share, f"action_{stage.iteration}": stage.action}
        return found

    def build(self, project: Project) -> None:
        """The pool, and a share and an action for each of the first iterations."""
        self.fields["experts"] = PeopleField(reviewers=_reviewers(project), label="Experts")
        for number in ITERATIONS:
            self.fields[f"share_{number}"] = PercentField(required=False, label=f"Share in review {number}")
            self.fields[f"action_{number}"] = forms.ChoiceField(
                required=False,
                choices=StageAction.choices,
                initial=StageAction.APPROVED,
                widget=forms.Select(attrs={"class": "form-select"}),
                label=f"Labels in review {number}",
            )

    def stage_rows(self) -> list[tuple[int, BoundField, BoundField]]:
        """Iteration, share and action."""
        return [(number, self[f"share_{number}"], self[f"action_{number}"]) for number in ITERATIONS]

    def values(self) -> dict[str, Any]:
        """Arguments of `set_experts`; an iteration without a share has no stage."""
        given = self.cleaned_data
        return {
            "is_on": given["is_on"],
            "after": given["after"],
            "experts": list(given["experts"]),
            "stages": [
                Stage(number, given[f"share_{number}"], given[f"action_{number}"])
                for number in ITERATIONS
                if given[f"share_{number}"] is not None
            ],
        }
