"""Who may convene the owners: the pure rule, row by row."""

from typing import Any

import pytest

from doorstep.affairs.rules.convening import EVERY_ITEM, UnreadableItems, items_of, why_not

GROUP: dict[str, Any] = {
    "kind": "preparatory_group", "serves": "t/e", "estate": "t/e", "items": [1, 3], "allowed": frozenset({1, 2, 3}),
    "has_committee": False, "ground": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"kind": "property_company"}, "not_a_convenor"),
        ({"allowed": frozenset()}, "not_a_convenor"),
        ({"serves": "t"}, "elsewhere"),
        ({"serves": "t/other"}, "elsewhere"),
        ({"has_committee": True}, "committee_in_office"),
        ({"items": [3, 4]}, "item"),
        ({"items": []}, ""),
        ({"kind": "owners_committee", "has_committee": True, "allowed": EVERY_ITEM, "items": [9]}, ""),
        ({"kind": "renewal_group", "has_committee": True}, ""),
        ({"kind": "town_office", "serves": "t", "ground": "责令后仍未召集"}, ""),
        ({"kind": "town_office", "serves": "t"}, "no_ground"),
        ({"kind": "town_office", "serves": "t/e", "ground": "责令后仍未召集"}, ""),
        ({"kind": "town_office", "serves": "te", "estate": "te2/e", "ground": "x"}, "elsewhere"),
    ],
)
def test_why_a_body_may_not_convene(change: dict[str, Any], why: str) -> None:
    assert why_not(**{**GROUP, **change}) == why


def test_items_are_all_none_or_named() -> None:
    assert items_of("all") == EVERY_ITEM == frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9})
    assert items_of("none") == frozenset()
    assert items_of("items:3,1") == {1, 3}


@pytest.mark.parametrize("value", ["", "3", "items:", "items:0", "items:10", "items:1,", "some"])
def test_what_is_no_list_of_items_is_refused(value: str) -> None:
    with pytest.raises(UnreadableItems):
        items_of(value)
