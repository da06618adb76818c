"""Points of evaluation labels under a function: one SQL expression, shared by the list and its filters.

It mirrors the kernel's `criteria_of` and `label_points`: earned = sum(weight x value x share), available =
sum(weight x share). Weights come from FunctionWeight, which holds every key that a label can carry; tests hold the
two against each other.
"""

# ruff: noqa: S608  every statement here is built from constants of this module; values are parameters

from django.db import connection
from django.db.models import FloatField, QuerySet
from django.db.models.expressions import RawSQL

from benchmarks.models import EvaluationLabel

LABEL = "benchmarks_evaluationlabel"


def _weight(criterion_sql: str) -> str:
    """Weight of one criterion key, 0 when the function has none; takes the function as parameter."""
    return (
        "COALESCE((SELECT w.weight FROM benchmarks_functionweight w "
        f"WHERE w.function_id = %s AND w.criterion = {criterion_sql}), 0)"
    )


CLASSIFICATION_KEY = (
    f"'classification:' || {LABEL}.gold_node || "
    f"CASE WHEN {LABEL}.classification_answer = '' THEN '' ELSE '=' || {LABEL}.classification_answer END"
)
# Column of the value, and the criterion key that weighs it.
CRITERIA = {
    "iou": ("iou_value", f"'iou:' || {LABEL}.gold_node"),
    "category": ("category_value", f"'category:' || {LABEL}.gold_node"),
    "track": ("track_value", f"'track:' || {LABEL}.gold_node"),
    "classification": ("classification_value", CLASSIFICATION_KEY),
}


def _attribute_points(earned: bool) -> str:
    """Sum over a label's attributes; takes the function as parameter."""
    if connection.vendor == "postgresql":
        rows = f"jsonb_each({LABEL}.attributes) AS a"
        value, share, answer = "(a.value->>0)::float8", "(a.value->>1)::float8", "a.value->>2"
    else:
        rows = f"json_each({LABEL}.attributes) AS a"
        value, share, answer = (f"json_extract(a.value, '$[{index}]')" for index in range(3))
    amount = f"{value} * {share}" if earned else share
    return f"""COALESCE((
        SELECT SUM({amount} * w.weight) FROM {rows}
        JOIN benchmarks_functionweight w ON w.function_id = %s
         AND w.criterion = 'attribute:' || a.key || COALESCE('=' || ({answer}), '')), 0)"""


def _charge() -> str:
    """What an extra or duplicate label costs: its weight, and the static part by the share of its frames."""
    key = f"{LABEL}.outcome || ':' || {LABEL}.submitted_node"
    static_key = f"{key} || '=static'"
    return f"{_weight(key)} + {_weight(static_key)} * COALESCE({LABEL}.submitted_share, 0)"


def earned_points(function_id: int) -> RawSQL:
    """Points a label earned, as an annotation of EvaluationLabel."""
    parts = [f"COALESCE({LABEL}.{column}, 0) * {_weight(key)}" for column, key in CRITERIA.values()]
    sql = " + ".join([*parts, _attribute_points(earned=True)])
    return RawSQL(sql, [function_id] * 5, output_field=FloatField())  # noqa: S611 constants only


def available_points(function_id: int) -> RawSQL:
    """Points a label could have earned, as an annotation of EvaluationLabel."""
    parts = [
        f"CASE WHEN {LABEL}.{column} IS NULL THEN 0 ELSE {_weight(key)} END"
        for column, key in CRITERIA.values()
    ]
    sql = (
        f"CASE WHEN {LABEL}.outcome IN ('extra', 'duplicate') THEN {_charge()} "
        f"ELSE {' + '.join([*parts, _attribute_points(earned=False)])} END"
    )
    return RawSQL(sql, [function_id] * 7, output_field=FloatField())  # noqa: S611 constants only


def with_points(labels: QuerySet[EvaluationLabel], function_id: int) -> QuerySet[EvaluationLabel]:
    """Labels with `earned` and `available` under a function version."""
    return labels.annotate(earned=earned_points(function_id), available=available_points(function_id))
