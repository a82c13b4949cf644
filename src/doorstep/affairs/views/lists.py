"""老大难, 痛点清单, questions with answers, and the replies a body keeps."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import actions, queries
from doorstep.affairs.actions import lists
from doorstep.affairs.forms import PainPointForm, ReplyForm, ResultForm
from doorstep.affairs.permissions import works_at
from doorstep.affairs.queries import lists as list_queries
from doorstep.affairs.queries.routing import answering_at
from doorstep.affairs.views.matters import CHOICES, axis_name
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code, town
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.organisations.queries import body_by_code


def _place(code: str) -> tuple[Place, list[int] | None]:
    """A place with the scopes at and below it."""
    place = place_by_code(code) if code else town()
    if place is None:
        raise Http404
    return place, queries.scopes_of(place)


def _with_own(code: str) -> tuple[Place, list[int] | None]:
    """The same for what is written down for a place itself, be it a scope or not."""
    place, scopes = _place(code)
    return place, [place.pk] if scopes == [] else scopes


def _before(request: Request) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 18 else None


@require_safe
def town_stubborn(request: Request) -> HttpResponse:
    """老大难 of the whole town."""
    return place_stubborn(request, "")


@require_safe
def place_stubborn(request: Request, code: str) -> HttpResponse:
    place, scopes = _place(code)
    found = list_queries.stubborn(request.viewer, place=place, scope_ids=scopes)
    return render(
        request,
        "affairs/lists/stubborn.html",
        {"place": place, "found": found, "works": works_at(request.viewer, place), "now": clock.now()},
    )


@require_safe
def place_kinds(request: Request, code: str) -> HttpResponse:
    """分一分: what a place's matters are about, each figure with its denominator."""
    place, scopes = _place(code)
    found = list_queries.kinds_at(request.viewer, place=place, scope_ids=scopes)
    axes = [(axis_name(axis), [(dict(CHOICES[axis]).get(kind.code) or _("还没分"), kind) for kind in kinds]) for axis, kinds in found.axes]
    return render(request, "affairs/lists/kinds.html", {"place": place, "found": found, "axes": axes})


@require_http_methods(["GET", "HEAD", "POST"])
def pain_points(request: Request, code: str) -> HttpResponse:
    """痛点清单: figures for everybody, the list and its form for those who work there."""
    place, scopes = _with_own(code)
    if request.method != "POST":
        return _pain_points(request, place, scopes)
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not works_at(request.viewer, place):
        raise actions.NotAllowed("pain point")
    form = PainPointForm(request.POST)
    if not form.is_valid():
        return _pain_points(request, place, scopes, form=form, status=422)
    post = next((post for _body, posts in answering_at(place) for post in posts if post.pk == form.cleaned_data["post"]), None)
    if post is None or post.person is None:
        form.add_error("post", _("这个人现在不在这个职务上，请另选一位。"))
        return _pain_points(request, place, scopes, form=form, status=422)
    owner = post.person
    matters = []
    for number in form.cleaned_data["matters"].replace("，", " ").replace(",", " ").split():
        matter = queries.matter_for(request.viewer, number.upper())
        if matter is None:
            form.add_error("matters", _("没有找到 %(number)s。") % {"number": number})
            return _pain_points(request, place, scopes, form=form, status=422)
        matters.append(matter)

    def work() -> str:
        lists.list_pain_point(
            viewer=request.viewer,
            scope=place,
            title=form.cleaned_data["title"],
            body=post.body,
            owner=owner,
            due_on=form.cleaned_data["due_on"],
            matters=matters,
        )
        return f"/p/{place.code}/pain-points/"

    try:
        return once_form(request, work)
    except actions.DateHasPassed:
        form.add_error("due_on", _("这一天已经过了，请选今天或以后的一天。"))
    except lists.HoldsNoPost:
        form.add_error("post", _("这个人现在不在这个职务上，请另选一位。"))
    return _pain_points(request, place, scopes, form=form, status=422)


def _pain_points(request: Request, place: Place, scopes: list[int] | None, *, form: Any = None, status: int = 200) -> HttpResponse:
    works = works_at(request.viewer, place)
    return render(
        request,
        "affairs/lists/pain_points.html",
        {
            "place": place,
            "found": list_queries.pain_points(request.viewer, place=place, scope_ids=scopes),
            "works": works,
            "answering": answering_at(place) if works else [],
            "form": form,
            "typed": form.data if form is not None else {},
            "today": clock.today(),
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def end_pain_point(request: Request, code: str, pain_point_id: int) -> HttpResponse:
    """销号."""
    place, scopes = _with_own(code)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/p/{place.code}/pain-points/")
    found = list_queries.pain_point_for(request.viewer, pain_point_id)
    if found is None:
        raise Http404
    form = ResultForm(request.POST)
    if not form.is_valid():
        return _pain_points(request, place, scopes, status=422)

    def work() -> str:
        lists.end_pain_point(viewer=request.viewer, pain_point=found, result=form.cleaned_data["result"])
        return f"/p/{place.code}/pain-points/"

    try:
        return once_form(request, work)
    except lists.AlreadyEnded:
        return _pain_points(request, place, scopes, status=409)


@require_safe
def town_questions(request: Request) -> HttpResponse:
    """常问的事 of the whole town."""
    return place_questions(request, "")


@require_safe
def place_questions(request: Request, code: str) -> HttpResponse:
    place, scopes = _with_own(code)
    chosen = request.GET.get("category", "")
    rows, before = list_queries.questions(scope_ids=scopes, category=chosen, before=_before(request))
    return render(
        request,
        "affairs/lists/questions.html",
        {
            "place": place,
            "rows": rows,
            "before": before,
            "category": chosen,
            "categories": [category for category, _below in queries.categories()],
            "ours": {post.body_id for post in request.viewer.posts if post.body_id in request.viewer.bodies},
            "once": once_key(),
        },
    )


@require_POST
def withdraw_question(request: Request, question_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/questions/")
    question = list_queries.question_by_id(question_id)
    if question is None:
        raise Http404

    def work() -> str:
        lists.withdraw_question(viewer=request.viewer, question=question)
        return f"/p/{question.scope.code}/questions/"

    return once_form(request, work)


@require_http_methods(["GET", "HEAD", "POST"])
def replies(request: Request) -> HttpResponse:
    """常用答复: kept for all who work the body's matters."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    ours = [post for post in request.viewer.posts if post.body_id in request.viewer.bodies]
    if not ours:
        raise actions.NotAllowed("reply")
    form = ReplyForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        body = body_by_code(form.cleaned_data["body"])
        if body is None:
            raise Http404

        def work() -> str:
            lists.keep_reply(viewer=request.viewer, body=body, title=form.cleaned_data["title"], text=form.cleaned_data["text"])
            return "/work/replies/"

        return once_form(request, work)
    return render(
        request,
        "affairs/lists/replies.html",
        {
            "rows": list_queries.replies_of(request.viewer),
            "ours": ours,
            "form": form,
            "typed": form.data if form is not None else {},
            "once": once_key(),
        },
        status=200 if form is None else 422,
    )


@require_POST
def drop_reply(request: Request, reply_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/work/replies/")
    reply = next((each for each in list_queries.replies_of(request.viewer) if each.pk == reply_id), None)
    if reply is None:
        raise Http404

    def work() -> str:
        lists.drop_reply(viewer=request.viewer, reply=reply)
        return "/work/replies/"

    return once_form(request, work)
