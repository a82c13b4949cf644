"""Small vote files for tests: written out by hand, or made by hypothesis so that every branch of the rule is reached."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

RULES = "cn-civil-code-278@2021-01-01"
Document = dict[str, Any]


def unit(name: str, *holders: str, area: str = "100.00", kind: str = "flat", status: str = "delivered") -> Document:
    return {"unit": name, "area": area, "kind": kind, "holders": list(holders), "status": status}


def ballot(name: str, by: str, choice: str | None = "agree", **facts: Any) -> Document:
    """A paper ballot with one choice on M1; `choices=` for others."""
    choices = {} if choice is None else {"M1": choice}
    given = {
        "id": name,
        "by": by,
        "channel": "paper",
        "cast_at": "2026-04-03T10:00:00+08:00",
        "proxy_for": None,
        "proxy_document": None,
        "valid": True,
        "choices": choices,
    }
    return {**given, **facts}


def ruling(*ballots: str, counts: str) -> Document:
    return {"ballots": list(ballots), "counts": counts, "because": "召集人认定"}


def vote(*, roll: list[Document], ballots: list[Document] | None = None, item: int = 9, **facts: Any) -> Document:
    """A vote on one motion, M1."""
    given = {
        "format": "doorstep.vote/1",
        "place": "瑞康花园",
        "title": "康乐场地",
        "rules": RULES,
        "options": {"count_parking": False, "invalid_participates": False, "channel_precedence": "paper"},
        "roll": roll,
        "motions": [{"id": "M1", "item": item, "text": "…"}],
        "ballots": ballots or [],
        "rulings": [],
    }
    return deepcopy({**given, **facts})


PEOPLE = ("甲", "乙", "丙", "丁", "戊", "己")
"""Few, so that sets of co-owners overlap and ballots meet."""
OUTSIDERS = (*PEOPLE, "租客", "儿子")
TIMES = (
    "2026-04-03T10:00:00+08:00",
    "2026-04-03T02:00:00Z",  # the same instant
    "2026-04-03t02:00:00.000z",
    "2026-04-03T10:00:00.5+08:00",
    "2026-04-03T10:00:00.50+08:00",
    "2026-04-03T10:00:00.49+08:00",
    "2026-04-03T09:59:59+07:30",
    "2026-04-02T23:59:59-02:30",
    "2025-12-31T23:59:59Z",
    "2025-12-31T23:59:60Z",
    "2026-01-01T00:00:00Z",
)


def units() -> st.SearchStrategy[list[Document]]:
    one = st.fixed_dictionaries(
        {
            "area": st.sampled_from(("50", "100.0", "100.00", "75.25", "0.01", "33.3")),
            "kind": st.sampled_from(("flat", "flat", "flat", "shop", "parking", "other")),
            "holders": st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True),
            "status": st.sampled_from(("delivered", "delivered", "delivered", "delivered", "unsold", "undelivered")),
        }
    )
    # Names run against the order of the file, so that sorting them shows.
    return st.lists(one, min_size=1, max_size=9).map(lambda rows: [{"unit": f"瑞金阁-{9 - at}", **row} for at, row in enumerate(rows)])


def ballots(motions: list[str]) -> st.SearchStrategy[list[Document]]:
    choice = st.sampled_from(("agree", "agree", "agree", "against", "abstain"))
    one = st.fixed_dictionaries(
        {
            "by": st.sampled_from(OUTSIDERS),
            "channel": st.sampled_from(("paper", "electronic", "hall")),
            "cast_at": st.sampled_from(TIMES),
            "proxy_for": st.sampled_from((None, None, None, "", *PEOPLE, "路人")),
            "proxy_document": st.sampled_from(("委托书", "委托书", "委托书", None, "", " \u3000")),
            "choices": st.dictionaries(st.sampled_from(motions), choice, max_size=len(motions)) if motions else st.just({}),
        },
        optional={"valid": st.sampled_from((True, False, False))},
    )
    return st.lists(one, max_size=14).map(lambda rows: [{"id": f"B{number}", **row} for number, row in enumerate(rows)])


@st.composite
def vote_documents(draw: st.DrawFn) -> Document:
    """Acceptable files: co-owners, several units, a developer, proxies, doubles by channel and time, rulings, spoiled ballots, parking."""
    roll = draw(units())
    counted = draw(st.booleans()) or all(each["kind"] == "parking" for each in roll)
    motions = [f"M{number}" for number in range(draw(st.integers(0, 3)))]
    cast = draw(ballots(motions))
    names = [each["id"] for each in cast]
    rulings = []
    if names:
        for listed in draw(st.lists(st.lists(st.sampled_from(names), min_size=1, max_size=4), max_size=4)):
            rulings.append({"ballots": listed, "counts": draw(st.sampled_from(listed)), "because": "召集人认定"})
    return {
        "format": "doorstep.vote/1",
        "place": "瑞康花园",
        "title": "表决",
        "rules": RULES,
        "options": {
            "count_parking": counted,
            "invalid_participates": draw(st.booleans()),
            "channel_precedence": draw(st.sampled_from(("paper", "electronic", "latest"))),
        },
        "roll": roll,
        "motions": [{"id": name, "item": draw(st.integers(1, 9)), "text": "…"} for name in motions],
        "ballots": cast,
        "rulings": rulings,
    }
