"""Pages of polls: 意向征询，不具法律效力."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs.actions import NotAllowed, polls
from doorstep.affairs.models import Poll
from doorstep.affairs.queries import polls as queries
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.organisations.queries import body_by_code


class PollForm(forms.Form):
    question = forms.CharField(max_length=120, error_messages={"required": gettext_lazy("请写要问什么。")})
    options = forms.CharField(max_length=600, error_messages={"required": gettext_lazy("请写几个选项，一行一个。")})
    closes_on = forms.DateField(
        error_messages={"required": gettext_lazy("请填日期。"), "invalid": gettext_lazy("日期请写成 2026-11-30 这样。")}
    )


@require_safe
def place_polls(request: Request, code: str) -> HttpResponse:
    place = place_by_code(code)
    if place is None:
        raise Http404
    asking = [post for post in request.viewer.posts if post.body_id in request.viewer.bodies and post.place_code in place.codes]
    return render(
        request, "affairs/polls/list.html", {"place": place, "polls": queries.polls_at(place), "asking": asking, "now": clock.now()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_poll(request: Request, code: str, body_code: str) -> HttpResponse:
    """Ask something, as a body."""
    place, body = place_by_code(code), body_by_code(body_code)
    if place is None or body is None:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if body.pk not in request.viewer.bodies:
        raise NotAllowed("open_poll")
    day = clock.today() + timedelta(days=7)
    context: dict[str, Any] = {"place": place, "body": body, "typed": request.POST, "once": once_key(), "day": day}
    if request.method != "POST":
        return render(request, "affairs/polls/open.html", context)
    form = PollForm(request.POST)
    context["form"] = form
    if not form.is_valid():
        return render(request, "affairs/polls/open.html", context, status=422)

    def work() -> str:
        made = polls.open_poll(
            viewer=request.viewer,
            place=place,
            body=body,
            question=form.cleaned_data["question"],
            options=form.cleaned_data["options"].splitlines(),
            closes_at=datetime.combine(form.cleaned_data["closes_on"], time(23, 59, 59), clock.TOWN_ZONE),
        )
        return f"/polls/{made.pk}"

    try:
        return once_form(request, work)
    except polls.TooFewOptions:
        context["problem"] = _("选项要 2 到 8 个，一行一个，不要重复。")
    except polls.EndHasPassed:
        context["problem"] = _("截止的日子已经过了，请选今天或以后的一天。")
    return render(request, "affairs/polls/open.html", context, status=422)


@require_safe
def poll(request: Request, poll_id: int) -> HttpResponse:
    return _poll(request, _found(poll_id))


def _found(poll_id: int) -> Poll:
    found = queries.poll_by_id(poll_id)
    if found is None:
        raise Http404
    return found


def _poll(request: Request, found: Poll, *, problem: str = "", status: int = 200) -> HttpResponse:
    page = queries.poll_page(request.viewer, found, now=clock.now())
    context = {"page": page, "poll": found, "place": found.place, "problem": problem, "once": once_key()}
    return render(request, "affairs/polls/poll.html", context, status=status)


@require_POST
def answer(request: Request, poll_id: int) -> HttpResponse:
    found = _found(poll_id)
    here = f"/polls/{poll_id}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    given = request.POST.get("option", "")
    if not given.isdecimal() or int(given) >= len(found.options):
        return _poll(request, found, problem=_("请选一个。"), status=422)

    def work() -> str:
        polls.answer_poll(viewer=request.viewer, poll=found, option=int(given))
        return here

    try:
        return once_form(request, work)
    except polls.AnsweredBefore:
        return _poll(request, found, problem=_("您答过了，一人一次。"), status=409)
    except polls.PollIsOver:
        return _poll(request, found, problem=_("已经截止，没有收。"), status=409)


@require_POST
def close(request: Request, poll_id: int) -> HttpResponse:
    found = _found(poll_id)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/polls/{poll_id}")
    try:
        polls.close_poll(viewer=request.viewer, poll=found)
    except polls.PollIsOver:
        return _poll(request, found, problem=_("已经截止了。"), status=409)
    return _poll(request, _found(poll_id))
