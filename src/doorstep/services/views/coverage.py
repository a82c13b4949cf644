"""Who is reached: an estate's plan and table."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first, with_version
from doorstep.services import actions, queries
from doorstep.services.permissions import may_count

MARGIN = 40


def _town_of(place: Place) -> str:
    """Its town's lineage: what other estates offer may lie within reach."""
    return "/".join(place.codes[:2])


@require_safe
def coverage(request: Request, code: str) -> HttpResponse:
    """/p/<code>/coverage: figures only, for everyone."""
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.ESTATE:
        raise Http404

    counting = may_count(request.viewer, place)

    def make() -> HttpResponse:
        shown = queries.coverage_of(place)
        return render(
            request,
            "services/coverage.html",
            {"place": place, "shown": shown, "plan": _plan(shown), "counts": counting, "now": clock.now()},
        )

    return with_version(request, lambda: f"coverage {page_version(lineage=_town_of(place))} {clock.today()} {counting}", make)


@require_http_methods(["GET", "HEAD", "POST"])
def counts(request: Request, code: str) -> HttpResponse:
    """/p/<code>/coverage/counts: how many elders, children and disabled people live in each building, for those who count."""
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.ESTATE:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    shown = queries.counts_of(request.viewer, place)
    if shown is None:
        raise actions.NotAllowed("counts")
    problem = ""
    if request.method == "POST":
        typed = {
            (building.pk, group): request.POST.get(f"{group}-{building.code}", "").strip()
            for building, groups in shown.rows
            for group, _label, _people in groups
        }

        def work() -> str:
            numbers = {key: int(text) if text else None for key, text in typed.items()}
            actions.count_groups(viewer=request.viewer, estate=place, counts=numbers)
            return f"/p/{place.code}/coverage/counts"

        try:
            if all(not text or (text.isdecimal() and len(text) < 6) for text in typed.values()):
                return once_form(request, work)
            problem = _("人数写数字，没数过的空着。")
        except actions.NotACount:
            problem = _("人数写数字，没数过的空着。")
    context = {"place": place, "shown": shown, "problem": problem, "once": once_key()}
    return render(request, "services/counts.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def distances(request: Request, code: str) -> HttpResponse:
    """/p/<code>/coverage/ways: how far it is on foot from each building to a place of services, one place at a time."""
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.ESTATE:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    shown = queries.distances_of(request.viewer, place, request.POST.get("stop", "") or request.GET.get("to", ""))
    if shown is None:
        raise actions.NotAllowed("distances")
    problem, typed = "", {}
    if request.method == "POST":
        if shown.stop is None:
            raise Http404
        stop = shown.stop
        typed = {building.pk: request.POST.get(f"m-{building.code}", "").strip() for building, _metres in shown.rows}

        def work() -> str:
            metres = {building_id: int(text) if text else None for building_id, text in typed.items()}
            actions.keep_distances(viewer=request.viewer, estate=place, stop=stop, metres=metres)
            return f"/p/{place.code}/coverage/ways?to={stop.code}"

        try:
            if all(not text or (text.isdecimal() and len(text) < 6) for text in typed.values()):
                return once_form(request, work)
            problem = _("米数写数字，0 到 5000。没量过的空着。")
        except actions.NotADistance:
            problem = _("米数写数字，0 到 5000。没量过的空着。")
    rows = [(building, typed.get(building.pk, "" if metres is None else metres)) for building, metres in shown.rows]
    context = {"place": place, "shown": shown, "rows": rows, "problem": problem, "once": once_key()}
    return render(request, "services/distances.html", context, status=422 if problem else 200)


def _plan(shown: queries.CoverageShown) -> dict[str, Any] | None:
    """The drawing in metres, north up: a building solid where a clinic reaches it, hollow where not; the places of services."""
    points = [*(row.building for row in shown.rows), *shown.stops]
    if not points:
        return None
    xs = [float(each.plan_x or 0) for each in points]
    ys = [float(each.plan_y or 0) for each in points]
    left, top = min(xs) - MARGIN, max(ys) + MARGIN

    def at(place: Place) -> dict[str, Any]:
        return {"place": place, "x": round(float(place.plan_x or 0) - left), "y": round(top - float(place.plan_y or 0))}

    buildings = [
        {**at(row.building), "reached": any(kind.code == "clinic" and reach.reached for kind, reach in row.reach), "silent": row.is_silent}
        for row in shown.rows
    ]
    return {
        "width": round(max(xs) - left + MARGIN),
        "height": round(top - min(ys) + MARGIN),
        "buildings": buildings,
        "stops": [at(each) for each in shown.stops],
        "reached": sum(1 for each in buildings if each["reached"]),
    }
