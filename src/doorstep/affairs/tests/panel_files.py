"""Panel files for tests: small ones by hypothesis, and pieces to write one by hand."""

from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

ROLES = ("elder", "women_rep", "expert", "villager")
VALUES = (("sex", "F"), ("sex", "M"), ("group", "1"), ("group", "2"))


def candidate(name: str, *roles: str, fit: int = 0, load: int = 0, **more: Any) -> Document:
    return {"id": name, "roles": list(roles), "fit": fit, "load": load, **more}


def panel_file(*candidates: Document, size: int, seats: list[Document], **more: Any) -> Document:
    return {
        "format": "doorstep.panel/1",
        "matter": "HL-2026-000123",
        "seed": 20260506,
        "size": size,
        "seats": seats,
        "balance": [],
        "one_per_household": True,
        "candidates": list(candidates),
        **more,
    }


@st.composite
def bounds(draw: st.DrawFn, around: int | None) -> Document:
    """A minimum and a maximum: anything small, or such that `around` lies between them."""
    if around is None:
        least = draw(st.sampled_from((0, 0, 0, 1, 1, 2)))
        return {"min": least, "max": draw(st.sampled_from((None, None, least, least + 1, least + 2)))}
    return {
        "min": draw(st.sampled_from((0, max(0, around - 1), around))),
        "max": draw(st.sampled_from((None, around, around + 1))),
    }


@st.composite
def panel_files(draw: st.DrawFn, most: int = 6) -> Document:
    """Up to `most` candidates. Half of the files are made around a group that could sit, so that many panels are formed."""
    roles = ROLES[: draw(st.integers(1, 4))]
    largest_fit = draw(st.sampled_from((0, 1, 3, 1_000_000)))
    largest_load = draw(st.sampled_from((0, 1, 3, 10_000)))
    often = st.sampled_from((False,) * 9 + (True,))
    candidates = [
        {
            "id": f"P{number}",
            "roles": draw(st.lists(st.sampled_from((*roles, "unlisted")), unique=True, max_size=3)),
            "attributes": draw(
                st.fixed_dictionaries({}, optional={"sex": st.sampled_from("FM"), "group": st.sampled_from(("1", "2", "3"))})
            ),
            "household": draw(st.sampled_from((None, "H1", "H2", f"K{number}", f"K{number}"))),
            "fit": draw(st.integers(0, largest_fit)),
            "load": draw(st.integers(0, largest_load)),
            "available": not draw(often),
            "standing": draw(often),
            "recused": draw(st.sampled_from((None, None, None, None, None, None, "kin"))),
            "vetoed_by": draw(st.sampled_from(([], [], [], [], [], [], ["A"]))),
        }
        for number in range(draw(st.sampled_from((most, most - 1, most, most - 1, 4, 3, 1))))
    ]
    size = min(draw(st.sampled_from((3, 4, 2, 3, 1))), len(candidates))
    group = candidates[:size] if draw(st.booleans()) else None
    if group is not None:
        for number, member in enumerate(group):
            seat = draw(st.sampled_from(roles))
            member["roles"] = sorted({*member["roles"], seat})
            member.update(seat=seat, available=True, recused=None, vetoed_by=[], household=f"K{number}")
    seats = [{"role": role, **draw(bounds(None if group is None else sum(member["seat"] == role for member in group)))} for role in roles]
    for member in group or ():
        del member["seat"]
    balance = [
        {
            "attribute": attribute,
            "value": value,
            **draw(bounds(None if group is None else sum(member["attributes"].get(attribute) == value for member in group))),
        }
        for attribute, value in draw(st.lists(st.sampled_from(VALUES), unique=True, max_size=3))
    ]
    return panel_file(
        *draw(st.permutations(candidates)),
        size=size,
        seats=seats,
        balance=balance,
        one_per_household=draw(st.booleans()),
        seed=draw(st.integers(-5, 2**64)),
    )
