"""The count, sentence by sentence of the public format (formats, section 1), and the law's own numbers."""

import tomllib
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from doorstep.affairs.rules.codes import REASONS
from doorstep.affairs.rules.tally import RULE_SETS, Result, Unit, fingerprint, read_vote, result_document, tally
from doorstep.affairs.rules.tally.instants import instant
from doorstep.affairs.tests.vote_files import RULES, Document, ballot, ruling, unit, vote
from doorstep.foundation import regulations


def count(file: Document) -> Result:
    return tally(read_vote(file))


def figures(file: Document) -> dict[str, Any]:
    """The first motion's figures as parties and whole square metres: short enough for a table."""
    motion = count(file).motions[0]
    measures = {name: getattr(motion, name) for name in ("taking_part", "agree", "against", "abstain")}
    return {
        **{name: (measure.parties, measure.area // 100) for name, measure in measures.items() if measure.parties},
        **({"contested": motion.contested} if motion.contested else {}),
    }


def rejected(file: Document) -> dict[str, str]:
    return {each.ballot: each.reason for each in count(file).rejected}


# The test vectors A to F: figures of an estate of 1,021 parties and 100,519.20 m², and one published case -------------------------------


def group(name: str, parties: int, hundredths: int) -> list[Document]:
    """Units of that many parties with exactly that much area."""
    each = hundredths // parties
    areas = [each] * (parties - 1) + [hundredths - each * (parties - 1)]
    return [unit(f"{name}-{at}", f"{name}{at}", area=f"{area // 100}.{area % 100:02d}") for at, area in enumerate(areas)]


def estate(item: int, choices: dict[str, tuple[int, int]], parties: int = 1_021, area: int = 10_051_920) -> Document:
    """A whole estate in which that many parties with that much area made each choice, and the others were silent."""
    roll = [each for choice, (some, of_area) in choices.items() for each in group(choice, some, of_area)]
    cast = [ballot(f"B{at}", each["holders"][0], each["unit"].split("-")[0]) for at, each in enumerate(roll)]
    silent = parties - len(roll), area - sum(of_area for _, of_area in choices.values())
    return vote(roll=[*roll, *group("silent", *silent)], ballots=cast, item=item)


VECTORS = [
    pytest.param(
        9, {"agree": (655, 6_341_090), "against": (52, 512_030), "abstain": (35, 334_920)}, "passed", (), id="A: item 9, ordinary, passes"
    ),
    pytest.param(
        8,
        {"agree": (520, 4_990_000), "against": (170, 1_711_280)},
        "failed",
        ("majority_area",),
        id="B: item 8, exactly 2/3 of the area took part and that is enough; 75.36% of parties agreed but 74.46% of the area",
    ),
    pytest.param(
        5,
        {"agree": (600, 6_200_000), "against": (80, 836_340)},
        "no_turnout",
        ("turnout_parties",),
        id="C: item 5, ordinary; 680 parties took part, 681 are needed",
    ),
    pytest.param(
        4,
        {"agree": (350, 3_600_000), "against": (350, 3_300_000)},
        "failed",
        ("majority_parties",),
        id="D: item 4, exactly half of the parties is not more than half",
    ),
    pytest.param(7, {"agree": (513, 5_100_000), "against": (171, 1_700_000)}, "passed", (), id="E: item 7, exactly 3/4 is enough"),
]


@pytest.mark.parametrize(("item", "choices", "outcome", "reasons"), VECTORS)
def test_the_estate_of_1021_parties(item: int, choices: dict[str, tuple[int, int]], outcome: str, reasons: tuple[str, ...]) -> None:
    result = count(estate(item, choices))
    assert (result.roll.whole.parties, result.roll.whole.area) == (1_021, 10_051_920)
    motion = result.motions[0]
    assert (motion.agree.parties, motion.agree.area) == choices["agree"]
    assert (motion.taking_part.parties, motion.taking_part.area) == tuple(map(sum, zip(*choices.values(), strict=True)))
    assert (motion.outcome, motion.reasons) == (outcome, reasons)


def test_f_the_published_case_905_of_1152_parties_and_93449_08_of_124799_30_is_turnout() -> None:
    motion = count(estate(4, {"agree": (905, 9_344_908)}, 1_152, 12_479_930)).motions[0]
    assert (motion.turnout_parties, motion.turnout_area) == (True, True)


# Turnout and majority -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", range(1, 10))
def test_items_6_7_8_need_three_quarters_reached_all_others_half_exceeded(item: int) -> None:
    needs = count(vote(roll=[unit("1", "甲")], item=item)).motions[0].majority.needs
    assert needs == ("3/4 reached" if item in (6, 7, 8) else "1/2 exceeded")


def of_equal_units(agree: int, against: int, silent: int, item: int) -> Document:
    choices = ["agree"] * agree + ["against"] * against
    roll = [unit(str(number), f"P{number}") for number in range(len(choices) + silent)]
    return vote(roll=roll, ballots=[ballot(f"B{number}", f"P{number}", choice) for number, choice in enumerate(choices)], item=item)


@pytest.mark.parametrize(
    ("agree", "against", "silent", "item", "turnout", "majority"),
    [
        pytest.param(2, 0, 1, 9, True, True, id="exactly 2/3 of the parties is turnout"),
        pytest.param(66, 0, 34, 9, False, True, id="66 of 100 parties is not"),
        pytest.param(2, 2, 0, 9, True, False, id="exactly half of those taking part is not more than half"),
        pytest.param(3, 2, 0, 9, True, True, id="more than half is a majority"),
        pytest.param(3, 1, 0, 6, True, True, id="exactly three quarters is enough for item 6"),
        pytest.param(3, 1, 0, 5, True, True, id="item 5, using the fund, is ordinary"),
        pytest.param(74, 26, 0, 8, True, False, id="74 of 100 is not three quarters"),
        pytest.param(2, 1, 0, 7, True, False, id="two thirds of those taking part is not three quarters"),
        pytest.param(2, 0, 4, 9, False, True, id="majority is of those taking part, never of all"),
    ],
)
def test_turnout_and_majority_by_parties(agree: int, against: int, silent: int, item: int, turnout: bool, majority: bool) -> None:
    motion = count(of_equal_units(agree, against, silent, item)).motions[0]
    assert (motion.turnout_parties, motion.majority_parties) == (turnout, majority)


@pytest.mark.parametrize(
    ("areas", "item", "turnout", "majority"),
    [
        pytest.param(("200.00", "0", "100.00"), 9, True, True, id="exactly 2/3 of the area is turnout"),
        pytest.param(("199.99", "0", "100.00"), 9, False, True, id="one hundredth of a square metre less is not"),
        pytest.param(("50.00", "50.00", "0"), 9, True, False, id="exactly half of the participating area is not more than half"),
        pytest.param(("50.01", "50.00", "0"), 9, True, True, id="one hundredth more is"),
        pytest.param(("75.00", "25.00", "0"), 8, True, True, id="exactly three quarters of the area is enough"),
        pytest.param(("74.99", "25.01", "0"), 8, True, False, id="one hundredth less is not"),
        pytest.param(
            ("60000000000000000000.01", "20000000000000000000.01", "0"), 7, True, False, id="exact arithmetic: no float would see this"
        ),
    ],
)
def test_turnout_and_majority_by_area(areas: tuple[str, str, str], item: int, turnout: bool, majority: bool) -> None:
    people = zip(("甲", "乙", "丙"), areas, strict=True)
    roll = [unit(name, name, area=area) for name, area in people if area != "0"]
    motion = count(vote(roll=roll, item=item, ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against")])).motions[0]
    assert (motion.turnout_area, motion.majority_area) == (turnout, majority)


def test_without_anyone_taking_part_both_majorities_are_false() -> None:
    for item in (8, 9):
        motion = count(vote(roll=[unit("1", "甲")], item=item)).motions[0]
        assert (motion.majority_parties, motion.majority_area) == (False, False)
        assert motion.outcome == "no_turnout"
        assert motion.reasons == ("turnout_parties", "turnout_area", "majority_parties", "majority_area")


def test_no_turnout_still_reports_the_majority() -> None:
    motion = count(vote(roll=[unit("1", "甲"), unit("2", "乙")], ballots=[ballot("B1", "甲")])).motions[0]
    assert (motion.outcome, motion.majority_parties, motion.majority_area) == ("no_turnout", True, True)
    assert motion.reasons == ("turnout_parties", "turnout_area")


def test_contested_is_a_reason_on_a_passed_motion_too() -> None:
    roll = [unit(str(number), f"P{number}") for number in range(3)] + [unit("9", "甲", "乙")]
    cast = [ballot(f"B{number}", f"P{number}") for number in range(3)] + [ballot("C1", "甲"), ballot("C2", "乙", "against")]
    motion = count(vote(roll=roll, ballots=cast)).motions[0]
    assert (motion.outcome, motion.reasons, motion.contested) == ("passed", ("contested",), 1)


def test_other_thresholds_may_be_given() -> None:
    strict = RULE_SETS[RULES]
    everybody = type(strict)(Fraction(1), Fraction(1), strict.ordinary, strict.special, strict.special_items)
    file = read_vote(vote(roll=[unit("1", "甲"), unit("2", "乙"), unit("3", "丙")], ballots=[ballot("B1", "甲"), ballot("B2", "乙")]))
    assert tally(file).motions[0].outcome == "passed"
    assert tally(file, everybody).motions[0].outcome == "no_turnout"


def test_the_rule_set_and_the_regulations_hold_the_same_numbers() -> None:
    data = tomllib.loads((Path(regulations.__path__[0]) / "data" / "owners_vote.toml").read_text(encoding="utf-8"))
    values = {each["key"].removeprefix("owners_vote."): each for each in data["regulation"] if "locality" not in each}
    rules = RULE_SETS[RULES]
    assert Fraction(values["turnout_parties"]["value"]) == rules.turnout_parties
    assert Fraction(values["turnout_area"]["value"]) == rules.turnout_area
    assert Fraction(values["majority_ordinary"]["value"]) == rules.ordinary.share
    assert Fraction(values["majority_special"]["value"]) == rules.special.share
    assert {str(values[key]["effective_from"]) for key in ("turnout_parties", "turnout_area", "majority_ordinary", "majority_special")} == {
        RULES.partition("@")[2]
    }


# Who is a party, which ballot acts, what it says ----------------------------------------------------------------------------------------

EARLY, LATE = "2026-04-03T10:00:00+08:00", "2026-04-03T02:00:01Z"
COUPLE = [unit("1", "甲", "乙"), unit("2", "丙")]
PROXY = {"proxy_for": "乙", "proxy_document": "委托书"}
INVALID = {"options": {"invalid_participates": True}}


SENTENCES = [
    pytest.param(
        vote(
            roll=[unit("1", "甲"), unit("车位1", "甲", kind="parking"), unit("车位2", "乙", kind="parking")], ballots=[ballot("B1", "甲")]
        ),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id="parking units are left out of the roll",
    ),
    pytest.param(
        vote(roll=[unit("1", "甲"), unit("车位2", "乙", kind="parking")], ballots=[ballot("B1", "乙")]),
        {},
        {"B1": "not_on_roll"},
        id="and of ballots",
    ),
    pytest.param(
        vote(
            roll=[unit("1", "甲"), unit("车位1", "甲", kind="parking"), unit("车位2", "乙", kind="parking")],
            ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against")],
            options={"count_parking": True},
        ),
        {"taking_part": (2, 300), "agree": (1, 200), "against": (1, 100)},
        {},
        id="unless count_parking",
    ),
    pytest.param(
        vote(roll=[unit("1", "甲"), unit("2", "甲", kind="shop"), unit("3", "甲", kind="other")], ballots=[ballot("B1", "甲")]),
        {"taking_part": (1, 300), "agree": (1, 300)},
        {},
        id="a party is one person, however many units it holds; its areas add up",
    ),
    pytest.param(
        vote(roll=[unit("1", "甲", "乙"), unit("2", "乙", "甲")], ballots=[ballot("B1", "乙")]),
        {"taking_part": (1, 200), "agree": (1, 200)},
        {},
        id="one identical set of holders, in whatever order they are named",
    ),
    pytest.param(
        vote(roll=[unit("1", "甲"), unit("2", "甲", "乙")], ballots=[ballot("B1", "乙")]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id="a holder who is also in another set is a different party there",
    ),
    pytest.param(
        vote(roll=[unit("1", "甲"), unit("2", "甲", "乙")], ballots=[ballot("B1", "甲")]),
        {"taking_part": (2, 200), "agree": (2, 200)},
        {},
        id="one `by` who belongs to several parties acts for all of them",
    ),
    pytest.param(
        vote(
            roll=[unit("1", "开发商", status="unsold"), unit("2", "买家", status="undelivered"), unit("3", status="unsold")],
            ballots=[ballot("B1", "买家")],
        ),
        {"taking_part": (1, 300), "agree": (1, 300)},
        {},
        id="unsold and undelivered units all belong to one party, whoever is named; its holders are anyone named on any of them",
    ),
    pytest.param(
        vote(roll=[unit("1", "开发商", status="unsold"), unit("2", "开发商")], ballots=[ballot("B1", "开发商")]),
        {"taking_part": (2, 200), "agree": (2, 200)},
        {},
        id="a delivered unit of the developer's is another party",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", None)]),
        {},
        {},
        id="a motion left out is missing; a valid ballot that chooses on no motion still acts, takes part in nothing",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", "abstain")]),
        {"taking_part": (1, 100), "abstain": (1, 100)},
        {},
        id="who abstains takes part",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "租客")]),
        {},
        {"B1": "not_on_roll"},
        id="a tenant is not on the roll: never the owners' vote",
    ),
    # Proxies
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "儿子", **PROXY)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id="with proxy_for it acts for that holder's party; the `by` of a proxy need not be on the roll",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", **PROXY)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id="a proxy acts for whom it is for, not for its `by`",
    ),
    pytest.param(
        vote(roll=[*COUPLE, unit("3", "乙")], ballots=[ballot("B1", "儿子", **PROXY)]),
        {"taking_part": (2, 200), "agree": (2, 200)},
        {},
        id="a proxy for a holder of several parties acts for all of them",
    ),
    *[
        pytest.param(
            vote(roll=COUPLE, ballots=[ballot("B1", "儿子", proxy_for="乙", proxy_document=document)]),
            {},
            {"B1": "proxy_without_document"},
            id=f"a proxy needs a non-empty document; a blank document is none: {document!r}",
        )
        for document in (None, "", "  \u3000")
    ],
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", proxy_for="")]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id='proxy_for "" means none',
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", proxy_for="路人", proxy_document="委托书")]),
        {},
        {"B1": "not_on_roll"},
        id="a proxy for somebody who is not on the roll",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", proxy_for="路人", valid=False)]),
        {},
        {"B1": "proxy_without_document"},
        id="the first reason that fits: proxy_without_document before not_on_roll and spoiled",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "租客", valid=False)]),
        {},
        {"B1": "not_on_roll"},
        id="the first reason that fits: not_on_roll before spoiled",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", valid=False), ballot("B2", "丙")]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {"B1": "spoiled"},
        id="the first reason that fits: spoiled before superseded",
    ),
    # Several ballots of one person
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", channel="electronic"), ballot("B2", "丙", "against", valid=False, cast_at=LATE)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {"B2": "spoiled"},
        id="of one person the valid ones come before spoiled ones, whatever the channel and time",
    ),
    *[
        pytest.param(
            vote(
                roll=COUPLE,
                ballots=[ballot("B1", "丙", one, channel=first, cast_at=LATE), ballot("B2", "丙", other, channel=second)],
                options={"channel_precedence": precedence},
            ),
            {"taking_part": (1, 100), winner: (1, 100)},
            {"B2" if winner == one else "B1": "superseded"},
            id=f"by channel, precedence {precedence}: {first} (later) against {second}",
        )
        for precedence, first, second, winner, one, other in (
            ("paper", "paper", "hall", "agree", "agree", "against"),
            ("paper", "hall", "paper", "against", "agree", "against"),
            ("paper", "electronic", "hall", "against", "agree", "against"),
            ("paper", "electronic", "paper", "against", "agree", "against"),
            ("electronic", "paper", "electronic", "against", "agree", "against"),
            ("electronic", "hall", "electronic", "against", "agree", "against"),
            ("electronic", "paper", "hall", "against", "agree", "against"),
            ("latest", "electronic", "paper", "agree", "agree", "against"),
            ("latest", "hall", "paper", "agree", "agree", "against"),
        )
    ],
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", cast_at=LATE), ballot("B2", "丙", "against", cast_at=EARLY)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {"B2": "superseded"},
        id="then the latest cast_at, compared as an instant",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙"), ballot("B2", "丙", "against", cast_at="2026-04-03T02:00:00.00Z")]),
        {"taking_part": (1, 100), "against": (1, 100)},
        {"B1": "superseded"},
        id="then the later in the file: one is left",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲", "against", cast_at=EARLY), ballot("B2", "甲", cast_at=LATE, **PROXY)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {"B1": "superseded"},
        id="two ballots of one `by` for one party, own or proxy, are one person's",
    ),
    pytest.param(
        vote(
            roll=[*COUPLE, unit("3", "甲")],
            ballots=[ballot("B1", "甲", "against", cast_at=EARLY), ballot("B2", "甲", cast_at=LATE, **PROXY)],
        ),
        {"taking_part": (2, 200), "agree": (1, 100), "against": (1, 100)},
        {},
        id="a ballot superseded in one party may act for another",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "儿子", "against", **PROXY)]),
        {"contested": 1},
        {},
        id="ballots of two persons for one party stand beside each other",
    ),
    # Several persons of one party
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙")]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id="alike: counted once",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against")]),
        {"contested": 1},
        {},
        id="different: contested, neither takes part nor counts; their ballots act all the same",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙", "abstain")]),
        {"contested": 1},
        {},
        id="an abstention differs from a yes",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙", None)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {},
        id="of the valid ballots left, those that make a choice on the motion decide",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against", valid=False)]),
        {"taking_part": (1, 100), "agree": (1, 100)},
        {"B2": "spoiled"},
        id="a co-owner's spoiled ballot contests nothing",
    ),
    # Rulings
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against")], rulings=[ruling("B1", "B2", counts="B2")]),
        {"taking_part": (1, 100), "against": (1, 100)},
        {"B1": "superseded"},
        id="a couple submits two ballots: one is counted after a ruling, which sets aside the others it lists",
    ),
    pytest.param(
        vote(
            roll=[*COUPLE, unit("3", "甲")],
            ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against")],
            rulings=[ruling("B1", "B2", counts="B2")],
        ),
        {"taking_part": (2, 200), "agree": (1, 100), "against": (1, 100)},
        {},
        id="in every party for which its `counts` ballot is acting, and in no other",
    ),
    pytest.param(
        vote(
            roll=COUPLE,
            ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against", cast_at=EARLY), ballot("B3", "乙", "against", cast_at=LATE)],
            rulings=[ruling("B1", "B2", counts="B2")],
        ),
        {"contested": 1},
        {"B2": "superseded"},
        id="a ruling whose `counts` ballot was superseded sets nothing aside",
    ),
    pytest.param(
        vote(
            roll=[unit("1", "甲", "乙", "丙")],
            ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against"), ballot("B3", "丙", "abstain")],
            rulings=[ruling("B1", "B2", counts="B1"), ruling("B2", "B3", counts="B2"), ruling("B1", "B3", counts="B3")],
        ),
        {"taking_part": (1, 100), "abstain": (1, 100)},
        {"B1": "superseded", "B2": "superseded"},
        id="rulings apply in file order: the second counts a ballot no longer acting, the third one that still is",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲"), ballot("B2", "乙", valid=False)], rulings=[ruling("B1", "B2", counts="B2")]),
        {},
        {"B1": "superseded", "B2": "spoiled"},
        id="a ruling may find that the spoiled ballot is the household's",
    ),
    # Spoiled ballots
    pytest.param(vote(roll=COUPLE, ballots=[ballot("B1", "丙", valid=False)]), {}, {"B1": "spoiled"}, id="valid false does not take part"),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", valid=False)], **INVALID),
        {"taking_part": (1, 100)},
        {},
        id="unless invalid_participates: it takes part and supports nothing",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲", valid=False), ballot("B2", "乙", valid=False)], **INVALID),
        {"taking_part": (1, 100)},
        {},
        id="a party for which only spoiled ballots are left takes part once",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "甲", valid=False), ballot("B2", "乙", None)], **INVALID),
        {},
        {"B1": "spoiled"},
        id="a valid ballot that chooses on no motion keeps its party from being spoiled-only",
    ),
    pytest.param(
        vote(roll=COUPLE, ballots=[ballot("B1", "丙", valid=False, cast_at=LATE), ballot("B2", "丙", valid=False)], **INVALID),
        {"taking_part": (1, 100)},
        {"B2": "spoiled"},
        id="a spoiled ballot acts only where its party takes part through it",
    ),
]


