"""我站的班: one's places in published rotas, and exchanging them."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.ui.web import once_form, once_key, sign_in_first
from doorstep.services import actions, queries

HERE = "/my/rota"


@require_safe
def my_rota(request: Request) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _shown(request)


def _shown(request: Request, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"shown": queries.my_rota(request.viewer), "problem": problem, "once": once_key(), "now": clock.now()}
    response = render(request, "services/my_rota.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _act(request: Request, do: Callable[[], object]) -> HttpResponse:
    def work() -> str:
        do()
        return HERE

    try:
        return once_form(request, work)
    except actions.BreaksARule:
        return _shown(request, _("换不成：有一位那天没有要的证书，那天不来，这周够了，同时在别处，或者路上赶不及。班照旧。"), 409)
    except actions.NotInRota:
        return _shown(request, _("只能换公布了的、还没到的班，对方也要写过“我能站的班”。"), 409)
    except actions.SwapOver:
        return _shown(request, _("这个换班已经不算数了：有人先换了，收回了，或者不换。班照旧。"), 409)


@require_POST
def offer(request: Request) -> HttpResponse:
    """Offer a place: `for` names a place of somebody else (s…) or somebody (p…)."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=HERE)
    given, asked = request.POST.get("place", ""), request.POST.get("for", "")
    mine = next((each for each in queries.my_rota(request.viewer).places if str(each.sign_up.pk) == given), None)
    if mine is None:
        raise Http404
    wanted = next((sign_up for sign_up, _person in mine.others if f"s{sign_up.pk}" == asked), None)
    person = next((each for each in mine.people if f"p{each.pk}" == asked), None)
    if wanted is None and person is None:
        return _shown(request, _("请选换哪一个班，或者让给谁。"), 422)
    to_id = person.pk if person is not None else None
    return _act(request, lambda: actions.offer_swap(viewer=request.viewer, given=mine.sign_up, wanted=wanted, to_id=to_id))


@require_POST
def answer(request: Request, swap_id: int, what: str) -> HttpResponse:
    """Take an offer, leave it, or take one's own back."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back=HERE)
    do = {"accept": actions.accept_swap, "decline": actions.decline_swap, "withdraw": actions.withdraw_swap}.get(what)
    swap = queries.swap_for(request.viewer, swap_id)
    if swap is None or do is None:
        raise Http404
    return _act(request, lambda: do(viewer=request.viewer, swap=swap))
