"""Registering oneself, and deciding on it."""

from contextlib import suppress

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import below, place_by_code, town
from doorstep.foundation.ui.templatetags.ui import name_of
from doorstep.foundation.ui.web import SeeOther, once_form, once_key, sign_in_first
from doorstep.organisations import forms
from doorstep.organisations.actions import BadUscc, NotAllowed, UsccTaken, applications
from doorstep.organisations.data.codes import REFUSALS
from doorstep.organisations.keep_views import sentence
from doorstep.organisations.models import BodyApplication
from doorstep.organisations.permissions import REGISTRARS, may_decide, may_end, works_for
from doorstep.organisations.queries.applications import application_for, applications_for, own_applications


def _places() -> list[tuple[str, str]]:
    top = town()
    if top is None:
        return []
    found = below(top).filter(kind__in=[Place.Kind.TOWN, Place.Kind.VILLAGE, Place.Kind.COMMUNITY], closed_on=None).order_by("lineage")
    return [(place.code, name_of(place)) for place in found]


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: Request) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/organisations/register/")
    form = forms.ApplicationForm(request.POST if request.method == "POST" else None, places=_places())
    if request.method == "POST" and form.is_valid():

        def once() -> str:
            given = dict(form.cleaned_data)
            place = place_by_code(given.pop("place"))
            if place is None:
                raise Http404
            made = applications.apply_to_register(viewer=request.viewer, place=place, **given)
            return f"/organisations/applications/{made.pk}"

        try:
            return once_form(request, once)
        except (BadUscc, UsccTaken) as error:
            form.add_error("uscc", sentence(error))
        except applications.AskedAlready:
            form.add_error(None, _("您已经申请过，正在等人看。"))
    if form.is_bound:
        form.mark_errors()
    return render(
        request,
        "organisations/register.html",
        {"form": form, "mine": own_applications(request.viewer), "once": once_key()},
        status=422 if form.is_bound else 200,
    )


@require_safe
def queue(request: Request) -> HttpResponse:
    """Who asks, for those who decide."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not any(post.body_kind in REGISTRARS and works_for(request.viewer, post.body_id) for post in request.viewer.posts):
        raise NotAllowed
    waiting = request.GET.get("state") != "decided"
    given = request.GET.get("before", "")
    items, before = applications_for(request.viewer, waiting=waiting, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    return render(request, "organisations/applications.html", {"items": items, "before": before, "waiting": waiting})


def _application(request: Request, application_id: int) -> BodyApplication:
    found = application_for(request.viewer, application_id)
    if found is None:
        raise Http404
    return found


@require_safe
def application(request: Request, application_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _page(request, _application(request, application_id), forms.RefuseForm())


def _page(request: Request, found: BodyApplication, form: forms.RefuseForm, problem: str = "", status: int = 200) -> HttpResponse:
    runs = found.kind == BodyApplication.Kind.WORKER and found.state == BodyApplication.State.ACCEPTED
    return render(
        request,
        "organisations/application.html",
        {
            "application": found,
            "place": found.place,
            "mine": found.person_id == request.viewer.person_id,
            "decides": found.state == BodyApplication.State.WAITING and may_decide(request.viewer, found),
            "runs": runs,
            "ends": runs and may_end(request.viewer, found),
            "reasons": [REFUSALS.get(code, code) for code in found.reasons],
            "form": form,
            "problem": problem,
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def accept(request: Request, application_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/applications/{application_id}")
    found = _application(request, application_id)

    def once() -> str:
        applications.accept_application(viewer=request.viewer, application=found)
        return f"/organisations/applications/{application_id}"

    try:
        return once_form(request, once)
    except UsccTaken as error:
        return _page(request, found, forms.RefuseForm(), sentence(error), 422)
    except applications.Decided:
        return SeeOther(f"/organisations/applications/{application_id}")


@require_POST
def refuse(request: Request, application_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/applications/{application_id}")
    found = _application(request, application_id)
    form = forms.RefuseForm(request.POST)
    if not form.is_valid():
        if not may_decide(request.viewer, found):
            raise NotAllowed
        return _page(request, found, form, status=422)

    def once() -> str:
        applications.refuse_application(viewer=request.viewer, application=found, reasons=form.cleaned_data["reasons"])
        return f"/organisations/applications/{application_id}"

    try:
        return once_form(request, once)
    except applications.Decided:
        return SeeOther(f"/organisations/applications/{application_id}")


@require_POST
def withdraw(request: Request, application_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/applications/{application_id}")
    found = _application(request, application_id)
    with suppress(applications.Decided):
        applications.withdraw_application(viewer=request.viewer, application=found)
    return SeeOther(f"/organisations/applications/{application_id}")


@require_POST
def end(request: Request, application_id: int) -> HttpResponse:
    """A worker's registration ends; said twice it has ended once."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/applications/{application_id}")
    found = _application(request, application_id)
    with suppress(applications.NotRunning):
        applications.end_registration(viewer=request.viewer, application=found)
    return SeeOther(f"/organisations/applications/{application_id}")
