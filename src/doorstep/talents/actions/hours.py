"""The hours book: what was planned, attended and approved; corrections by a line of their own; free proofs; records of 令67."""

import hashlib
import secrets
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, actor_of, record, text_digest, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import number_prefix
from doorstep.organisations.models import Body
from doorstep.talents.actions.common import by_post, town_day
from doorstep.talents.models import HoursLine, HoursProof, VolunteerNumber, VolunteerRecord
from doorstep.talents.permissions import NotAllowed, may_approve, works_for
from doorstep.talents.rules.hours import Line, fingerprint, total

LONGEST_DAY = 24 * 60
LONGEST_WORDS = 300
REVERSAL_REASONS = ("not_there", "shorter", "longer", "twice", "wrong_person", "other")
# No letters and digits that are taken for one another on paper.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class NoTime(Exception):
    """Minutes are above zero and fit into a day."""


class InTheFuture(Exception):
    """Only planned hours lie ahead."""


class AlreadyReversed(Exception):
    """A line is taken back once, and a taking-back is not taken back."""


class AlreadyApproved(Exception):
    """These hours are approved already."""


class AlreadyWritten(Exception):
    """The book has this work of this person on this day from paper already."""


class NothingToProve(Exception):
    """No approved hours between these days."""


class ReasonMissing(Exception):
    """A correction says why, by one of the codes; a record says something."""


def volunteer_number(*, person_id: int, happened_at: datetime | None = None) -> VolunteerNumber:
    """The person's volunteer number, given at the first need: random, so that it says nothing of who they are or when they came."""
    found = VolunteerNumber.objects.filter(person_id=person_id).first()
    if found is not None:
        return found
    with writing():
        Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person_id)
        number = f"{number_prefix()}-ZY-{''.join(secrets.choice('0123456789') for _ in range(10))}"
        kept, _made = VolunteerNumber.objects.get_or_create(
            person_id=person_id, defaults={"number": number, "given_at": happened_at or clock.now()}
        )
    return kept


def record_hours(
    *,
    by: Actor,
    person_id: int,
    stage: str,
    minutes: int,
    on: date,
    title: str,
    title_en: str = "",
    place: Place,
    body: Body,
    subject: str,
    kind: str = HoursLine.Kind.SERVICE,
    served: int | None = None,
    happened_at: datetime | None = None,
) -> HoursLine:
    """Write one line: planned, attended or approved. For the mechanism whose activity it was, which has asked its own permission.

    `minutes` are those really given, without the way there and back; `subject` (`occasion:<code>`) ties the stages of one day's work
    together; `served` counts people. Hours are not points: nothing is derived from them but sums. Raises NoTime, InTheFuture.
    """
    at = happened_at or clock.now()
    if not 0 < minutes <= LONGEST_DAY:
        raise NoTime(minutes)
    if stage != HoursLine.Stage.PLANNED and on > town_day(at):
        raise InTheFuture(on.isoformat())
    with writing():
        volunteer_number(person_id=person_id, happened_at=at)
        return _write(
            HoursLine(
                person_id=person_id,
                kind=kind,
                stage=stage,
                minutes=minutes,
                on=on,
                title=title[:120],
                title_en=title_en[:160],
                place=place,
                body=body,
                subject=subject[:80],
                served=served,
                recorded_by_id=by.person_id,
                recorded_at=at,
            ),
            by,
            at,
        )


def approve_hours(*, viewer: Viewer, line: HoursLine, minutes: int | None = None, happened_at: datetime | None = None) -> HoursLine:
    """Say that attended hours are right, or how many of them: a line of its own. By the body that organised it, never by oneself.

    Raises NotAllowed, NoTime, AlreadyApproved, AlreadyReversed.
    """
    at = happened_at or clock.now()
    with writing():
        line = _locked(line)
        if not may_approve(viewer, line):
            raise NotAllowed("approve_hours")
        if line.stage != HoursLine.Stage.ATTENDED or line.reverses_id is not None or HoursLine.objects.filter(reverses=line).exists():
            raise AlreadyReversed(line.pk)
        same = HoursLine.objects.filter(
            person_id=line.person_id, subject=line.subject, on=line.on, kind=line.kind, stage=HoursLine.Stage.APPROVED
        )
        if same.filter(reverses=None).exclude(pk__in=HoursLine.objects.filter(reverses__in=same).values("reverses_id")).exists():
            raise AlreadyApproved(line.pk)
        return record_hours(
            by=by_post(viewer, line.body),
            person_id=line.person_id,
            stage=HoursLine.Stage.APPROVED,
            minutes=line.minutes if minutes is None else minutes,
            on=line.on,
            title=line.title,
            title_en=line.title_en,
            place=line.place,
            body=line.body,
            subject=line.subject,
            kind=line.kind,
            served=line.served,
            happened_at=at,
        )


