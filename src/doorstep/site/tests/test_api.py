"""The API's first words: tokens, problems, writes that are sent twice, and its own description (formats, sections 4 and 6)."""

import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from openapi_spec_validator import validate

from doorstep.affairs import actions
from doorstep.affairs.models import Category, Matter
from doorstep.foundation import clock
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.models import Entry, WriteOnce

PASSWORD = "a-long-password"
LAMP = {"place": "ruijin", "category": "lighting", "title": "", "text": "楼道灯不亮，晚上看不见台阶。"}


@pytest.fixture
def api(client: Client, town: Any) -> Any:
    """`api("POST", "/matters", {...}, login="liu")` gives the response."""
    tokens: dict[str, str] = {}

    def call(method: str, path: str, body: Any = None, *, login: str = "", **headers: str) -> Any:
        if login and login not in tokens:
            tokens[login] = call("POST", "/tokens", {"login": login, "password": PASSWORD}).json()["token"]
        given = {"Authorization": f"Bearer {tokens[login]}"} if login else {}
        sent = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        return client.generic(
            method,
            f"/api/v1{path}",
            sent,
            content_type="application/json",
            headers={**given, **{k.replace("_", "-"): v for k, v in headers.items()}},
        )

    return call


def problem(response: Any) -> tuple[int, str]:
    """(status, code) of a response that is a problem in the standard's form."""
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == ("about:blank", response.status_code)
    assert body["title"]
    return response.status_code, body.get("code", "")


# Tokens


def test_a_token_opens_what_its_account_may_know(api: Any, town: Any) -> None:
    hidden = town.raise_matter(is_public=False)
    assert problem(api("GET", f"/matters/{hidden.number}")) == (404, "")
    assert problem(api("GET", f"/matters/{hidden.number}", login="ye")) == (404, "")
    assert api("GET", f"/matters/{hidden.number}", login="liu").json()["number"] == hidden.number


@pytest.mark.parametrize("credentials", [{"login": "luo", "password": "wrong"}, {"login": "nobody", "password": PASSWORD}])
def test_wrong_credentials_are_refused_alike(api: Any, credentials: dict[str, str]) -> None:
    assert problem(api("POST", "/tokens", credentials)) == (401, "wrong_credentials")


def test_five_failures_lock_out_for_a_while(api: Any) -> None:
    for _ in range(5):
        assert problem(api("POST", "/tokens", {"login": "luo", "password": "wrong"})) == (401, "wrong_credentials")
    assert problem(api("POST", "/tokens", {"login": "luo", "password": PASSWORD})) == (429, "locked_out")
    assert api("POST", "/tokens", {"login": "liu", "password": PASSWORD}).status_code == 200
    with clock.shifted(timedelta(minutes=16)):
        assert api("POST", "/tokens", {"login": "luo", "password": PASSWORD}).status_code == 200


def test_an_account_with_an_authenticator_is_asked_for_its_code(api: Any) -> None:
    secret = pyotp.random_base32()
    Account.objects.filter(login="luo").update(totp_secret=secret)
    credentials = {"login": "luo", "password": PASSWORD}
    assert problem(api("POST", "/tokens", credentials)) == (401, "otp_required")
    # The password is asked first: who does not have it does not learn that there is an authenticator.
    assert problem(api("POST", "/tokens", {**credentials, "password": "wrong"})) == (401, "wrong_credentials")
    otp = pyotp.TOTP(secret).at(clock.now())
    wrong = "000000" if otp != "000000" else "111111"
    assert problem(api("POST", "/tokens", {**credentials, "otp": wrong})) == (401, "wrong_credentials")
    assert list(api("POST", "/tokens", {**credentials, "otp": otp}).json()) == ["token"]
    assert problem(api("POST", "/tokens", {**credentials, "otp": otp})) == (401, "wrong_credentials")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic bHVvOng=", "bearer x y"])
def test_without_a_good_token_nothing_is_written(api: Any, header: str) -> None:
    response = api("POST", "/matters", LAMP, **({"Authorization": header} if header else {}))
    assert problem(response) == (401, "token_required")
    assert response["WWW-Authenticate"] == "Bearer"
    assert not Matter.objects.exists()


def test_a_token_runs_out_and_the_session_cookie_is_none(api: Any, sign_in: Any) -> None:
    sign_in("liu")
    assert problem(api("POST", "/matters", LAMP)) == (401, "token_required")
    assert api("POST", "/matters", LAMP, login="liu").status_code == 201
    with clock.shifted(timedelta(days=31)):
        assert problem(api("POST", "/matters", LAMP, login="liu")) == (401, "token_required")


# Raising


