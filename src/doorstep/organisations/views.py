"""Who is here: the bodies of a place and who answers for them; and the roll, read before it is written."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.places.queries import place_by_code, town
from doorstep.foundation.ui.web import with_version
from doorstep.organisations import queries


@require_safe
def organisations(request: Request) -> HttpResponse:
    """组织共建: every body of the town by place, with its posts."""
    top = town()
    if top is None:
        raise Http404
    return with_version(
        request,
        lambda: f"organisations {page_version(lineage=top.lineage)} {clock.today()}",
        lambda: render(request, "organisations/list.html", {"place": top, "groups": queries.bodies_by_place(top)}),
    )


@require_safe
def body(request: Request, code: str) -> HttpResponse:
    """One body: what it is, where it serves, who holds its posts."""
    found = queries.body_by_code(code)
    if found is None:
        raise Http404
    return render(request, "organisations/body.html", {"body": found, "place": found.place, "posts": queries.posts_of(found)})


@require_safe
def place_organisations(request: Request, code: str) -> HttpResponse:
    found = place_by_code(code)
    if found is None:
        raise Http404
    return render(request, "organisations/list.html", {"place": found, "groups": queries.bodies_by_place(found)})
