import pytest

from doorstep.organisations.rules.residence import (
    ALPHABET,
    CODE_LENGTH,
    Living,
    Match,
    RollHolder,
    code_text,
    ended_by_transfer,
    match_roll,
    may_invite,
    read_code,
)

LIU = RollHolder(1, "刘玉梅", "123X")
CHEN, OTHER_CHEN = RollHolder(2, "陈明", "1111"), RollHolder(3, "陈明", "2222")
NO_CARD = RollHolder(4, "阿依古丽·买买提")


@pytest.mark.parametrize(
    ("name", "last4", "holders", "expected"),
    [
        ("刘玉梅", "123x", [LIU], Match("full", 1)),
        ("刘 玉梅", "123X", [LIU], Match("full", 1)),
        ("刘玉梅", "", [LIU], Match("name", 1)),
        ("刘玉梅", "9999", [LIU], Match("last4_differs")),
        ("刘玉梅", "123X", [CHEN], Match("other_name")),
        ("刘玉梅", "123X", [], Match("other_name")),
        ("刘玉梅", "123X", None, Match("no_such_unit")),
        # Two of one name on one unit: the last four tell them apart, and without it nobody is meant.
        ("陈明", "2222", [CHEN, OTHER_CHEN], Match("full", 3)),
        ("陈明", "", [CHEN, OTHER_CHEN], Match("name")),
        ("陈明", "3333", [CHEN, OTHER_CHEN], Match("last4_differs")),
        # The roll knows no card: the name is all there is to compare.
        ("阿依古丽·买买提", "1234", [NO_CARD], Match("name", 4)),
        ("", "", [LIU], Match("other_name")),
    ],
)
def test_a_claim_is_compared_with_the_roll(name: str, last4: str, holders: list[RollHolder] | None, expected: Match) -> None:
    assert match_roll(name=name, id_last4=last4, holders=holders) == expected


OWNER, WIFE, TENANT, FRIEND = Living(10, 1, "owner"), Living(11, 2, "owner"), Living(12, 3, "tenant", 1), Living(13, 4, "household", 3)


@pytest.mark.parametrize(
    ("before", "after", "ended"),
    [
        # Sold: whoever lived there by the old owners' word is verified no more, the tenant's friend too.
        ({1, 2}, {9}, {10, 11, 12, 13}),
        # One of the couple leaves: with whom they invited.
        ({1, 2}, {2}, {10, 12}),
        ({1, 2}, {1}, {11}),
        # The tenant buys: stays.
        ({1, 2}, {3}, {10, 11, 13}),
        # Somebody joins: nothing ends.
        ({1}, {1, 2}, set()),
        ({1, 2}, {1, 2}, set()),
    ],
)
def test_what_a_transfer_ends(before: set[int], after: set[int], ended: set[int]) -> None:
    assert ended_by_transfer(living=[OWNER, WIFE, TENANT, FRIEND], before=before, after=after) == ended


def test_who_may_invite_whom() -> None:
    assert may_invite("owner") == {"household", "tenant"}
    assert may_invite("tenant") == {"household"}
    assert may_invite("household") == frozenset()


def test_a_code_is_read_as_people_copy_it() -> None:
    letters = ALPHABET[:CODE_LENGTH]
    assert read_code(code_text(letters)) == letters
    assert read_code(f" {letters[:3].lower()} {letters[3:].lower()} ") == letters
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUV")
    # Guessing: five tries in a quarter of an hour against this many.
    assert len(ALPHABET) ** CODE_LENGTH > 10**13
