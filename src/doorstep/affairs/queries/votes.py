"""What others may read of votes. Until closing that is turnout and nothing more, for everyone; then, for the tellers alone, ballots."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from doorstep.affairs.models import (
    Ballot,
    BallotParty,
    Delivery,
    Matter,
    Motion,
    Objection,
    OfficialList,
    Paper,
    PaperEntry,
    PrintedLink,
    RollCorrection,
    RollHolder,
    RollParty,
    RollUnit,
    Ruling,
    Teller,
    Vote,
    VoteRecord,
)
from doorstep.affairs.permissions import may_read_ballots, vote_roles
from doorstep.affairs.rules.convening import CONVENING, items_of
from doorstep.affairs.rules.tally import RULE_SETS
from doorstep.affairs.rules.tally import Unit as TallyUnit
from doorstep.affairs.rules.tally.result import square_metres
from doorstep.affairs.rules.vote_file import RULES, pseudonym
from doorstep.affairs.rules.vote_states import RESULT_SHOWN, SEALED, Role, State, Verb, possible
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Read, Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.models import Entry, SealedLeaf
from doorstep.foundation.journal.queries import proof_for, timeline
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.models import Holder

PAGE = 20
SHORTEST_RECEIPT = 12
INSIDE = frozenset({State.DRAFT, State.FROZEN})
"""States in which a vote is known to its convenor and tellers alone."""


# Audience keys


def is_teller(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `tellers:<number>`."""
    return Teller.objects.filter(vote__number=key.partition(":")[2], person_id=viewer.own_id).exists()


def scan_read(key: str) -> Read | None:
    """What is read when a scanned ballot is opened (audience `tellers:<number>`). Whose it is says who enters it, not the log."""
    return Read("vote", key.partition(":")[2], None, why="scan")


