"""Pages of verified residence: my home, joining by a code or a link, and the desk of those who keep an estate's roll."""

from typing import Any

from dateutil.relativedelta import relativedelta
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity import consents, deaths, merging
from doorstep.foundation.identity.actions import LockedOut
from doorstep.foundation.identity.forms import PaperHelperForm, code_problem
from doorstep.foundation.identity.models import How, Person
from doorstep.foundation.identity.queries import person_by_contact
from doorstep.foundation.identity.rules.names import same_name
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.regulations.queries import value_of
from doorstep.foundation.ui.web import SeeOther, address_of, once_form, once_key, sign_in_first
from doorstep.organisations.actions import residence as actions
from doorstep.organisations.models.residence import Residence, ResidenceClaim
from doorstep.organisations.permissions import may_keep_roll
from doorstep.organisations.queries import residence as queries
from doorstep.organisations.residence_forms import ClaimForm, CodeForm, DeathForm, JoinForm, PaperForm
from doorstep.organisations.rules.roll import unit_name

HOME = "/my/home/"


# My home


@never_cache
@require_safe
def home(request: Request) -> HttpResponse:
    """我的家: where one is verified, and the ways to become so."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _home(request)


def _home(request: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(
        request,
        "organisations/home.html",
        {
            "homes": queries.homes_of(request.viewer),
            "claims": queries.claims_of(request.viewer),
            "estates": list(Place.objects.filter(kind=Place.Kind.ESTATE, closed_on=None).order_by("position", "id")),
            "kinds": Residence.Kind.choices,
            "once": once_key(),
            **more,
        },
        status=status,
    )


@never_cache
@require_POST
def home_code(request: Request) -> HttpResponse:
    """Use a code from the door."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=HOME)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _home(request, status=422, code_form=form)
    problem, status = _use(request, form.cleaned_data["code"], form.cleaned_data["kind"])
    return _home(request, status=status, code_form=form, code_problem=problem) if problem else SeeOther(HOME)


def _use(request: Request, code: str, kind: str) -> tuple[str, int]:
    """Use a code; what to tell the person where it was not to be, and the status."""
    try:
        # Not in `once_form`: a wrong code has to be counted, not rolled back.
        actions.use_code(viewer=request.viewer, code=code, kind=kind, address=address_of(request))
    except LockedOut as error:
        return code_problem(error), 429
    except actions.WrongCode:
        return _("这个码不对，或者用过了、过期了。请看看纸上的字，再不行请物业补印一张。"), 422
    except actions.NotOnRoll:
        return _("名册上这套房没有您的名字。是家人或租户，请选家人或租户；名册错了，请告诉业委会。"), 422
    except actions.LivesThere:
        return _("您已经是这套房的居民了。"), 422
    return "", 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request, code: str) -> HttpResponse:
    """An invitation by link: says whose estate it is, and joins when the person says so. Used, run out or never made: gone (410)."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    form = JoinForm({"code": code})
    found = actions.code_for(code) if form.is_valid() else None
    if found is None or not found.is_invitation:
        return render(request, "organisations/join.html", {"gone": True}, status=410)
    problem, status = _use(request, code, found.kind) if request.method == "POST" else ("", 200)
    if request.method == "POST" and not problem:
        return SeeOther(HOME)
    return render(
        request,
        "organisations/join.html",
        {"estate": found.unit.estate, "unit": found.unit, "kind": Residence.Kind(found.kind).label, "code": code, "problem": problem},
        status=status,
    )


@require_POST
def claim(request: Request) -> HttpResponse:
    """Say which unit is one's own; the keepers of the roll will look."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=HOME)
    form = ClaimForm(request.POST)
    estate = place_by_code(request.POST.get("estate", "")[:60])
    if not form.is_valid() or estate is None or estate.kind != Place.Kind.ESTATE:
        return _home(request, status=422, claim_form=form)
    data = form.cleaned_data
    try:
        actions.claim_residence(
            viewer=request.viewer,
            estate=estate,
            unit_name=unit_name(data["building"].strip(), data["entrance"].strip(), data["room"].strip()),
            kind=data["kind"],
            id_last4=data["last4"].strip(),
        )
    except actions.ClaimWaiting:
        return _home(request, status=422, claim_form=form, claim_problem=_("您在这个小区已经有一份在等着看。"))
    except actions.LivesThere:
        return _home(request, status=422, claim_form=form, claim_problem=_("您已经是这套房的居民了。"))
    return SeeOther(f"{HOME}#claims")


