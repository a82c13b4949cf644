"""An owners' vote from its preparation to the last day of voting: motions, the frozen roll, notice, opening, extension, closing.

Ballots are in `ballots`, the count and what follows it in `count`. Every function is one transaction: lock, check who and when, decide,
write, record, tell. Thresholds and periods come from the regulations (`owners_vote.*`), never from here.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from doorstep.affairs.actions.steps import NotAllowed, NothingSaid, TextTooLong
from doorstep.affairs.models import (
    Matter,
    Motion,
    Objection,
    RollCorrection,
    RollHolder,
    RollParty,
    RollUnit,
    Teller,
    Vote,
    VoteRecord,
)
from doorstep.affairs.permissions import vote_roles
from doorstep.affairs.queries.votes import convened_items, roll_shown_until, vote_units
from doorstep.affairs.rules.convening import CONVENING, EVERY_ITEM, why_not
from doorstep.affairs.rules.tally import fingerprint
from doorstep.affairs.rules.vote_states import MOVES, State, Verb, after
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, actor_of, record, text_digest, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.numbers import next_number
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import below, number_prefix
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.models import Body, Holder, Unit
from doorstep.organisations.queries import bodies_at

LONGEST_MOTION = 500


class NotAConvenor(Exception):
    """This body does not convene the owners of this estate, or not on these items: `why` is a code of `rules.convening.why_not`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NoMotion(Exception):
    """A vote needs at least one motion before its roll is frozen."""


class NoSuchBuilding(Exception):
    """A vote's buildings stand in its estate."""


class EmptyRoll(Exception):
    """No unit that counts stands on the roll of this scope."""


class NoTeller(Exception):
    """At least three people count: two enter each paper, a third settles what they read differently."""


class RollPeriodRuns(Exception):
    """The roll is still shown for objections; `until` is its last second."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class RollObjectionsOpen(Exception):
    """So many objections to the roll are not answered yet."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class NoticeTooShort(Exception):
    """Voting may open only after the notice period; `until` is its last second."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class WrongPeriod(Exception):
    """Voting ends after it opens, and an extension ends after what was announced."""


class TooEarly(Exception):
    """Not before this instant."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class TooLate(Exception):
    """Not after this instant."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class NotOnThisRoll(Exception):
    """No such unit, or no such person, on the frozen roll of this vote."""


class NothingCorrected(Exception):
    """A correction changes at least one of area, status and holders."""


class WrongArea(Exception):
    """A unit's area is above zero."""


class NoHolder(Exception):
    """A delivered unit has at least one holder."""


class AlreadyAnswered(Exception):
    """An objection is answered once."""


class WrongItem(Exception):
    """Article 278 numbers its items from 1 to 9."""


@dataclass(frozen=True, slots=True)
class NewMotion:
    """`item` is the numbered item of art. 278."""

    item: int
    text: str


def prepare_vote(
    *,
    viewer: Viewer,
    estate: Place,
    convenor: Body,
    title: str,
    motions: Sequence[NewMotion],
    why: str = "",
    buildings: Sequence[str] = (),
    matter: Matter | None = None,
    reconvenes: Vote | None = None,
    happened_at: datetime | None = None,
) -> Vote:
    """Begin a vote of an estate's owners, or of those of some of its buildings. What the local rules leave open (parking, spoiled papers,
    which channel comes first, which electronic system) is settled here and not changed afterwards. Who may convene on what is a regulation
    (`rules.convening`). Raises NotAllowed, NotAConvenor, NoSuchBuilding."""
    at = happened_at or clock.now()
    title = _words(title, 80)
    if convenor.kind not in CONVENING:
        raise NotAConvenor("not_a_convenor")
    if convenor.pk not in viewer.bodies:
        raise NotAllowed(Verb.PREPARE)
    _check_convenor(convenor, estate, [motion.item for motion in motions], why, at)
    known = set(below(estate).filter(kind=Place.Kind.BUILDING).values_list("code", flat=True))
    if not set(buildings) <= known:
        raise NoSuchBuilding(sorted(set(buildings) - known))
    with writing():
        rule = _rules_of(estate, at)
        vote = Vote.objects.create(
            number=next_number(town_prefix=number_prefix(), kind="V", happened_at=at),
            place=estate,
            buildings=sorted(set(buildings)),
            convenor=convenor,
            matter=matter,
            reconvenes=reconvenes,
            title=title,
            why=why.strip(),
            state=State.DRAFT,
            count_parking=rule["count_parking"] == "yes",
            invalid_participates=rule["invalid_participates"] == "yes",
            channel_precedence=rule["channel_precedence"],
            electronic=rule["electronic_channel"],
            prepared_at=at,
        )
        VoteRecord.objects.create(vote=vote, key=secrets.token_hex(32))
        detail = {"buildings": vote.buildings, "matter": matter.number if matter else None, **rule}
        note(vote, Verb.PREPARE, by_convenor(viewer, vote), at, detail=detail)
        for motion in motions:
            _add_motion(vote, motion, by_convenor(viewer, vote), at)
    return vote


