"""/hsds/: the directory of services for programs, as HSDS 3.0 describes its API. Public, reading only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_safe

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.places.queries import town
from doorstep.organisations.models import Body
from doorstep.services import hsds
from doorstep.services.codes import kinds
from doorstep.services.models import Service

PER_PAGE, MOST_PER_PAGE = 50, 500
TRUE = frozenset({"true", "1", "yes"})


class BadParameter(Exception):
    """A parameter of the request cannot be read."""


def _town(request: HttpRequest) -> hsds.Town:
    top = town()
    if top is None:
        raise Http404
    return hsds.town_of(top, request.build_absolute_uri("/").rstrip("/"))


def _answer(document: Any, status: int = 200) -> JsonResponse:
    return JsonResponse(document, status=status, json_dumps_params={"ensure_ascii": False})


def _problem(error: BadParameter) -> JsonResponse:
    """RFC 9457."""
    answer = _answer({"type": "about:blank", "title": "Bad Request", "status": 400, "code": str(error)}, 400)
    answer["Content-Type"] = "application/problem+json"
    return answer


@require_safe
def base(request: HttpRequest) -> JsonResponse:
    """The API's own metadata."""
    site = _town(request).site
    return _answer({"version": hsds.VERSION, "profile": hsds.PROFILE, "openapi_url": f"{site}/api/v1/openapi.json"})


@require_safe
def listing(request: HttpRequest, collection: str) -> JsonResponse:
    """One page of services, organizations, service_at_locations, taxonomies or taxonomy_terms."""
    if collection not in LISTS:
        raise Http404
    try:
        if request.GET.get("format", "json") != "json":
            raise BadParameter("format")
        return _answer(LISTS[collection](request, _town(request)))
    except BadParameter as error:
        return _problem(error)


@require_safe
def one(request: HttpRequest, collection: str, ident: UUID) -> JsonResponse:
    """One of them by its id."""
    if collection not in LISTS:
        raise Http404
    here = _town(request)
    found = ONES[collection](here, str(ident))
    if found is None:
        raise Http404
    return _answer(found)


def _number(request: HttpRequest, name: str, default: int, most: int) -> int:
    given = request.GET.get(name, "")
    if not given:
        return default
    if not given.isdecimal() or len(given) > 9 or not int(given) >= 1:
        raise BadParameter(name)
    return min(int(given), most)


