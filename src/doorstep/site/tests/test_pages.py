"""Health, metrics, security headers, and pages with a version."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.identity.actions import note_failure
from doorstep.foundation.identity.erasures import ask_erasure
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import SYSTEM, Actor
from doorstep.foundation.notify.actions import beat
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import calendar
from doorstep.organisations.actions import create_body
from doorstep.organisations.actions.residence import claim_residence
from doorstep.site import metrics
from doorstep.site.middleware import POLICY

PUBLIC_PAGES = ["/", "/p/ruikang/", "/matters/", "/p/ruikang/matters/", "/organisations/"]
ALL_PAGES = [
    *PUBLIC_PAGES,
    "/regulations/",
    "/login/",
    "/login/password",
    "/raise/what",
    "/healthz",
    "/api/v1/codes",
    "/api/v1/openapi.json",
    "/no/such/page",
]


def test_alive_is_answered_without_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_needs_the_database_and_a_worker(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = client.get("/readyz")
    assert (silent.status_code, silent.json()) == (503, {"database": "ok", "worker": "silent"})
    beat(worker="a")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "worker": "ok"})

    def away(**_: Any) -> None:
        raise DatabaseError("password=secret host=db")

    monkeypatch.setattr("doorstep.foundation.notify.queries.last_beat", away)
    broken = client.get("/readyz")
    assert (broken.status_code, broken.json()) == (503, {"database": "DatabaseError", "worker": "silent"})


def test_metrics_count_by_route_and_never_carry_a_number_or_a_name(town: Any, client: Client, sign_in: Any) -> None:
    matter = town.raise_matter()
    sign_in("luo").get(f"/m/{matter.number}")
    client.get("/organisations/hengan")
    client.get("/p/ruikang/")
    client.get(f"/no/such/page/{town.liu.phone}")
    client.generic("13900000001", "/healthz")
    text = client.get("/metrics").content.decode()
    assert re.search(r'doorstep_requests_total\{method="GET",route="m/<str:number>",status="200"\} [1-9]', text)
    assert 'route="none",status="404"' in text
    assert 'method="other",route="healthz"' in text
    assert re.search(r"doorstep_outbox_waiting [1-9]", text)
    assert re.search(r'doorstep_matters\{state="assigned"\} [1-9]', text)
    for room in ('owners_votes{state="open"}', 'occasions{state="planned"}', 'sign_ups{standing="waiting"}', 'certificates{state="given"}'):
        assert f"doorstep_{room} 0" in text, room
    for secret in (matter.number, town.liu.phone, "刘玉梅", "罗建文", "hengan", "ruikang", "luo", "13900000001"):
        assert secret not in text, secret


def test_metrics_count_what_waits_in_every_room(town: Any, client: Client, sign_in: Any) -> None:
    def figure(name: str) -> float:
        found = re.search(rf"^doorstep_{re.escape(name)} (\S+)$", client.get("/metrics").content.decode(), re.MULTILINE)
        assert found is not None, name
        return float(found[1])

    before = {name: figure(name) for name in ('accounts{state="open"}', 'accounts{state="closed"}', "reads_noted_last_day", "sessions")}
    Account.objects.filter(login="ye").update(is_active=False)
    sign_in("luo").get(f"/m/{town.raise_matter().number}")
    change = {name: figure(name) - was for name, was in before.items()}
    assert change == {'accounts{state="open"}': -1, 'accounts{state="closed"}': 1, "reads_noted_last_day": 1, "sessions": 1}

    for name in ("locked_out", *(f'erasures{{state="{state}"}}' for state in ("thought_over", "due", "but_for_the_name"))):
        assert figure(name) == 0, name
    for n in range(5):
        note_failure(login=f"somebody{n % 2}")
        note_failure(login="one")
    assert figure("locked_out") == 1
    by = Actor(person_id=town.liu.pk)
    asked = ask_erasure(person_id=town.liu.pk, due_at=clock.now() + timedelta(days=7), by=by, place=town.place)
    assert figure('erasures{state="thought_over"}') == 1
    type(asked).objects.update(due_at=clock.now() - timedelta(days=1))
    assert figure('erasures{state="due"}') == 1
    type(asked).objects.update(begun_at=clock.now())
    assert (figure('erasures{state="due"}'), figure('erasures{state="but_for_the_name"}')) == (0, 1)

    for year, known in (("this", clock.today().year), ("next", clock.today().year + 1)):
        assert figure(f'workdays_missing{{year="{year}"}}') == (known not in calendar().years)
    for what in ("residence_claim", "body_application", "merge", "death"):
        assert figure(f'organisations_waiting{{what="{what}"}}') == 0
    claim_residence(viewer=town.viewer(town.lin), estate=town.estate, unit_name="瑞金阁-1-302", kind="owner")
    assert figure('organisations_waiting{what="residence_claim"}') == 1
    for state in ("learning", "certified", "review_waiting"):
        assert figure(f'students{{state="{state}"}}') == 0


def test_a_made_up_method_is_no_label_of_its_own() -> None:
    metrics.observe(route="x", method="刘玉梅", status=200, seconds=0.1)
    assert "刘玉梅" not in metrics._requests.collect().__str__()


@pytest.mark.parametrize("address", ALL_PAGES)
def test_security_headers_stand_on_every_answer(town: Any, client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer["Content-Security-Policy"] == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "default-src 'none'" in POLICY


@pytest.mark.parametrize("address", [*PUBLIC_PAGES, "/regulations/", "/login/", "/raise/what", "/no/such/page"])
@pytest.mark.parametrize("mode", ["", "elder"])
def test_no_page_has_an_inline_script_or_style(town: Any, client: Client, address: str, mode: str) -> None:
    town.raise_matter()
    client.cookies["mode"] = mode
    page = client.get(address).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert "<style" not in page


# Pages with a version


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(town: Any, address: str) -> None:
    town.raise_matter()
    client = Client()
    first = client.get(address)
    etag = first["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    for given in (f"W/{etag}", f'"other", {etag}'):
        assert client.get(address, headers={"If-None-Match": given}).status_code == 304
    town.raise_matter()
    create_body(code="new", kind="cafe", name="店", place=town.estate, by=SYSTEM)
    changed = client.get(address, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_what_is_hidden_or_elsewhere_does_not_move_a_version(town: Any, client: Client) -> None:
    etag = client.get("/p/ruikang/matters/")["ETag"]
    town.raise_matter(is_public=False)
    town.raise_matter(place=Place.objects.get(code="gekeng"))
    assert client.get("/p/ruikang/matters/")["ETag"] == etag


def test_the_version_is_one_of_a_language_a_mode_and_a_page(town: Any, client: Client) -> None:
    etags = {client.get("/matters/")["ETag"], client.get("/matters/?state=open")["ETag"]}
    for cookie, value in (("language", "en"), ("mode", "elder"), ("size", "3")):
        client.cookies[cookie] = value
        etags.add(client.get("/matters/")["ETag"])
    assert len(etags) == 5


def test_who_is_signed_in_gets_their_own_page_each_time(town: Any, client: Client, sign_in: Any) -> None:
    etag = client.get("/matters/")["ETag"]
    mine = sign_in("liu").get("/matters/", headers={"If-None-Match": etag})
    assert mine.status_code == 200
    assert "ETag" not in mine


def test_a_304_asks_the_database_next_to_nothing(town: Any, client: Client, django_assert_max_num_queries: Any) -> None:
    etag = client.get("/matters/")["ETag"]
    with django_assert_max_num_queries(2):
        assert client.get("/matters/", headers={"If-None-Match": etag}).status_code == 304


def test_a_database_without_a_town_says_what_to_do(db: None, client: Client) -> None:
    Place.objects.filter(kind="town").update(kind="community")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "doorstep init" in answer.content.decode()
