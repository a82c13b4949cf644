"""A service kept by its body: its words, whether it goes on, its series, who stands there."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Series
from doorstep.foundation.places.queries import below, place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.services import actions, queries
from doorstep.services.codes import roles, team_roles
from doorstep.services.forms import EndForm, SeriesForm, StatusForm, WordsForm
from doorstep.services.models import Service
from doorstep.services.permissions import works_for
from doorstep.services.views.catalogue import plan_problem, weekday_names
from doorstep.talents.codes import licences

MOST_VENUES = 60


def _service(code: str) -> Service:
    service = queries.service_by_code(code)
    if service is None:
        raise Http404
    return service


def _series(service: Service, code: str) -> Series:
    series = Series.objects.filter(code=code, kind="service", subject=service.code).first()
    if series is None:
        raise Http404
    return series


@require_http_methods(["GET", "HEAD"])
def keep(request: Request, code: str) -> HttpResponse:
    """/services/<code>/keep: for those who work for its body."""
    service = _service(code)
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _keep(request, service)


def _keep(request: Request, service: Service, *, form: Any = None, opened: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    kept = queries.kept_of(request.viewer, service)
    if kept is None:
        raise actions.NotAllowed("keep")
    typed = form.data if form is not None else {}

    def said(name: str, now: str) -> str:
        return str(typed.get(name, "")) if opened == "words" else now

    words = {field: said(field, getattr(service, field)) for field in ("name", "name_en", "says", "says_en", "filing_number")}
    lines = []
    for line in kept.lines:
        plan = line.plan
        end = plan.start.hour * 60 + plan.start.minute + plan.minutes
        numbers = [
            (role, f"cap_{code}", "" if plan.capacities.get(code) is None else plan.capacities[code]) for code, role in roles().items()
        ]
        lines.append((line, f"{end // 60 % 24:02d}:{end % 60:02d}", numbers))
    context = {
        "service": service,
        "place": service.place,
        "words": words,
        "asks": [
            (roles()[role], f"licence_{role}", said(f"licence_{role}", service.licences.get(role, ""))) for role in sorted(team_roles())
        ],
        "licences": licences().values(),
        "kept": kept,
        "lines": lines,
        "venues": list(below(service.place).exclude(kind="building").order_by("position", "id")[:MOST_VENUES]),
        "weekdays": weekday_names(),
        "opened": opened,
        "problem": problem or (next(iter(form.errors.values()))[0] if form is not None and form.errors else ""),
        "once": once_key(),
        "now": clock.now(),
    }
    return render(request, "services/keep.html", context, status=status)


def _act(request: Request, service: Service, form: Any, opened: str, do: Callable[[dict[str, Any]], object]) -> HttpResponse:
    """One form of the page. Who does not work for the body gets 403; what is refused is said on the page, with what was typed."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/services/{service.code}/keep")
    if not works_for(request.viewer, service.body):
        raise actions.NotAllowed(service.code)
    if not form.is_valid():
        return _keep(request, service, form=form, opened=opened, status=422)

    def work() -> str:
        do(form.cleaned_data)
        return f"/services/{service.code}/keep"

    try:
        return once_form(request, work)
    except (occasions.PlaceTaken, occasions.BadRule, occasions.NoDates) as error:
        return _keep(request, service, form=form, opened=opened, problem=plan_problem(error), status=409)
    except occasions.InThePast:
        return _keep(request, service, form=form, opened=opened, problem=_("改动最早从明天起，停最早从今天起。"), status=409)
    except (occasions.SeriesEnded, actions.ServiceEnded):
        return _keep(request, service, form=form, opened=opened, problem=_("这个已经停了。"), status=409)
    except occasions.NotAllowed as error:
        raise actions.NotAllowed(service.code) from error


@require_POST
def words(request: Request, code: str) -> HttpResponse:
    service, form = _service(code), WordsForm(request.POST)

    def do(data: dict[str, Any]) -> None:
        actions.change_service(
            viewer=request.viewer, service=service, name=data["name"], name_en=data["name_en"], says=data["says"], says_en=data["says_en"],
            filing_number=data["filing_number"], licences=form.licences,
        )  # fmt: skip

    return _act(request, service, form, "words", do)


@require_POST
def status(request: Request, code: str) -> HttpResponse:
    """Goes on, is closed for now, is no more."""
    service = _service(code)

    def do(data: dict[str, Any]) -> None:
        actions.set_status(viewer=request.viewer, service=service, status=data["status"], words=data["words"])

    return _act(request, service, StatusForm(request.POST), "status", do)


@require_POST
def change_series(request: Request, code: str, series: str) -> HttpResponse:
    """How a series goes on from a day."""
    service, form = _service(code), SeriesForm(request.POST)

    def do(data: dict[str, Any]) -> None:
        place = place_by_code(data["place"])
        if place is None:
            raise Http404
        occasions.change_series(
            viewer=request.viewer, series=_series(service, series), starting=data["starting"], place=place, start=data["start"],
            minutes=form.minutes, rule=form.rule, capacities=form.capacities, words=data["words"],
        )  # fmt: skip

    return _act(request, service, form, series, do)


@require_POST
def end_series(request: Request, code: str, series: str) -> HttpResponse:
    service = _service(code)

    def do(data: dict[str, Any]) -> None:
        found = _series(service, series)
        occasions.end_series(viewer=request.viewer, series=found, last_day=data["last_day"], words=data["words"])

    return _act(request, service, EndForm(request.POST), series, do)


@require_POST
def end_standing(request: Request, code: str, regular_id: int) -> HttpResponse:
    """Somebody stands there no more from tomorrow on: said by themselves, or by the body."""
    service = _service(code)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/services/{code}")
    found = queries.regular_for(request.viewer, service, regular_id)
    if found is None:
        raise actions.NotAllowed("end_standing")

    def work() -> str:
        actions.end_standing(viewer=request.viewer, regular=found, until=clock.today())
        return f"/services/{code}"

    return once_form(request, work)
