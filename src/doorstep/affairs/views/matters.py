"""Pages of matters: parse, one action or query, render."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import actions, queries
from doorstep.affairs.actions import casework, merging, neighbours
from doorstep.affairs.forms import AnswerForm, ConfirmForm, RouteForm, SayForm, WhatForm, WhereForm
from doorstep.affairs.models import Category, Draft, Matter, Transfer
from doorstep.affairs.permissions import may_renew_pin
from doorstep.affairs.queries.counter import has_pin
from doorstep.affairs.queries.lists import replies_of, solved_like
from doorstep.affairs.queries.neighbours import help_for
from doorstep.affairs.queries.similar import Alike, answers_to, similar_to
from doorstep.affairs.queries.votes import votes_of_matter
from doorstep.affairs.rules.matter_states import WITH_BODY, NotPossible, Role, Verb
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.files.actions import NOT_KEPT, keep_upload
from doorstep.foundation.files.images import PhotoTooLarge
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.files.scans import NotAScan, ScanActs, ScanTooLarge
from doorstep.foundation.files.voices import NotAVoice, VoiceTooLong
from doorstep.foundation.identity import actions as identity
from doorstep.foundation.identity.forms import CodeForm, WhoForm, code_problem, several_of_that_name
from doorstep.foundation.identity.senders import SendingFailed
from doorstep.foundation.identity.views import sign_in
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.notify.queries import follows
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children, place_by_code, scope_of, town
from doorstep.foundation.ui.web import SeeOther, address_of, once_form, once_key, sign_in_first, typed_before, with_version
from doorstep.organisations.queries import bodies_serving, body_by_code

DRAFT_COOKIE = "draft"
DRAFT_AGE = 60 * 60 * 24 * actions.DRAFT_DAYS
SHORTEST_COMPARED = 4


# Lists


@require_safe
def town_list(request: Request) -> HttpResponse:
    """大家的事: public matters of the whole town."""
    return _list(request, None)


@require_safe
def place_list(request: Request, code: str) -> HttpResponse:
    """大家的事 of one place."""
    place = place_by_code(code)
    if place is None:
        raise Http404
    return _list(request, place)


def _list(request: Request, place: Any) -> HttpResponse:
    shown = place or town()
    if shown is None:
        raise Http404
    whole_town = shown.kind == "town"

    def make() -> HttpResponse:
        group = request.GET.get("state", "")
        chosen = request.GET.get("category", "")
        buildings = children(shown, "building") if shown.kind == "estate" else []
        building = next((each for each in buildings if each.code == request.GET.get("building", "")), None)
        within = building or shown
        scopes = queries.scopes_of(within)
        page = queries.matters_at(request.viewer, place=within, scope_ids=scopes, group=group, category=chosen, before=_cursor(request))
        kept = {"state": group, "category": chosen, "building": building.code if building else ""}
        counts = queries.counts_in(within, scopes)
        groups = {name: sum(counts.get(state, 0) for state in states) for name, states in queries.GROUPS.items()}
        said_done = groups["confirmed"] + groups["unconfirmed"] + groups["asking"]
        return render(
            request,
            "affairs/list.html",
            {
                "place": shown,
                "whole_town": whole_town,
                "page": page,
                "groups": groups,
                "group": group if group in queries.GROUPS else "",
                "category": chosen,
                "building": building,
                "buildings": buildings,
                "query": urlencode({name: value for name, value in kept.items() if value}),
                "beside_state": urlencode({name: value for name, value in kept.items() if value and name != "state"}),
                "categories": queries.top_categories(),
                "said_done": said_done,
                "now": clock.now(),
            },
        )

    return with_version(request, lambda: f"matters {page_version(lineage=queries.lineage_of_list(shown))} {clock.today()}", make)


def _cursor(request: Request) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 18 else None


@require_safe
def mine(request: Request) -> HttpResponse:
    """我的事."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    page, waiting = queries.mine(request.viewer, before=_cursor(request)), queries.waiting_for(request.viewer)
    rest = [matter for matter in page.items if matter not in waiting]
    return render(request, "affairs/mine.html", {"page": page, "rest": rest, "waiting": waiting, "once": once_key(), "now": clock.now()})


