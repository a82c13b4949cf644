"""The screens on which a body keeps itself: what is known of it, its posts, texts, terms and seals, its end."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.ui.web import SeeOther, once_form, once_key, sign_in_first
from doorstep.organisations import actions, forms
from doorstep.organisations.actions import papers, terms
from doorstep.organisations.data.codes import USCC_FAULTS
from doorstep.organisations.models import Body, BodyFact, BodySeal, HandOver, Post, Term
from doorstep.organisations.permissions import may_found_body, may_keep_body, may_keep_members, may_publish
from doorstep.organisations.queries import body_ever, leaders_for, post_ever, posts_of
from doorstep.organisations.queries.committee import law_check, renewal_of
from doorstep.organisations.queries.open_work import open_work_of, worded
from doorstep.organisations.queries.papers import seals_of

REFUSED: dict[type[Exception], Promise] = {
    actions.BadDate: _("日期不对：不能是以后，也不能早过前一个日子。"),
    actions.BodyCodeTaken: _("这个代号有人用了。"),
    actions.BadVotes: _("得票比总票数还多，请再看一遍。"),
    actions.SamePerson: _("这个人现在就担着这个职务。"),
    actions.HasEnded: _("这个机构已经没有了，不能再改。"),
    actions.NotAParty: _("牵头的要是党组织。"),
    terms.TermTaken: _("这一届已经登记过。"),
    papers.NotItsText: _("这类机构不发这种文本。"),
    papers.NotItsPost: _("章要由本机构的职务保管。"),
    papers.SealEnded: _("这枚章已经停用。"),
}
KNOWN: tuple[type[Exception], ...] = (*REFUSED, actions.BadUscc, actions.UsccTaken, actions.StillBlocked)


def sentence(error: Exception) -> str:
    """Why an action refused, for the one who asked."""
    if isinstance(error, actions.BadUscc):
        return str(USCC_FAULTS[error.reason])
    if isinstance(error, actions.UsccTaken):
        return str(_("这个代码已经登记了：%(name)s。") % {"name": error.body.name})
    if isinstance(error, actions.StillBlocked):
        return " ".join(found.says for found in error.blockers)
    return str(REFUSED[type(error)])


def kept_body(request: Request, code: str, *, renewal: bool = False) -> Body:
    """The body, for those who keep it; with `renewal` also for those who may enter a committee's renewal now. A body is public: others are
    told that it is not theirs."""
    body = body_ever(code)
    if body is None:
        raise Http404
    if not may_keep_body(request.viewer, body) and not (renewal and renewal_of(request.viewer, body, clock.today())):
        raise actions.NotAllowed
    return body


@require_safe
def keep(request: Request, code: str) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _page(request, kept_body(request, code, renewal=True), {})


def _page(request: Request, body: Body, tried: dict[str, forms.Fields], status: int = 200) -> HttpResponse:
    posts = posts_of(body)
    check = law_check(body, clock.today())
    keeps = may_keep_body(request.viewer, body)
    # Who enters a renewal for others sees what belongs to it and nothing else.
    stage = "" if keeps else check.renewal if check is not None else ""
    known = {name: getattr(body, name) for name in ("name", "name_en", "phone", "uscc", "founded_on", "is_pilot")}
    fresh: dict[str, forms.Fields] = {
        "facts": forms.BodyForm(
            initial={**known, "led_by": body.led_by.code if body.led_by else ""}, leaders=leaders_for(body.place), on_page="facts"
        ),
        "post": forms.PostForm(body=body, on_page="post"),
        "history": forms.FactForm(on_page="history"),
        "text": forms.TextForm(body=body, on_page="text"),
        "term": forms.TermForm(on_page="term"),
        "duties": forms.DutiesForm(initial=_duties(check.term) if check else {}, on_page="duties"),
        "seal": forms.SealForm(posts=posts, on_page="seal"),
        "use": forms.SealUseForm(initial={"used_on": clock.today()}, on_page="use"),
        "end": forms.EndForm(on_page="end"),
    }
    return render(
        request,
        "organisations/keep.html",
        {
            "body": body,
            "place": body.place,
            "posts": posts,
            "check": check,
            "seals": seals_of(body),
            "facts": list(BodyFact.objects.filter(body=body, taken_back_at=None).order_by("happened_on", "id")),
            "forms": {**fresh, **tried},
            "open": next(iter(tried), ""),
            "publishes": may_publish(request.viewer, body),
            "keeps": keeps,
            "gives": keeps or stage == "members",
            "begins": keeps or stage == "term",
            "has_terms": body.kind == Body.Kind.OWNERS_COMMITTEE,
            "keeps_members": may_keep_members(request.viewer, body),
            "once": once_key(),
        },
        status=status,
    )


def _duties(term: Term) -> dict[str, Any]:
    return {name: getattr(term, name) for name in (*terms.DUTIES, "filing_number")}


def _act(
    request: Request,
    code: str,
    name: str,
    make: Callable[[Body], forms.Fields],
    work: Callable[[Body, dict[str, Any], Any], object],
    *,
    renewal: bool = False,
) -> HttpResponse:
    """Parse a form of the page, do it once, come back; what is refused is said where it was typed."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/keep")
    body = kept_body(request, code, renewal=renewal)
    form = make(body)
    if form.is_valid():

        def once() -> str:
            work(body, form.cleaned_data, form)
            # What was entered may have been the last of a renewal.
            may_go_back = may_keep_body(request.viewer, body) or renewal_of(request.viewer, body, clock.today())
            return f"/organisations/{code}/keep" if may_go_back else f"/organisations/{code}"

        try:
            return once_form(request, once)
        except KNOWN as error:
            form.add_error(None, sentence(error))
    form.mark_errors()
    return _page(request, body, {name: form}, 422)


