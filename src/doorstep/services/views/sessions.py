"""A session: its page, coming, checking in, the list at the door, what was said."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs.queries import category_by_code, top_categories
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.queries import check_in_code, sign_up_for
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import below, place_by_code
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first, typed_before
from doorstep.services import actions, queries
from doorstep.services.codes import roles
from doorstep.services.forms import CancelForm, JoinForm, PaperConsentForm, PointForm, RaiseForm, ReadingForm, SayForm, UploadForm
from doorstep.services.permissions import works_for
from doorstep.services.views.catalogue import licence_problem

CALLED_OFF = "called_off"
MOST_SPOTS = 200


def found_or_404(request: Request, code: str) -> queries.Session:
    found = queries.session_for(request.viewer, code)
    if found is None:
        raise Http404
    return found


@require_safe
def session(request: Request, code: str) -> HttpResponse:
    return _session(request, code)


def _session(request: Request, code: str, *, form: Any = None, problem: str = "", status: int = 200) -> HttpResponse:
    found = found_or_404(request, code)
    path = f"/sessions/{code}"
    typed = typed_before(request, path)
    shown = found.detail.shown
    listens = found.service.sort.forum and found.detail.runs
    context = {
        "found": found,
        "occasion": found.occasion,
        "service": found.service,
        "place": found.occasion.place,
        "visitors": [each for each in shown.roles if not roles()[each.role].team] if shown.roles else [],
        "team_places": [(roles()[each.role], each) for each in shown.roles if roles()[each.role].team],
        "my_role": roles().get(found.mine.role) if found.mine else None,
        "as_role": roles()[actions.visitor_role(request.viewer, found.occasion)],
        "points": queries.points_of(request.viewer, found.occasion) if found.service.sort.forum else [],
        "opinions": queries.opinions_of(request.viewer, found.occasion) if found.detail.runs else [],
        "categories": top_categories() if listens else [],
        "speakers": queries.speakers_of(request.viewer, found.occasion) if listens else [],
        "spots": _spots(found.service.place) if listens else [],
        "form": form,
        "typed": form.data if form is not None and not isinstance(form, PointForm) else typed,
        "noted": form.data if isinstance(form, PointForm) else {},
        "problem": problem,
        "once": once_key(),
        "now": clock.now(),
    }
    return render(request, "services/session.html", context, status=status)


def _spots(place: Place) -> list[Place]:
    """Where something said may lie: the place the service is for, first, and what is in it."""
    return [place, *below(place).exclude(pk=place.pk).order_by("lineage")[:MOST_SPOTS]]


def _refusal(error: Exception) -> str:
    """What to tell somebody whom an action refused."""
    if isinstance(error, actions.LicenceMissing):
        return licence_problem(error)
    said = {
        occasions.IsCancelled: _("这一场不办了。"),
        occasions.HasBegun: _("已经开始了，直接到现场吧，门口可以签到。"),
        occasions.UnknownRole: _("这一场没有这个位置。"),
        occasions.AlreadySignedUp: _("已经报过名了。"),
        occasions.PersonBusy: _("同一个时间，您已经报了另一场。先取消那一场，再报这一场。"),
        occasions.AgeMissing: _("这是给孩子的活动，请写孩子几岁。"),
        occasions.GuardianMissing: _("14 岁以下要家长同意。请家长用自己的账号给孩子报，并勾上“我是家长，我同意”。"),
        occasions.NotOffered: _("现在没有留给您的名额。"),
        occasions.HoldOver: _("留名额的时间过了，给了下一位。您可以重新排队。"),
        occasions.NotSignedUp: _("这个报名已经取消了。"),
        occasions.NotCheckedIn: _("还没签到。先点“我到了”。"),
        occasions.Full: _("人满了。请找现场的人，他们看得到还有没有位置。"),
        occasions.NotYet: _("还没到签到的时候。"),
        actions.ServiceClosed: _("这项服务暂时停了，先不报名。开了会写在这里。"),
        actions.AliasNotOffered: _("这一场要用真名报。"),
        actions.NotThere: _("来过的人才能说办得怎么样。"),
        actions.NotYetHeld: _("还没办，办完再说。"),
        actions.SaidAlready: _("您已经说过了，谢谢。"),
        actions.NoConsent: _("这位没有同意留血压。量可以照量，不记。"),
        actions.WitnessMissing: _("要写见证人，和纸放在哪里。"),
        actions.NotAReading: _("这不像一次血压，请看看数字。"),
        actions.RaisedAlready: _("这句话已经转成一件事了。"),
        actions.NameMissing: _("电话有了，还要写名字：一家人常合用一个电话。"),
    }
    if isinstance(error, occasions.CheckInRefused):
        return {
            "too_early": _("还没到签到的时候。"),
            "too_late": _("签到的时间过了，请找办活动的人补记。"),
            "wrong_code": _("这个码不是今天的。请扫门口贴的那张。"),
        }[error.reason]
    return said[type(error)]


REFUSALS = (
    actions.LicenceMissing, actions.ServiceClosed, actions.AliasNotOffered, actions.NotThere, actions.NotYetHeld, actions.SaidAlready, actions.NoConsent,
    actions.NotAReading, actions.WitnessMissing, actions.RaisedAlready, actions.NameMissing, occasions.IsCancelled, occasions.HasBegun, occasions.UnknownRole, occasions.AlreadySignedUp,
    occasions.PersonBusy, occasions.AgeMissing, occasions.GuardianMissing, occasions.NotOffered, occasions.HoldOver, occasions.NotSignedUp,
    occasions.Full, occasions.NotCheckedIn, occasions.NotYet, occasions.CheckInRefused,
)  # fmt: skip


def _act(request: Request, code: str, form: Any, do: Callable[[queries.Session, dict[str, Any]], object], back: str = "") -> HttpResponse:
    """One form of a session: who may not know gets 404, who is not signed in keeps what they typed, who may not do it 403."""
    found = found_or_404(request, code)
    here = f"/sessions/{code}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    if form is not None and not form.is_valid():
        return _session(request, code, form=form, problem=next(iter(form.errors.values()))[0], status=422)

    def work() -> str:
        do(found, form.cleaned_data if form is not None else {})
        return f"{here}{back}"

    try:
        return once_form(request, work)
    except REFUSALS as error:
        return _session(request, code, form=form, problem=_refusal(error), status=409)
    except occasions.NotAllowed as error:
        raise actions.NotAllowed(code) from error


@require_POST
def join(request: Request, code: str) -> HttpResponse:
    """Sign up oneself, somebody else by name, or a child."""

    def do(found: queries.Session, data: dict[str, Any]) -> None:
        actions.join(
            viewer=request.viewer,
            occasion=found.occasion,
            role=data["role"],
            name=data["name"],
            phone=data["phone"],
            alias=data["alias"],
            age=data["age"],
            guardian_id=request.viewer.person_id if data["guardian"] else None,
        )

    return _act(request, code, JoinForm(request.POST), do)


def _sign_up(request: Request, code: str) -> Any:
    given = request.POST.get("sign_up", "")
    sign_up = sign_up_for(request.viewer, int(given)) if given.isdecimal() and len(given) < 18 else None
    if sign_up is None or sign_up.occasion.code != code:
        raise Http404
    return sign_up


@require_POST
def leave(request: Request, code: str) -> HttpResponse:
    return _act(request, code, None, lambda _found, _data: occasions.cancel_sign_up(viewer=request.viewer, sign_up=_sign_up(request, code)))


@require_POST
def accept(request: Request, code: str) -> HttpResponse:
    return _act(request, code, None, lambda _found, _data: actions.accept(viewer=request.viewer, sign_up=_sign_up(request, code)))


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: Request, code: str) -> HttpResponse:
    """Where the QR at the door leads: one button, "I am here"."""
    found = found_or_404(request, code)
    nonce = request.POST.get("c", "") or request.GET.get("c", "")
    if request.method == "POST":
        if not request.viewer.signed_in:
            return sign_in_first(request, back=f"/sessions/{code}/in?c={nonce[:40]}")
        return _act(request, code, None, lambda each, _data: actions.check_in(viewer=request.viewer, occasion=each.occasion, nonce=nonce))
    context = {
        "found": found, "occasion": found.occasion, "service": found.service, "place": found.occasion.place, "nonce": nonce[:40],
        "once": once_key(), "now": clock.now(),
    }  # fmt: skip
    return render(request, "services/check_in.html", context)


@require_POST
def check_out(request: Request, code: str) -> HttpResponse:
    """Going, with the same code: a team member's hours end here."""
    nonce = request.POST.get("c", "")
    return _act(
        request,
        code,
        None,
        lambda found, _data: actions.check_out(viewer=request.viewer, occasion=found.occasion, nonce=nonce),
        back=f"/in?c={nonce[:40]}",
    )


