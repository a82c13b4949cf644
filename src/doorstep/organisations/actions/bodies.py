"""Bodies: founded, changed, ended; their history told by themselves."""

import secrets
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import Actor, actor_of, record, text_digest, writing
from doorstep.foundation.places.models import Place
from doorstep.foundation.ui.slots import Blocker, blockers
from doorstep.organisations.models import Body, BodyFact, Post
from doorstep.organisations.permissions import PARTY, may_found_body, may_keep_body, renewing_post
from doorstep.organisations.rules import uscc as credit_code
from doorstep.organisations.rules.dates import is_date_as_known

# Words of addresses under /organisations/ that cannot be the code of a body.
RESERVED = frozenset({"register", "applications", "handovers"})


class NotAllowed(PermissionDenied):
    """The viewer knows of it but may not do this."""


class BodyCodeTaken(Exception):
    """Another body has this code."""


class BadUscc(Exception):
    """Not a unified social credit code; `reason` says why (rules/uscc.py)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UsccTaken(Exception):
    """A body with this code is registered already: `body`."""

    def __init__(self, body: Body) -> None:
        super().__init__(body.code)
        self.body = body


class BadDate(Exception):
    """A day is written 2015, 2015-06 or 2015-06-01, and not in the future."""


class NotAParty(Exception):
    """Only a party organisation leads a body."""


class StillBlocked(Exception):
    """Something stands in the way; `blockers` say what."""

    def __init__(self, found: list[Blocker]) -> None:
        super().__init__(len(found))
        self.blockers = found


class HasEnded(Exception):
    """The body is no more: nothing is written to it."""


def create_body(*, code: str, kind: str, name: str, place: Place, by: Actor, happened_at: datetime | None = None, **facts: Any) -> Body:
    """Found a body at a place. `facts` are the model's optional fields. Raises BodyCodeTaken, BadUscc, UsccTaken, BadDate."""
    facts = _checked(facts)
    with writing():
        if code in RESERVED:
            raise BodyCodeTaken(code)
        if Body.objects.filter(code=code).exists():
            raise _taken(code, str(facts.get("uscc", "")))
        try:
            with transaction.atomic():
                body = Body.objects.create(code=code, kind=kind, name=name, place=place, **facts)
        except IntegrityError:
            # Two asked at once: the other was first.
            raise _taken(code, str(facts.get("uscc", ""))) from None
        record(verb="body_founded", kind="body", subject=code, place=place, by=by, detail={"kind": kind}, happened_at=happened_at)
    return body


def found_body(*, viewer: Viewer, kind: str, name: str, place: Place, code: str = "", **facts: Any) -> Body:
    """Register a body from a screen. Without a code it gets one from its place and kind."""
    if not may_found_body(viewer, place):
        raise NotAllowed
    _check_leader(facts.get("led_by"))
    return create_body(code=code or free_code(place, kind), kind=kind, name=name, place=place, by=actor_of(viewer), **facts)


def change_body(*, viewer: Viewer, body: Body, **facts: Any) -> Body:
    """Correct what is known of a body. The journal keeps which fields changed, and a digest of what they were."""
    facts = _checked(facts, but=body)
    _check_leader(facts.get("led_by"))
    with writing():
        body = locked(body)
        if not may_keep_body(viewer, body):
            raise NotAllowed
        changed = sorted(name for name, value in facts.items() if getattr(body, name) != value)
        if not changed:
            return body
        for name in changed:
            setattr(body, name, facts[name])
        try:
            with transaction.atomic():
                body.save(update_fields=changed)
        except IntegrityError:
            raise _taken(body.code, str(facts.get("uscc", ""))) from None
        record(verb="body_changed", kind="body", subject=body.code, place=body.place, by=by_post(viewer, body), detail={"fields": changed})
    return body


def end_body(*, viewer: Viewer, body: Body, on: date, because: str) -> Body:
    """A body is no more. Its page stays, its posts end with it; what still runs elsewhere stands in the way. Raises StillBlocked, BadDate."""
    if on > clock.today():
        raise BadDate(on)
    with writing():
        body = locked(body)
        if not may_keep_body(viewer, body):
            raise NotAllowed
        in_the_way = blockers("end_body", body)
        if in_the_way:
            raise StillBlocked(in_the_way)
        body.ended_on, body.ended_because = on, because
        body.save(update_fields=["ended_on", "ended_because"])
        for post in Post.objects.filter(body=body):
            if post.held_until is None or post.held_until > on:
                post.held_until, post.ended_because = max(on, post.held_from), "body_ended"
                post.save(update_fields=["held_until", "ended_because"])
        record(
            verb="body_ended",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by_post(viewer, body),
            because=[because],
            detail={"on": on.isoformat()},
        )
    return body


