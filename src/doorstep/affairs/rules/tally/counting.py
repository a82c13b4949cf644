"""The count: parties of the roll, ballots that act for them, figures and outcome per motion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from doorstep.affairs.rules.tally.instants import instant
from doorstep.affairs.rules.tally.result import Measure, MotionResult, Rejected, Result, RollSummary, fingerprint
from doorstep.affairs.rules.tally.thresholds import RULE_SETS, Thresholds, reaches
from doorstep.affairs.rules.tally.votes import CHOICES, Ballot, Motion, Unit, VoteFile

PRECEDENCE: dict[str, dict[str, int]] = {
    "paper": {"paper": 3, "hall": 2, "electronic": 1},
    "electronic": {"electronic": 3, "hall": 2, "paper": 1},
    "latest": {"paper": 1, "hall": 1, "electronic": 1},
}
"""By `channel_precedence`, how much a ballot of each channel weighs against another of the same person."""

CONTESTED, MISSING = "contested", "missing"
DEVELOPER: tuple[str, ...] = ()
"""Stands for the developer among sets of holders: no delivered unit is without one."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of a roll, numbered as they first appear: their areas, and the parties each holder belongs to."""

    areas: Sequence[int]
    of_holder: dict[str, list[int]]

    def of(self, ballot: Ballot) -> Sequence[int]:
        """The parties a ballot is cast for: those of its `by`, or of whom the proxy is for."""
        return self.of_holder.get(ballot.proxy_for or ballot.by, ())


@dataclass(frozen=True, slots=True)
class Acting:
    """Who takes part: per party the valid ballots that decide, and the parties with nothing but spoiled ones where these take part."""

    deciding: dict[int, list[Ballot]]
    spoiled_only: list[int]
    rejected: tuple[Rejected, ...]


def tally(vote: VoteFile, thresholds: Thresholds | None = None) -> Result:
    """Count a vote under the rules it names, or under other thresholds."""
    thresholds = thresholds or RULE_SETS[vote.rules]
    counted = [unit for unit in vote.roll if vote.options.count_parking or unit.kind != "parking"]
    parties = parties_of(counted)
    acting = acting_ballots(vote, parties)
    whole = Measure(len(parties.areas), sum(parties.areas))
    return Result(
        RollSummary(whole, len(counted), fingerprint(vote.roll)),
        tuple(_count(motion, parties, acting, whole, thresholds) for motion in vote.motions),
        acting.rejected,
    )


def parties_of(units: Iterable[Unit]) -> Parties:
    """One identical set of holders is one party, whatever it holds; all that is unsold or undelivered is the developer's
    (interpretation on differentiated ownership, art. 9)."""
    areas: dict[tuple[str, ...], int] = {}
    named_on_developers: set[str] = set()
    for unit in units:
        holders = unit.holders
        if unit.status != "delivered":
            named_on_developers.update(holders)
            holders = DEVELOPER
        elif len(holders) > 1:
            holders = tuple(sorted(holders))
        areas[holders] = areas.get(holders, 0) + unit.area
    of_holder: dict[str, list[int]] = {}
    for number, holders in enumerate(areas):
        for holder in named_on_developers if holders == DEVELOPER else holders:
            of_holder.setdefault(holder, []).append(number)
    return Parties(list(areas.values()), of_holder)


def acting_ballots(vote: VoteFile, parties: Parties) -> Acting:
    """Which ballots act for which party: one per person, less those a ruling sets aside."""
    left = _one_per_person(vote, parties)
    _apply_rulings(vote, parties, left)
    deciding = {party: valid for party, by_person in left.items() if (valid := [ballot for ballot in by_person.values() if ballot.valid])}
    spoiled_only = [party for party in left if party not in deciding] if vote.options.invalid_participates else []
    acts = {ballot.id for ballots in deciding.values() for ballot in ballots}
    acts.update(ballot.id for party in spoiled_only for ballot in left[party].values())
    rejected = tuple(Rejected(ballot.id, _why_rejected(ballot, parties)) for ballot in vote.ballots if ballot.id not in acts)
    return Acting(deciding, spoiled_only, rejected)


