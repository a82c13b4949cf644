"""The life of a person, asked of every room: what is held of them, and what becomes of it when they ask for it, leave or die.

Every column that points at a person is registered once, with its answers to the six events. A test walks the models: a column nobody
answers for fails it. Nothing else in the house exports, erases or merges a person, so nothing can be forgotten there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

EVENTS = ("export", "erase", "merge", "consent_withdrawn", "deceased", "residence_ended")
# What stands in place of a name once its person is erased.
TOMBSTONE = "已注销的人"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an export: rows of one kind, each value by the label it is shown under, and files by (name, path in the storage)."""

    code: str
    title: str
    rows: list[dict[str, Any]]
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Erasing:
    """Who is being erased: a person and whoever was merged into them. `marks` are the words by which others may have named them in texts
    of their own: names and phones."""

    person_ids: frozenset[int]
    marks: tuple[str, ...]
    phones: tuple[str, ...]
    at: datetime

    def blotted(self, text: str) -> str:
        """A text without the words that name this person."""
        for mark in self.marks:
            text = text.replace(mark, TOMBSTONE)
        return text


@dataclass(slots=True)
class Merging:
    """Whose rows go to whom. `moves`: by column the ids that were moved, and what else undoing needs; ids and codes only."""

    survivor_id: int
    merged_id: int
    moves: dict[str, Any] = field(default_factory=dict)


class Merge(Protocol):
    """What a column does when two persons are found to be one, and how that is taken back."""

    def apply(self, column: "PersonColumn", merging: Merging) -> None: ...
    def undo(self, column: "PersonColumn", merging: Merging) -> None: ...


Export = Callable[["PersonColumn", int], Section | None]
Erase = Callable[["PersonColumn", Erasing], Iterable[str]]
ConsentWithdrawn = Callable[["PersonColumn", int, str], None]
Deceased = Callable[["PersonColumn", int, date], None]
ResidenceEnded = Callable[["PersonColumn", int, str], None]


@dataclass(frozen=True, slots=True)
class PersonColumn:
    """One column that points at a person (`app.Model.column`), and its answers.

    `erase` gives codes of what still needs the person's name (a unit on the roll): all else is erased, the name when that has ended.
    `consent_withdrawn` is given the purpose, `deceased` the day, `residence_ended` the estate's code.
    """

    column: str
    export: Export
    erase: Erase
    merge: Merge
    consent_withdrawn: ConsentWithdrawn
    deceased: Deceased
    residence_ended: ResidenceEnded

    @property
    def model(self) -> type[Model]:
        app, model, _attribute = self.column.split(".")
        return apps.get_model(app, model)

    @property
    def attribute(self) -> str:
        return self.column.rpartition(".")[2]

    def rows(self, *person_ids: int) -> QuerySet[Any]:
        """The rows that point at these persons."""
        return self.model._default_manager.filter(**{f"{self.attribute}__in": person_ids})


_columns: dict[str, PersonColumn] = {}


def register_person_columns(*columns: PersonColumn) -> None:
    """A room answers for its columns; called in its AppConfig.ready."""
    for column in columns:
        _columns[column.column] = column


def person_columns() -> list[PersonColumn]:
    """Every registered column, the uppermost mechanism's first: what is built on something goes before it."""
    return list(reversed(_columns.values()))


# What codes are called. A mechanism words its own, and those a lower room keeps for it (the role of a sign-up).
Words = Callable[[Any, Mapping[str, Any]], Any]
_words: dict[str, Words] = {}


def register_words(*columns: str, words: Words) -> None:
    """How the codes of a column (`app.Model.field`) read in somebody's own data, in the page's language: (value, the row's exported fields) →
    words, or a list of them."""
    for column in columns:
        _words[column] = words


def worded_columns() -> frozenset[str]:
    """The columns whose codes are worded here, beside those whose model names its choices."""
    return frozenset(_words)


def called(names: Callable[[], Mapping[str, object]]) -> Words:
    """Words by a table of code and name; of a list each; a code that is no longer in the table is "—"."""

    def words(value: Any, row: Mapping[str, Any]) -> Any:
        known = names()
        if isinstance(value, list):
            return [str(known.get(each, "—")) for each in value]
        return str(known.get(value, "—")) if value else ""

    return words


