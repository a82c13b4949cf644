"""Who gets a matter: the rule of the deepest place decides, then that of the closest category. What is for its parties alone (a petition, a
dispute) goes by rules that name it: "everything else" never takes it, since it may be about whoever takes everything else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOWN_LEVEL = "town"


@dataclass(frozen=True, slots=True)
class Rule:
    """`category` None fits every category. `body` and `overdue_body` are ids."""

    place: str
    category: str | None
    body: int
    overdue_body: int | None


def route(*, rules: Iterable[Rule], lineage: Sequence[str], category_path: Sequence[str], is_restricted: bool = False) -> Rule | None:
    """The rule for a place (codes from the city down) and a category (codes from the top down), or None: somebody has to look at it.
    `is_restricted`: the category is for its parties and handlers alone, so that only a rule that names it fits.

    Place goes before category: an estate that takes all its matters itself is not overruled by the town's office for one category.
    """
    depth = {code: index for index, code in enumerate(lineage)}
    closeness = {code: index for index, code in enumerate(category_path)}
    fitting = [
        rule for rule in rules if rule.place in depth and (not is_restricted if rule.category is None else rule.category in closeness)
    ]
    return max(fitting, key=lambda rule: (depth[rule.place], -1 if rule.category is None else closeness[rule.category]), default=None)


def overseer(*, level: str, here: Rule | None, at_town: Rule | None, body: int) -> int | None:
    """Which body oversees a matter of a level that `body` has, by the rules that hold at its place and at the town; None: nobody is named.

    What concerns one household, one building or one estate is overseen by whom the place's own rule names; what concerns the whole town by the
    town's body for its kind, and where that has it itself by the one that oversees it.
    """
    named: tuple[int | None, ...] = ()
    if level == TOWN_LEVEL and at_town is not None:
        named = (at_town.body, at_town.overdue_body)
    elif level != TOWN_LEVEL and here is not None:
        named = (here.overdue_body,)
    return next((each for each in named if each is not None and each != body), None)
