"""Language and elder mode: cookies of this device, set by plain forms."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.actions import keep_language
from doorstep.foundation.ui.context import SIZES
from doorstep.foundation.ui.web import SeeOther

YEAR = 60 * 60 * 24 * 365


def _back(request: HttpRequest) -> str:
    given = request.POST.get("next", "/")
    return given if given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None) else "/"


@require_POST
def language(request: Request) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = SeeOther(_back(request))
    if chosen in dict(settings.LANGUAGES):
        if request.viewer.account_id is not None:
            # Mail and text messages come in it too.
            keep_language(account_id=request.viewer.account_id, language=chosen)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_POST
def mode(request: HttpRequest) -> HttpResponse:
    response = SeeOther(_back(request))
    if request.POST.get("mode") == "elder":
        size = request.POST.get("size", "1")
        response.set_cookie("mode", "elder", max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
        response.set_cookie("size", size if size in SIZES else "1", max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    else:
        response.delete_cookie("mode")
        response.delete_cookie("size")
    return response


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component on one page; in the demo only."""
    if not settings.DEMO:
        raise Http404
    return render(request, "ui/components.html", {"now": clock.now()})
