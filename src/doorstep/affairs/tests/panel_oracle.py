"""Panels by trying everything: written from the format alone, with nothing of the rule in it. For a handful of candidates."""

import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def excluded_reason(candidate: Document) -> str | None:
    if candidate.get("available", True) is False:
        return "unavailable"
    if candidate.get("recused"):
        return "recused"
    return "vetoed" if candidate.get("vetoed_by") else None


def eligible(document: Document) -> list[Document]:
    return [candidate for candidate in document["candidates"] if excluded_reason(candidate) is None]


def lot(document: Document, candidate: Document) -> str:
    return hashlib.sha256(f"{document['seed']}|{candidate['id']}".encode()).hexdigest()


def within(count: int, bound: Document) -> bool:
    most = bound.get("max")
    return (bound.get("min") or 0) <= count and (most is None or count <= most)


def matching(members: list[Document], balance: Document) -> int:
    return sum(member.get("attributes", {}).get(balance["attribute"]) == balance["value"] for member in members)


def seatings(document: Document, members: list[Document]) -> Iterator[tuple[int, ...]]:
    """Every way to give each a seat of a role they have, in the order of the seats listed, bounds or not."""
    roles = [seat["role"] for seat in document["seats"]]
    return itertools.product(*([at for at, role in enumerate(roles) if role in member["roles"]] for member in members))


def lawful_seatings(document: Document, members: list[Document]) -> list[tuple[int, ...]]:
    return [
        taken for taken in seatings(document, members) if all(within(taken.count(at), seat) for at, seat in enumerate(document["seats"]))
    ]


def apart(document: Document, members: list[Document]) -> bool:
    homes = [member["household"] for member in members if member.get("household")]
    return not document.get("one_per_household") or len(homes) == len(set(homes))


def lawful(document: Document, members: list[Document]) -> bool:
    return (
        len(members) == document["size"]
        and apart(document, members)
        and all(within(matching(members, balance), balance) for balance in document.get("balance", []))
        and bool(lawful_seatings(document, members))
    )


def order(document: Document, members: list[Document]) -> tuple[int, int, list[str]]:
    return (
        -sum(member["fit"] for member in members),
        sum(member["load"] ** 2 for member in members),
        sorted(lot(document, member) for member in members),
    )


def panels(document: Document) -> list[list[Document]]:
    standing = [candidate for candidate in eligible(document) if candidate.get("standing")]
    others = [candidate for candidate in eligible(document) if not candidate.get("standing")]
    free = document["size"] - len(standing)
    found = ([*standing, *more] for more in itertools.combinations(others, free)) if free >= 0 else iter(())
    return [panel for panel in found if lawful(document, panel)]


def reserves(document: Document, panel: list[Document], member: Document) -> list[str]:
    staying = [other for other in panel if other is not member]
    could = [[*staying, other] for other in eligible(document) if other not in panel and lawful(document, [*staying, other])]
    return [swapped[-1]["id"] for swapped in sorted(could, key=lambda swapped: order(document, swapped))[:2]]


def because(document: Document, panel: list[Document], taken: dict[str, int], member: Document) -> list[str]:
    """Why this member: what is just met with them, and what puts them before their first reserve."""
    if member.get("standing"):
        return ["standing"]
    seat = taken[member["id"]]
    codes = ["seat_min"] if list(taken.values()).count(seat) == document["seats"][seat].get("min") else []
    counted_for = [balance for balance in document.get("balance", []) if matching([member], balance)]
    codes += ["balance_min"] if any(matching(panel, balance) == balance.get("min") for balance in counted_for) else []
    first = next((other for name in reserves(document, panel, member)[:1] for other in document["candidates"] if other["id"] == name), None)
    if first is not None:
        differ = [measure for measure in ("fit", "load") if first[measure] != member[measure]]
        codes.append([*differ, "lot"][0])
    return codes or ["fit"]


def result(document: Document) -> Document:
    """The published result."""
    excluded = [
        {"id": candidate["id"], "reason": excluded_reason(candidate)} for candidate in document["candidates"] if excluded_reason(candidate)
    ]
    possible = panels(document)
    if not possible:
        return {
            "format": "doorstep.panel-result/1",
            "status": "impossible",
            "members": [],
            "objective": None,
            "reserves": {},
            "excluded": excluded,
            "shortfalls": shortfalls(document),
        }
    panel = sorted(min(possible, key=lambda panel: order(document, panel)), key=lambda member: lot(document, member))
    # In lot order each the earliest seat that leaves everyone one: the first seating in that order.
    taken = min(lawful_seatings(document, panel))
    seated = sorted(zip(taken, panel, strict=True), key=lambda pair: (pair[0], lot(document, pair[1])))
    seats_taken = {member["id"]: seat for seat, member in seated}
    return {
        "format": "doorstep.panel-result/1",
        "status": "formed",
        "members": [
            {"id": member["id"], "seat": document["seats"][seat]["role"], "because": because(document, panel, seats_taken, member)}
            for seat, member in seated
        ],
        "objective": {"fit": -order(document, panel)[0], "load": order(document, panel)[1]},
        "reserves": {member["id"]: reserves(document, panel, member) for _, member in seated},
        "excluded": excluded,
    }


def missed(count: int, bound: Document) -> tuple[int, int]:
    """Units by which a minimum and a maximum are missed."""
    most = bound.get("max")
    return max(0, (bound.get("min") or 0) - count), 0 if most is None else max(0, count - most)


def shortfalls(document: Document) -> list[Document]:
    """The least to relax, over every group of people whatever, seated in every way."""
    standing = sum(bool(candidate.get("standing")) for candidate in eligible(document))
    balances, seats = document.get("balance", []), document["seats"]
    able = [candidate for candidate in eligible(document) if any(True for _ in seatings(document, [candidate]))]
    best = None
    for size in range(1, len(able) + 1):
        for group in itertools.combinations(able, size):
            members = list(group)
            if not apart(document, members):
                continue
            fixed = [
                (standing - sum(bool(member.get("standing")) for member in members), 0),
                missed(size, {"min": document["size"], "max": document["size"]}),
                *(missed(matching(members, balance), balance) for balance in reversed(balances)),
            ]
            for counts in {tuple(taken.count(at) for at in range(len(seats))) for taken in seatings(document, members)}:
                units = [*fixed, *(missed(count, seat) for count, seat in reversed(list(zip(counts, seats, strict=True))))]
                rank = [sum(map(sum, units)), *map(sum, units), *(above for _, above in units)]
                if best is None or rank < best[0]:
                    best = rank, units
    if best is None:
        return []
    names = ["standing", "size"]
    bounds = [{"min": standing}, {"min": document["size"], "max": document["size"]}]
    names += [f"balance:{balance['attribute']}={balance['value']}" for balance in reversed(balances)]
    names += [f"seat:{seat['role']}" for seat in reversed(seats)]
    bounds += [*reversed(balances), *reversed(seats)]
    moved = []
    for name, bound, (below, above) in zip(names, bounds, best[1], strict=True):
        if below:
            moved.append({"bound": name, "side": "min", "has": bound.get("min") or 0, "becomes": (bound.get("min") or 0) - below})
        if above:
            moved.append({"bound": name, "side": "max", "has": bound["max"], "becomes": bound["max"] + above})
    listed = [*(f"seat:{seat['role']}" for seat in seats), *reversed([n for n in names if n.startswith("balance:")]), "size", "standing"]
    return sorted(moved, key=lambda shortfall: listed.index(shortfall["bound"]))
