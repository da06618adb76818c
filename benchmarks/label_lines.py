"""The CSV of evaluation labels as bytes: COPY on PostgreSQL, lines made here on SQLite; the same bytes from both.

Points are the formula of benchmarks/points.py with the weights as small tables: 85,000 lines a second instead of a
subquery per weight. Texts that people typed are made neutral here and reach the statement as tables; identifiers of
labels, which are on every line, are made neutral in SQL by the same rule.

Lines end in a line feed, numbers are the shortest text that reads back as the same number, whole ones without a point.
"""

# ruff: noqa: S608  every statement here is built from constants of this module; values are parameters

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from itertools import islice
from typing import Any

import orjson
from django.db import connection, transaction

import scoring
from benchmarks.kernel_input import ontology_of
from benchmarks.models import (
    FunctionWeight,
    GoldItem,
    Outcome,
    Publication,
    TaskCopy,
    TrainingProject,
)
from benchmarks.results import counting_evaluations
from benchmarks.sums import COUNTING, counting_parameters
from formats.spreadsheet import FORMULA_STARTS, neutral
from jobs.models import RowState
from scoring.label_cells import CELL_COLUMNS, attribute_names

LABEL_COLUMNS = (
    *("project", "annotator", "email", "attempt", "task", "file"),
    *CELL_COLUMNS,
    *("function_version", "gold_version", "engine_version", "submitted_at"),
)
PIECE_BYTES = 64 * 1024
EVALUATIONS_AT_ONCE = 200
TEXTS_KEPT = 20_000
CHARGED = (Outcome.EXTRA.value, Outcome.DUPLICATE.value)


def quoted(text: str) -> str:
    """A text as one CSV cell, as COPY writes it."""
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def number(value: float | None) -> str:
    """A number as PostgreSQL writes it, for everything below 1e15: 0.5, 1, 1e-05; none is empty."""
    if value is None:
        return ""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


@dataclass
class Lookups:
    """What the lines of one publication have in common: names made neutral, and weights by criterion."""

    publication: Publication
    title: str
    weights: dict[str, float]
    classes: dict[str, str]
    # Attribute hash -> its name as a JSON string.
    attributes: dict[str, str]
    options: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, training: TrainingProject, publication: Publication) -> "Lookups":
        ontology = ontology_of(training)
        weights = FunctionWeight.objects.filter(function=publication.function_id)
        found = dict(weights.values_list("criterion", "weight"))
        return cls(
            publication,
            neutral(training.project.title),
            found,
            {item.hash: neutral(item.name) for item in ontology.items.values()},
            {key: orjson.dumps(name).decode() for key, name in attribute_names(ontology).items()},
            [
                tuple(key.removeprefix("classification:").rsplit("=", 1))
                for key in found
                if key.startswith("classification:") and "=" in key
            ],
        )

    def weight(self, key: str) -> float:
        return self.weights.get(key, 0.0)

    @property
    def versions(self) -> tuple[int, int, str]:
        one = self.publication
        return one.function.number, one.gold_version.number, one.engine_version


def label_bytes(training: TrainingProject) -> Iterator[bytes]:
    """The file in pieces of some 64 kB: every evaluation label of the publication; memory does not grow with it."""
    publication = training.publication
    yield header(LABEL_COLUMNS)
    if publication is None:
        return
    lookups = Lookups.of(training, publication)
    if connection.vendor == "postgresql":
        yield from _copied(lookups)
    else:
        yield from in_pieces(lines(lookups))


def header(columns: Iterable[str]) -> bytes:
    """The first line, with the mark by which spreadsheets know the encoding."""
    return ("\ufeff" + ",".join(columns) + "\n").encode()


def in_pieces(texts: Iterator[str]) -> Iterator[bytes]:
    """Lines joined to pieces, so that no layer above handles them one by one."""
    while some := list(islice(texts, 300)):
        yield "".join(some).encode()


# ------------------------------------------------------------ lines made here

Row = tuple[Any, ...]
# A function that gives one more cell for a row.
More = Callable[[Row], str]
_COLUMNS = (
    *("evaluation_id", "frame", "outcome", "gold_id", "submitted_id", "gold_node", "submitted_node"),
    *("similarity", "iou_value", "category_value", "track_value", "classification_value"),
    *("classification_answer", "submitted_share"),
)


