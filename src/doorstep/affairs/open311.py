"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): matters for other systems to read and raise, in XML and JSON.

A service is a category, a request is a public matter, a jurisdiction is a place. What is not public is not here, and nothing here says who
raised what. JSON answers are arrays, coordinates are `lat` and `long`, a status is open or closed.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from doorstep.affairs import actions
from doorstep.affairs.models import ApiKey, Category, Matter, MatterPhoto, Open311Request
from doorstep.affairs.queries.categories import offered
from doorstep.affairs.rules.matter_states import OPEN
from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.identity.rules.phone import normalise_phone
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import below, place_by_code, town
from doorstep.organisations.models import Body

LONGEST_SPAN = timedelta(days=90)
MOST = 1000
MOST_PLACES = 500
CONTENT_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}

# What XML 1.0 cannot hold, whoever typed it.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Refused(Exception):
    """A request the standard has an error for: HTTP status and description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


# Keys


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def make_api_key(*, label: str, person: Person, place: Place, by: Actor, body: Body | None = None, key: str = "") -> str:
    """A key for another system, which raises matters as this person (for this body). Shown once: only its digest is kept."""
    key = key or secrets.token_urlsafe(24)
    with writing():
        made = ApiKey.objects.create(digest=digest_of(key), label=label, person=person, body=body, made_at=clock.now())
        record(verb="api_key_made", kind="api_key", subject=f"K{made.pk}", place=place, by=by, audience=f"person:{person.pk}")
    return key


# Writing answers


def answer(kind: str, root: str, item: str, rows: Sequence[dict[str, Any]], *, status: int = 200) -> HttpResponse:
    """Rows as the standard writes them: a JSON array, or `<root><item>…</item></root>`."""
    if kind == "json":
        return HttpResponse(json.dumps(list(rows), ensure_ascii=False), status=status, content_type=CONTENT_TYPES[kind])
    top = ElementTree.Element(root)
    for row in rows:
        _fill(ElementTree.SubElement(top, item), row)
    return _xml(top, status)


def one(kind: str, root: str, row: dict[str, Any]) -> HttpResponse:
    """A single document."""
    if kind == "json":
        return HttpResponse(json.dumps(row, ensure_ascii=False), content_type=CONTENT_TYPES[kind])
    top = ElementTree.Element(root)
    _fill(top, row)
    return _xml(top, 200)


# The element of a list, where the standard does not name it by the list without its last letter.
ITEMS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


def _fill(element: ElementTree.Element, row: dict[str, Any]) -> None:
    for name, value in row.items():
        child = ElementTree.SubElement(element, name)
        if isinstance(value, list):
            for each in value:
                inside = ElementTree.SubElement(child, ITEMS[name])
                if isinstance(each, dict):
                    _fill(inside, each)
                else:
                    inside.text = _text(each)
        else:
            child.text = _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else NOT_XML.sub("", str(value))


def _xml(top: ElementTree.Element, status: int) -> HttpResponse:
    body = ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPES["xml"])


View = Callable[..., HttpResponse]


def in_both_formats(view: View) -> View:
    """Errors in the format that was asked for: `[{"code": 404, "description": "…"}]` or `<errors><error>…</error></errors>`."""

    @wraps(view)
    def inside(request: Request, kind: str, **named: str) -> HttpResponse:
        try:
            return view(request, kind, **named)
        except Refused as refused:
            error = {"code": refused.status, "description": refused.description}
            return answer(kind, "errors", "error", [error], status=refused.status)

    return inside


def jurisdiction(given: str) -> Place:
    """The place of a jurisdiction_id; the town when none is given. Refuses an unknown one with 404."""
    place = place_by_code(given) if given else town()
    if place is None:
        raise Refused(404, "jurisdiction_id provided was not found")
    return place


# Discovery and services


@require_safe
def beginning(request: Request) -> HttpResponse:
    """The address programs are given leads to the document that tells them the rest."""
    return HttpResponseRedirect(
        "/open311/v2/discovery.json" if "json" in request.headers.get("Accept", "") else "/open311/v2/discovery.xml"
    )


@require_safe
@in_both_formats
def discovery(request: Request, kind: str) -> HttpResponse:
    place = jurisdiction("")
    changed = "2026-11-24T00:00:00+08:00"
    return one(
        kind,
        "discovery",
        {
            "changeset": changed,
            "contact": _("%(town)s，电话 %(phone)s") % {"town": place.name, "phone": place.phone} if place.phone else place.name,
            "key_service": _("向镇里申请"),
            "endpoints": [
                {
                    "specification": "http://wiki.open311.org/GeoReport_v2",
                    "url": request.build_absolute_uri("/open311/v2"),
                    "changeset": changed,
                    "type": "production",
                    "formats": ["text/xml", "application/json"],
                }
            ],
        },
    )


def _services() -> Iterable[Category]:
    """The categories one may raise from outside: not those for the parties alone, nor those that ask neighbours."""
    return offered().select_related("parent").filter(is_restricted=False, is_neighbourly=False)


def _service(code: str) -> Category:
    found = next((each for each in _services() if each.code == code), None)
    if found is None:
        raise Refused(404, "service_code provided was not found")
    return found


@require_safe
@in_both_formats
def services(request: Request, kind: str) -> HttpResponse:
    jurisdiction(request.GET.get("jurisdiction_id", ""))
    rows = [
        {
            "service_code": each.code,
            "service_name": each.name,
            "description": each.hint,
            "metadata": True,
            "type": "realtime",
            "keywords": each.name,
            "group": (each.parent or each).name,
        }
        for each in _services()
    ]
    return answer(kind, "services", "service", rows)


@require_safe
@in_both_formats
def service_definition(request: Request, kind: str, code: str) -> HttpResponse:
    """The one question beside the standard's own: at which place of the jurisdiction."""
    place = jurisdiction(request.GET.get("jurisdiction_id", ""))
    category = _service(code)
    inside = below(place).filter(closed_on=None).order_by("lineage")[:MOST_PLACES]
    attribute = {
        "variable": True,
        "code": "place",
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": _("选一个地方"),
        "order": 1,
        "description": _("在哪里"),
        "values": [{"key": each.code, "name": each.name} for each in inside],
    }
    return one(kind, "service_definition", {"service_code": category.code, "attributes": [attribute]})


