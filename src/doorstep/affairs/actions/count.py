"""Counting and what follows: rulings, the tally, the preliminary result and its objections, the final result, annulment, inspection.

The count itself is `rules.tally`; what is counted is the full file, and the open file tallies to the same figures. Both files' SHA-256
stand in the journal with the result, so that neither can be exchanged later.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from doorstep.affairs.actions.ballots import row_of
from doorstep.affairs.actions.steps import NothingSaid
from doorstep.affairs.actions.votes import NewMotion, TooEarly, by_convenor, check, inside, locked, note, owners, prepare_vote
from doorstep.affairs.models import Ballot, BallotParty, Objection, OfficialList, Paper, RollUnit, Ruling, Vote, VoteRecord
from doorstep.affairs.queries.votes import ballots_in_force, full_roll, rulings_in_force
from doorstep.affairs.rules.tally import read_vote, result_document, tally
from doorstep.affairs.rules.vote_file import Document, open_document, vote_document
from doorstep.affairs.rules.vote_states import Verb, after
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of

GROUNDS = ("court", "housing_authority", "street_office", "voter_request")


class NotAllEntered(Exception):
    """Papers that were handed in are not entered by two clerks yet, or differ; `papers` are their labels."""

    def __init__(self, papers: list[str]) -> None:
        super().__init__(papers)
        self.papers = papers


class NotOneVoter(Exception):
    """A ruling chooses among ballots of this vote, and what counts is one of them."""


class Unanswered(Exception):
    """Objections to the result wait for an answer; `number` of them."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class EnoughTookPart(Exception):
    """A vote is reconvened when too few took part."""


class CountsDiffer(Exception):
    """The open file does not tally to the figures of the full one. Nothing is published then."""


class NothingUpheld(Exception):
    """A result is counted again because an objection to it was found right, and for no other reason."""


class UnknownGround(Exception):
    """Ballots are looked at on one of the named grounds only."""


def rule_on_ballots(
    *, viewer: Viewer, vote: Vote, ballots: Sequence[str], counts: str, code: str, words: str, happened_at: datetime | None = None
) -> Ruling:
    """Decide which of several ballots of one party counts, with a code that is published and words that are kept."""
    at = happened_at or clock.now()
    words = words.strip()[:300]
    if not words:
        raise NothingSaid
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.RULE)
        known = set(ballots_in_force(vote).filter(label__in=ballots).values_list("label", flat=True))
        if len(known) < 2 or set(ballots) != known or counts not in known:
            raise NotOneVoter(sorted(ballots))
        ruling = Ruling.objects.create(
            vote=vote, ballots=sorted(known), counts=counts, code=Ruling.Code(code).value, words=words, by_id=viewer.own_id, at=at
        )
        detail = {"ruling": ruling.pk, "ballots": ruling.ballots, "counts": counts}
        note(vote, Verb.RULE, actor_of(viewer), at, because=[ruling.code], detail=detail, audience=inside(vote))
    return ruling


def full_document(vote: Vote) -> Document:
    """The full file: restricted, as it is counted."""
    rulings = rulings_in_force(vote)
    return vote_document(
        place=vote.place.name,
        title=vote.title,
        options={
            "count_parking": vote.count_parking,
            "invalid_participates": vote.invalid_participates,
            "channel_precedence": vote.channel_precedence,
        },
        roll=full_roll(vote),
        motions=[{"id": motion.code, "item": motion.item, "text": motion.text} for motion in vote.motions.all()],
        ballots=[row_of(ballot) for ballot in ballots_in_force(vote).order_by("id")],
        rulings=[{"ballots": each.ballots, "counts": each.counts, "because": each.words} for each in rulings],
    )