def lines(lookups: Lookups, more: More | None = None) -> Iterator[str]:
    """Every line of the file, by evaluation and position, on any database; `more` gives a further cell of a row."""
    make = LineMaker(lookups)
    heads = _heads(lookups)
    order = ", ".join(f"l.{name}" for name in _COLUMNS)
    while batch := dict(islice(heads, EVALUATIONS_AT_ONCE)):
        statement = f"""
            SELECT {order}, CAST(l.attributes AS TEXT), l.reason FROM benchmarks_evaluationlabel l
            WHERE l.evaluation_id IN ({", ".join(map(str, batch))}) ORDER BY l.evaluation_id, l.position"""
        with connection.cursor() as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(2000):
                for row in rows:
                    head, tail = batch[row[0]]
                    last = "," + quoted(more(row)) if more else ""
                    yield f"{head},{make.line(row)},{tail}{last}\n"


def fact_of(row: Row) -> scoring.LabelFact:
    """The kernel's fact of a row of `lines`."""
    _, frame, outcome, gold_id, submitted_id, gold_node, submitted_node, similarity = row[:8]
    iou, category, track, classification, answer, share, attributes, reason = row[8:]
    return scoring.LabelFact(
        frame=frame,
        outcome=scoring.Outcome(outcome),
        gold_id=gold_id or None,
        submitted_id=submitted_id or None,
        gold_node=gold_node or None,
        submitted_node=submitted_node or None,
        similarity=similarity,
        iou_value=iou,
        category_value=category,
        track_value=track,
        classification_value=classification,
        classification_answer=answer or None,
        attributes={key: scoring.AttributeFact(*one) for key, one in orjson.loads(attributes).items()},
        submitted_share=share,
        reason=reason,
    )


def _heads(lookups: Lookups) -> Iterator[tuple[int, tuple[str, str]]]:
    """(key, (the cells before and behind those of a label)) of every evaluation, in the order of keys."""
    evaluations = counting_evaluations(lookups.publication).filter(state=RowState.DONE)
    found = evaluations.order_by("pk").values_list(
        "pk",
        "copy__annotator__name",
        "copy__annotator__email",
        "copy__attempt",
        "copy__task__uuid",
        "copy__item__file__title",
        "submission__submitted_at",
    )
    title, versions = quoted(lookups.title), ",".join(map(str, lookups.versions))
    for pk, name, email, attempt, task, file, submitted_at in found.iterator(chunk_size=2000):
        who = f"{quoted(neutral(name))},{quoted(neutral(email))}"
        when = submitted_at.astimezone(UTC).isoformat(timespec="microseconds")
        yield pk, (f"{title},{who},{attempt},{task},{quoted(neutral(file))}", f"{versions},{when}")


