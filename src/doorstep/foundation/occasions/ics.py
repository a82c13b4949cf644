"""Calendar feeds to subscribe to: iCalendar (RFC 5545) with the feed properties of RFC 7986.

A plan of a series is one master event with its RRULE; a holiday or an exception is an EXDATE; a date that was moved or called off by itself
is an event of its own with RECURRENCE-ID. The library writes lines of 75 octets with CRLF; what stands in them is decided here.
Two feeds of the same state are the same bytes: DTSTAMP is when the thing last changed.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vRecur

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.occasions.links import link_of
from doorstep.foundation.occasions.models import Occasion, SeriesPlan
from doorstep.foundation.occasions.queries import calendar_of, visible
from doorstep.foundation.occasions.rules.recurrence import closing_rule, left_out
from doorstep.foundation.occasions.rules.waiting import Standing
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import calendar

PRODUCT = "-//Doorstep//Occasions//ZH"
REFRESH = timedelta(hours=6)
# How far back a feed tells of what was.
KEEPS = timedelta(days=90)
AHEAD = timedelta(days=730)
NOT_OWN_EVENTS = ("public_holiday", "series_changed")


def place_feed(viewer: Viewer, *, place: Place, source: str, site: str, english: bool = False) -> bytes:
    """What is on at a place and below it, as a viewer may see it. `source` is the feed's own address, `site` that of the town ("https://…").

    Three queries.
    """
    here = Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/")
    return _feed(viewer, here, here, name=_name(place, english), source=source, site=site, english=english)


def subject_feed(viewer: Viewer, *, kind: str, subject: str, name: str, source: str, site: str, english: bool = False) -> bytes:
    """The dates of one thing of the mechanism above, at whatever place. Three queries."""
    plans, dates = Q(series__kind=kind, series__subject=subject), Q(kind=kind, subject=subject)
    return _feed(viewer, plans, dates, name=name, source=source, site=site, english=english)


def _feed(viewer: Viewer, of_plans: Q, of_dates: Q, *, name: str, source: str, site: str, english: bool) -> bytes:
    since = clock.now() - KEEPS
    holidays = calendar().holidays()
    plans = list(
        SeriesPlan.objects.filter(of_plans, Q(ends_on=None) | Q(ends_on__gte=since.date()), series__audience__in=viewer.keys)
        .select_related("series", "place__parent")
        .order_by("id")
    )
    known = visible(viewer).filter(ends_at__gte=since).select_related("place__parent").order_by("starts_at", "id")
    mine = {plan.pk for plan in plans}
    changed = Q(moved_at__isnull=False) | Q(state=Occasion.State.CANCELLED)
    own_events: dict[int, list[Occasion]] = defaultdict(list)
    for occasion in known.filter(changed, plan_id__in=mine).exclude(state=Occasion.State.CANCELLED, reason__in=NOT_OWN_EVENTS):
        own_events[occasion.plan_id or 0].append(occasion)
    made = _calendar(name, source)
    for plan in plans:
        master = _master(plan, holidays, english)
        if master is not None:
            made.add_component(master)
        for occasion in own_events[plan.pk]:
            made.add_component(_override(occasion, plan, site, english))
    # What belongs to no series, and what a series from elsewhere moved here.
    for occasion in known.filter(of_dates).exclude(plan_id__in=mine).filter(Q(plan=None) | Q(moved_at__isnull=False)):
        made.add_component(_single(occasion, f"{occasion.code}@doorstep", site, english))
    return bytes(made.to_ical())


def person_feed(viewer: Viewer, *, name: str, source: str, site: str, english: bool = False) -> bytes:
    """A person's own calendar: what they and those they signed up have a place at (firm) or wait for (tentative). No names stand in it."""
    now = clock.now()
    made = _calendar(name, source)
    for each in calendar_of(viewer, since=now - KEEPS, until=now + AHEAD):
        event = _single(each.occasion, f"signup-{each.sign_up.pk}@doorstep", site, english)
        if each.occasion.state != Occasion.State.CANCELLED and each.sign_up.standing != Standing.CONFIRMED:
            event["STATUS"] = "TENTATIVE"
        made.add_component(event)
    return bytes(made.to_ical())


def _calendar(name: str, source: str) -> Calendar:
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    # What readers knew before RFC 7986.
    made.add("x-wr-calname", name)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    made.add("source", source, parameters={"VALUE": "URI"})
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", clock.TOWN_ZONE.key)
    # No summer time since 1991: one rule for every date a town will ever have.
    standard.add("dtstart", datetime(1992, 1, 1))
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    made.add_component(zone)
    return made


def _master(plan: SeriesPlan, holidays: frozenset[date], english: bool) -> Event | None:
    """The event of a plan; None when none of its dates is left."""
    pattern = plan.pattern
    rule = closing_rule(pattern)
    starts = [datetime.combine(pattern.first, pattern.start, clock.TOWN_ZONE)] if rule else []
    extra = [
        wall.replace(tzinfo=clock.TOWN_ZONE)
        for wall in pattern.extra
        if pattern.ends_on is None or wall <= datetime.combine(pattern.ends_on, time.max)
    ]
    starts += extra
    if not starts:
        return None
    event = Event()
    event.add("uid", f"plan-{plan.code}@doorstep")
    event.add("dtstamp", plan.changed_at.astimezone(UTC))
    event.add("sequence", plan.sequence)
    event.add("summary", _title(plan, english))
    event.add("location", _location(plan.place, english))
    event.add("dtstart", starts[0])
    event.add("dtend", starts[0] + timedelta(minutes=pattern.minutes))
    if rule:
        event.add("rrule", vRecur.from_ical(rule))
    if starts[1:]:
        event.add("rdate", starts[1:])
    omitted = left_out(pattern, holidays=holidays) if rule else []
    if omitted:
        event.add("exdate", omitted)
    event.add("status", "CONFIRMED")
    return event


def _override(occasion: Occasion, plan: SeriesPlan, site: str, english: bool) -> Event:
    event = _single(occasion, f"plan-{plan.code}@doorstep", site, english)
    event["SEQUENCE"] = plan.sequence + occasion.sequence
    if occasion.original_start is not None:
        event.add("recurrence-id", occasion.original_start.astimezone(clock.TOWN_ZONE))
    return event


def _single(occasion: Occasion, uid: str, site: str, english: bool) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", occasion.changed_at.astimezone(UTC))
    event.add("sequence", occasion.sequence)
    event.add("summary", _title(occasion, english))
    event.add("location", _location(occasion.place, english))
    event.add("dtstart", occasion.starts_at.astimezone(clock.TOWN_ZONE))
    event.add("dtend", occasion.ends_at.astimezone(clock.TOWN_ZONE))
    if occasion.words:
        event.add("description", occasion.words)
    event.add("url", f"{site}{link_of(occasion)}")
    event.add("status", "CANCELLED" if occasion.state == Occasion.State.CANCELLED else "CONFIRMED")
    return event


def _title(says: Occasion | SeriesPlan, english: bool) -> str:
    return says.title_en or says.title if english else says.title


def _name(place: Place, english: bool) -> str:
    return place.name_en or place.name if english else place.name


def _location(place: Place, english: bool) -> str:
    """A venue with what it belongs to."""
    names: Sequence[str] = [_name(each, english) for each in (place.parent, place) if each is not None]
    return " · ".join(names)