def _paged(request: HttpRequest, total: int, chosen: Any, document: Any) -> dict[str, Any]:
    """The page envelope. `chosen(first, last)` gives the rows, `document` each one's."""
    page = _number(request, "page", 1, 10**9)
    size = _number(request, "per_page", PER_PAGE, MOST_PER_PAGE)
    pages = max(1, -(-total // size))
    rows = document(chosen((page - 1) * size, page * size)) if page <= pages else []
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": len(rows),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not rows,
        "contents": rows,
    }


def _public() -> QuerySet[Service]:
    return Service.objects.select_related("body", "place").order_by("id")


def _chosen_services(request: HttpRequest, here: hsds.Town) -> QuerySet[Service]:
    services = _public()
    words = request.GET.get("search", "").strip()[:60]
    if words:
        services = services.filter(Q(name__icontains=words) | Q(name_en__icontains=words) | Q(says__icontains=words))
    term = request.GET.get("taxonomy_term_id", "")
    if term:
        kind = hsds.kind_of_term(here, term)
        services = services.filter(kind=kind.code) if kind else services.none()
    organization = request.GET.get("organization_id", "")
    if organization:
        body = _body(here, organization)
        services = services.filter(body=body) if body else services.none()
    after = request.GET.get("modified_after", "")
    if after:
        services = services.filter(changed_at__gt=_moment(after))
    return services


def _moment(given: str) -> datetime:
    try:
        moment = parse_datetime(given.replace(" ", "+"))
        day = parse_date(given)
    except ValueError:
        raise BadParameter("modified_after") from None
    if moment is None and day is not None:
        moment = datetime.combine(day, datetime.min.time())
    if moment is None:
        raise BadParameter("modified_after")
    return moment if moment.tzinfo else moment.replace(tzinfo=TOWN_ZONE)


def _services(request: HttpRequest, here: hsds.Town) -> dict[str, Any]:
    chosen = _chosen_services(request, here)
    full = request.GET.get("full", "").lower() in TRUE
    minimal = request.GET.get("minimal", "").lower() in TRUE

    def documents(rows: Sequence[Service]) -> list[dict[str, Any]]:
        if minimal:
            return [{"id": here.id("service", each.code), "name": each.name, "status": each.status} for each in rows]
        plans = hsds.plans_of(rows) if full else {}
        return [hsds.service_document(here, each, plans.get(each.code, ()), full=full) for each in rows]

    return _paged(request, chosen.count(), lambda first, last: list(chosen[first:last]), documents)


def _service(here: hsds.Town, ident: str) -> dict[str, Any] | None:
    codes = Service.objects.values_list("code", flat=True)
    code = next((each for each in codes if here.id("service", each) == ident), None)
    if code is None:
        return None
    service = _public().get(code=code)
    return hsds.service_document(here, service, hsds.plans_of([service])[service.code], full=True)


def _bodies() -> QuerySet[Body]:
    return Body.objects.filter(ended_on=None, pk__in=Service.objects.values("body_id")).order_by("id")


def _body(here: hsds.Town, ident: str) -> Body | None:
    return next((each for each in _bodies() if here.id("organization", each.code) == ident), None)


def _organizations(request: HttpRequest, here: hsds.Town) -> dict[str, Any]:
    chosen = _bodies()
    words = request.GET.get("search", "").strip()[:60]
    if words:
        chosen = chosen.filter(Q(name__icontains=words) | Q(name_en__icontains=words))
    rows = lambda first, last: list(chosen[first:last])  # noqa: E731
    return _paged(request, chosen.count(), rows, lambda found: [hsds.organization_document(here, each) for each in found])


def _organization(here: hsds.Town, ident: str) -> dict[str, Any] | None:
    body = _body(here, ident)
    return hsds.organization_document(here, body) if body else None


def _all_at_locations(here: hsds.Town, services: QuerySet[Service]) -> list[tuple[str, Service, list[Any]]]:
    """(id, service, its plans at one place), in order of service and place. Two queries."""
    found = []
    rows = list(services)
    plans = hsds.plans_of(rows)
    for service in rows:
        by_place: dict[int, list[Any]] = {}
        for plan in plans.get(service.code, ()):
            by_place.setdefault(plan.place_id, []).append(plan)
        for held in by_place.values():
            found.append((hsds.service_at_location_id(here, service, held[0].place), service, held))
    return found


def _at_locations(request: HttpRequest, here: hsds.Town) -> dict[str, Any]:
    found = _all_at_locations(here, _chosen_services(request, here))

    def documents(rows: Sequence[tuple[str, Service, list[Any]]]) -> list[dict[str, Any]]:
        return [hsds.service_at_location_document(here, service, plans, with_service=True) for _ident, service, plans in rows]

    return _paged(request, len(found), lambda first, last: found[first:last], documents)


def _at_location(here: hsds.Town, ident: str) -> dict[str, Any] | None:
    for known, service, plans in _all_at_locations(here, _public()):
        if known == ident:
            return hsds.service_at_location_document(here, service, plans, with_service=True)
    return None


def _taxonomies(request: HttpRequest, here: hsds.Town) -> dict[str, Any]:
    return _paged(request, 1, lambda first, last: [here][first:last], lambda rows: [hsds.taxonomy_document(each) for each in rows])


def _taxonomy(here: hsds.Town, ident: str) -> dict[str, Any] | None:
    document = hsds.taxonomy_document(here)
    return document if document["id"] == ident else None


def _terms(request: HttpRequest, here: hsds.Town) -> dict[str, Any]:
    found = list(kinds().values())
    return _paged(
        request, len(found), lambda first, last: found[first:last], lambda rows: [hsds.term_document(here, each) for each in rows]
    )


def _term(here: hsds.Town, ident: str) -> dict[str, Any] | None:
    kind = hsds.kind_of_term(here, ident)
    return hsds.term_document(here, kind) if kind else None


LISTS = {
    "services": _services,
    "organizations": _organizations,
    "service_at_locations": _at_locations,
    "taxonomies": _taxonomies,
    "taxonomy_terms": _terms,
}
ONES = {
    "services": _service,
    "organizations": _organization,
    "service_at_locations": _at_location,
    "taxonomies": _taxonomy,
    "taxonomy_terms": _term,
}