# The thread


@require_safe
def thread(request: Request, number: str) -> HttpResponse:
    return _thread(request, number)


def _thread(request: Request, number: str, *, form: Any = None, form_name: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    found = queries.thread_for(request.viewer, number)
    if found is None:
        raise Http404
    path = f"/m/{number}"
    typed = typed_before(request, path)
    return render(
        request,
        "affairs/thread.html",
        {
            **beside(request, found),
            "thread": found,
            "matter": found.matter,
            "can": {verb.value for verb in found.possible},
            "form": form,
            "form_name": form_name or typed.get("form", ""),
            "typed": form.data if form is not None else typed,
            "from": request.POST.get("from", ""),
            "problem": problem,
            "once": once_key(),
            "now": clock.now(),
            "thread_url": request.build_absolute_uri(path),
            "after_photos": found.after_photos,
            "votes": votes_of_matter(request.viewer, found.matter),
            "followed": follows(request.viewer, kind="matter", subject=number),
            "bodies": bodies_serving(found.matter.place) if Verb.ROUTE in found.possible else [],
        },
        status=status,
    )


def act(request: Request, number: str, form: Any, name: str, do: Callable[[Matter, dict[str, Any]], object]) -> HttpResponse:
    """One form of the thread: who is not signed in keeps what they typed, who may not know gets 404, who may not do it gets 403."""
    here = f"/m/{number}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    matter = queries.matter_for(request.viewer, number)
    if matter is None:
        raise Http404
    if not form.is_valid():
        return _thread(request, number, form=form, form_name=name, status=422)
    back = "/work/" if request.POST.get("from") == "work" else here

    def work() -> str:
        do(matter, form.cleaned_data)
        return back

    try:
        return once_form(request, work)
    except REFUSALS as error:
        problem, status = refusal(error)
        return _thread(request, number, form=form, form_name=name, problem=problem, status=status)
    except (*NOT_KEPT, actions.TooManyPhotos) as error:
        return _thread(request, number, form=form, form_name=name, problem=photo_problem(error), status=422)


REFUSALS = (
    NotPossible,
    actions.DateHasPassed,
    actions.OthersConcerned,
    casework.NotYetThere,
    casework.TakenByAnother,
    casework.UrgedAlready,
    merging.CannotMerge,
    neighbours.AlreadyOffered,
)


def refusal(error: Exception) -> tuple[str, int]:
    """What to tell somebody whose step was refused, and the status."""
    if isinstance(error, actions.DateHasPassed):
        return _("答应的日子已经过了，请选今天或以后的一天。"), 422
    if isinstance(error, casework.NotYetThere):
        return _("登记的日子还没到，请看看是不是写错了。"), 422
    if isinstance(error, casework.UrgedAlready):
        local = error.again_at.astimezone(clock.TOWN_ZONE)
        return _("已经催过了，%(month)d 月 %(day)d 日以后可以再催。") % {"month": local.month, "day": local.day}, 409
    if isinstance(error, casework.TakenByAnother):
        return _("同事已经接着办了。要换人，请先放回去。"), 409
    if isinstance(error, actions.OthersConcerned):
        return _("还有别的住户也说了这件事，不能替大家撤回或转走。"), 409
    if isinstance(error, neighbours.AlreadyOffered):
        return _("您说过愿意帮了，等对方回话。"), 409
    if isinstance(error, merging.CannotMerge):
        return {
            "itself": _("不能并到自己。"),
            "unknown": _("没有找到这个号。"),
            "ended": _("那件事已经办完或并走了，请看它现在在哪里。"),
            "restricted": _("这两件事不能并：有一件只给当事人看。"),
        }[error.why], 409
    return _("这件事刚刚变了，请看看现在的情形再说。您写的还在下面。"), 409


def beside(request: Request, found: queries.Thread) -> dict[str, Any]:
    """What stands beside a thread for this viewer: neighbours' offers, what may be the same, how others solved it, replies, places."""
    matter = found.matter
    handles = Role.HANDLER in found.roles
    reply = request.GET.get("reply", "")
    replies = replies_of(request.viewer) if Verb.ANSWER in found.possible else []
    return {
        "help": help_for(request.viewer, matter),
        "handles": handles,
        "has_pin": not handles and has_pin(matter),
        "may_renew": (handles or matter.category.is_neighbourly) and has_pin(matter) and may_renew_pin(request.viewer, matter),
        "alike": similar_to(request.viewer, text=f"{matter.title}\n{matter.text}", place=matter.place, category=matter.category, but=matter)
        if handles and Verb.MERGE in found.possible
        else [],
        "solved": solved_like(matter) if handles and matter.state in WITH_BODY else [],
        "replies": replies,
        "reply_text": next((each.text for each in replies if str(each.pk) == reply), ""),
        "places": queries.places_to_choose() if handles and Verb.MOVE in found.possible else [],
        "spots": queries.spots_in(matter.scope) if handles and Verb.MOVE in found.possible else [],
        "choices": CHOICES,
    }


CHOICES = {
    "severity": Matter.Severity.choices,
    "pressing": Matter.Pressing.choices,
    "level": Matter.Level.choices,
    "relation": Matter.Relation.choices,
    "cause": Matter.Cause.choices,
    "to": Transfer.To.choices,
}


def axis_name(axis: str) -> str:
    """By what matters are told apart, in words."""
    return {
        "level": _("哪一级的事"),
        "relation": _("谁和谁的事"),
        "cause": _("根子是哪一种"),
        "pressing": _("急难愁盼"),
    }[axis]


def photo_problem(error: Exception, name: str = "") -> str:
    """What to tell somebody whose picture was not taken."""
    called = f"“{name}”" if name else _("这个文件")
    if isinstance(error, PhotoTooLarge):
        return _("%(name)s太大了。请拍一张小一点的，或少于 15 MB。") % {"name": called}
    if isinstance(error, actions.TooManyPhotos):
        return _("一件事最多 9 张照片。")
    if isinstance(error, ScanTooLarge):
        return _("%(name)s太大了。扫描件最多 60 页、20 MB。") % {"name": called}
    if isinstance(error, ScanActs):
        return _("%(name)s里有会运行的东西或夹带的文件，没有收下。请用扫描或打印出来的 PDF。") % {"name": called}
    if isinstance(error, NotAScan):
        return _("%(name)s打不开，或上了锁，没有收下。") % {"name": called}
    if isinstance(error, VoiceTooLong):
        return _("%(name)s太长了。一段话最多 60 秒，可以分几段说。") % {"name": called}
    if isinstance(error, NotAVoice):
        return _("%(name)s不是录音，没有收下。") % {"name": called}
    return _("%(name)s不是照片，没有收下。可以用 JPG、PNG 或 WebP。") % {"name": called}


def _photos(request: Request, matter: Matter) -> list[StoredFile]:
    files = request.FILES.getlist("photos")
    if len(files) > actions.MOST_PHOTOS:
        raise actions.TooManyPhotos(len(files))
    return [
        keep_upload(data=file.read(), audience=actions.audience_of(matter), uploaded_by_id=request.viewer.person_id)
        for file in files
        if file.size
    ]


@require_POST
def answer(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        AnswerForm(request.POST),
        "answer",
        lambda matter, data: actions.answer_matter(
            viewer=request.viewer, matter=matter, text=data["text"], promised_on=data["promised_on"], photos=_photos(request, matter)
        ),
    )


@require_POST
def done(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "done",
        lambda matter, data: actions.report_done(viewer=request.viewer, matter=matter, text=data["text"], photos=_photos(request, matter)),
    )


@require_POST
def cannot(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "cannot",
        lambda matter, data: actions.cannot_be_done(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def confirm(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        ConfirmForm(request.POST),
        "confirm",
        lambda matter, data: actions.confirm_done(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def dispute(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "dispute",
        lambda matter, data: actions.dispute_done(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def reopen(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "reopen",
        lambda matter, data: actions.reopen_matter(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def add(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "add",
        lambda matter, data: actions.add_to_matter(
            viewer=request.viewer, matter=matter, text=data["text"], photos=_photos(request, matter)
        ),
    )


@require_POST
def note(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        SayForm(request.POST),
        "note",
        lambda matter, data: actions.note_inside(viewer=request.viewer, matter=matter, text=data["text"]),
    )


@require_POST
def withdraw(request: Request, number: str) -> HttpResponse:
    return act(
        request,
        number,
        ConfirmForm(request.POST),
        "withdraw",
        lambda matter, data: actions.withdraw_matter(viewer=request.viewer, matter=matter),
    )


@require_POST
def assign(request: Request, number: str) -> HttpResponse:
    def do(matter: Matter, data: dict[str, Any]) -> None:
        body = body_by_code(data["body"])
        if body is None or body not in bodies_serving(matter.place):
            raise Http404
        actions.route_matter(viewer=request.viewer, matter=matter, body=body)

    return act(request, number, RouteForm(request.POST), "route", do)


# The workbench


@require_safe
def work(request: Request, number: str = "") -> HttpResponse:
    """要办的事: the queue of the bodies one works for, by time left, with one matter open beside it."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not request.viewer.bodies:
        raise actions.NotAllowed("work")
    now = clock.now()
    local = now.astimezone(clock.TOWN_ZONE)
    end_of_today = datetime.combine(local.date(), time(23, 59, 59), clock.TOWN_ZONE)
    kinds = {axis: given for axis in queries.AXES if (given := request.GET.get(axis, "")) in {queries.UNSORTED, *dict(CHOICES[axis])}}
    bench = queries.workbench(
        request.viewer,
        now=now,
        end_of_today=end_of_today,
        end_of_week=end_of_today + timedelta(days=6 - local.weekday()),
        pages=_pages(request),
        kinds=kinds,
    )
    chosen = number or next((matter.number for matter in (*bench.due, *bench.unrouted, *bench.waiting)), "")
    found = queries.thread_for(request.viewer, chosen) if chosen else None
    if number and found is None:
        raise Http404
    return render(
        request,
        "affairs/work.html",
        {
            **(beside(request, found) if found else {}),
            "bench": bench,
            "axes": [(axis, axis_name(axis), CHOICES[axis], kinds.get(axis, "")) for axis in queries.AXES],
            "kinds": urlencode(kinds),
            "choices": CHOICES,
            "thread": found,
            "matter": found.matter if found else None,
            "can": {verb.value for verb in found.possible} if found else set(),
            "picked": bool(number),
            "once": once_key(),
            "now": now,
            "bodies": bodies_serving(found.matter.place) if found and Verb.ROUTE in found.possible else [],
        },
    )


def _pages(request: Request) -> dict[str, int]:
    """Which page of each part of the queue is asked for."""
    given = {part: request.GET.get(part, "") for part in ("due", "waiting", "unrouted")}
    return {part: int(page) for part, page in given.items() if page.isdecimal() and len(page) < 7}


# Raising: three steps, a draft that survives, no login until the last


def _draft(request: Request) -> Draft | None:
    draft = queries.draft_of(request.COOKIES.get(DRAFT_COOKIE, ""))
    return draft if draft is not None and not draft.number else None


def _with_draft(response: HttpResponse, draft: Draft) -> HttpResponse:
    response.set_cookie(DRAFT_COOKIE, draft.token, max_age=DRAFT_AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_safe
def raise_begin(request: Request) -> HttpResponse:
    """Begin, or go on where one stopped. `?place=` comes from the QR code on the lift door."""
    draft = _draft(request)
    code = request.GET.get("place", "")
    if code and place_by_code(code) is not None:
        draft = draft or actions.open_draft()
        actions.keep_draft(draft=draft, place=code, scanned=code)
    response = SeeOther("/raise/what")
    return _with_draft(response, draft) if draft is not None else response


@require_http_methods(["GET", "HEAD", "POST"])
def raise_what(request: Request) -> HttpResponse:
    """Step 1: what happened, and photos."""
    draft = _draft(request)
    if request.method != "POST":
        return render(request, "affairs/raise_what.html", _what_context(draft, None, []))
    draft = draft or actions.open_draft()
    typed = request.POST.get("text", "")
    actions.keep_draft(draft=draft, text=typed.replace("\x00", ""))
    problems = []
    for file in request.FILES.getlist("photos"):
        if not file.size:
            continue
        try:
            actions.add_draft_photo(draft=draft, data=file.read())
        except (*NOT_KEPT, actions.TooManyPhotos) as error:
            problems.append(photo_problem(error, str(file.name)))
    removed = request.POST.get("remove", "")
    if removed.isdecimal():
        actions.remove_draft_photo(draft=draft, photo_id=int(removed))
    form = WhatForm(request.POST)
    step_on = request.POST.get("go", "next")
    if step_on == "save":
        return _with_draft(SeeOther("/raise/saved"), draft)
    if problems or (step_on == "next" and not form.is_valid()):
        return _with_draft(
            render(request, "affairs/raise_what.html", _what_context(draft, form if step_on == "next" else None, problems), status=422),
            draft,
        )
    return _with_draft(SeeOther("/raise/where" if step_on == "next" else "/raise/what"), draft)


def _what_context(draft: Draft | None, form: Any, problems: list[str]) -> dict[str, Any]:
    return {
        "step": 1,
        "draft": draft,
        "photos": list(draft.photos.select_related("file").order_by("id")) if draft else [],
        "text": draft.fields.get("text", "") if draft else "",
        "form": form,
        "problems": problems,
        "most_photos": actions.MOST_PHOTOS,
        "longest": actions.LONGEST_TEXT,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def raise_where(request: Request) -> HttpResponse:
    """Step 2: where, what kind, who may see it, for whom."""
    draft = _draft(request)
    if draft is None or not draft.fields.get("text", "").strip():
        return SeeOther("/raise/what")
    form = None
    if request.method == "POST":
        form = WhereForm(request.POST)
        names = ("place", "category", "spot", "see", "shield", "behalf", "behalf_name")
        actions.keep_draft(draft=draft, **{name: request.POST.get(name, "")[:200].replace("\x00", "") for name in names})
        if request.POST.get("go") == "save":
            return _with_draft(SeeOther("/raise/saved"), draft)
        if form.is_valid():
            if place_by_code(form.cleaned_data["place"]) is None:
                form.add_error("place", _("没有找到这个地方，请再选一次。"))
            elif queries.category_by_code(form.cleaned_data["category"]) is None:
                form.add_error("category", _("没有这一类，请再选一次。"))
            else:
                return _with_draft(SeeOther("/raise/send"), draft)
    kept = draft.fields
    here = place_by_code(kept.get("place", "")) or town()
    scope = scope_of(here) if here else None
    return _with_draft(
        render(
            request,
            "affairs/raise_where.html",
            {
                "step": 2,
                "draft": draft,
                "kept": kept,
                "form": form,
                "scanned": place_by_code(kept.get("scanned", "")),
                "scope": scope,
                "here": here,
                "spots": children(scope) if scope else [],
                "scopes": queries.places_to_choose(),
                "categories": queries.categories(),
                "alike": similar_to(request.viewer, text=kept["text"], place=here),
                "answered": answers_to(text=kept["text"], place=here),
            },
            status=422 if form is not None and form.errors else 200,
        ),
        draft,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def raise_send(request: Request) -> HttpResponse:
    """Step 3: read it over, say who you are by phone and code, hand it over."""
    token = request.COOKIES.get(DRAFT_COOKIE, "")
    draft = queries.draft_of(token)
    if draft is not None and draft.number:
        return SeeOther(f"/raise/done/{draft.number}")
    if draft is None or not draft.fields.get("text", "").strip():
        return SeeOther("/raise/what")
    form = WhereForm(draft.fields)
    place = place_by_code(draft.fields.get("place", ""))
    category = queries.category_by_code(draft.fields.get("category", ""))
    if not form.is_valid() or place is None or category is None:
        return SeeOther("/raise/where")
    if request.method == "POST" and request.POST.get("go") == "save":
        return SeeOther("/raise/saved")
    if request.method == "POST":
        actions.keep_draft(draft=draft, same_as=_same_as(request, draft, place, category))
    try:
        if request.method == "POST" and request.viewer.signed_in:
            matter = actions.send_draft(draft=draft, by=actor_of(request.viewer), place=place, category=category)
            return SeeOther(f"/raise/done/{matter.number}")
        return _send_unknown(request, draft, place, category)
    except actions.TextTooLong:
        return SeeOther("/raise/what")


def _alike(request: Request, draft: Draft, place: Place, category: Category) -> list[Alike]:
    if category.is_restricted or category.is_neighbourly:
        return []
    return similar_to(request.viewer, text=draft.fields["text"], place=place, category=category)


def _same_as(request: Request, draft: Draft, place: Place, category: Category) -> str:
    """Which of the matters that were shown is the same, as the reporter says."""
    chosen = request.POST.get("same_as", "")
    return chosen if chosen and any(each.matter.number == chosen for each in _alike(request, draft, place, category)) else ""


def _send_unknown(request: Request, draft: Draft, place: Place, category: Category) -> HttpResponse:
    """The last step as a page; and handing over a draft of somebody who is not signed in: first the phone, then the code, then the matter
    and the login together."""
    context: dict[str, Any] = {
        "step": 3,
        "draft": draft,
        "kept": draft.fields,
        "place": place,
        "category": category,
        "photos": list(draft.photos.select_related("file").order_by("id")),
        "outlook": queries.outlook(place=place, category=category, at=clock.now()),
        "restricted": category.is_restricted or draft.fields.get("see") == "handlers",
        "alike": _alike(request, draft, place, category),
        "answered": answers_to(text=draft.fields["text"], place=place),
        "same_as": draft.fields.get("same_as", ""),
        "who": None,
        "code": None,
        "problem": "",
        "code_sent": bool(draft.fields.get("phone")) and draft.fields.get("code_sent_to") == draft.fields["phone"],
        "typed": {name: draft.fields.get(name, "") for name in ("name", "phone")},
    }
    if request.method != "POST":
        return render(request, "affairs/raise_send.html", context)
    who = WhoForm(request.POST)
    typed = {name: request.POST.get(name, "")[:60].replace("\x00", "") for name in ("name", "phone")}
    actions.keep_draft(draft=draft, **typed)
    context.update(who=who, typed=typed)
    address = address_of(request)

    def again(problem: str = "", status: int = 422) -> HttpResponse:
        context["problem"] = problem
        return render(request, "affairs/raise_send.html", context, status=status)

    if not who.is_valid():
        return again()
    phone, name = who.cleaned_data["phone"], who.cleaned_data["name"]
    if request.POST.get("go") == "code":
        try:
            identity.send_code(phone=phone)
        except (identity.TooSoon, identity.TooManyCodes, identity.LockedOut, SendingFailed) as error:
            context["code_sent"] = isinstance(error, identity.TooSoon)
            return again(code_problem(error), 503 if isinstance(error, SendingFailed) else 429)
        # Back to the page itself, so that the browser's own back button never asks to send a form anew.
        actions.keep_draft(draft=draft, code_sent_to=typed["phone"])
        return SeeOther("/raise/send")
    context["code_sent"] = True
    code = CodeForm(request.POST)
    context["code"] = code
    if not code.is_valid():
        return again()
    try:
        matter, account = actions.send_draft_with_code(
            draft=draft, phone=phone, name=name, code=code.cleaned_data["code"].strip(), address=address, place=place, category=category
        )
    except (identity.WrongCode, identity.CodeExpired, identity.LockedOut) as error:
        return again(code_problem(error), 429 if isinstance(error, identity.LockedOut) else 422)
    except (identity.ProofNeeded, identity.PasswordNeeded):
        # The code is not used up. Who they are takes another question, which the login asks; the draft waits meanwhile.
        context["sign_in"] = True
        return again(several_of_that_name(name))
    if account is not None:
        sign_in(request, account)
    return SeeOther(f"/raise/done/{matter.number}")


@require_POST
def raise_alike(request: Request) -> HttpResponse:
    """The part with similar matters and answers there are, for a text that is being typed, here or at the counter. Sent in the body: what people write is in no address and no log."""
    text = request.POST.get("text", "")[: actions.LONGEST_TEXT].replace("\x00", "")
    draft = _draft(request)
    given = request.POST.get("place", "")[:60].replace("\x00", "") or (draft.fields.get("place", "") if draft is not None else "")
    place = place_by_code(given)
    compared = len(text.strip()) >= SHORTEST_COMPARED
    alike = similar_to(request.viewer, text=text, place=place) if compared else []
    answered = answers_to(text=text, place=place) if compared else []
    return render(
        request,
        "affairs/_alike.html",
        {"alike": alike, "answered": answered, "at_counter": request.POST.get("at") == "counter", "now": clock.now()},
    )


@require_safe
def raise_saved(request: Request) -> HttpResponse:
    """先存着: where it is kept and how to come back."""
    return render(request, "affairs/raise_saved.html", {"draft": _draft(request), "days": actions.DRAFT_DAYS})


@require_POST
def raise_drop(request: Request) -> HttpResponse:
    """Throw the draft away."""
    draft = _draft(request)
    if draft is not None:
        actions.drop_draft(draft=draft)
    response = SeeOther("/")
    response.delete_cookie(DRAFT_COOKIE)
    return response


@require_safe
def raise_done(request: Request, number: str) -> HttpResponse:
    """The receipt with the number. Only for whoever sent it: others have the thread."""
    draft = queries.draft_of(request.COOKIES.get(DRAFT_COOKIE, ""))
    matter = queries.matter_for(request.viewer, number)
    sent_here = draft is not None and draft.number == number
    if matter is None and sent_here:
        matter = Matter.objects.select_related("place", "scope", "category__parent", "body", "overdue_body", "reporter", "entered_by").get(
            number=number
        )
    if matter is None or not (sent_here or request.viewer.person_id in (matter.reporter_id, matter.entered_by_id)):
        raise Http404
    return render(
        request, "affairs/raise_done.html", {"matter": matter, "url": request.build_absolute_uri(f"/m/{number}"), "now": clock.now()}
    )


@require_safe
def draft_photo(request: Request, photo_id: int) -> HttpResponseBase:
    """A photo of one's own draft."""
    draft = _draft(request)
    photo = draft.photos.select_related("file").filter(pk=photo_id).first() if draft is not None else None
    if photo is None or not photo.file.thumbnail_path:
        raise Http404
    response = FileResponse(default_storage.open(photo.file.thumbnail_path), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response
