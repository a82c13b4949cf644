"""One date: planned by itself, called off, moved."""

from collections.abc import Mapping
from datetime import datetime

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.journal.actions import Actor, actor_of, writing
from doorstep.foundation.occasions.actions.common import (
    InThePast,
    NoDates,
    Told,
    announce,
    call_off,
    locked,
    new_code,
    note,
    require_to_come,
    takes_place,
    touch_page,
)
from doorstep.foundation.occasions.actions.setting_out import refuse_clashes
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.permissions import NotAllowed, runs
from doorstep.foundation.occasions.rules.overlap import Span
from doorstep.foundation.occasions.rules.waiting import Standing
from doorstep.foundation.places.models import Place


def plan_occasion(
    *,
    by: Actor,
    kind: str,
    subject: str = "",
    run_by: str,
    title: str,
    title_en: str = "",
    place: Place,
    starts_at: datetime,
    ends_at: datetime,
    capacities: Mapping[str, int | None] | None = None,
    is_exclusive: bool | None = None,
    is_for_children: bool = False,
    audience: str = PUBLIC,
    happened_at: datetime | None = None,
) -> Occasion:
    """Plan one date that belongs to no series: a meeting, a booking, an activity. Raises NoDates, PlaceTaken."""
    at = happened_at or clock.now()
    if ends_at <= starts_at:
        raise NoDates
    with writing():
        exclusive = takes_place(place, is_exclusive)
        refuse_clashes(place, exclusive, [Span(starts_at, ends_at)])
        occasion = Occasion.objects.create(
            code=new_code(),
            kind=kind,
            subject=subject,
            audience=audience,
            run_by=run_by,
            title=title,
            title_en=title_en,
            place=place,
            is_exclusive=exclusive,
            is_for_children=is_for_children,
            capacities=dict(capacities or {}),
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=at,
            changed_at=at,
        )
        note(occasion, "plan", by, at, detail={"kind": kind, "starts_at": starts_at.isoformat()})
    return occasion


def cancel_occasion(*, viewer: Viewer, occasion: Occasion, reason: str, words: str = "") -> Told:
    """Call one date off, with a reason code and words for everyone. All who have a place or wait are told; those without an account come
    back as a list to telephone. Raises NotAllowed, IsCancelled, HasBegun."""
    at = clock.now()
    with writing():
        occasion = locked(occasion)
        if not runs(viewer, occasion):
            raise NotAllowed("cancel")
        require_to_come(occasion, at)
        return Told(1, tuple(call_off(occasion, reason, words, actor_of(viewer, post=viewer.acting_post), at)))


def move_occasion(
    *,
    viewer: Viewer,
    occasion: Occasion,
    starts_at: datetime,
    ends_at: datetime | None = None,
    place: Place | None = None,
    reason: str = "",
    words: str = "",
) -> Told:
    """Hold one date at another time or place; without `ends_at` it keeps its length. Sign-ups stay and are told.

    Whoever has something else at the new time is not thrown out: their calendar shows both. Raises NotAllowed, IsCancelled, HasBegun,
    InThePast, NoDates, PlaceTaken.
    """
    at = clock.now()
    with writing() as current:
        occasion = locked(occasion)
        if not runs(viewer, occasion):
            raise NotAllowed("move")
        require_to_come(occasion, at)
        ends_at = ends_at or starts_at + occasion.length
        if starts_at <= at:
            raise InThePast(starts_at.isoformat())
        if ends_at <= starts_at:
            raise NoDates
        if place is not None and place.pk != occasion.place_id:
            touch_page(current, occasion.place, occasion.audience)
            occasion.place = place
            occasion.is_exclusive = takes_place(place, None)
        refuse_clashes(occasion.place, occasion.is_exclusive, [Span(starts_at, ends_at)], but_ids=[occasion.pk])
        occasion.starts_at, occasion.ends_at, occasion.moved_at = starts_at, ends_at, at
        SignUp.objects.filter(occasion=occasion, standing=Standing.OFFERED.value, hold_until__gt=starts_at).update(hold_until=starts_at)
        by = actor_of(viewer, post=viewer.acting_post)
        return Told(1, tuple(announce(occasion, "move", reason, words, by, at)))
