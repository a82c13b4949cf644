"""Open311 GeoReport v2: the standard's own field names by hand, and a client of others that lists services and reads back what was posted."""

from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from georeport.georeport import GeoReport
from georeport.georeport import requests as georeport_requests

from doorstep.affairs import actions
from doorstep.affairs.models import ApiKey, Matter, Open311Request
from doorstep.affairs.open311 import make_api_key
from doorstep.foundation import clock
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.files.actions import give_in_turn, keep_photo
from doorstep.foundation.files.tests.test_files import picture
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry

ROOT = "/open311/v2"
REQUEST_FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible", "service_notice",
    "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip


@pytest.fixture
def key(town: Any) -> str:
    return make_api_key(label="市 12345 平台", person=town.ye, place=town.place, by=Actor(channel="system"), key="demo")


class Shim:
    """What the client expects of an answer, over Django's test client."""

    def __init__(self, answer: Any) -> None:
        self.status_code, self.content, self._answer = answer.status_code, answer.content, answer

    def raise_for_status(self) -> None:
        assert self.status_code < 400, (self.status_code, self.content)

    def json(self) -> Any:
        return self._answer.json()


@pytest.fixture
def client_of_others(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    """The PyPI client `georeport`, talking to this house."""

    def get(address: str, params: dict[str, str] | None = None) -> Shim:
        return Shim(Client().get(address.removeprefix("http://town"), params or {}))

    monkeypatch.setattr(georeport_requests, "get", get)
    return lambda kind, jurisdiction=None: GeoReport(f"http://town{ROOT}", jurisdiction=jurisdiction, output_format=kind)


def post(**fields: Any) -> Any:
    kind = fields.pop("kind", "json")
    given = {
        "api_key": "demo",
        "jurisdiction_id": "ruikang",
        "service_code": "lighting",
        "address_id": "ruijin",
        "description": "楼道灯不亮",
    }
    return Client().post(f"{ROOT}/requests.{kind}", {**given, **fields})


def tags(text: bytes) -> list[str]:
    return [element.tag for element in ElementTree.fromstring(text).iter()]


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_a_client_of_others_lists_services_and_reads_back_what_a_form_posted(key: str, client_of_others: Any, kind: str) -> None:
    client = client_of_others(kind, "ruikang")
    services = client.get_service_list()
    codes = [service["service_code"] for service in services]
    assert {"lighting", "lift", "parking"} <= set(codes)
    # What only the parties may know of, and what asks neighbours, is no service.
    assert not {"dispute", "petition", "neighbour_help"} & set(codes)
    assert client.get_service_definition("lighting")["service_code"] == "lighting"
    answered = post(kind=kind, lat="23.0212", long="113.9756")
    assert answered.status_code == 201
    number = Matter.objects.get().number
    listed = client.get_service_requests(service_request_id=number)
    single = client.get_service_request(number)
    listed, single = ([each] if isinstance(each, dict) else each for each in (listed, single))
    for found in (listed[0], single[0]):
        assert (found["service_request_id"], found["status"], found["service_code"]) == (number, "open", "lighting")
        assert (found["description"], found["address_id"]) == ("楼道灯不亮", "ruijin")
        assert (float(found["lat"]), float(found["long"])) == (23.0212, 113.9756)


def test_the_standards_field_names(town: Any, key: str) -> None:
    post(lat="23.0212", long="113.9756", media_url="https://example.org/a.jpg")
    number = Matter.objects.get().number
    row = Client().get(f"{ROOT}/requests/{number}.json").json()
    assert isinstance(row, list)
    assert list(row[0]) == REQUEST_FIELDS
    assert (row[0]["lat"], row[0]["long"], row[0]["media_url"]) == (23.0212, 113.9756, "")  # nobody has looked at it
    assert datetime.fromisoformat(row[0]["requested_datetime"]).utcoffset() == timedelta(hours=8)
    answer = Client().get(f"{ROOT}/requests/{number}.xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert tags(answer.content) == ["service_requests", "request", *REQUEST_FIELDS]
    services = Client().get(f"{ROOT}/services.xml").content
    assert tags(services)[:9] == [
        "services",
        "service",
        "service_code",
        "service_name",
        "description",
        "metadata",
        "type",
        "keywords",
        "group",
    ]
    assert {element.text for element in ElementTree.fromstring(services).iter("type")} == {"realtime"}
    definition = Client().get(f"{ROOT}/services/lighting.xml?jurisdiction_id=ruikang").content
    assert tags(definition) == [
        "service_definition", "service_code", "attributes", "attribute", "variable", "code", "datatype", "required", "datatype_description",
        "order", "description", "values", *["value", "key", "name"] * 2,
    ]  # fmt: skip
    discovery = Client().get(f"{ROOT}/discovery.json").json()
    assert list(discovery) == ["changeset", "contact", "key_service", "endpoints"]
    endpoint = discovery["endpoints"][0]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert (endpoint["type"], endpoint["formats"]) == ("production", ["text/xml", "application/json"])
    assert tags(Client().get(f"{ROOT}/discovery.xml").content)[-4:] == ["type", "formats", "format", "format"]
    assert Client().get(f"{ROOT}/tokens/{number}.json").json() == [{"service_request_id": number, "token": number}]
    posted = post(kind="xml").content
    assert tags(posted) == ["service_requests", "request", "service_request_id", "service_notice", "account_id"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "wrong"}, 403),
        ({"jurisdiction_id": "nowhere"}, 404),
        ({"service_code": ""}, 400),
        ({"service_code": "nothing"}, 404),
        ({"service_code": "dispute"}, 404),
        ({"address_id": ""}, 400),
        ({"address_id": "", "lat": "23.0"}, 400),
        ({"address_id": "gekeng"}, 400),
        ({"lat": "north", "long": "113"}, 400),
        ({"lat": "91", "long": "113"}, 400),
        ({"lat": "NaN", "long": "113"}, 400),
        ({"description": "长" * 5001}, 400),
        ({"media_url": "javascript:alert(1)"}, 400),
    ],
)
def test_errors_as_the_standard_says(key: str, sent: dict[str, str], status: int) -> None:
    refused = post(**sent)
    assert (refused.status_code, [error["code"] for error in refused.json()]) == (status, [status])
    in_xml = ElementTree.fromstring(post(kind="xml", **sent).content)
    assert (in_xml.tag, in_xml[0].tag, in_xml[0][0].text) == ("errors", "error", str(status))
    assert in_xml[0][1].text
    assert not Matter.objects.exists()