@require_POST
def feedback(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        SayForm(request.POST),
        lambda found, data: actions.give_feedback(viewer=request.viewer, occasion=found.occasion, **data),
    )


# For those who run it


def _run(request: Request, code: str) -> queries.Session:
    found = found_or_404(request, code)
    if not found.detail.runs:
        raise actions.NotAllowed("run")
    return found


@require_POST
def cancel(request: Request, code: str) -> HttpResponse:
    """Call it off: everyone signed up is told, and whom no notice reaches stands on the list to telephone."""

    def do(found: queries.Session, data: dict[str, Any]) -> None:
        occasions.cancel_occasion(viewer=request.viewer, occasion=found.occasion, reason=CALLED_OFF, words=data["words"])

    return _act(request, code, CancelForm(request.POST), do, back="/list")


@require_http_methods(["GET", "HEAD", "POST"])
def door_list(request: Request, code: str) -> HttpResponse:
    """The list at the door: who is to come, who came, whom to telephone; writing down who came."""
    if not request.viewer.signed_in:
        found_or_404(request, code)
        return sign_in_first(request, back=f"/sessions/{code}/list")
    found = _run(request, code)
    if request.method == "POST":
        lines = queries.list_of(request.viewer, found.occasion)
        wanted = set(request.POST.getlist("came"))
        now = clock.now()
        came = [_came(request, each.line, now) for each in lines if str(each.line.sign_up_id) in wanted]
        walked_in = [
            occasions.Came(alias=name.strip()) for name in request.POST.get("walked_in", "").replace("，", "、").split("、") if name.strip()
        ]
        unnamed = request.POST.get("unnamed", "")

        def work() -> str:
            actions.record_attendance(
                viewer=request.viewer, occasion=found.occasion, came=[*came, *walked_in],
                unnamed=int(unnamed) if unnamed.isdecimal() and len(unnamed) < 6 else None,
            )  # fmt: skip
            return f"/sessions/{code}/list"

        try:
            return once_form(request, work)
        except (occasions.NotYet, occasions.IsCancelled, actions.LicenceMissing) as error:
            return _list(request, found, problem=_refusal(error), status=409)
        except occasions.WhoCame:
            return _list(request, found, problem=_("走的时间比来的还早，请看一看。"), status=422)
    return _list(request, found)


