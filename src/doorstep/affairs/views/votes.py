"""Pages of votes for everybody and for owners: what is put to the vote, how many took part, the result, one's own ballot."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import papers
from doorstep.affairs.actions import NotAllowed, TextTooLong, ballots, votes
from doorstep.affairs.models import Motion, Paper, Vote
from doorstep.affairs.permissions import vote_roles
from doorstep.affairs.queries import votes as queries
from doorstep.affairs.rules.convening import CONVENING
from doorstep.affairs.rules.vote_states import RESULT_SHOWN, NotPossible, Role, State, Verb
from doorstep.affairs.vote_forms import BallotForm, ObjectForm
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.actions import LockedOut, note_failure, refuse_locked
from doorstep.foundation.journal.queries import latest_head, page_version
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code, town
from doorstep.foundation.ui.web import address_of, once_form, once_key, pdf_answer, sign_in_first, typed_before, with_version

JSON = "application/json; charset=utf-8"


def found(request: Request, number: str) -> Vote:
    """The vote, or 404 where this viewer may not know of it."""
    vote = queries.vote_for(request.viewer, number)
    if vote is None:
        raise Http404
    return vote


@require_safe
def town_votes(request: Request) -> HttpResponse:
    """业主表决: every vote of the town, newest first."""
    return _list(request, None)


@require_safe
def place_votes(request: Request, code: str) -> HttpResponse:
    place = place_by_code(code)
    if place is None:
        raise Http404
    return _list(request, place)


def _list(request: Request, place: Place | None) -> HttpResponse:
    given = request.GET.get("before", "")
    shown = queries.votes_at(request.viewer, place=place, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    may_prepare = [post for post in request.viewer.posts if post.body_kind in CONVENING and post.body_id in request.viewer.bodies]
    return render(
        request, "affairs/votes/list.html", {"place": place or town(), "page": shown, "may_prepare": may_prepare, "now": clock.now()}
    )


@require_safe
def vote(request: Request, number: str) -> HttpResponse:
    shown = found(request, number)
    if State(shown.state) not in RESULT_SHOWN:
        # Ballots come in without moving the version of the place's public pages.
        return page(request, shown)
    return with_version(
        request, lambda: f"vote {page_version(lineage=shown.place.lineage)} {clock.now():%Y-%m-%d %H}", lambda: page(request, shown)
    )


def page(request: Request, shown: Vote, *, form: Any = None, problem: str = "", status: int = 200) -> HttpResponse:
    """The vote's page; `?receipt=` asks whether a ballot is in the open file."""
    path = f"/votes/{shown.number}"
    typed = typed_before(request, path)
    asked = request.GET.get("receipt", "").strip()
    return render(
        request,
        "affairs/votes/vote.html",
        {
            "page": queries.vote_page(request.viewer, shown),
            "vote": shown,
            "place": shown.place,
            "asked": asked,
            "in_file": queries.is_in_open_file(shown, asked) if asked else None,
            "form": form,
            "typed": form.data if form is not None else typed,
            "problem": problem,
            "once": once_key(),
            "now": clock.now(),
            "vote_url": request.build_absolute_uri(path),
        },
        status=status,
    )