def _one_per_person(vote: VoteFile, parties: Parties) -> dict[int, dict[str, Ballot]]:
    """Per party, for each person who cast a ballot for it, the one of theirs that is left."""
    weight = PRECEDENCE[vote.options.channel_precedence]
    left: dict[int, dict[str, Ballot]] = {}
    for ballot in vote.ballots:
        if _lacks_document(ballot):
            continue
        for party in parties.of(ballot):
            by_person = left.get(party)
            if by_person is None:
                left[party] = {ballot.by: ballot}
            elif ballot.by not in by_person or _replaces(ballot, by_person[ballot.by], weight):
                by_person[ballot.by] = ballot
    return left


def _replaces(ballot: Ballot, earlier: Ballot, weight: dict[str, int]) -> bool:
    """Whether a person's ballot goes before one of theirs earlier in the file: valid before spoiled, then by channel, then the latest."""
    if ballot.valid != earlier.valid:
        return ballot.valid
    if weight[ballot.channel] != weight[earlier.channel]:
        return weight[ballot.channel] > weight[earlier.channel]
    return instant(ballot.cast_at) >= instant(earlier.cast_at)


def _apply_rulings(vote: VoteFile, parties: Parties, left: dict[int, dict[str, Ballot]]) -> None:
    """Take out what rulings set aside, in file order, in every party for which the ballot that counts is still left."""
    named = {name for ruling in vote.rulings for name in ruling.ballots}
    ballot_of = {ballot.id: ballot for ballot in vote.ballots if ballot.id in named}
    for ruling in vote.rulings:
        counts = ballot_of[ruling.counts]
        others = [ballot_of[name] for name in ruling.ballots if name != ruling.counts]
        for party in parties.of(counts):
            by_person = left.get(party, {})
            if by_person.get(counts.by) is counts:
                for other in others:
                    if by_person.get(other.by) is other:
                        del by_person[other.by]


def _lacks_document(ballot: Ballot) -> bool:
    return ballot.proxy_for is not None and ballot.proxy_document is None


def _why_rejected(ballot: Ballot, parties: Parties) -> str:
    if _lacks_document(ballot):
        return "proxy_without_document"
    if not parties.of(ballot):
        return "not_on_roll"
    return "superseded" if ballot.valid else "spoiled"


def _choice_of_several(ballots: Sequence[Ballot], motion: Motion) -> str:
    """What the ballots of one party say together: alike is one choice, different is contested."""
    choices = {ballot.choices[motion.id] for ballot in ballots if motion.id in ballot.choices}
    if len(choices) > 1:
        return CONTESTED
    return choices.pop() if choices else MISSING


def _count(motion: Motion, parties: Parties, acting: Acting, whole: Measure, thresholds: Thresholds) -> MotionResult:
    """The figures and the outcome of one motion."""
    areas = parties.areas
    areas_of: dict[str, list[int]] = {choice: [] for choice in (*CHOICES, CONTESTED, MISSING)}
    for party, ballots in acting.deciding.items():
        choice = ballots[0].choices.get(motion.id, MISSING) if len(ballots) == 1 else _choice_of_several(ballots, motion)
        areas_of[choice].append(areas[party])
    agree, against, abstain = (Measure(len(areas_of[choice]), sum(areas_of[choice])) for choice in CHOICES)
    contested = len(areas_of[CONTESTED])
    spoiled = Measure(len(acting.spoiled_only), sum(areas[party] for party in acting.spoiled_only))
    part = Measure(
        agree.parties + against.parties + abstain.parties + spoiled.parties, agree.area + against.area + abstain.area + spoiled.area
    )
    majority = thresholds.majority(motion.item)
    turnout_parties = reaches(part.parties, whole.parties, thresholds.turnout_parties)
    turnout_area = reaches(part.area, whole.area, thresholds.turnout_area)
    majority_parties = majority.met(agree.parties, part.parties)
    majority_area = majority.met(agree.area, part.area)
    reasons = {
        "turnout_parties": not turnout_parties,
        "turnout_area": not turnout_area,
        "majority_parties": not majority_parties,
        "majority_area": not majority_area,
        "contested": contested > 0,
    }
    if not (turnout_parties and turnout_area):
        outcome = "no_turnout"
    elif majority_parties and majority_area:
        outcome = "passed"
    else:
        outcome = "failed"
    return MotionResult(
        id=motion.id,
        item=motion.item,
        taking_part=part,
        agree=agree,
        against=against,
        abstain=abstain,
        contested=contested,
        turnout_parties=turnout_parties,
        turnout_area=turnout_area,
        majority_parties=majority_parties,
        majority_area=majority_area,
        majority=majority,
        outcome=outcome,
        reasons=tuple(reason for reason, applies in reasons.items() if applies),
    )