def reverse_hours(*, viewer: Viewer, line: HoursLine, reason: str, happened_at: datetime | None = None) -> HoursLine:
    """Take a line back: the same with the minutes below zero. The wrong line stays readable. Raises NotAllowed, AlreadyReversed, ReasonMissing."""
    at = happened_at or clock.now()
    if reason not in REVERSAL_REASONS:
        raise ReasonMissing(reason)
    with writing():
        line = _locked(line)
        if not may_approve(viewer, line):
            raise NotAllowed("reverse_hours")
        if line.reverses_id is not None or HoursLine.objects.filter(reverses=line).exists():
            raise AlreadyReversed(line.pk)
        return _take_back(line, reason, by_post(viewer, line.body), at)


def book_hours(
    *,
    by: Actor,
    person_id: int,
    stage: str,
    minutes: int,
    on: date,
    title: str,
    title_en: str = "",
    place: Place,
    body: Body,
    subject: str,
    served: int | None = None,
    happened_at: datetime | None = None,
) -> HoursLine | None:
    """Make the book say so many minutes of service for one stage of one piece of work. Where it says so, nothing is written; another figure is
    taken back first, by a line of its own, and with attended minutes what was approved on their ground; 0 minutes are only taken back.

    For the mechanism whose activity it was, which has asked its own permission: a list that is corrected corrects the book. Raises what
    `record_hours` raises.
    """
    at = happened_at or clock.now()
    with writing():
        Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person_id)
        taken_back = HoursLine.objects.filter(reverses=OuterRef("pk"))
        mine = HoursLine.objects.filter(Q(person_id=person_id) | Q(person__merged_into=person_id), subject=subject, reverses=None)
        living = list(mine.filter(~Exists(taken_back), kind=HoursLine.Kind.SERVICE).select_related("body__place", "place").order_by("-id"))
        said = [line for line in living if line.stage == stage]
        if [(line.minutes, line.on) for line in said] == [(minutes, on)]:
            return said[0]
        if said and stage == HoursLine.Stage.ATTENDED:
            said = [line for line in living if line.stage in (stage, HoursLine.Stage.APPROVED)]
        for line in said:
            _take_back(line, _why(line.minutes, minutes), by, at)
        if minutes == 0:
            return None
        return record_hours(
            by=by, person_id=person_id, stage=stage, minutes=minutes, on=on, title=title, title_en=title_en, place=place, body=body,
            subject=subject, served=served, happened_at=at,
        )  # fmt: skip


def enter_hours(
    *,
    viewer: Viewer,
    person: Person,
    body: Body,
    on: date,
    minutes: int,
    title: str,
    place: Place,
    served: int | None = None,
    happened_at: datetime | None = None,
) -> HoursLine:
    """Write down from paper what somebody gave to a body, by those who work for it: attended, to be approved like the rest. The same work of
    the same day is written once. Raises NotAllowed, AlreadyWritten, ReasonMissing, and what `record_hours` raises."""
    at = happened_at or clock.now()
    title = title.strip()
    if not works_for(viewer, body.pk) or viewer.person_id == person.pk:
        raise NotAllowed("enter_hours")
    if not title:
        raise ReasonMissing("title")
    subject = f"paper:{body.pk}:{hashlib.sha256(title.encode()).hexdigest()[:16]}"
    with writing():
        Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
        same = HoursLine.objects.filter(Q(person_id=person.pk) | Q(person__merged_into=person.pk), subject=subject, on=on, reverses=None)
        if same.filter(~Exists(HoursLine.objects.filter(reverses=OuterRef("pk")))).exists():
            raise AlreadyWritten(title)
        return record_hours(
            by=by_post(viewer, body), person_id=person.pk, stage=HoursLine.Stage.ATTENDED, minutes=minutes, on=on, title=title, place=place,
            body=body, subject=subject, served=served, happened_at=at,
        )  # fmt: skip


