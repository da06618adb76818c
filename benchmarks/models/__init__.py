"""Rows of training projects: set-up, gold, copies of tasks, scores and publications."""

from benchmarks.models.facts import (
    CriterionTotal,
    Evaluation,
    EvaluationLabel,
    OutcomeTotal,
    Publication,
    SampleDraw,
    SampleRow,
    TaskScore,
)
from benchmarks.models.setup import (
    BenchmarkFunction,
    FeedbackLevel,
    FeedbackMoment,
    FunctionWeight,
    GoldItem,
    GoldTask,
    GoldVersion,
    SourceProject,
    TaskCopy,
    TrainingKind,
    TrainingProject,
    WizardDraft,
)

__all__ = [
    "BenchmarkFunction",
    "CriterionTotal",
    "Evaluation",
    "EvaluationLabel",
    "FeedbackLevel",
    "FeedbackMoment",
    "FunctionWeight",
    "GoldItem",
    "GoldTask",
    "GoldVersion",
    "OutcomeTotal",
    "Publication",
    "SampleDraw",
    "SampleRow",
    "SourceProject",
    "TaskCopy",
    "TaskScore",
    "TrainingKind",
    "TrainingProject",
    "WizardDraft",
]