# Requests


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_both_formats
def requests(request: Request, kind: str) -> HttpResponse:
    return _raise(request, kind) if request.method == "POST" else _list(request, kind)


@require_safe
@in_both_formats
def single(request: Request, kind: str, number: str) -> HttpResponse:
    place = jurisdiction(request.GET.get("jurisdiction_id", ""))
    rows = _rows(request, _public(place).filter(number=number))
    if not rows:
        raise Refused(404, "service_request_id provided was not found")
    return answer(kind, "service_requests", "request", rows)


@require_safe
@in_both_formats
def token(request: Request, kind: str, token: str) -> HttpResponse:
    """The number a token became. Every service is realtime, so a request has its number at once and that is its token."""
    place = jurisdiction(request.GET.get("jurisdiction_id", ""))
    if not _public(place).filter(number=token).exists():
        raise Refused(404, "token provided was not found")
    return answer(kind, "service_requests", "request", [{"service_request_id": token, "token": token}])


def _public(place: Place) -> Any:
    chosen = Matter.objects.filter(is_public=True)
    return chosen if place == town() else chosen.filter(place__in=below(place))


def _list(request: Request, kind: str) -> HttpResponse:
    asked = request.GET
    chosen = _public(jurisdiction(asked.get("jurisdiction_id", "")))
    numbers = _split(asked.get("service_request_id", ""))
    if numbers:
        # Overrides all other arguments.
        return answer(kind, "service_requests", "request", _rows(request, chosen.filter(number__in=numbers[:MOST])))
    codes = _split(asked.get("service_code", ""))
    if codes:
        chosen = chosen.filter(category__code__in=codes)
    start, end = _span(asked.get("start_date", ""), asked.get("end_date", ""))
    chosen = chosen.filter(raised_at__gte=start, raised_at__lte=end)
    statuses = set(_split(asked.get("status", "")))
    if statuses - {"open", "closed"}:
        raise Refused(400, "status is open, closed, or both")
    if len(statuses) == 1:
        chosen = chosen.filter(state__in=OPEN) if "open" in statuses else chosen.exclude(state__in=OPEN)
    return answer(kind, "service_requests", "request", _rows(request, chosen))


def _split(given: str) -> list[str]:
    return [each.strip() for each in given.replace("\x00", "").split(",") if each.strip()]


def _span(start: str, end: str) -> tuple[datetime, datetime]:
    """The span asked for: at most 90 days, by default the last 90."""
    first, last = _instant(start, "start_date"), _instant(end, "end_date")
    if first is None and last is None:
        last = clock.now()
    if first is None:
        assert last is not None
        first = last - LONGEST_SPAN
    if last is None:
        last = min(first + LONGEST_SPAN, clock.now())
    if last - first > LONGEST_SPAN:
        raise Refused(400, "start_date and end_date may not span more than 90 days")
    return first, last


def _instant(given: str, name: str) -> datetime | None:
    # A plus sign that was not escaped arrives as a blank.
    try:
        found = parse_datetime(given.strip().replace(" ", "+")) if given else None
    except ValueError:
        found = None
    if given and (found is None or found.tzinfo is None):
        raise Refused(400, f"{name} has to be a W3C date and time with a zone: 2026-01-01T00:00:00Z")
    return found


def _rows(request: Request, chosen: Any) -> list[dict[str, Any]]:
    """Requests as the standard lists them, the newest first; three queries. A picture is one of ours that everybody may see: what lies at an
    address of others nobody has looked at, and it may be another picture tomorrow."""
    matters = list(chosen.select_related("place", "scope", "category", "body").order_by("-raised_at", "-id")[:MOST])
    came = {row.matter_id: row for row in Open311Request.objects.filter(matter__in=matters)} if matters else {}
    pictures: dict[int, str] = {}
    public = MatterPhoto.objects.filter(matter__in=matters, file__audience=PUBLIC, file__media_type__startswith="image/")
    for matter_id, token in (
        public.order_by("matter_id", "text_id", "position", "id").values_list("matter_id", "file__token") if matters else ()
    ):
        pictures.setdefault(matter_id, request.build_absolute_uri(f"/files/{token}/full.jpg"))
    return [_row(request, matter, came.get(matter.pk), pictures.get(matter.pk, "")) for matter in matters]