@pytest.mark.parametrize(("file", "expected", "set_aside"), SENTENCES)
def test_sentence(file: Document, expected: dict[str, Any], set_aside: dict[str, str]) -> None:
    assert figures(file) == expected
    assert rejected(file) == set_aside


def test_a_spoiled_only_party_takes_part_in_every_motion() -> None:
    motions = [{"id": "M1", "item": 9}, {"id": "M2", "item": 4}]
    file = vote(roll=COUPLE, motions=motions, ballots=[ballot("B1", "丙", valid=False, choices={})], **INVALID)
    assert [motion.taking_part.parties for motion in count(file).motions] == [1, 1]


def test_a_party_takes_part_in_the_others_but_not_in_the_motion_it_left_out() -> None:
    motions = [{"id": "M1", "item": 9}, {"id": "M2", "item": 4}]
    file = vote(roll=COUPLE, motions=motions, ballots=[ballot("B1", "丙", choices={"M2": "against"})])
    assert [motion.taking_part.parties for motion in count(file).motions] == [0, 1]


def test_the_roll_counts_parties_area_and_units_of_what_is_left() -> None:
    roll = [unit("1", "甲"), unit("2", "甲", "乙", area="50.5"), unit("3", "甲"), unit("车位", "丙", kind="parking")]
    summary = count(vote(roll=roll)).roll
    assert (summary.whole.parties, summary.whole.area, summary.units) == (2, 25_050, 3)


