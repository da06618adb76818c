"""The scoring engine: label documents in, facts and points out. No Django, no database, nothing of ours.

    ontology = Ontology.from_structure(structure)             # OntologyError
    function = default_function(ontology, kind="exam")        # or "practice"; type="dynamic" | "classification"
    Function.problems(ontology, form_dict)                    # [{"path", "message"}], [] when it is a function
    function = Function.from_dict(ontology, form_dict)        # InvalidFunction(.problems)
    function.to_dict()                                        # store this; from_dict gives an equal function back
    function.comparison_key()                                 # part of the unique key of an Evaluation

    facts = compare(ontology, function, gold, submitted, frames)     # never raises for bad labels
        gold, submitted: label documents (dicts); frames: [(width, height), ...] in pixels, by frame index
        facts.labels    [LabelFact]                    -> EvaluationLabel rows (LabelFact.to_dict())
        facts.totals    {criterion: (value_sum, count)} -> CriterionTotal rows
        facts.outcomes  {(node, outcome, gold_value, submitted_value): n} -> OutcomeTotal rows
        facts.rows()    plain tuples in the order of FACT_COLUMNS, for storage: no LabelFact is made; texts are ""
                        where there is none, numbers None, attributes {hash: (value, share, answer)}
    compare_many(ontology, function, [(gold, submitted, frames), ...])   # [Facts]; one set of arrays for small tasks
    prepare(ontology, gold, frames) gives columns that compare() takes in place of a document: read gold once.

    earned, available = score(facts.totals, function)         # totals of many tasks: add_totals([...])
    label_points(fact, function)   [Points(criterion, value, weight, points)]; sums over labels equal score()
    criteria_of(fact)              [Criterion(key, value, share)], the same without weights
    item_of(criterion, ontology)   the class or classification of a criterion, for scores by class

    explain(fact, function, ontology, gold=, submitted=, frame_size=, reveal_gold=False) -> [Explanation]
        gold, submitted: {"geometry": ..., "answers": {...}} of the two labels, from labels_by_place(document)
    explain_all(facts, function, ontology, gold_document, submitted_document, frames, reveal_gold=False)
        -> [(fact, [Explanation])]; headline(explanations) is one text for a list, reasons(explanations) for a table
    Side(ontology, document, frames), explain_fact(fact, function, gold_side, own_side, reveal_gold=False): many
        submissions of one gold document, each document read once

    balanced_answers / balanced_classes(ontology, function.weights, gold_counts) -> weights to put into a function

Editing a stored function: leave the keys named in its "derived" out of the form's weights, and they are derived anew
from the other weights; keep them (with "derived") and they stay frozen. Everything public is in `__all__`.
"""

from scoring.columns import Labels
from scoring.comparison import compare, compare_many
from scoring.documents import prepare
from scoring.explain import (
    Explanation,
    explain,
    explain_all,
    explain_fact,
    headline,
    reasons,
)
from scoring.facts import (
    FACT_COLUMNS,
    AttributeFact,
    FactRow,
    Facts,
    LabelFact,
    Outcome,
    OutcomeKey,
    Totals,
)
from scoring.function import Comparison, Function, InvalidFunction, ItemPoints, default_function
from scoring.ontology import Attribute, Item, Ontology, OntologyError, Option
from scoring.reading import Problem
from scoring.sides import Side, labels_by_place
from scoring.totals import (
    Criterion,
    Points,
    add_totals,
    criteria_of,
    item_of,
    label_points,
    outcome_counts,
    score,
    totals_of,
)
from scoring.weights import balanced_answers, balanced_classes

ENGINE_VERSION = "2"
"""Part of the unique key of an evaluation: raise it whenever a fact of any input could change."""

__all__ = [
    "ENGINE_VERSION",
    "FACT_COLUMNS",
    "Attribute",
    "AttributeFact",
    "Comparison",
    "Criterion",
    "Explanation",
    "FactRow",
    "Facts",
    "Function",
    "InvalidFunction",
    "Item",
    "ItemPoints",
    "LabelFact",
    "Labels",
    "Ontology",
    "OntologyError",
    "Option",
    "Outcome",
    "OutcomeKey",
    "Points",
    "Problem",
    "Side",
    "Totals",
    "add_totals",
    "balanced_answers",
    "balanced_classes",
    "compare",
    "compare_many",
    "criteria_of",
    "default_function",
    "explain",
    "explain_all",
    "explain_fact",
    "headline",
    "item_of",
    "label_points",
    "labels_by_place",
    "outcome_counts",
    "prepare",
    "reasons",
    "score",
    "totals_of",
]
