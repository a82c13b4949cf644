"""窗口登记: the counter of an office or a café, the slip, and coming back with number and PIN."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import actions, queries
from doorstep.affairs.actions import casework, counter
from doorstep.affairs.forms import AsideForm, ConfirmForm, CounterForm, NoteForm, PinForm, SayForm
from doorstep.affairs.models import CounterNote, Matter
from doorstep.affairs.permissions import may_use_counter
from doorstep.affairs.queries import counter as counter_queries
from doorstep.affairs.rules.matter_states import NotPossible
from doorstep.affairs.views.matters import refusal
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import HeldPost, Viewer
from doorstep.foundation.identity.actions import LockedOut
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.formats import span
from doorstep.foundation.ui.web import SeeOther, address_of, once_form, once_key, sign_in_first

PIN_OPEN = timedelta(minutes=30)


def _post(request: Request) -> HeldPost:
    """The post somebody works the counter by; 403 for who holds none."""
    post = request.viewer.acting_post
    if post is None or not may_use_counter(request.viewer):
        raise actions.NotAllowed("counter")
    return post


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: Request) -> HttpResponse:
    """Take down what somebody says: a matter with its slip, or in a busy hour one line with a queue number."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    post = _post(request)
    if request.method != "POST":
        return _desk(request, post)
    if request.POST.get("go") == "note":
        return _keep_note(request, post)
    return _take_down(request, post, None)


