"""Sessions under /api/v1 (formats, section 6)."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from ninja import Query, Router, Schema

from doorstep.affairs.api import Problem, Refused
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.queries import place_by_code
from doorstep.services import queries

router = Router(tags=["sessions"])
DAYS, MOST_DAYS = 7, 366
SIZE = 200


class SessionOut(Schema):
    """One date of a service, or of another thing that happens at the place."""

    service: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    status: str
    url: str


class SessionList(Schema):
    items: list[SessionOut]
    next: str | None


@router.get(
    "/places/{code}/sessions", response={200: SessionList, 404: Problem, 422: Problem}, auth=None, summary="What is on at a place, by day"
)
def sessions(
    request: Request,
    code: str,
    since: Annotated[date | None, Query(alias="from", description="the first day; today where it is absent")] = None,
    until: Annotated[date | None, Query(alias="to", description="the last day; six days later where it is absent")] = None,
    after: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> dict[str, Any]:
    """Sessions that begin on these days at a place and below it, the called-off ones too. `service` is the service's name, `kind` its kind."""
    place = place_by_code(code)
    if place is None:
        raise Refused(404, "")
    first = since or clock.today()
    last = until or first + timedelta(days=DAYS - 1)
    if last < first or (last - first).days > MOST_DAYS:
        raise Refused(422, "days", [{"loc": ["query", "to"], "msg": f"on or after from, at most {MOST_DAYS} days later"}])
    begin = datetime.combine(first, time(0), clock.TOWN_ZONE)
    end = datetime.combine(last, time(0), clock.TOWN_ZONE) + timedelta(days=1)
    events = queries.events_between(request.api_viewer, place=place, since=begin, until=end)
    chosen = events[after : after + SIZE]
    more = {"from": first.isoformat(), "to": last.isoformat(), "after": after + SIZE}
    return {
        "items": [_row(request, each) for each in chosen],
        "next": f"{request.path}?{urlencode(more)}" if len(events) > after + SIZE else None,
    }


def _row(request: Request, event: queries.Event) -> dict[str, Any]:
    occasion = event.occasion
    return {
        "service": event.service.name if event.service else occasion.title,
        "kind": event.service.kind if event.service else occasion.kind,
        "starts_at": occasion.starts_at.astimezone(clock.TOWN_ZONE),
        "ends_at": occasion.ends_at.astimezone(clock.TOWN_ZONE),
        "venue": occasion.place.name,
        "status": occasion.state,
        "url": request.build_absolute_uri(event.url),
    }