def tally_vote(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Count: write the full file and the open one, count both, and record their digests. Refused while a paper is half entered."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.TALLY)
        waiting = [paper.label for paper in Paper.objects.filter(vote=vote, entries__gt=0).exclude(id__in=_entered(vote))]
        if waiting:
            raise NotAllEntered(waiting)
        record = VoteRecord.objects.select_for_update().get(vote=vote)
        full = full_document(vote)
        codes = [ruling.code for ruling in rulings_in_force(vote)]
        opened_at = (vote.opens_at or at).astimezone(clock.TOWN_ZONE)
        shown = open_document(full, key=bytes.fromhex(record.key), opened_at=opened_at, reason_codes=codes)
        result, open_result = result_document(tally(read_vote(full))), result_document(tally(read_vote(shown)))
        if _figures(result) != _figures(open_result):
            raise CountsDiffer(vote.number)
        record.full_file, record.open_file = _text(full), _text(shown)
        record.full_sha256, record.open_sha256 = _sha256(record.full_file), _sha256(record.open_file)
        record.open_bytes, record.open_result = len(record.open_file.encode()), open_result
        record.save()
        OfficialList.objects.filter(vote=vote, received_at=None).delete()
        vote.result = result
        vote.state = after(vote.state, Verb.TALLY)
        vote.tallied_at = at
        vote.save()
        note(
            vote,
            Verb.TALLY,
            actor_of(viewer),
            at,
            detail={"full": record.full_sha256, "open": record.open_sha256, "roll": vote.fingerprint},
        )
    return vote


def _entered(vote: Vote) -> Any:
    return Ballot.objects.filter(vote=vote).exclude(paper=None).values("paper_id")


def _figures(result: dict[str, Any]) -> object:
    """What the two files must agree on: everything but the fingerprint and the names of rejected ballots."""
    roll = {name: value for name, value in result["roll"].items() if name != "fingerprint"}
    return roll, result["motions"], sorted(each["reason"] for each in result["rejected"])


def _text(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def publish_preliminary(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Show the preliminary result and hear objections for as long as the local rule says (询异公示)."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.PUBLISH)
        on = at.astimezone(clock.TOWN_ZONE).date()
        days = value_of("owners_vote.result_objection_days", place_lineage_localities=vote.place.localities, on=on)
        vote.state = after(vote.state, Verb.PUBLISH)
        vote.preliminary_at, vote.objections_until = at, due(at, days.limit, calendar())
        vote.save()
        entry = note(vote, Verb.PUBLISH, by_convenor(viewer, vote), at, detail=_outcomes(vote))
        tell(entry=entry, to=owners(vote))
    return vote


def _outcomes(vote: Vote) -> dict[str, Any]:
    return {"outcomes": {motion["id"]: motion["outcome"] for motion in (vote.result or {"motions": []})["motions"]}}


def begin_recount(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """An objection was right: rule anew and count again. The first count's digests stay in the journal."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.RECOUNT)
        upheld = Objection.objects.filter(vote=vote, about=Objection.About.RESULT, upheld=True, answered_at__gte=vote.preliminary_at)
        if not upheld.exists():
            raise NothingUpheld(vote.number)
        vote.state = after(vote.state, Verb.RECOUNT)
        vote.tallied_at = vote.preliminary_at = vote.objections_until = vote.result = None
        vote.save()
        note(vote, Verb.RECOUNT, by_convenor(viewer, vote), at)
    return vote


def finish_vote(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Make the result final: the period for objections is over and each has been answered."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.FINISH)
        if vote.objections_until is None or at <= vote.objections_until:
            raise TooEarly(vote.objections_until or at)
        waiting = Objection.objects.filter(vote=vote, about=Objection.About.RESULT, answered_at=None).count()
        if waiting:
            raise Unanswered(waiting)
        vote.state = after(vote.state, Verb.FINISH)
        vote.final_at = at
        vote.save()
        record = VoteRecord.objects.get(vote=vote)
        detail = {**_outcomes(vote), "full": record.full_sha256, "open": record.open_sha256}
        entry = note(vote, Verb.FINISH, by_convenor(viewer, vote), at, detail=detail)
        tell(entry=entry, to=owners(vote))
    return vote


def annul_result(*, viewer: Viewer, vote: Vote, because: str, happened_at: datetime | None = None) -> Vote:
    """A court annulled the decision (Civil Code art. 280). The count stays readable as the fact it is."""
    at = happened_at or clock.now()
    because = because.strip()[:200]
    if not because:
        raise NothingSaid
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.ANNUL)
        vote.state = after(vote.state, Verb.ANNUL)
        vote.annulled_at, vote.annulled_because = at, because
        vote.save()
        entry = note(vote, Verb.ANNUL, by_convenor(viewer, vote), at, because=["court"])
        tell(entry=entry, to=owners(vote))
    return vote


def reconvene_vote(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Ask again what too few took part in: a new vote with a roll and a notice of its own, tied to the first."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.RECONVENE)
        if not any(motion["outcome"] == "no_turnout" for motion in (vote.result or {"motions": []})["motions"]):
            raise EnoughTookPart(vote.number)
        again = prepare_vote(
            viewer=viewer,
            estate=vote.place,
            convenor=vote.convenor,
            title=vote.title,
            motions=[NewMotion(motion.item, motion.text) for motion in vote.motions.all()],
            why=vote.why,
            buildings=vote.buildings,
            matter=vote.matter,
            reconvenes=vote,
            happened_at=at,
        )
        note(vote, Verb.RECONVENE, by_convenor(viewer, vote), at, detail={"vote": again.number})
    return again


def inspect_ballots(*, viewer: Viewer, vote: Vote, unit: str, ground: str, happened_at: datetime | None = None) -> list[Ballot]:
    """How one household voted, looked up by a teller for somebody the law lets know. The ground stands in the journal and in the access log."""
    at = happened_at or clock.now()
    if ground not in GROUNDS:
        raise UnknownGround(ground)
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.INSPECT)
        ballots = list(
            Ballot.objects.filter(vote=vote, id__in=_ballots_of_unit(vote, unit)).select_related("by", "proxy_for").order_by("id")
        )
        for ballot in ballots:
            viewer.note_read(kind="vote", subject=vote.number, about_person_id=ballot.by_id, why=f"inspection:{ground}")
        entry = note(vote, Verb.INSPECT, actor_of(viewer), at, because=[ground], detail={"ballots": len(ballots)}, audience=inside(vote))
        tell(entry=entry, to=[f"person:{ballot.by_id}" for ballot in ballots])
    return ballots


def _ballots_of_unit(vote: Vote, unit: str) -> Any:
    parties = RollUnit.objects.filter(vote=vote, name=unit).exclude(party=None).values("party_id")
    return BallotParty.objects.filter(party_id__in=parties).values("ballot_id")
