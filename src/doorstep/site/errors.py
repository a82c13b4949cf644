"""Error pages; under /api/ the same as RFC 9457 problem details. A 404 is the same bytes whatever is hidden or missing."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


def problem(status: int, *, code: str = "", **more: object) -> JsonResponse:
    """An RFC 9457 problem. `code` is a word a program can rely on."""
    body = {"type": "about:blank", "title": TITLES[status], "status": status, **({"code": code} if code else {}), **more}
    return JsonResponse(body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False})


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status)
    response = render(request, f"{status}.html", status=status)
    # Whether the session was asked on the way tells what is hidden from what is not there: say always that it may have been.
    patch_vary_headers(response, ("Cookie",))
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500)
