"""The form of a benchmark function as its templates draw it: rows of weights, comparison settings, what changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.function_fields import NumberField, comparison_fields, shown
from benchmarks.function_form import FunctionForm, orderable, scored_items
from scoring import Attribute, Item, Ontology, default_function

TYPES = (("dynamic", "Dynamic"), ("classification", "Single frame-level classification"))


@dataclass(frozen=True)
class Cell:
    """One number of a row: what was typed, what is wrong with it, and what it was before when it changed."""

    name: str
    label: str
    value: str
    error: str = ""
    before: str | None = None


@dataclass(frozen=True)
class Toggle:
    """One switch of a row; `before` is None unless it changed."""

    name: str
    label: str
    is_on: bool
    before: bool | None = None


@dataclass(frozen=True)
class FunctionRow:
    """An item (depth 0) or one of its attributes as the table of weights shows it."""

    node: str
    name: str
    kind: str
    depth: int
    item: Item
    scored: Toggle
    note: str = ""
    attribute_type: str = ""
    iou: Cell | None = None
    category: Cell | None = None
    attribute: Cell | None = None
    is_off: bool = False

    @property
    def shape(self) -> str:
        """What the row's icon shows: the shape of a class, the type of an attribute, or "classification"."""
        return self.attribute_type or self.item.shape or "classification"


@dataclass(frozen=True)
class ItemGroup:
    """An item with its attributes: one block of the table."""

    item: Item
    rows: list[FunctionRow]


@dataclass(frozen=True)
class SettingCell:
    """A number of the comparison settings with its label and help."""

    field: NumberField
    cell: Cell


