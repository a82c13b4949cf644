"""The official system's list: uploaded and compared with the roll, looked at, taken over whole or not at all, replaced with a reason until the count.

Of a list that is looked at, only whose ballots it holds is kept, for the action that takes it over. A list that was replaced keeps its
ballots as rows, which count no more; which list was replaced by which, and why, stays.
"""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from doorstep.affairs.actions.ballots import ELECTRONIC
from doorstep.affairs.actions.steps import NothingSaid
from doorstep.affairs.actions.votes import check, locked, note
from doorstep.affairs.models import Ballot, BallotParty, OfficialList, RollHolder, RollParty, RollUnit, Vote
from doorstep.affairs.rules.official_list import ListError, ListReading, OfficialRow, UnitHolder, compare, digest_of
from doorstep.affairs.rules.vote_states import Verb
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, writing
from doorstep.foundation.notify.actions import tell


class BadList(Exception):
    """Rows that do not match the roll, the motions or the time of voting: nothing was taken. `errors` name row and column."""

    def __init__(self, errors: Sequence[ListError]) -> None:
        super().__init__(errors)
        self.errors = errors


class ListReceived(Exception):
    """Another list was taken over before: this one replaces it only with a reason."""


class ListGone(Exception):
    """This upload was dropped, or another took its place, before it was taken over."""


def upload_official_list(
    *,
    viewer: Viewer,
    vote: Vote,
    url: str,
    file_name: str,
    rows: Sequence[OfficialRow],
    errors: Sequence[ListError] = (),
    happened_at: datetime | None = None,
) -> OfficialList:
    """Keep a list to be looked at: its figures, or what is wrong in which row and column. It is no part of the vote yet, and takes the
    place of an earlier upload that was not taken over."""
    at = happened_at or clock.now()
    with writing():
        vote = locked(vote)
        check(viewer, vote, Verb.OFFICIAL)
        OfficialList.objects.filter(vote=vote, received_at=None).delete()
        reading = _compare(vote, rows)
        wrong = sorted([*errors, *reading.errors], key=lambda error: error.row)
        parties = set(
            RollHolder.objects.filter(party__vote=vote, person_id__in={each.by_id for each in reading.ballots}).values_list(
                "party_id", flat=True
            )
        )
        return OfficialList.objects.create(
            vote=vote,
            url=url.strip()[:300],
            file_name=file_name[:120],
            sha256=digest_of(rows),
            rows=[] if wrong else [[each.by_id, each.cast_at.isoformat(), dict(each.choices)] for each in reading.ballots],
            report={
                "rows": len(rows) + len({error.row for error in errors}),
                "ballots": len(reading.ballots),
                "parties": len(parties),
                "area": sum(RollParty.objects.filter(id__in=parties).values_list("area_hundredths", flat=True)),
                "changed": reading.changed,
                "errors": [asdict(error) for error in wrong],
            },
            uploaded_by_id=viewer.own_id,
            uploaded_at=at,
        )


def _compare(vote: Vote, rows: Sequence[OfficialRow]) -> ListReading:
    people: dict[int, list[tuple[int, str]]] = {}
    parties_of: dict[int, int] = {}
    held = RollHolder.objects.filter(party__vote=vote).order_by("id").values_list("party_id", "person_id", "person__name")
    for party_id, person_id, name in held:
        people.setdefault(party_id, []).append((person_id, name))
        parties_of[person_id] = parties_of.get(person_id, 0) + 1
    by_party = {party: [UnitHolder(person, name, parties_of[person]) for person, name in each] for party, each in people.items()}
    units = RollUnit.objects.filter(vote=vote).exclude(party=None).values_list("name", "party_id")
    ends_at = vote.closed_at or vote.closes_at
    assert vote.opens_at is not None
    assert ends_at is not None
    return compare(
        rows,
        holders={unit: by_party.get(party, []) for unit, party in units},
        motions=[motion.code for motion in vote.motions.all()],
        opens_at=vote.opens_at,
        ends_at=ends_at,
    )