def test_a_matter_is_raised_and_already_with_its_body(api: Any, town: Any) -> None:
    response = api("POST", "/matters", LAMP, login="liu")
    assert response.status_code == 201
    raised = response.json()
    assert list(raised) == ["number", "state", "url"]
    assert raised["state"] == "assigned"
    assert raised["url"] == response["Location"] == f"http://testserver/m/{raised['number']}"
    matter = Matter.objects.get(number=raised["number"])
    assert (matter.reporter, matter.channel, matter.body) == (town.liu, "api", town.company)
    assert Entry.objects.get(subject=matter.number, verb="raise").channel == "api"


def test_where_no_rule_fits_it_is_registered(api: Any) -> None:
    assert api("POST", "/matters", {**LAMP, "place": "gekeng"}, login="liu").json()["state"] == "registered"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"category": "dragons"}, "unknown_category"),
        ({"place": "nowhere"}, "unknown_place"),
        ({"text": "   "}, "nothing_said"),
        ({"text": ""}, "invalid"),
        ({"text": "长" * 5001}, "invalid"),
        ({"title": "长" * 81}, "invalid"),
        ({"text": None}, "invalid"),
        ({"text": ["x"]}, "invalid"),
        ({"public": "perhaps"}, "invalid"),
    ],
)
def test_what_is_not_acceptable_is_named(api: Any, changed: dict[str, Any], code: str) -> None:
    response = api("POST", "/matters", {**LAMP, **changed}, login="liu")
    assert problem(response) == (422, code)
    [field] = changed
    assert [error["loc"][-1] for error in response.json()["errors"]] == [field]
    assert not Matter.objects.exists()


def test_a_field_left_out_is_named(api: Any) -> None:
    response = api("POST", "/matters", {"text": "灯"}, login="liu")
    assert problem(response) == (422, "invalid")
    assert {error["loc"][-1] for error in response.json()["errors"]} == {"place", "category"}


@pytest.mark.parametrize("sent", ["{", "", "[]", '"text"', "\x00"])
def test_what_is_no_object_is_a_problem_too(api: Any, sent: str) -> None:
    response = api("POST", "/matters", sent, login="liu")
    assert problem(response)[0] in (400, 422)


def test_a_retired_category_is_unknown(api: Any) -> None:
    Category.objects.filter(code="lighting").update(is_active=False)
    assert problem(api("POST", "/matters", LAMP, login="liu")) == (422, "unknown_category")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/matters"), ("PUT", "/tokens"), ("POST", "/matters/HL-2026-000001"), ("POST", "/codes")]
)
def test_another_method_is_a_problem_that_says_which_are_taken(api: Any, method: str, path: str) -> None:
    response = api(method, path, {})
    assert problem(response)[0] == 405
    assert response["Allow"]


def test_an_address_that_is_nothing(api: Any) -> None:
    assert api("GET", "/dragons").content == api("GET", "/matters/HL-2026-999999").content
    assert problem(api("GET", "/dragons")) == (404, "")


# Sent twice


def test_a_twin_gets_the_first_answer_byte_for_byte(api: Any) -> None:
    first = api("POST", "/matters", LAMP, login="liu", Idempotency_Key="k-1")
    twin = api("POST", "/matters", LAMP, login="liu", Idempotency_Key="k-1")
    assert (twin.status_code, twin.content, twin["Location"]) == (201, first.content, first["Location"])
    assert Matter.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(api: Any) -> None:
    api("POST", "/matters", LAMP, login="liu", Idempotency_Key="k-1")
    other = api("POST", "/matters", {**LAMP, "text": "又灭了"}, login="liu", Idempotency_Key="k-1")
    assert problem(other) == (422, "idempotency_key_reused")
    assert Matter.objects.count() == 1


def test_a_key_is_its_actors_own_and_kept_a_day(api: Any) -> None:
    numbers = {api("POST", "/matters", LAMP, login=login, Idempotency_Key="k-1").json()["number"] for login in ("liu", "ye")}
    with clock.shifted(timedelta(hours=25)):
        numbers.add(api("POST", "/matters", LAMP, login="liu", Idempotency_Key="k-1").json()["number"])
    assert len(numbers) == 3


def test_a_refused_write_leaves_its_key_free(api: Any) -> None:
    assert api("POST", "/matters", {**LAMP, "category": "dragons"}, login="liu", Idempotency_Key="k-1").status_code == 422
    assert not WriteOnce.objects.exists()
    assert api("POST", "/matters", LAMP, login="liu", Idempotency_Key="k-1").status_code == 201


def test_a_key_without_end_is_refused(api: Any) -> None:
    assert problem(api("POST", "/matters", LAMP, login="liu", Idempotency_Key="k" * 121)) == (422, "idempotency_key_too_long")


# Reading


