"""The API: one NinjaAPI over the routers of the mechanisms, tokens, and one form of error (RFC 9457)."""

from collections.abc import Sequence
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.security import HttpBearer

from doorstep.affairs.api import Problem, Refused
from doorstep.affairs.api import router as matters
from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import NOBODY, Viewer, build_viewer
from doorstep.foundation.identity import actions as identity
from doorstep.foundation.ui.web import address_of
from doorstep.services.api import router as sessions
from doorstep.site.errors import problem


class Bearer(HttpBearer):
    """`Authorization: Bearer …`. The session cookie opens nothing here, so no form of another site can."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        viewer: Viewer = cast(Request, request).api_viewer
        return viewer if viewer.signed_in else None


def viewer_of_request(request: HttpRequest) -> Viewer:
    """The viewer of a token, also where none is required; nobody without one."""
    header = request.headers.get("Authorization", "")
    holder = identity.holder_of_token(token=header.removeprefix("Bearer ").strip()) if header.startswith("Bearer ") else None
    if holder is None:
        return NOBODY
    return build_viewer(person_id=holder.person_id, account_id=holder.account_id, name=holder.name, is_town_admin=holder.is_administrator)


api = NinjaAPI(
    title="Doorstep · 家门口",
    version="1",
    description="Matters raised by residents and what became of them. Errors are RFC 9457 problem details; lists are {items, next}.",
    auth=Bearer(),
    docs=Swagger(settings={"persistAuthorization": False}),
    openapi_extra={"info": {"license": {"name": "Apache-2.0"}}},
    urls_namespace="api",
)


class Credentials(Schema):
    login: str = Field(max_length=60)
    password: str = Field(max_length=200)
    otp: str = Field(default="", max_length=10)


class TokenOut(Schema):
    token: str


@api.post(
    "/tokens",
    response={200: TokenOut, 400: Problem, 401: Problem, 422: Problem, 429: Problem},
    auth=None,
    tags=["tokens"],
    summary="A token for a login and password",
)
def tokens(request: Request, body: Credentials) -> dict[str, str]:
    try:
        account = identity.check_password_login(login=body.login, password=body.password, otp=body.otp, address=address_of(request))
    except identity.OtpRequired:
        raise Refused(401, "otp_required") from None
    except identity.WrongCredentials:
        raise Refused(401, "wrong_credentials") from None
    except identity.LockedOut:
        raise Refused(429, "locked_out") from None
    return {"token": identity.issue_token(account=account)}


api.add_router("", matters)
api.add_router("", sessions)


@api.exception_handler(Refused)
def refused(request: Request, error: Refused) -> HttpResponse:
    return problem(error.status, code=error.code, **({"errors": error.errors} if error.errors else {}))


def _where(loc: Sequence[str | int]) -> list[str | int]:
    """Where an error is, as every route says it: what was sent and the field, without the name our code has for the body."""
    return [loc[0], *loc[2:]] if len(loc) > 2 and loc[0] == "body" else list(loc)


@api.exception_handler(ValidationError)
def invalid(request: Request, error: ValidationError) -> HttpResponse:
    errors = [{"loc": _where(each["loc"]), "msg": each["msg"]} for each in error.errors]
    return problem(422, code="invalid", errors=errors)


@api.exception_handler(AuthenticationError)
def unauthorized(request: Request, error: AuthenticationError) -> HttpResponse:
    response = problem(401, code="token_required")
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(PermissionDenied)
def forbidden(request: Request, error: PermissionDenied) -> HttpResponse:
    return problem(403, code="not_allowed")


@api.exception_handler(Http404)
def missing(request: Request, error: Http404) -> HttpResponse:
    return problem(404)


@api.exception_handler(HttpError)
def http_error(request: Request, error: HttpError) -> HttpResponse:
    return problem(error.status_code, code="invalid")