def write_official_list(*, viewer: Viewer, upload: OfficialList, reason: str = "", happened_at: datetime | None = None) -> OfficialList:
    """Take a list over, all of it or nothing. The same list again changes nothing; another one replaces the one in force, with a reason, until
    the count. What it says stands in its ballots, its digest in the journal. Raises BadList, ListReceived, ListGone."""
    at = happened_at or clock.now()
    reason = reason.strip()[:200]
    with writing():
        vote = locked(upload.vote)
        check(viewer, vote, Verb.OFFICIAL)
        found = OfficialList.objects.select_for_update(of=("self",)).filter(pk=upload.pk).first()
        if found is None:
            raise ListGone(upload.pk)
        if found.received_at is not None:
            return found
        if found.report["errors"]:
            raise BadList([ListError(**error) for error in found.report["errors"]])
        earlier = OfficialList.objects.filter(vote=vote, replaced_at=None).exclude(received_at=None).first()
        if earlier is not None and earlier.sha256 == found.sha256:
            found.delete()
            return earlier
        if earlier is not None:
            if not reason:
                raise ListReceived(vote.number)
            earlier.replaced_at = at
            earlier.save(update_fields=["replaced_at"])
            BallotParty.objects.filter(ballot__official_list=earlier).delete()
        verb = Verb.OFFICIAL if earlier is None else Verb.REPLACE_LIST
        detail = {"ballots": len(found.rows), "rows": found.report["rows"], "list": found.sha256}
        entry = note(vote, verb, actor_of(viewer), at, detail=detail if earlier is None else {**detail, "instead_of": earlier.sha256})
        _add_ballots(vote, found, entry.pk, at)
        vote.official_url, vote.official_sha256 = found.url, found.sha256
        vote.save(update_fields=["official_url", "official_sha256"])
        found.rows, found.received_at, found.reason = [], at, reason if earlier is not None else ""
        found.save(update_fields=["rows", "received_at", "reason"])
        tell(entry=entry, to=[f"body:{vote.convenor_id}"])
    return found


def _add_ballots(vote: Vote, found: OfficialList, entry_id: int, at: datetime) -> None:
    parties_of: dict[int, list[int]] = {}
    for person_id, party_id in RollHolder.objects.filter(party__vote=vote).order_by("id").values_list("person_id", "party_id"):
        parties_of.setdefault(person_id, []).append(party_id)
    before = Ballot.objects.filter(vote=vote, official=True).count()
    kept = Ballot.objects.bulk_create(
        [
            Ballot(
                vote=vote,
                label=f"O{before + index:05d}",
                by_id=person_id,
                channel=ELECTRONIC,
                cast_at=datetime.fromisoformat(cast_at),
                choices=choices,
                official=True,
                official_list=found,
                salt=secrets.token_hex(16),
                entry_id=entry_id,
                acknowledged_at=at,
            )
            for index, (person_id, cast_at, choices) in enumerate(found.rows, start=1)
        ],
        batch_size=500,
    )
    BallotParty.objects.bulk_create(
        [BallotParty(ballot=ballot, party_id=party) for ballot in kept for party in parties_of[ballot.by_id]], batch_size=500
    )


def drop_official_list(*, viewer: Viewer, upload: OfficialList) -> None:
    """Throw an upload away that was not taken over."""
    with writing():
        vote = locked(upload.vote)
        check(viewer, vote, Verb.OFFICIAL)
        OfficialList.objects.filter(pk=upload.pk, received_at=None).delete()


def receive_official_list(
    *, viewer: Viewer, vote: Vote, url: str, rows: Sequence[OfficialRow], reason: str = "", happened_at: datetime | None = None
) -> int:
    """Upload a list and take it over at once; how many ballots it has. Nothing stays of one that is refused."""
    if not rows:
        raise NothingSaid
    with writing():
        upload = upload_official_list(viewer=viewer, vote=vote, url=url, file_name="", rows=rows, happened_at=happened_at)
        return int(write_official_list(viewer=viewer, upload=upload, reason=reason, happened_at=happened_at).report["ballots"])