def _came(request: Request, line: Any, now: datetime) -> occasions.Came:
    """A line with its times as typed; a team member's times count as volunteer hours."""
    day = line.came.came_at.astimezone(clock.TOWN_ZONE).date() if line.came else now.astimezone(clock.TOWN_ZONE).date()
    came_at, left_at = (line.came.came_at, line.came.left_at) if line.came else (None, None)

    def at(name: str, before: datetime | None) -> datetime | None:
        typed = request.POST.get(f"{name}-{line.sign_up_id}", "").strip()
        # A time that was only shown, not changed, keeps its seconds.
        if before is not None and typed == f"{before.astimezone(clock.TOWN_ZONE):%H:%M}":
            return before
        try:
            return datetime.combine(day, datetime.strptime(typed, "%H:%M").time(), clock.TOWN_ZONE) if typed else None
        except ValueError:
            return None

    return occasions.Came(sign_up_id=line.sign_up_id, came_at=at("in", came_at) or came_at, left_at=at("out", left_at))


def _list(request: Request, found: queries.Session, *, problem: str = "", problems: Any = (), status: int = 200) -> HttpResponse:
    lines = queries.list_of(request.viewer, found.occasion)
    named = [(each, roles().get(each.line.role)) for each in lines]
    context = {
        "found": found,
        "occasion": found.occasion,
        "service": found.service,
        "place": found.occasion.place,
        "lines": named,
        "to_call": [each for each in lines if each.needs_call],
        "came": sum(1 for each in lines if each.line.came),
        "approves": works_for(request.viewer, found.service.body),
        "problem": problem,
        "problems": problems,
        "once": once_key(),
        "now": clock.now(),
    }
    return render(request, "services/list.html", context, status=status)


@require_safe
def list_file(request: Request, code: str) -> HttpResponse:
    """The list to take along where there is no network."""
    if not request.viewer.signed_in:
        found_or_404(request, code)
        return sign_in_first(request, back=f"/sessions/{code}/list")
    found = _run(request, code)
    response = HttpResponse(actions.paper_list(viewer=request.viewer, occasion=found.occasion), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}.csv"'
    response["Cache-Control"] = "no-store"
    return response


PAPER = {
    "encoding": gettext_lazy("不是文字文件"), "empty": gettext_lazy("是空的"), "no_columns": gettext_lazy("第一行要有“姓名”或“单号”"), "time": gettext_lazy("时间写成 09:05 这样"),
    "unknown_slip": gettext_lazy("没有这个单号"), "two_of_one_name": gettext_lazy("名单上有两个同名的，请写单号"), "unknown_role": gettext_lazy("没有这个身份"),
    "nobody": gettext_lazy("没写是谁"), "not_qualified": gettext_lazy("这个身份要证书，查不到这位那天有效的"),
}  # fmt: skip


