"""What a body publishes, and its seals. A published text is never changed: a newer version stands beside it (the databases see to it)."""

import secrets
from datetime import date, datetime

from django.db.models import Max

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import Actor, record, text_digest, writing
from doorstep.organisations.actions.bodies import BadDate, NotAllowed, by_post, locked
from doorstep.organisations.data.codes import kinds_of_texts
from doorstep.organisations.models import Body, BodySeal, BodyText, Post, SealUse
from doorstep.organisations.permissions import may_publish


class NotItsText(Exception):
    """A body of this kind does not publish texts of that kind."""


class NotItsPost(Exception):
    """The seal is kept by a post of the body itself."""


class SealEnded(Exception):
    """A seal that is out of use is not used."""


def publish_text(*, viewer: Viewer, body: Body, kind: str, title: str, text: str, effective_from: date, basis: str = "") -> BodyText:
    """Publish a text in the body's name. Raises NotItsText."""
    if not may_publish(viewer, body):
        raise NotAllowed
    post = viewer.post_in(body.pk)
    return put_text(
        body=body,
        kind=kind,
        title=title,
        text=text,
        effective_from=effective_from,
        basis=basis,
        by=by_post(viewer, body),
        post_id=post.id if post else None,
    )


def put_text(
    *,
    body: Body,
    kind: str,
    title: str,
    text: str,
    effective_from: date,
    by: Actor,
    basis: str = "",
    post_id: int | None = None,
    happened_at: datetime | None = None,
) -> BodyText:
    """The same for whoever enters what was published on paper: `happened_at` is when."""
    with writing():
        body = locked(body)
        if kind not in kinds_of_texts(body.kind):
            raise NotItsText(kind)
        latest = BodyText.objects.filter(body=body, kind=kind).aggregate(latest=Max("version"))["latest"] or 0
        salt = secrets.token_hex(16)
        kept = BodyText.objects.create(
            body=body,
            kind=kind,
            version=latest + 1,
            title=title.strip(),
            text=text.strip(),
            salt=salt,
            effective_from=effective_from,
            basis=basis.strip(),
            post_id=post_id,
            published_at=happened_at or clock.now(),
        )
        record(
            verb="text_published",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by,
            detail={"kind": kind, "version": kept.version, "text": text_digest(salt, kept.text), "from": effective_from.isoformat()},
            happened_at=happened_at,
        )
    return kept


def keep_seal(*, viewer: Viewer, body: Body, name: str, kept_by: Post, since: date) -> BodySeal:
    """Enter a seal and the post that keeps it. Raises NotItsPost."""
    with writing():
        body = locked(body)
        if not may_publish(viewer, body):
            raise NotAllowed
        if kept_by.body_id != body.pk:
            raise NotItsPost(kept_by.pk)
        kept = BodySeal.objects.create(body=body, name=name.strip(), kept_by=kept_by, since=since)
        record(
            verb="seal_entered",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by_post(viewer, body),
            detail={"seal": kept.pk, "post": kept_by.pk},
        )
    return kept


def use_seal(*, viewer: Viewer, seal: BodySeal, used_on: date, purpose: str, decision: str = "") -> SealUse:
    """Write down a use of a seal. Raises SealEnded, BadDate."""
    if used_on > clock.today():
        raise BadDate(used_on)
    with writing():
        body = locked(seal.body)
        if not may_publish(viewer, body):
            raise NotAllowed
        seal = BodySeal.objects.select_for_update().get(pk=seal.pk)
        if seal.ended_on is not None and used_on > seal.ended_on:
            raise SealEnded(seal.pk)
        if used_on < seal.since:
            raise BadDate(used_on)
        post = viewer.post_in(body.pk)
        used = SealUse.objects.create(
            seal=seal,
            used_on=used_on,
            purpose=purpose.strip(),
            decision=decision.strip(),
            post_id=post.id if post else None,
            salt=secrets.token_hex(16),
        )
        record(
            verb="seal_used",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by_post(viewer, body),
            detail={"seal": seal.pk, "use": used.pk, "on": used_on.isoformat(), "purpose": text_digest(used.salt, used.purpose)},
        )
    return used


def end_seal(*, viewer: Viewer, seal: BodySeal, on: date) -> BodySeal:
    """A seal goes out of use (destroyed, handed in)."""
    with writing():
        body = locked(seal.body)
        if not may_publish(viewer, body):
            raise NotAllowed
        seal = BodySeal.objects.select_for_update().get(pk=seal.pk)
        if on > clock.today() or on < seal.since:
            raise BadDate(on)
        seal.ended_on = on
        seal.save(update_fields=["ended_on"])
        record(
            verb="seal_ended",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by_post(viewer, body),
            detail={"seal": seal.pk, "on": on.isoformat()},
        )
    return seal
