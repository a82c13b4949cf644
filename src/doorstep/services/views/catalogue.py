"""The catalogue, a service's page, a new service, its calendar; the notice sheet of a place."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.ics import subject_feed
from doorstep.foundation.occasions.models import Series
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import below, place_by_code, town
from doorstep.foundation.ui.web import once_form, once_key, pdf_answer, sign_in_first, with_version
from doorstep.services import actions, papers, queries
from doorstep.services.codes import CERTIFICATE, kinds, needs_of, roles
from doorstep.services.forms import OfferForm, PlanForm, RegularForm, VisitForm
from doorstep.services.models import Service
from doorstep.services.permissions import runs_service, works_for
from doorstep.talents.codes import licences

FRESH_SECONDS = 900


@require_safe
def catalogue(request: Request) -> HttpResponse:
    """服务共享: what is offered in the whole town."""
    top = town()
    if top is None:
        raise Http404
    return _catalogue(request, top)


@require_safe
def place_catalogue(request: Request, code: str) -> HttpResponse:
    place = place_by_code(code)
    if place is None:
        raise Http404
    return _catalogue(request, place)


def _catalogue(request: Request, place: Place) -> HttpResponse:
    def make() -> HttpResponse:
        groups: dict[str, list[Service]] = {}
        for service in queries.services_at(place):
            groups.setdefault(service.kind, []).append(service)
        context = {
            "place": place,
            "groups": [(kinds().get(kind, kinds()["other"]), rows) for kind, rows in groups.items()],
            "week": queries.week_at(request.viewer, place=place),
            "part": queries.taking_part_at(place),
            "may_offer": bool(queries.bodies_to_offer(request.viewer)) if request.viewer.is_staff else False,
            "now": clock.now(),
        }
        return render(request, "services/catalogue.html", context)

    return with_version(request, lambda: f"services {page_version(lineage=place.lineage)} {clock.now():%Y-%m-%d %H}", make)


@require_safe
def notice(request: Request, code: str) -> HttpResponse:
    """The notice of a week to hang up in a building: what is on, when, where, with a QR."""
    place, week, address = _noticed(request, code)
    return render(request, "services/notice.html", {"place": place, "week": week, "address": address, "now": clock.now()})


@require_safe
def notice_paper(request: Request, code: str) -> HttpResponse:
    """The same as PDF, on one page of A4 as large as it goes."""
    place, week, address = _noticed(request, code)
    return pdf_answer("services/notice.typ", papers.week_notice(place, week, url=address), name=f"{code}-{week.monday}.pdf")


def _noticed(request: Request, code: str) -> tuple[Place, queries.Week, str]:
    """The place, the week asked for by `?from=` as everybody sees it, and where the notice's code leads."""
    place = place_by_code(code)
    if place is None:
        raise Http404
    week = queries.week_at(NOBODY, place=_doorstep(place), monday=_monday(request.GET.get("from", "")))
    return place, week, request.build_absolute_uri(f"/p/{place.code}/")


def _doorstep(place: Place) -> Place:
    """A building's notice tells of its estate."""
    return place.parent if place.kind == Place.Kind.BUILDING and place.parent is not None else place


def _monday(given: str) -> date | None:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    return day - timedelta(days=day.weekday())


@require_safe
def service_page(request: Request, code: str) -> HttpResponse:
    return _service(request, code)


def _service(request: Request, code: str, *, form: Any = None, form_name: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    service = queries.service_by_code(code)
    if service is None:
        raise Http404
    lines = queries.lines_of(service)
    works = works_for(request.viewer, service.body)
    context = {
        "service": service,
        "place": service.place,
        "lines": lines,
        "events": queries.events_of(queries.sessions_of(request.viewer, service)),
        "works": works,
        "visits": queries.visits_of(request.viewer, service) if service.sort.home else [],
        "runs": runs_service(request.viewer, service) if service.sort.home else works,
        "roles": [role for role in roles().values() if role.team],
        "asks": any(needs_of(role, service.licences) for role in queries.roles_of(lines)),
        "venues": list(below(service.place).exclude(kind="building").order_by("position", "id")[:60]) if works or service.sort.home else [],
        "weekdays": weekday_names(),
        "mine": queries.my_standing(request.viewer, service),
        "form": form,
        "form_name": form_name,
        "problem": problem,
        "once": once_key(),
        "feed": request.build_absolute_uri(f"/services/{service.code}.ics"),
        "now": clock.now(),
    }
    return render(request, "services/service.html", context, status=status)


def weekday_names() -> list[tuple[str, str]]:
    """The codes of RFC 5545 with their words."""
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return list(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), names, strict=True))