class LineMaker:
    """The cells of CELL_COLUMNS for rows of _COLUMNS; what repeats from row to row is made once."""

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self._texts: dict[str, str] = {}
        self._facts: dict[str, tuple[str, float, float]] = {"{}": ("", 0.0, 0.0)}
        self._kinds: dict[tuple[str, str, str, str], tuple[Any, ...]] = {}

    def line(self, row: Row) -> str:
        """One label's cells, with commas between."""
        _, frame, outcome, gold_id, submitted_id, gold_node, submitted_node, similarity = row[:8]
        iou, category, track, classification, answer, share, facts = row[8:15]
        kind = self._kinds.get((outcome, gold_node, submitted_node, answer))
        if kind is None:
            kind = self._kind(outcome, gold_node, submitted_node, answer)
        names, iou_weight, category_weight, track_weight, class_weight, texts, charge = kind
        cells = self._facts.get(facts)
        if cells is None:
            cells = self._attributes(facts)
        attributes, from_attributes, of_attributes = cells
        earned = available = 0.0
        iou_text = category_text = track_text = class_text = ","
        if iou is not None:
            earned, available = earned + iou * iou_weight, available + iou_weight
            iou_text = f"{number(iou)},{texts[0]}"
        if category is not None:
            earned, available = earned + category * category_weight, available + category_weight
            category_text = f"{number(category)},{texts[1]}"
        if track is not None:
            earned, available = earned + track * track_weight, available + track_weight
            track_text = f"{number(track)},{texts[2]}"
        if classification is not None:
            earned, available = earned + classification * class_weight, available + class_weight
            class_text = f"{number(classification)},{texts[3]}"
        earned, available = earned + from_attributes, available + of_attributes
        cost = ""
        if charge is not None:
            available = charge[0] + charge[1] * (0.0 if share is None else share)
            cost = number(available)
        text = self._texts.get
        gold = text(gold_id) or self._text(gold_id)
        own = text(submitted_id) or self._text(submitted_id)
        return (
            f"{frame},{outcome},{gold},{own},{names},{number(similarity)},{iou_text},{category_text},{track_text},"
            f"{attributes},{class_text},{cost},{number(earned)},{number(available)}"
        )

    def _kind(self, outcome: str, gold_node: str, submitted_node: str, answer: str) -> tuple[Any, ...]:
        weight, classes = self.lookups.weight, self.lookups.classes
        plain = f"classification:{gold_node}"
        weights = (
            weight(f"iou:{gold_node}"),
            weight(f"category:{gold_node}"),
            weight(f"track:{gold_node}"),
            weight(f"{plain}={answer}" if answer else plain),
        )
        key = f"{outcome}:{submitted_node}"
        charge = (weight(key), weight(f"{key}=static")) if outcome in CHARGED else None
        names = ",".join(quoted(classes.get(node, node)) for node in (gold_node, submitted_node))
        kind = (names, *weights, [number(one) for one in weights], charge)
        self._kinds[(outcome, gold_node, submitted_node, answer)] = kind
        return kind

    def _text(self, text: str) -> str:
        if len(self._texts) >= TEXTS_KEPT:
            self._texts.clear()
        found = self._texts[text] = quoted(neutral(text))
        return found

    def _attributes(self, facts: str) -> tuple[str, float, float]:
        """The attributes as JSON (name -> [value, weight], value x weight being the points), earned, available."""
        if len(self._facts) >= TEXTS_KEPT:
            self._facts.clear()
        cells, earned, available = [], 0.0, 0.0
        for key, (value, share, answer) in sorted(orjson.loads(facts).items()):
            criterion = f"attribute:{key}" if answer is None else f"attribute:{key}={answer}"
            weight = self.lookups.weight(criterion) * share
            name = self.lookups.attributes.get(key) or orjson.dumps(key).decode()
            cells.append(f"{name}:[{number(float(value))},{number(weight)}]")
            earned, available = earned + value * weight, available + weight
        text = quoted("{" + ",".join(cells) + "}") if cells else ""
        found = self._facts[facts] = (text, earned, available)
        return found


# ------------------------------------------------------------ lines made by PostgreSQL

# The first character settles nearly every identifier; the others are looked at by the rule of `neutral`.
_NEUTRAL = """
    CASE WHEN l.{0} = '' THEN NULL
         WHEN ascii(l.{0}) BETWEEN 65 AND 126 OR ascii(l.{0}) BETWEEN 48 AND 60 THEN l.{0}
         WHEN l.{0} ~ %s THEN '''' || l.{0}
         ELSE l.{0} END"""


def _ranges(characters: Iterable[int]) -> str:
    """Code points as the inside of a character class."""
    found: list[list[int]] = []
    for code in characters:
        if found and code == found[-1][1] + 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in found)