def _desk(
    request: Request,
    post: HeldPost,
    *,
    form: Any = None,
    note_form: Any = None,
    note: CounterNote | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    given = request.GET.get("note", "")
    kept = counter_queries.note_for(request.viewer, int(given)) if given.isdecimal() and len(given) < 18 else None
    typed: Any = request.POST if request.method == "POST" else {}
    if note is not None and form is None:
        typed = {"text": note.text, "name": note.name, "phone": note.phone}
    return render(
        request,
        "affairs/counter/desk.html",
        {
            "desk": counter_queries.counter_of(post),
            "scopes": queries.places_to_choose(),
            "categories": queries.categories(),
            "waiting": counter_queries.waiting_notes(request.viewer),
            "kept": kept,
            "note": note,
            "form": form,
            "note_form": note_form,
            "typed": typed,
            "problem": problem,
            "once": once_key(),
            "now": clock.now(),
        },
        status=status,
    )


def _keep_note(request: Request, post: HeldPost) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _desk(request, post, note_form=form, status=422)
    desk = counter_queries.counter_of(post)
    if desk is None:
        raise Http404

    def work() -> str:
        data = form.cleaned_data
        note = counter.keep_note(
            viewer=request.viewer, post=post, place=desk.place, text=data["note"], name=data["name"], phone=data["phone"]
        )
        return f"/counter/?note={note.pk}"

    return once_form(request, work)


def _take_down(request: Request, post: HeldPost, note: CounterNote | None) -> HttpResponse:
    form = CounterForm(request.POST)
    if not form.is_valid():
        return _desk(request, post, form=form, note=note, status=422)
    data = form.cleaned_data
    place, category = place_by_code(data["place"]), queries.category_by_code(data["category"])
    if place is None or category is None:
        form.add_error("place" if place is None else "category", _("没有找到，请再选一次。"))
        return _desk(request, post, form=form, note=note, status=422)
    spoken = counter.Spoken(
        name=data["name"],
        phone=data["phone"],
        text=data["text"],
        place=place,
        category=category,
        spot=data["spot"],
        is_public=not data["hidden"],
        is_shielded=data["shield"],
    )

    def work() -> str:
        if note is not None:
            matter = counter.enter_note(viewer=request.viewer, post=post, note=note, spoken=spoken)
        else:
            matter = counter.take_down(viewer=request.viewer, post=post, spoken=spoken, said_at=data["said_at"])
        return f"/counter/slip/{matter.number}"

    try:
        return once_form(request, work)
    except counter.NotThePast:
        form.add_error("said_at", _("这个时间还没到。补录写纸上记的时间，现说现记就空着。"))
        return _desk(request, post, form=form, note=note, status=422)
    except counter.NoteEnded as ended:
        return SeeOther(f"/m/{ended.matter.number}" if ended.matter else "/counter/")


@require_http_methods(["GET", "HEAD", "POST"])
def enter_note(request: Request, note_id: int) -> HttpResponse:
    """Enter a note of a busy hour: everything already written stands in the form."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    post = _post(request)
    note = counter_queries.note_for(request.viewer, note_id)
    if note is None:
        raise Http404
    if note.state != CounterNote.State.WAITING:
        return SeeOther(f"/m/{note.matter.number}" if note.matter else "/counter/")
    return _take_down(request, post, note) if request.method == "POST" else _desk(request, post, note=note)


@require_POST
def set_aside(request: Request, note_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/counter/")
    post = _post(request)
    note = counter_queries.note_for(request.viewer, note_id)
    if note is None:
        raise Http404
    form = AsideForm(request.POST)
    if not form.is_valid():
        return _desk(request, post, note=note, problem=_("写一句为什么不用登记。"), status=422)

    def work() -> str:
        counter.set_note_aside(viewer=request.viewer, post=post, note=note, why=form.cleaned_data["why"])
        return "/counter/"

    try:
        return once_form(request, work)
    except counter.NoteEnded:
        return SeeOther("/counter/")


# The slip


@require_safe
def slip(request: Request, number: str) -> HttpResponse:
    """The slip with number, QR and PIN, for whoever issued it; `?paper=a4` for an office printer, otherwise 80 mm."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    found = counter_queries.slip_for(request.viewer, number)
    if found is None:
        raise Http404
    response = render(
        request,
        "affairs/counter/slip.html",
        {
            "slip": found,
            "matter": found.matter,
            "url": request.build_absolute_uri(found.path),
            "a4": request.GET.get("paper") == "a4",
            "once": once_key(),
        },
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def renew(request: Request, number: str) -> HttpResponse:
    """A new PIN for a lost slip."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/m/{number}")
    matter = queries.matter_for(request.viewer, number)
    if matter is None:
        raise Http404

    def work() -> str:
        counter.renew_pin(viewer=request.viewer, matter=matter)
        return f"/counter/slip/{number}"

    return once_form(request, work)


# Back with number and PIN


def _reporter(request: Request, number: str) -> Viewer | None:
    """Who holds the slip, while the PIN that was typed is good."""
    until = request.session.get("pins", {}).get(number)
    if until is None or datetime.fromisoformat(until) <= clock.now():
        return None
    return counter_queries.reporter_by_pin(number)


@require_http_methods(["GET", "HEAD", "POST"])
def by_pin(request: Request, number: str) -> HttpResponse:
    """A slip's matter: first the PIN, then what its reporter sees. The question for the PIN is the same whatever the number."""
    reporter = _reporter(request, number)
    if request.method != "POST":
        return _opened(request, number, reporter) if reporter is not None else _ask_pin(request, number)
    form = PinForm(request.POST)
    if not form.is_valid():
        return _ask_pin(request, number, problem=str(form.errors["pin"][0]), status=422)
    try:
        counter.use_pin(number=number, pin=form.cleaned_data["pin"], address=address_of(request))
    except counter.WrongPin:
        return _ask_pin(request, number, problem=_("号和密码对不上。请照小票再看一遍。"), status=422)
    except LockedOut as locked:
        wait = span(locked.until - clock.now(), english=request.LANGUAGE_CODE.startswith("en"))
        return _ask_pin(request, number, problem=_("试得太多了，%(wait)s后再来。也可以到窗口请人帮您看。") % {"wait": wait}, status=429)
    request.session["pins"] = {**request.session.get("pins", {}), number: (clock.now() + PIN_OPEN).isoformat()}
    return SeeOther(f"/m/{number}/pin")


def _ask_pin(request: Request, number: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    return render(request, "affairs/counter/pin.html", {"number": number[:40], "problem": problem}, status=status)


def _opened(
    request: Request, number: str, reporter: Viewer, *, form: Any = None, form_name: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    found = queries.thread_for(reporter, number)
    if found is None:
        raise Http404
    response = render(
        request,
        "affairs/counter/opened.html",
        {
            "thread": found,
            "matter": found.matter,
            "reporter": reporter,
            "can": {verb.value for verb in found.possible},
            "form": form,
            "form_name": form_name,
            "typed": form.data if form is not None else {},
            "problem": problem,
            "once": once_key(),
            "now": clock.now(),
        },
        status=status,
    )
    response["Cache-Control"] = "private, no-store"
    return response


SAYINGS: dict[str, tuple[Any, Callable[..., object]]] = {
    "confirm": (ConfirmForm, actions.confirm_done),
    "dispute": (SayForm, actions.dispute_done),
    "add": (SayForm, actions.add_to_matter),
    "reopen": (SayForm, actions.reopen_matter),
}


@require_POST
def say_by_pin(request: Request, number: str, what: str) -> HttpResponse:
    """What the holder of a slip says: done or not done, something added, open it again, or hurry."""
    if what not in SAYINGS and what != "urge":
        raise Http404
    reporter = _reporter(request, number)
    if reporter is None:
        return SeeOther(f"/m/{number[:40]}/pin")
    matter = queries.matter_for(reporter, number)
    if matter is None:
        raise Http404
    form = SAYINGS[what][0](request.POST) if what in SAYINGS else ConfirmForm(request.POST)
    if not form.is_valid():
        return _opened(request, number, reporter, form=form, form_name=what, status=422)

    def work() -> str:
        _say(reporter, matter, what, form.cleaned_data["text"])
        return f"/m/{number}/pin"

    try:
        return once_form(request, work)
    except NotPossible:
        return _opened(
            request, number, reporter, form=form, form_name=what, problem=_("这件事刚刚变了，请看看现在的情形再说。"), status=409
        )
    except casework.UrgedAlready as early:
        return _opened(request, number, reporter, problem=refusal(early)[0], status=409)


def _say(reporter: Viewer, matter: Matter, what: str, text: str) -> None:
    if what == "urge":
        casework.urge_matter(viewer=reporter, matter=matter, channel="pin")
    else:
        SAYINGS[what][1](viewer=reporter, matter=matter, text=text, channel="pin")
