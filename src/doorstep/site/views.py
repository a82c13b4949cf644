"""The front page, a place's page, inbox, health."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.affairs import queries as affairs
from doorstep.foundation import clock
from doorstep.foundation.access.queries import reads_about
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.queries import names_of
from doorstep.foundation.journal.queries import concerning, page_version
from doorstep.foundation.notify import actions as notify_actions
from doorstep.foundation.notify import queries as notify
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import ancestors, children, place_by_code, town
from doorstep.foundation.search.queries import find
from doorstep.foundation.ui.web import NOT_KEPT, SeeOther, once_key, sign_in_first, with_version
from doorstep.organisations.permissions import may_set_up
from doorstep.organisations.queries import bodies_at, home_of, posts_by_id
from doorstep.organisations.queries.figures import place_figures
from doorstep.services.queries import week_at
from doorstep.site import metrics
from doorstep.site.mechanisms import MECHANISMS

# Kinds whose subject is a number that people know.
NUMBERED = frozenset({"matter", "vote"})
WORKER_SILENT = timedelta(seconds=60)
# Why somebody read, as the access log codes it.
WHY = {
    "keeping": gettext_lazy("管名册、看居民认证"),
    "relative": gettext_lazy("去世亲人的资料"),
    "census": gettext_lazy("支部的党员名册"),
    "roll": gettext_lazy("维护名册"),
    "handling": gettext_lazy("办这件事"),
    "import": gettext_lazy("导入名册"),
    "proof": gettext_lazy("查记事簿和证明"),
    "approve": gettext_lazy("认可时长"),
    "assess": gettext_lazy("看学得怎样、打分"),
    "attendance": gettext_lazy("记到课"),
    "review": gettext_lazy("评审"),
    "certify": gettext_lazy("管证书"),
    "check": gettext_lazy("核对执业资质"),
    "find": gettext_lazy("找这个人"),
    "register": gettext_lazy("查人才库"),
    "care": gettext_lazy("看您同意留下的血压"),
    "visit": gettext_lazy("安排上门看望"),
    "roster": gettext_lazy("看谁报了名"),
    "moderating": gettext_lazy("看有人觉得不妥的话"),
    "counting": gettext_lazy("计票"),
    "full_file": gettext_lazy("导出完整的表决文件"),
    "scan": gettext_lazy("看票的扫描件"),
    "file": gettext_lazy("打开不公开的照片或文件"),
    "inspection:court": gettext_lazy("查票：法院要求"),
    "inspection:housing_authority": gettext_lazy("查票：住建部门要求"),
    "inspection:street_office": gettext_lazy("查票：镇街要求"),
    "inspection:voter_request": gettext_lazy("查票：投票人自己要求"),
}
# What was read, where it has a page of its own.
PAGES = {"matter": "/m/"}
# Fields of forms that are pressed or picked, not typed: nobody misses them.
CHOSEN = frozenset({"go", "next", "form", "from", "remove", "place", "category", "see", "behalf", "body", "language", "mode", "size"})


@require_safe
def home(request: Request) -> HttpResponse:
    """The town's front page; for somebody with a home here, their own doorstep."""
    top = town()
    if top is None:
        return render(request, "site/no_town.html", status=503)
    shown = home_of(request.viewer) if request.viewer.signed_in else None
    return _place(request, shown or top)


@require_safe
def place(request: Request, code: str) -> HttpResponse:
    found = place_by_code(code)
    if found is None:
        raise Http404
    return _place(request, found)


def _place(request: Request, shown: Place) -> HttpResponse:
    def make() -> HttpResponse:
        whole_town = shown.kind in {Place.Kind.TOWN, Place.Kind.CITY}
        scopes = affairs.scopes_of(shown)
        counts = affairs.counts_in(shown, scopes)
        groups = {name: sum(counts.get(state, 0) for state in states) for name, states in affairs.GROUPS.items()}
        viewer = request.viewer
        below = children(shown, "estate", "village", "community", "building")
        return render(
            request,
            "site/place.html",
            {
                "place": shown,
                "line": ancestors(shown)[:-1],
                "town": town(),
                "whole_town": whole_town,
                "below": below,
                "estates": [each for each in below if each.kind == Place.Kind.ESTATE],
                "villages": [each for each in below if each.kind not in {Place.Kind.ESTATE, Place.Kind.BUILDING}],
                "buildings": [each for each in below if each.kind == Place.Kind.BUILDING],
                "bodies": list(bodies_at(shown)),
                "figures": place_figures(shown),
                "groups": groups,
                "said_done": groups["confirmed"] + groups["unconfirmed"] + groups["asking"],
                "newest": affairs.matters_at(viewer, place=shown, scope_ids=scopes, size=5).items,
                "mine": affairs.mine(viewer, size=3).items if viewer.signed_in else [],
                "waiting": affairs.waiting_for(viewer) if viewer.signed_in else [],
                "week": week_at(viewer, place=shown),
                "mechanisms": MECHANISMS,
                "may_set_up": may_set_up(viewer, shown),
                "once": once_key(),
                "today": clock.today(),
                "now": clock.now(),
            },
        )

    return with_version(request, lambda: f"place {page_version(lineage=affairs.lineage_of_list(shown))} {clock.now():%Y-%m-%d %H}", make)