def test_the_list_is_walked_by_next(api: Any, town: Any) -> None:
    numbers = [town.raise_matter().number for _ in range(5)]
    hidden = town.raise_matter(is_public=False).number
    seen: list[str] = []
    path = "/matters?limit=2"
    while path:
        page = api("GET", path, login="liu").json()
        assert list(page) == ["items", "next"]
        seen += [row["number"] for row in page["items"]]
        path = (page["next"] or "").removeprefix("/api/v1")
    assert seen == numbers[::-1]
    assert hidden not in seen


def test_the_list_by_place_category_and_state(api: Any, town: Any) -> None:
    here, elsewhere = town.raise_matter(), town.raise_matter(place=town.place, category_code="rubbish")
    actions.report_done(viewer=town.viewer(town.luo), matter=here, text="好了")

    def numbers(query: str) -> list[str]:
        return [row["number"] for row in api("GET", f"/matters?{query}").json()["items"]]

    assert numbers("place=ruikang") == numbers("state=asking") == [here.number]
    assert numbers("category=cleaning") == numbers("category=rubbish") == [elsewhere.number]
    assert numbers("") == [elsewhere.number, here.number]
    assert problem(api("GET", "/matters?place=nowhere")) == (404, "")
    assert problem(api("GET", "/matters?limit=1000")) == (422, "invalid")
    assert problem(api("GET", "/matters?before=x")) == (422, "invalid")


def test_a_thread_says_no_more_than_its_page(api: Any, town: Any) -> None:
    matter = town.raise_matter()
    actions.note_inside(viewer=town.viewer(town.luo), matter=matter, text="这户常说，先上门。")
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="今晚去换。")
    read = api("GET", f"/matters/{matter.number}")
    assert [step["verb"] for step in read.json()["steps"]] == ["raise", "route", "answer"]
    for secret in ("刘玉梅", town.liu.phone, "先上门"):
        assert secret not in read.content.decode()
    assert "先上门" in json.dumps(api("GET", f"/matters/{matter.number}", login="luo").json(), ensure_ascii=False)
    assert read.json()["raised_at"].endswith("+08:00")


def test_codes_have_two_names(api: Any) -> None:
    codes = api("GET", "/codes").json()
    assert list(codes) == ["categories", "reasons", "because"]
    for row in [*codes["categories"], *codes["reasons"], *codes["because"]]:
        assert list(row) == ["code", "zh", "en"]
        assert row["code"].replace("_", "").isalpha()
        assert row["zh"]
        assert row["en"]


def test_the_description_is_a_valid_openapi_document(api: Any) -> None:
    description = api("GET", "/openapi.json").json()
    validate(description)
    raised = description["paths"]["/api/v1/matters"]["post"]["responses"]
    assert {"201", "401", "422"} <= set(raised)


# One form of errors, and no silent half-answer


def test_where_an_error_is_is_written_alike_whoever_found_it(api: Any) -> None:
    of_schema = api("POST", "/matters", {"text": "灯"}, login="liu").json()["errors"]
    of_ours = api("POST", "/matters", {**LAMP, "place": "nowhere"}, login="liu").json()["errors"]
    assert [error["loc"] for error in of_schema] == [["body", "place"], ["body", "category"]]
    assert [error["loc"] for error in of_ours] == [["body", "place"]]
    assert [error["loc"] for error in api("GET", "/matters?limit=0").json()["errors"]] == [["query", "limit"]]


def test_a_state_there_is_not_is_no_empty_list(api: Any) -> None:
    assert api("GET", "/matters?state=open").status_code == 200
    response = api("GET", "/matters?state=opne")
    assert problem(response) == (422, "unknown_state")
    assert response.json()["errors"][0]["loc"] == ["query", "state"]


@pytest.mark.parametrize("path", ["/matters", "/codes", "/votes", "/matters/HL-2026-000001", "/places/ruikang/sessions"])
def test_a_bad_token_is_said_so_where_none_is_needed_too(api: Any, path: str) -> None:
    response = api("GET", path, Authorization="Bearer nonsense")
    assert problem(response) == (401, "token_required")
    assert response["WWW-Authenticate"] == "Bearer"
    assert api("GET", path).status_code in {200, 404}


def test_a_bad_token_is_no_hindrance_to_a_new_one(api: Any) -> None:
    got = api("POST", "/tokens", {"login": "liu", "password": PASSWORD}, Authorization="Bearer nonsense")
    assert got.status_code == 200


def test_the_beginning_leads_to_the_docs_and_every_post_declares_what_it_cannot_read(api: Any, client: Client) -> None:
    assert client.get("/api/v1/")["Location"] == "/api/v1/docs"
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    posts = {path: set(each["post"]["responses"]) for path, each in paths.items() if "post" in each}
    assert {path for path, statuses in posts.items() if "400" not in statuses} == set()
    assert problem(api("POST", "/matters", "{", login="liu"))[0] == 400
