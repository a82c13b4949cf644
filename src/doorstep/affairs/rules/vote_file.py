"""The two files of a vote (formats, section 1): the full one as it is counted, and the open one, which says the same without saying who.

Pure: documents in, documents out. A pseudonym is HMAC-SHA-256 under a key made for this vote, so that nobody without the key can try
out room numbers. What could tell a household apart by its moment or its words is replaced: times by their rank, documents by `held`.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

FORMAT = "doorstep.vote/1"
RULES = "cn-civil-code-278@2021-01-01"
HELD = "held"

Document = dict[str, Any]


def ballot_row(
    *,
    label: str,
    by: str,
    channel: str,
    cast_at: str,
    proxy_for: str | None,
    proxy_document: str,
    valid: bool,
    choices: Mapping[str, str],
) -> Document:
    """One ballot of a full file, keys in the documented order."""
    return {
        "id": label,
        "by": by,
        "channel": channel,
        "cast_at": cast_at,
        "proxy_for": proxy_for,
        "proxy_document": proxy_document or None,
        "valid": valid,
        "choices": dict(choices),
    }


def vote_document(
    *,
    place: str,
    title: str,
    options: Document,
    roll: Sequence[Document],
    motions: Sequence[Document],
    ballots: Sequence[Document],
    rulings: Sequence[Document],
) -> Document:
    """A `doorstep.vote/1` document, keys in the documented order."""
    return {
        "format": FORMAT,
        "place": place,
        "title": title,
        "rules": RULES,
        "options": options,
        "roll": list(roll),
        "motions": list(motions),
        "ballots": list(ballots),
        "rulings": list(rulings),
    }


def pseudonym(key: bytes, name: str) -> str:
    """64 hexadecimal digits that stand for a unit, a holder or a ballot in the open file of one vote."""
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()


def open_document(full: Document, *, key: bytes, opened_at: datetime, reason_codes: Sequence[str]) -> Document:
    """The open file of a full one. `reason_codes` are those of the rulings, in file order.

    Ranks keep the order in which the full file's ballots stand by time and then by place in the file, so that the count comes out the same.
    """

    def name(text: str) -> str:
        return pseudonym(key, text)

    order = sorted(range(len(full["ballots"])), key=lambda index: (datetime.fromisoformat(full["ballots"][index]["cast_at"]), index))
    rank = {index: place for place, index in enumerate(order)}
    roll = [{**unit, "unit": name(unit["unit"]), "holders": sorted(name(holder) for holder in unit["holders"])} for unit in full["roll"]]
    ballots = [
        {
            **ballot,
            "id": name(ballot["id"]),
            "by": name(ballot["by"]),
            "cast_at": (opened_at + timedelta(seconds=rank[index])).isoformat(timespec="seconds"),
            "proxy_for": name(ballot["proxy_for"]) if ballot["proxy_for"] else None,
            "proxy_document": HELD if (ballot["proxy_document"] or "").strip() else None,
        }
        for index, ballot in enumerate(full["ballots"])
    ]
    rulings = [
        {"ballots": [name(each) for each in ruling["ballots"]], "counts": name(ruling["counts"]), "because": code}
        for ruling, code in zip(full["rulings"], reason_codes, strict=True)
    ]
    return {
        **full,
        "roll": sorted(roll, key=lambda unit: str(unit["unit"])),
        "ballots": sorted(ballots, key=lambda ballot: str(ballot["id"])),
        "rulings": rulings,
    }
