"""Screens of those who run and count a vote: the committee's steps, delivery, printing, two clerks' entry, rulings, inspection."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs.actions import NotAllowed, NothingSaid, TextTooLong, ballots, count, official, votes
from doorstep.affairs.actions.ballots import Reading
from doorstep.affairs.actions.votes import NewMotion
from doorstep.affairs.models import Delivery, Objection, OfficialList, Paper, RollCorrection, Ruling, Vote
from doorstep.affairs.official_file import UnreadableList, read_official_list
from doorstep.affairs.permissions import vote_roles
from doorstep.affairs.queries import matter_for
from doorstep.affairs.queries import votes as queries
from doorstep.affairs.rules.convening import CONVENING, OFFICES
from doorstep.affairs.rules.vote_states import MOVES, NotPossible, Role, Verb
from doorstep.affairs.views.votes import found
from doorstep.affairs.vote_forms import (
    ITEMS,
    AnnulForm,
    AnswerObjectionForm,
    CorrectForm,
    DeliverForm,
    EntryForm,
    ExtendForm,
    MotionForm,
    NoticeForm,
    OfficialForm,
    PrepareForm,
    RulingForm,
    TellerForm,
)
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.files.actions import keep_photo
from doorstep.foundation.files.images import NotAPhoto, PhotoTooLarge
from doorstep.foundation.places.queries import below, children
from doorstep.foundation.ui.templatetags.ui import daytime
from doorstep.foundation.ui.web import SeeOther, once_form, once_key, sign_in_first
from doorstep.organisations.models import Unit
from doorstep.organisations.queries import body_by_code, owner_of_unit

MOST_BYTES = 20 * 1024 * 1024


def _for(request: Request, number: str, *roles: Role) -> Vote | HttpResponse:
    """The vote for one of these roles; the way to the login for nobody, 403 for everybody else."""
    shown = found(request, number)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/votes/{number}")
    if not vote_roles(request.viewer, shown) & set(roles):
        raise NotAllowed(number)
    return shown


def problem_of(error: Exception) -> str:
    """What to tell somebody whose step was refused."""
    if isinstance(error, votes.RollPeriodRuns):
        return _("名册还在公示，听业主的疑问：%(at)s 之后才能公告。") % {"at": daytime(error.until)}
    if isinstance(error, votes.RollObjectionsOpen):
        return _("业主对名册的疑问还有 %(n)d 条没答复，答复了才能往下走。") % {"n": error.number}
    if isinstance(error, votes.NoticeTooShort):
        return _("公告要满 15 日才能开始：最早从 %(at)s 之后。") % {"at": daytime(error.until)}
    if isinstance(error, votes.TooEarly):
        return _("还没到时候：%(at)s之后才可以。") % {"at": daytime(error.at)}
    if isinstance(error, count.NotAllEntered):
        return _("这些选票还没录完或两人录的不一样：%(papers)s") % {"papers": "、".join(error.papers[:12])}
    if isinstance(error, count.Unanswered):
        return _("还有 %(n)d 条疑问没答复。") % {"n": error.number}
    if isinstance(error, TextTooLong):
        return _("写得太长了，多了 %(n)d 个字。") % {"n": error.extra}
    if isinstance(error, votes.NotAConvenor):
        return {
            "committee_in_office": _("小区已经有业主委员会了，由业主委员会召集。"),
            "no_ground": _("请写明为什么由您这里召集：业主委员会为什么没有、没召集。"),
            "item": _("这一项您这里不能召集，要由业主委员会召集。"),
        }.get(error.why, _("按本地规定，您这里不能召集这个小区的业主表决。"))
    if isinstance(error, queries.NotOnePerson):
        if error.several:
            return _("有几位叫%(name)s的，请在名字后面空一格写一个他的房号。") % {"name": error.name}
        return _("业主名册里没有叫%(name)s的。先在小区名册里登记过户，再来更正。") % {"name": error.name}
    if isinstance(error, votes.NotOnThisRoll | ballots.NoChoice):
        return _("名册或议案里没有：%(what)s") % {"what": str(error)}
    said: dict[type[Exception], str] = {
        votes.WrongPeriod: _("结束要晚于开始；延期要晚于原来的截止时间。"),
        votes.TooLate: _("截止的时间已经过了，不能再延期；参加的不够，可以在结果生效后重新召集。"),
        votes.NoTeller: _("至少要有 3 位计票人：两人各录一遍，不一样时第三人来看。"),
        votes.NoMotion: _("先写要表决的议案。"),
        votes.EmptyRoll: _("名册是空的，先把业主名册导进来。"),
        votes.AlreadyAnswered: _("这一条已经答复过了。"),
        votes.NothingCorrected: _("面积、交付状态、业主，至少改一样；填的和名册上的一样就不用改。"),
        votes.WrongArea: _("面积要大于 0。"),
        votes.NoHolder: _("已交付的要写业主是谁。"),
        ballots.OutsidePeriod: _("交票的日子不在表决的时间里。"),
        ballots.AlreadyEntered: _("这张票您已经录过，或者已经录完了。"),
        official.ListReceived: _("已经收过一份清单。要换成这一份，请写为什么换。"),
        official.BadList: _("还有不对的行，什么都没有收。改好再传。"),
        official.ListGone: _("这一份已经不在了：有人传了新的，或者不要了。"),
        ballots.PaperReplaced: _("这张票已经换过，请录新的那张。"),
        ballots.EntryHasBegun: _("这张票已经有人在录，不能再换。"),
        count.NothingUpheld: _("有一条对结果的疑问答复为成立，才能重新计票。"),
        count.NotOneVoter: _("请在这几张里选一张算数。"),
        count.EnoughTookPart: _("参加的人够了，不用重新召集。"),
        count.CountsDiffer: _("两份选票文件算出来的数不一样，没有公布。请联系技术支持。"),
        NothingSaid: _("请写一句话说明。"),
        NotPossible: _("这次表决刚刚走到了别的一步，请看看现在的情形。"),
        NotAPhoto: _("这个文件不是照片，没有收下。可以用 JPG、PNG 或 WebP。"),
        PhotoTooLarge: _("照片太大了。请拍一张小一点的，或少于 15 MB。"),
        UnreadableList: _("读不出这个文件。请用 Excel 存成 xlsx，或存成 csv 再传，最多 20 MB。"),
    }
    return said[type(error)]


REFUSALS = (
    votes.NotAConvenor, votes.RollPeriodRuns, votes.RollObjectionsOpen,
    votes.NoticeTooShort, votes.TooEarly, votes.TooLate, votes.WrongPeriod, votes.NoTeller, votes.NoMotion, votes.EmptyRoll, votes.NotOnThisRoll,
    votes.AlreadyAnswered, votes.NothingCorrected, votes.WrongArea, votes.NoHolder, queries.NotOnePerson, ballots.OutsidePeriod, official.ListReceived, official.BadList, official.ListGone, ballots.NoChoice, ballots.AlreadyEntered, ballots.PaperReplaced, ballots.EntryHasBegun,
    count.NotAllEntered, count.Unanswered, count.NotOneVoter, count.NothingUpheld, count.EnoughTookPart, count.CountsDiffer, NothingSaid, TextTooLong,
    NotPossible, NotAPhoto, PhotoTooLarge, UnreadableList,
)  # fmt: skip


# Preparing


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: Request, code: str) -> HttpResponse:
    """A new vote of an estate, by a body that convenes its owners. An office above several estates chooses one first (`?estate=`)."""
    body = body_by_code(code)
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if body is None or body.kind not in CONVENING:
        raise Http404
    if body.pk not in request.viewer.bodies:
        raise NotAllowed(Verb.PREPARE)
    estates = [body.place] if body.kind not in OFFICES else list(below(body.place).filter(kind="estate").order_by("lineage"))
    chosen = request.GET.get("estate", "")
    estate = next((each for each in estates if each.code == chosen or len(estates) == 1), None)
    if estate is None:
        if chosen or request.method == "POST":
            raise Http404
        return render(request, "affairs/votes/prepare.html", {"body": body, "place": body.place, "estates": estates})
    buildings = [(place.code, place.name) for place in children(estate, "building")]
    allowed = queries.convened_items(body.kind, estate, clock.today())
    context: dict[str, Any] = {
        "body": body,
        "place": estate,
        "buildings": buildings,
        "items": [(item, name) for item, name in ITEMS if item in allowed],
        "is_office": body.kind in OFFICES,
        "once": once_key(),
        "typed": request.POST,
        "chosen": request.POST.getlist("buildings"),
    }
    if request.method != "POST":
        return render(request, "affairs/votes/prepare.html", context)
    form = PrepareForm(request.POST, buildings=buildings)
    context["form"] = form
    matter = matter_for(request.viewer, request.POST.get("matter", "").strip()) if request.POST.get("matter", "").strip() else None
    if request.POST.get("matter", "").strip() and matter is None:
        form.add_error("matter", _("没有这个号。"))
    if not form.is_valid():
        return render(request, "affairs/votes/prepare.html", context, status=422)

    def work() -> str:
        made = votes.prepare_vote(
            viewer=request.viewer,
            estate=estate,
            convenor=body,
            title=form.cleaned_data["title"],
            motions=[NewMotion(form.cleaned_data["item"], form.cleaned_data["text"])],
            why=form.cleaned_data["why"],
            buildings=form.cleaned_data["buildings"],
            matter=matter,
        )
        return f"/votes/{made.number}/run"

    try:
        return once_form(request, work)
    except votes.NotAConvenor as error:
        return render(request, "affairs/votes/prepare.html", {**context, "problem": problem_of(error)}, status=409)


# Running: one screen, its steps in the law's order


@require_safe
def run(request: Request, number: str) -> HttpResponse:
    shown = _for(request, number, Role.CONVENOR, Role.TELLER)
    return shown if isinstance(shown, HttpResponse) else _run(request, shown)


def _run(request: Request, shown: Vote, *, problem: str = "", form: Any = None, form_name: str = "", status: int = 200) -> HttpResponse:
    page = queries.vote_page(request.viewer, shown)
    return render(
        request,
        "affairs/votes/run.html",
        {
            "page": page,
            "vote": shown,
            "place": shown.place,
            "can": {verb.value for verb in page.possible},
            "is_convenor": Role.CONVENOR in page.roles,
            "is_teller": Role.TELLER in page.roles,
            "items": ITEMS,
            "reasons": RollCorrection.Reason.choices,
            "statuses": Unit.Status.choices,
            "codes": Ruling.Code.choices,
            "grounds": count.GROUNDS,
            "clashes": queries.clashes(request.viewer, shown),
            "too_few": any(result.outcome == "no_turnout" for result in page.results),
            "progress": queries.entry_progress(request.viewer, shown) if Role.TELLER in page.roles else None,
            "buildings": queries.buildings_of(shown),
            "problem": problem,
            "form": form,
            "form_name": form_name,
            "answers": int(form_name.removeprefix("answer-")) if form_name.startswith("answer-") else None,
            "typed": request.POST,
            "once": once_key(),
            "now": clock.now(),
            "roll_days": queries.roll_days(shown),
            "lists": queries.official_lists(shown),
        },
        status=status,
    )


def _simple(act: Callable[..., object]) -> Callable[[Request, Vote, Any], object]:
    return lambda request, vote, data: act(viewer=request.viewer, vote=vote)


def _appoint(request: Request, vote: Vote, data: dict[str, Any]) -> object:
    person = owner_of_unit(estate=vote.place, unit=data["unit"], name=data["name"])
    if person is None:
        raise votes.NotOnThisRoll(f"{data['unit']} {data['name']}")
    return votes.appoint_teller(viewer=request.viewer, vote=vote, person=person)


def _notice(request: Request, vote: Vote, data: dict[str, Any]) -> object:
    return votes.give_notice(
        viewer=request.viewer,
        vote=vote,
        opens_at=data["opens_at"],
        closes_at=data["closes_at"],
        residents_committee_told_on=data["told_on"],
        official_url=data["official_url"],
    )


def _correct(request: Request, vote: Vote, data: dict[str, Any]) -> object:
    return votes.correct_roll(
        viewer=request.viewer,
        vote=vote,
        unit=data["unit"].strip(),
        reason=data["reason"],
        words=data["words"],
        area_hundredths=data["area"],
        status=data["status"] or None,
        holders=[queries.holder_named(vote, data["unit"].strip(), name, room) for name, room in data["holders"]] or None,
    )


def _rule(request: Request, vote: Vote, data: dict[str, Any]) -> object:
    return count.rule_on_ballots(
        viewer=request.viewer,
        vote=vote,
        ballots=[label for label in data["ballots"].split(",") if label],
        counts=data["counts"],
        code=data["code"],
        words=data["words"],
    )


def _official(request: Request, vote: Vote, data: dict[str, Any]) -> str:
    """Keep an uploaded list to be looked at; the way to its page."""
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > MOST_BYTES:
        raise UnreadableList
    rows, errors = read_official_list(file.read(), motions=[motion.code for motion in vote.motions.all()])
    made = official.upload_official_list(
        viewer=request.viewer, vote=vote, url=data["url"], file_name=str(file.name), rows=rows, errors=errors
    )
    return f"/votes/{vote.number}/official/{made.pk}"


def _errors_of(form: Any) -> str:
    """What is wrong with a form, in one line at the top of the screen: the form itself may stand far below."""
    return " ".join(dict.fromkeys(str(error) for errors in form.errors.values() for error in errors))


Step = tuple[Callable[[Any], Any] | None, Callable[[Request, Vote, Any], object]]
RUN: dict[str, Step] = {
    "motion": (
        MotionForm,
        lambda request, vote, data: votes.add_motion(viewer=request.viewer, vote=vote, motion=NewMotion(data["item"], data["text"])),
    ),
    "teller": (TellerForm, _appoint),
    "freeze": (None, _simple(votes.freeze_roll)),
    "show-roll": (None, _simple(votes.publish_roll)),
    "correct": (CorrectForm, _correct),
    "notice": (NoticeForm, _notice),
    "issue": (None, _simple(ballots.issue_ballots)),
    "announce": (None, _simple(ballots.announce_undelivered)),
    "open": (None, _simple(votes.open_vote)),
    "extend": (
        ExtendForm,
        lambda request, vote, data: votes.extend_vote(viewer=request.viewer, vote=vote, closes_at=data["closes_at"]),
    ),
    "close": (None, _simple(votes.close_vote)),
    "official": (OfficialForm, _official),
    "rule": (RulingForm, _rule),
    "tally": (None, _simple(count.tally_vote)),
    "publish": (None, _simple(count.publish_preliminary)),
    "recount": (None, _simple(count.begin_recount)),
    "finish": (None, _simple(count.finish_vote)),
    "annul": (AnnulForm, lambda request, vote, data: count.annul_result(viewer=request.viewer, vote=vote, because=data["because"])),
    "call-off": (None, _simple(votes.call_off)),
}


@require_POST
def run_step(request: Request, number: str, step: str) -> HttpResponse:
    """One step of a vote, as the action of that name."""
    if step not in RUN:
        raise Http404
    shown = _for(request, number, Role.CONVENOR, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    make, act = RUN[step]
    form = make(request.POST) if make is not None else None
    if form is not None and not form.is_valid():
        return _run(request, shown, problem=_errors_of(form), form=form, form_name=step, status=422)

    def work() -> str:
        led = act(request, shown, form.cleaned_data if form is not None else {})
        return led if isinstance(led, str) else f"/votes/{number}/run"

    try:
        return once_form(request, work)
    except REFUSALS as error:
        return _run(request, found(request, number), problem=problem_of(error), form=form, form_name=step, status=409)


# The official system's list: looked at, then taken over


def _upload(request: Request, number: str, list_id: int) -> OfficialList | HttpResponse:
    shown = _for(request, number, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    upload = queries.official_upload(shown, list_id)
    if upload is None:
        raise Http404
    return upload


@require_safe
def official_list(request: Request, number: str, list_id: int) -> HttpResponse:
    """One uploaded list: its figures, or what is wrong in which row and column."""
    upload = _upload(request, number, list_id)
    return upload if isinstance(upload, HttpResponse) else _official_page(request, upload)


def _official_page(request: Request, upload: OfficialList, *, problem: str = "", status: int = 200) -> HttpResponse:
    lists = queries.official_lists(upload.vote)
    errors = upload.report["errors"]
    return render(
        request,
        "affairs/votes/official.html",
        {
            "vote": upload.vote,
            "place": upload.vote.place,
            "upload": upload,
            "report": upload.report,
            "errors": errors[:200],
            "more": max(0, len(errors) - 200),
            "earlier": next((each for each in lists if each.replaced_at is None and each.pk != upload.pk), None),
            "can": upload.vote.state in MOVES[Verb.OFFICIAL].sources,
            "problem": problem,
            "typed": request.POST,
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def write_official(request: Request, number: str, list_id: int) -> HttpResponse:
    upload = _upload(request, number, list_id)
    if isinstance(upload, HttpResponse):
        return upload

    def work() -> str:
        official.write_official_list(viewer=request.viewer, upload=upload, reason=request.POST.get("reason", ""))
        return f"/votes/{number}/run"

    try:
        return once_form(request, work)
    except official.ListGone:
        return _run(request, upload.vote, problem=problem_of(official.ListGone()), status=409)
    except REFUSALS as error:
        return _official_page(request, upload, problem=problem_of(error), status=409)


@require_POST
def drop_official(request: Request, number: str, list_id: int) -> HttpResponse:
    upload = _upload(request, number, list_id)
    if isinstance(upload, HttpResponse):
        return upload
    try:
        official.drop_official_list(viewer=request.viewer, upload=upload)
    except NotPossible as error:
        return _official_page(request, upload, problem=problem_of(error), status=409)
    return SeeOther(f"/votes/{number}/run")


@require_POST
def reconvene(request: Request, number: str) -> HttpResponse:
    shown = _for(request, number, Role.CONVENOR)
    if isinstance(shown, HttpResponse):
        return shown
    try:
        return once_form(request, lambda: f"/votes/{count.reconvene_vote(viewer=request.viewer, vote=shown).number}/run")
    except REFUSALS as error:
        return _run(request, shown, problem=problem_of(error), status=409)


@require_POST
def answer_objection(request: Request, number: str, objection_id: int) -> HttpResponse:
    shown = _for(request, number, Role.CONVENOR)
    if isinstance(shown, HttpResponse):
        return shown
    objection = Objection.objects.select_related("vote").filter(vote=shown, pk=objection_id).first()
    if objection is None:
        raise Http404
    form = AnswerObjectionForm(request.POST)
    if not form.is_valid():
        return _run(request, shown, problem=_errors_of(form), form=form, form_name=f"answer-{objection_id}", status=422)

    def work() -> str:
        votes.answer_objection(
            viewer=request.viewer, objection=objection, text=form.cleaned_data["text"], upheld=form.cleaned_data["upheld"]
        )
        return f"/votes/{number}/run#objections"

    try:
        return once_form(request, work)
    except REFUSALS as error:
        return _run(request, shown, problem=problem_of(error), form=form, form_name=f"answer-{objection_id}", status=409)


# Papers: printing, bringing round


def _building(request: Request, shown: Vote) -> tuple[list[str], str]:
    names = queries.buildings_of(shown)
    chosen = request.GET.get("building", "") or request.POST.get("building", "") or (names[0] if names else "")
    if chosen not in names:
        raise Http404
    return names, chosen


@require_http_methods(["GET", "HEAD", "POST"])
def deliver(request: Request, number: str) -> HttpResponse:
    """发票登记: who got a paper, how, by whom, and who could not be reached. A building at a time."""
    shown = _for(request, number, Role.CONVENOR, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    names, chosen = _building(request, shown)
    lines = queries.party_lines(shown, chosen)
    context: dict[str, Any] = {
        "vote": shown,
        "place": shown.place,
        "buildings": names,
        "building": chosen,
        "lines": lines,
        "ways": Delivery.Way.choices,
        "once": once_key(),
        "may_print": Role.TELLER in vote_roles(request.viewer, shown),
        "can": shown.state in MOVES[Verb.DELIVER].sources,
    }
    if request.method != "POST":
        return render(request, "affairs/votes/deliver.html", context)
    form = DeliverForm(request.POST, parties=[line.party.pk for line in lines])
    context["form"] = form
    if not form.is_valid():
        return render(request, "affairs/votes/deliver.html", context, status=422)
    chosen_parties = [line.party for line in lines if line.party.pk in form.cleaned_data["party"]]

    def work() -> str:
        ballots.record_deliveries(
            viewer=request.viewer,
            vote=shown,
            parties=chosen_parties,
            way=form.cleaned_data["way"],
            delivered=form.cleaned_data["outcome"] == "delivered",
        )
        return f"/votes/{number}/deliver?building={chosen}"

    try:
        return once_form(request, work)
    except NotPossible as error:
        context["problem"] = problem_of(error)
        return render(request, "affairs/votes/deliver.html", context, status=409)


def _to_print(request: Request, shown: Vote) -> list[Paper]:
    """One paper by its label, or those of a building that nobody has begun to enter."""
    label = request.POST.get("paper", "")
    if label:
        sheet = queries.paper_with_label(shown, label)
        if sheet is None or sheet.entries or sheet.replaced_at is not None:
            raise Http404
        return [sheet]
    _names, chosen = _building(request, shown)
    return [line.paper for line in queries.party_lines(shown, chosen) if line.paper is not None and not line.paper.entries]


@require_POST
def print_papers(request: Request, number: str) -> HttpResponse:
    """Ballots of one building (or one replaced paper) on A4, each with its QR and a fresh one-time code. Shown once: the page is not kept."""
    shown = _for(request, number, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    papers = _to_print(request, shown)
    try:
        printed = ballots.print_papers(viewer=request.viewer, vote=shown, papers=papers)
    except NotPossible as error:
        return _run(request, shown, problem=problem_of(error), status=409)
    response = render(
        request,
        "affairs/votes/print_papers.html",
        {
            "vote": shown,
            "place": shown.place,
            "motions": list(shown.motions.all()),
            "printed": [
                (each, request.build_absolute_uri(f"/q/{each.paper.link.token}"), queries.receipt_number(shown, each.paper.label))
                for each in printed
            ],
            "own_channel": shown.electronic != ballots.OFFICIAL_ONLY,
        },
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def replace(request: Request, number: str, label: str) -> HttpResponse:
    shown = _for(request, number, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    sheet = queries.paper_with_label(shown, label)
    if sheet is None:
        raise Http404
    try:
        return once_form(request, lambda: f"/votes/{number}/enter?paper={ballots.replace_paper(viewer=request.viewer, paper=sheet).label}")
    except REFUSALS as error:
        return _run(request, shown, problem=problem_of(error), status=409)


# Entering


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: Request, number: str) -> HttpResponse:
    """录票: one paper at a time, by number or room, without seeing what a colleague entered."""
    shown = _for(request, number, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    typed = (request.POST.get("paper") or request.GET.get("paper", "")).strip()
    sheet = queries.paper_of(shown, typed) if typed else None
    motions = list(shown.motions.all())
    context: dict[str, Any] = {
        "vote": shown,
        "place": shown.place,
        "motions": motions,
        "asked": typed,
        "paper": sheet,
        "holders": queries.holders_of(sheet.party) if sheet else [],
        "progress": queries.entry_progress(request.viewer, shown),
        "done": request.GET.get("done", ""),
        "waits": request.GET.get("waits", ""),
        "can": shown.state in MOVES[Verb.ENTER].sources,
        "typed": request.POST,
        "today": clock.today(),
        "once": once_key(),
    }
    if sheet is not None and sheet.scan is not None:
        request.viewer.note_read(kind="vote", subject=number, about_person_id=None, why="scan")
    if request.method != "POST" or sheet is None:
        return render(request, "affairs/votes/enter.html", context, status=404 if typed and sheet is None else 200)
    form = EntryForm(request.POST, motions=[motion.code for motion in motions], required=False)
    context["form"] = form
    if not form.is_valid():
        return render(request, "affairs/votes/enter.html", context, status=422)
    ends_at = shown.closed_at or shown.closes_at
    if shown.opens_at is None or ends_at is None:
        raise NotAllowed(Verb.ENTER)
    cast_at = form.cast_at(opens_at=shown.opens_at, ends_at=min(ends_at, clock.now()))

    def work() -> str:
        upload = request.FILES.get("scan")
        if upload is not None and upload.size:
            file = keep_photo(data=upload.read(), audience=votes.inside(shown), uploaded_by_id=request.viewer.person_id)
            ballots.attach_scan(viewer=request.viewer, paper=sheet, file=file)
        made = ballots.enter_paper(viewer=request.viewer, paper=sheet, reading=_reading(form, cast_at))
        return f"/votes/{number}/enter?{'done' if made else 'waits'}={sheet.label}"

    try:
        return once_form(request, work)
    except REFUSALS as error:
        context["problem"] = problem_of(error)
        return render(request, "affairs/votes/enter.html", context, status=409)


def _reading(form: EntryForm, cast_at: Any) -> Reading:
    signer = form.cleaned_data["signer"]
    if signer.startswith("proxy:") and signer[6:].isdecimal():
        proxy_for, by = int(signer[6:]), 0
    elif signer.isdecimal():
        proxy_for, by = None, int(signer)
    else:
        raise votes.NotOnThisRoll(signer)
    return Reading(
        by_id=by,
        choices=form.choices,
        cast_at=cast_at,
        channel=form.cleaned_data["channel"],
        valid=not form.cleaned_data["spoiled"],
        proxy_for_id=proxy_for,
        proxy_document=form.cleaned_data["proxy_document"],
        proxy_name=form.cleaned_data["proxy_name"],
    )


# Inspection


@require_POST
def inspect(request: Request, number: str) -> HttpResponse:
    """How one household voted, on a named ground. The household is told, and the ground stays in the access log."""
    shown = _for(request, number, Role.TELLER)
    if isinstance(shown, HttpResponse):
        return shown
    unit, ground = request.POST.get("unit", "").strip(), request.POST.get("ground", "")
    try:
        seen = count.inspect_ballots(viewer=request.viewer, vote=shown, unit=unit, ground=ground)
    except count.UnknownGround:
        return _run(request, shown, problem=_("请选依据。"), status=422)
    except NotPossible as error:
        return _run(request, shown, problem=problem_of(error), status=409)
    response = render(
        request,
        "affairs/votes/inspect.html",
        {
            "vote": shown,
            "place": shown.place,
            "unit": unit,
            "ballots": [(each, queries.receipt_number(shown, each.label)) for each in seen],
        },
    )
    response["Cache-Control"] = "private, no-store"
    return response
