"""One's own: the calendar with its private feed, the hours, the readings; the rounds of those who run services."""

from datetime import datetime, time, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.occasions.ics import person_feed
from doorstep.foundation.occasions.links import link_of
from doorstep.foundation.ui.web import SeeOther, once_key, sign_in_first
from doorstep.services import actions, queries
from doorstep.services.permissions import calendar_token, name_of_token
from doorstep.services.views.catalogue import calendar_answer


@require_safe
def my_calendar(request: Request) -> HttpResponse:
    """我的日历."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    today = clock.today()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time(0), clock.TOWN_ZONE)
    year = datetime.combine(today.replace(month=1, day=1), time(0), clock.TOWN_ZONE)
    key = actions.calendar_key(viewer=request.viewer) if request.GET.get("feed") else None
    context = {
        "appointments": [(each, link_of(each.occasion)) for each in queries.my_calendar(request.viewer)],
        "week": queries.hours_of(request.viewer, since=monday, until=monday + timedelta(days=7)),
        "year": queries.hours_of(request.viewer, since=year, until=clock.now()),
        "address": request.build_absolute_uri(f"/calendar/my/{calendar_token(key.name)}.ics") if key else "",
        "once": once_key(),
        "now": clock.now(),
    }
    response = render(request, "services/my_calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def renew_feed(request: Request) -> HttpResponse:
    """A new private address; the old one leads nowhere."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/my/calendar")
    actions.renew_calendar_key(viewer=request.viewer)
    return SeeOther("/my/calendar?feed=1")


@require_safe
def person_calendar(request: Request, token: str) -> HttpResponse:
    """/calendar/my/<token>.ics: one's own dates, for whoever has the address. No names stand in it."""
    name = name_of_token(token)
    person = queries.person_of_calendar(name) if name else None
    if person is None:
        raise Http404
    body = person_feed(
        build_viewer(person_id=person.pk),
        name=_("我的家门口"),
        source=request.build_absolute_uri(request.path),
        site=request.build_absolute_uri("/").rstrip("/"),
        english=(get_language() or "").startswith("en"),
    )
    return calendar_answer(request, body, "doorstep", private=True)


@require_safe
def readings(request: Request) -> HttpResponse:
    """我的血压: what was kept with one's consent, and what one took of others."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return render(
        request, "services/readings.html", {"readings": queries.readings_of(request.viewer), "once": once_key(), "now": clock.now()}
    )


@require_POST
def consent(request: Request) -> HttpResponse:
    """Say that readings are kept, or take it back."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/my/readings")
    if request.POST.get("say") == "yes":
        actions.consent_to_readings(viewer=request.viewer)
    else:
        actions.withdraw_consent(viewer=request.viewer)
    return SeeOther("/my/readings")


@require_safe
def rounds(request: Request) -> HttpResponse:
    """排班和签到: today's and the coming sessions of those who run them."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    bench = queries.bench_of(request.viewer)
    if not bench.services and not request.viewer.bodies:
        raise actions.NotAllowed("rounds")
    return render(request, "services/rounds.html", {"bench": bench, "now": clock.now()})
