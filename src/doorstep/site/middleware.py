import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import logout as end_session
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY, Viewer
from doorstep.foundation.identity.rules.idle import is_held_to_idle_minutes, is_over
from doorstep.foundation.identity.sessions import BY_PASSWORD, IDLE_RENEWED, IDLE_UNTIL
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations.queries import value_of
from doorstep.site import metrics
from doorstep.site.errors import problem

Handler = Callable[[HttpRequest], HttpResponse]

# Nothing inline, nothing from elsewhere; pictures may also be shown from the page itself before they are sent.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class Headers:
    """Security headers on every answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("X-Frame-Options", "DENY")
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)")
        if settings.HTTPS:
            response.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


class Metrics:
    """Counts requests and their time by route, never by address: no number and no person in a metric."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match else "none"
        metrics.observe(route=route, method=request.method or "", status=response.status_code, seconds=time.perf_counter() - began)
        return response


class Api:
    """Under /api/: `request.api_viewer`, whose token it is, looked up when first asked; and a refused method as a problem like any other."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        from doorstep.site.api import viewer_of_request  # noqa: PLC0415  the API imports models: only once the apps are ready

        request.api_viewer = SimpleLazyObject(lambda: viewer_of_request(request))  # type: ignore[attr-defined]
        # A token that is no longer good is said so everywhere: who believes they are signed in would take the public part for all there is.
        is_login = request.path == "/api/v1/tokens"
        if request.headers.get("Authorization", "").startswith("Bearer") and not is_login and not request.api_viewer.signed_in:  # type: ignore[attr-defined]
            refused = problem(401, code="token_required")
            refused["WWW-Authenticate"] = "Bearer"
            return refused
        response = self.get_response(request)
        if response.status_code == 405:
            refused = problem(405)
            refused["Allow"] = response["Allow"]
            return refused
        return response


class Language:
    """The reader's own choice (a cookie), else Chinese: phones here often ship with an English locale that nobody chose."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        response = self.get_response(request)
        response.setdefault("Content-Language", "en" if chosen == "en" else "zh-CN")
        return response


class StaffIdle:
    """Whoever works a body's matters, configures the town or came by password, and did nothing for as long as the regulations allow, is signed
    out (identity.rules.idle). The request goes on as nobody's, so what was typed is kept by the page that asks to sign in again."""

    RENEWED_EVERY = 60.0

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            viewer: Viewer = request.viewer  # type: ignore[attr-defined]
            works = bool(viewer.bodies) or viewer.is_town_admin
            if is_held_to_idle_minutes(by_password=bool(request.session.get(BY_PASSWORD)), works=works):
                self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        now, until = clock.now().timestamp(), request.session.get(IDLE_UNTIL)
        if is_over(until=until, now=now):
            self._end(request)
            return
        place = town() if until is None or request.session.get(IDLE_RENEWED, 0.0) + self.RENEWED_EVERY < now else None
        if place is not None:
            minutes = value_of("security.staff_idle_minutes", place_lineage_localities=place.localities, on=clock.today()).number
            request.session[IDLE_UNTIL], request.session[IDLE_RENEWED] = now + 60 * minutes, now
            self._keep(request)

    def _keep(self, request: HttpRequest) -> None:
        """Write the session down before the work begins: whoever ends their own post ends this session too, and nothing is left to write."""
        try:
            request.session.save()
        except UpdateError:
            self._end(request)
        else:
            request.session.modified = False

    def _end(self, request: HttpRequest) -> None:
        end_session(request)
        request.viewer = NOBODY  # type: ignore[attr-defined]