@require_safe
def open_file(request: Request, number: str) -> HttpResponse:
    """The open file `doorstep.vote/1`, for anybody to count again."""
    record = queries.open_file_of(found(request, number))
    if record is None:
        raise Http404
    response = HttpResponse(record.open_file, content_type=JSON)
    response["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


@require_safe
def result_file(request: Request, number: str) -> HttpResponse:
    """The result document `doorstep.vote-result/1` of the open file."""
    record = queries.open_file_of(found(request, number))
    if record is None or record.open_result is None:
        raise Http404
    return HttpResponse(queries.result_json(record.open_result), content_type=JSON)


@require_safe
def result_paper(request: Request, number: str) -> HttpResponse:
    """The result as PDF, to hang up and to file, as soon as it is shown: preliminary, in force or annulled, and it says which."""
    shown = found(request, number)
    if State(shown.state) not in RESULT_SHOWN:
        raise Http404
    facts = papers.vote_result(
        queries.vote_page(request.viewer, shown),
        queries.filing_facts(shown),
        url=request.build_absolute_uri(f"/votes/{number}"),
        head=latest_head(),
    )
    return pdf_answer("affairs/votes/result.typ", facts, name=f"{number}.pdf")


@require_safe
def full_file(request: Request, number: str) -> HttpResponse:
    """The full file, for tellers; everybody else is told that it is not theirs."""
    shown = found(request, number)
    text = queries.full_file_for(request.viewer, shown)
    if text is None:
        raise NotAllowed("full file") if shown.result is not None and request.viewer.signed_in else Http404
    response = HttpResponse(text, content_type=JSON)
    response["Content-Disposition"] = f'attachment; filename="{number}-full.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def roll(request: Request, number: str) -> HttpResponse:
    """The frozen roll for the owners of the estate, the convenor and the tellers, a building at a time."""
    shown = found(request, number)
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not vote_roles(request.viewer, shown):
        raise NotAllowed("roll")
    if shown.frozen_at is None:
        raise Http404
    names = queries.buildings_of(shown)
    chosen = request.GET.get("building", "") or names[0]
    if chosen not in names:
        raise Http404
    return render(
        request,
        "affairs/votes/roll.html",
        {
            "vote": shown,
            "place": shown.place,
            "buildings": names,
            "building": chosen,
            "lines": queries.roll_lines(shown, chosen),
            "corrections": queries.correction_lines(shown),
            "works": bool(vote_roles(request.viewer, shown) & {Role.CONVENOR, Role.TELLER}),
        },
    )


@require_safe
def filing(request: Request, number: str) -> HttpResponse:
    """The filing pack on A4: notice, result, roll fingerprint, who counted. Everything on it is public."""
    shown = found(request, number)
    if State(shown.state) not in RESULT_SHOWN:
        raise Http404
    shown_page = queries.vote_page(request.viewer, shown)
    return render(
        request,
        "affairs/votes/filing.html",
        {
            "page": shown_page,
            "lines": papers.filing(shown_page, queries.filing_facts(shown)),
            "vote": shown,
            "place": shown.place,
            "vote_url": request.build_absolute_uri(f"/votes/{number}"),
            "head": latest_head(),
            "now": clock.now(),
        },
    )


@require_safe
def notice_sheet(request: Request, number: str) -> HttpResponse:
    """The notice as it hangs in the building: what is put to the vote, when, how one takes part."""
    shown = found(request, number)
    if shown.noticed_at is None:
        raise Http404
    return render(
        request,
        "affairs/votes/notice.html",
        {
            "vote": shown,
            "place": shown.place,
            "motions": list(shown.motions.all()),
            "vote_url": request.build_absolute_uri(f"/votes/{number}"),
        },
    )


# Owners


@require_POST
def object_to(request: Request, number: str) -> HttpResponse:
    """我有疑问: an objection to the roll or to the preliminary result."""
    shown = found(request, number)
    here = f"/votes/{number}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    form = ObjectForm(request.POST)
    if not form.is_valid():
        return page(request, shown, form=form, status=422)

    def work() -> str:
        votes.raise_objection(viewer=request.viewer, vote=shown, text=form.cleaned_data["text"])
        return f"{here}#objections"

    try:
        return once_form(request, work)
    except TextTooLong as error:
        return page(request, shown, form=form, problem=_("写得太长了，多了 %(n)d 个字。") % {"n": error.extra}, status=422)
    except (votes.TooLate, NotPossible):
        return page(request, shown, form=form, problem=_("提疑问的日子已经过了。您写的还在下面，可以直接找业委会。"), status=409)


@require_http_methods(["GET", "HEAD", "POST"])
def cast(request: Request, number: str) -> HttpResponse:
    """我的选票: cast as a signed-in owner."""
    shown = found(request, number)
    if not request.viewer.signed_in:
        return sign_in_first(request)
    units = queries.own_units(request.viewer, shown)
    if not units:
        raise NotAllowed(Verb.CAST)
    motions = list(shown.motions.all())
    context: dict[str, Any] = {
        "vote": shown,
        "place": shown.place,
        "motions": motions,
        "units": units,
        "receipts": queries.receipts_of(request.viewer, shown),
        "action": f"/votes/{number}/cast",
        "once": once_key(),
        "now": clock.now(),
    }
    if request.method != "POST":
        return render(request, "affairs/votes/cast.html", context)
    form = BallotForm(request.POST, motions=[motion.code for motion in motions], required=True)
    context["form"] = form
    if not form.is_valid():
        return render(request, "affairs/votes/cast.html", context, status=422)

    def work() -> str:
        ballots.cast_ballot(viewer=request.viewer, vote=shown, choices=form.choices)
        return f"/votes/{number}/cast"

    return _cast(request, work, context)


def _cast(request: Request, work: Any, context: dict[str, Any]) -> HttpResponse:
    """Cast once; what was refused is said plainly, with what to do instead."""
    try:
        return once_form(request, work)
    except ballots.OfficialChannelOnly:
        context["problem"] = _("这里不收电子票：按本地规定，电子票要在官方系统投。您也可以投纸质票。")
        status = 409
    except ballots.AlreadyCast:
        context["problem"] = _("您的电子票早就收到了，一人一张，这一张没有再收。")
        status = 409
    except (ballots.VotingIsOver, NotPossible):
        context["problem"] = _("现在不在投票的时间里，这一张没有收。")
        status = 409
    return render(request, "affairs/votes/cast.html", context, status=status)


@require_safe
def receipt(request: Request, number: str, label: str) -> HttpResponse:
    """The proof that one's own ballot stands in the journal, to be checked by `doorstep verify`."""
    proof = queries.receipt_proof(request.viewer, found(request, number), label)
    if proof is None:
        raise Http404
    response = HttpResponse(queries.result_json(proof), content_type=JSON)
    response["Cache-Control"] = "private, no-store"
    return response


# Printed QR codes


@require_safe
def printed(request: Request, token: str) -> HttpResponse:
    """`/q/<token>`: where a printed QR code leads. The code of a place is a token too, which hangs at its doors and leads to saying something there."""
    link = queries.printed_link(token)
    if link is not None:
        return HttpResponseRedirect(link.path)
    place = place_by_code(token)
    if place is None:
        raise Http404
    return HttpResponseRedirect(f"/raise/?place={place.code}")


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: Request, number: str, token: str) -> HttpResponse:
    """The page of one printed ballot: how to vote with it, and where it is allowed an electronic ballot by the code on the paper."""
    shown = found(request, number)
    sheet = queries.printed_paper(shown, token)
    if sheet is None:
        raise Http404
    motions: list[Motion] = list(shown.motions.all())
    context: dict[str, Any] = {
        "vote": shown,
        "place": shown.place,
        "paper": sheet,
        "motions": motions,
        "typed": request.POST,
        "once": once_key(),
        "own_channel": shown.electronic != ballots.OFFICIAL_ONLY,
        "now": clock.now(),
    }
    if request.method != "POST" or not context["own_channel"]:
        return render(request, "affairs/votes/paper.html", context)
    code = request.POST.get("code", "")
    try:
        refuse_locked(f"address:{address_of(request)}")
        ballots.check_paper_code(paper=sheet, code=code)
    except (ballots.WrongPaperCode, LockedOut):
        note_failure(address=address_of(request))
        context["problem"] = _("验证码不对，或者试得太多了。请看纸上的 8 位数字；不行就找计票人换一张。")
        return render(request, "affairs/votes/paper.html", context, status=422)
    context.update(holders=queries.holders_of(sheet.party), code=code)
    if request.POST.get("step") != "cast":
        return render(request, "affairs/votes/paper.html", context)
    return _cast_by_code(request, sheet, code, context)


def _cast_by_code(request: Request, sheet: Paper, code: str, context: dict[str, Any]) -> HttpResponse:
    motions = context["motions"]
    form = BallotForm(request.POST, motions=[motion.code for motion in motions], required=True)
    context["form"] = form
    signer = request.POST.get("signer", "")
    if not form.is_valid() or not signer.isdecimal():
        return render(request, "affairs/votes/paper.html", context, status=422)
    try:
        made = ballots.cast_with_code(paper=sheet, code=code, by_id=int(signer), choices=form.choices)
    except ballots.AlreadyCast:
        context["problem"] = _("您的电子票早就收到了，一人一张，这一张没有再收。")
    except (ballots.VotingIsOver, NotPossible):
        context["problem"] = _("现在不在投票的时间里，这一张没有收。")
    except votes.NotOnThisRoll:
        context["problem"] = _("请选这张选票上的业主。")
    else:
        context["receipt"] = queries.receipt_of(context["vote"], made)
        return render(request, "affairs/votes/paper.html", context)
    return render(request, "affairs/votes/paper.html", context, status=409)
