"""意向征询: opened by a body, answered once by each person, closed. It has no legal effect and never enters an owners' vote."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from doorstep.affairs.actions.steps import NotAllowed, NothingSaid
from doorstep.affairs.models import Poll, PollAnswer
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body

MOST_OPTIONS = 8


class TooFewOptions(Exception):
    """A question has two to eight answers, all different."""


class PollIsOver(Exception):
    """Its end has passed, or it was closed."""


class AnsweredBefore(Exception):
    """One person answers once."""


class EndHasPassed(Exception):
    """A poll ends later than it begins."""


def open_poll(
    *,
    viewer: Viewer,
    place: Place,
    body: Body,
    question: str,
    options: Sequence[str],
    closes_at: datetime,
    happened_at: datetime | None = None,
) -> Poll:
    """Ask the neighbours of a place something, as a body that serves there."""
    at = happened_at or clock.now()
    question, chosen = question.strip()[:120], [option.strip()[:60] for option in options if option.strip()]
    if body.pk not in viewer.bodies or body.place.code not in place.codes:
        raise NotAllowed("open_poll")
    if not question:
        raise NothingSaid
    if not 2 <= len(chosen) <= MOST_OPTIONS or len(set(chosen)) != len(chosen):
        raise TooFewOptions(len(chosen))
    if closes_at <= at:
        raise EndHasPassed(closes_at)
    with writing():
        poll = Poll.objects.create(place=place, body=body, question=question, options=chosen, opened_at=at, closes_at=closes_at)
        by = actor_of(viewer, post=viewer.post_in(body.pk))
        record(verb="poll_opened", kind="poll", subject=str(poll.pk), place=place, by=by, detail={"options": len(chosen)}, happened_at=at)
    return poll


def answer_poll(*, viewer: Viewer, poll: Poll, option: int, happened_at: datetime | None = None) -> PollAnswer:
    """Answer once. Owners, tenants and every other neighbour alike."""
    at = happened_at or clock.now()
    if not viewer.signed_in:
        raise NotAllowed("answer_poll")
    with writing():
        poll = Poll.objects.select_for_update(of=("self",)).select_related("place").get(pk=poll.pk)
        if poll.closed_at is not None or at > poll.closes_at:
            raise PollIsOver(poll.pk)
        if not 0 <= option < len(poll.options):
            raise TooFewOptions(option)
        if PollAnswer.objects.filter(poll=poll, person_id=viewer.own_id).exists():
            raise AnsweredBefore(poll.pk)
        try:
            with transaction.atomic():
                answer = PollAnswer.objects.create(poll=poll, person_id=viewer.own_id, option=option, answered_at=at)
        except IntegrityError as error:
            raise AnsweredBefore(poll.pk) from error
        audience = f"person:{viewer.own_id}"
        record(
            verb="poll_answered",
            kind="poll",
            subject=str(poll.pk),
            place=poll.place,
            by=actor_of(viewer),
            audience=audience,
            happened_at=at,
        )
    return answer


def close_poll(*, viewer: Viewer, poll: Poll, happened_at: datetime | None = None) -> Poll:
    """End it before its time, as the body that asked."""
    at = happened_at or clock.now()
    with writing():
        poll = Poll.objects.select_for_update(of=("self",)).select_related("place").get(pk=poll.pk)
        if poll.body_id not in viewer.bodies:
            raise NotAllowed("close_poll")
        if poll.closed_at is not None or at > poll.closes_at:
            raise PollIsOver(poll.pk)
        poll.closed_at = at
        poll.save(update_fields=["closed_at"])
        by = actor_of(viewer, post=viewer.post_in(poll.body_id))
        record(verb="poll_closed", kind="poll", subject=str(poll.pk), place=poll.place, by=by, happened_at=at)
    return poll
