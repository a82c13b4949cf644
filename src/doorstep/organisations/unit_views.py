"""The units of an estate: the list for who keeps the roll, a unit for them and its holders, and its passing on."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.rules.phone import normalise_phone
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children, place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.organisations import forms
from doorstep.organisations.actions import BadDate, NotAllowed, units
from doorstep.organisations.data.codes import TRANSFERS
from doorstep.organisations.queries.units import UnitView, unit_for, units_for

REFUSED: dict[type[Exception], Promise] = {
    BadDate: _("不能是以后的日子。"),
    units.SameHolders: _("名册上已经是他们。"),
    units.TooEarly: _("现在的业主是在这一天或以后才有的，请核对日期。"),
    units.NoHolders: _("还没写新的业主。"),
}


def _estate(code: str) -> Place:
    place = place_by_code(code)
    if place is None or place.kind != Place.Kind.ESTATE:
        raise Http404
    return place


@require_safe
def units_list(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    estate = _estate(code)
    given = request.GET.get("after", "")
    building, wanted = request.GET.get("building", "")[:60], request.GET.get("q", "").strip()[:60]
    found = units_for(
        request.viewer, estate, building=building, wanted=wanted, after=int(given) if given.isdecimal() and len(given) < 18 else 0
    )
    if found is None:
        raise Http404
    items, after = found
    return render(
        request,
        "organisations/units.html",
        {
            "place": estate,
            "items": items,
            "after": after,
            "buildings": children(estate, Place.Kind.BUILDING),
            "building": building,
            "q": wanted,
        },
    )


@require_safe
def unit(request: Request, code: str, unit_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    found = unit_for(request.viewer, _estate(code), unit_id)
    if found is None:
        raise Http404
    return _page(request, found, forms.TransferForm(initial={"on": clock.today()}))


def _page(request: Request, found: UnitView, form: forms.TransferForm, status: int = 200) -> HttpResponse:
    return render(
        request,
        "organisations/unit.html",
        {
            "place": found.unit.estate,
            "unit": found.unit,
            "view": found,
            "causes": TRANSFERS,
            "form": form,
            "tried": form.is_bound,
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def transfer(request: Request, code: str, unit_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/units/{unit_id}")
    found = unit_for(request.viewer, _estate(code), unit_id)
    if found is None:
        raise Http404
    if not found.keeps:
        raise NotAllowed
    form = forms.TransferForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        to = [
            units.NewHolder(
                name=given[f"name{number}"], phone=normalise_phone(given[f"phone{number}"]), id_last4=given[f"last{number}"].upper()
            )
            for number in range(1, 5)
            if given[f"name{number}"]
        ]

        def once() -> str:
            units.transfer_unit(viewer=request.viewer, unit=found.unit, to=to, on=given["on"], because=given["because"])
            return f"/p/{code}/units/{unit_id}"

        try:
            return once_form(request, once)
        except tuple(REFUSED) as error:
            form.add_error(None, str(REFUSED[type(error)]))
    form.mark_errors()
    return _page(request, found, form, 422)
