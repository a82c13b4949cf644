"""Where a request came from: what a proxy of ours says, never what the visitor says of themselves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.http import HttpRequest
from django.test import RequestFactory

from doorstep.foundation.identity.models import Attempt
from doorstep.site import settings
from doorstep.site.proxies import believing

VISITOR, PROXY, INNER, STRANGER = "203.0.113.9", "127.0.0.1", "10.0.0.5", "198.51.100.7"


@pytest.fixture(autouse=True)
def _same_connection() -> Iterator[None]:
    """A request that comes from no test client would give the test's connection back."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def ask(made: HttpRequest, trusted: list[str]) -> tuple[int, str]:
    """What the town answers, as the server would ask it: (status, body)."""
    told: list[str] = []
    answer = believing(get_wsgi_application(), trusted)(made.environ, lambda status, *_: told.append(status))
    return int(told[0][:3]), b"".join(answer).decode()


def blamed() -> set[str]:
    """Whose address was counted as having failed."""
    keys = Attempt.objects.filter(key__startswith="address:").values_list("key", flat=True)
    return {key.removeprefix("address:") for key in keys}


TRUSTED, NONE = [PROXY, "10.0.0.0/8"], list[str]()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "blames"),
    [
        (TRUSTED, PROXY, VISITOR, VISITOR),
        (TRUSTED, PROXY, f"1.2.3.4, {VISITOR}", VISITOR),
        (TRUSTED, PROXY, f"{PROXY}, {VISITOR}", VISITOR),
        (TRUSTED, PROXY, f"1.2.3.4, {VISITOR}, {INNER}", VISITOR),
        (TRUSTED, INNER, f"1.2.3.4,{VISITOR},{PROXY}", VISITOR),
        (TRUSTED, PROXY, None, PROXY),
        (TRUSTED, STRANGER, VISITOR, STRANGER),
        (TRUSTED, STRANGER, f"{VISITOR}, {PROXY}", STRANGER),
        (NONE, PROXY, VISITOR, PROXY),
        (NONE, STRANGER, VISITOR, STRANGER),
    ],
)
def test_a_failure_is_counted_where_it_came_from(trusted: list[str], peer: str, forwarded: str | None, blames: str) -> None:
    given = json.dumps({"login": "liu", "password": "not this one"})
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    made = RequestFactory().post("/api/v1/tokens", given, content_type="application/json", REMOTE_ADDR=peer, **headers)
    assert ask(made, trusted)[0] == 401
    assert blamed() == {blames}


@pytest.mark.django_db
@pytest.mark.parametrize(("trusted", "peer", "scheme"), [(TRUSTED, PROXY, "https"), (TRUSTED, STRANGER, "http"), (NONE, PROXY, "http")])
def test_the_scheme_too_is_believed_from_a_proxy_alone(trusted: list[str], peer: str, scheme: str) -> None:
    said = {"HTTP_HOST": "testserver", "HTTP_X_FORWARDED_FOR": VISITOR, "HTTP_X_FORWARDED_PROTO": "https"}
    made = RequestFactory().get("/open311/v2/discovery.json", REMOTE_ADDR=peer, **said)
    assert f'"{scheme}://testserver/open311/v2"' in ask(made, trusted)[1]


def test_the_process_that_serves_believes_them() -> None:
    look = "from doorstep.site import wsgi; print(hasattr(wsgi.application, '__wrapped__'))"
    for proxies, believes in (("10.0.0.5", "True"), ("", "False")):
        ended = subprocess.run(
            [sys.executable, "-c", look],
            env={**os.environ, "DOORSTEP_TRUSTED_PROXIES": proxies},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout.strip() == believes


@pytest.mark.parametrize(
    ("given", "https", "trusted"),
    [
        (None, False, []),
        (None, True, ["127.0.0.1", "::1"]),
        ("", True, []),
        ("10.0.0.5, 10.1.0.0/16,fd00::/8", True, ["10.0.0.5", "10.1.0.0/16", "fd00::/8"]),
    ],
)
def test_who_is_trusted(given: str | None, https: bool, trusted: list[str]) -> None:
    assert settings.trusted_proxies(given, https=https) == trusted


@pytest.mark.parametrize("given", ["*", "proxy.example", "10.0.0.5/8", "10.0.0.256"])
def test_everybody_and_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(settings.ConfigurationError):
        settings.trusted_proxies(given, https=True)
