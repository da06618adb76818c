"""The quality settings of a project as plain values, and the verbs that change them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from projects.models import Project
from projects.permissions import Permission, people_with
from reviews.models import (
    ExpertStage,
    QualitySettings,
    RejectionReason,
    ReviewerMapping,
    SamplingRate,
    StageAction,
    Verdict,
)
from reviews.sampling import EVERYBODY, Pool, Pools, Rates, drawn

MOST_REASONS = 50


class QualityRefused(Exception):
    """The settings are not possible; the message says which and why, for people."""


@dataclass(frozen=True)
class Stage:
    """One expert stage: the share of labels of an outcome that an expert sees after a label's nth review."""

    iteration: int
    share: float
    action: str

    def takes(self, verdict: str) -> bool:
        """Whether the stage is about labels judged like this."""
        return self.action == StageAction.ALL or self.action == verdict


@dataclass(frozen=True)
class ExpertPolicy:
    """When a judged label goes to an expert: from its Xth rejection on, and by the stage of its nth review."""

    after: int
    pool: Pool = EVERYBODY
    stages: tuple[Stage, ...] = ()

    def wants(self, *, verdict: str, rejections: int, iteration: int, names: Iterable[object]) -> bool:
        """Whether an expert sees this label; `names` identify it for the draw."""
        if verdict == Verdict.REJECTED and rejections >= self.after:
            return True
        stage = self.stage_of(iteration)
        return stage is not None and stage.takes(verdict) and drawn(stage.share, "expert", iteration, *names)

    def stage_of(self, iteration: int) -> Stage | None:
        """The stage of a label's nth review; the last one holds for all that follow."""
        if not self.stages:
            return None
        last = self.stages[-1]
        return last if iteration >= last.iteration else self._exactly(iteration)

    def _exactly(self, iteration: int) -> Stage | None:
        return next((stage for stage in self.stages if stage.iteration == iteration), None)


@dataclass(frozen=True)
class Quality:
    """Everything that decides which labels of a submission are reviewed, and by whom."""

    rates: Rates
    pools: Pools
    one_review: bool
    experts: ExpertPolicy | None


def quality_of(project: Project) -> Quality:
    """The project's settings, or the defaults: everything is reviewed, by anybody who reviews."""
    settings = QualitySettings.objects.filter(project=project).first()
    rates = SamplingRate.objects.filter(project=project)
    return Quality(
        rates=Rates(
            overall=settings.sampling_rate if settings else 1.0,
            by_node={row.node: row.rate for row in rates if row.node},
            by_annotator={row.annotator_id: row.rate for row in rates if row.annotator_id},
        ),
        pools=_pools(project),
        one_review=settings.is_multi_review if settings else False,
        experts=_experts(settings) if settings and settings.is_expert_review else None,
    )


def _pools(project: Project) -> Pools:
    by_node: dict[str, set[int]] = {}
    by_annotator: dict[int, set[int]] = {}
    for row in ReviewerMapping.objects.filter(project=project):
        if row.annotator_id is None:
            by_node.setdefault(row.node, set()).add(row.reviewer_id)
        else:
            by_annotator.setdefault(row.annotator_id, set()).add(row.reviewer_id)
    return Pools(
        {node: frozenset(people) for node, people in by_node.items()},
        {annotator: frozenset(people) for annotator, people in by_annotator.items()},
    )


def _experts(settings: QualitySettings) -> ExpertPolicy:
    stages = ExpertStage.objects.filter(project=settings.project_id).order_by("iteration")
    return ExpertPolicy(
        after=settings.expert_after,
        pool=frozenset(settings.experts.values_list("pk", flat=True)),
        stages=tuple(Stage(stage.iteration, stage.share, stage.action) for stage in stages),
    )


def reviewers_in(project: Project) -> frozenset[int]:
    """Everybody who may review in the project now."""
    return people_with(project, Permission.REVIEW)


def reasons_of(project: Project) -> list[str]:
    """The project's default rejection reasons, in their order."""
    return list(RejectionReason.objects.filter(project=project).values_list("text", flat=True))


# ------------------------------------------------------------ changing
@transaction.atomic
def set_sampling(
    *,
    project: Project,
    actor: User,
    overall: float,
    by_node: Mapping[str, float],
    by_annotator: Mapping[User, float],
    one_review: bool,
) -> QualitySettings:
    """Replace the sampling rates (0 to 1) and the way reviews are cut; holds for later submissions.

    Raises QualityRefused for a rate out of range.
    """
    if not all(0 <= rate <= 1 for rate in (overall, *by_node.values(), *by_annotator.values())):
        raise QualityRefused("A sampling rate is between 0 and 100 %.")
    settings = _settings(project, actor)
    before = _sampling_as_json(project, settings)
    settings.sampling_rate, settings.is_multi_review = overall, one_review
    settings.save()
    SamplingRate.objects.filter(project=project).delete()
    SamplingRate.objects.bulk_create(
        [SamplingRate(project=project, node=node, rate=rate) for node, rate in by_node.items()]
        + [SamplingRate(project=project, annotator=user, rate=rate) for user, rate in by_annotator.items()]
    )
    _audit(project, actor, settings, "change sampling", before, _sampling_as_json(project, settings))
    return settings


