"""Who may convene the owners, and on which items of art. 278.

An owners' committee convenes the owners of its estate. Where there is none yet, the preparatory group (筹备组) holds the first meeting, which
decides the rules and elects the committee; a renewal group (换届小组) holds the election of the next one; and the office of the street or
town convenes where the local rules let it, saying on what ground. What each may put to the vote is a regulation (`owners_vote.convenes.*`).
"""

import re
from collections.abc import Collection

OF_THE_ESTATE = frozenset({"owners_committee", "preparatory_group", "renewal_group"})
OFFICES = frozenset({"town_office"})
CONVENING = OF_THE_ESTATE | OFFICES
EVERY_ITEM = frozenset(range(1, 10))


class UnreadableItems(ValueError):
    """The value of a regulation is neither `all`, `none` nor `items:` with numbers from 1 to 9."""


def items_of(value: str) -> frozenset[int]:
    """The items a regulation's value names: `all`, `none`, or `items:1,2,3`. Raises UnreadableItems."""
    if value == "all":
        return EVERY_ITEM
    if value == "none":
        return frozenset()
    if not re.fullmatch(r"items:[1-9](,[1-9])*", value):
        raise UnreadableItems(value)
    return frozenset(int(each) for each in value.removeprefix("items:").split(","))


def why_not(
    *, kind: str, serves: str, estate: str, items: Collection[int], allowed: frozenset[int], has_committee: bool, ground: str
) -> str:
    """Why a body of this kind may not convene the owners of an estate on these items; "" where it may.

    `serves` and `estate` are lineages of places. Codes: not_a_convenor, elsewhere, committee_in_office (a preparatory group's work is done
    once there is a committee), no_ground (an office says why it convenes), item."""
    if kind not in CONVENING or not allowed:
        return "not_a_convenor"
    if serves != estate and not (kind in OFFICES and estate.startswith(f"{serves}/")):
        return "elsewhere"
    if kind == "preparatory_group" and has_committee:
        return "committee_in_office"
    if kind in OFFICES and not ground.strip():
        return "no_ground"
    return "" if set(items) <= allowed else "item"
