"""Papers and ballots: printed, delivered, cast, entered by two clerks. Those of the official system are in `official`.

A ballot is acknowledged in the transaction that writes it, and only then does it count. Casting shares the vote's row and closing takes
it for itself, so that a ballot that arrives while the vote is closed is either acknowledged and counted, or refused.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from doorstep.affairs.actions.steps import NotAllowed
from doorstep.affairs.actions.votes import NotOnThisRoll, by_convenor, check, inside, locked, note, refuse_open_objections, rfc3339
from doorstep.affairs.models import (
    Ballot,
    BallotParty,
    Delivery,
    Motion,
    Paper,
    PaperEntry,
    PrintedLink,
    RollHolder,
    RollParty,
    Vote,
)
from doorstep.affairs.queries.votes import holder_name
from doorstep.affairs.rules.vote_file import Document, ballot_row
from doorstep.affairs.rules.vote_states import State, Verb, after
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor, actor_of, text_digest, writing

CHOICES = frozenset({"agree", "against", "abstain"})
PAPER, HALL, ELECTRONIC = "paper", "hall", "electronic"
CODE_ATTEMPTS = 8
OFFICIAL_ONLY = "official_only"


class OfficialChannelOnly(Exception):
    """By the local rule electronic votes are cast in the official system; its list comes in with its link."""


class VotingIsOver(Exception):
    """The announced end has passed, or the vote has been closed: this ballot was not taken."""


class AlreadyCast(Exception):
    """One electronic ballot of one person, own or for one other, once."""


class NoChoice(Exception):
    """A ballot chooses on at least one motion, and only on those that were announced."""


class WrongPaperCode(Exception):
    """The one-time code is not that of this paper, or was tried too often."""


class PaperReplaced(Exception):
    """This paper was replaced by another."""


class AlreadyEntered(Exception):
    """This clerk has entered this paper, or enough have."""


class EntryHasBegun(Exception):
    """A paper that a clerk has begun to enter is not replaced."""


class OutsidePeriod(Exception):
    """A ballot is handed in between opening and closing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clerk reads on a paper. Ids are of persons; `choices` by motion code, a motion left out was left empty. Where somebody signed
    for `proxy_for_id` who is known by name only, `by_id` is 0 and `proxy_name` the name."""

    by_id: int
    choices: Mapping[str, str]
    cast_at: datetime
    channel: str = PAPER
    valid: bool = True
    proxy_for_id: int | None = None
    proxy_document: str = ""
    proxy_name: str = ""


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A paper with its one-time code, which exists here and on paper and nowhere else."""

    paper: Paper
    code: str


# Printing and delivering


