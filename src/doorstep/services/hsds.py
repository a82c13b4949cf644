"""Services in the words of the Human Services Data Specification 3.0 (Open Referral).

Ids are UUIDs made of the town's code and ours (RFC 9562, version 5), so that they stay the same in every export. A time zone is a number there.
A schedule is weekly or monthly; what is neither is told in words. Only public things stand here: bodies, places, dates; no person.
"""

import tomllib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.occasions.models import SeriesPlan
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.services.codes import Kind, kinds
from doorstep.services.models import Service

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/en/v3.0.0/hsds/"
ROOT = uuid.uuid5(uuid.NAMESPACE_URL, "urn:doorstep:hsds")
TIMEZONE = 8
OFFSET = "+08:00"

Document = dict[str, Any]


@cache
def provinces() -> dict[str, str]:
    return tomllib.loads((Path(__file__).parent / "data" / "provinces.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Town:
    """What every document needs of the town: its code for ids, its address for links, its place in the country."""

    code: str
    site: str
    name: str
    city: str
    province: str

    def id(self, kind: str, code: str) -> str:
        return str(uuid.uuid5(ROOT, f"{self.code}/{kind}/{code}"))


def town_of(place: Place, site: str) -> Town:
    city = place.parent
    region = (city.region_code if city else "") or place.region_code
    return Town(
        code=place.code, site=site, name=place.name, city=city.name if city else place.name, province=provinces().get(region[:2], "")
    )


def plans_of(services: Iterable[Service]) -> dict[str, list[SeriesPlan]]:
    """How services recur now, by code. One query."""
    codes = [service.code for service in services]
    today = clock.today()
    open_now = Q(ends_on=None) | Q(ends_on__gte=today)
    plans = SeriesPlan.objects.filter(open_now, series__kind="service", series__subject__in=codes, series__audience=PUBLIC)
    found: dict[str, list[SeriesPlan]] = defaultdict(list)
    for plan in plans.select_related("series", "place__parent").order_by("id"):
        found[plan.series.subject].append(plan)
    return found


def service_document(town: Town, service: Service, plans: Sequence[SeriesPlan], *, full: bool) -> Document:
    """A service; in full with where and when it takes place."""
    ident = town.id("service", service.code)
    document: Document = {
        "id": ident,
        "organization_id": town.id("organization", service.body.code),
        "name": service.name,
        "description": service.says,
        "url": f"{town.site}/services/{service.code}",
        "status": service.status,
        "fees_description": "免费",
        "last_modified": _moment(service.changed_at),
        "organization": organization_document(town, service.body),
        "attributes": [_attribute(town, service)],
    }
    if service.name_en:
        document["alternate_name"] = service.name_en
    if full:
        by_place: dict[int, list[SeriesPlan]] = defaultdict(list)
        for plan in plans:
            by_place[plan.place_id].append(plan)
        document["service_at_locations"] = [
            service_at_location_document(town, service, held, with_service=False) for held in by_place.values()
        ]
    return document


def service_at_location_document(town: Town, service: Service, plans: Sequence[SeriesPlan], *, with_service: bool) -> Document:
    """A service at one place, with when it takes place there. `plans` all have that place."""
    place = plans[0].place
    ident = service_at_location_id(town, service, place)
    document: Document = {
        "id": ident,
        "service_id": town.id("service", service.code),
        "location_id": town.id("location", place.code),
        "location": location_document(town, place),
        "schedules": [_schedule(town, service, ident, plan) for plan in plans],
    }
    if with_service:
        document["service"] = service_document(town, service, (), full=False)
    return document


def service_at_location_id(town: Town, service: Service, place: Place) -> str:
    return town.id("service_at_location", f"{service.code}@{place.code}")


def organization_document(town: Town, body: Body) -> Document:
    document: Document = {
        "id": town.id("organization", body.code),
        "name": body.name,
        "description": str(Body.Kind(body.kind).label),
        "website": f"{town.site}/organisations/{body.code}",
    }
    if body.name_en:
        document["alternate_name"] = body.name_en
    if body.founded_on:
        document["year_incorporated"] = int(body.founded_on[:4])
    return document


def location_document(town: Town, place: Place) -> Document:
    ident = town.id("location", place.code)
    document: Document = {
        "id": ident,
        "location_type": "physical",
        "name": place.name,
        "addresses": [
            {
                "id": town.id("address", place.code),
                "location_id": ident,
                "address_1": " ".join(each.name for each in (place.parent, place) if each is not None),
                "city": town.city,
                "region": town.name,
                "state_province": town.province,
                "postal_code": "",
                "country": "CN",
                "address_type": "physical",
            }
        ],
        "accessibility": [
            {"id": town.id("accessibility", f"{place.code}/{name}"), "location_id": ident, "description": name}
            for name, there in sorted(place.accessibility.items())
            if there
        ],
    }
    if place.name_en:
        document["alternate_name"] = place.name_en
    return document


def taxonomy_document(town: Town) -> Document:
    return {
        "id": town.id("taxonomy", "kinds"),
        "name": "家门口的服务",
        "description": "Kinds of services at the doorstep",
        "uri": f"{town.site}/services/",
        "version": "1",
    }


def term_document(town: Town, kind: Kind) -> Document:
    return {
        "id": town.id("taxonomy_term", kind.code),
        "code": kind.code,
        "name": kind.zh,
        "description": kind.en,
        "language": "zh",
        "taxonomy": "家门口的服务",
        "taxonomy_id": town.id("taxonomy", "kinds"),
        "taxonomy_detail": taxonomy_document(town),
    }


def kind_of_term(town: Town, ident: str) -> Kind | None:
    return next((kind for kind in kinds().values() if town.id("taxonomy_term", kind.code) == ident), None)


def _attribute(town: Town, service: Service) -> Document:
    return {
        "id": town.id("attribute", service.code),
        "link_id": town.id("service", service.code),
        "link_entity": "service",
        "link_type": "service_type",
        "taxonomy_term_id": town.id("taxonomy_term", service.sort.code),
        "taxonomy_term": term_document(town, service.sort),
    }


def _schedule(town: Town, service: Service, at: str, plan: SeriesPlan) -> Document:
    parts = dict(part.split("=", 1) for part in plan.rule.split(";") if "=" in part)
    ends = _clock(_end_minutes(plan))
    document: Document = {
        "id": town.id("schedule", plan.code),
        "service_at_location_id": at,
        "valid_from": plan.first.isoformat(),
        "dtstart": plan.first.isoformat(),
        "timezone": TIMEZONE,
        "opens_at": f"{plan.start:%H:%M}{OFFSET}",
        "closes_at": f"{ends}{OFFSET}",
        "schedule_link": f"{town.site}/services/{service.code}.ics",
        "description": f"{plan.title}；法定节假日停" if plan.skips_holidays else plan.title,
    }
    if parts.get("FREQ") in {"WEEKLY", "MONTHLY"}:
        document["freq"] = parts["FREQ"]
        document["interval"] = int(parts.get("INTERVAL", "1"))
        if "BYDAY" in parts:
            document["byday"] = parts["BYDAY"]
        if "BYMONTHDAY" in parts:
            document["bymonthday"] = parts["BYMONTHDAY"]
        if "COUNT" in parts:
            document["count"] = int(parts["COUNT"])
    last = _last_day(plan, parts.get("UNTIL", ""))
    if last is not None:
        document["valid_to"] = document["until"] = last.isoformat()
    return document


def _last_day(plan: SeriesPlan, until: str) -> date | None:
    """The earlier of the plan's end and the rule's (UNTIL is UTC, RFC 5545 3.3.10)."""
    days = [plan.ends_on] if plan.ends_on else []
    if until:
        moment = datetime.fromisoformat(until)
        days.append(moment.astimezone(clock.TOWN_ZONE).date() if moment.tzinfo else moment.date())
    return min(days) if days else None


def _end_minutes(plan: SeriesPlan) -> int:
    return plan.start.hour * 60 + plan.start.minute + plan.minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _moment(at: datetime) -> str:
    return at.astimezone(clock.TOWN_ZONE).isoformat(timespec="seconds")