@transaction.atomic
def set_reasons(*, project: Project, actor: User, reasons: Iterable[str]) -> list[str]:
    """Replace the default rejection reasons; blank ones and repetitions are left out. Raises QualityRefused."""
    wanted = list(dict.fromkeys(text for reason in reasons if (text := " ".join(reason.split()))))
    if len(wanted) > MOST_REASONS:
        raise QualityRefused(f"At most {MOST_REASONS} default reasons are kept.")
    if too_long := next((text for text in wanted if len(text) > 200), None):
        raise QualityRefused(f"A reason has at most 200 characters: “{too_long[:60]}…” is longer.")
    settings = _settings(project, actor)
    before = reasons_of(project)
    RejectionReason.objects.filter(project=project).delete()
    RejectionReason.objects.bulk_create(
        RejectionReason(project=project, text=text, position=place) for place, text in enumerate(wanted)
    )
    _audit(project, actor, settings, "change rejection reasons", {"reasons": before}, {"reasons": wanted})
    return wanted


@transaction.atomic
def set_mapping(
    *,
    project: Project,
    actor: User,
    by_node: Mapping[str, Iterable[User]],
    by_annotator: Mapping[User, Iterable[User]],
) -> None:
    """Replace who reviews which class and whose labels. Raises QualityRefused for people who do not review."""
    able = reviewers_in(project)
    rows = [
        ReviewerMapping(project=project, node=node, reviewer=reviewer)
        for node, people in by_node.items()
        for reviewer in dict.fromkeys(people)
    ] + [
        ReviewerMapping(project=project, annotator=annotator, reviewer=reviewer)
        for annotator, people in by_annotator.items()
        for reviewer in dict.fromkeys(people)
    ]
    if unable := next((row.reviewer for row in rows if row.reviewer_id not in able), None):
        raise QualityRefused(f"{unable} has no role in this project that reviews.")
    settings = _settings(project, actor)
    before = _mapping_as_json(project)
    ReviewerMapping.objects.filter(project=project).delete()
    ReviewerMapping.objects.bulk_create(rows)
    _audit(project, actor, settings, "change reviewer mapping", before, _mapping_as_json(project))


@transaction.atomic
def set_experts(
    *,
    project: Project,
    actor: User,
    is_on: bool,
    after: int,
    experts: Iterable[User],
    stages: Iterable[Stage],
) -> QualitySettings:
    """Replace the expert review. Raises QualityRefused for stages or people that cannot be."""
    chosen, people = sorted(stages, key=lambda stage: stage.iteration), list(dict.fromkeys(experts))
    _check_stages(chosen, after)
    able = reviewers_in(project)
    if unable := next((user for user in people if user.pk not in able), None):
        raise QualityRefused(f"{unable} has no role in this project that reviews.")
    settings = _settings(project, actor)
    before = _experts_as_json(settings)
    settings.is_expert_review, settings.expert_after = is_on, after
    settings.save()
    settings.experts.set(people)
    ExpertStage.objects.filter(project=project).delete()
    ExpertStage.objects.bulk_create(
        ExpertStage(project=project, iteration=one.iteration, share=one.share, action=one.action)
        for one in chosen
    )
    _audit(project, actor, settings, "change expert review", before, _experts_as_json(settings))
    return settings


def _check_stages(stages: list[Stage], after: int) -> None:
    if after < 1:
        raise QualityRefused("The number of rejections is at least 1.")
    if len({stage.iteration for stage in stages}) < len(stages):
        raise QualityRefused("Each iteration has one stage.")
    for stage in stages:
        if stage.iteration < 1 or not 0 <= stage.share <= 1 or stage.action not in StageAction.values:
            raise QualityRefused("A stage has an iteration from 1, a share from 0 to 100 %, and an action.")
    if stages and stages[-1].action != StageAction.APPROVED:
        raise QualityRefused("The last stage takes approved labels only: it would never end otherwise.")


def _settings(project: Project, actor: User) -> QualitySettings:
    """The project's row, locked; made when it is first needed."""
    QualitySettings.objects.get_or_create(project=project)
    settings = QualitySettings.objects.select_for_update().get(project=project)
    settings.updated_at, settings.updated_by = timezone.now(), actor
    return settings


def _sampling_as_json(project: Project, settings: QualitySettings) -> dict:
    rows = SamplingRate.objects.filter(project=project).select_related("annotator").order_by("pk")
    return {
        "overall": settings.sampling_rate,
        "one review": settings.is_multi_review,
        "rates": {row.node or str(row.annotator): row.rate for row in rows},
    }


def _mapping_as_json(project: Project) -> dict:
    rows = ReviewerMapping.objects.filter(project=project).select_related("annotator", "reviewer")
    found: dict[str, list[str]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(row.node or str(row.annotator), []).append(str(row.reviewer))
    return found


def _experts_as_json(settings: QualitySettings) -> dict:
    return {
        "on": settings.is_expert_review,
        "after": settings.expert_after,
        "experts": sorted(map(str, settings.experts.all())),
        "stages": [str(stage) for stage in ExpertStage.objects.filter(project=settings.project_id)],
    }


def _audit(
    project: Project, actor: User, settings: QualitySettings, action: str, before: dict, after: dict
) -> None:
    settings.save(update_fields=["updated_at", "updated_by"])
    record(
        organisation=project.organisation,
        actor=actor,
        action=action,
        target=settings,
        root=project,
        before=before,
        after=after,
    )
