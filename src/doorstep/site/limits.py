"""How often one person and one address may write or search. Generous to a family behind one address and to a queue of retries; a script is stopped."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from doorstep.foundation.access.limits import Rate, TooOften, count_all
from doorstep.site.errors import problem
from doorstep.site.metrics import refused_too_often

PERSON = Rate(most=1500, seconds=300)
ADDRESS = Rate(most=3000, seconds=300)
# Narrower ones, each by address: what anybody may send or ask without saying who they are.
NARROW: dict[tuple[str, str], Rate] = {
    ("POST", "/complain"): Rate(most=30, seconds=3600),
    ("POST", "/raise/"): Rate(most=300, seconds=300),
    ("GET", "/search/"): Rate(most=300, seconds=60),
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Limits:
    """429 with Retry-After, as a page or under /api/ as a problem, before anything else is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        rates = rates_of(request)
        if rates:
            try:
                count_all(rates)
            except TooOften as error:
                refused_too_often(method=str(request.method))
                answer = problem(429, code="too_often") if request.path.startswith("/api/") else render(request, "429.html", status=429)
                answer["Retry-After"] = str(error.seconds)
                return answer
        return self.get_response(request)


def rates_of(request: HttpRequest) -> dict[str, Rate]:
    """What one request is counted under: address, account or token, and the narrow rule that fits."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    method = "GET" if request.method == "HEAD" else str(request.method)
    rates = {f"{prefix} {address}": rate for (verb, prefix), rate in NARROW.items() if verb == method and request.path.startswith(prefix)}
    if method in SAFE:
        return rates
    rates[f"address {address}"] = ADDRESS
    token = request.headers.get("Authorization", "") if request.path.startswith("/api/") else ""
    if token:
        rates[f"token {token}"] = PERSON
    elif account := request.session.get("_auth_user_id"):
        rates[f"account {account}"] = PERSON
    return rates