@require_POST
def upload(request: Request, code: str) -> HttpResponse:
    """A list kept offline: a CSV, entered with who and when."""
    if not request.viewer.signed_in:
        found_or_404(request, code)
        return sign_in_first(request, back=f"/sessions/{code}/list")
    found = _run(request, code)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, found, problem=str(next(iter(form.errors.values()))[0]), status=422)
    try:
        lines = actions.read_paper(form.cleaned_data["file"].read())

        def work() -> str:
            actions.record_paper(viewer=request.viewer, occasion=found.occasion, lines=lines, unnamed=form.cleaned_data["unnamed"])
            return f"/sessions/{code}/list"

        return once_form(request, work)
    except actions.PaperUnreadable as error:
        problems = [(number, str(PAPER[reason])) for number, reason in error.problems]
        return _list(request, found, problem=_("有几行没看懂，一行都没记。改好再传一次。"), problems=problems, status=422)
    except (occasions.NotYet, occasions.IsCancelled) as error:
        return _list(request, found, problem=_refusal(error), status=409)


@require_safe
def door(request: Request, code: str) -> HttpResponse:
    """The sheet for the door: the QR of the day."""
    if not request.viewer.signed_in:
        found_or_404(request, code)
        return sign_in_first(request)
    found = _run(request, code)
    day = found.occasion.starts_at.astimezone(clock.TOWN_ZONE).date()
    nonce = check_in_code(request.viewer, found.occasion, day=day)
    address = request.build_absolute_uri(f"/sessions/{code}/in?c={nonce}")
    context = {"found": found, "occasion": found.occasion, "service": found.service, "place": found.occasion.place, "address": address}
    return render(request, "services/door.html", context)


@require_safe
def sheet(request: Request, code: str) -> HttpResponse:
    """The list on paper, with a slip for everyone on it."""
    if not request.viewer.signed_in:
        found_or_404(request, code)
        return sign_in_first(request)
    found = _run(request, code)
    lines = [(each, roles().get(each.line.role)) for each in queries.list_of(request.viewer, found.occasion) if each.line.sign_up_id]
    context = {
        "found": found, "occasion": found.occasion, "service": found.service, "place": found.occasion.place, "lines": lines,
        "blank": range(max(6, 18 - len(lines))), "now": clock.now(),
    }  # fmt: skip
    return render(request, "services/sheet.html", context)


@require_POST
def point(request: Request, code: str) -> HttpResponse:
    """Something said at a forum."""

    def do(found: queries.Session, data: dict[str, Any]) -> None:
        by_key = {each.key: each.person_id for each in queries.speakers_of(request.viewer, found.occasion)}
        if data["speaker"] and found.detail.runs and data["speaker"] not in by_key:
            raise Http404
        actions.write_point(
            viewer=request.viewer, occasion=found.occasion, text=data["text"], speaker_id=by_key.get(data["speaker"]), name=data["name"],
            phone=data["phone"],
        )  # fmt: skip

    return _act(request, code, PointForm(request.POST), do)


@require_POST
def raise_point(request: Request, code: str, point_id: int) -> HttpResponse:
    """A matter becomes of it."""

    def do(found: queries.Session, data: dict[str, Any]) -> None:
        if not found.detail.runs:
            raise actions.NotAllowed("raise_point")
        chosen = queries.point_for(request.viewer, point_id)
        category = category_by_code(data["category"])
        place = place_by_code(data["place"]) if data["place"] else None
        if chosen is None or chosen.occasion_id != found.occasion.pk or category is None or (data["place"] and place is None):
            raise Http404
        if place is not None and found.service.place.code not in place.codes:
            raise Http404
        actions.raise_point(viewer=request.viewer, point=chosen, category=category, place=place)

    return _act(request, code, RaiseForm(request.POST), do)


def _on_list(request: Request, found: queries.Session, sign_up_id: int) -> int:
    """The person of a line of this session's list, for those who run it; 404 for anything else."""
    if not found.detail.runs:
        raise actions.NotAllowed("list")
    sign_up = sign_up_for(request.viewer, sign_up_id)
    if sign_up is None or sign_up.occasion_id != found.occasion.pk or sign_up.person_id is None:
        raise Http404
    return sign_up.person_id


@require_POST
def paper_consent(request: Request, code: str) -> HttpResponse:
    """Somebody on the list agreed on paper that their readings are kept."""

    def do(found: queries.Session, data: dict[str, Any]) -> None:
        person_id = _on_list(request, found, data["sign_up"])
        actions.enter_consent(
            viewer=request.viewer, occasion=found.occasion, person_id=person_id, witness=data["witness"], kept_where=data["kept_where"]
        )

    return _act(request, code, PaperConsentForm(request.POST), do, back="/list")


@require_POST
def reading(request: Request, code: str) -> HttpResponse:
    """A blood pressure of somebody on the list who wants it kept."""

    def do(found: queries.Session, data: dict[str, Any]) -> None:
        actions.keep_reading(
            viewer=request.viewer, occasion=found.occasion, person_id=_on_list(request, found, data["sign_up"]), systolic=data["systolic"],
            diastolic=data["diastolic"], pulse=data["pulse"],
        )  # fmt: skip

    return _act(request, code, ReadingForm(request.POST), do)
