"""The screen of who gets what at a place."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.affairs.actions import NotAllowed
from doorstep.affairs.actions.routing import CannotServe, DaysOutOfRange, TwiceTheSame, set_escalation, set_routing
from doorstep.affairs.models import Category
from doorstep.affairs.queries.routing import escalation_of, routes_of, serving_body
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.organisations.permissions import may_set_up
from doorstep.organisations.queries import bodies_serving


@require_http_methods(["GET", "HEAD", "POST"])
def routing(request: Request, code: str) -> HttpResponse:
    place = place_by_code(code)
    if place is None:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not may_set_up(request.viewer, place):
        raise NotAllowed
    problem = ""
    if request.method == "POST":
        if "days" in request.POST:
            return _escalation(request, place)
        given = request.POST.get("category", "")
        category = Category.objects.filter(code=given, parent=None, is_active=True).first()
        if given and category is None:
            raise Http404
        wanted, overseer = request.POST.get("body", ""), request.POST.get("overdue_body", "")
        body = serving_body(place, wanted) if wanted else None
        overdue_body = serving_body(place, overseer) if overseer else None

        def once() -> str:
            if (wanted and body is None) or (overseer and overdue_body is None):
                raise CannotServe(wanted)
            set_routing(viewer=request.viewer, place=place, category=category, body=body, overdue_body=overdue_body)
            return f"/p/{code}/routing/"

        try:
            return once_form(request, once)
        except CannotServe:
            problem = _("只能交给这里或上一级、有人办事的机构。")
        except TwiceTheSame:
            problem = _("盯的和办的不能是同一个机构。")
    return _page(request, place, problem)


def _escalation(request: Request, place: Place) -> HttpResponse:
    """Add a step, let it be another body's, or take it away (no body)."""
    given, wanted = request.POST.get("days", "").strip(), request.POST.get("to", "")
    body = serving_body(place, wanted) if wanted else None

    def once() -> str:
        if wanted and body is None:
            raise CannotServe(wanted)
        days = int(given) if given.isdecimal() and len(given) < 7 else 0
        set_escalation(viewer=request.viewer, place=place, days=days, body=body)
        return f"/p/{place.code}/routing/#late"

    try:
        return once_form(request, once)
    except CannotServe:
        return _page(request, place, _("只能交给这里或上一级、有人办事的机构。"))
    except DaysOutOfRange:
        return _page(request, place, _("超期几天，写 1 到 365 里的一个数。"))


def _page(request: Request, place: Place, problem: str) -> HttpResponse:
    routes = routes_of(place)
    apart = [each.category.name for each in routes if each.category is not None and each.category.is_restricted]
    return render(
        request,
        "affairs/routing.html",
        {
            "place": place,
            "routes": routes,
            "bodies": bodies_serving(place),
            "steps": escalation_of(place),
            "typed": request.POST if problem else {},
            "apart": _("、").join(apart),
            "problem": problem,
            "once": once_key(),
        },
        status=422 if problem else 200,
    )