def _formula_pattern() -> str:
    """What `neutral` looks for, as a regular expression of PostgreSQL; surrogates and NUL cannot be in its texts."""
    unseen = (
        code
        for code in range(1, sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF and (not chr(code).isprintable() or chr(code).isspace())
    )
    starts = "".join(f"\\U{ord(one):08x}" for one in FORMULA_STARTS)
    return f"^[{_ranges(unseen)}]*[{starts}]"


_pattern: list[str] = []


def _copied(lookups: Lookups) -> Iterator[bytes]:
    statement, parameters = copy_statement(lookups)
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling the statement takes longer than it saves.
        cursor.execute("SET LOCAL jit = off")
        # Django's wrapper of debugging takes no parameters for COPY; the cursor below it does.
        yield from _pieces(cursor.cursor.copy(statement, parameters))


def _pieces(copying: Any) -> Iterator[bytes]:
    with copying as copy:
        piece: list[bytes] = []
        size = 0
        for row in copy:
            piece.append(row)
            size += len(row)
            if size >= PIECE_BYTES:
                yield b"".join(piece)
                piece.clear()
                size = 0
        yield b"".join(piece)


def copy_statement(lookups: Lookups) -> tuple[str, list[Any]]:
    """COPY of the whole file, and its parameters."""
    publication = lookups.publication
    if not _pattern:
        _pattern.append(_formula_pattern())
    people = TaskCopy.objects.filter(training=publication.training_id).order_by().distinct()
    annotators = list(people.values_list("annotator", "annotator__name", "annotator__email"))
    files = list(GoldItem.objects.filter(training=publication.training_id).values_list("pk", "file__title"))
    nodes = list(lookups.classes)
    kinds = ("iou", "category", "track", "classification", "extra", "duplicate")
    node_weights = [[lookups.weight(f"{kind}:{node}") for node in nodes] for kind in kinds]
    static = [[lookups.weight(f"{kind}:{node}=static") for node in nodes] for kind in CHARGED]
    attribute_keys = [
        key.removeprefix("attribute:") for key in lookups.weights if key.startswith("attribute:")
    ]
    with_attributes = bool(lookups.attributes)
    parameters: list[Any] = [
        [pk for pk, _, _ in annotators],
        [neutral(name) for _, name, _ in annotators],
        [neutral(email) for _, _, email in annotators],
        [pk for pk, _ in files],
        [neutral(title) for _, title in files],
        nodes,
        list(lookups.classes.values()),
        *node_weights,
        *static,
        # Written out once, not on every line.
        *([number(one) for one in weights] for weights in node_weights[:2]),
        [node for node, _ in lookups.options],
        [answer for _, answer in lookups.options],
        [lookups.weight(f"classification:{node}={answer}") for node, answer in lookups.options],
    ]
    if with_attributes:
        parameters += [
            attribute_keys,
            [lookups.weight(f"attribute:{key}") for key in attribute_keys],
            list(lookups.attributes),
            list(lookups.attributes.values()),
        ]
    parameters += [*counting_parameters(publication), lookups.title, _pattern[0], _pattern[0]]
    parameters += map(str, lookups.versions)
    return _COPY.format(
        counting=COUNTING,
        gold_id=_NEUTRAL.format("gold_id"),
        submitted_id=_NEUTRAL.format("submitted_id"),
        attribute_tables=_ATTRIBUTE_TABLES if with_attributes else "",
        attribute_join=_ATTRIBUTE_JOIN if with_attributes else _NO_ATTRIBUTES,
    ), parameters


_ATTRIBUTE_TABLES = """
  answer_weights AS MATERIALIZED (SELECT * FROM unnest(%s::text[], %s::float8[]) AS t(key, weight)),
  attribute_names AS MATERIALIZED (SELECT * FROM unnest(%s::text[], %s::text[]) AS t(hash, name)),
"""
# Without any other condition on the join, PostgreSQL remembers what it found for the same attributes ("Memoize").
_ATTRIBUTE_JOIN = """
  LEFT JOIN LATERAL (
    SELECT '{' || string_agg(
             COALESCE(n.name, to_json(a.key)::text) || ':[' || (a.value->>0)::float8::text || ','
               || (COALESCE(w.weight, 0) * (a.value->>1)::float8)::text || ']',
             ',' ORDER BY a.key COLLATE "C") || '}' AS cell,
           SUM((a.value->>0)::float8 * (COALESCE(w.weight, 0) * (a.value->>1)::float8)
             ORDER BY a.key COLLATE "C") AS earned,
           SUM(COALESCE(w.weight, 0) * (a.value->>1)::float8 ORDER BY a.key COLLATE "C") AS available
    FROM jsonb_each(l.attributes) a
    LEFT JOIN answer_weights w ON w.key = a.key || COALESCE('=' || (a.value->>2), '')
    LEFT JOIN attribute_names n ON n.hash = a.key
  ) att ON TRUE
"""
_NO_ATTRIBUTES = "CROSS JOIN (SELECT NULL::text AS cell, 0::float8 AS earned, 0::float8 AS available) att"
_COPY = """
COPY (
  WITH people AS MATERIALIZED (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS t(id, name, email)),
  files AS MATERIALIZED (SELECT * FROM unnest(%s::bigint[], %s::text[]) AS t(id, title)),
  nodes AS MATERIALIZED (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::float8[], %s::float8[], %s::float8[], %s::float8[],
                         %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::text[], %s::text[])
      AS t(node, name, iou, category, track, classification, extra, duplicate, extra_static, duplicate_static,
           iou_text, category_text)),
  options AS MATERIALIZED (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::float8[]) AS t(node, answer, weight)),
  {attribute_tables}
  heads AS MATERIALIZED (
    SELECT e.id, NULLIF(p.name, '') AS name, NULLIF(p.email, '') AS email, c.attempt::text AS attempt,
           task.uuid::text AS task, NULLIF(f.title, '') AS title,
           to_char(s.submitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS submitted_at
    FROM benchmarks_evaluation e
    JOIN benchmarks_taskcopy c ON c.id = e.copy_id
    JOIN projects_task task ON task.id = c.task_id
    JOIN labels_submission s ON s.id = e.submission_id
    JOIN people p ON p.id = c.annotator_id
    JOIN files f ON f.id = c.item_id
    WHERE {counting})
  SELECT NULLIF(%s, ''), h.name, h.email, h.attempt, h.task, h.title,
    l.frame, l.outcome, {gold_id}, {submitted_id},
    COALESCE(g.name, NULLIF(l.gold_node, '')), COALESCE(o.name, NULLIF(l.submitted_node, '')), l.similarity,
    l.iou_value, CASE WHEN l.iou_value IS NOT NULL THEN COALESCE(g.iou_text, '0') END,
    l.category_value, CASE WHEN l.category_value IS NOT NULL THEN COALESCE(g.category_text, '0') END,
    l.track_value, w.track, att.cell,
    l.classification_value, w.classification, w.charge,
    COALESCE(l.iou_value * w.iou, 0) + COALESCE(l.category_value * w.category, 0)
      + COALESCE(l.track_value * w.track, 0) + COALESCE(l.classification_value * w.classification, 0)
      + COALESCE(att.earned, 0),
    COALESCE(w.charge, COALESCE(w.iou, 0) + COALESCE(w.category, 0) + COALESCE(w.track, 0)
      + COALESCE(w.classification, 0) + COALESCE(att.available, 0)),
    %s::text, %s::text, %s::text, h.submitted_at
  FROM heads h
  JOIN benchmarks_evaluationlabel l ON l.evaluation_id = h.id
  LEFT JOIN nodes g ON g.node = l.gold_node
  LEFT JOIN nodes o ON o.node = l.submitted_node
  LEFT JOIN options k ON k.node = l.gold_node AND k.answer = l.classification_answer
  CROSS JOIN LATERAL (SELECT
    CASE WHEN l.iou_value IS NOT NULL THEN COALESCE(g.iou, 0) END AS iou,
    CASE WHEN l.category_value IS NOT NULL THEN COALESCE(g.category, 0) END AS category,
    CASE WHEN l.track_value IS NOT NULL THEN COALESCE(g.track, 0) END AS track,
    CASE WHEN l.classification_value IS NOT NULL THEN
      COALESCE(CASE WHEN l.classification_answer = '' THEN g.classification ELSE k.weight END, 0)
    END AS classification,
    CASE l.outcome
      WHEN 'extra' THEN COALESCE(o.extra, 0) + COALESCE(o.extra_static, 0) * COALESCE(l.submitted_share, 0)
      WHEN 'duplicate' THEN
        COALESCE(o.duplicate, 0) + COALESCE(o.duplicate_static, 0) * COALESCE(l.submitted_share, 0)
    END AS charge) w
  {attribute_join}
  ORDER BY l.evaluation_id, l.position
) TO STDOUT (FORMAT csv)
"""
