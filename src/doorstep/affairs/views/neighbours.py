"""Neighbours' offers, the thanks wall, and what somebody took part in."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import queries
from doorstep.affairs.actions import neighbours
from doorstep.affairs.forms import ConfirmForm, OfferForm, ThanksForm
from doorstep.affairs.queries import neighbours as neighbour_queries
from doorstep.affairs.queries import taking_part as parts
from doorstep.affairs.views.matters import act
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code, town
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first


@require_POST
def offer(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        OfferForm(request.POST),
        "offer",
        lambda matter, data: neighbours.offer_help(viewer=request.viewer, matter=matter, text=data["text"]),
    )


def _with_offer(request: Request, offer_id: int, form: Any, name: str, do: Any) -> HttpResponse:
    """An offer's form stands in its matter's thread and is answered there."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/my/")
    found = neighbour_queries.offer_for(request.viewer, offer_id)
    if found is None:
        raise Http404
    return act(request, found.matter.number, form, name, lambda matter, data: do(found, data))


@require_POST
def accept(request: Request, offer_id: int) -> HttpResponse:
    return _with_offer(
        request,
        offer_id,
        ConfirmForm(request.POST),
        "accept",
        lambda found, data: neighbours.accept_help(viewer=request.viewer, offer=found),
    )


@require_POST
def take_back(request: Request, offer_id: int) -> HttpResponse:
    return _with_offer(
        request,
        offer_id,
        ConfirmForm(request.POST),
        "back",
        lambda found, data: neighbours.take_offer_back(viewer=request.viewer, offer=found),
    )


@require_POST
def thank(request: Request, offer_id: int) -> HttpResponse:
    return _with_offer(
        request,
        offer_id,
        ThanksForm(request.POST),
        "thank",
        lambda found, data: neighbours.thank_helper(viewer=request.viewer, offer=found, thanks=data["thanks"]),
    )


@require_safe
def town_thanks(request: Request) -> HttpResponse:
    """感谢墙 of the whole town."""
    return _thanks(request, town())


@require_safe
def place_thanks(request: Request, code: str) -> HttpResponse:
    return _thanks(request, place_by_code(code))


def _thanks(request: Request, place: Place | None) -> HttpResponse:
    if place is None:
        raise Http404
    rows = neighbour_queries.thanks_at(place=place, scope_ids=queries.scopes_of(place))
    return render(request, "affairs/lists/thanks.html", {"place": place, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def taking_part(request: Request) -> HttpResponse:
    """我参与过什么: one's own, and a statement of it to be printed."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if request.method == "POST":

        def work() -> str:
            made = neighbours.print_taking_part(viewer=request.viewer)
            return made.link.path

        return once_form(request, work)
    return render(request, "affairs/lists/taking_part.html", {"lines": parts.lines_of(request.viewer), "once": once_key()})


@require_safe
def statement(request: Request, token: str) -> HttpResponse:
    """A printed statement, for whoever was handed the paper."""
    made = parts.statement(token)
    if made is None:
        raise Http404
    response = render(
        request,
        "affairs/lists/statement.html",
        {"made": made, "rows": parts.rows_of(made), "url": request.build_absolute_uri(f"/q/{token}"), "place": town()},
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
