import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.affairs.rules.matter_states import ENDED, MOVES, OPEN, NotPossible, Role, State, Verb, after, possible
from doorstep.affairs.rules.routing import Rule, overseer, route
from doorstep.affairs.rules.title import LONGEST, title_of

TABLE = [
    ("draft", "raise", "registered"),
    ("registered", "route", "assigned"),
    ("assigned", "answer", "in_progress"),
    ("in_progress", "answer", "in_progress"),
    ("assigned", "done", "awaiting_confirmation"),
    ("in_progress", "done", "awaiting_confirmation"),
    ("awaiting_confirmation", "confirm", "closed_confirmed"),
    ("awaiting_confirmation", "dispute", "in_progress"),
    ("awaiting_confirmation", "lapse", "closed_unconfirmed"),
    ("closed_unconfirmed", "confirm", "closed_confirmed"),
    ("closed_confirmed", "reopen", "in_progress"),
    ("closed_unconfirmed", "reopen", "in_progress"),
    ("cannot_be_done", "reopen", "in_progress"),
    ("in_progress", "cannot", "cannot_be_done"),
    ("in_progress", "route", "assigned"),
    ("assigned", "withdraw", "withdrawn"),
    ("registered", "add", "registered"),
]


@pytest.mark.parametrize(("before", "verb", "expected"), TABLE)
def test_a_verb_leads_where_the_table_says(before: str, verb: str, expected: str) -> None:
    assert after(before, Verb(verb)) == expected


@pytest.mark.parametrize(
    ("before", "verb"),
    [
        ("registered", "answer"),
        ("closed_confirmed", "done"),
        ("closed_confirmed", "confirm"),
        ("withdrawn", "answer"),
        ("assigned", "confirm"),
        ("in_progress", "lapse"),
        ("merged", "reopen"),
    ],
)
def test_what_does_not_fit_the_state_is_refused(before: str, verb: str) -> None:
    with pytest.raises(NotPossible):
        after(before, Verb(verb))


def test_only_the_resident_confirms_or_disputes_and_only_the_body_says_done() -> None:
    assert MOVES[Verb.CONFIRM].roles == {Role.REPORTER, Role.COMPLAINANT}
    assert MOVES[Verb.DISPUTE].roles == {Role.REPORTER, Role.COMPLAINANT}
    assert MOVES[Verb.DONE].roles == {Role.HANDLER}
    assert MOVES[Verb.LAPSE].roles == {Role.SYSTEM}


def test_possible_agrees_with_after_for_every_state_and_role() -> None:
    for state, role in itertools.product(State, Role):
        for verb in Verb:
            allowed = verb in possible(state, frozenset({role}))
            fits = state in MOVES[verb].sources and role in MOVES[verb].roles
            assert allowed == fits


def test_every_state_is_open_ended_or_a_draft() -> None:
    assert frozenset(State) == OPEN | ENDED | {State.DRAFT}
    assert not OPEN & ENDED


ROUTES = [
    Rule("hengli", None, 1, None),
    Rule("hengli", "lighting", 2, 9),
    Rule("ruikang", None, 3, 8),
    Rule("ruikang", "facilities", 4, None),
    Rule("ruikang", "lift", 5, None),
]


@pytest.mark.parametrize(
    ("lineage", "path", "body"),
    [
        (["dongguan", "hengli"], ["other"], 1),
        (["dongguan", "hengli"], ["lighting"], 2),
        (["dongguan", "hengli", "gekeng"], ["lighting"], 2),
        (["dongguan", "hengli", "ruikang"], ["lighting"], 3),
        (["dongguan", "hengli", "ruikang", "ruijin"], ["facilities", "stairway"], 4),
        (["dongguan", "hengli", "ruikang", "ruijin"], ["facilities", "lift"], 5),
        (["dongguan"], ["other"], None),
    ],
)
def test_the_deepest_place_decides_then_the_closest_category(lineage: list[str], path: list[str], body: int | None) -> None:
    chosen = route(rules=ROUTES, lineage=lineage, category_path=path)
    assert (chosen.body if chosen else None) == body


HERE, AT_TOWN = Rule("estate", None, 1, 2), Rule("town", None, 8, 9)


@pytest.mark.parametrize(
    ("level", "here", "at_town", "body", "found"),
    [
        ("household", HERE, AT_TOWN, 1, 2),
        ("building", HERE, AT_TOWN, 1, 2),
        ("village", HERE, AT_TOWN, 1, 2),
        ("town", HERE, AT_TOWN, 1, 8),
        # The town's body has it itself: whoever oversees that.
        ("town", HERE, AT_TOWN, 8, 9),
        ("town", HERE, Rule("town", None, 8, None), 8, None),
        ("town", HERE, None, 1, None),
        # Nobody oversees themselves.
        ("village", HERE, AT_TOWN, 2, None),
        ("village", Rule("estate", None, 1, None), AT_TOWN, 1, None),
        ("village", None, AT_TOWN, 1, None),
    ],
)
def test_the_level_decides_who_oversees(level: str, here: Rule | None, at_town: Rule | None, body: int, found: int | None) -> None:
    assert overseer(level=level, here=here, at_town=at_town, body=body) == found


@pytest.mark.parametrize(
    ("rules", "lineage", "body"),
    [
        ([Rule("estate", None, 1, None)], ["town", "estate"], None),
        ([Rule("estate", None, 1, None), Rule("town", "petition", 2, None)], ["town", "estate"], 2),
        ([Rule("estate", None, 1, None), Rule("town", None, 2, None)], ["town", "estate"], None),
        ([Rule("estate", "petition", 1, None), Rule("town", "petition", 2, None)], ["town", "estate"], 1),
        ([Rule("estate", "petition", 1, None)], ["town"], None),
    ],
)
def test_what_is_for_its_parties_alone_goes_by_rules_that_name_it(rules: list[Rule], lineage: list[str], body: int | None) -> None:
    chosen = route(rules=rules, lineage=lineage, category_path=["petition"], is_restricted=True)
    assert (chosen.body if chosen else None) == body


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("路灯不亮。昨晚就坏了。", "路灯不亮"),
        ("  楼道\n灯 坏了 ", "楼道 灯 坏了"),
        ("康乐场地的地面裂了，健身器材生锈。昨天有个孩子在那里绊倒，膝盖破了。", "康乐场地的地面裂了，健身器材生锈"),
        ("The lamp is out. Since Monday.", "The lamp is out"),
    ],
)
def test_title_is_the_first_sentence(text: str, title: str) -> None:
    assert title_of(text) == title


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_title_is_never_empty_nor_too_long(text: str) -> None:
    title = title_of(text)
    assert 0 < len(title) <= LONGEST or not " ".join(text.split()).strip("。.；; ")
