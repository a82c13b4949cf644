"""Who sits where: which kinds of seats a council lacks, and how many of a committee also sit in the branch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """A kind of seat of a council. `required`: the council is not whole without one."""

    code: str
    required: bool


def missing_seats(seats: Sequence[Seat], held: Iterable[str]) -> tuple[str, ...]:
    """Codes of the required kinds that nobody holds, in the order of the list."""
    filled = set(held)
    return tuple(seat.code for seat in seats if seat.required and seat.code not in filled)


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`. Whole 0 has no rate."""

    part: int
    whole: int

    @property
    def permille(self) -> int | None:
        """In thousandths, rounded half up: 4/7 → 571. For display; decisions compare the whole numbers."""
        return (2000 * self.part + self.whole) // (2 * self.whole) if self.whole else None

    @property
    def percent(self) -> str:
        """With one place: 57.1; "" where there is no whole."""
        return "" if self.permille is None else f"{self.permille // 10}.{self.permille % 10}"

    def reaches(self, numerator: int, denominator: int) -> bool:
        """Whether the share is at least numerator/denominator, in whole numbers."""
        return self.whole > 0 and self.part * denominator >= numerator * self.whole


def cross_appointments(committee: Iterable[int], branch: Iterable[int]) -> Share:
    """交叉任职: members of the committee who are also members of the branch's committee, of all members of the committee (person ids)."""
    members = set(committee)
    return Share(len(members & set(branch)), len(members))