@require_POST
def change(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        "facts",
        lambda body: forms.BodyForm(request.POST, leaders=leaders_for(body.place), on_page="facts"),
        lambda body, given, form: actions.change_body(viewer=request.viewer, body=body, name=given["name"], **form.facts),
    )


@require_POST
def give(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        "post",
        lambda body: forms.PostForm(request.POST, body=body, on_page="post"),
        lambda body, given, form: actions.appoint(viewer=request.viewer, body=body, **form.facts),
        renewal=True,
    )


@require_POST
def tell(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        "history",
        lambda body: forms.FactForm(request.POST, on_page="history"),
        lambda body, given, form: actions.add_fact(viewer=request.viewer, body=body, **given),
    )


@require_POST
def take_back(request: Request, code: str, fact_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/keep")
    body = kept_body(request, code)
    fact = BodyFact.objects.filter(body=body, pk=fact_id).first()
    if fact is None:
        raise Http404
    actions.take_back_fact(viewer=request.viewer, fact=fact)
    return SeeOther(f"/organisations/{code}/keep")


@require_POST
def publish(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        "text",
        lambda body: forms.TextForm(request.POST, body=body, on_page="text"),
        lambda body, given, form: papers.publish_text(viewer=request.viewer, body=body, **given),
    )


@require_POST
def begin_term(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        "term",
        lambda body: forms.TermForm(request.POST, on_page="term"),
        lambda body, given, form: terms.begin_term(viewer=request.viewer, body=body, **given),
        renewal=True,
    )


@require_POST
def date_term(request: Request, code: str, term_id: int) -> HttpResponse:
    term = Term.objects.select_related("body__place").filter(body__code=code, pk=term_id).first()
    if term is None:
        raise Http404
    return _act(
        request,
        code,
        "duties",
        lambda body: forms.DutiesForm(request.POST, on_page="duties"),
        lambda body, given, form: terms.date_term(viewer=request.viewer, term=term, **given),
        renewal=True,
    )


@require_POST
def keep_seal(request: Request, code: str) -> HttpResponse:
    def work(body: Body, given: dict[str, Any], form: Any) -> None:
        post = Post.objects.get(body=body, pk=given["kept_by"])
        papers.keep_seal(viewer=request.viewer, body=body, name=given["name"], kept_by=post, since=given["since"])

    return _act(request, code, "seal", lambda body: forms.SealForm(request.POST, posts=posts_of(body), on_page="seal"), work)


@require_POST
def use_seal(request: Request, code: str, seal_id: int) -> HttpResponse:
    seal = _seal(code, seal_id)
    return _act(
        request,
        code,
        "use",
        lambda body: forms.SealUseForm(request.POST, on_page="use"),
        lambda body, given, form: papers.use_seal(viewer=request.viewer, seal=seal, **given),
    )


@require_POST
def end_seal(request: Request, code: str, seal_id: int) -> HttpResponse:
    seal = _seal(code, seal_id)
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/keep")
    kept_body(request, code)
    papers.end_seal(viewer=request.viewer, seal=seal, on=clock.today())
    return SeeOther(f"/organisations/{code}/keep")


def _seal(code: str, seal_id: int) -> BodySeal:
    seal = BodySeal.objects.select_related("body__place").filter(body__code=code, pk=seal_id).first()
    if seal is None:
        raise Http404
    return seal


@require_POST
def end(request: Request, code: str) -> HttpResponse:
    return _act(
        request,
        code,
        "end",
        lambda body: forms.EndForm(request.POST, on_page="end"),
        lambda body, given, form: actions.end_body(viewer=request.viewer, body=body, **given),
    )


# A new body


@require_http_methods(["GET", "HEAD", "POST"])
def found(request: Request, code: str) -> HttpResponse:
    """Register a body at a place."""
    place = place_by_code(code)
    if place is None:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not may_found_body(request.viewer, place):
        raise actions.NotAllowed
    form = forms.NewBodyForm(request.POST if request.method == "POST" else None, leaders=leaders_for(place))
    if request.method == "POST" and form.is_valid():

        def once() -> str:
            given = form.cleaned_data
            body = actions.found_body(viewer=request.viewer, kind=given["kind"], name=given["name"], place=place, **form.facts)
            return f"/organisations/{body.code}/keep" if may_keep_body(request.viewer, body) else f"/organisations/{body.code}"

        try:
            return once_form(request, once)
        except KNOWN as error:
            form.add_error(None, sentence(error))
    if form.is_bound:
        form.mark_errors()
    return render(
        request,
        "organisations/found.html",
        {"place": place, "form": form, "once": once_key()},
        status=422 if form.is_bound else 200,
    )


# One post: hand it over, end it


@require_safe
def post(request: Request, code: str, post_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    body = kept_body(request, code)
    return _post_page(request, _post(body, post_id), {})


def _post(body: Body, post_id: int) -> Post:
    found = post_ever(body, post_id)
    if found is None:
        raise Http404
    return found


def _post_page(request: Request, held: Post, tried: dict[str, forms.Fields], status: int = 200) -> HttpResponse:
    return render(
        request,
        "organisations/post.html",
        {
            "body": held.body,
            "place": held.body.place,
            "post": held,
            "work": worded(request.viewer, open_work_of(held)),
            "handovers": list(HandOver.objects.filter(post=held).select_related("from_person", "to_person").order_by("-on", "-id")),
            "over": held.held_until is not None and held.held_until < clock.today(),
            "forms": {
                "over": forms.HandOverForm(initial={"on": clock.today()}, on_page="over"),
                "end": forms.EndPostForm(on_page="end"),
                **tried,
            },
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def hand_over(request: Request, code: str, post_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/posts/{post_id}")
    held = _post(kept_body(request, code), post_id)
    form = forms.HandOverForm(request.POST, on_page="over")
    if form.is_valid():

        def once() -> str:
            given = form.cleaned_data
            done = actions.hand_over(
                viewer=request.viewer,
                post=held,
                name=given["name"],
                phone=given["phone"],
                on=given["on"],
                because=given["because"],
                note=given["note"],
                **form.how,
            )
            return f"/organisations/handovers/{done.pk}"

        try:
            return once_form(request, once)
        except KNOWN as error:
            form.add_error(None, sentence(error))
    form.mark_errors()
    return _post_page(request, held, {"over": form}, 422)


@require_POST
def end_post(request: Request, code: str, post_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/organisations/{code}/posts/{post_id}")
    held = _post(kept_body(request, code), post_id)
    form = forms.EndPostForm(request.POST, on_page="end")
    if form.is_valid():

        def once() -> str:
            actions.end_post(viewer=request.viewer, post=held, on=form.cleaned_data["on"], because=form.cleaned_data["because"])
            return f"/organisations/{code}/keep"

        try:
            return once_form(request, once)
        except KNOWN as error:
            form.add_error(None, sentence(error))
    form.mark_errors()
    return _post_page(request, held, {"end": form}, 422)


@require_safe
def handed_over(request: Request, handover_id: int) -> HttpResponse:
    """What was handed over, to print and sign: for the two of them and those who keep the body."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    found = HandOver.objects.select_related("post__body__place", "from_person", "to_person").filter(pk=handover_id).first()
    mine = found is not None and request.viewer.own_id in (found.from_person_id, found.to_person_id)
    if found is None or not (mine or may_keep_body(request.viewer, found.post.body)):
        raise Http404
    return render(
        request,
        "organisations/handover.html",
        {"handover": found, "body": found.post.body, "place": found.post.body.place, "work": worded(request.viewer, found.items)},
    )