@never_cache
@require_POST
def invite(request: Request) -> HttpResponse:
    """Make an invitation; the link is shown this once."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=HOME)
    given = request.POST.get("unit", "")
    unit = queries.unit_at_home(request.viewer, int(given)) if given.isdecimal() and len(given) < 18 else None
    if unit is None:
        raise Http404
    kind = request.POST.get("kind", "")
    try:
        code = actions.invite(viewer=request.viewer, unit=unit, kind=kind)
    except actions.TooManyInvitations:
        return _home(request, status=422, invite_problem=_("这套房没用的邀请太多了，等有人用了或过期了再发。"))
    return _home(request, invited={"code": code, "url": request.build_absolute_uri(f"/join/{code}"), "kind": Residence.Kind(kind).label})


@require_POST
def leave(request: Request, residence_id: int) -> HttpResponse:
    """Moved out; or an invitation taken back; or a keeper ends it."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=HOME)
    lives = queries.residence_for(request.viewer, residence_id)
    if lives is None:
        raise Http404
    actions.end_residence(viewer=request.viewer, lives=lives)
    own_side = request.viewer.person_id in (lives.person_id, lives.invited_by_id)
    return SeeOther(HOME if own_side else f"/p/{lives.unit.estate.code}/residents/")


@require_http_methods(["GET", "HEAD", "POST"])
def death(request: Request, residence_id: int) -> HttpResponse:
    """Say that somebody has died: one who lives with them, or a keeper. A keeper has seen the proof, so it counts at once."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    lives = queries.residence_for(request.viewer, residence_id)
    if lives is None or lives.person_id == request.viewer.person_id:
        raise Http404
    estate = lives.unit.estate
    keeps, near = may_keep_roll(request.viewer, estate), queries.live_together(request.viewer, lives)
    if not keeps and not near:
        raise actions.NotAllowed(estate.code)
    form = DeathForm(request.POST if request.method == "POST" else None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        by = actor_of(request.viewer, post=request.viewer.acting_post if keeps else None)
        try:
            said = deaths.report_death(
                person_id=lives.person_id,
                died_on=data["died_on"],
                proof=data["proof"],
                kept_where=data["kept_where"],
                by=by,
                place=estate,
                relative_id=request.viewer.person_id if near and data["relation"] else None,
                relation=data["relation"],
            )
            if keeps and not near:
                deaths.confirm_death(death=said, by=by, place=estate)
            return SeeOther(HOME if near else f"/p/{estate.code}/residents/")
        except deaths.NotPossible as error:
            problem = _("这一天还没到。") if error.reason == "future" else _("已经有人登记过了。")
    return render(
        request,
        "organisations/death.html",
        {"lives": lives, "place": estate, "form": form, "near": near, "problem": problem},
        status=422 if request.method == "POST" else 200,
    )


# The keepers' desk


def _estate(request: Request, code: str) -> Place:
    """The estate if this viewer keeps its roll; who lives where is not something others know of."""
    estate = place_by_code(code)
    if estate is None or estate.kind != Place.Kind.ESTATE or not may_keep_roll(request.viewer, estate):
        raise Http404
    return estate


@never_cache
@require_safe
def residents(request: Request, code: str) -> HttpResponse:
    """What waits, who is verified, codes to print."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _desk(request, _estate(request, code))


