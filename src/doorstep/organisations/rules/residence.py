"""Verified residence: one-time codes as people copy them from paper, what a claim has in common with the roll, what a transfer ends.

Pure: what is known comes in as arguments, reason codes go out.
"""

from collections.abc import Collection
from dataclasses import dataclass

# Without letters and digits that are taken for one another on paper: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 10

OWNER, HOUSEHOLD, TENANT = "owner", "household", "tenant"

# What a claim has in common with the roll; ordered from sure to hopeless.
FULL, NAME, LAST4_DIFFERS, OTHER_NAME, NO_SUCH_UNIT = "full", "name", "last4_differs", "other_name", "no_such_unit"


@dataclass(frozen=True, slots=True)
class RollHolder:
    """Somebody the roll names on a unit."""

    person_id: int
    name: str
    id_last4: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, and the one holder it may be: None where there is none, or more than one."""

    code: str
    person_id: int | None = None


def code_text(letters: str) -> str:
    """As it is printed: 3F6T4-9XQ7M."""
    return f"{letters[: CODE_LENGTH // 2]}-{letters[CODE_LENGTH // 2 :]}"


def read_code(typed: str) -> str:
    """A code as typed: blanks, hyphens and small letters are understood."""
    return "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())


def plain_name(name: str) -> str:
    """For comparing: blanks do not count."""
    return "".join(name.split())


def match_roll(*, name: str, id_last4: str, holders: Collection[RollHolder] | None) -> Match:
    """Compare a claim with the holders of the unit it names (None: there is no such unit). Two of one name are told apart by the last four."""
    if holders is None:
        return Match(NO_SUCH_UNIT)
    named = [holder for holder in holders if plain_name(holder.name) == plain_name(name) != ""]
    if not named:
        return Match(OTHER_NAME)
    sure = [holder for holder in named if holder.id_last4 and holder.id_last4 == id_last4.strip().upper()]
    if len(sure) == 1:
        return Match(FULL, sure[0].person_id)
    if id_last4.strip() and all(holder.id_last4 for holder in named):
        return Match(LAST4_DIFFERS)
    return Match(NAME, named[0].person_id if len(named) == 1 else None)


@dataclass(frozen=True, slots=True)
class Living:
    """A running verified residence in a unit."""

    id: int
    person_id: int
    kind: str
    invited_by_id: int | None = None


def ended_by_transfer(*, living: Collection[Living], before: Collection[int], after: Collection[int]) -> frozenset[int]:
    """Which residences end when the holders of a unit become others.

    When all are others, every one of them: they rested on the word of the old holders. When some stay, those of the holders who left, and of
    whomever these invited.
    """
    gone = set(before) - set(after)
    if not gone:
        return frozenset()
    if not set(before) & set(after):
        return frozenset(each.id for each in living if each.person_id not in after)
    return frozenset(
        each.id
        for each in living
        if each.person_id not in after and (each.person_id in gone or (each.invited_by_id is not None and each.invited_by_id in gone))
    )


def may_invite(kind: str) -> frozenset[str]:
    """Whom somebody living in a unit may invite: an owner household and tenants, a tenant their household."""
    return {OWNER: frozenset({HOUSEHOLD, TENANT}), TENANT: frozenset({HOUSEHOLD})}.get(kind, frozenset())