def _row(request: Request, matter: Matter, came: Open311Request | None, picture: str) -> dict[str, Any]:
    where = [matter.scope.name] if matter.place_id != matter.scope_id else []
    return {
        "service_request_id": matter.number,
        "status": "open" if matter.state in OPEN else "closed",
        "status_notes": matter.get_state_display(),
        "service_name": matter.category.name,
        "service_code": matter.category.code,
        "description": matter.text,
        "agency_responsible": matter.body.name if matter.body else "",
        "service_notice": request.build_absolute_uri(f"/m/{matter.number}"),
        "requested_datetime": _written(matter.raised_at),
        "updated_datetime": _written(matter.changed_at),
        "expected_datetime": _written(matter.due_at),
        "address": " ".join([*where, matter.place.name, matter.spot]).strip(),
        "address_id": matter.place.code,
        "zipcode": "",
        "lat": float(came.latitude) if came is not None and came.latitude is not None else None,
        "long": float(came.longitude) if came is not None and came.longitude is not None else None,
        "media_url": picture,
    }


def _written(at: datetime | None) -> str:
    return at.astimezone(TOWN_ZONE).isoformat(timespec="seconds") if at is not None else ""


@dataclass(frozen=True, slots=True)
class Where:
    place: Place
    spot: str
    latitude: Decimal | None
    longitude: Decimal | None


def _raise(request: Request, kind: str) -> HttpResponse:
    sent = request.POST
    given = sent.get("jurisdiction_id", "") or request.GET.get("jurisdiction_id", "")
    place = jurisdiction(given)
    key = sent.get("api_key", "") or request.GET.get("api_key", "")
    held = ApiKey.objects.filter(digest=digest_of(key), ended_at=None).first() if key else None
    if held is None:
        raise Refused(403, "Missing or invalid api_key")
    if not sent.get("service_code", ""):
        raise Refused(400, "service_code was not provided")
    category = _service(sent["service_code"])
    where = _where(sent, place)
    text = sent.get("description", "").strip() or category.name
    media = _media(sent.get("media_url", ""))
    name = f"{sent.get('last_name', '')}{sent.get('first_name', '')}".replace("\x00", "").strip()[:80]
    phone = normalise_phone(sent.get("phone", "").replace("\x00", ""))[:20]
    try:
        with writing():
            reporter_id = create_person(name=name, phone=phone).pk if name else held.person_id
            matter = actions.raise_matter(
                by=Actor(person_id=held.person_id, on_behalf_of_id=reporter_id if name else None, channel="open311"),
                reporter_id=reporter_id,
                place=where.place,
                category=category,
                text=text,
                spot=where.spot,
            )
            Open311Request.objects.create(
                matter=matter,
                key=held,
                latitude=where.latitude,
                longitude=where.longitude,
                media_url=media,
            )
    except actions.TextTooLong as error:
        raise Refused(400, f"description is {error.extra} characters too long") from None
    created = {"service_request_id": matter.number, "service_notice": _notice(matter), "account_id": None}
    return answer(kind, "service_requests", "request", [created], status=201)


def _notice(matter: Matter) -> str:
    if matter.body is None or matter.due_at is None:
        return _("登记了，正在找对的人来办。")
    local = matter.due_at.astimezone(TOWN_ZONE)
    return _("%(body)s在 %(month)d 月 %(day)d 日前答复。") % {"body": matter.body.name, "month": local.month, "day": local.day}


def _where(sent: Any, jurisdiction_place: Place) -> Where:
    """The location, as one of the standard's three ways says it: coordinates, an address, or the code of a place below the jurisdiction."""
    latitude, longitude = _coordinate(sent.get("lat", ""), "lat", 90), _coordinate(sent.get("long", ""), "long", 180)
    address, address_id = sent.get("address_string", "").replace("\x00", "").strip(), sent.get("address_id", "").strip()
    if (latitude is None or longitude is None) and not address and not address_id:
        raise Refused(400, "A location is needed: lat and long, address_string or address_id")
    place, code = jurisdiction_place, address_id or sent.get("attribute[place]", "").strip()
    if code:
        found = below(jurisdiction_place).filter(code=code, closed_on=None).first()
        if found is None:
            raise Refused(400, "address_id or attribute[place] is no place of this jurisdiction")
        place = found
    return Where(place, address[:80], latitude, longitude)


def _coordinate(given: str, name: str, limit: int) -> Decimal | None:
    if not given.strip():
        return None
    try:
        value = Decimal(given.strip())
    except InvalidOperation:
        raise Refused(400, f"{name} is not a number") from None
    if not value.is_finite() or abs(value) > limit:
        raise Refused(400, f"{name} is out of range")
    return round(value, 6)


def _media(given: str) -> str:
    given = given.strip()
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(given) > 500:
        raise Refused(400, "media_url is no address of a picture")
    return given
