"""What pages share: forms that count once, signing in without losing what was typed, pages with a version, papers as PDF."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.utils.crypto import get_random_string
from django.utils.http import parse_etags
from django.utils.translation import get_language

from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.journal.once import Answer, once
from doorstep.foundation.printing.press import Facts, pdf

ONCE_FIELD = "once"
NOT_KEPT = frozenset({"csrfmiddlewaretoken", ONCE_FIELD, "password", "otp", "code"})


class SeeOther(HttpResponseRedirect):
    """After a form: look at the result with GET."""

    status_code = 303


def address_of(request: Request) -> str:
    """Where a request came from; behind a trusted proxy what that says (DOORSTEP_TRUSTED_PROXIES)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def once_key() -> str:
    """A fresh key for a form's hidden field."""
    return get_random_string(24)


def scope_of_request(request: Request) -> str:
    """Who writes where: the key of a form is theirs alone."""
    viewer = request.viewer
    if viewer.signed_in:
        who = f"person:{viewer.person_id}"
    else:
        if request.session.session_key is None:
            request.session.create()
        who = f"session:{hashlib.sha256((request.session.session_key or '').encode()).hexdigest()[:32]}"
    return f"{who} {request.method} {request.path}"[:120]


def once_form(request: Request, work: Callable[[], str]) -> HttpResponse:
    """Do a form's work once, however often it is sent, and go where `work` says."""
    key = request.POST.get(ONCE_FIELD) or once_key()
    posted = {name: request.POST.getlist(name) for name in request.POST if name not in NOT_KEPT}
    body = json.dumps(posted, sort_keys=True, ensure_ascii=False).encode()
    answer = once(scope=scope_of_request(request), key=key[:120], body=body, work=lambda: Answer(303, location=work()))
    return SeeOther(answer.location)


def sign_in_first(request: Request, *, back: str | None = None) -> HttpResponse:
    """Send to the login and come back here. What was typed is kept in the session and stands in the form again."""
    back = back or request.get_full_path()
    if request.method == "POST":
        request.session["typed"] = {
            "path": back,
            "fields": {name: request.POST[name] for name in request.POST if name not in NOT_KEPT},
        }
    return SeeOther(f"/login/?{urlencode({'next': back})}")


def typed_before(request: Request, path: str) -> Mapping[str, Any]:
    """What was typed into this page's form before the login ran out; given once."""
    kept = request.session.get("typed")
    if not kept or kept["path"] != path:
        return {}
    del request.session["typed"]
    fields: Mapping[str, Any] = kept["fields"]
    return fields


def with_version(request: Request, version: Callable[[], str], make: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer 304 where the reader already has this version of a public page. For anonymous readers only: others see their own,
    and their page asks for no version."""
    if request.viewer != NOBODY or request.method not in {"GET", "HEAD"}:
        return make()
    parts = (
        version(),
        request.get_full_path(),
        getattr(request, "LANGUAGE_CODE", ""),
        request.COOKIES.get("mode", ""),
        request.COOKIES.get("size", ""),
    )
    etag = f'"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]}"'
    # A proxy that compresses makes an ETag weak; it still names this version.
    if etag in [given.removeprefix("W/") for given in parse_etags(request.headers.get("If-None-Match", ""))]:
        unchanged = HttpResponseNotModified()
        unchanged["ETag"] = etag
        return unchanged
    response = make()
    if response.status_code == 200:
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        response["Vary"] = "Cookie"
    return response


def pdf_answer(template: str, facts: Facts, *, name: str, private: bool = False) -> HttpResponse:
    """A paper in the page's language, shown by the browser and saved as `name`; `private`: for nobody on the way to keep."""
    data = pdf(template, {**facts, "lang": "en" if (get_language() or "").startswith("en") else "zh"})
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store" if private else "private, no-cache"
    response["Vary"] = "Cookie, Accept-Language"
    return response
