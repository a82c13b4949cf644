"""GB 32100 and GB 11714: codes of every leading character, and every single slip of the pen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.organisations.rules import uscc

# Published examples and those of the demo, worked out with both standards: enterprise, merchant, social body, institution, collective.
GOOD = [
    "91110000600037341L",
    "91441900MA5HL00065",
    "91441900MA5HL00140",
    "92441900MA5HL00A8J",
    "52441900MJK000014H",
    "N2441900MF00000131",
]


@pytest.mark.parametrize("code", GOOD)
def test_a_good_code_has_no_fault(code: str) -> None:
    assert uscc.fault(code) is None


@pytest.mark.parametrize("first", ["1", "5", "9", "A", "N", "Y"])
def test_every_leading_character_of_the_standard_is_taken(first: str) -> None:
    body = f"{first}1441900" + "MA5HL000" + uscc.inner_check_character("MA5HL000")
    assert uscc.fault(body + uscc.check_character(body)) is None


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91441900MA5HL0006", uscc.WRONG_LENGTH),
        ("", uscc.WRONG_LENGTH),
        ("91441900MA5HL0006O", uscc.WRONG_CHARACTER),
        ("91441900MA5HL0006i", uscc.WRONG_CHARACTER),
        ("91441900MA5HL00165", uscc.WRONG_INNER),
        ("91441900MA5HL00066", uscc.WRONG_CHECK),
        ("92441900MA5HL00065", uscc.WRONG_CHECK),
    ],
)
def test_a_bad_code_says_why(code: str, why: str) -> None:
    assert uscc.fault(code) == why


@pytest.mark.parametrize("code", GOOD)
def test_no_single_wrong_character_passes(code: str) -> None:
    """31 is a prime: the check finds every single slip."""
    for index, right in enumerate(code):
        for other in uscc.ALPHABET:
            if other != right:
                assert uscc.fault(code[:index] + other + code[index + 1 :]) is not None


@given(st.text(alphabet=uscc.ALPHABET, min_size=17, max_size=17))
def test_the_check_character_makes_the_weighted_sum_a_multiple_of_31(first: str) -> None:
    weighted = sum(uscc.ALPHABET.index(character) * 3**index for index, character in enumerate(first))
    assert (weighted + uscc.ALPHABET.index(uscc.check_character(first))) % 31 == 0


def test_what_people_write_is_kept_in_one_form() -> None:
    assert uscc.normal(" 91441900-ma5hl0006 5\n") == "91441900MA5HL00065"
