"""What makes a vote file not acceptable, each fault with its JSON path; and what does not."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.affairs.rules.documents import parse
from doorstep.affairs.rules.tally import NotAcceptable, Refusal, read_vote, result_document, tally
from doorstep.affairs.tests.vote_files import Document, ballot, ruling, unit, vote

GOOD = vote(
    roll=[unit("1", "甲", "乙"), unit("2", status="unsold"), unit("3", "丙")],
    ballots=[ballot("B1", "甲"), ballot("B2", "乙", "against"), ballot("B3", "丙")],
    rulings=[ruling("B1", "B2", counts="B1")],
)
GONE = object()


def changed(*path: str | int, to: object) -> Document:
    """The good file with one place changed, or gone."""
    document: Any = deepcopy(GOOD)
    place = document
    for step in path[:-1]:
        place = place[step]
    if to is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return document  # type: ignore[no-any-return]


def faults(document: object) -> list[tuple[str, str]]:
    try:
        read_vote(document)
    except NotAcceptable as refused:
        return [(refusal.path, refusal.code) for refusal in refused.refusals]
    return []


def test_the_file_the_others_are_made_from_is_acceptable() -> None:
    assert faults(GOOD) == []


REFUSED = [
    (changed("format", to="doorstep.vote/2"), "$.format", "unknown_format", "an unknown version"),
    (changed("format", to=GONE), "$.format", "missing", "no format"),
    ([], "$", "wrong_type", "not an object"),
    (changed("rules", to="cn-pmr-12@2018-03-19"), "$.rules", "unknown_rules", "an unknown rules"),
    (changed("rules", to=GONE), "$.rules", "missing", "no rules"),
    (changed("rules", to=["cn"]), "$.rules", "unknown_rules", "rules that are no name"),
    (changed("roll", to=[]), "$.roll", "empty_roll", "an empty roll"),
    (changed("roll", to=GONE), "$.roll", "missing", "no roll"),
    (changed("roll", to={}), "$.roll", "wrong_type", "a roll that is no list"),
    (
        vote(roll=[unit("1", "甲", kind="parking"), unit("2", "乙", kind="parking")]),
        "$.roll",
        "empty_roll",
        "a roll of parking alone that is not counted",
    ),
    (changed("roll", 0, "holders", to=["甲", "乙", "甲"]), "$.roll[0].holders[2]", "duplicate_holder", "a holder twice on one unit"),
    (changed("roll", 2, "unit", to="1"), "$.roll[2].unit", "duplicate_unit", "two units of one name"),
    (
        changed("motions", to=[{"id": "M1", "item": 9}, {"id": "M1", "item": 8}]),
        "$.motions[1].id",
        "duplicate_motion",
        "two motions of one name",
    ),
    (changed("ballots", 2, "id", to="B1"), "$.ballots[2].id", "duplicate_ballot", "two ballots of one name"),
    *[
        (changed("roll", 0, "area", to=area), "$.roll[0].area", code, f"an area {said}: {area!r:.12}")
        for area, code, said in (
            ("0", "not_positive", "not above zero"),
            ("0.00", "not_positive", "not above zero"),
            ("92.301", "too_fine", "finer than 0.01"),
            ("92.300", "too_fine", "finer than 0.01"),
            ("-92.30", "not_a_number", "that does not match"),
            ("+92.30", "not_a_number", "that does not match"),
            ("92.", "not_a_number", "that does not match"),
            (".5", "not_a_number", "that does not match"),
            ("9e1", "not_a_number", "that does not match"),
            (" 92.30", "not_a_number", "that does not match"),
            ("92.30\n", "not_a_number", "that does not match"),
            ("９２.30", "not_a_number", "that does not match"),
            ("1,000.00", "not_a_number", "that does not match"),
            ("", "not_a_number", "that does not match"),
            ("9" * 5000, "not_a_number", "no estate has"),
            (92.3, "wrong_type", "that is no text"),
            (None, "wrong_type", "that is no text"),
        )
    ],
    (changed("roll", 0, "area", to=GONE), "$.roll[0].area", "missing", "a unit without an area"),
    *[
        (changed("motions", 0, "item", to=item), "$.motions[0].item", "unknown_item", f"an unknown item: {item!r}")
        for item in (0, 10, -1, "9", 9.0, True, None)
    ],
    *[
        (changed("roll", 0, "kind", to=kind), "$.roll[0].kind", "unknown_kind", f"an unknown kind: {kind!r}")
        for kind in ("house", "Flat", "", None, [])
    ],
    *[
        (changed("roll", 0, "status", to=status), "$.roll[0].status", "unknown_status", f"an unknown status: {status!r}")
        for status in ("sold", None, {})
    ],
    *[
        (changed("ballots", 0, "channel", to=channel), "$.ballots[0].channel", "unknown_channel", f"an unknown channel: {channel!r}")
        for channel in ("post", "", None, 1)
    ],
    (changed("options", "quorum", to=True), "$.options.quorum", "unknown_option", "an unknown option"),
    (changed("options", "两票", to=True), "$.options['两票']", "unknown_option", "an unknown option, in Chinese"),
    (changed("options", "count_parking", to="yes"), "$.options.count_parking", "unknown_option", "a switch that is neither true nor false"),
    (changed("options", "count_parking", to=1), "$.options.count_parking", "unknown_option", "1 is not true"),
    (changed("options", "channel_precedence", to="hall"), "$.options.channel_precedence", "unknown_option", "an unknown precedence"),
    (changed("options", to=None), "$.options", "wrong_type", "options that are no object"),
    *[
        (
            changed("ballots", 0, "choices", to={"M1": choice}),
            "$.ballots[0].choices.M1",
            "unknown_choice",
            f"an unknown choice: {choice!r}",
        )
        for choice in ("yes", "", None, "missing", ["agree"])
    ],
    (changed("roll", 0, "holders", to=[]), "$.roll[0].holders", "no_holders", "a delivered unit without holders"),
    (changed("roll", 0, "holders", to=GONE), "$.roll[0].holders", "no_holders", "a delivered unit that names no holders"),
    (changed("roll", 0, "holders", to="甲"), "$.roll[0].holders", "wrong_type", "holders that are no list"),
    (changed("ballots", 0, "choices", to={"M2": "agree"}), "$.ballots[0].choices.M2", "unknown_motion", "a choice on an unknown motion"),
    (changed("ballots", 0, "choices", to=["agree"]), "$.ballots[0].choices", "wrong_type", "choices that are no object"),
    (changed("rulings", 0, "ballots", to=["B1", "B9"]), "$.rulings[0].ballots[1]", "unknown_ballot", "a ruling on an unknown ballot"),
    (
        changed("rulings", 0, "counts", to="B3"),
        "$.rulings[0].counts",
        "counts_not_listed",
        "a ruling whose `counts` is not among its ballots",
    ),
    (changed("rulings", 0, "ballots", to="B1"), "$.rulings[0].ballots", "wrong_type", "a ruling without a list"),
    *[
        (changed("roll", 0, "unit", to=name), "$.roll[0].unit", "bad_name", f"a unit name that cannot be: {name!r}")
        for name in ("", "1|2", "1,2", "1\n", "\x00", "1\x7f", "1\x85", "\ud800")
    ],
    (changed("roll", 0, "unit", to=302), "$.roll[0].unit", "wrong_type", "a unit name that is no text"),
    (changed("roll", 0, "unit", to=GONE), "$.roll[0].unit", "missing", "a unit without a name"),
    *[
        (changed("roll", 0, "holders", to=["甲", name]), "$.roll[0].holders[1]", "bad_name", f"a holder name that cannot be: {name!r}")
        for name in ("", "a|b", "a,b", "a\tb", "a\x9f")
    ],
    (changed("roll", 0, "holders", to=[1]), "$.roll[0].holders[0]", "wrong_type", "a holder that is no text"),
    *[
        (
            changed("ballots", 0, "cast_at", to=text),
            "$.ballots[0].cast_at",
            "bad_time",
            f"a time that is not RFC 3339 with an offset: {text!r}",
        )
        for text in (
            "2026-04-03T10:00:00",
            "2026-04-03 10:00:00+08:00",
            "2026-04-03",
            "2026-04-03T10:00+08:00",
            "2026-04-03T10:00:00+0800",
            "2026-04-03T10:00:00+08",
            "2026-04-03T24:00:00+08:00",
            "2026-04-03T10:60:00+08:00",
            "2026-04-03T10:00:61+08:00",
            "2026-04-03T10:00:60+08:00",  # a leap second ends a UTC day
            "2026-04-03T10:00:00+24:00",
            "2026-04-03T10:00:00.+08:00",
            "2026-04-03T10:00:00,5+08:00",
            "2026-02-29T10:00:00+08:00",
            "2026-13-01T10:00:00+08:00",
            "2026-00-10T10:00:00Z",
            "20260403T100000Z",
            "2026-04-03T10:00:00Z ",
            "٢٠٢٦-04-03T10:00:00Z",
            1775181600,
            None,
        )
    ],
    (changed("ballots", 0, "by", to=None), "$.ballots[0].by", "wrong_type", "a ballot by nobody"),
    (changed("ballots", 0, "id", to=7), "$.ballots[0].id", "wrong_type", "a ballot id that is no text"),
    (changed("ballots", 0, "id", to=GONE), "$.ballots[0].id", "missing", "a ballot without id"),
    (changed("motions", 0, "id", to=1), "$.motions[0].id", "wrong_type", "a motion id that is no text"),
    (changed("motions", to=GONE), "$.motions", "missing", "no motions"),
    (changed("ballots", 0, "valid", to="no"), "$.ballots[0].valid", "wrong_type", "valid that is neither true nor false"),
    (changed("ballots", 0, "valid", to=None), "$.ballots[0].valid", "wrong_type", "valid that is null"),
    (changed("ballots", 0, "proxy_for", to=["甲"]), "$.ballots[0].proxy_for", "wrong_type", "a proxy for no name"),
    (changed("ballots", 0, "proxy_document", to=True), "$.ballots[0].proxy_document", "wrong_type", "a document that is no text"),
    (changed("ballots", 0, to="B1"), "$.ballots[0]", "wrong_type", "a ballot that is no object"),
    (changed("title", to=None), "$.title", "wrong_type", "a title that is no text"),
]


@pytest.mark.parametrize(("document", "path", "code"), [pytest.param(*case[:3], id=case[3]) for case in REFUSED])
def test_not_acceptable(document: object, path: str, code: str) -> None:
    assert (path, code) in faults(document)


def test_each_fault_is_named_and_says_what_it_is() -> None:
    document = changed("roll", 0, "kind", to="house")
    document["roll"][2]["area"] = "1.234"
    document["ballots"][1]["channel"] = "post"
    with pytest.raises(NotAcceptable) as refused:
        read_vote(document)
    assert [tuple(refusal) for refusal in refused.value.refusals] == [
        ("$.roll[0].kind", "unknown_kind", "'house' is not a kind of unit"),
        ("$.roll[2].area", "too_fine", "'1.234' has more than two decimals"),
        ("$.ballots[1].channel", "unknown_channel", "'post' is not a channel"),
    ]
    assert "$.roll[2].area: '1.234' has more than two decimals" in str(refused.value)


def test_one_bad_unit_does_not_make_the_roll_empty_and_one_bad_ballot_no_ruling_wrong() -> None:
    assert faults(vote(roll=[unit("1", "甲", area="0")])) == [("$.roll[0].area", "not_positive")]
    assert faults(changed("ballots", 0, "channel", to="post")) == [("$.ballots[0].channel", "unknown_channel")]


ACCEPTED = [
    pytest.param(changed("roll", 1, "holders", to=GONE), id="an unsold unit need not name holders"),
    pytest.param(changed("note", to="…"), id="members the format does not know are passed over"),
    pytest.param(changed("ballots", 2, "id", to="任意 |,"), id="other ids are opaque strings"),
    pytest.param(changed("motions", 0, "text", to=GONE), id="a motion may go without text"),
    pytest.param(vote(roll=[unit("1", "甲")], motions=[]), id="no motions at all"),
    pytest.param(changed("ballots", 0, "proxy_for", to=GONE), id="proxy_for left out is none"),
    pytest.param(changed("roll", 0, "area", to="0000000000000092.3"), id="leading zeros match"),
    pytest.param(changed("roll", 0, "unit", to="瑞金阁 1-302·𠮷\u2028"), id="any other character may stand in a name"),
    *[
        pytest.param(changed("ballots", 0, "cast_at", to=text), id=f"RFC 3339: {text}")
        for text in ("2016-12-31T23:59:60Z", "2024-02-29t10:00:00.123456789012z", "2026-04-03T10:00:00-00:00", "0000-01-01T00:00:00+23:59")
    ],
    pytest.param(
        vote(roll=[unit("1", "甲", kind="parking")], options={"count_parking": True}), id="a roll of parking alone that is counted"
    ),
]


@pytest.mark.parametrize("document", ACCEPTED)
def test_acceptable(document: Document) -> None:
    assert faults(document) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.sampled_from(("甲", "B1", "M1", "agree")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("unit", "id", "M1", "x")), inner, max_size=3),
    max_leaves=5,
)


def places(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document but its root."""
    steps: Any = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [found for step, value in steps for found in ((*path, step), *places(value, (*path, step)))]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.sampled_from(places(GOOD)), json_values)