def _check_convenor(convenor: Body, estate: Place, items: Sequence[int], ground: str, at: datetime) -> None:
    refused = why_not(
        kind=convenor.kind,
        serves=convenor.place.lineage,
        estate=estate.lineage,
        items=items,
        allowed=convened_items(convenor.kind, estate, at.astimezone(clock.TOWN_ZONE).date()),
        has_committee=bodies_at(estate).filter(kind="owners_committee").exists(),
        ground=ground,
    )
    if refused:
        raise NotAConvenor(refused)


def _rules_of(estate: Place, at: datetime) -> dict[str, str]:
    on = at.astimezone(clock.TOWN_ZONE).date()
    names = ("count_parking", "invalid_participates", "channel_precedence", "electronic_channel")
    return {name: value_of(f"owners_vote.{name}", place_lineage_localities=estate.localities, on=on).value for name in names}


def add_motion(*, viewer: Viewer, vote: Vote, motion: NewMotion, happened_at: datetime | None = None) -> Motion:
    """Put one more motion to the vote. Refused once it has been announced: what was not announced is not voted on."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.MOTION)
        if motion.item in EVERY_ITEM:
            _check_convenor(vote.convenor, vote.place, [motion.item], vote.why, vote.prepared_at)
        return _add_motion(vote, motion, by_convenor(viewer, vote), at)


def _add_motion(vote: Vote, motion: NewMotion, by: Actor, at: datetime) -> Motion:
    if motion.item not in EVERY_ITEM:
        raise WrongItem(motion.item)
    code = f"M{Motion.objects.filter(vote=vote).count() + 1}"
    made = Motion.objects.create(vote=vote, code=code, item=motion.item, text=_words(motion.text, LONGEST_MOTION))
    note(vote, Verb.MOTION, by, at, detail={"motion": code, "item": motion.item})
    return made


def appoint_teller(*, viewer: Viewer, vote: Vote, person: Person, happened_at: datetime | None = None) -> Teller:
    """Name somebody to count. Their name is public, and they alone will learn how households voted."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.APPOINT)
        teller, made = Teller.objects.get_or_create(vote=vote, person=person, defaults={"appointed_at": at})
        if made:
            entry = note(vote, Verb.APPOINT, by_convenor(viewer, vote), at, detail={"person": person.pk})
            tell(entry=entry, to=[f"person:{person.pk}"])
    return teller


