"""A branch's own screens: the census of its members, the units that registered with it, the contacts of its buildings. And what one declares oneself."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children, place_by_code
from doorstep.foundation.ui.templatetags.ui import name_of
from doorstep.foundation.ui.web import SeeOther, once_form, once_key, sign_in_first
from doorstep.organisations import forms
from doorstep.organisations.actions import members
from doorstep.organisations.models import Body, ContactPerson, PartnerUnit, PartyMember
from doorstep.organisations.permissions import may_keep_members
from doorstep.organisations.queries import body_ever, home_of
from doorstep.organisations.queries import members as queries

ELSEWHERE = "elsewhere"


def _branch(request: Request, code: str) -> Body:
    """The branch, for those who keep its members; to others the census does not exist."""
    branch = body_ever(code)
    if branch is None or not may_keep_members(request.viewer, branch):
        raise Http404
    return branch


@require_safe
def census(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _census(request, _branch(request, code), {})


def _census(request: Request, branch: Body, tried: dict[str, forms.Fields], status: int = 200) -> HttpResponse:
    found = queries.census_for(request.viewer, branch)
    contacts = queries.contacts_of(request.viewer, branch)
    if found is None or contacts is None:
        raise Http404
    return render(
        request,
        "organisations/census.html",
        {
            "body": branch,
            "place": branch.place,
            "census": found,
            "kinds": [label for _value, label in PartyMember.Kind.choices],
            "contacts": contacts,
            "partners": queries.partners_of(branch),
            "decline": forms.DeclineForm(),
            "forms": {
                "partner": forms.PartnerForm(initial={"since": clock.today()}, on_page="partner"),
                "contact": _contact_form(request, branch),
                **tried,
            },
            "open": next(iter(tried), ""),
            "once": once_key(),
        },
        status=status,
    )


def _contact_form(request: Request, branch: Body, *, posted: bool = False) -> forms.ContactForm:
    buildings = [(place.code, name_of(place)) for place in children(branch.place, Place.Kind.BUILDING)]
    known = PartyMember.objects.filter(branch=branch, verified_at__isnull=False).select_related("person").order_by("id")
    people = [(str(member.pk), member.person.name) for member in known]
    return forms.ContactForm(request.POST if posted else None, buildings=buildings, members=people, on_page="contact")


@require_safe
def building(request: Request, code: str, building: str) -> HttpResponse:
    """The members of one building, by name; `elsewhere` for those without one."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    branch = _branch(request, code)
    where = None if building == ELSEWHERE else place_by_code(building)
    if building != ELSEWHERE and where is None:
        raise Http404
    found = queries.members_in(request.viewer, branch, where)
    return render(request, "organisations/census_building.html", {"body": branch, "place": branch.place, "where": where, "members": found})


@require_POST
def verify(request: Request, code: str, member_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/members/")
    branch = _branch(request, code)
    member = queries.member_for(request.viewer, branch, member_id)
    if member is None:
        raise Http404
    given = request.POST.get("kind", "")
    members.verify_member(viewer=request.viewer, member=member, kind=given if given in PartyMember.Kind.values else "")
    return SeeOther(f"/organisations/{code}/members/")


@require_POST
def decline(request: Request, code: str, member_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/members/")
    branch = _branch(request, code)
    member = queries.member_for(request.viewer, branch, member_id)
    if member is None:
        raise Http404
    form = forms.DeclineForm(request.POST)
    if not form.is_valid():
        return _census(request, branch, {"decline": form}, 422)
    members.decline_member(viewer=request.viewer, member=member, because=form.cleaned_data["because"])
    return SeeOther(f"/organisations/{code}/members/")


@require_POST
def partner(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/members/")
    branch = _branch(request, code)
    form = forms.PartnerForm(request.POST, on_page="partner")
    if not form.is_valid():
        form.mark_errors()
        return _census(request, branch, {"partner": form}, 422)

    def once() -> str:
        members.enter_partner(viewer=request.viewer, branch=branch, **form.cleaned_data)
        return f"/organisations/{code}/members/"

    return once_form(request, once)


@require_POST
def partner_end(request: Request, code: str, partner_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/members/")
    found = PartnerUnit.objects.filter(branch=_branch(request, code), pk=partner_id).first()
    if found is None:
        raise Http404
    members.end_partner(viewer=request.viewer, partner=found, on=max(clock.today(), found.since))
    return SeeOther(f"/organisations/{code}/members/")


@require_POST
def contact(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/members/")
    branch = _branch(request, code)
    form = _contact_form(request, branch, posted=True)
    where = place_by_code(form.cleaned_data["building"]) if form.is_valid() else None
    if where is None:
        form.mark_errors()
        return _census(request, branch, {"contact": form}, 422)

    def once() -> str:
        member = PartyMember.objects.select_related("person").get(branch=branch, pk=form.cleaned_data["member"])
        members.name_contact(
            viewer=request.viewer,
            branch=branch,
            building=where,
            person=member.person,
            since=clock.today(),
            phone=form.cleaned_data["phone"],
        )
        return f"/organisations/{code}/members/"

    return once_form(request, once)


@require_POST
def contact_end(request: Request, code: str, contact_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/members/")
    found = ContactPerson.objects.filter(branch=_branch(request, code), pk=contact_id).first()
    if found is None:
        raise Http404
    members.end_contact(viewer=request.viewer, contact=found)
    return SeeOther(f"/organisations/{code}/members/")


# One's own declaration


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: Request) -> HttpResponse:
    """What one declared, and declaring: of one's own will."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/my/party")
    home = home_of(request.viewer)
    buildings = [(place.code, name_of(place)) for place in children(home, Place.Kind.BUILDING)] if home else []
    found = queries.branches()
    form = forms.DeclareForm(
        request.POST if request.method == "POST" else None, branches=[(body.code, name_of(body)) for body in found], buildings=buildings
    )
    if request.method == "POST" and form.is_valid():

        def once() -> str:
            given = form.cleaned_data
            members.declare_membership(
                viewer=request.viewer,
                branch=next(body for body in found if body.code == given["branch"]),
                kind=given["kind"],
                building=place_by_code(given["building"]) if given["building"] else None,
                employer=given["employer"],
                skills=given["skills"],
                available=given["available"],
            )
            return "/my/party"

        try:
            return once_form(request, once)
        except members.Declared:
            form.add_error(None, _("您向这个支部报过了。"))
    if form.is_bound:
        form.mark_errors()
    return render(
        request,
        "organisations/declare.html",
        {"form": form, "mine": queries.own_declarations(request.viewer), "once": once_key()},
        status=422 if form.is_bound else 200,
    )


@require_POST
def take_back(request: Request, member_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/my/party")
    mine = next((each for each in queries.own_declarations(request.viewer) if each.pk == member_id), None)
    if mine is None:
        raise Http404
    members.take_back_declaration(viewer=request.viewer, member=mine)
    return SeeOther("/my/party")
