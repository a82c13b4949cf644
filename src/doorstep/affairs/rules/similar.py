"""Which open matters may be the same as a new one: the same words, the same place, the same kind. A suggestion; people decide.

Chinese has no spaces between words, so texts are compared by their characters and the pairs of neighbouring ones (ADR 8). Whole numbers only.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

AT_LEAST = 80
ANSWERED_AT_LEAST, FEWEST_SHARED = 50, 3
SAME_PLACE, SAME_SCOPE = 30, 15
SAME_CATEGORY, SAME_TOP_CATEGORY = 20, 12


@dataclass(frozen=True, slots=True)
class Said:
    """A matter as it is compared. `lineage`: codes of its place from the city down, joined by `/`; "" when not known yet.
    `category` and `top` are codes; "" when not known yet."""

    number: str
    text: str
    lineage: str = ""
    scope: str = ""
    category: str = ""
    top: str = ""


@dataclass(frozen=True, slots=True)
class Similar:
    """`text`: how much of the words is shared, 0–100. `because`: same_text, same_place, same_scope, same_category, same_top_category."""

    number: str
    points: int
    text: int
    because: tuple[str, ...]


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters or figures, as one would read them: width and case made alike, none across a punctuation mark."""
    found: set[str] = set()
    before = ""
    for character in unicodedata.normalize("NFKC", text).casefold():
        if not character.isalnum():
            before = ""
            continue
        if before:
            found.add(before + character)
        before = character
    return frozenset(found)


def signs(text: str) -> frozenset[str]:
    """The characters of a text and their pairs: what a neighbour says anew keeps most characters, and some of their order."""
    characters = (each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())
    return frozenset(characters) | pairs(text)


def likeness(one: frozenset[str], other: frozenset[str]) -> int:
    """Dice's coefficient of two sets of signs in whole percent: twice what they share, of both together."""
    both = len(one) + len(other)
    return 200 * len(one & other) // both if both else 0


def similar(said: Said, others: Iterable[Said], *, at_most: int = 3) -> Sequence[Similar]:
    """The matters that may be the same, the likeliest first; of equal ones the later number.

    Points are the percentage of shared signs, with 30 for the same place (one within the other counts) or 15 for the same estate or
    village, and 20 for the same category or 12 for the same top category. From 80 points a matter is suggested: so at
    least three tenths have to be shared, however near it lies.
    """
    own = signs(said.text)
    found = []
    for other in others:
        if other.number == said.number:
            continue
        text = likeness(own, signs(other.text))
        place, place_code = _place(said, other)
        kind, kind_code = _kind(said, other)
        points = text + place + kind
        if points >= AT_LEAST:
            codes = (("same_text", text), (place_code, place), (kind_code, kind))
            found.append(Similar(other.number, points, text, tuple(code for code, counts in codes if counts)))
    found.sort(key=lambda each: (each.points, each.number), reverse=True)
    return found[:at_most]


@dataclass(frozen=True, slots=True)
class Asked:
    """A published question, as it is compared."""

    id: int
    question: str


def answered(text: str, questions: Iterable[Asked], *, at_most: int = 2) -> Sequence[int]:
    """The questions a text asks in other words, the likeliest first; of equal ones the later. A text is longer than a question: what counts
    is how much of the question stands in it. From half of its pairs on, and three at least, it is offered."""
    own = pairs(text)
    found = []
    for each in questions:
        asked = pairs(each.question)
        shared = len(asked & own)
        if shared >= FEWEST_SHARED and 100 * shared >= ANSWERED_AT_LEAST * len(asked):
            found.append((100 * shared // len(asked), each.id))
    return [question for _share, question in sorted(found, reverse=True)[:at_most]]


def _place(one: Said, other: Said) -> tuple[int, str]:
    if one.lineage and other.lineage:
        short, long = sorted((one.lineage, other.lineage), key=len)
        # A matter of the whole estate and one of a building in it may be the same; one of the whole town is near everything.
        if short == long or (long.startswith(f"{short}/") and one.scope == other.scope):
            return SAME_PLACE, "same_place"
    return (SAME_SCOPE, "same_scope") if one.scope and one.scope == other.scope else (0, "")


def _kind(one: Said, other: Said) -> tuple[int, str]:
    if one.category and one.category == other.category:
        return SAME_CATEGORY, "same_category"
    return (SAME_TOP_CATEGORY, "same_top_category") if one.top and one.top == other.top else (0, "")