def test_absent_options_ballots_rulings_and_valid_mean_the_defaults_of_the_example() -> None:
    roll = [unit("1", "甲"), unit("车位", "甲", kind="parking")]
    cast = [{key: value for key, value in ballot("B1", "甲", cast_at=EARLY).items() if key != "valid"}]
    cast.append(ballot("B2", "甲", "against", channel="electronic", cast_at=LATE))
    full = vote(roll=roll, ballots=cast)
    bare = {key: value for key, value in full.items() if key not in ("options", "rulings")}
    assert count(bare) == count(full)
    assert count(full).motions[0].agree.parties == 1
    without_ballots = {key: value for key, value in bare.items() if key != "ballots"}
    assert count(without_ballots).motions[0].taking_part.parties == 0


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(
            ("2026-04-03T10:00:00+08:00", "2026-04-03T02:00:00Z", "2026-04-03t02:00:00.000z", "2026-04-02T23:30:00-02:30"), id="same"
        ),
        pytest.param(("0000-02-29T00:00:00Z", "0000-02-28T23:59:00-00:01"), id="year 0 had a leap day"),
    ],
)
def test_instants_that_are_the_same(times: tuple[str, ...]) -> None:
    assert len({instant(text) for text in times}) == 1


def test_instants_in_order() -> None:
    texts = [
        "2016-12-31T23:59:59.999999999999Z",
        "2016-12-31T23:59:60Z",
        "2017-01-01T07:59:60.5+08:00",
        "2017-01-01T00:00:00Z",
        "2017-01-01T00:00:00.0000000000000001Z",
        "2017-01-01T00:00:00.05Z",
        "2017-01-01T00:00:00.5Z",
        "2017-01-01T00:00:01Z",
        "2016-12-31T23:59:59-08:00",
    ]
    moments = [instant(text) for text in texts]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(texts)