# Ready answers


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows are the person's: given to them, each field under its label, a code by its name."""

    title: Promise
    labels: Mapping[str, Promise]
    only: Q | None = None

    def __call__(self, column: PersonColumn, person_id: int) -> Section | None:
        chosen = column.rows(person_id).order_by("pk")
        found = list((chosen if self.only is None else chosen.filter(self.only)).values(*self.labels))
        names = {each.name: dict(each.flatchoices) for each in column.model._meta.concrete_fields}
        label = column.model._meta.label
        rows = [
            {str(title): _called(row, name, _words.get(f"{label}.{name}"), names.get(name, {})) for name, title in self.labels.items()}
            for row in found
        ]
        return Section(column.column, str(self.title), rows) if rows else None


def listed(title: Promise, labels: Mapping[str, Promise], *, only: Q | None = None) -> Listed:
    return Listed(title, labels, only)


def _called(row: Mapping[str, Any], name: str, words: Words | None, choices: Mapping[Any, Any]) -> Any:
    value = row[name]
    if words is not None:
        return words(value, row)
    return str(choices[value]) if choices and value in choices else value


def not_theirs(because: str) -> Export:
    """The rows say what the person did for others, not what is held about them."""
    assert because

    def export(column: PersonColumn, person_id: int) -> None:
        return None

    return export


def keep(because: str) -> Erase:
    """The rows stay: an id without a name, or a record the law keeps."""
    assert because

    def erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
        return ()

    return erase


def delete_rows(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    column.rows(*erasing.person_ids).delete()
    return ()


def unlink(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """The row stays and no longer says whose it was."""
    column.rows(*erasing.person_ids).update(**{column.attribute: None})
    return ()


def blank(*names: str) -> Erase:
    """The rows stay, these texts of theirs are emptied."""

    def erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
        column.rows(*erasing.person_ids).update(**dict.fromkeys(names, ""))
        return ()

    return erase


@dataclass(frozen=True, slots=True)
class Move:
    """The rows become the survivor's. Where `alone` names columns that may stand only once with a person (among the `running` rows),
    a row whose twin the survivor has already stays where it is. `single`: a person has one `running` row, so the survivor's own is the one."""

    alone: Sequence[str] = ()
    running: Q = field(default_factory=Q)
    single: bool = False

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        rows = column.rows(merging.merged_id)
        if self.single and column.rows(merging.survivor_id).filter(self.running).exists():
            rows = rows.exclude(pk__in=list(rows.filter(self.running).values_list("pk", flat=True)))
        if self.alone:
            taken = set(column.rows(merging.survivor_id).filter(self.running).values_list(*self.alone))
            twins = [pk for pk, *key in rows.filter(self.running).values_list("pk", *self.alone) if tuple(key) in taken]
            rows = rows.exclude(pk__in=twins)
        ids = list(rows.values_list("pk", flat=True))
        if ids:
            column.model._default_manager.filter(pk__in=ids).update(**{column.attribute: merging.survivor_id})
            merging.moves[column.column] = ids

    def undo(self, column: PersonColumn, merging: Merging) -> None:
        ids = merging.moves.get(column.column, [])
        column.rows(merging.survivor_id).filter(pk__in=ids).update(**{column.attribute: merging.merged_id})


@dataclass(frozen=True, slots=True)
class Stay:
    """The rows stay with the id they were written for; the survivor is known by it too (`Viewer.former_ids`)."""

    because: str

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        return None

    def undo(self, column: PersonColumn, merging: Merging) -> None:
        return None


def nothing(because: str) -> Callable[[PersonColumn, int, Any], None]:
    """This event changes nothing here."""
    assert because

    def answer(column: PersonColumn, person_id: int, what: Any) -> None:
        return None

    return answer


def in_office(column: str, *, alone: Sequence[str] = ()) -> PersonColumn:
    """A column that says who acted for the town, a body or a neighbour: an id that stays, and is the survivor's after a merge."""
    return PersonColumn(
        column,
        export=not_theirs("what they did for others"),
        erase=keep("who did it stays on record as an id"),
        merge=Move(alone=alone),
        consent_withdrawn=nothing("rests on no consent"),
        deceased=nothing("a record of the past"),
        residence_ended=nothing("has nothing to do with where somebody lives"),
    )
