"""Reading a panel file: every member is checked, every fault is named with its JSON path; nothing is guessed.

Members the format does not know are passed over. Besides those the format names, `matter`, `balance`, `one_per_household` (false), `attributes`,
`standing` (false) and `vetoed_by` may be left out. What decides may not: `seed`, `size`, `seats`, `candidates`, and a candidate's
`id`, `roles`, `fit` and `load`.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from doorstep.affairs.rules.documents import NotAcceptable, Refusal, member_path
from doorstep.affairs.rules.panel.question import FORMAT, LARGEST_FIT, LARGEST_LOAD, Balance, Candidate, Question, Seats

MESSAGES = {
    "missing": "is missing",
    "wrong_type": "is not of the type the format asks for",
    "unknown_format": f"is not {FORMAT}",
    "empty": "is empty",
    "out_of_range": "is out of range",
    "min_above_max": "is above the maximum",
    "duplicate_candidate": "is the id of two candidates",
    "duplicate_seat": "is the role of two seats",
    "duplicate_balance": "has two balances of this attribute and value",
}

T = TypeVar("T")
Json = Any
"""A value of a parsed JSON document, not checked yet."""

_ABSENT = object()


def read_panel(document: object) -> Question:
    """A question from a parsed JSON document. Raises NotAcceptable with every fault."""
    reader = _Reader()
    question = reader.question(document)
    if reader.refusals or question is None:
        raise NotAcceptable(reader.refusals)
    return question


class _Reader:
    """Reads one document, gathering faults. A part with a fault is read as something harmless and the reading goes on."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def refuse(self, path: str, code: str, value: object = None) -> None:
        said = "" if value is None else f"{value!r:.80} "
        self.refusals.append(Refusal(path, code, said + MESSAGES[code]))

    def question(self, document: object) -> Question | None:
        if not isinstance(document, dict):
            self.refuse("$", "wrong_type")
            return None
        if document.get("format") != FORMAT:
            if "format" in document:
                self.refuse("$.format", "unknown_format", document["format"])
            else:
                self.refuse("$.format", "missing")
            return None
        return Question(
            matter=self.text("$", document, "matter", default=""),
            seed=self.integer("$", document, "seed", None, None),
            size=self.integer("$", document, "size", 1, None),
            seats=self.distinct(self.each(document, "seats", self.seats), "seats", "role", "duplicate_seat", lambda seats: seats.role),
            balances=self.distinct(
                self.each(document, "balance", self.balance, default=[]),
                "balance",
                "value",
                "duplicate_balance",
                lambda balance: (balance.attribute, balance.value),
            ),
            one_per_household=self.truth("$", document, "one_per_household", default=False),
            candidates=self.distinct(
                self.each(document, "candidates", self.candidate), "candidates", "id", "duplicate_candidate", lambda candidate: candidate.id
            ),
        )

    def each(
        self, document: dict[str, Json], key: str, read: Callable[[str, dict[str, Json]], T], default: Json = _ABSENT
    ) -> list[T | None]:
        """The objects of a list as they were read, None for what is no object or has a fault."""
        items = self.member("$", document, key, list, default)
        found: list[T | None] = []
        for at, raw in enumerate(items or ()):
            before = len(self.refusals)
            if isinstance(raw, dict):
                item = read(f"$.{key}[{at}]", raw)
                found.append(item if len(self.refusals) == before else None)
            else:
                self.refuse(f"$.{key}[{at}]", "wrong_type", raw)
                found.append(None)
        return found

    def distinct(self, items: list[T | None], key: str, part: str, code: str, name: Callable[[T], Hashable]) -> tuple[T, ...]:
        """What could be read; of two of one name the second is a fault."""
        seen = set()
        for at, item in enumerate(items):
            if item is None:
                continue
            if name(item) in seen:
                self.refuse(f"$.{key}[{at}].{part}", code, name(item))
            seen.add(name(item))
        return tuple(item for item in items if item is not None)

    def seats(self, path: str, raw: dict[str, Json]) -> Seats:
        return Seats(self.text(path, raw, "role"), *self.bounds(path, raw))

    def balance(self, path: str, raw: dict[str, Json]) -> Balance:
        return Balance(self.text(path, raw, "attribute"), self.text(path, raw, "value"), *self.bounds(path, raw))

    def candidate(self, path: str, raw: dict[str, Json]) -> Candidate:
        name = self.text(path, raw, "id")
        if raw.get("id") == "":
            self.refuse(f"{path}.id", "empty")
        available = self.truth(path, raw, "available", default=True)
        recused = self.text(path, raw, "recused", default="")
        vetoed = self.texts(path, raw, "vetoed_by", default=[])
        reasons = {"unavailable": not available, "recused": bool(recused), "vetoed": bool(vetoed)}
        return Candidate(
            id=name,
            roles=frozenset(self.texts(path, raw, "roles")),
            attributes=self.attributes(path, raw),
            household=self.text(path, raw, "household", default="") or None,
            fit=self.integer(path, raw, "fit", 0, LARGEST_FIT),
            load=self.integer(path, raw, "load", 0, LARGEST_LOAD),
            standing=self.truth(path, raw, "standing", default=False),
            excluded=next((reason for reason, applies in reasons.items() if applies), None),
        )

    def bounds(self, path: str, raw: dict[str, Json]) -> tuple[int, int | None]:
        """`min` and `max`; null or absent are 0 and no limit."""
        least = 0 if raw.get("min") is None else self.integer(path, raw, "min", 0, None)
        most = None if raw.get("max") is None else self.integer(path, raw, "max", 0, None)
        if most is not None and 0 <= most < least:
            self.refuse(f"{path}.min", "min_above_max", least)
        return least, most

    def attributes(self, path: str, raw: dict[str, Json]) -> dict[str, str]:
        """Values by attribute; null is a missing one."""
        values = self.member(path, raw, "attributes", dict, default={})
        found = {}
        for attribute, value in (values or {}).items():
            if isinstance(value, str):
                found[attribute] = value
            elif value is not None:
                self.refuse(member_path(f"{path}.attributes", attribute), "wrong_type", value)
        return found

    def member(self, path: str, raw: dict[str, Json], key: str, kind: type, default: Json = _ABSENT) -> Json:
        """A member of this type, the default where it is absent (a text may be null as well), None where it is at fault."""
        value = raw.get(key)
        if default is not _ABSENT and (key not in raw or (kind is str and value is None)):
            return default
        # `True` is an int to Python and none to JSON.
        if type(value) is kind:
            return value
        if key in raw:
            self.refuse(f"{path}.{key}", "wrong_type", value)
        else:
            self.refuse(f"{path}.{key}", "missing")
        return None

    def text(self, path: str, raw: dict[str, Json], key: str, default: Json = _ABSENT) -> str:
        return self.member(path, raw, key, str, default) or ""

    def truth(self, path: str, raw: dict[str, Json], key: str, *, default: bool) -> bool:
        return self.member(path, raw, key, bool, default) is True

    def texts(self, path: str, raw: dict[str, Json], key: str, default: Json = _ABSENT) -> list[str]:
        values = self.member(path, raw, key, list, default) or []
        for at, value in enumerate(values):
            if not isinstance(value, str):
                self.refuse(f"{path}.{key}[{at}]", "wrong_type", value)
        return [value for value in values if isinstance(value, str)]

    def integer(self, path: str, raw: dict[str, Json], key: str, least: int | None, most: int | None) -> int:
        value = self.member(path, raw, key, int)
        if value is None:
            return least or 0
        if (least is not None and value < least) or (most is not None and value > most):
            self.refuse(f"{path}.{key}", "out_of_range", value)
        return int(value)
