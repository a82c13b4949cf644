"""The wizard that opens a place: place, plan, roll, bodies, routing, QR sheet, notice. Roll, bodies and routing are screens of their mechanisms."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import validate_slug
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.places.actions import BELOW, CodeTaken
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children, place_by_code
from doorstep.foundation.ui.web import SeeOther, once_form, once_key, sign_in_first
from doorstep.organisations.actions import NotAllowed
from doorstep.organisations.actions.places import Point, change_place, open_place, put_on_plan
from doorstep.organisations.forms import Fields, choice, count, line
from doorstep.organisations.permissions import may_keep_body, may_keep_members, may_set_up
from doorstep.organisations.queries import bodies_at
from doorstep.site.setup import contacts_at, readiness

FARTHEST = Decimal("9999.99")


class BelowForm(Fields):
    kind = choice(_("加一个什么"), [], _("请选加什么。"))
    name = line(_("名称"), _("还没写名称。"), most=80)
    name_en = line(_("英文名（可不填）"), most=120)
    code = forms.CharField(
        label=_("代号：网址里用，小写字母、数字、连字符"),
        max_length=60,
        validators=[validate_slug],
        error_messages={"required": _("还没写代号。"), "invalid": _("代号只能用小写字母、数字和连字符。")},
    )

    def __init__(self, *arguments: Any, place: Place, **options: Any) -> None:
        super().__init__(*arguments, **options)
        names = dict(Place.Kind.choices)
        self.fields["kind"].choices = [(kind, names[kind]) for kind in Place.Kind.values if kind in BELOW[place.kind]]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).lower()


class PlaceForm(Fields):
    name = line(_("名称"), _("还没写名称。"), most=80)
    name_en = line(_("英文名（可不填）"), most=120)
    phone = line(_("电话：住户打来，有人代写"), most=20)
    built_year = count(_("哪年建成（可不填）"))
    households = count(_("多少户（可不填）"))


def _place(request: Request, code: str) -> Place:
    """The place, for those who set it up. Places are public: others are told that it is not theirs."""
    place = place_by_code(code)
    if place is None:
        raise Http404
    if not may_set_up(request.viewer, place):
        raise NotAllowed
    return place


@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: Request, code: str) -> HttpResponse:
    """What is there, what is lacking, and what lies below."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _place(request, code)
    form = BelowForm(request.POST if request.method == "POST" else None, place=place)
    if form.is_bound and form.is_valid():

        def once() -> str:
            made = open_place(viewer=request.viewer, parent=place, **form.cleaned_data)
            return f"/p/{made.code}/setup/" if made.kind != Place.Kind.BUILDING else f"/p/{code}/setup/"

        try:
            return once_form(request, once)
        except CodeTaken:
            form.add_error("code", _now("这个代号有人用了。"))
    if form.is_bound:
        form.mark_errors()
    return render(
        request,
        "site/setup.html",
        {
            "place": place,
            "readiness": readiness(place),
            "below": children(place),
            # Only those that the viewer keeps lead on to the screen where posts are given.
            "bodies": [(body, may_keep_body(request.viewer, body)) for body in bodies_at(place)],
            "form": form,
            "once": once_key(),
        },
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def setup_place(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _place(request, code)
    known = {name: getattr(place, name) for name in PlaceForm.base_fields}
    form = PlaceForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_bound and form.is_valid():

        def once() -> str:
            change_place(viewer=request.viewer, place=place, **form.cleaned_data)
            return f"/p/{code}/setup/"

        return once_form(request, once)
    if form.is_bound:
        form.mark_errors()
    return render(
        request, "site/setup_place.html", {"place": place, "form": form, "once": once_key()}, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def setup_plan(request: Request, code: str) -> HttpResponse:
    """Points of the buildings and venues, in metres from the north-west corner."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _place(request, code)
    below = children(place, Place.Kind.BUILDING, Place.Kind.VENUE)
    wrong: list[str] = []
    if request.method == "POST":
        points: dict[str, Point | None] = {}
        for each in below:
            try:
                points[each.code] = _point(request.POST.get(f"x-{each.code}", ""), request.POST.get(f"y-{each.code}", ""))
            except (InvalidOperation, ValueError):
                wrong.append(each.code)
        if not wrong:
            put_on_plan(viewer=request.viewer, place=place, points=points)
            return SeeOther(f"/p/{code}/setup/plan")
    typed = request.POST if wrong else {}
    rows = [
        {
            "place": each,
            "x": typed.get(f"x-{each.code}", each.plan_x if each.plan_x is not None else ""),
            "y": typed.get(f"y-{each.code}", each.plan_y if each.plan_y is not None else ""),
            "wrong": each.code in wrong,
        }
        for each in below
    ]
    return render(request, "site/setup_plan.html", {"place": place, "rows": rows, "plan": _plan(below)}, status=422 if wrong else 200)


def _point(x: str, y: str) -> Point | None:
    """Two numbers of metres with at most two places, or nothing. Raises ValueError, InvalidOperation."""
    if not x.strip() and not y.strip():
        return None
    point = Decimal(x.strip()).quantize(Decimal("0.01")), Decimal(y.strip()).quantize(Decimal("0.01"))
    if any(not each.is_finite() or abs(each) > FARTHEST for each in point):
        raise ValueError(point)
    return point


def _plan(below: list[Place]) -> dict[str, Any] | None:
    """The points drawn to fit a picture 340 wide; None while there are none."""
    known = [(each, each.plan_x, each.plan_y) for each in below if each.plan_x is not None and each.plan_y is not None]
    if not known:
        return None
    left, top = min(x for _each, x, _y in known), min(y for _each, _x, y in known)
    width = max(max(x for _each, x, _y in known) - left, Decimal(1))
    height = max(y for _each, _x, y in known) - top
    scale = Decimal(260) / width
    return {
        "height": int(height * scale) + 60,
        "points": [
            {"place": each, "x": int((x - left) * scale) + 30, "y": int((y - top) * scale) + 30, "text": int((y - top) * scale) + 48}
            for each, x, y in known
        ],
    }


@require_safe
def setup_contacts(request: Request, code: str) -> HttpResponse:
    """Whom one can turn to: which buildings and bodies still lack somebody or a phone, and who enters it."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _place(request, code)
    contacts = contacts_at(place, children(place, Place.Kind.BUILDING))
    return render(
        request,
        "site/setup_contacts.html",
        {
            "place": place,
            "contacts": contacts,
            "bodies": [(body, may_keep_body(request.viewer, body)) for body in contacts.bodies],
            "branches": [(body, may_keep_members(request.viewer, body)) for body in contacts.branches],
        },
    )


@require_safe
def setup_qr(request: Request, code: str) -> HttpResponse:
    """QR codes to hang up: the place, its buildings and venues; each leads to saying something there."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _place(request, code)
    shown = [place, *children(place, Place.Kind.BUILDING, Place.Kind.VENUE)]
    codes = [{"place": each, "url": request.build_absolute_uri(f"/q/{each.code}")} for each in shown]
    return render(request, "site/setup_qr.html", {"place": place, "codes": codes, "ready": readiness(place).ready})


@require_safe
def setup_notice(request: Request, code: str) -> HttpResponse:
    """The notice that tells the neighbours."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    place = _place(request, code)
    return render(
        request,
        "site/setup_notice.html",
        {
            "place": place,
            "bodies": list(bodies_at(place)),
            "url": request.build_absolute_uri(f"/q/{place.code}"),
            "home": request.build_absolute_uri(f"/p/{place.code}/"),
            "ready": readiness(place).ready,
        },
    )