@require_safe
def inbox(request: Request) -> HttpResponse:
    """What one was told, newest first."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    given = request.GET.get("before", "")
    items, before = notify.inbox(request.viewer, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    return render(request, "site/inbox.html", {"items": items, "before": before, "now": clock.now()})


@require_POST
def inbox_open(request: Request, item_id: int) -> HttpResponse:
    """Mark one line as read and go where it leads."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/inbox/")
    item = notify_actions.mark_read(viewer=request.viewer, item_id=item_id)
    if item is None:
        raise Http404
    return SeeOther(notify.url_of(item, request.viewer))


@require_POST
def inbox_read(request: Request) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/inbox/")
    notify_actions.mark_all_read(viewer=request.viewer)
    return SeeOther("/inbox/")


@require_safe
def search(request: Request) -> HttpResponse:
    """找: everything the reader may know of that has all the words they typed."""
    wanted = request.GET.get("q", "").strip()[:60].replace("\x00", "")
    given = request.GET.get("before", "")
    found = find(request.viewer, wanted, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    return render(
        request,
        "site/search.html",
        {"q": wanted, "found": found, "before": found.before, "more": urlencode({"q": wanted}), "place": None},
    )


@require_safe
def my_reads(request: Request) -> HttpResponse:
    """Who read one's restricted data, as what, and why. Three queries, however many rows."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    given = request.GET.get("before", "")
    reads, before = reads_about(request.viewer, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    posts = posts_by_id(read.post_id for read in reads if read.post_id)
    names = names_of(read.person_id for read in reads if read.person_id)
    rows = [
        {
            "read": read,
            "post": posts.get(read.post_id or 0),
            "name": names.get(read.person_id or 0, ""),
            # Who reads as a party, or checks a proof of what they may see, holds no office: that they did is said, not who they are.
            "as_party": read.post_id is None and (read.kind in ("matter", "file") or read.why == "proof"),
            "why": WHY.get(read.why, read.why),
            "url": f"{PAGES[read.kind]}{read.subject}" if read.kind in PAGES else "",
        }
        for read in reads
    ]
    return render(request, "site/my_reads.html", {"rows": rows, "before": before})


@require_safe
def my_journal(request: Request) -> HttpResponse:
    """What the journal holds of the reader: what they did, what was done for them, what names them. A fixed number of queries."""
    viewer = request.viewer
    if not viewer.signed_in:
        return sign_in_first(request)
    given = request.GET.get("before", "")
    me = [viewer.own_id, *viewer.former_ids]
    passed = Q(kind="body", verb="post_handed_over") & (Q(detail__from__in=me) | Q(detail__to__in=me))
    steps, before = concerning(viewer, about=passed, before=int(given) if given.isdecimal() and len(given) < 18 else None)
    lines = notify.lines_about([step.entry for step in steps], viewer)
    posts = posts_by_id(step.entry.post_id for step in steps if step.entry.post_id)
    names = names_of(step.entry.actor_id for step in steps if step.how == "for_me" and step.entry.actor_id)
    rows = [
        {
            "step": step,
            "line": lines.get(step.entry.pk),
            "number": step.entry.subject if step.entry.kind in NUMBERED else "",
            "post": posts.get(step.entry.post_id or 0),
            "actor": names.get(step.entry.actor_id or 0, ""),
            # An entry meant for few is proved to those it is meant for: its key is one of the viewer's, or they see its subject.
            "proved": step.index is not None and (step.entry.audience in viewer.keys or step.entry.pk in lines),
        }
        for step in steps
    ]
    return render(request, "site/my_journal.html", {"rows": rows, "before": before})


@require_http_methods(["GET", "HEAD"])
def healthz(request: Request) -> HttpResponse:
    """Alive: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_http_methods(["GET", "HEAD"])
def readyz(request: Request) -> JsonResponse:
    """Ready: the database answers and a worker went round within a minute."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        beat = notify.last_beat(within=WORKER_SILENT)
        database = "ok"
    except DatabaseError as error:
        beat, database = None, type(error).__name__
    ready = database == "ok" and beat is not None
    return JsonResponse({"database": database, "worker": "ok" if beat else "silent"}, status=200 if ready else 503)


@require_safe
def metrics_page(request: Request) -> HttpResponse:
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    """A form that came from another time or place: show what was typed, so that nothing is lost."""
    left_out = NOT_KEPT | CHOSEN
    typed = [(name, value) for name in request.POST if name not in left_out for value in request.POST.getlist(name) if value.strip()]
    return render(request, "site/csrf.html", {"typed": typed, "reason": reason}, status=403)
