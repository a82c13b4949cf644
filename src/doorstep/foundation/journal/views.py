"""/journal/: what is sealed, and everything one needs to check it elsewhere. Addresses and formats: formats, sections 3 and 4."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.journal import queries
from doorstep.foundation.journal.merkle import OutOfRange
from doorstep.foundation.journal.names import kinds
from doorstep.foundation.journal.proof import written

RECENT = 8


@require_safe
def page(request: Request) -> HttpResponse:
    """The latest head, how to check it, the entries about one number, keys and recent heads."""
    subject = request.GET.get("subject", "").strip()[:60]
    recent, _more = queries.heads(size=RECENT)
    return render(
        request,
        "journal/page.html",
        {
            "state": queries.sealing_state(),
            "recent": [{"head": head, "at": written(head.at)} for head in recent],
            "keys": queries.signing_keys(),
            "subject": subject,
            "history": queries.verified_history(request.viewer, kinds=kinds(), subject=subject) if subject else [],
        },
    )


@require_safe
def heads(request: Request) -> JsonResponse:
    return _json(queries.heads_document(before=_whole(request, "before") if "before" in request.GET else None))


@require_safe
def latest(request: Request) -> JsonResponse:
    head = queries.latest_head()
    return _json_or_404(queries.head_document(head) if head is not None else None)


@require_safe
def keys(request: Request) -> JsonResponse:
    return _json(queries.keys_document())


@require_safe
def proof(request: Request) -> JsonResponse:
    """A restricted entry is answered like one that is not there."""
    earlier = _whole(request, "earlier") if "earlier" in request.GET else None
    response = _json_or_404(queries.proof_for(request.viewer, _whole(request, "entry"), earlier=earlier))
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def consistency(request: Request) -> JsonResponse:
    try:
        return _json_or_404(queries.consistency_between(_whole(request, "from"), _whole(request, "to")))
    except OutOfRange as error:
        raise BadRequest("from has to be at least 1 and at most to") from error


def _whole(request: Request, name: str) -> int:
    given = request.GET.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise BadRequest(f"{name} has to be a whole number")
    return int(given)


def _json(document: dict[str, Any]) -> JsonResponse:
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False})


def _json_or_404(document: dict[str, Any] | None) -> JsonResponse:
    if document is None:
        raise Http404
    return _json(document)