def add_fact(*, viewer: Viewer, body: Body, happened_on: str, text: str, source: str = "") -> BodyFact:
    """Tell a dated fact of a body's history. Raises BadDate."""
    if not may_keep_body(viewer, body):
        raise NotAllowed
    return tell_fact(body=body, happened_on=happened_on, text=text, source=source, by=by_post(viewer, body))


def tell_fact(*, body: Body, happened_on: str, text: str, by: Actor, source: str = "") -> BodyFact:
    if not is_date_as_known(happened_on, clock.today()):
        raise BadDate(happened_on)
    with writing():
        fact = BodyFact.objects.create(
            body=body, happened_on=happened_on, text=text.strip(), source=source.strip(), salt=secrets.token_hex(16)
        )
        record(
            verb="fact_told",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by,
            detail={"fact": fact.pk, "on": happened_on, "text": text_digest(fact.salt, fact.text)},
        )
    return fact


def take_back_fact(*, viewer: Viewer, fact: BodyFact) -> None:
    """A fact that was wrong: it is no longer shown, the journal keeps that it was told."""
    with writing():
        fact = BodyFact.objects.select_for_update(of=("self",)).select_related("body__place").get(pk=fact.pk)
        if not may_keep_body(viewer, fact.body):
            raise NotAllowed
        if fact.taken_back_at is not None:
            return
        fact.taken_back_at = clock.now()
        fact.save(update_fields=["taken_back_at"])
        record(
            verb="fact_taken_back",
            kind="body",
            subject=fact.body.code,
            place=fact.body.place,
            by=by_post(viewer, fact.body),
            detail={"fact": fact.pk},
        )


def locked(body: Body) -> Body:
    """The body as it stands now, held to the end of the transaction. Raises HasEnded."""
    body = Body.objects.select_for_update(of=("self",)).select_related("place").get(pk=body.pk)
    if body.ended_on is not None:
        raise HasEnded(body.code)
    return body


def by_post(viewer: Viewer, body: Body) -> Actor:
    """The viewer as the one who acts, by their post in that body where they hold one."""
    return actor_of(viewer, post=viewer.post_in(body.pk))


def by_post_or_renewing(viewer: Viewer, body: Body) -> Actor:
    """The same; who enters a committee's renewal for it acts by the post that lets them."""
    return actor_of(viewer, post=viewer.post_in(body.pk) or (None if viewer.is_town_admin else renewing_post(viewer, body)))


def free_code(place: Place, kind: str) -> str:
    """A code of its own for a new body: ruikang-volunteer-team, and -2, -3 where there are more."""
    base = f"{place.code}-{kind.replace('_', '-')}"[:56]
    taken = set(Body.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for code in (base, *(f"{base}-{number}" for number in range(2, 1000))) if code not in taken)


def _checked(facts: dict[str, Any], but: Body | None = None) -> dict[str, Any]:
    """The facts with the credit code as it is kept."""
    if facts.get("founded_on") and not is_date_as_known(facts["founded_on"], clock.today()):
        raise BadDate(facts["founded_on"])
    if facts.get("uscc"):
        code = credit_code.normal(facts["uscc"])
        reason = credit_code.fault(code)
        if reason is not None:
            raise BadUscc(reason)
        other = body_of_uscc(code)
        if other is not None and (but is None or other.pk != but.pk):
            raise UsccTaken(other)
        facts = {**facts, "uscc": code}
    return facts


def body_of_uscc(code: str) -> Body | None:
    return Body.objects.filter(uscc=code, ended_on=None).first()


def _check_leader(leader: Body | None) -> None:
    if leader is not None and leader.kind not in PARTY:
        raise NotAParty(leader.code)


def _taken(code: str, uscc: str) -> Exception:
    other = body_of_uscc(uscc) if uscc else None
    return UsccTaken(other) if other is not None else BodyCodeTaken(code)
