"""What a town may set over a value of the state, the province or the city. Pure: the value and what the data file allows are arguments."""

import re
from dataclasses import dataclass
from fractions import Fraction

LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Bound:
    """`town_may`: no · stricter (in the direction of `stricter`: higher or lower) · free, between `least` and `most` or as one of `one_of`."""

    town_may: str
    stricter: str = ""
    least: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()


def refusal(above: str, own: str, bound: Bound) -> str:
    """Why a town's value may not stand over the one above it: unlike · fixed · laxer · out_of_range · not_one_of; "" where it may."""
    if not _alike(above, own):
        return "unlike"
    if bound.town_may == "no":
        return "fixed"
    if bound.one_of:
        return "" if own in bound.one_of else "not_one_of"
    if not own[0].isdigit():
        return ""
    number, standing = Fraction(own), Fraction(above)
    if bound.town_may == "stricter" and (number < standing if bound.stricter == "higher" else number > standing):
        return "laxer"
    # A limit of nothing is none, unless the data says so.
    least = 1 if bound.least is None and "/" not in own else bound.least or 0
    return "out_of_range" if number < least or (bound.most is not None and number > bound.most) else ""


def _alike(above: str, own: str) -> bool:
    """A whole number over a whole number, a fraction over a fraction, a word over a word."""
    figures = rf"[0-9]{{1,{LONGEST_NUMBER}}}"
    if re.fullmatch(r"[0-9]+", above):
        return re.fullmatch(figures, own) is not None
    if "/" in above:
        return re.fullmatch(rf"{figures}/[1-9][0-9]{{0,{LONGEST_NUMBER - 1}}}", own) is not None
    return re.fullmatch(r"[^\s0-9]\S{0,59}", own) is not None