def _desk(request: Request, estate: Place, *, status: int = 200, **more: Any) -> HttpResponse:
    given = request.GET.get("before", "")
    found = queries.desk(request.viewer, estate, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    return render(
        request,
        "organisations/residents.html",
        {
            "place": estate,
            "desk": found,
            "now": clock.now(),
            "reasons": ResidenceClaim.Reason.choices,
            "kinds": Residence.Kind.choices,
            "purposes": consents.purposes(),
            "once": once_key(),
            **more,
        },
        status=status,
    )


@never_cache
@require_POST
def codes(request: Request, code: str) -> HttpResponse:
    """Codes for the doors of a building, on a sheet to print and cut. They are shown this once."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/residents/")
    estate = _estate(request, code)
    units = queries.units_to_print(estate, request.POST.get("building", "")[:60])
    if not units:
        return _desk(request, estate, status=422, codes_problem=_("请选一栋楼。名册里还没有这栋楼的房子，就先导入名册。"))
    sheet = actions.print_codes(viewer=request.viewer, estate=estate, units=units)
    life = value_of("residence.code_days", place_lineage_localities=estate.localities, on=clock.today())
    return render(
        request,
        "organisations/code_sheet.html",
        {
            "place": estate,
            "sheet": sheet,
            "url": request.build_absolute_uri(HOME),
            "until": clock.today() + relativedelta(days=life.number),
            "building": units[0].building,
        },
    )


@require_POST
def decide_claim(request: Request, code: str, claim_id: int) -> HttpResponse:
    """Confirm a claim as owner, household or tenant, or refuse it with a reason."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/residents/")
    estate = _estate(request, code)
    found = queries.claim_for(request.viewer, estate, claim_id)
    if found is None:
        raise Http404
    kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")

    def work() -> str:
        if request.POST.get("go") == "refuse":
            actions.refuse_claim(viewer=request.viewer, claim=found, reason=reason)
        else:
            actions.confirm_claim(viewer=request.viewer, claim=found, kind=kind)
        return f"/p/{code}/residents/"

    if request.POST.get("go") == "refuse" and reason not in ResidenceClaim.Reason.values:
        return _desk(request, estate, status=422, problem=_("请选一个原因，告诉人家。"))
    if request.POST.get("go") != "refuse" and kind not in Residence.Kind.values:
        return _desk(request, estate, status=422, problem=_("请选业主、家人还是租户。"))
    try:
        return once_form(request, work)
    except actions.AlreadyDecided:
        return SeeOther(f"/p/{code}/residents/")
    except actions.NothingKnown:
        return _desk(request, estate, status=422, problem=_("名册里没有这套房，认不下来。先改名册，或者选原因退回。"))
    except actions.NotOnRoll:
        return _desk(request, estate, status=422, problem=_("名册上这套房没有这个名字，不能认作业主。可以认作家人或租户。"))
    except merging.CannotMerge:
        return _desk(
            request, estate, status=422, problem=_("这两份登记现在不能并：其中一份在注销、并过了，或者在正在进行的业主表决的名册上。")
        )


@require_POST
def decide_death(request: Request, code: str, death_id: int) -> HttpResponse:
    """A keeper has seen the proof of what a relative said, or knows it is not so."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/residents/")
    estate = _estate(request, code)
    found = queries.death_for(request.viewer, estate, death_id)
    if found is None:
        raise Http404
    by = actor_of(request.viewer, post=request.viewer.acting_post)
    try:
        if request.POST.get("go") == "refuse":
            deaths.refuse_death(death=found, by=by, place=estate)
        else:
            deaths.confirm_death(death=found, by=by, place=estate)
    except deaths.NotPossible:
        return SeeOther(f"/p/{code}/residents/")
    return SeeOther(f"/p/{code}/residents/")


@require_POST
def paper(request: Request, code: str, residence_id: int) -> HttpResponse:
    """Enter a consent that was signed on paper before a witness."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/residents/")
    estate = _estate(request, code)
    lives = queries.residence_for(request.viewer, residence_id)
    if lives is None or lives.unit.estate_id != estate.pk:
        raise Http404
    form = PaperForm(request.POST)
    if not form.is_valid():
        return _desk(request, estate, status=422, problem=_("纸上的同意要写清用途、见证人和纸存在哪里。"))
    consents.give_consent(
        person_id=lives.person_id,
        purpose=form.cleaned_data["purpose"],
        how=How.PAPER,
        witness=form.cleaned_data["witness"],
        kept_where=form.cleaned_data["kept_where"],
        by=actor_of(request.viewer, post=request.viewer.acting_post, on_behalf_of_id=lives.person_id),
        place=estate,
    )
    return SeeOther(f"/p/{code}/residents/")