def test_any_value_anywhere_is_counted_or_refused_with_a_path_and_never_an_error_of_ours(
    path: tuple[str | int, ...], value: object
) -> None:
    document = changed(*path, to=value)
    refusals: tuple[Refusal, ...] = ()
    try:
        result = result_document(tally(read_vote(document)))
    except NotAcceptable as refused:
        result, refusals = {}, refused.refusals
    assert bool(result) != bool(refusals)
    assert all(refusal.path.startswith("$") and refusal.code and refusal.message for refusal in refusals)


# The JSON itself ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b'{"a": 1, "a": 1}', [("$.a", "duplicate_key")], id="a key twice"),
        pytest.param(b'{"roll": [{}, {"x y": {"k": 1, "k": 2, "l": 3}}]}', [("$.roll[1]['x y'].k", "duplicate_key")], id="deep inside"),
        pytest.param(
            b'[{"a": 1, "a": 1, "a": 1, "b": 0, "b": 0}, {"c": 0, "c": 0}]',
            [("$[0].a", "duplicate_key"), ("$[0].b", "duplicate_key"), ("$[1].c", "duplicate_key")],
            id="all of them, in order",
        ),
        pytest.param(rb'{"a": "\ud800"}', [("$.a", "not_text")], id="half of a surrogate pair"),
        pytest.param(b'{"a": NaN}', [("$", "not_json")], id="NaN is not JSON"),
        pytest.param(b'{"a": -Infinity}', [("$", "not_json")], id="Infinity is not JSON"),
        pytest.param(b'{"a": 1', [("$", "not_json")], id="cut short"),
        pytest.param(b"", [("$", "not_json")], id="empty"),
        pytest.param(b"[" * 100_000, [("$", "not_json")], id="too deep"),
        pytest.param(b'{"a": "\xff"}', [("$", "not_utf8")], id="not UTF-8"),
        pytest.param('{"a": "表决"}'.encode("gb18030"), [("$", "not_utf8")], id="GB18030 is not UTF-8"),
    ],
)
def test_json_that_is_refused(text: bytes, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(NotAcceptable) as refused:
        parse(text)
    assert [(refusal.path, refusal.code) for refusal in refused.value.refusals] == expected


def test_a_whole_surrogate_pair_and_a_byte_order_mark_are_fine() -> None:
    assert parse(b"\xef\xbb\xbf" + rb'{"a": "\ud842\udfb7"}') == {"a": "𠮷"}
