"""/hsds/ beside the JSON Schemas of HSDS 3.0 (tests/vectors/hsds)."""

import json
from datetime import date, time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from doorstep.services import actions
from doorstep.services.tests.conftest import BY

VECTORS = Path(__file__).resolve().parents[4] / "tests" / "vectors" / "hsds"
SCHEMAS = {path.name: json.loads(path.read_text("utf-8")) for path in VECTORS.glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, DRAFT202012.create_resource(schema))
    for name, schema in SCHEMAS.items()
)  # fmt: skip
NAMES = {
    "services": "service.json",
    "organizations": "organization.json",
    "service_at_locations": "service_at_location.json",
    "taxonomies": "taxonomy.json",
    "taxonomy_terms": "taxonomy_term.json",
}
ENVELOPE = {"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"}


def errors(collection: str, document: Any) -> list[str]:
    checker = Draft202012Validator(SCHEMAS[NAMES[collection]], registry=REGISTRY, format_checker=FormatChecker())
    return [f"{list(error.path)}: {error.message}" for error in checker.iter_errors(document)]


@pytest.fixture
def offered(scene: Any) -> Any:
    scene.series()
    actions.plan_series(
        by=BY, service=scene.service, place=scene.town.estate, first=date(2026, 2, 11), start=time(8, 30), minutes=150,
        rule="FREQ=WEEKLY;BYDAY=WE", capacities={"nurse": 1, "place": None},
    )  # fmt: skip
    scene.offer("tea", "tea")
    return scene


def get(client: Any, path: str, status: int = 200) -> Any:
    answer = client.get(f"/hsds/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_the_base_says_version_and_profile(client: Any, offered: Any) -> None:
    base = get(client, "")
    assert base["version"] == "3.0"
    assert {"profile", "openapi_url"} <= set(base)


@pytest.mark.parametrize("collection", sorted(NAMES))
def test_every_list_and_every_one_of_it_fits_the_schema(client: Any, offered: Any, collection: str) -> None:
    page = get(client, collection)
    assert set(page) == ENVELOPE
    assert page["contents"]
    for document in page["contents"]:
        assert errors(collection, document) == []
        one = get(client, f"{collection}/{document['id']}")
        assert errors(collection, one) == []
        assert one["id"] == document["id"]
        assert UUID(one["id"]).version == 5


def test_a_document_that_breaks_the_schema_is_seen(client: Any, offered: Any) -> None:
    document = get(client, "services")["contents"][0]
    assert errors("services", {**document, "status": "open"})
    assert errors("services", {key: value for key, value in document.items() if key != "name"})
    assert errors("services", {**document, "id": "clinic"})


def test_a_schedule_is_weekly_with_a_numeric_time_zone(client: Any, offered: Any) -> None:
    [document] = get(client, "services?search=义诊&full=true")["contents"]
    schedules = [schedule for at in document["service_at_locations"] for schedule in at["schedules"]]
    assert {(each["freq"], each["byday"], each["timezone"], each["opens_at"], each["closes_at"]) for each in schedules} == {
        ("WEEKLY", "TU", 8, "09:00+08:00", "11:00+08:00"),
        ("WEEKLY", "WE", 8, "08:30+08:00", "11:00+08:00"),
    }


def test_pages_have_an_envelope(client: Any, offered: Any) -> None:
    first = get(client, "services?per_page=1")
    assert [first[name] for name in ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty")] == [
        2,
        2,
        1,
        1,
        True,
        False,
        False,
    ]
    beyond = get(client, "services?per_page=1&page=3")
    assert (beyond["empty"], beyond["contents"], beyond["last_page"]) == (True, [], True)


def test_filters(client: Any, offered: Any) -> None:
    terms = {each["code"]: each["id"] for each in get(client, "taxonomy_terms")["contents"]}
    assert [each["name"] for each in get(client, f"services?taxonomy_term_id={terms['tea']}")["contents"]] == ["服务 tea"]
    organization = get(client, "organizations")["contents"][0]["id"]
    assert get(client, f"services?organization_id={organization}")["total_items"] == 2
    assert get(client, "services?modified_after=2026-02-10")["total_items"] == 0
    assert get(client, "services?modified_after=2026-02-08T00:00:00Z")["total_items"] == 2
    assert set(get(client, "services?minimal=true")["contents"][0]) == {"id", "name", "status"}


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=-1", "modified_after=soon", "modified_after=2026-13-40", "format=xml"])
def test_a_parameter_that_cannot_be_read_is_refused(client: Any, offered: Any, query: str) -> None:
    assert get(client, f"services?{query}", 400)["code"] == query.partition("=")[0]


def test_what_is_not_there_is_404(client: Any, offered: Any) -> None:
    for path in ("nothing", "services/00000000-0000-4000-8000-000000000000", "nothing/00000000-0000-4000-8000-000000000000"):
        assert client.get(f"/hsds/{path}").status_code == 404
