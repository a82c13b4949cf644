"""Objecting to a text, the moderators' queue, a case with its appeal."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.moderation import actions, queries
from doorstep.foundation.moderation.permissions import is_author, may_decide, may_moderate
from doorstep.foundation.moderation.rules.states import WAITING, NotPossible
from doorstep.foundation.moderation.texts import owner_of, reasons
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first


@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: Request) -> HttpResponse:
    """这句话有问题: which text, why. Also without signing in."""
    given = request.POST if request.method == "POST" else request.GET
    kind, subject, item = (given.get(name, "")[:60].replace("\x00", "") for name in ("kind", "subject", "item"))
    owner = owner_of(kind)
    text = owner.find(request.viewer, subject, item) if owner is not None else None
    if text is None:
        raise Http404
    problem, reason, note = "", request.POST.get("reason", ""), request.POST.get("note", "").replace("\x00", "")[: actions.LONGEST_NOTE]
    if request.method == "POST":
        if reason not in reasons():
            problem = _("请选一个原因。")
        elif reason == "other" and not note.strip():
            problem = _("请写一句为什么。")
        else:

            def work() -> str:
                actions.complain(viewer=request.viewer, kind=kind, subject=subject, item=item, reason=reason, note=note)
                return f"/complain/done?back={text.url}"

            return once_form(request, work)
    return render(
        request,
        "site/complain.html",
        {
            "kind": kind, "subject": subject, "item": item, "text": text, "reasons": reasons().values(), "chosen": reason, "note": note,
            "problem": problem, "once": once_key(),
        },
        status=422 if problem else 200,
    )  # fmt: skip


@require_safe
def complained(request: Request) -> HttpResponse:
    back = request.GET.get("back", "/")
    return render(request, "site/complained.html", {"back": back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/"})


@require_safe
def rules(request: Request) -> HttpResponse:
    """Why a text is not shown, and what its author can do: for everyone."""
    return render(request, "site/moderation_rules.html", {"reasons": reasons().values()})


@require_safe
def queue(request: Request) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not may_moderate(request.viewer):
        raise actions.NotAllowed
    return render(request, "site/moderation.html", {"cases": queries.queue(request.viewer)})


@require_safe
def case(request: Request, case_id: int) -> HttpResponse:
    return _case(request, case_id)


def _case(request: Request, case_id: int, problem: str = "", status: int = 200) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/moderation/{case_id}")
    found = queries.case_for(request.viewer, case_id)
    if found is None:
        raise Http404
    moderates = may_moderate(request.viewer)
    if moderates:
        request.viewer.note_read(kind="moderation", subject=str(found.pk), about_person_id=found.author_id, why="moderating")
    return render(
        request,
        "site/moderation_case.html",
        {
            "shown": queries.shown_for(request.viewer, found),
            "case": found,
            "complaints": queries.complaints_of(found) if moderates else [],
            "may_decide": may_decide(request.viewer, found) and found.state in WAITING,
            # What the author says to the moderators is not for whoever objected.
            "reads_appeal": moderates or is_author(request.viewer, found),
            "may_appeal": is_author(request.viewer, found) and found.state == "hidden" and not found.appealed_at,
            "reasons": reasons(),
            "problem": problem,
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def decide(request: Request, case_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/moderation/{case_id}")
    found = queries.case_for(request.viewer, case_id)
    if found is None:
        raise Http404
    hide, reason = request.POST.get("go") == "hide", request.POST.get("reason", "")
    if not may_decide(request.viewer, found):
        raise actions.NotAllowed
    if hide and reason not in reasons():
        return _case(request, case_id, _("隐藏要有原因，请选一个。"), 422)

    def work() -> str:
        actions.decide(viewer=request.viewer, case=found, hide=hide, reason=reason)
        return "/moderation/"

    try:
        return once_form(request, work)
    except NotPossible:
        return _case(request, case_id, _("这一件刚刚有人看过了。"), 409)


@require_POST
def appeal(request: Request, case_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/moderation/{case_id}")
    found = queries.case_for(request.viewer, case_id)
    if found is None:
        raise Http404

    def work() -> str:
        actions.appeal(viewer=request.viewer, case=found, text=request.POST.get("text", ""))
        return f"/moderation/{case_id}"

    try:
        return once_form(request, work)
    except actions.NothingSaid:
        return _case(request, case_id, _("请写一句为什么不同意。"), 422)
    except NotPossible:
        return _case(request, case_id, _("这一件现在不能再提。"), 409)