@require_safe
def service_calendar(request: Request, code: str) -> HttpResponse:
    """/services/<code>.ics: the public dates of one service."""
    service = queries.service_by_code(code)
    if service is None:
        raise Http404
    english = (get_language() or "").startswith("en")
    body = subject_feed(
        NOBODY,
        kind="service",
        subject=service.code,
        name=service.name_en or service.name if english else service.name,
        source=request.build_absolute_uri(request.path),
        site=request.build_absolute_uri("/").rstrip("/"),
        english=english,
    )
    return calendar_answer(request, body, service.code)


def calendar_answer(request: Request, body: bytes, name: str, *, private: bool = False) -> HttpResponse:
    """A feed with its version; one's own is for nobody to keep."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = f'inline; filename="{name}.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store" if private else f"public, max-age={FRESH_SECONDS}"
    return response


# Offering


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: Request, code: str) -> HttpResponse:
    """A new service of a body one works for, with when it takes place."""
    place = place_by_code(code)
    if place is None:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    bodies = queries.bodies_to_offer(request.viewer)
    if not bodies:
        raise actions.NotAllowed("offer")
    posted = request.method == "POST"
    form, plan = (OfferForm(request.POST), PlanForm(request.POST)) if posted else (OfferForm(), PlanForm())
    problem = ""
    if posted and form.is_valid() and plan.is_valid():
        data = form.cleaned_data
        body = next((each for each in bodies if each.code == data["body"]), None)
        if body is None:
            raise actions.NotAllowed("offer")

        def work() -> str:
            by = actor_of(request.viewer, post=request.viewer.post_in(body.pk))
            service = actions.offer_service(
                by=by, code=data["code"], kind=data["kind"], name=data["name"], name_en=data["name_en"], says=data["says"], body=body,
                place=place, filing_number=data["filing_number"],
            )  # fmt: skip
            _plan(request, service, plan)
            return f"/services/{service.code}"

        try:
            return once_form(request, work)
        except (actions.CodeTaken, occasions.PlaceTaken, occasions.BadRule, occasions.NoDates) as error:
            problem = plan_problem(error)
    venues = list(below(place).exclude(kind="building").order_by("position", "id")[:60])
    context = {
        "place": place,
        "bodies": bodies,
        "kinds": kinds().values(),
        "roles": [role for role in roles().values() if role.team],
        "venues": venues,
        "weekdays": weekday_names(),
        "form": form,
        "plan": plan,
        "typed": request.POST,
        "chosen_days": request.POST.getlist("weekdays") if posted else [],
        "problem": problem,
        "once": once_key(),
    }
    return render(request, "services/offer.html", context, status=422 if posted else 200)


def plan_problem(error: Exception) -> str:
    """Why nothing was planned."""
    if isinstance(error, actions.CodeTaken):
        return _("网址里的这个名字有人用了，换一个。")
    if isinstance(error, occasions.PlaceTaken):
        return _("那个时间，这个地方已经有别的安排。换个时间或地方。")
    return _("这样排不出一场来，请看看日期和星期。")


def _plan(request: Request, service: Service, plan: PlanForm) -> None:
    data = plan.cleaned_data
    place = place_by_code(data["place"])
    if place is None:
        raise Http404
    by = actor_of(request.viewer, post=request.viewer.post_in(service.body_id))
    if plan.rule:
        actions.plan_series(
            by=by, service=service, place=place, first=data["first"], start=data["start"], minutes=plan.minutes, rule=plan.rule,
            capacities=plan.capacities,
        )  # fmt: skip
    else:
        starts_at = datetime.combine(data["first"], data["start"], clock.TOWN_ZONE)
        actions.plan_session(by=by, service=service, place=place, starts_at=starts_at, minutes=plan.minutes, capacities=plan.capacities)


def _worked(request: Request, code: str) -> Service:
    """The service of this code for those who work for its body: 404 for what is not there, 403 for others."""
    service = queries.service_by_code(code)
    if service is None:
        raise Http404
    if request.viewer.signed_in and not works_for(request.viewer, service.body):
        raise actions.NotAllowed("service")
    return service


@require_POST
def plan(request: Request, code: str) -> HttpResponse:
    """More dates of a service."""
    service = _worked(request, code)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/services/{code}")
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _service(request, code, form=form, form_name="plan", status=422)

    def work() -> str:
        _plan(request, service, form)
        return f"/services/{code}"

    try:
        return once_form(request, work)
    except (occasions.PlaceTaken, occasions.BadRule, occasions.NoDates) as error:
        return _service(request, code, form=form, form_name="plan", problem=plan_problem(error), status=409)


def person_by_phone(phone: str) -> Person | None:
    """The one person of this whole number who has a login; several who share it are asked for at the counter."""
    found = list(Person.objects.filter(phone=phone.strip(), erased_at=None).order_by("id")[:2])
    return found[0] if len(found) == 1 else None


@require_POST
def regular(request: Request, code: str) -> HttpResponse:
    """Somebody stands there regularly."""
    service = _worked(request, code)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/services/{code}")
    form = RegularForm(request.POST)
    person = person_by_phone(form.cleaned_data["phone"]) if form.is_valid() else None
    series = Series.objects.filter(code=request.POST.get("series", ""), kind="service", subject=code).first()
    if person is None or series is None:
        return _service(request, code, form=form, form_name="regular", problem=_("没找到这个电话的人，或者有几个人合用。"), status=422)

    def work() -> str:
        data = form.cleaned_data
        actions.stand_regularly(
            viewer=request.viewer, service=service, series=series, person=person, role=data["role"], since=clock.today(),
            is_named=data["is_named"],
        )  # fmt: skip
        return f"/services/{code}"

    try:
        return once_form(request, work)
    except actions.LicenceMissing as error:
        return _service(request, code, form=form, form_name="regular", problem=licence_problem(error), status=422)


def licence_problem(error: actions.LicenceMissing) -> str:
    """Why the place was refused, and what to do, in words."""
    licence = licences().get(error.kind)
    if error.kind == CERTIFICATE:
        said = _("这个位置要有公益导师证书，查不到那天有效的。没有的到公益学院报名上课；停了或者过期的，请找创新中心。")
    elif error.ended_on is None:
        said = _("这个位置要有%(licence)s，还没有登记过。请带原件到学院或者创新中心登记。") % {"licence": licence}
    else:
        said = _("这个位置要有%(licence)s。登记的那张 %(day)s 到期，请换了新证再到学院或者创新中心登记。") % {
            "licence": licence,
            "day": f"{error.ended_on:%Y-%m-%d}",
        }
    return f"{error.name}{_('：')}{said}" if error.name else said


@require_POST
def visit(request: Request, code: str) -> HttpResponse:
    """A home visit was made."""
    service = queries.service_by_code(code)
    if service is None:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/services/{code}")
    form = VisitForm(request.POST)
    place = place_by_code(form.cleaned_data["place"]) if form.is_valid() else None
    if place is None:
        if not runs_service(request.viewer, service):
            raise actions.NotAllowed("visit")
        return _service(request, code, form=form, form_name="visit", status=422)

    def work() -> str:
        data = form.cleaned_data
        actions.record_visit(
            viewer=request.viewer, service=service, place=place, visited_at=data["visited_at"], minutes=data["minutes"], name=data["name"],
            words=data["words"],
        )  # fmt: skip
        return f"/services/{code}"

    return once_form(request, work)


@require_POST
def visit_stars(request: Request, visit_id: int) -> HttpResponse:
    """What the one visited said."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/services/")
    found = queries.visit_for(request.viewer, visit_id)
    if found is None:
        raise Http404
    stars = request.POST.get("stars", "")

    def work() -> str:
        actions.say_of_visit(viewer=request.viewer, visit=found, stars=int(stars) if stars.isdecimal() else 0)
        return f"/services/{found.service.code}"

    try:
        return once_form(request, work)
    except actions.NotAStar:
        return _service(request, found.service.code, problem=_("请点一到五颗星。"), status=422)