def test_a_location_may_be_coordinates_an_address_or_a_place(key: str) -> None:
    for sent in (
        {"address_id": "", "lat": "23.02", "long": "113.97"},
        {"address_id": "", "address_string": "北门旁"},
        {"address_id": "ruijin"},
    ):
        assert post(**sent).status_code == 201
    assert list(Matter.objects.order_by("id").values_list("place__code", "spot")) == [
        ("ruikang", ""),
        ("ruikang", "北门旁"),
        ("ruijin", ""),
    ]
    assert post(address_id="", address_string="x", **{"attribute[place]": "ruijin"}).status_code == 201
    assert Matter.objects.latest("id").place.code == "ruijin"


def test_it_is_a_matter_like_any_other_and_the_key_is_kept_as_a_digest(town: Any, key: str) -> None:
    post(first_name="玉梅", last_name="刘", phone="139 0000 0000", email="liu@example.org")
    matter = Matter.objects.get()
    assert (matter.state, matter.body, matter.channel) == ("assigned", town.company, "open311")
    assert (matter.reporter.name, matter.reporter.phone, matter.entered_by) == ("刘玉梅", "13900000000", town.ye)
    entry = Entry.objects.get(subject=matter.number, verb="raise")
    assert (entry.actor_id, entry.on_behalf_of_id) == (town.ye.pk, matter.reporter_id)
    assert "demo" not in str(ApiKey.objects.values().get())
    ApiKey.objects.update(ended_at=clock.now())
    assert post().status_code == 403