# The result as a document ---------------------------------------------------------------------------------------------------------------


def test_the_result_has_exactly_these_keys_in_this_order_and_lists_in_file_order() -> None:
    motions = [{"id": "M2", "item": 9}, {"id": "M1", "item": 8}]
    cast = [ballot("B9", "租客"), ballot("B2", "儿子", proxy_for="乙"), ballot("B5", "甲")]
    document = result_document(count(vote(roll=COUPLE, motions=motions, ballots=cast)))
    measure = ["parties", "area"]
    assert list(document) == ["format", "roll", "motions", "rejected"]
    assert document["format"] == "doorstep.vote-result/1"
    roll: Any = document["roll"]
    assert list(roll) == ["parties", "area", "units", "fingerprint"]
    listed: Any = document["motions"]
    assert [motion["id"] for motion in listed] == ["M2", "M1"]
    for motion in listed:
        assert list(motion) == [
            *("id", "item", "taking_part", "agree", "against", "abstain", "contested", "turnout", "majority", "outcome", "reasons")
        ]
        assert all(list(motion[key]) == measure for key in ("taking_part", "agree", "against", "abstain", "turnout"))
        assert list(motion["majority"]) == [*measure, "needs"]
    assert listed[1]["agree"] == {"parties": 1, "area": "100.00"}
    assert document["rejected"] == [
        {"ballot": "B9", "reason": "not_on_roll"},
        {"ballot": "B2", "reason": "proxy_without_document"},
    ]


