"""/popolo/ against the schemas of the specification; office-holders only."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft3Validator
from referencing import Registry
from referencing.jsonschema import DRAFT3

from doorstep.foundation import clock
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.organisations import actions
from doorstep.organisations.models import Body, Post
from doorstep.organisations.popolo import COLLECTIONS

VECTORS = Path(__file__).parents[4] / "tests" / "vectors" / "popolo"
CLASSES = {"persons": "person", "organizations": "organization", "posts": "post", "memberships": "membership", "areas": "area"}


def schemas() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in VECTORS.glob("*.json")}


@pytest.fixture(scope="module")
def validators() -> dict[str, Draft3Validator]:
    known = schemas()
    registry: Any = Registry().with_resources((schema["id"], DRAFT3.create_resource(schema)) for schema in known.values())
    # References are written with the empty fragment.
    registry = registry.with_resources((schema["id"].rstrip("#"), DRAFT3.create_resource(schema)) for schema in known.values())
    return {name: Draft3Validator({**known[name], "additionalProperties": False}, registry=registry) for name in known}


def told(client: Any) -> dict[str, list[dict[str, Any]]]:
    response = client.get("/popolo/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Access-Control-Allow-Origin"] == "*"
    document: dict[str, list[dict[str, Any]]] = response.json()
    return document


@pytest.fixture
def full(town: Any) -> Any:
    """Every kind of fact that is published."""
    committee = actions.create_body(
        code="committee", kind="owners_committee", name="业委会", name_en="Committee", place=town.estate, by=Actor(), founded_on="2016-05",
        uscc="91441900MA5HL00065", phone="0769-1", led_by=town.branch,
    )  # fmt: skip
    actions.give_post(
        body=committee, title="主任", title_en="Chair", person=town.ye, held_from=date(2023, 9, 10), held_until=date(2028, 9, 9), by=Actor(),
        on_behalf_of=town.branch,
    )  # fmt: skip
    actions.hand_over(
        viewer=town.viewer(town.luo), post=Post.objects.get(body=town.company), name="丘文", phone="13900000077", on=clock.today()
    )
    return town


def test_everything_fits_the_schemas(full: Any, client: Any, validators: dict[str, Draft3Validator]) -> None:
    document = told(client)
    assert tuple(document) == COLLECTIONS
    for collection, name in CLASSES.items():
        assert document[collection]
        for each in document[collection]:
            assert list(validators[name].iter_errors(each)) == []


def test_the_schemas_do_refuse(validators: dict[str, Draft3Validator]) -> None:
    assert list(validators["organization"].iter_errors({"founding_date": "2015-6"}))
    assert list(validators["organization"].iter_errors({"contact_details": [{"type": "voice"}]}))
    assert list(validators["person"].iter_errors({"phone": "139"}))
    assert list(validators["membership"].iter_errors({"start_date": 2015}))


def test_ids_hang_together(full: Any, client: Any) -> None:
    document = told(client)
    ids = {each["id"] for items in document.values() for each in items}
    assert len(ids) == sum(len(items) for items in document.values())
    for items in document.values():
        for each in items:
            assert {value for key, value in each.items() if key.endswith("_id")} <= ids


def test_a_committee_and_its_chair(full: Any, client: Any) -> None:
    document = told(client)
    (committee,) = [each for each in document["organizations"] if each["id"] == "body:committee"]
    assert committee == {
        "id": "body:committee",
        "name": "业委会",
        "other_names": [{"name": "Committee", "note": "English"}],
        "identifiers": [{"scheme": "CN-USCC", "identifier": "91441900MA5HL00065"}],
        "classification": "owners_committee",
        "parent_id": "body:branch",
        "area_id": "area:ruikang",
        "founding_date": "2016-05",
        "contact_details": [{"type": "voice", "value": "0769-1"}],
    }
    (chair,) = [each for each in document["memberships"] if each["organization_id"] == "body:committee"]
    assert (chair["start_date"], chair["end_date"], chair["on_behalf_of_id"]) == ("2023-09-10", "2028-09-09", "body:branch")


def test_a_handed_over_post_has_two_memberships(full: Any, client: Any) -> None:
    post = Post.objects.get(body=full.company)
    ends = [each.get("end_date") for each in told(client)["memberships"] if each["post_id"] == f"post:{post.pk}"]
    assert len(ends) == 2
    assert ends.count(None) == 1


def test_office_holders_only_and_nothing_of_them_but_their_names(full: Any, client: Any) -> None:
    document = told(client)
    holders = set(Post.objects.values_list("person_id", flat=True)) | {full.luo.pk}
    assert {each["id"] for each in document["persons"]} == {f"person:{pk}" for pk in holders}
    assert all(set(each) == {"id", "name"} for each in document["persons"])
    assert full.liu.name not in str(document)
    for phone in Person.objects.exclude(phone="").values_list("phone", flat=True):
        assert phone not in str(document)


def test_an_erased_person_is_gone_with_their_memberships(full: Any, client: Any) -> None:
    Person.objects.filter(pk=full.ye.pk).update(erased_at=clock.now())
    document = told(client)
    assert f"person:{full.ye.pk}" not in {each["id"] for each in document["persons"]}
    assert f"person:{full.ye.pk}" not in {each["person_id"] for each in document["memberships"]}


def test_one_collection_and_one_item(full: Any, client: Any) -> None:
    posts = client.get("/popolo/posts/").json()
    assert list(posts) == ["posts"]
    first = posts["posts"][0]
    assert client.get(f"/popolo/posts/{first['id']}").json() == first
    assert client.get("/popolo/posts/post:0").status_code == 404
    assert client.get("/popolo/votes/").status_code == 404


def test_the_number_of_queries_does_not_grow(full: Any, client: Any) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            told(client)
        return len(queries)

    told(client)
    before = counted()
    for number in range(40):
        body = Body.objects.create(code=f"b{number}", kind="enterprise", name="店", place=full.estate if number % 2 else full.place)
        actions.give_post(body=body, title="店长", person=create_person(name=f"人{number}"), held_from=date(2020, 1, 1), by=Actor())
    assert counted() == before