def test_nobodys_name_and_nothing_restricted_is_ever_shown(town: Any, key: str) -> None:
    post(first_name="玉梅", last_name="刘", phone="13900000000", email="liu@example.org", device_id="device-7", account_id="account-7")
    hidden = [town.raise_matter(is_public=False), town.raise_matter(category_code="dispute"), town.raise_matter(category_code="petition")]
    for kind in ("xml", "json"):
        text = Client().get(f"{ROOT}/requests.{kind}").content.decode()
        assert Matter.objects.exclude(pk__in=[each.pk for each in hidden]).get().number in text
        for secret in ("刘玉梅", "13900000000", "liu@example.org", "device-7", "account-7", *[each.number for each in hidden]):
            assert secret not in text
        for matter in hidden:
            for address in (f"requests/{matter.number}", f"tokens/{matter.number}"):
                one = Client().get(f"{ROOT}/{address}.{kind}")
                missing = Client().get(f"{ROOT}/{address.replace(matter.number, 'HL-2026-999999')}.{kind}")
                assert (one.status_code, one.content) == (404, missing.content)


def test_the_lists_filters(town: Any, key: str) -> None:
    now = clock.now()
    old = town.raise_matter(happened_at=now - timedelta(days=100))
    done = town.raise_matter(category_code="parking", happened_at=now - timedelta(days=2))
    actions.cannot_be_done(viewer=town.viewer(town.luo), matter=done, text="办不了")
    recent = town.raise_matter(happened_at=now - timedelta(days=1))

    def numbers(query: str) -> list[str]:
        answer = Client().get(f"{ROOT}/requests.json?{query}")
        assert answer.status_code == 200, answer.content
        return [row["service_request_id"] for row in answer.json()]

    assert numbers("") == [recent.number, done.number]
    assert numbers("status=closed") == [done.number]
    assert numbers("status=open,closed&service_code=parking,lift") == [done.number]
    assert numbers(f"service_request_id={old.number},{recent.number}&status=closed") == [recent.number, old.number]
    start = (now - timedelta(days=120)).astimezone(TOWN_ZONE).isoformat()
    assert numbers(f"start_date={start.replace('+', '%2B')}") == [old.number]
    assert numbers(f"start_date={start}") == [old.number]
    assert numbers("jurisdiction_id=gekeng") == []
    for query in (
        f"start_date={start}&end_date={now.isoformat()}",
        "start_date=yesterday",
        "start_date=2026-13-01T00:00:00Z",
        "status=lost",
    ):
        assert Client().get(f"{ROOT}/requests.json?{query}").status_code == 400
    assert Client().get(f"{ROOT}/requests.json?jurisdiction_id=nowhere").json()[0]["code"] == 404


def test_what_xml_cannot_hold_is_left_out(key: str) -> None:
    post(description="灯\x0b坏了 <b>&\ufffe")
    assert ElementTree.fromstring(Client().get(f"{ROOT}/requests.xml").content).find("request/description").text == "灯坏了 <b>&"  # type: ignore[union-attr]


def test_a_fixed_number_of_queries(town: Any, key: str, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        post()
    assert Open311Request.objects.count() == 3
    with django_assert_num_queries(3):
        Client().get(f"{ROOT}/requests.json")


def test_a_picture_is_one_of_ours_that_everybody_may_see(town: Any, client: Client) -> None:
    first, second = (keep_photo(data=picture("JPEG", (40, 30)), audience="draft:1") for _ in range(2))
    matter = town.raise_matter(photos=[first, second])
    address = f"/open311/v2/requests/{matter.number}.json"
    assert client.get(address).json()[0]["media_url"] == f"http://testserver/files/{first.token}/full.jpg"
    give_in_turn([first], before="public", after="body:0")
    assert client.get(address).json()[0]["media_url"] == f"http://testserver/files/{second.token}/full.jpg"
    give_in_turn([second], before="public", after="body:0")
    assert client.get(address).json()[0]["media_url"] == ""


@pytest.mark.parametrize(("accept", "kind"), [("application/json", "json"), ("text/xml", "xml"), ("*/*", "xml")])
def test_the_beginning_leads_to_discovery(town: Any, client: Client, accept: str, kind: str) -> None:
    assert client.get("/open311/v2/", headers={"accept": accept})["Location"] == f"/open311/v2/discovery.{kind}"
