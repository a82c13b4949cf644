"""Lists as a spreadsheet: what the page shows, by the same query, as xlsx or CSV. No row says more than the page does to this reader."""

import io
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from doorstep.affairs import actions, queries
from doorstep.affairs.models import Matter
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children, place_by_code, town
from doorstep.foundation.search.queries import named
from doorstep.foundation.ui.web import sign_in_first
from doorstep.organisations.roll_file import csv_bytes, write_xlsx

MOST = 5000
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@require_safe
def town_matters(request: Request, kind: str) -> HttpResponse:
    return _public(request, town(), kind)


@require_safe
def place_matters(request: Request, code: str, kind: str) -> HttpResponse:
    return _public(request, place_by_code(code), kind)


def _public(request: Request, place: Place | None, kind: str) -> HttpResponse:
    """The public list of a place with the filters of its page, the newest 5,000."""
    if place is None or kind not in CONTENT_TYPES:
        raise Http404
    building = next((each for each in children(place, "building") if each.code == request.GET.get("building", "")), None)
    within = building or place
    page = queries.matters_at(
        request.viewer,
        place=within,
        scope_ids=queries.scopes_of(within),
        group=request.GET.get("state", ""),
        category=request.GET.get("category", ""),
        size=MOST,
    )
    return _file([_head(), *map(_row, page.items)], f"matters-{place.code}", kind)


@require_safe
def workbench(request: Request, kind: str) -> HttpResponse:
    """The queue of the bodies one works for, in its order."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not request.viewer.bodies:
        raise actions.NotAllowed("work")
    if kind not in CONTENT_TYPES:
        raise Http404
    now = clock.now()
    local = now.astimezone(clock.TOWN_ZONE)
    end_of_today = datetime.combine(local.date(), time(23, 59, 59), clock.TOWN_ZONE)
    bench = queries.workbench(
        request.viewer, now=now, end_of_today=end_of_today, end_of_week=end_of_today + timedelta(days=6 - local.weekday()), size=MOST
    )
    return _file([_head(), *map(_row, (*bench.unrouted, *bench.due, *bench.waiting))], "work", kind)


def _head() -> list[str]:
    return [_("号"), _("办到哪一步"), _("题目"), _("哪一类"), _("地方"), _("谁在办"), _("提出"), _("期限")]


def _row(matter: Matter) -> list[str]:
    scope = f"{named(matter.scope.name, matter.scope.name_en)} " if matter.place_id != matter.scope_id else ""
    return [
        matter.number,
        str(matter.get_state_display()),
        matter.title,
        matter.category.name,
        f"{scope}{named(matter.place.name, matter.place.name_en)}",
        named(matter.body.name, matter.body.name_en) if matter.body else "",
        _at(matter.raised_at),
        _at(matter.due_at),
    ]


def _at(at: datetime | None) -> str:
    return at.astimezone(clock.TOWN_ZONE).strftime("%Y-%m-%d %H:%M") if at is not None else ""


def _file(rows: Sequence[Sequence[Any]], name: str, kind: str) -> HttpResponse:
    if kind == "csv":
        content = csv_bytes(rows)
    else:
        out = io.BytesIO()
        write_xlsx(rows, out)
        content = out.getvalue()
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response