@dataclass
class FunctionTable:
    """Draws a form; everything is taken from what was typed. `shows_changes` strikes old values through."""

    form: FunctionForm
    shows_changes: bool = False

    def cell(self, name: str, label: str) -> Cell:
        """A number field by name, for the templates."""
        value, before = self.form.typed.get(name, ""), self.form.initial.get(name, "")
        is_changed = self.shows_changes and before != value
        return Cell(name, label, value, self.form.errors.get(name, ""), before if is_changed else None)

    def toggle(self, name: str, label: str) -> Toggle:
        """A switch by name, for the templates."""
        is_on, before = self.form.is_on(name), bool(self.form.initial.get(name))
        is_changed = self.shows_changes and before != is_on
        return Toggle(name, label, is_on, before if is_changed else None)

    @property
    def types(self) -> list[dict[str, Any]]:
        """Both function types with which is chosen."""
        return [{"value": value, "label": label, "chosen": value == self.form.type} for value, label in TYPES]

    @cached_property
    def groups(self) -> list[ItemGroup]:
        """Every item that can be scored with its attributes, in the ontology's order."""
        return [ItemGroup(item, list(self._rows_of(item))) for item in scored_items(self.form.ontology)]

    @property
    def rows(self) -> list[FunctionRow]:
        """The rows of all groups."""
        return [row for group in self.groups for row in group.rows]

    @property
    def cells(self) -> list[Cell]:
        """Every number field, for its error and what it was before."""
        weights = [cell for row in self.rows for cell in (row.iou, row.category, row.attribute) if cell]
        return weights + [one.cell for one in self._settings]

    # ------------------------------------------------------------ comparison settings
    @cached_property
    def _settings(self) -> list[SettingCell]:
        fields = comparison_fields(self.form.ontology)
        return [SettingCell(one, self.cell(one.name, one.label)) for one in fields]

    @property
    def extra_cost(self) -> SettingCell:
        """The point setting that stands below the table."""
        return next(one for one in self._settings if one.field.key == "extra_cost")

    @property
    def settings_fields(self) -> list[SettingCell]:
        """Comparison settings of the whole function."""
        grouped = ("extra_cost", "full_marks", "tolerance")
        return [one for one in self._settings if one.field.key not in grouped]

    @property
    def full_marks_fields(self) -> list[SettingCell]:
        return [one for one in self._settings if one.field.key == "full_marks"]

    @property
    def tolerance_fields(self) -> list[SettingCell]:
        return [one for one in self._settings if one.field.key == "tolerance"]

    @property
    def ordered_toggles(self) -> list[Toggle]:
        """A switch for each radio attribute whose answers can be nearly right."""
        return [
            self.toggle(f"ordered:{attribute.hash}", attribute.name)
            for attribute in orderable(self.form.ontology)
        ]

    @property
    def has_setting_errors(self) -> bool:
        """Whether the folded part has to be open."""
        return any(one.cell.error for one in self._settings if one.field.key != "extra_cost")

    @property
    def needs_comparing(self) -> bool:
        return self.form.needs_comparing

    @property
    def settings_words(self) -> str:
        """The most important settings in one line."""
        comparison = self.form.function.comparison
        families = {item.family for item in self.form.ontology.objects}
        words = [f"Minimum overlap {shown(comparison.min_overlap['area'])}"] if "area" in families else []
        if "line" in families:
            words.append(f"line width {shown(100 * comparison.line_width)} %")
        if "point" in families:
            words.append(f"point tolerance {shown(100 * comparison.point_tolerance)} %")
        marks = set(comparison.full_marks.values())
        if len(marks) == 1:
            words.append(f"full marks from {shown(marks.pop())}")
        return " · ".join(words)

    @property
    def settings_state(self) -> str:
        """Whether these are the defaults."""
        defaults = default_function(self.form.ontology, kind=self.form.kind).comparison
        return "Defaults" if self.form.function.comparison == defaults else "Not the defaults"

    # ------------------------------------------------------------ rows

    @property
    def ignored(self) -> list[Item]:
        """Items the engine cannot score: their labels are neither missing nor extra."""
        return [item for item in self.form.ontology.ignored if not item.archived]

    def _rows_of(self, item: Item) -> Iterator[FunctionRow]:
        is_object = item.kind == "object"
        scored = self.toggle(f"scored:{item.hash}", f"Score {item.name}")
        is_off = not scored.is_on or (is_object and self.form.type == "classification")
        own = "category" if is_object else "classification"
        note = "" if is_object else ("whole task" if item.is_global else "per frame")
        yield FunctionRow(
            node=item.hash,
            name=item.name,
            kind=item.kind,
            depth=0,
            item=item,
            scored=scored,
            note=note,
            iou=self.cell(f"weight:iou:{item.hash}", f"IoU points of {item.name}") if is_object else None,
            category=self.cell(f"weight:{own}:{item.hash}", f"Category points of {item.name}"),
            is_off=is_off,
        )
        for attribute in item.attributes:
            if not attribute.archived:
                yield self._attribute_row(item, attribute, is_off)

    def _attribute_row(self, item: Item, attribute: Attribute, is_off: bool) -> FunctionRow:
        scored = self.toggle(f"scored:{attribute.hash}", f"Score {attribute.name} of {item.name}")
        parent = self.form.ontology.attributes.get(attribute.parent or "")
        option = parent.option(attribute.parent_option or "") if parent else None
        return FunctionRow(
            node=attribute.hash,
            name=attribute.name,
            kind="attribute",
            depth=_depth(self.form.ontology, item, attribute),
            item=item,
            scored=scored,
            note=f"if {option.name}" if option else "",
            attribute_type=attribute.type,
            attribute=self.cell(
                f"weight:attribute:{attribute.hash}", f"Points of {attribute.name} of {item.name}"
            ),
            is_off=is_off or not scored.is_on,
        )


def _depth(ontology: Ontology, item: Item, attribute: Attribute) -> int:
    depth, parent = 1, attribute.parent
    while parent is not None and (item.root is None or parent != item.root.hash):
        depth, parent = depth + 1, ontology.attributes[parent].parent
    return depth
