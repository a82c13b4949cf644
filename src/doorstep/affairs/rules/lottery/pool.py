"""Who can be drawn and what the panel must look like, and the merging of people whom no rule tells apart."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from hashlib import sha256


class NotAcceptable(ValueError):
    """A pool or a seed that cannot be used. `code` says why, `where` names the person, quota or text."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code}: {where}" if where else code)
        self.code, self.where = code, where


@dataclass(frozen=True, slots=True)
class Person:
    """`features` by name, such as {"sex": "F"}; `household` None lives alone, as far as the lottery knows."""

    id: str
    features: Mapping[str, str]
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """Of the panel at least `min` and at most `max` (None = no limit) have this value."""

    feature: str
    value: str
    min: int = 0
    max: int | None = None

    @property
    def bound(self) -> str:
        return f"quota:{self.feature}={self.value}"


@dataclass(frozen=True, slots=True)
class Pool:
    """`size` people are drawn, never two of one household."""

    people: tuple[Person, ...]
    quotas: tuple[Quota, ...]
    size: int


class Households(StrEnum):
    """How the rule of one per household is kept."""

    ALONE = "alone"
    EXACT = "exact"
    FIRST_LOT = "first_lot"


@dataclass(frozen=True, slots=True)
class PersonType:
    """People alike in all that the quotas ask and in whom they live with: all of them have the same chance.

    `features` has one entry per feature with a quota, sorted by name; a value without a quota is None. `people` are sorted ids.
    """

    features: tuple[tuple[str, str | None], ...]
    household: int
    people: tuple[str, ...]

    def has(self, quota: Quota) -> bool:
        return (quota.feature, quota.value) in self.features


@dataclass(frozen=True)
class Merged:
    """The pool by types. `households[k]` are the households made up alike, each the sorted ids of its members; a type's
    `household` is such a k. At most as many people of one k can sit on a panel as there are households in it."""

    types: tuple[PersonType, ...]
    households: tuple[tuple[tuple[str, ...], ...], ...]

    @cached_property
    def types_of_household(self) -> tuple[tuple[int, ...], ...]:
        found: dict[int, list[int]] = defaultdict(list)
        for index, one in enumerate(self.types):
            found[one.household].append(index)
        return tuple(tuple(found[kind]) for kind in range(len(self.households)))

    def highest(self, index: int) -> int:
        """The most people of a type that one panel could take."""
        return len(self.households[self.types[index].household])


@dataclass(frozen=True, slots=True)
class Row:
    """low ≤ the number of panel members of these types ≤ high (None = no limit)."""

    types: tuple[int, ...]
    low: int
    high: int | None

    def keeps(self, counts: tuple[int, ...]) -> bool:
        total = sum(counts[index] for index in self.types)
        return total >= self.low and (self.high is None or total <= self.high)


def check(pool: Pool) -> None:
    """Raises NotAcceptable: no_people, size_not_positive, bad_id, duplicate_person, duplicate_quota, negative_bound, min_above_max."""
    if not pool.people:
        raise NotAcceptable("no_people")
    if pool.size < 1:
        raise NotAcceptable("size_not_positive")
    for identifier, times in Counter(person.id for person in pool.people).items():
        if not identifier.strip() or "|" in identifier:
            raise NotAcceptable("bad_id", identifier)
        if times > 1:
            raise NotAcceptable("duplicate_person", identifier)
    for bound, times in Counter(quota.bound for quota in pool.quotas).items():
        if times > 1:
            raise NotAcceptable("duplicate_quota", bound)
    for quota in pool.quotas:
        if quota.min < 0 or (quota.max is not None and quota.max < 0):
            raise NotAcceptable("negative_bound", quota.bound)
        if quota.max is not None and quota.min > quota.max:
            raise NotAcceptable("min_above_max", quota.bound)


def living_together(pool: Pool) -> dict[str, tuple[Person, ...]]:
    """The households with more than one person in the pool."""
    members: dict[str, list[Person]] = defaultdict(list)
    for person in pool.people:
        if person.household:
            members[person.household].append(person)
    return {household: tuple(people) for household, people in members.items() if len(people) > 1}


def lot(kind: str, seed: str, identifier: str) -> bytes:
    """SHA-256 of "kind|seed|id": smaller comes first. A seed has no "|", so no two draws share a text."""
    return sha256(f"{kind}|{seed}|{identifier}".encode()).digest()


def after_first_lot(pool: Pool, seed: str) -> Pool:
    """The pool with one person left in each household: the one with the smallest lot "first|seed|id"."""
    passed_over: set[str] = set()
    for people in living_together(pool).values():
        first = min(people, key=lambda person: lot("first", seed, person.id))
        passed_over |= {person.id for person in people if person is not first}
    return replace(pool, people=tuple(person for person in pool.people if person.id not in passed_over))


def merge(pool: Pool) -> Merged:
    """People into types. Exact: exchanging two people of one type turns panels into panels, so the fairest lottery treats them alike."""
    values: dict[str, set[str]] = defaultdict(set)
    for quota in pool.quotas:
        values[quota.feature].add(quota.value)

    def features(person: Person) -> tuple[tuple[str, str | None], ...]:
        return tuple((name, held if (held := person.features.get(name)) in values[name] else None) for name in sorted(values))

    def order(found: tuple[tuple[str, str | None], ...]) -> tuple[str, ...]:
        return tuple("" if value is None else f"={value}" for _, value in found)

    shared = living_together(pool)
    homes = [(person,) for person in pool.people if person.household not in shared] + list(shared.values())
    alike: dict[tuple[tuple[tuple[str, str | None], ...], ...], list[tuple[str, ...]]] = defaultdict(list)
    for home in homes:
        composition = tuple(sorted((features(person) for person in home), key=order))
        alike[composition].append(tuple(sorted(person.id for person in home)))
    compositions = sorted(alike, key=lambda composition: (len(composition), [order(found) for found in composition]))
    people = {person.id: person for person in pool.people}
    types = []
    for index, composition in enumerate(compositions):
        for found in sorted(set(composition), key=order):
            ids = sorted(one for home in alike[composition] for one in home if features(people[one]) == found)
            types.append(PersonType(features=found, household=index, people=tuple(ids)))
    return Merged(types=tuple(types), households=tuple(tuple(sorted(alike[composition])) for composition in compositions))


def size_row(merged: Merged, pool: Pool) -> Row:
    return Row(tuple(range(len(merged.types))), pool.size, pool.size)


def quota_row(merged: Merged, quota: Quota) -> Row:
    return Row(tuple(index for index, one in enumerate(merged.types) if one.has(quota)), quota.min, quota.max)


def household_rows(merged: Merged) -> list[Row]:
    """One row per composition: no more members than households. A type's own share of it is in `highest` already."""
    return [Row(types, 0, len(homes)) for types, homes in zip(merged.types_of_household, merged.households, strict=True)]


def panel_rows(merged: Merged, pool: Pool) -> list[Row]:
    """All that makes numbers per type a panel."""
    return [size_row(merged, pool), *(quota_row(merged, quota) for quota in pool.quotas), *household_rows(merged)]