def is_voter(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `voters:<number>`: who is on that vote's frozen roll."""
    return RollHolder.objects.filter(party__vote__number=key.partition(":")[2], person_id=viewer.own_id).exists()


def expand_voters(numbers: Sequence[str]) -> Iterable[int]:
    """Person ids on the frozen rolls of these votes."""
    return RollHolder.objects.filter(party__vote__number__in=numbers).values_list("person_id", flat=True).distinct()


def expand_unvoted(numbers: Sequence[str]) -> Iterable[int]:
    """Person ids of the parties from which no ballot has come in, own or by proxy or a co-owner's. Reads no choice."""
    came = BallotParty.objects.filter(party=OuterRef("party"))
    return RollHolder.objects.filter(~Exists(came), party__vote__number__in=numbers).values_list("person_id", flat=True).distinct()


# Who convenes


def convened_items(kind: str, place: Place, on: date) -> frozenset[int]:
    """The items of art. 278 on which a body of this kind may convene the owners at a place, by the regulation of that day; none for others."""
    if kind not in CONVENING:
        return frozenset()
    return items_of(value_of(f"owners_vote.convenes.{kind}", place_lineage_localities=place.localities, on=on).value)


# The roll's time for objections


def roll_days(vote: Vote) -> int:
    """For how many days a roll that is published now is shown for objections."""
    return value_of("owners_vote.roll_objection_days", place_lineage_localities=vote.place.localities, on=clock.today()).number


def roll_shown_until(vote: Vote) -> datetime | None:
    """The last second for which the roll is shown for objections, by the regulation of the day it was published; None before that."""
    if vote.roll_published_at is None:
        return None
    on = vote.roll_published_at.astimezone(clock.TOWN_ZONE).date()
    days = value_of("owners_vote.roll_objection_days", place_lineage_localities=vote.place.localities, on=on)
    return due(vote.roll_published_at, days.limit, calendar())


# The roll as the count takes it


def holder_name(person_id: int) -> str:
    """How a full file names a person."""
    return f"P{person_id}"


def vote_units(vote: Vote) -> list[TallyUnit]:
    """The frozen roll as the count takes it, parking too."""
    return [
        TallyUnit(
            unit=row.name,
            area=row.area_hundredths,
            kind=row.kind,
            holders=tuple(holder_name(person) for person in row.holders),
            status=row.status,
        )
        for row in RollUnit.objects.filter(vote=vote).order_by("id")
    ]


def full_roll(vote: Vote) -> list[dict[str, object]]:
    """The frozen roll as the full file has it."""
    return [
        {
            "unit": unit.unit,
            "area": square_metres(unit.area),
            "kind": unit.kind,
            "holders": list(unit.holders),
            "status": unit.status,
        }
        for unit in vote_units(vote)
    ]


# Lists


def visible_votes(viewer: Viewer) -> QuerySet[Vote]:
    """Votes a viewer may know of: announced ones, and those one prepares or is to count."""
    votes = Vote.objects.select_related("place", "convenor", "matter")
    known = ~Q(state__in=INSIDE)
    if viewer.signed_in:
        bodies = [post.body_id for post in viewer.posts if post.body_id in viewer.bodies]
        known = known | Q(convenor_id__in=bodies) | Q(Exists(Teller.objects.filter(vote=OuterRef("pk"), person_id=viewer.own_id)))
    return votes.filter(known)


@dataclass(frozen=True, slots=True)
class VoteRow:
    """A vote in a list; `outcomes` of its motions once they are shown."""

    vote: Vote
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoteList:
    items: list[VoteRow]
    before: int | None


def votes_at(viewer: Viewer, *, place: Place | None = None, before: int | None = None, size: int = PAGE) -> VoteList:
    """Votes at and below a place (everywhere without one), newest first. One query."""
    votes = visible_votes(viewer)
    if place is not None:
        votes = votes.filter(Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/"))
    if before is not None:
        votes = votes.filter(id__lt=before)
    found = list(votes.order_by("-id")[: size + 1])
    rows = [VoteRow(vote, tuple(motion["outcome"] for motion in shown_result(vote)["motions"])) for vote in found[:size]]
    return VoteList(rows, found[size - 1].id if len(found) > size else None)


def vote_for(viewer: Viewer, number: str) -> Vote | None:
    """The vote of this number if the viewer may know of it."""
    return visible_votes(viewer).filter(number=number).first()


NOTHING: dict[str, Any] = {"motions": [], "rejected": []}


def shown_result(vote: Vote) -> dict[str, Any]:
    """The result document where it is public, else one without motions."""
    return vote.result if vote.result is not None and State(vote.state) in RESULT_SHOWN else NOTHING


# One vote


@dataclass(frozen=True, slots=True)
class Turnout:
    """From how many parties a ballot came in so far, and their area in hundredths of m². Says nothing of how anybody voted."""

    parties: int
    area_hundredths: int
    of_parties: int
    of_area_hundredths: int


def ballots_in_force(vote: Vote) -> QuerySet[Ballot]:
    """The ballots that are counted: all but those of an official list that another replaced."""
    return Ballot.objects.filter(vote=vote, official_list__replaced_at=None)


def rulings_in_force(vote: Vote) -> list[Ruling]:
    """The rulings that are counted by, in their order. One about a ballot that a new official list replaced is made anew."""
    labels = set(ballots_in_force(vote).values_list("label", flat=True))
    return [ruling for ruling in Ruling.objects.filter(vote=vote).order_by("id") if set(ruling.ballots) <= labels]


def official_lists(vote: Vote) -> list[OfficialList]:
    """The lists that were taken over, oldest first."""
    return list(OfficialList.objects.filter(vote=vote).exclude(received_at=None).defer("rows").order_by("id"))


def official_upload(vote: Vote, pk: int) -> OfficialList | None:
    """A list of this vote, taken over or only looked at."""
    return OfficialList.objects.filter(vote=vote, pk=pk).defer("rows").select_related("vote__place", "vote__convenor").first()


def turnout(vote: Vote) -> Turnout:
    """One query."""
    came = RollParty.objects.filter(Exists(BallotParty.objects.filter(party=OuterRef("pk"))), vote=vote).aggregate(
        n=Count("id"), area=Sum("area_hundredths")
    )
    return Turnout(came["n"], came["area"] or 0, vote.parties, vote.area_hundredths)


@dataclass(frozen=True, slots=True)
class Bar:
    """One measure of one gate: `part` of `whole`, the least that is enough, and whether it was. Persons, or hundredths of m²."""

    measure: str
    part: int
    whole: int
    share: Fraction
    strict: bool
    met: bool

    @property
    def line(self) -> int:
        """The number at the tick: at least this for an inclusive threshold, more than this for a strict one."""
        exact = self.whole * self.share
        return exact.numerator // exact.denominator if self.strict else -((-exact.numerator) // exact.denominator)

    @property
    def short_by(self) -> int:
        """How much was missing; 0 where it was enough."""
        return 0 if self.met else max(self.line + int(self.strict) - self.part, 0)

    @property
    def permille(self) -> int:
        return self.part * 1000 // self.whole if self.whole else 0

    @property
    def per_hundred(self) -> int:
        """Rounded half up, for a sentence that says about."""
        return (self.part * 200 + self.whole) // (2 * self.whole) if self.whole else 0

    @property
    def rounded(self) -> tuple[int, int] | None:
        """Per cent with two places as (whole, hundredths), or None where rounding would cross the line: then the fraction is said."""
        if not self.whole:
            return 0, 0
        hundredths = (self.part * 20000 + self.whole) // (2 * self.whole)
        as_share = Fraction(hundredths, 10000)
        crosses = (as_share > self.share if self.strict else as_share >= self.share) != self.met
        return None if crosses else divmod(hundredths, 100)


@dataclass(frozen=True, slots=True)
class MotionResult:
    """A motion with its two gates: did enough take part, did enough of them agree."""

    motion: Motion
    outcome: str
    reasons: tuple[str, ...]
    turnout: tuple[Bar, Bar]
    majority: tuple[Bar, Bar]
    is_special: bool
    counts: tuple[tuple[str, int, int], ...]
    contested: int

    @property
    def turnout_short(self) -> int:
        """In how many measures too few took part."""
        return sum(1 for bar in self.turnout if not bar.met)

    @property
    def fell_short(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in (*self.turnout, *self.majority) if not bar.met)


def motion_results(vote: Vote, motions: Sequence[Motion]) -> list[MotionResult]:
    """The shown result, motion by motion, with thresholds as numbers of this vote. No query."""
    by_code = {motion["id"]: motion for motion in shown_result(vote)["motions"]}
    return [_motion_result(vote, motion, by_code[motion.code]) for motion in motions if motion.code in by_code]


def _hundredths(text: str) -> int:
    return int(text.replace(".", ""))


def _motion_result(vote: Vote, motion: Motion, result: Mapping[str, Any]) -> MotionResult:
    rules = RULE_SETS[RULES]
    majority = rules.majority(motion.item)
    took, agreed = result["taking_part"], result["agree"]
    parties, area = took["parties"], _hundredths(took["area"])
    return MotionResult(
        motion=motion,
        outcome=result["outcome"],
        reasons=tuple(result["reasons"]),
        turnout=(
            Bar("parties", parties, vote.parties, rules.turnout_parties, False, result["turnout"]["parties"]),
            Bar("area", area, vote.area_hundredths, rules.turnout_area, False, result["turnout"]["area"]),
        ),
        majority=(
            Bar("parties", agreed["parties"], parties, majority.share, not majority.inclusive, result["majority"]["parties"]),
            Bar("area", _hundredths(agreed["area"]), area, majority.share, not majority.inclusive, result["majority"]["area"]),
        ),
        is_special=majority.inclusive,
        counts=tuple((name, result[name]["parties"], _hundredths(result[name]["area"])) for name in ("agree", "against", "abstain")),
        contested=result["contested"],
    )


def turnout_bars(vote: Vote, came: Turnout) -> tuple[Bar, Bar]:
    """What came in so far beside what will be needed; whether it suffices is for the count to say."""
    rules = RULE_SETS[RULES]

    def bar(measure: str, part: int, whole: int, share: Fraction) -> Bar:
        return Bar(measure, part, whole, share, False, part * share.denominator >= whole * share.numerator)

    return (
        bar("parties", came.parties, vote.parties, rules.turnout_parties),
        bar("area", came.area_hundredths, vote.area_hundredths, rules.turnout_area),
    )


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """What the filing pack says beyond the page: papers, deliveries, rulings by code, the official list, objections to the roll. Counts alone."""

    papers: int
    delivered: int
    undelivered: int
    rulings: dict[str, int]
    official: OfficialList | None
    roll_objections: int


def filing_facts(vote: Vote) -> FilingFacts:
    """Five queries and those of the rulings in force."""
    later = Delivery.objects.filter(party=OuterRef("party"), id__gt=OuterRef("id"))
    latest = Delivery.objects.filter(~Exists(later), party__vote=vote)
    brought = latest.aggregate(yes=Count("id", filter=Q(delivered=True)), no=Count("id", filter=Q(delivered=False)))
    rulings: dict[str, int] = {}
    for ruling in rulings_in_force(vote):
        rulings[ruling.code] = rulings.get(ruling.code, 0) + 1
    return FilingFacts(
        papers=Paper.objects.filter(vote=vote, replaced_at=None).count(),
        delivered=brought["yes"],
        undelivered=brought["no"],
        rulings=rulings,
        official=OfficialList.objects.filter(vote=vote, replaced_at=None).exclude(received_at=None).defer("rows").first(),
        roll_objections=Objection.objects.filter(vote=vote, about=Objection.About.ROLL).count(),
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A voter's proof: the pseudonym of their ballot, and whether the open file has it. `choices` only once voting is over."""

    ballot: Ballot
    pseudonym: str
    in_file: bool
    file_is_public: bool
    sealed: bool
    choices: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class VotePage:
    vote: Vote
    motions: list[Motion]
    results: list[MotionResult]
    turnout: Turnout
    turnout_bars: tuple[Bar, Bar]
    steps: list[Entry]
    tellers: list[str]
    roles: frozenset[Role]
    possible: frozenset[Verb]
    own_units: list[RollUnit]
    objections: list[Objection]
    objections_in_all: int
    objections_open: int
    roll_objections_open: int
    roll_shown_until: datetime | None
    corrections: int
    undelivered: list[str]
    rejected: dict[str, int]
    open_sha256: str
    open_bytes: int
    other: MotionResult | None
    receipts: list[Receipt] = field(default_factory=list)


def vote_page(viewer: Viewer, vote: Vote) -> VotePage:
    """Everything the page of a vote shows this viewer, in a fixed number of queries."""
    roles = vote_roles(viewer, vote)
    motions = list(vote.motions.all())
    came = turnout(vote)
    record = VoteRecord.objects.filter(vote=vote).only("open_sha256", "open_bytes").first() if State(vote.state) in RESULT_SHOWN else None
    objections = list(Objection.objects.filter(vote=vote).order_by("id"))
    reads_objections = bool(roles)
    rejected: dict[str, int] = {}
    for each in shown_result(vote)["rejected"]:
        rejected[each["reason"]] = rejected.get(each["reason"], 0) + 1
    return VotePage(
        vote=vote,
        motions=motions,
        results=motion_results(vote, motions),
        turnout=came,
        turnout_bars=turnout_bars(vote, came),
        steps=timeline(kind="vote", subject=vote.number, audiences={PUBLIC}),
        tellers=[teller.person.name for teller in vote.tellers.select_related("person").order_by("id")],
        roles=roles,
        possible=possible(vote.state, roles),
        own_units=own_units(viewer, vote),
        objections=objections if reads_objections else [],
        objections_in_all=len(objections),
        objections_open=sum(1 for each in objections if each.answered_at is None),
        roll_objections_open=sum(1 for each in objections if each.about == Objection.About.ROLL and each.answered_at is None),
        roll_shown_until=roll_shown_until(vote),
        corrections=RollCorrection.objects.filter(vote=vote).count(),
        undelivered=undelivered(vote),
        rejected=rejected,
        open_sha256=record.open_sha256 if record else "",
        open_bytes=record.open_bytes if record else 0,
        other=other_result(vote),
        receipts=receipts_of(viewer, vote),
    )


def other_result(vote: Vote) -> MotionResult | None:
    """The first motion of the estate's latest other vote that came out otherwise: what fails is shown like what passes."""
    outcomes = {motion["outcome"] for motion in shown_result(vote)["motions"]}
    if not outcomes:
        return None
    others = (
        Vote.objects.filter(place_id=vote.place_id, state__in=[State.FINAL, State.PRELIMINARY]).exclude(pk=vote.pk).order_by("-id")[:20]
    )
    for other in others:
        first = shown_result(other)["motions"][0]
        if first["outcome"] not in outcomes | {"no_turnout"}:
            motion = Motion.objects.select_related("vote").get(vote=other, code=first["id"])
            return _motion_result(other, motion, first)
    return None


def own_units(viewer: Viewer, vote: Vote) -> list[RollUnit]:
    """The units by which the viewer is on this vote's roll."""
    if not viewer.signed_in:
        return []
    parties = RollHolder.objects.filter(party__vote=vote, person_id=viewer.own_id).values("party_id")
    return list(RollUnit.objects.filter(vote=vote, party_id__in=parties).order_by("id"))


def undelivered(vote: Vote) -> list[str]:
    """Units whose papers could not be delivered, as announced: their owners may fetch one."""
    latest = Delivery.objects.filter(party=OuterRef("party"), id__gt=OuterRef("id"))
    announced = Delivery.objects.filter(~Exists(latest), party__vote=vote, delivered=False).exclude(announced_at=None)
    return list(announced.order_by("party__position").values_list("party__first_unit", flat=True))


def receipts_of(viewer: Viewer, vote: Vote) -> list[Receipt]:
    """The viewer's own ballots in this vote. One query where there are none, three otherwise."""
    if not viewer.signed_in:
        return []
    ballots = list(ballots_in_force(vote).filter(by_id=viewer.own_id).order_by("id"))
    return _receipts(vote, ballots) if ballots else []


def receipt_of(vote: Vote, ballot: Ballot) -> Receipt:
    """The receipt of one ballot, for its voter."""
    return _receipts(vote, [ballot])[0]


def _receipts(vote: Vote, ballots: Sequence[Ballot]) -> list[Receipt]:
    record = VoteRecord.objects.only("key", "open_file").get(vote=vote)
    sealed = set(SealedLeaf.objects.filter(entry_id__in=[ballot.entry_id for ballot in ballots]).values_list("entry_id", flat=True))
    is_shown = State(vote.state) in RESULT_SHOWN
    receipts = []
    for ballot in ballots:
        name = pseudonym(bytes.fromhex(record.key), ballot.label)
        receipts.append(
            Receipt(
                ballot=ballot,
                pseudonym=name,
                file_is_public=is_shown,
                in_file=is_shown and f'"id":"{name}"' in record.open_file,
                sealed=ballot.entry_id in sealed,
                choices=ballot.choices if State(vote.state) not in SEALED else None,
            )
        )
    return receipts


def receipt_proof(viewer: Viewer, vote: Vote, label: str) -> dict[str, Any] | None:
    """The `doorstep.proof/1` that the voter's own ballot stands in the journal: its entry is the tellers' and theirs. None for everybody else,
    and until the entry is sealed."""
    ballot = Ballot.objects.filter(vote=vote, label=label, by_id=viewer.own_id).first()
    leaf = SealedLeaf.objects.filter(entry_id=ballot.entry_id).first() if ballot is not None else None
    if leaf is None:
        return None
    as_its_voter = Viewer(person_id=viewer.person_id, more_keys=viewer.keys | {f"tellers:{vote.number}"}, reads=viewer.reads)
    return proof_for(as_its_voter, leaf.index)


def is_in_open_file(vote: Vote, receipt: str) -> bool | None:
    """Whether a ballot of this pseudonym (or its first twelve digits and more) is in the open file; None while there is none to look in,
    or what was typed is no receipt."""
    typed = "".join(receipt.split()).replace("-", "").lower()
    if State(vote.state) not in RESULT_SHOWN or not SHORTEST_RECEIPT <= len(typed) <= 64 or set(typed) - set("0123456789abcdef"):
        return None
    return VoteRecord.objects.filter(vote=vote, open_file__contains=f'"id":"{typed}').exists()


def open_file_of(vote: Vote) -> VoteRecord | None:
    """The record with the open file and its result, once they are public."""
    return VoteRecord.objects.filter(vote=vote).defer("full_file").first() if State(vote.state) in RESULT_SHOWN else None


def full_file_for(viewer: Viewer, vote: Vote) -> str | None:
    """The full file for a teller; the reading is noted. None for everybody else."""
    if Role.TELLER not in vote_roles(viewer, vote):
        return None
    record = VoteRecord.objects.filter(vote=vote).exclude(full_file="").first()
    if record is None:
        return None
    viewer.note_read(kind="vote", subject=vote.number, about_person_id=None, why="full_file")
    return record.full_file


def printed_link(token: str) -> PrintedLink | None:
    return PrintedLink.objects.filter(token=token).first()


# The roll on a page, for the owners of the estate


@dataclass(frozen=True, slots=True)
class RollLine:
    unit: RollUnit
    holders: str


def roll_lines(vote: Vote, building: str) -> list[RollLine]:
    """The frozen roll of one building for the estate's owners: units and areas, of names only the surname."""
    units = list(RollUnit.objects.filter(vote=vote, building=building).order_by("id"))
    parties = {unit.party_id for unit in units}
    names: dict[int, str] = dict(RollHolder.objects.filter(party_id__in=parties).values_list("person_id", "person__name"))
    return [RollLine(unit, "、".join(f"{names[person][:1]}**" for person in unit.holders if person in names)) for unit in units]


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One correction of the frozen roll: what it changed as (fact, before, after), of holders only the surname."""

    correction: RollCorrection
    changes: tuple[tuple[str, object, object], ...]


def correction_lines(vote: Vote) -> list[CorrectionLine]:
    """Every correction of the frozen roll, oldest first. Two queries."""
    corrections = list(RollCorrection.objects.filter(vote=vote).order_by("id"))
    facts = [each for correction in corrections for each in (correction.before, correction.after)]
    people = {person for each in facts for person in each["holders"]}
    names: dict[int, str] = dict(Person.objects.filter(pk__in=people).values_list("id", "name"))

    def said(fact: str, value: Any) -> object:
        return "、".join(f"{names[person][:1]}**" for person in value if person in names) if fact == "holders" else value

    return [
        CorrectionLine(
            each,
            tuple(
                (fact, said(fact, each.before[fact]), said(fact, each.after[fact]))
                for fact in ("area", "status", "holders")
                if each.before[fact] != each.after[fact]
            ),
        )
        for each in corrections
    ]


class NotOnePerson(Exception):
    """A name alone does not say who is meant: nobody is called so, or `several` are."""

    def __init__(self, name: str, *, several: bool) -> None:
        super().__init__(name)
        self.name, self.several = name, several


def holder_named(vote: Vote, unit: str, name: str, room: str = "") -> Person:
    """Who is meant by a name in a correction of a unit: a holder of the unit itself, as the estate's roll now has it or as it was frozen,
    before somebody of that name elsewhere in the estate. `room`, a unit they hold, tells apart who is called the same. Raises NotOnePerson."""
    now = Holder.objects.filter(unit__estate_id=vote.place_id, person__name=name)
    places = [now.filter(unit__name=room)] if room else [now.filter(unit__name=unit), _frozen_holders(vote, unit, name), now]
    for rows in places:
        people = set(rows.values_list("person_id", flat=True)[:3])
        if len(people) == 1:
            return Person.objects.get(pk=people.pop())
        if people:
            raise NotOnePerson(name, several=True)
    raise NotOnePerson(f"{name} {room}".strip(), several=False)


def _frozen_holders(vote: Vote, unit: str, name: str) -> QuerySet[RollHolder]:
    ids = RollUnit.objects.filter(vote=vote, name=unit).values_list("holders", flat=True).first() or []
    return RollHolder.objects.filter(party__vote=vote, person_id__in=ids, person__name=name)


def buildings_of(vote: Vote) -> list[str]:
    """Names of the buildings on the frozen roll, in order."""
    rows = RollUnit.objects.filter(vote=vote).order_by("id").values_list("building", flat=True)
    return list(dict.fromkeys(rows))


# For those who run and count a vote


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party on the list of papers: where it is, whether its paper was brought, handed in and entered. No choice."""

    party: RollParty
    paper: Paper | None
    delivery: Delivery | None
    came: bool


def party_lines(vote: Vote, building: str) -> list[PartyLine]:
    """The parties of one building with their papers. Four queries."""
    parties = list(RollParty.objects.filter(vote=vote, building=building).order_by("position"))
    ids = [party.pk for party in parties]
    papers = {paper.party_id: paper for paper in Paper.objects.filter(party_id__in=ids, replaced_at=None).select_related("link", "party")}
    brought = {each.party_id: each for each in Delivery.objects.filter(party_id__in=ids).select_related("by").order_by("id")}
    came = set(BallotParty.objects.filter(party_id__in=ids).values_list("party_id", flat=True))
    return [PartyLine(party, papers.get(party.pk), brought.get(party.pk), party.pk in came) for party in parties]


@dataclass(frozen=True, slots=True)
class EntryProgress:
    """How far the entering of papers is. `differ` are papers waiting for a third look, `once` those waiting for a second entry."""

    entered: int
    once: list[Paper]
    differ: list[Paper]


def entry_progress(viewer: Viewer, vote: Vote) -> EntryProgress:
    """What waits for this teller: papers others entered once, and those two others read differently."""
    mine = PaperEntry.objects.filter(paper=OuterRef("pk"), clerk_id=viewer.own_id)
    open_papers = Paper.objects.filter(vote=vote, replaced_at=None).select_related("party")
    waiting = open_papers.filter(~Exists(mine)).order_by("serial")
    return EntryProgress(
        entered=Ballot.objects.filter(vote=vote).exclude(paper=None).count(),
        once=list(waiting.filter(entries=1)[:50]),
        differ=list(waiting.filter(entries=2).exclude(differs=[])[:50]),
    )


def paper_of(vote: Vote, typed: str) -> Paper | None:
    """The paper in force by what is typed: its number (12, K0012) or a unit of its party."""
    papers = Paper.objects.filter(vote=vote, replaced_at=None).select_related("vote__place", "party", "link", "scan")
    text = typed.strip()
    digits = text.upper().removeprefix("K")
    if digits.isdecimal() and len(digits) < 9:
        return papers.filter(serial=int(digits)).first()
    unit = RollUnit.objects.filter(vote=vote, name=text).exclude(party=None).first()
    return papers.filter(party_id=unit.party_id).first() if unit is not None else None


def paper_with_label(vote: Vote, label: str) -> Paper | None:
    """A paper by its label, replaced or not."""
    digits = label.removeprefix("K")
    if not (digits.isdecimal() and len(digits) < 9):
        return None
    return Paper.objects.filter(vote=vote, serial=int(digits)).select_related("vote__place", "party", "link").first()


def printed_paper(vote: Vote, token: str) -> Paper | None:
    """The paper that has this token printed on it."""
    return Paper.objects.filter(vote=vote, link__token=token).select_related("vote__place", "party", "link").first()


def holders_of(party: RollParty) -> list[RollHolder]:
    return list(party.holders.select_related("person").order_by("id"))


@dataclass(frozen=True, slots=True)
class Clash:
    """A party for which different persons' ballots came in, for the tellers after closing."""

    party: RollParty
    ballots: list[Ballot]
    ruled: bool

    @property
    def labels(self) -> str:
        return ",".join(ballot.label for ballot in self.ballots)


def clashes(viewer: Viewer, vote: Vote) -> list[Clash]:
    """Parties with several ballots, for a teller once voting is over; each household's reading is noted. Nothing for anybody else."""
    if not may_read_ballots(vote, vote_roles(viewer, vote)):
        return []
    several = BallotParty.objects.filter(party__vote=vote).values("party_id").annotate(n=Count("id")).filter(n__gt=1).values("party_id")
    by_party: dict[int, list[Ballot]] = {}
    parties: dict[int, RollParty] = {}
    rows = (
        BallotParty.objects.filter(party_id__in=several)
        .select_related("party", "ballot__by", "ballot__proxy_for", "ballot__paper__scan")
        .order_by("party__position", "id")
    )
    for row in rows:
        by_party.setdefault(row.party_id, []).append(row.ballot)
        parties[row.party_id] = row.party
    ruled = {label for ruling in rulings_in_force(vote) for label in ruling.ballots}
    found = []
    for party_id, ballots in by_party.items():
        if len({ballot.by_id for ballot in ballots}) > 1:
            for ballot in ballots:
                viewer.note_read(kind="vote", subject=vote.number, about_person_id=ballot.by_id, why="counting")
            found.append(Clash(parties[party_id], ballots, any(ballot.label in ruled for ballot in ballots)))
    return found


def result_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def receipt_number(vote: Vote, label: str) -> str:
    """The receipt number of a ballot: the first sixteen digits of its pseudonym, in fours. For the voter and the tellers."""
    record = VoteRecord.objects.only("key").get(vote=vote)
    digits = pseudonym(bytes.fromhex(record.key), label)[:16]
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def votes_of_matter(viewer: Viewer, matter: Matter) -> list[VoteRow]:
    """The votes that grew from a matter, oldest first. One query."""
    found = visible_votes(viewer).filter(matter=matter).order_by("id")
    return [VoteRow(vote, tuple(motion["outcome"] for motion in shown_result(vote)["motions"])) for vote in found]


def votes_state() -> dict[str, int]:
    """How many owners' votes that everybody may know of stand in each state; also the states with none."""
    public = [state for state in Vote.State.values if state not in INSIDE]
    return {**dict.fromkeys(public, 0), **dict(Vote.objects.filter(state__in=public).values_list("state").annotate(n=Count("id")))}
