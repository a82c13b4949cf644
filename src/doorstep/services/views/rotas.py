"""The rota: propose, look, adjust, publish; and what a mentor wants of it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.places.queries import children, town
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.services import actions, queries
from doorstep.services.forms import RotaForm, TermsForm

WHY = {
    "credential": gettext_lazy("没有证书"), "never": gettext_lazy("那天不来"), "away": gettext_lazy("那时有别的事"), "hours": gettext_lazy("这周够了"), "clash": gettext_lazy("同时在别处"),
    "travel": gettext_lazy("路上赶不及"), "free": gettext_lazy("有空"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def rotas(request: Request) -> HttpResponse:
    """The rotas of one's bodies; a new one is asked for here."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    bodies = queries.bodies_to_offer(request.viewer)
    if not bodies:
        raise actions.NotAllowed("rotas")
    form = RotaForm(request.POST) if request.method == "POST" else RotaForm()
    problem = ""
    if request.method == "POST":
        problem = _("请把日期填好。")
        body = next((each for each in bodies if form.is_valid() and each.code == form.cleaned_data["body"]), None)
        if body is not None:
            data = form.cleaned_data

            def work() -> str:
                made = actions.ask_for_rota(viewer=request.viewer, body=body, first_day=data["first_day"], last_day=data["last_day"])
                return f"/rota/{made.pk}"

            try:
                return once_form(request, work)
            except actions.BadSpan:
                problem = _("一次最多排两个月，最后一天不能比第一天早。")
            except actions.NothingToFill:
                problem = _("这些天没有空着的位置。")
    context = {
        "bodies": bodies, "rotas": queries.rotas_of(request.viewer), "form": form, "problem": problem, "typed": request.POST,
        "today": clock.today(), "once": once_key(),
    }  # fmt: skip
    return render(request, "services/rotas.html", context, status=422 if problem else 200)


def _shown(request: Request, rota_id: int, problem: str = "", status: int = 200) -> HttpResponse:
    found = queries.rota_for(request.viewer, rota_id)
    if found is None:
        raise Http404
    rows = [(place, [(str(WHY[code]), n) for code, n in place.why.items()]) for place in found.places]
    context = {
        "shown": found, "rota": found.rota, "rows": rows, "problem": problem, "stuck": actions.is_stuck(found.rota, clock.now()),
        "once": once_key(), "now": clock.now(),
    }  # fmt: skip
    return render(request, "services/rota.html", context, status=status)


PUBLISHED = gettext_lazy("已经公布了。要换人，请到那一场去换。")
SEARCHING = gettext_lazy("还在排。排好了再来看。")


@require_http_methods(["GET", "HEAD"])
def rota(request: Request, rota_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _shown(request, rota_id)


@require_POST
def set_place(request: Request, rota_id: int, place_id: int) -> HttpResponse:
    """Put somebody into a place by hand."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/rota/{rota_id}")
    found = queries.rota_for(request.viewer, rota_id)
    place = next((each for each in found.places if each.pk == place_id), None) if found else None
    if found is None or place is None:
        raise Http404
    wanted = request.POST.get("person", "")
    person = next((each for each in found.mentors if str(each.pk) == wanted), None)

    def work() -> str:
        actions.set_place(viewer=request.viewer, place=place, person=person)
        return f"/rota/{rota_id}"

    try:
        return once_form(request, work)
    except actions.BreaksARule:
        return _shown(request, rota_id, _("这位排不进这个位置：没有证书，那天不来，这周够了，或者同时在别处。"), 409)
    except actions.PublishedAlready:
        return _shown(request, rota_id, str(PUBLISHED), 409)
    except actions.StillSearching:
        return _shown(request, rota_id, str(SEARCHING), 409)


@require_POST
def again(request: Request, rota_id: int) -> HttpResponse:
    """Search anew after a failure."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/rota/{rota_id}")
    found = queries.rota_for(request.viewer, rota_id)
    if found is None:
        raise Http404

    def work() -> str:
        actions.ask_again(viewer=request.viewer, rota=found.rota)
        return f"/rota/{rota_id}"

    try:
        return once_form(request, work)
    except actions.PublishedAlready:
        return _shown(request, rota_id, _("已经排好了。"), 409)
    except actions.StillSearching:
        return _shown(request, rota_id, str(SEARCHING), 409)


@require_POST
def publish(request: Request, rota_id: int) -> HttpResponse:
    """Give everyone their places."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=f"/rota/{rota_id}")
    found = queries.rota_for(request.viewer, rota_id)
    if found is None:
        raise Http404

    def work() -> str:
        actions.publish_rota(viewer=request.viewer, rota=found.rota)
        return f"/rota/{rota_id}"

    try:
        return once_form(request, work)
    except actions.PublishedAlready:
        return _shown(request, rota_id, str(PUBLISHED), 409)
    except actions.StillSearching:
        return _shown(request, rota_id, str(SEARCHING), 409)


@require_http_methods(["GET", "HEAD", "POST"])
def travel(request: Request) -> HttpResponse:
    """How long the way between two sites takes: the sites of the coming weeks, one at a time with the way to every other."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    bodies = queries.bodies_to_offer(request.viewer)
    if not bodies:
        raise actions.NotAllowed("travel")
    shown = queries.travel_from(request.viewer, request.POST.get("site", "") or request.GET.get("from", ""))
    problem = ""
    if request.method == "POST":
        if shown.site is None:
            raise Http404
        site = shown.site
        typed = {place.pk: request.POST.get(f"m-{place.code}", "").strip() for place, _minutes in shown.ways}

        def work() -> str:
            minutes = {place_id: int(text) if text else None for place_id, text in typed.items()}
            actions.keep_travel_times(viewer=request.viewer, body=bodies[0], site=site, minutes=minutes)
            return f"/rota/travel?from={site.code}"

        try:
            if all(not text or (text.isdecimal() and len(text) < 5) for text in typed.values()):
                return once_form(request, work)
            problem = _("分钟写数字，0 到 240。空着就按规则库算。")
        except actions.NotAWay:
            problem = _("分钟写数字，0 到 240。空着就按规则库算。")
        shown = queries.travel_from(request.viewer, site.code)
    return render(request, "services/travel.html", {"shown": shown, "problem": problem, "once": once_key()}, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: Request) -> HttpResponse:
    """What one wants of the rota."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    top = town()
    if top is None:
        raise Http404
    form = TermsForm(request.POST) if request.method == "POST" else TermsForm()
    places = children(top, "estate", "village", "community")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        prefers = [each.code for each in places if each.code == data["prefers"]]

        def work() -> str:
            actions.keep_terms(viewer=request.viewer, weekly_minutes=int(data["hours"] * 60), prefers=prefers, never=data["never"])
            return "/my/terms"

        return once_form(request, work)
    days = list(enumerate((_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))))
    context = {"form": form, "terms": queries.my_terms(request.viewer), "places": places, "days": days, "once": once_key()}
    return render(request, "services/terms.html", context, status=422 if request.method == "POST" else 200)
