"""The facts of a venue, for whoever keeps it."""

import re

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.services import actions
from doorstep.services.permissions import may_keep_venue
from doorstep.services.rules.opening import DAYS, written
from doorstep.services.views.catalogue import weekday_names

PHONE = re.compile(r"[0-9 +-]{5,20}")
ANSWERS = {"yes": True, "no": False}


@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: Request, code: str) -> HttpResponse:
    """/p/<code>/facts: hours, seats, a ramp, a hearing loop, sign language."""
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.VENUE:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not may_keep_venue(request.viewer, place):
        raise actions.NotAllowed("facts")
    problem = ""
    typed = {
        **{f"h-{day}": written(place.opening_hours.get(day, ())) for day in DAYS},
        **{f"a-{name}": {True: "yes", False: "no"}.get(place.accessibility.get(name), "") for name in actions.ACCESS},
        "seats": str(place.capacity or ""),
        "phone": place.phone,
    }
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
        seats, phone = typed["seats"], typed["phone"]

        def work() -> str:
            actions.keep_venue(
                viewer=request.viewer,
                place=place,
                hours={day: typed[f"h-{day}"] for day in DAYS},
                seats=int(seats) if seats else None,
                access={name: ANSWERS.get(typed[f"a-{name}"]) for name in actions.ACCESS},
                phone=phone,
            )
            return f"/p/{place.code}/"

        try:
            if phone and not PHONE.fullmatch(phone):
                problem = _("电话只写数字，11 位手机或 0769 开头的座机。")
            elif seats and not (seats.isdecimal() and len(seats) < 6):
                problem = _("坐得下几人写数字。")
            else:
                return once_form(request, work)
        except actions.NotSeats:
            problem = _("坐得下几人写数字。")
        except actions.NotHours:
            problem = _("时间写成 09:00-12:00、14:00-18:00 这样，从早到晚。")
    words = {"ramp": _("轮椅进得去"), "hearing_loop": _("助听设备"), "sign_language": _("会手语的人")}
    context = {
        "place": place,
        "days": [(day, name, typed[f"h-{day}"]) for day, (_code, name) in zip(DAYS, weekday_names(), strict=True)],
        "access": [(name, words[name], typed[f"a-{name}"]) for name in actions.ACCESS],
        "seats": typed["seats"],
        "phone": typed["phone"],
        "problem": problem,
        "once": once_key(),
    }
    return render(request, "services/venue.html", context, status=422 if problem else 200)
