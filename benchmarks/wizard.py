"""The "New training project" wizard: a draft's answers, resolved into what they refer to now.

Answers are kept as typed, word for word, so that a reload or a step back loses nothing. What they name (sources, tags,
people) is looked up anew each time: something that vanished since simply is not chosen any more. Sources and weights
are kept per ontology, so that trying another ontology and coming back loses nothing either.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.models import Organisation, Tag, User
from benchmarks.function_form import FunctionForm
from benchmarks.gold import gold_counts, gold_of_tasks
from benchmarks.models import TrainingKind, WizardDraft
from benchmarks.offer import Offer
from benchmarks.sources import (
    DuplicateFile,
    OntologyOption,
    SourceOption,
    duplicate_files,
    gold_tasks,
    ontology_options,
    source_options,
)
from benchmarks.trainees import Trainees, chosen_trainees
from projects.models import Project
from scoring import Ontology, default_function

STEPS = {"details": "Details", "ontology": "Ontology", "data": "Training data", "trainees": "Trainees"}
EXAMPLES_AT_MOST = 200
"""So many gold tasks are looked through for empty ones and for the worked example."""


@dataclass(frozen=True)
class DraftLink:
    """An unfinished wizard, for the notice on the projects page."""

    uuid: Any
    title: str
    saved_at: datetime
    url: str


def open_drafts(user: User, organisation: Organisation) -> list[DraftLink]:
    """The person's unfinished wizards in the organisation, newest first."""
    drafts = WizardDraft.objects.filter(user=user, organisation=organisation, project=None)
    return [
        DraftLink(
            uuid=draft.uuid,
            title=draft.answers.get("details", {}).get("title") or "A training project without a name",
            saved_at=draft.updated_at,
            url=reverse(
                "benchmarks:wizard_step",
                args=[organisation.slug, draft.uuid, draft.answers.get("at", "details")],
            ),
        )
        for draft in drafts.order_by("-updated_at")[:3]
    ]


@dataclass
class Wizard:
    """One person's draft in one organisation. Everything is read on first use."""

    draft: WizardDraft
    user: User
    organisation: Organisation

    @property
    def details(self) -> dict[str, Any]:
        return self.draft.answers.get("details", {})

    @property
    def title(self) -> str:
        return self.details.get("title") or "New training project"

    @property
    def kind(self) -> str:
        """Exam; the model also knows practices, which the wizard does not offer yet."""
        return TrainingKind.EXAM

    @cached_property
    def tags(self) -> list[Tag]:
        chosen = self.details.get("tags", [])
        return list(Tag.objects.filter(organisation=self.organisation, uuid__in=chosen).order_by("name"))

    # ------------------------------------------------------------ ontology
    @cached_property
    def ontologies(self) -> list[OntologyOption]:
        """Those that an eligible source uses."""
        return ontology_options(self.user, self.organisation)

    @cached_property
    def ontology(self) -> OntologyOption | None:
        """The chosen one, or the only one there is."""
        digest = self.draft.answers.get("ontology")
        if digest is None and len(self.ontologies) == 1:
            return self.ontologies[0]
        return next((option for option in self.ontologies if option.digest == digest), None)

    @cached_property
    def tree(self) -> Ontology:
        """The kernel's view of the chosen ontology."""
        assert self.ontology is not None
        return Ontology.from_structure(self.ontology.version.structure)

    @property
    def colors(self) -> dict[str, str]:
        """Colour by feature hash of item, for the table of weights."""
        assert self.ontology is not None
        structure = self.ontology.version.structure
        nodes = [*structure.get("objects", []), *structure.get("classifications", [])]
        return {node["featureNodeHash"]: node.get("color", "") for node in nodes}

    # ------------------------------------------------------------ training data
    @property
    def data(self) -> dict[str, Any]:
        """The answers of step 3 for the chosen ontology."""
        digest = self.ontology.digest if self.ontology else ""
        return self.draft.answers.get("data", {}).get(digest, {})

    @cached_property
    def source_options(self) -> list[SourceOption]:
        if self.ontology is None:
            return []
        return source_options(self.user, self.organisation, self.ontology.digest)

    @cached_property
    def chosen_options(self) -> list[SourceOption]:
        """The ticked sources in the order of the list, which is the order in which they count."""
        usable = [option for option in self.source_options if option.usable]
        if "sources" not in self.data:
            return usable if len(usable) == 1 else []
        chosen = set(self.data["sources"])
        return [option for option in usable if str(option.project.uuid) in chosen]

    @property
    def sources(self) -> list[Project]:
        return [option.project for option in self.chosen_options]

    @cached_property
    def duplicates(self) -> list[DuplicateFile]:
        return duplicate_files(self.sources)

    @cached_property
    def gold_task_count(self) -> int:
        """Files with gold over the chosen sources, each once."""
        return len(self._gold_tasks)

    @cached_property
    def _gold_tasks(self) -> list[Any]:
        return gold_tasks(self.sources) if self.sources else []

    @cached_property
    def _gold(self) -> list[Any]:
        return gold_of_tasks(self._gold_tasks)

    @property
    def gold_label_count(self) -> int:
        return sum(gold.label_count for gold in self._gold)

    @property
    def empty_gold_tasks(self) -> int:
        """Gold tasks without any label: frames on which nobody draws anything are not evaluated."""
        return sum(gold.label_count == 0 for gold in self._gold)

    @property
    def example_gold(self) -> list[Any]:
        """Some gold tasks to pick the worked example from."""
        return self._gold[:EXAMPLES_AT_MOST]

    @cached_property
    def form(self) -> FunctionForm:
        """The benchmark function as typed so far, over the defaults."""
        defaults = default_function(self.tree, kind=self.kind)
        return FunctionForm(self.tree, defaults, self.kind, dict(self.data.get("function", {})))

    @cached_property
    def offer(self) -> Offer:
        """What the chosen gold is worth under the function."""
        return self.form.offer(gold_counts(self.tree, (gold.document for gold in self._gold)))

    # ------------------------------------------------------------ trainees
    @cached_property
    def trainees(self) -> Trainees:
        chosen = self.draft.answers.get("trainees", {})
        return chosen_trainees(
            self.organisation,
            creator=self.user,
            people=chosen.get("people", {}),
            groups=chosen.get("groups", {}),
            sources=self.sources,
        )

    @property
    def copies(self) -> int:
        """Tasks x annotators: what "Create" makes."""
        return self.gold_task_count * self.trainees.annotator_count

    # ------------------------------------------------------------ how far
    def problems(self, step: str) -> list[str]:
        """Why a step is not finished; empty when it is. Field errors are beside their fields."""
        if step == "details":
            return [] if self.details.get("title", "").strip() else ["Give the project a title."]
        if step == "ontology":
            return [] if self.ontology else ["Choose an ontology."]
        if step == "data":
            found = [] if self.sources else ["Choose at least one source with usable gold tasks."]
            if self.ontology and not self.form.is_valid:
                found.append("Some values of the benchmark function cannot be used; they are marked below.")
            return found + (self.form.general_errors if self.ontology else [])
        return []

    def first_unfinished(self, before: str) -> str | None:
        """The first step before `before` that is not finished: later ones cannot be opened yet."""
        for step in STEPS:
            if step == before:
                return None
            if self.problems(step):
                return step
        return None


def number_of(step: str) -> int:
    """Place of a step, counted from 1."""
    return list(STEPS).index(step) + 1


def neighbour(step: str, offset: int) -> str | None:
    """The step before (-1) or after (1)."""
    names, place = list(STEPS), list(STEPS).index(step) + offset
    return names[place] if 0 <= place < len(names) else None
