"""The count: parties of the roll, ballots that act for them, figures and outcome per motion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from doorstep.affairs.rules.tally.instants import Instant, instant
from doorstep.affairs.rules.tally.result import Measure, MotionResult, Rejected, Result, RollSummary, fingerprint
from doorstep.affairs.rules.tally.thresholds import RULE_SETS, Thresholds, reaches
from doorstep.affairs.rules.tally.votes import Ballot, Motion, Options, Unit, VoteFile

PRECEDENCE: dict[str, dict[str, int]] = {
    "paper": {"paper": 3, "hall": 2, "electronic": 1},
    "electronic": {"electronic": 3, "hall": 2, "paper": 1},
    "latest": {"paper": 1, "hall": 1, "electronic": 1},
}
"""By `channel_precedence`, how much a ballot of each channel weighs against another of the same person."""


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
    areas: dict[frozenset[str] | None, int] = {}
    named_on_developers: set[str] = set()
    for unit in units:
        holders = None if unit.of_developer else frozenset(unit.holders)
        areas[holders] = areas.get(holders, 0) + unit.area
        if holders is None:
            named_on_developers.update(unit.holders)
    of_holder: dict[str, list[int]] = {}
    for number, holders in enumerate(areas):
        for holder in named_on_developers if holders is None else holders:
            of_holder.setdefault(holder, []).append(number)
    return Parties(list(areas.values()), of_holder)


def acting_ballots(vote: VoteFile, parties: Parties) -> Acting:
    """Which ballots act for which party: one per person, less those a ruling sets aside."""
    cast: dict[int, list[Ballot]] = {}
    for ballot in vote.ballots:
        if not _lacks_document(ballot):
            for party in parties.of(ballot):
                cast.setdefault(party, []).append(ballot)
    aside = _set_aside(vote, parties, cast)
    deciding: dict[int, list[Ballot]] = {}
    spoiled_only: list[int] = []
    acts: set[str] = set()
    for party, ballots in cast.items():
        left = ballots if len(ballots) == 1 else [ballot for ballot in ballots if (party, ballot.id) not in aside]
        valid = [ballot for ballot in left if ballot.valid]
        if valid:
            deciding[party] = valid
            acts.update([ballot.id for ballot in valid])
        elif vote.options.invalid_participates:
            spoiled_only.append(party)
            acts.update([ballot.id for ballot in left])
    rejected = tuple(Rejected(ballot.id, _why_rejected(ballot, parties)) for ballot in vote.ballots if ballot.id not in acts)
    return Acting(deciding, spoiled_only, rejected)


def _lacks_document(ballot: Ballot) -> bool:
    return bool(ballot.proxy_for) and not (ballot.proxy_document or "").strip()


def _set_aside(vote: VoteFile, parties: Parties, cast: dict[int, list[Ballot]]) -> set[tuple[int, str]]:
    """The ballots that no longer act for a party, as (party, ballot id): by a better one of the same person, then by rulings in file order."""
    aside: set[tuple[int, str]] = set()
    for party, ballots in cast.items():
        if len(ballots) > 1:
            aside.update([(party, ballot.id) for ballot in _outdone(ballots, vote.options)])
    ballot_of = {ballot.id: ballot for ballot in vote.ballots} if vote.rulings else {}
    for ruling in vote.rulings:
        counts = ballot_of[ruling.counts]
        if not _lacks_document(counts):
            for party in parties.of(counts):
                if (party, counts.id) not in aside:
                    aside.update([(party, other) for other in ruling.ballots if other != counts.id])
    return aside


def _outdone(ballots: Sequence[Ballot], options: Options) -> list[Ballot]:
    """Those of one party's ballots, in file order, that give way to another of the same person: valid before spoiled, then by channel,
    then the latest, then the later in the file."""
    weight = PRECEDENCE[options.channel_precedence]

    def rank(ballot: Ballot) -> tuple[bool, int, Instant]:
        return ballot.valid, weight[ballot.channel], instant(ballot.cast_at)

    best: dict[str, Ballot] = {}
    outdone: list[Ballot] = []
    for ballot in ballots:
        rival = best.get(ballot.by)
        if rival is None or rank(ballot) >= rank(rival):
            best[ballot.by] = ballot
            loser = rival
        else:
            loser = ballot
        if loser is not None:
            outdone.append(loser)
    return outdone


def _why_rejected(ballot: Ballot, parties: Parties) -> str:
    if _lacks_document(ballot):
        return "proxy_without_document"
    if not parties.of(ballot):
        return "not_on_roll"
    return "superseded" if ballot.valid else "spoiled"


def _count(motion: Motion, parties: Parties, acting: Acting, whole: Measure, thresholds: Thresholds) -> MotionResult:
    """The figures and the outcome of one motion."""
    areas = parties.areas
    chosen: dict[str, list[int]] = {"agree": [], "against": [], "abstain": []}
    contested = 0
    for party, ballots in acting.deciding.items():
        choices = {ballot.choices[motion.id] for ballot in ballots if motion.id in ballot.choices}
        if len(choices) == 1:
            chosen[choices.pop()].append(areas[party])
        elif choices:
            contested += 1
    agree, against, abstain = (Measure(len(each), sum(each)) for each in chosen.values())
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
