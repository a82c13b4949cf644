import hashlib

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.occasions.ics import place_feed
from doorstep.foundation.places.queries import place_by_code

FRESH_SECONDS = 900


@require_safe
def place_calendar(request: Request, code: str) -> HttpResponse:
    """/calendar/<code>.ics: what is on at a place and below it, for everyone: whoever asks, the same public feed."""
    place = place_by_code(code)
    if place is None:
        raise Http404
    body = place_feed(
        NOBODY,
        place=place,
        source=request.build_absolute_uri(request.path),
        site=request.build_absolute_uri("/").rstrip("/"),
        english=(get_language() or "").startswith("en"),
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = f'inline; filename="{place.code}.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response
