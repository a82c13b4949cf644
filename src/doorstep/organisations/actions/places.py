"""Opening a place for those who may set it up: the place itself, what lies below it, where things stand on its plan."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, writing
from doorstep.foundation.places import actions as places
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions.bodies import NotAllowed
from doorstep.organisations.permissions import may_set_up

Point = tuple[Decimal, Decimal]


def open_place(*, viewer: Viewer, parent: Place, kind: str, code: str, name: str, **facts: Any) -> Place:
    """Add a place below another. The keepers of an estate add its buildings and venues, everything else is the administrator's.
    Raises places.CodeTaken, places.CannotContain."""
    if not may_set_up(viewer, parent):
        raise NotAllowed
    position = Place.objects.filter(parent=parent).count() + 1
    return places.create_place(code=code, kind=kind, name=name, parent=parent, by=actor_of(viewer), position=position, **facts)


def change_place(*, viewer: Viewer, place: Place, **facts: Any) -> Place:
    if not may_set_up(viewer, place):
        raise NotAllowed
    return places.change_place(place=place, by=actor_of(viewer), **facts)


def put_on_plan(*, viewer: Viewer, place: Place, points: Mapping[str, Point | None]) -> int:
    """Say where the places below stand, in metres east and south of the plan's corner; None takes one off. How many changed."""
    if not may_set_up(viewer, place):
        raise NotAllowed
    changed = 0
    with writing():
        for each in Place.objects.filter(parent=place, code__in=points):
            point = points[each.code]
            x, y = point if point is not None else (None, None)
            if (each.plan_x, each.plan_y) != (x, y):
                places.change_place(place=each, by=actor_of(viewer), plan_x=x, plan_y=y)
                changed += 1
    return changed