def test_the_fingerprint_is_sha_256_over_all_units_parking_too_sorted_by_name() -> None:
    roll = [
        unit("瑞金阁-2", "乙", "甲", area="92.3"),
        unit("瑞金阁-10", status="unsold", area="007"),
        unit("A-车位", "丙", area="12.50", kind="parking"),
        unit("𠮷-1", "丁"),
        unit("ﬁ-1", "丁"),
    ]
    lines = (
        "A-车位|12.50|parking|丙|delivered\n"
        "瑞金阁-10|7.00|flat||unsold\n"
        "瑞金阁-2|92.30|flat|乙,甲|delivered\n"
        "ﬁ-1|100.00|flat|丁|delivered\n"
        "𠮷-1|100.00|flat|丁|delivered\n"
    )
    expected = "sha256:" + sha256(lines.encode("utf-8")).hexdigest()
    file = read_vote(vote(roll=roll))
    assert fingerprint(file.roll) == expected
    assert tally(file).roll.fingerprint == expected
    assert fingerprint([Unit("x", 1, "flat", ("甲",), "delivered")]) != fingerprint([Unit("x", 1, "flat", ("乙",), "delivered")])


def test_every_reason_has_a_name_in_both_languages() -> None:
    given = {"turnout_parties", "turnout_area", "majority_parties", "majority_area", "contested"}
    given |= {"proxy_without_document", "not_on_roll", "spoiled", "superseded"}
    assert given <= set(REASONS)
