"""Who gets a matter: the rule of the deepest place decides, then that of the closest category."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`category` None fits every category. `body` and `overdue_body` are ids."""

    place: str
    category: str | None
    body: int
    overdue_body: int | None


def route(*, rules: Iterable[Rule], lineage: Sequence[str], category_path: Sequence[str]) -> Rule | None:
    """The rule for a place (codes from the city down) and a category (codes from the top down), or None: somebody has to look at it.

    Place goes before category: an estate that takes all its matters itself is not overruled by the town's office for one category.
    """
    depth = {code: index for index, code in enumerate(lineage)}
    closeness = {code: index for index, code in enumerate(category_path)}
    fitting = [rule for rule in rules if rule.place in depth and (rule.category is None or rule.category in closeness)]
    return max(fitting, key=lambda rule: (depth[rule.place], -1 if rule.category is None else closeness[rule.category]), default=None)