def _why(before: int, now: int) -> str:
    """The code of a correction from so many minutes to so many."""
    if now == 0:
        return "not_there"
    if now == before:
        return "other"
    return "shorter" if now < before else "longer"


def _take_back(line: HoursLine, reason: str, by: Actor, at: datetime) -> HoursLine:
    return _write(
        HoursLine(
            person_id=line.person_id,
            kind=line.kind,
            stage=line.stage,
            minutes=-line.minutes,
            on=line.on,
            title=line.title,
            title_en=line.title_en,
            place=line.place,
            body=line.body,
            subject=line.subject,
            reverses=line,
            reason=reason,
            recorded_by_id=by.person_id,
            recorded_at=at,
        ),
        by,
        at,
    )


def write_record(
    *, viewer: Viewer, person: Person, body: Body, kind: str, on: date, words: str, happened_at: datetime | None = None
) -> VolunteerRecord:
    """A commendation, or an evaluation, of a volunteer by a body: the person reads it, nobody else but the body. Raises NotAllowed,
    ReasonMissing, InTheFuture."""
    at = happened_at or clock.now()
    words = words.strip()[:LONGEST_WORDS]
    if not works_for(viewer, body.pk) or viewer.person_id == person.pk:
        raise NotAllowed("write_record")
    if not words or kind not in VolunteerRecord.Kind.values:
        raise ReasonMissing(kind)
    if on > town_day(at):
        raise InTheFuture(on.isoformat())
    with writing():
        salt = secrets.token_hex(16)
        made = VolunteerRecord.objects.create(
            person=person, kind=kind, on=on, words=words, words_salt=salt, body=body, recorded_by_id=viewer.person_id, recorded_at=at
        )
        entry = record(
            verb=kind,
            kind="hours",
            subject=f"record-{made.pk}",
            place=body.place,
            by=by_post(viewer, body, on_behalf_of_id=None),
            audience=f"person:{person.pk}",
            detail={"record": made.pk, "words": text_digest(salt, words)},
            happened_at=at,
        )
        tell(entry=entry, to=[f"person:{person.pk}"])
    return made


def make_proof(*, viewer: Viewer, since: date, until: date, body: Body, happened_at: datetime | None = None) -> HoursProof:
    """A free proof of one's own approved hours between two days, as the book has them now. Raises NotAllowed, NothingToProve."""
    at = happened_at or clock.now()
    if viewer.person_id is None:
        raise NotAllowed("make_proof")
    with writing():
        person = Person.objects.get(pk=viewer.person_id)
        lines = [
            Line(line.pk, line.on, line.stage, line.kind, line.minutes)
            for line in HoursLine.objects.filter(
                person=person, on__gte=since, on__lte=until, stage=HoursLine.Stage.APPROVED, kind=HoursLine.Kind.SERVICE
            )
        ]
        minutes = total(lines)
        if minutes <= 0:
            raise NothingToProve
        made = HoursProof.objects.create(
            code="".join(secrets.choice(SIGNS) for _ in range(16)),
            person=person,
            name=person.name,
            since=since,
            until=until,
            minutes=minutes,
            lines=len(lines),
            digest=fingerprint(lines),
            body=body,
            made_at=at,
        )
        record(
            verb="prove",
            kind="hours",
            subject=f"proof-{made.pk}",
            place=body.place,
            by=actor_of(viewer),
            audience=f"person:{person.pk}",
            detail={"minutes": minutes, "lines": len(lines), "digest": made.digest},
            happened_at=at,
        )
    return made


def _locked(line: HoursLine) -> HoursLine:
    """The person's row guards their book: a line itself is never changed."""
    Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=line.person_id)
    return HoursLine.objects.select_related("body__place", "place").get(pk=line.pk)


def _write(line: HoursLine, by: Actor, at: datetime) -> HoursLine:
    line.save(force_insert=True)
    entry = record(
        verb="take_back" if line.minutes < 0 else line.stage,
        kind="hours",
        subject=f"line-{line.pk}",
        place=line.place,
        by=by,
        audience=f"hours:{line.pk}",
        because=[line.reason] if line.reason else [],
        detail={"line": line.pk, "minutes": line.minutes, "on": line.on.isoformat(), "reverses": line.reverses_id},
        happened_at=at,
    )
    if line.stage == HoursLine.Stage.APPROVED and by.person_id != line.person_id:
        tell(entry=entry, to=[f"person:{line.person_id}"])
    return line
