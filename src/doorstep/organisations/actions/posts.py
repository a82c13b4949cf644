"""Posts: given, ended, handed over. The post stays and its holder changes, so the work that hangs on it goes on."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.identity.rules.phone import is_mobile, normalise_phone
from doorstep.foundation.identity.sessions import sign_out
from doorstep.foundation.journal.actions import Actor, record, text_digest, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.organisations.actions.bodies import BadDate, HasEnded, NotAllowed, by_post, by_post_or_renewing, locked
from doorstep.organisations.models import Body, FormerIncumbent, HandOver, Post, Term
from doorstep.organisations.permissions import may_keep_body
from doorstep.organisations.queries.committee import renewal_of
from doorstep.organisations.queries.open_work import open_work_of


class BadVotes(Exception):
    """More votes for somebody than were cast."""


class SamePerson(Exception):
    """A post is handed over to somebody else."""


def give_post(
    *,
    body: Body,
    title: str,
    person: Person,
    held_from: date,
    by: Actor,
    held_until: date | None = None,
    happened_at: datetime | None = None,
    **facts: Any,
) -> Post:
    """Let a person hold a post from a day on. `facts`: how they came to it, their seat, their duties."""
    return _give(
        body=body, title=title, person=person, held_from=held_from, by=by, held_until=held_until, happened_at=happened_at, **facts
    )[0]


def _give(
    *,
    body: Body,
    title: str,
    person: Person,
    held_from: date,
    by: Actor,
    held_until: date | None = None,
    happened_at: datetime | None = None,
    **facts: Any,
) -> tuple[Post, Entry]:
    _check_votes(facts.get("votes_for"), facts.get("votes_cast"))
    if held_until is not None and held_until < held_from:
        raise BadDate(held_until)
    with writing():
        post = Post.objects.create(body=body, title=title, person=person, held_from=held_from, held_until=held_until, **facts)
        entry = record(
            verb="post_given",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by,
            detail={"post": post.pk, "person": person.pk, "how": post.designated_by},
            happened_at=happened_at,
        )
    return post, entry


def appoint(
    *, viewer: Viewer, body: Body, title: str, name: str, phone: str, held_from: date, held_until: date | None = None, **facts: Any
) -> Post:
    """Give a post from a screen, to the person of that name and phone; they are told, and can sign in with that phone. Those who lead or
    register a committee seat the members of a new term until it is filed. Raises BadDate, BadVotes."""
    with writing():
        body = locked(body)
        if not may_keep_body(viewer, body):
            if renewal_of(viewer, body, clock.today()) != "members":
                raise NotAllowed
            if not Term.objects.filter(body=body, elected_on__lte=held_from, ends_on__gte=held_from, filed_on=None).exists():
                raise BadDate(held_from)
        person = _person(name, phone)
        position = Post.objects.filter(body=body).count()
        post, entry = _give(
            body=body,
            title=title,
            person=person,
            held_from=held_from,
            held_until=held_until,
            by=by_post_or_renewing(viewer, body),
            position=position,
            **facts,
        )
        tell(entry=entry, to=[f"person:{person.pk}"])
    return post


def end_post(*, viewer: Viewer, post: Post, on: date, because: str) -> Post:
    """`on` is the last day it is held. Whoever held it is signed out where it ends today or before."""
    with writing():
        post = _locked_post(post)
        if not may_keep_body(viewer, post.body):
            raise NotAllowed
        if on < post.held_from or (post.held_until is not None and on > post.held_until):
            raise BadDate(on)
        post.held_until, post.ended_because = on, because
        post.save(update_fields=["held_until", "ended_because"])
        entry = record(
            verb="post_ended",
            kind="body",
            subject=post.body.code,
            place=post.body.place,
            by=by_post(viewer, post.body),
            because=[because],
            detail={"post": post.pk, "person": post.person_id, "on": on.isoformat()},
        )
        tell(entry=entry, to=[f"person:{post.person_id}"])
        if on <= clock.today():
            sign_out(person_id=post.person_id)
    return post


def hand_over(
    *,
    viewer: Viewer,
    post: Post,
    name: str,
    phone: str,
    on: date,
    because: str = "",
    note: str = "",
    held_until: date | None = None,
    **facts: Any,
) -> HandOver:
    """Pass a post to the next person from a day on: the post and the work that hangs on it stay, its holder changes, the one before is
    signed out. What was open is kept with the hand-over, to be printed. Raises SamePerson, BadDate, BadVotes."""
    _check_votes(facts.get("votes_for"), facts.get("votes_cast"))
    with writing():
        post = _locked_post(post)
        if not may_keep_body(viewer, post.body):
            raise NotAllowed
        if on > clock.today() or on <= post.held_from or (held_until is not None and held_until < on):
            raise BadDate(on)
        successor = _person(name, phone)
        if successor.pk == post.person_id:
            raise SamePerson(post.pk)
        before = post.person_id
        FormerIncumbent.objects.create(
            post=post,
            person_id=before,
            held_from=post.held_from,
            held_until=on - timedelta(days=1),
            designated_by=post.designated_by,
            designated_on=post.designated_on,
            votes_for=post.votes_for,
            votes_cast=post.votes_cast,
            because=because,
        )
        salt = secrets.token_hex(16)
        given = HandOver.objects.create(
            post=post,
            from_person_id=before,
            to_person=successor,
            on=on,
            items=open_work_of(post),
            note=note.strip(),
            note_salt=salt,
            recorded_at=clock.now(),
        )
        post.person, post.held_from, post.held_until, post.ended_because = successor, on, held_until, ""
        for field in ("designated_by", "designated_on", "votes_for", "votes_cast"):
            setattr(post, field, facts.get(field, "" if field == "designated_by" else None))
        post.save()
        entry = record(
            verb="post_handed_over",
            kind="body",
            subject=post.body.code,
            place=post.body.place,
            by=by_post(viewer, post.body),
            because=[because] if because else [],
            detail={
                "post": post.pk,
                "from": before,
                "to": successor.pk,
                "on": on.isoformat(),
                "handover": given.pk,
                "open": {kind: len(subjects) for kind, subjects in given.items.items()},
                "note": text_digest(salt, given.note),
            },
        )
        tell(entry=entry, to=[f"person:{before}", f"person:{successor.pk}"])
        sign_out(person_id=before)
    return given


def _locked_post(post: Post) -> Post:
    post = Post.objects.select_for_update(of=("self",)).select_related("body__place").get(pk=post.pk)
    if post.body.ended_on is not None:
        raise HasEnded(post.body.code)
    return post


def _person(name: str, phone: str) -> Person:
    """The person of that name on that phone, made if the town does not know them, with an account to sign in where the phone is a mobile."""
    name, phone = name.strip(), normalise_phone(phone)
    known = Person.objects.filter(name=name, phone=phone, erased_at=None).order_by("id").first() if phone else None
    person = known or create_person(name=name, phone=phone)
    if is_mobile(phone) and not Account.objects.filter(person=person).exists():
        create_account(person=person, phone=phone)
    return person


def _check_votes(votes_for: int | None, votes_cast: int | None) -> None:
    if votes_for is not None and (votes_cast is None or votes_for > votes_cast):
        raise BadVotes(votes_for, votes_cast)
