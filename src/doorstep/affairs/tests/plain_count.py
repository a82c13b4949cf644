"""The same count once more, slowly, straight from the sentences of the format: sets, Decimal and Fraction, every question asked anew.

It shares no line with the rule it is held against.
"""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

Json = dict[str, Any]


class PlainCount:
    def __init__(self, file: Json) -> None:
        options = file.get("options", {})
        self.parking = options.get("count_parking", False)
        self.spoiled_participate = options.get("invalid_participates", False)
        self.precedence = {
            "paper": ["paper", "hall", "electronic"],
            "electronic": ["electronic", "hall", "paper"],
            "latest": None,
        }[options.get("channel_precedence", "paper")]
        self.file = file
        self.roll = [unit for unit in file["roll"] if self.parking or unit["kind"] != "parking"]
        self.ballots = file.get("ballots", [])
        self.parties = {self.party(unit) for unit in self.roll}
        self.left = {party: self.ballots_left(party) for party in self.parties}

    # Parties -----------------------------------------------------------------------------------------------------

    def party(self, unit: Json) -> object:
        return "the developer" if unit["status"] in ("unsold", "undelivered") else frozenset(unit["holders"])

    def members(self, party: object) -> set[str]:
        return {holder for unit in self.roll if self.party(unit) == party for holder in unit["holders"]}

    def area(self, parties: set[Any]) -> Decimal:
        return sum((Decimal(unit["area"]) for unit in self.roll if self.party(unit) in parties), Decimal(0))

    # Ballots -----------------------------------------------------------------------------------------------------

    def speaks_for(self, ballot: Json) -> str:
        return str(ballot["proxy_for"]) if ballot["proxy_for"] else str(ballot["by"])

    def without_document(self, ballot: Json) -> bool:
        return bool(ballot["proxy_for"]) and (ballot["proxy_document"] is None or ballot["proxy_document"].strip() == "")

    def on_roll(self, ballot: Json) -> bool:
        return any(self.speaks_for(ballot) in unit["holders"] for unit in self.roll)

    def valid(self, ballot: Json) -> bool:
        return bool(ballot.get("valid", True))

    def cast_at(self, ballot: Json) -> tuple[datetime, Fraction]:
        text = ballot["cast_at"].upper()
        leap = text[17:19] == "60"
        if leap:
            text = text[:17] + "59" + text[19:]
        fraction = Fraction(0)
        if text[19] == ".":
            end = next(at for at in range(20, len(text)) if not text[at].isdigit())
            fraction = Fraction(int(text[20:end]), 10 ** (end - 20))
            text = text[:19] + text[end:]
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC), fraction + leap

    def goes_before(self, one: Json, other: Json) -> bool:
        """Whether `one` of a person's two ballots is the one that is left."""
        if self.valid(one) != self.valid(other):
            return self.valid(one)
        if self.precedence and one["channel"] != other["channel"]:
            return self.precedence.index(one["channel"]) < self.precedence.index(other["channel"])
        if self.cast_at(one) != self.cast_at(other):
            return self.cast_at(one) > self.cast_at(other)
        return self.ballots.index(one) > self.ballots.index(other)

    def ballots_left(self, party: object) -> list[Json]:
        cast = [each for each in self.ballots if not self.without_document(each) and self.speaks_for(each) in self.members(party)]
        left = [one for one in cast if all(self.goes_before(one, other) for other in cast if other is not one and other["by"] == one["by"])]
        for ruling in self.file.get("rulings", []):
            if ruling["counts"] in [each["id"] for each in left]:
                left = [each for each in left if each["id"] == ruling["counts"] or each["id"] not in ruling["ballots"]]
        return left

    def only_spoiled(self, party: object) -> bool:
        return bool(self.left[party]) and not any(self.valid(each) for each in self.left[party])

    # The answer --------------------------------------------------------------------------------------------------

    def why_rejected(self, ballot: Json) -> str | None:
        for party in self.parties:
            if any(each is ballot for each in self.left[party]) and (
                self.valid(ballot) or (self.spoiled_participate and self.only_spoiled(party))
            ):
                return None
        if self.without_document(ballot):
            return "proxy_without_document"
        if not self.on_roll(ballot):
            return "not_on_roll"
        return "superseded" if self.valid(ballot) else "spoiled"

    def measure(self, parties: set[Any]) -> Json:
        return {"parties": len(parties), "area": f"{self.area(parties):.2f}"}

    def motion(self, motion: Json) -> Json:
        said = {
            party: {each["choices"][motion["id"]] for each in self.left[party] if self.valid(each) and motion["id"] in each["choices"]}
            for party in self.parties
        }
        agree, against, abstain = ({party for party in said if said[party] == {choice}} for choice in ("agree", "against", "abstain"))
        contested = sum(len(choices) > 1 for choices in said.values())
        spoiled = {party for party in self.parties if self.spoiled_participate and self.only_spoiled(party)}
        part = agree | against | abstain | spoiled

        def share(some: set[Any], of: set[Any]) -> tuple[Fraction, Fraction]:
            if not of:
                return Fraction(0), Fraction(0)
            return Fraction(len(some), len(of)), Fraction(self.area(some)) / Fraction(self.area(of))

        turnout = [each >= Fraction(2, 3) for each in share(part, self.parties)]
        if motion["item"] in (6, 7, 8):
            majority, needs = [each >= Fraction(3, 4) for each in share(agree, part)], "3/4 reached"
        else:
            majority, needs = [each > Fraction(1, 2) for each in share(agree, part)], "1/2 exceeded"
        reasons = []
        for applies, reason in (
            (not turnout[0], "turnout_parties"),
            (not turnout[1], "turnout_area"),
            (not majority[0], "majority_parties"),
            (not majority[1], "majority_area"),
            (contested, "contested"),
        ):
            if applies:
                reasons.append(reason)
        return {
            "id": motion["id"],
            "item": motion["item"],
            "taking_part": self.measure(part),
            "agree": self.measure(agree),
            "against": self.measure(against),
            "abstain": self.measure(abstain),
            "contested": contested,
            "turnout": {"parties": turnout[0], "area": turnout[1]},
            "majority": {"parties": majority[0], "area": majority[1], "needs": needs},
            "outcome": "no_turnout" if not all(turnout) else "passed" if all(majority) else "failed",
            "reasons": reasons,
        }

    def result(self) -> Json:
        lines = b""
        for unit in sorted(self.file["roll"], key=lambda unit: [ord(letter) for letter in unit["unit"]]):
            area = format(Decimal(unit["area"]).quantize(Decimal("0.01")), "f")
            holders = ",".join(sorted(unit["holders"], key=lambda name: [ord(letter) for letter in name]))
            lines += "|".join([unit["unit"], area, unit["kind"], holders, unit["status"]]).encode("utf-8") + b"\n"
        reasons = [(each["id"], self.why_rejected(each)) for each in self.ballots]
        return {
            "format": "doorstep.vote-result/1",
            "roll": {**self.measure(self.parties), "units": len(self.roll), "fingerprint": f"sha256:{sha256(lines).hexdigest()}"},
            "motions": [self.motion(each) for each in self.file["motions"]],
            "rejected": [{"ballot": name, "reason": reason} for name, reason in reasons if reason],
        }
