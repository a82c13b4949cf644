"""Who is here: the bodies of a place, what each is and has published, its history, and how they hang together."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.places.queries import place_by_code, town
from doorstep.foundation.ui.web import sign_in_first, with_version
from doorstep.organisations import queries
from doorstep.organisations.actions import NotAllowed
from doorstep.organisations.models import Body, BodyText
from doorstep.organisations.permissions import PARTY, may_found_body, may_keep_body, may_keep_members, may_see_due, renewing_post
from doorstep.organisations.queries import graph
from doorstep.organisations.queries.committee import cross_of, lacking_seats, law_check
from doorstep.organisations.queries.due import MOST, due_at
from doorstep.organisations.queries.history import bodies_ever_at, history_of
from doorstep.organisations.queries.members import partners_of
from doorstep.organisations.queries.papers import seals_of, texts_in_force, versions_of
from doorstep.organisations.queries.to_do import may_enter


@require_safe
def organisations(request: Request) -> HttpResponse:
    """组织共建: every body of the town by place, with its posts."""
    top = town()
    if top is None:
        raise Http404
    return with_version(
        request,
        lambda: f"organisations {page_version(lineage=top.lineage)} {clock.today()}",
        lambda: render(
            request,
            "organisations/list.html",
            {
                "place": top,
                "groups": queries.bodies_by_place(top),
                "may_found": may_found_body(request.viewer, top),
                "sees_due": may_see_due(request.viewer, top),
            },
        ),
    )


def _body(code: str) -> Body:
    found = queries.body_ever(code)
    if found is None:
        raise Http404
    return found


@require_safe
def body(request: Request, code: str) -> HttpResponse:
    """One body: what it is, who holds its posts, what it has published, and what the law expects of it now."""
    found = _body(code)
    posts = queries.posts_of(found)
    return render(
        request,
        "organisations/body.html",
        {
            "body": found,
            "place": found.place,
            "posts": posts,
            "check": (check := law_check(found, clock.today())),
            "cross": cross_of(found.place) if found.kind in (Body.Kind.OWNERS_COMMITTEE, Body.Kind.PARTY_BRANCH) else None,
            "lacking": lacking_seats(found, posts),
            "texts": texts_in_force(found),
            "seals": seals_of(found) if found.kind == Body.Kind.OWNERS_COMMITTEE else [],
            "partners": partners_of(found) if found.kind in PARTY else [],
            "keeps": may_keep_body(request.viewer, found),
            "renews": check is not None and check.renewal != "" and renewing_post(request.viewer, found) is not None,
            "keeps_members": may_keep_members(request.viewer, found),
        },
    )


@require_safe
def body_text(request: Request, code: str, kind: str, version: int) -> HttpResponse:
    """One published text, with the versions before and after it."""
    found = _body(code)
    versions = versions_of(found, kind)
    text = next((each for each in versions if each.version == version), None)
    if text is None:
        raise Http404
    return render(
        request,
        "organisations/text.html",
        {"body": found, "place": found.place, "text": text, "versions": versions, "kind": BodyText.Kind(kind).label},
    )


@require_safe
def body_history(request: Request, code: str) -> HttpResponse:
    """组织沿革 of one body."""
    found = _body(code)
    return render(
        request, "organisations/history.html", {"body": found, "place": found.place, "moments": history_of([found]), "several": False}
    )


@require_safe
def place_history(request: Request, code: str) -> HttpResponse:
    """组织沿革 of a place: everything its bodies did, on one line of time."""
    found = place_by_code(code)
    if found is None:
        raise Http404
    return render(
        request, "organisations/history.html", {"body": None, "place": found, "moments": history_of(bodies_ever_at(found)), "several": True}
    )


@require_safe
def place_organisations(request: Request, code: str) -> HttpResponse:
    found = place_by_code(code)
    if found is None:
        raise Http404
    return render(
        request,
        "organisations/list.html",
        {
            "place": found,
            "groups": queries.bodies_by_place(found),
            "may_found": may_found_body(request.viewer, found),
            "sees_due": may_see_due(request.viewer, found),
        },
    )


@require_safe
def place_due(request: Request, code: str) -> HttpResponse:
    """What is due for the bodies of a place and below it: for those who work for one there or above."""
    found = place_by_code(code)
    if found is None:
        raise Http404
    if not request.viewer.signed_in:
        return sign_in_first(request)
    items = due_at(request.viewer, found)
    if items is None:
        raise NotAllowed
    return render(
        request,
        "organisations/due.html",
        {"place": found, "items": [(due, may_enter(request.viewer, due)) for due in items[:MOST]], "more": max(0, len(items) - MOST)},
    )


@require_safe
def place_graph(request: Request, code: str) -> HttpResponse:
    """一核多元: the party organisation at the core, everybody else around it, and who sits in both."""
    found = place_by_code(code)
    if found is None:
        raise Http404
    return render(request, "organisations/graph.html", {"place": found, "graph": graph.of_place(found), "cross": cross_of(found)})