@require_POST
def paper_mandate(request: Request, code: str, residence_id: int) -> HttpResponse:
    """Enter a permission to act that was signed on paper before a witness: for who has no phone of their own."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/residents/")
    estate = _estate(request, code)
    lives = queries.residence_for(request.viewer, residence_id)
    if lives is None or lives.unit.estate_id != estate.pk:
        raise Http404
    form = PaperHelperForm(request.POST)
    if not form.is_valid():
        return _desk(request, estate, status=422, problem=_("纸上的委托要写清替他办的人、手机号、到哪一天为止、见证人和纸存在哪里。"))
    data = form.cleaned_data
    helper = person_by_contact(phone=data["phone"], name=data["name"])
    if helper is None:
        return _desk(request, estate, status=422, problem=_("没有找到替他办的人。请他先用这个手机号和姓名登录一次。"))
    months = value_of("privacy.mandate_months", place_lineage_localities=estate.localities, on=clock.today()).number
    try:
        consents.give_mandate(
            person_id=lives.person_id,
            helper_id=helper,
            from_on=clock.today(),
            until_on=data["until_on"],
            latest=clock.today() + relativedelta(months=months),
            how=How.PAPER,
            witness=data["witness"],
            kept_where=data["kept_where"],
            by=actor_of(request.viewer, post=request.viewer.acting_post, on_behalf_of_id=lives.person_id),
            place=estate,
        )
    except (consents.MandateDates, consents.NotForOneself):
        return _desk(request, estate, status=422, problem=_("到哪一天为止，从今天起，最长一年；也不能委托自己。"))
    return SeeOther(f"/p/{code}/residents/")


@require_POST
def propose_merge(request: Request, code: str) -> HttpResponse:
    """Say that two entries of this estate are one human: somebody verified, and a lookalike by name."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{code}/residents/")
    estate = _estate(request, code)
    given = [request.POST.get(name, "") for name in ("survivor", "merged")]
    if not all(each.isdecimal() and len(each) < 18 and queries.known_here(estate, int(each)) for each in given):
        raise Http404
    survivor, merged = (Person.objects.get(pk=int(each)) for each in given)
    try:
        proposal = merging.propose_merge(
            survivor=survivor,
            merged=merged,
            place=estate,
            because="same_name" if same_name(survivor.name, merged.name) else "keeper",
            by=actor_of(request.viewer, post=request.viewer.acting_post),
        )
    except merging.CannotMerge:
        return _desk(
            request, estate, status=422, problem=_("这两份登记现在不能并：其中一份在注销、并过了，或者在正在进行的业主表决的名册上。")
        )
    return SeeOther(f"/p/{code}/merges/{proposal.pk}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: Request, code: str, merge_id: int) -> HttpResponse:
    """Both sides of a merge beside each other; confirm, refuse, or take it back."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    estate = _estate(request, code)
    found = queries.merge_for(request.viewer, estate, merge_id)
    if found is None:
        raise Http404
    proposal, survivor, merged = found
    problem = ""
    if request.method == "POST":
        by = actor_of(request.viewer, post=request.viewer.acting_post)
        if request.viewer.person_id in (proposal.survivor_id, proposal.merged_id):
            raise actions.NotAllowed(merge_id)
        try:
            match request.POST.get("go"):
                case "confirm":
                    merging.confirm_merge(proposal=proposal, place=estate, undo_until=actions.undo_until(estate), by=by)
                case "undo":
                    merging.undo_merge(proposal=proposal, place=estate, by=by)
                case _:
                    merging.refuse_merge(proposal=proposal, place=estate, by=by)
            return SeeOther(f"/p/{code}/merges/{merge_id}")
        except merging.AlreadyDecided:
            return SeeOther(f"/p/{code}/merges/{merge_id}")
        except merging.TooLateToUndo:
            problem = _("过了可以撤回的日子，或者已经撤回了。")
        except merging.CannotMerge:
            problem = _("这两份登记现在不能并：其中一份在注销、并过了，或者在正在进行的业主表决的名册上。")
    return render(
        request,
        "organisations/merge.html",
        {
            "place": estate,
            "merge": proposal,
            "sides": [survivor, merged],
            "problem": problem,
            "can_undo": proposal.undo_until is not None and proposal.undo_until > clock.now() and proposal.undone_at is None,
            "undo_days": value_of("privacy.merge_undo_days", place_lineage_localities=estate.localities, on=clock.today()).value,
        },
        status=422 if problem else 200,
    )