def issue_ballots(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> Vote:
    """Make one paper for every party on the roll. Owners may object until then; refused while one has no answer (RollObjectionsOpen)."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.ISSUE)
        refuse_open_objections(vote)
        parties = list(RollParty.objects.filter(vote=vote).order_by("position"))
        _make_papers(vote, parties, 1, at)
        vote.state = after(vote.state, Verb.ISSUE)
        vote.issued_at = at
        vote.save()
        note(vote, Verb.ISSUE, actor_of(viewer), at, detail={"papers": len(parties), "roll": vote.fingerprint})
    return vote


def _make_papers(vote: Vote, parties: Sequence[RollParty], first: int, at: datetime) -> list[Paper]:
    # The page of a paper is found by what is printed on it alone: nobody tries codes on a neighbour's.
    tokens = [secrets.token_urlsafe(12) for _party in parties]
    links = [PrintedLink(token=token, path=f"/votes/{vote.number}/paper/{token}", made_at=at) for token in tokens]
    PrintedLink.objects.bulk_create(links, batch_size=500)
    papers = [
        Paper(vote=vote, party=party, serial=first + index, link=link)
        for index, (party, link) in enumerate(zip(parties, links, strict=True))
    ]
    return Paper.objects.bulk_create(papers, batch_size=500)


def print_papers(*, viewer: Viewer, vote: Vote, papers: Iterable[Paper], happened_at: datetime | None = None) -> list[PrintedPaper]:
    """Give papers their one-time codes and hand them out to be printed now. Printing again makes new codes and ends the old ones."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.PRINT)
        printed = []
        for paper in papers:
            code = f"{secrets.randbelow(10**8):08d}"
            paper.code_digest, paper.attempts, paper.printed_at = _code_digest(paper, code), 0, at
            printed.append(PrintedPaper(paper, code))
        Paper.objects.bulk_update([each.paper for each in printed], ["code_digest", "attempts", "printed_at"], batch_size=200)
        note(vote, Verb.PRINT, actor_of(viewer), at, detail={"papers": len(printed)})
    return printed


def _code_digest(paper: Paper, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"paper|{paper.pk}|{code}".encode(), hashlib.sha256).hexdigest()


def replace_paper(*, viewer: Viewer, paper: Paper, happened_at: datetime | None = None) -> Paper:
    """A new paper instead of one that was lost or spoiled before it was handed in."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(paper.vote)
        check(viewer, vote, Verb.REPLACE)
        paper = Paper.objects.select_for_update(of=("self",)).select_related("party").get(pk=paper.pk)
        if paper.replaced_at is not None:
            raise PaperReplaced(paper.label)
        if paper.entries:
            raise EntryHasBegun(paper.label)
        paper.replaced_at, paper.code_digest = at, ""
        paper.save(update_fields=["replaced_at", "code_digest"])
        last = Paper.objects.filter(vote=vote).order_by("-serial").values_list("serial", flat=True)[0]
        fresh = _make_papers(vote, [paper.party], last + 1, at)[0]
        note(vote, Verb.REPLACE, actor_of(viewer), at, detail={"paper": paper.label, "by": fresh.label}, audience=inside(vote))
    return fresh


def record_delivery(
    *, viewer: Viewer, vote: Vote, party: RollParty, way: str, delivered: bool, happened_at: datetime | None = None
) -> Delivery:
    """Write down that a paper was brought to a party, when, how and by whom, or could not be."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.DELIVER)
        delivery = _deliver(viewer, vote, [party], way, delivered, at)[0]
    return delivery


def record_deliveries(
    *, viewer: Viewer, vote: Vote, parties: Sequence[RollParty], way: str, delivered: bool, happened_at: datetime | None = None
) -> int:
    """`record_delivery` for everybody of a staircase at once; how many."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.DELIVER)
        return len(_deliver(viewer, vote, parties, way, delivered, at))


def _deliver(viewer: Viewer, vote: Vote, parties: Sequence[RollParty], way: str, delivered: bool, at: datetime) -> list[Delivery]:
    if any(party.vote_id != vote.pk for party in parties):
        raise NotOnThisRoll(vote.number)
    made = [Delivery(party=party, way=Delivery.Way(way).value, delivered=delivered, by_id=viewer.own_id, at=at) for party in parties]
    Delivery.objects.bulk_create(made, batch_size=500)
    detail = {"way": way, "delivered": delivered, "parties": len(parties)}
    note(vote, Verb.DELIVER, by_convenor(viewer, vote), at, detail=detail)
    return made


def announce_undelivered(*, viewer: Viewer, vote: Vote, happened_at: datetime | None = None) -> int:
    """Announce the units whose papers could not be delivered (their owners may fetch one); how many parties."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.ANNOUNCE)
        latest: dict[int, Delivery] = {}
        for delivery in Delivery.objects.filter(party__vote=vote).order_by("id"):
            latest[delivery.party_id] = delivery
        missing = [each for each in latest.values() if not each.delivered and each.announced_at is None]
        for delivery in missing:
            delivery.announced_at = at
        Delivery.objects.bulk_update(missing, ["announced_at"], batch_size=200)
        note(vote, Verb.ANNOUNCE, by_convenor(viewer, vote), at, detail={"parties": len(missing)})
    return len(missing)


# Casting


def cast_ballot(
    *,
    viewer: Viewer,
    vote: Vote,
    choices: Mapping[str, str],
    proxy_for_id: int | None = None,
    proxy_document: str = "",
    channel: str = "web",
    happened_at: datetime | None = None,
) -> Ballot:
    """Cast an electronic ballot as oneself, or for a holder who gave a written proxy. Refused where the official system alone may."""
    at = happened_at or clock.now()
    with writing():
        vote = _shared(vote)
        acting = proxy_for_id or viewer.own_id
        _may_cast(vote, at)
        return _acknowledge_electronic(
            vote, actor_of(viewer, channel=channel), viewer.own_id, acting, proxy_for_id, proxy_document, choices, at
        )


def cast_with_code(*, paper: Paper, code: str, by_id: int, choices: Mapping[str, str], happened_at: datetime | None = None) -> Ballot:
    """Cast an electronic ballot without a login, by the code printed on the paper. `by_id` is one of the paper's holders."""
    at = happened_at or clock.now()
    check_paper_code(paper=paper, code=code)
    with writing():
        vote = _shared(paper.vote)
        _may_cast(vote, at)
        if not RollHolder.objects.filter(party_id=paper.party_id, person_id=by_id).exists():
            raise NotOnThisRoll(by_id)
        return _acknowledge_electronic(vote, Actor(person_id=by_id, channel="paper_code"), by_id, by_id, None, "", choices, at)


def check_paper_code(*, paper: Paper, code: str) -> None:
    """Refuse a wrong code, and every code after eight wrong ones. The count stands whatever happens to the ballot."""
    with transaction.atomic():
        paper = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
        right = (
            paper.replaced_at is None
            and paper.attempts < CODE_ATTEMPTS
            and bool(paper.code_digest)
            and hmac.compare_digest(paper.code_digest, _code_digest(paper, code.strip()))
        )
        if not right:
            paper.attempts += 1
            paper.save(update_fields=["attempts"])
    if not right:
        raise WrongPaperCode(paper.label)


def _shared(vote: Vote) -> Vote:
    """The vote as it stands, its row shared with other ballots and kept from being closed until this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM affairs_vote WHERE id = %s FOR SHARE", [vote.pk])
    return Vote.objects.select_related("place", "convenor").get(pk=vote.pk)


def _may_cast(vote: Vote, at: datetime) -> None:
    if vote.state == State.CLOSED or (vote.state == State.OPEN and vote.closes_at is not None and at > vote.closes_at):
        raise VotingIsOver(vote.number)
    after(vote.state, Verb.CAST)
    if vote.electronic == OFFICIAL_ONLY:
        raise OfficialChannelOnly(vote.number)


def _acknowledge_electronic(
    vote: Vote,
    by: Actor,
    by_id: int,
    acting_id: int,
    proxy_for_id: int | None,
    proxy_document: str,
    choices: Mapping[str, str],
    at: datetime,
) -> Ballot:
    chosen = _checked_choices(_motions(vote), choices)
    if not chosen:
        raise NoChoice(vote.number)
    if not RollHolder.objects.filter(party__vote=vote, person_id=acting_id).exists():
        raise NotAllowed(Verb.CAST)
    same = Ballot.objects.filter(vote=vote, by_id=by_id, proxy_for_id=proxy_for_id, channel=ELECTRONIC, official=False)
    if same.exists():
        raise AlreadyCast(vote.number)
    try:
        with transaction.atomic():
            return _acknowledge(
                vote,
                by,
                Reading(by_id, chosen, at, ELECTRONIC, True, proxy_for_id, proxy_document.strip()[:120]),
                label=f"E{secrets.token_hex(7)}",
                at=at,
                verb=Verb.CAST,
            )
    except IntegrityError as error:
        # The twin that was first has committed between the question above and now.
        raise AlreadyCast(vote.number) from error


def _motions(vote: Vote) -> frozenset[str]:
    return frozenset(Motion.objects.filter(vote=vote).values_list("code", flat=True))


def _checked_choices(motions: frozenset[str], choices: Mapping[str, str]) -> dict[str, str]:
    """In the order of the motions. A ballot for what was not announced is refused."""
    if not set(choices) <= motions or not set(choices.values()) <= CHOICES:
        raise NoChoice(sorted(set(choices) - motions))
    return {code: choices[code] for code in sorted(choices)}


def _acknowledge(vote: Vote, by: Actor, reading: Reading, *, label: str, at: datetime, verb: Verb, paper: Paper | None = None) -> Ballot:
    """Write a ballot and its entry. The entry holds a salted digest and is for the tellers; the public learns that turnout grew."""
    ballot = Ballot(
        vote=vote,
        label=label,
        by_id=reading.by_id,
        proxy_for_id=reading.proxy_for_id,
        proxy_document=reading.proxy_document,
        channel=reading.channel,
        cast_at=reading.cast_at,
        valid=reading.valid,
        choices=dict(reading.choices),
        paper=paper,
        salt=secrets.token_hex(16),
        acknowledged_at=at,
    )
    detail = {"ballot": label, "digest": text_digest(ballot.salt, rfc8785.dumps(row_of(ballot)).decode())}
    ballot.entry_id = note(vote, verb, by, at, detail=detail, audience=inside(vote)).pk
    ballot.save(force_insert=True)
    acting = reading.proxy_for_id or reading.by_id
    parties = RollHolder.objects.filter(party__vote=vote, person_id=acting).values_list("party_id", flat=True)
    BallotParty.objects.bulk_create([BallotParty(ballot=ballot, party_id=party) for party in parties])
    return ballot


def row_of(ballot: Ballot) -> Document:
    """The ballot as the full file has it."""
    return ballot_row(
        label=ballot.label,
        by=holder_name(ballot.by_id),
        channel=ballot.channel,
        cast_at=rfc3339(ballot.cast_at),
        proxy_for=holder_name(ballot.proxy_for_id) if ballot.proxy_for_id else None,
        proxy_document=ballot.proxy_document,
        valid=ballot.valid,
        choices=ballot.choices,
    )


# Papers that were handed in: two clerks, and a third look where they differ


def enter_paper(*, viewer: Viewer, paper: Paper, reading: Reading, happened_at: datetime | None = None) -> Ballot | None:
    """Enter what one reads on a paper, without being shown what a colleague read. The second entry that says the same acknowledges the
    ballot; where the two differ, a third teller's look decides. The ballot, or None while another entry is awaited."""
    at = happened_at or clock.now()
    with writing():
        vote = _shared(paper.vote)
        check(viewer, vote, Verb.ENTER)
        paper = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
        reading = _checked_reading(vote, paper, reading)
        if paper.replaced_at is not None:
            raise PaperReplaced(paper.label)
        earlier = list(PaperEntry.objects.filter(paper=paper).order_by("round"))
        settled = len(earlier) == 3 or (len(earlier) == 2 and not paper.differs)
        if settled or any(entry.clerk_id == viewer.person_id for entry in earlier):
            raise AlreadyEntered(paper.label)
        PaperEntry.objects.create(
            paper=paper,
            round=len(earlier) + 1,
            clerk_id=viewer.own_id,
            by_id=reading.by_id,
            proxy_for_id=reading.proxy_for_id,
            proxy_document=reading.proxy_document,
            channel=reading.channel,
            cast_at=reading.cast_at,
            valid=reading.valid,
            choices=dict(reading.choices),
            entered_at=at,
        )
        paper.entries = len(earlier) + 1
        if paper.entries == 2:
            paper.differs = _differences(earlier[0], reading)
        paper.save(update_fields=["entries", "differs"])
        if paper.entries == 1 or (paper.entries == 2 and paper.differs):
            return None
        by = actor_of(viewer, on_behalf_of_id=reading.by_id, channel="counter")
        return _acknowledge(vote, by, reading, label=paper.label, at=at, verb=Verb.ENTER, paper=paper)


def _checked_reading(vote: Vote, paper: Paper, reading: Reading) -> Reading:
    acting = reading.proxy_for_id or reading.by_id
    if not RollHolder.objects.filter(party_id=paper.party_id, person_id=acting).exists():
        raise NotOnThisRoll(acting)
    end = vote.closed_at or vote.closes_at
    if vote.opens_at is None or end is None or not vote.opens_at <= reading.cast_at <= end:
        raise OutsidePeriod(vote.number)
    if reading.channel not in (PAPER, HALL):
        raise NoChoice(reading.channel)
    return Reading(
        by_id=reading.by_id or _proxy_signer(vote, reading.proxy_name),
        choices=_checked_choices(_motions(vote), reading.choices),
        cast_at=reading.cast_at,
        channel=reading.channel,
        valid=reading.valid,
        proxy_for_id=reading.proxy_for_id,
        proxy_document=reading.proxy_document.strip()[:120],
    )


def _proxy_signer(vote: Vote, name: str) -> int:
    """Who signs for others under this name in this vote: the same person on every paper, so that two clerks mean one."""
    if not name.strip():
        raise NotOnThisRoll(name)
    known = PaperEntry.objects.filter(paper__vote=vote, by__name=name.strip()).exclude(proxy_for=None).order_by("id").first()
    return known.by_id if known is not None else create_person(name=name).pk


def _differences(first: PaperEntry, second: Reading) -> list[str]:
    """Which parts two clerks read differently. How they write down where a proxy is kept may differ, whether there is one may not."""
    pairs: list[tuple[str, object, object]] = [
        ("by", first.by_id, second.by_id),
        ("proxy_for", first.proxy_for_id, second.proxy_for_id),
        ("proxy_document", bool(first.proxy_document), bool(second.proxy_document)),
        ("channel", first.channel, second.channel),
        ("cast_at", first.cast_at, second.cast_at),
        ("valid", first.valid, second.valid),
    ]
    codes = sorted({*first.choices, *second.choices})
    pairs += [(code, first.choices.get(code), second.choices.get(code)) for code in codes]
    return [name for name, one, other in pairs if one != other]


def attach_scan(*, viewer: Viewer, paper: Paper, file: StoredFile, happened_at: datetime | None = None) -> Paper:
    """Keep the scan of a paper, for the tellers alone."""
    at = happened_at or clock.now()
    with writing():
        vote = _shared(paper.vote)
        check(viewer, vote, Verb.SCAN)
        paper = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
        file.audience = inside(vote)
        file.save(update_fields=["audience"])
        paper.scan = file
        paper.save(update_fields=["scan"])
        note(vote, Verb.SCAN, actor_of(viewer), at, detail={"paper": paper.label, "sha256": file.sha256}, audience=inside(vote))
    return paper