def freeze_roll(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Copy the estate's roll as it stands now and take its fingerprint. What is bought and sold afterwards does not move it."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.FREEZE)
        if not vote.motions.exists():
            raise NoMotion(vote.number)
        chosen = Unit.objects.filter(estate_id=vote.place_id).select_related("building").order_by("id")
        if vote.buildings:
            chosen = chosen.filter(building__code__in=vote.buildings)
        holders: dict[int, list[int]] = {}
        for unit_id, person_id in Holder.objects.filter(unit__in=chosen).order_by("person_id").values_list("unit_id", "person_id"):
            holders.setdefault(unit_id, []).append(person_id)
        units = [
            RollUnit(
                vote=vote,
                name=unit.name,
                building=unit.building.name,
                area_hundredths=unit.area_hundredths,
                kind=unit.kind,
                status=unit.status,
                holders=holders.get(unit.pk, []),
            )
            for unit in chosen
        ]
        _gather_parties(vote, units)
        RollUnit.objects.bulk_create(units, batch_size=500)
        vote.fingerprint = fingerprint(vote_units(vote))
        vote.state = after(vote.state, Verb.FREEZE)
        vote.frozen_at = at
        vote.save()
        note(vote, Verb.FREEZE, by_convenor(viewer, vote), at, detail=_roll_detail(vote))
    return vote


def _roll_detail(vote: Vote) -> dict[str, object]:
    return {"roll": vote.fingerprint, "parties": vote.parties, "units": vote.units, "area": f"{vote.area_hundredths}"}


def _gather_parties(vote: Vote, units: Sequence[RollUnit]) -> None:
    """Group the units that count into holding parties, anew: identical holder sets are one person (interpretation, art. 9), everything
    unsold or undelivered is the developer's. The units are told their party; the caller saves them."""
    groups: dict[tuple[bool, tuple[int, ...]], list[RollUnit]] = {}
    for unit in units:
        unit.party_id = None
        if unit.kind != Unit.Kind.PARKING or vote.count_parking:
            is_developer = unit.status != Unit.Status.DELIVERED
            groups.setdefault((is_developer, () if is_developer else tuple(unit.holders)), []).append(unit)
    if not groups:
        raise EmptyRoll(vote.number)
    RollParty.objects.filter(vote=vote).delete()
    parties = [
        RollParty(
            vote=vote,
            position=position,
            is_developer=is_developer,
            units=len(held),
            area_hundredths=sum(unit.area_hundredths for unit in held),
            first_unit=held[0].name,
            building=held[0].building,
        )
        for position, ((is_developer, _persons), held) in enumerate(groups.items(), start=1)
    ]
    RollParty.objects.bulk_create(parties, batch_size=500)
    members = []
    for party, held in zip(parties, groups.values(), strict=True):
        for unit in held:
            unit.party = party
        members += [
            RollHolder(party=party, person_id=person) for person in dict.fromkeys(person for unit in held for person in unit.holders)
        ]
    RollHolder.objects.bulk_create(members, batch_size=500)
    vote.parties = len(parties)
    vote.units = sum(party.units for party in parties)
    vote.area_hundredths = sum(party.area_hundredths for party in parties)


def publish_roll(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Show the frozen roll to the owners, so that they can object before it is used."""
    return _step(viewer, vote, Verb.SHOW_ROLL, happened_at, "roll_published_at", to_owners=True)


def correct_roll(
    *,
    viewer: Viewer,
    vote: Vote,
    unit: str,
    reason: str,
    words: str,
    area_hundredths: int | None = None,
    status: str | None = None,
    holders: Iterable[Person] | None = None,
    happened_at: datetime | None = None,
) -> RollCorrection:
    """Correct one unit of the frozen roll before ballots are printed: its area, its status, its holders, or several of them; what is not
    given stays. What stood there before and after is kept, and the old and the new fingerprint stand in the journal.
    Raises NotOnThisRoll, WrongArea, NoHolder, NothingCorrected."""
    at = happened_at or clock.now()
    words = _words(words, 200)
    if area_hundredths is not None and area_hundredths <= 0:
        raise WrongArea(unit)
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.CORRECT)
        units = list(RollUnit.objects.filter(vote=vote).order_by("id"))
        row = next((each for each in units if each.name == unit), None)
        if row is None:
            raise NotOnThisRoll(unit)
        before, old = _facts(row), vote.fingerprint
        row.area_hundredths = row.area_hundredths if area_hundredths is None else area_hundredths
        row.status = row.status if status is None else Unit.Status(status).value
        row.holders = row.holders if holders is None else sorted({person.pk for person in holders})
        if row.status == Unit.Status.DELIVERED and not row.holders:
            raise NoHolder(unit)
        changed = [name for name, value in _facts(row).items() if value != before[name]]
        if not changed:
            raise NothingCorrected(unit)
        row.save()
        _gather_parties(vote, units)
        RollUnit.objects.bulk_update(units, ["party"], batch_size=200)
        vote.fingerprint = fingerprint(vote_units(vote))
        vote.save()
        correction = RollCorrection.objects.create(
            vote=vote,
            unit=unit,
            before=before,
            after=_facts(row),
            reason=RollCorrection.Reason(reason).value,
            words=words,
            by_id=viewer.own_id,
            at=at,
        )
        detail = {"before": old, **_roll_detail(vote), "correction": correction.pk, "changed": changed}
        note(vote, Verb.CORRECT, by_convenor(viewer, vote), at, because=[reason], detail=detail)
    return correction


def _facts(row: RollUnit) -> dict[str, object]:
    return {"area": row.area_hundredths, "kind": row.kind, "status": row.status, "holders": row.holders}


def give_notice(
    *,
    viewer: Viewer,
    vote: Vote,
    opens_at: datetime,
    closes_at: datetime,
    residents_committee_told_on: date,
    official_url: str = "",
    happened_at: datetime | None = None,
) -> Vote:
    """Tell every owner what is voted on and when, and the residents' committee too. Voting may not open before the notice period is over.
    The roll has been shown for objections first, and each was answered. Raises RollPeriodRuns, RollObjectionsOpen, NoticeTooShort, NoTeller."""
    at = happened_at or clock.now()
    if closes_at <= opens_at:
        raise WrongPeriod(vote.number)
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.NOTICE)
        shown_until = roll_shown_until(vote)
        if shown_until is None or at <= shown_until:
            raise RollPeriodRuns(shown_until or at)
        refuse_open_objections(vote)
        until = notice_ends(vote, at)
        if opens_at <= until:
            raise NoticeTooShort(until)
        if Teller.objects.filter(vote=vote).count() < 3:
            raise NoTeller(vote.number)
        vote.state = after(vote.state, Verb.NOTICE)
        vote.noticed_at, vote.opens_at, vote.closes_at = at, opens_at, closes_at
        vote.residents_committee_told_on = residents_committee_told_on
        vote.official_url = official_url.strip()[:300]
        vote.save()
        detail = {
            "opens_at": rfc3339(opens_at),
            "closes_at": rfc3339(closes_at),
            "residents_committee_told_on": residents_committee_told_on.isoformat(),
            "motions": [f"{motion.code}:{motion.item}" for motion in vote.motions.all()],
        }
        entry = note(vote, Verb.NOTICE, by_convenor(viewer, vote), at, detail=detail)
        tell(entry=entry, to=owners(vote))
    return vote


def refuse_open_objections(vote: Vote) -> None:
    """Nothing is built on a roll that somebody has objected to without an answer."""
    waiting = Objection.objects.filter(vote=vote, about=Objection.About.ROLL, answered_at=None).count()
    if waiting:
        raise RollObjectionsOpen(waiting)


def notice_ends(vote: Vote, noticed_at: datetime) -> datetime:
    """The last second of the notice period; the day of the notice is not counted (Civil Code art. 201)."""
    on = noticed_at.astimezone(clock.TOWN_ZONE).date()
    days = value_of("owners_vote.notice_days", place_lineage_localities=vote.place.localities, on=on)
    return due(noticed_at, days.limit, calendar())


def open_vote(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Begin to take ballots, not before the announced time."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.OPEN)
        if vote.opens_at is None or at < vote.opens_at:
            raise TooEarly(vote.opens_at or at)
        begin_voting(vote, by_convenor(viewer, vote), at)
    return vote


def begin_voting(vote: Vote, by: Actor, at: datetime) -> None:
    """From here on ballots are taken. The row is locked, and that it may open now has been asked."""
    vote.state = after(vote.state, Verb.OPEN)
    vote.opens_at = at
    vote.save()
    entry = note(vote, Verb.OPEN, by, at, detail={"roll": vote.fingerprint})
    tell(entry=entry, to=owners(vote))


def extend_vote(*, viewer: Viewer, vote: Vote, closes_at: datetime, happened_at: datetime | None = None) -> Vote:
    """Move the end, because too few have taken part so far; before it has passed, not afterwards. A fact that the result shows."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.EXTEND)
        if vote.closes_at is None or closes_at <= vote.closes_at:
            raise WrongPeriod(vote.number)
        if at > vote.closes_at:
            raise TooLate(vote.closes_at)
        detail = {"from": rfc3339(vote.closes_at), "to": rfc3339(closes_at)}
        vote.closes_at = closes_at
        vote.reminded_at = None
        vote.save()
        entry = note(vote, Verb.EXTEND, by_convenor(viewer, vote), at, because=["turnout_short"], detail=detail)
        tell(entry=entry, to=owners(vote))
    return vote


def close_vote(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Take no more ballots. Whoever is casting one right now is either through or refused: they share the row this function waits for."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.CLOSE)
        if vote.closes_at is None or at < vote.closes_at:
            raise TooEarly(vote.closes_at or at)
        end_voting(vote, by_convenor(viewer, vote), at)
    return vote


def end_voting(vote: Vote, by: Actor, at: datetime) -> None:
    """No more ballots. Who convened and who counts are told: it is their turn. The row is locked, and that it may close has been asked."""
    vote.state = after(vote.state, Verb.CLOSE)
    vote.closed_at = at
    vote.save()
    entry = note(vote, Verb.CLOSE, by, at)
    tellers = Teller.objects.filter(vote=vote).order_by("id").values_list("person_id", flat=True)
    tell(entry=entry, to=[f"body:{vote.convenor_id}", *(f"person:{person}" for person in tellers)])


def call_off(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Give up a vote that has not opened. Its number and what was done stay."""
    return _step(viewer, vote, Verb.CALL_OFF, happened_at, None, to_owners=True)


# Objections to the roll or to the preliminary result


def raise_objection(*, viewer: Viewer, vote: Vote, text: str, happened_at: datetime | None = None) -> Objection:
    """Say what is wrong with the roll, or, once it is shown, with the preliminary result. Every one is answered in writing."""
    at = happened_at or clock.now()
    text = _words(text, 2000)
    with writing():
        vote = locked(vote)
        about_result = vote.state == State.PRELIMINARY
        check(viewer, vote, Verb.OBJECT_RESULT if about_result else Verb.OBJECT_ROLL)
        if about_result and vote.objections_until is not None and at > vote.objections_until:
            raise TooLate(vote.objections_until)
        salt = secrets.token_hex(16)
        objection = Objection.objects.create(
            vote=vote,
            about=Objection.About.RESULT if about_result else Objection.About.ROLL,
            text=text,
            salt=salt,
            by_id=viewer.own_id,
            at=at,
        )
        verb = Verb.OBJECT_RESULT if about_result else Verb.OBJECT_ROLL
        entry = note(
            vote, verb, actor_of(viewer), at, detail={"objection": objection.pk, "text": text_digest(salt, text)}, audience=inside(vote)
        )
        tell(entry=entry, to=[f"body:{vote.convenor_id}"])
    return objection


def answer_objection(*, viewer: Viewer, objection: Objection, text: str, upheld: bool, happened_at: datetime | None = None) -> Objection:
    """Answer an objection once, in writing, saying whether it is right."""
    at = happened_at or clock.now()
    text = _words(text, 2000)
    with writing():
        vote = locked(objection.vote)
        check(viewer, vote, Verb.ANSWER)
        objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if objection.answered_at is not None:
            raise AlreadyAnswered(objection.pk)
        objection.answer, objection.answer_salt, objection.upheld = text, secrets.token_hex(16), upheld
        objection.answered_by_id, objection.answered_at = viewer.own_id, at
        objection.save()
        detail = {"objection": objection.pk, "upheld": upheld, "text": text_digest(objection.answer_salt, text)}
        entry = note(vote, Verb.ANSWER, by_convenor(viewer, vote), at, detail=detail)
        tell(entry=entry, to=[f"person:{objection.by_id}"])
    return objection


# What the actions of a vote share


def locked(vote: Vote) -> Vote:
    """The vote's row, for this transaction alone."""
    return Vote.objects.select_for_update(of=("self",)).select_related("place", "convenor__place").get(pk=vote.pk)


def check(viewer: Viewer, vote: Vote, verb: Verb) -> None:
    """Who first, then when: a stranger is refused the same whatever the state."""
    if not vote_roles(viewer, vote) & MOVES[verb].roles:
        raise NotAllowed(verb)
    after(vote.state, verb)


def by_convenor(viewer: Viewer, vote: Vote) -> Actor:
    return actor_of(viewer, post=viewer.post_in(vote.convenor_id))


def inside(vote: Vote) -> str:
    """The audience of what only the tellers know."""
    return f"tellers:{vote.number}"


def owners(vote: Vote) -> list[str]:
    return [f"voters:{vote.number}"]


def rfc3339(at: datetime) -> str:
    """In the town's zone, to the second."""
    return at.astimezone(clock.TOWN_ZONE).isoformat(timespec="seconds")


def note(
    vote: Vote,
    verb: Verb,
    by: Actor,
    at: datetime,
    *,
    detail: Mapping[str, object] | None = None,
    because: Sequence[str] = (),
    audience: str = PUBLIC,
) -> Entry:
    """An entry about this vote: ids, codes, digests and figures, never a choice."""
    return record(
        verb=verb.value,
        kind="vote",
        subject=vote.number,
        place=vote.place,
        by=by,
        audience=audience,
        because=because,
        detail={"state": vote.state, **(detail or {})},
        happened_at=at,
    )


def _step(viewer: Viewer, vote: Vote, verb: Verb, happened_at: datetime | None, stamp: str | None, *, to_owners: bool) -> Vote:
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, verb)
        vote.state = after(vote.state, verb)
        if stamp is not None:
            setattr(vote, stamp, at)
        vote.save()
        entry = note(vote, verb, by_convenor(viewer, vote), at)
        if to_owners:
            tell(entry=entry, to=owners(vote))
    return vote


def _words(text: str, longest: int) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise NothingSaid
    if len(text) > longest:
        raise TextTooLong(len(text) - longest)
    return text
