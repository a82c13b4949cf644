"""Reading a vote file: every member is checked, every fault is named with its JSON path; nothing is guessed.

Members the format does not know are passed over. `place`, `title`, `text`, `because`, `choices`, `holders` and the two members of a proxy
may be left out as well as those the format names; then they are empty.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from doorstep.affairs.rules.documents import NotAcceptable, Refusal, member_path
from doorstep.affairs.rules.tally import votes
from doorstep.affairs.rules.tally.instants import is_instant
from doorstep.affairs.rules.tally.thresholds import RULE_SETS
from doorstep.affairs.rules.tally.votes import Ballot, Motion, Options, Ruling, Unit, VoteFile

MESSAGES = {
    "missing": "is missing",
    "wrong_type": "is not of the type the format asks for",
    "unknown_format": f"is not {votes.FORMAT}",
    "unknown_rules": "is not a rule set this program knows",
    "unknown_option": "is not an option or not one of its values",
    "unknown_item": "is not an item of article 278 (1 to 9)",
    "unknown_kind": "is not a kind of unit",
    "unknown_status": "is not a status of a unit",
    "unknown_channel": "is not a channel",
    "unknown_choice": "is not a choice",
    "unknown_motion": "is not a motion of this vote",
    "unknown_ballot": "is not a ballot of this vote",
    "empty_roll": "has no unit that is counted",
    "no_holders": "is delivered and names no holder",
    "bad_name": "is empty, or has |, a comma or a control character",
    "duplicate_unit": "is on the roll twice",
    "duplicate_holder": "is on this unit twice",
    "duplicate_motion": "is the id of two motions",
    "duplicate_ballot": "is the id of two ballots",
    "not_a_number": "is not a decimal number like 92.30",
    "not_positive": "is not above zero",
    "too_fine": "has more than two decimals",
    "bad_time": "is not a time of RFC 3339 with an offset",
    "counts_not_listed": "is not among the ballots of its ruling",
}

_NAME = re.compile(r"[^|,\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_AREA = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_TOO_FINE = re.compile(r"[0-9]+\.[0-9]{3,}")
_LONGEST_AREA = 1000

T = TypeVar("T")
Json = Any
"""A value of a parsed JSON document, not checked yet."""


def read_vote(document: object) -> VoteFile:
    """A vote from a parsed JSON document. Raises NotAcceptable with every fault."""
    reader = _Reader()
    vote = reader.vote(document)
    if reader.refusals or vote is None:
        raise NotAcceptable(reader.refusals)
    return vote


@lru_cache(maxsize=65536)
def _hundredths(text: str) -> int | str:
    """An area in hundredths of a square metre, or the code of its fault."""
    if not _AREA.fullmatch(text) or len(text) > _LONGEST_AREA:
        return "too_fine" if _TOO_FINE.fullmatch(text) else "not_a_number"
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0")) or "not_positive"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


class _Reader:
    """Reads one document, gathering faults. A part with a fault is read as None and the reading goes on."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self.motions: set[str] = set()
        self.ballots: set[str] = set()

    def refuse(self, path: str, code: str, value: object = None) -> None:
        said = "" if value is None else f"{value!r:.80} "
        self.refusals.append(Refusal(path, code, said + MESSAGES[code]))

    def refuse_member(self, path: str, raw: dict[str, Json], key: str, code: str) -> None:
        if key in raw:
            self.refuse(member_path(path, key), code, raw[key])
        else:
            self.refuse(member_path(path, key), "missing")

    def vote(self, document: object) -> VoteFile | None:
        if not isinstance(document, dict):
            self.refuse("$", "wrong_type")
            return None
        if document.get("format") != votes.FORMAT:
            self.refuse_member("$", document, "format", "unknown_format")
            return None
        rules = document.get("rules")
        if not isinstance(rules, str) or rules not in RULE_SETS:
            self.refuse_member("$", document, "rules", "unknown_rules")
        place, title = self.text("$", document, "place"), self.text("$", document, "title")
        options = self.options(document.get("options", {}))
        self.motions = self.names(document, "motions", "id", "duplicate_motion")
        self.ballots = self.names(document, "ballots", "id", "duplicate_ballot")
        self.names(document, "roll", "unit", "duplicate_unit")
        motions = self.each(document, "motions", self.motion)
        roll = self.each(document, "roll", self.unit)
        left_out = [unit for unit in roll if unit.kind == "parking" and not options.count_parking]
        if isinstance(document.get("roll"), list) and len(left_out) == len(document["roll"]):
            self.refuse("$.roll", "empty_roll")
        ballots = self.each(document, "ballots", self.ballot, default=())
        rulings = self.each(document, "rulings", self.ruling, default=())
        return VoteFile(place, title, str(rules), options, roll, motions, ballots, rulings)

    def each(
        self, document: dict[str, Json], key: str, read: Callable[[int, dict[str, Json]], T | None], default: Sequence[object] | None = None
    ) -> tuple[T, ...]:
        """The objects of a list that could be read."""
        items = document.get(key, default)
        if not isinstance(items, (list, tuple)):
            self.refuse_member("$", document, key, "wrong_type")
            return ()
        good = []
        for at, raw in enumerate(items):
            if not isinstance(raw, dict):
                self.refuse(f"$.{key}[{at}]", "wrong_type", raw)
            elif (item := read(at, raw)) is not None:
                good.append(item)
        return tuple(good)

    def names(self, document: dict[str, Json], key: str, member: str, code: str) -> set[str]:
        """The names in a list of objects; refuses those that stand there twice."""
        items: Json = document.get(key)
        if not isinstance(items, (list, tuple)):
            return set()
        names = [raw.get(member) if isinstance(raw, dict) else None for raw in items]
        found = {name for name in names if isinstance(name, str)}
        if len(found) < len(names):
            seen: set[str] = set()
            for at, name in enumerate(names):
                if isinstance(name, str) and name in seen:
                    self.refuse(f"$.{key}[{at}].{member}", code, name)
                elif isinstance(name, str):
                    seen.add(name)
        return found

    def text(self, path: str, raw: dict[str, Json], key: str) -> str:
        value = raw.get(key, "")
        if not isinstance(value, str):
            self.refuse_member(path, raw, key, "wrong_type")
            return ""
        return value

    def options(self, raw: object) -> Options:
        if not isinstance(raw, dict):
            self.refuse("$.options", "wrong_type", raw)
            return Options()
        known: dict[str, tuple[object, ...]] = {
            "count_parking": (False, True),
            "invalid_participates": (False, True),
            "channel_precedence": votes.PRECEDENCES,
        }
        good: dict[str, Any] = {}
        for key, value in raw.items():
            # `0 == False`: the type has to fit as well.
            if any(value == allowed and type(value) is type(allowed) for allowed in known.get(key, ())):
                good[key] = value
            else:
                self.refuse(member_path("$.options", key), "unknown_option", value)
        return Options(**good)

    def motion(self, at: int, raw: dict[str, Json]) -> Motion | None:
        path, found = f"$.motions[{at}]", len(self.refusals)
        name: Json = raw.get("id")
        item: Json = raw.get("item")
        if not isinstance(name, str):
            self.refuse_member(path, raw, "id", "wrong_type")
        if type(item) is not int or item not in votes.ITEMS:
            self.refuse_member(path, raw, "item", "unknown_item")
        text = self.text(path, raw, "text")
        return Motion(name, item, text) if len(self.refusals) == found else None

    def unit(self, at: int, raw: dict[str, Json]) -> Unit | None:
        found = len(self.refusals)
        name: Json = raw.get("unit")
        area: Json = raw.get("area")
        kind: Json = raw.get("kind")
        holders: Json = raw.get("holders", ())
        status: Json = raw.get("status")
        if not _is_name(name):
            self.refuse_member(f"$.roll[{at}]", raw, "unit", "bad_name" if isinstance(name, str) else "wrong_type")
        hundredths: Json = _hundredths(area) if isinstance(area, str) else "wrong_type"
        if isinstance(hundredths, str):
            self.refuse_member(f"$.roll[{at}]", raw, "area", hundredths)
        if kind not in votes.KINDS:
            self.refuse_member(f"$.roll[{at}]", raw, "kind", "unknown_kind")
        if status not in votes.STATUSES:
            self.refuse_member(f"$.roll[{at}]", raw, "status", "unknown_status")
        if not isinstance(holders, (list, tuple)):
            self.refuse_member(f"$.roll[{at}]", raw, "holders", "wrong_type")
        elif not holders:
            if status == "delivered":
                self.refuse(f"$.roll[{at}].holders", "no_holders")
        elif len(holders) != 1 or not _is_name(holders[0]):
            self.several_holders(f"$.roll[{at}].holders", holders)
        return Unit(name, hundredths, kind, tuple(holders), status) if len(self.refusals) == found else None

    def several_holders(self, path: str, holders: Sequence[object]) -> None:
        named: set[object] = set()
        for place, holder in enumerate(holders):
            if not _is_name(holder):
                self.refuse(f"{path}[{place}]", "bad_name" if isinstance(holder, str) else "wrong_type", holder)
            elif holder in named:
                self.refuse(f"{path}[{place}]", "duplicate_holder", holder)
            else:
                named.add(holder)

    def ballot(self, at: int, raw: dict[str, Json]) -> Ballot | None:
        found = len(self.refusals)
        name: Json = raw.get("id")
        by: Json = raw.get("by")
        channel: Json = raw.get("channel")
        cast_at: Json = raw.get("cast_at")
        proxy_for: Json = raw.get("proxy_for")
        document: Json = raw.get("proxy_document")
        valid: Json = raw.get("valid", True)
        choices: Json = raw.get("choices", {})
        if not isinstance(name, str):
            self.refuse_member(f"$.ballots[{at}]", raw, "id", "wrong_type")
        if not isinstance(by, str):
            self.refuse_member(f"$.ballots[{at}]", raw, "by", "wrong_type")
        if channel not in votes.CHANNELS:
            self.refuse_member(f"$.ballots[{at}]", raw, "channel", "unknown_channel")
        if not isinstance(cast_at, str) or not is_instant(cast_at):
            self.refuse_member(f"$.ballots[{at}]", raw, "cast_at", "bad_time")
        if proxy_for is not None and not isinstance(proxy_for, str):
            self.refuse_member(f"$.ballots[{at}]", raw, "proxy_for", "wrong_type")
        if document is not None and not isinstance(document, str):
            self.refuse_member(f"$.ballots[{at}]", raw, "proxy_document", "wrong_type")
        if not isinstance(valid, bool):
            self.refuse_member(f"$.ballots[{at}]", raw, "valid", "wrong_type")
        if not isinstance(choices, dict):
            self.refuse_member(f"$.ballots[{at}]", raw, "choices", "wrong_type")
        else:
            for motion, choice in choices.items():
                if motion not in self.motions:
                    self.refuse(member_path(f"$.ballots[{at}].choices", motion), "unknown_motion")
                if choice not in votes.CHOICES:
                    self.refuse(member_path(f"$.ballots[{at}].choices", motion), "unknown_choice", choice)
        if len(self.refusals) != found:
            return None
        return Ballot(name, by, channel, cast_at, proxy_for or None, document if document and document.strip() else None, valid, choices)

    def ruling(self, at: int, raw: dict[str, Json]) -> Ruling | None:
        path, found = f"$.rulings[{at}]", len(self.refusals)
        ballots: Json = raw.get("ballots")
        counts: Json = raw.get("counts")
        because = self.text(path, raw, "because")
        if not isinstance(ballots, (list, tuple)):
            self.refuse_member(path, raw, "ballots", "wrong_type")
            return None
        for place, ballot in enumerate(ballots):
            if not isinstance(ballot, str) or ballot not in self.ballots:
                self.refuse(f"{path}.ballots[{place}]", "unknown_ballot", ballot)
        if counts not in ballots:
            self.refuse_member(path, raw, "counts", "counts_not_listed")
        return Ruling(tuple(ballots), counts, because) if len(self.refusals) == found else None
