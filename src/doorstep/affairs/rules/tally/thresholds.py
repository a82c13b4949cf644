"""The shares a joint decision needs, by the name of the rules a vote file was made under."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType


def reaches(part: int, whole: int, share: Fraction) -> bool:
    """Whether `part` is at least this share of `whole`, in whole numbers."""
    return part * share.denominator >= whole * share.numerator


@dataclass(frozen=True, slots=True)
class Majority:
    """A share of those taking part: reached (以上, the number itself suffices) or exceeded (过半数, it does not); art. 1259."""

    share: Fraction
    inclusive: bool

    @property
    def needs(self) -> str:
        return f"{self.share.numerator}/{self.share.denominator} {'reached' if self.inclusive else 'exceeded'}"

    def met(self, agreeing: int, taking_part: int) -> bool:
        """Whether `agreeing` of `taking_part` are enough. Of nobody, nobody is enough."""
        if self.inclusive:
            return taking_part > 0 and reaches(agreeing, taking_part, self.share)
        return agreeing * self.share.denominator > taking_part * self.share.numerator


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Turnout is a share of the whole roll, majority a share of those taking part; each by parties and by area."""

    turnout_parties: Fraction
    turnout_area: Fraction
    ordinary: Majority
    special: Majority
    special_items: frozenset[int]

    def majority(self, item: int) -> Majority:
        return self.special if item in self.special_items else self.ordinary


RULE_SETS: Mapping[str, Thresholds] = MappingProxyType(
    {
        "cn-civil-code-278@2021-01-01": Thresholds(
            turnout_parties=Fraction(2, 3),
            turnout_area=Fraction(2, 3),
            ordinary=Majority(Fraction(1, 2), inclusive=False),
            special=Majority(Fraction(3, 4), inclusive=True),
            special_items=frozenset({6, 7, 8}),
        )
    }
)
