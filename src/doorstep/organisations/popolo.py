"""The Popolo data specification at /popolo/: who holds which public post in which body. Office-holders only, present and past.

Ids are opaque: `person:12`, `body:hengan`, `post:7`, `membership:7`, `membership:7.2` (an earlier holder), `area:ruikang`.
"""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town
from doorstep.foundation.ui.web import with_version
from doorstep.organisations.models import Body, FormerIncumbent, Post

COLLECTIONS = ("persons", "organizations", "posts", "memberships", "areas")
Item = dict[str, Any]


def document() -> dict[str, list[Item]]:
    """Everything, by collection. Four queries, however many rows."""
    bodies = list(Body.objects.select_related("place", "led_by").order_by("id"))
    posts = list(Post.objects.select_related("body", "on_behalf_of", "person").order_by("body_id", "position", "id"))
    former = list(FormerIncumbent.objects.select_related("person").order_by("post_id", "id"))
    places = {body.place_id: body.place for body in bodies}
    by_post = {post.pk: post for post in posts}
    # A body that nobody holds a post in is still public; a person whose data was erased is not.
    memberships = [_membership(post, post, f"membership:{post.pk}") for post in posts if post.person.erased_at is None]
    memberships += [
        _membership(by_post[each.post_id], each, f"membership:{each.post_id}.{each.pk}") for each in former if each.person.erased_at is None
    ]
    holders = [*(post.person for post in posts), *(each.person for each in former)]
    people = {person.pk: person for person in holders if person.erased_at is None}
    return {
        "persons": [_person(people[pk]) for pk in sorted(people)],
        "organizations": [_organization(body) for body in bodies],
        "posts": [_post(post) for post in posts],
        "memberships": memberships,
        "areas": [_area(places[pk], places.values()) for pk in sorted(places)],
    }


def _without_nothing(item: Item) -> Item:
    return {name: value for name, value in item.items() if value not in ("", None, [])}


def _person(person: Person) -> Item:
    """A name, nothing else: no phone, no unit, no other post of theirs that is not public."""
    return {"id": f"person:{person.pk}", "name": person.name}


def _organization(body: Body) -> Item:
    return _without_nothing(
        {
            "id": f"body:{body.code}",
            "name": body.name,
            "other_names": [{"name": body.name_en, "note": "English"}] if body.name_en else [],
            "identifiers": [{"scheme": "CN-USCC", "identifier": body.uscc}] if body.uscc else [],
            "classification": body.kind,
            "parent_id": f"body:{body.led_by.code}" if body.led_by else "",
            "area_id": f"area:{body.place.code}",
            "founding_date": body.founded_on,
            "dissolution_date": body.ended_on.isoformat() if body.ended_on else "",
            "contact_details": [{"type": "voice", "value": body.phone}] if body.phone else [],
        }
    )


def _post(post: Post) -> Item:
    return _without_nothing(
        {
            "id": f"post:{post.pk}",
            "label": post.title,
            "other_label": [post.title_en] if post.title_en else [],
            "role": post.title,
            "organization_id": f"body:{post.body.code}",
        }
    )


def _membership(post: Post, holding: Post | FormerIncumbent, item_id: str) -> Item:
    return _without_nothing(
        {
            "id": item_id,
            "role": post.title,
            "person_id": f"person:{holding.person_id}",
            "organization_id": f"body:{post.body.code}",
            "post_id": f"post:{post.pk}",
            "on_behalf_of_id": f"body:{post.on_behalf_of.code}" if post.on_behalf_of else "",
            "start_date": holding.held_from.isoformat(),
            "end_date": holding.held_until.isoformat() if holding.held_until else "",
        }
    )


def _area(place: Place, shown: Iterable[Place]) -> Item:
    """`parent_id` is the nearest place above that is in the document too."""
    codes = {each.code for each in shown}
    above = next((code for code in reversed(place.codes[:-1]) if code in codes), "")
    return _without_nothing(
        {
            "id": f"area:{place.code}",
            "name": place.name,
            "identifier": place.region_code,
            "classification": place.kind,
            "parent_id": f"area:{above}" if above else "",
        }
    )


def _answer(request: Request, what: Any) -> HttpResponse:
    response = JsonResponse(what, json_dumps_params={"ensure_ascii": False})
    # Public data: other sites may read it from a browser.
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def everything(request: Request) -> HttpResponse:
    top = town()
    lineage = top.lineage if top is not None else ""
    return with_version(request, lambda: f"popolo {page_version(lineage=lineage)} {clock.today()}", lambda: _answer(request, document()))


@require_safe
def collection(request: Request, collection: str) -> HttpResponse:
    if collection not in COLLECTIONS:
        raise Http404
    return _answer(request, {collection: document()[collection]})


@require_safe
def item(request: Request, collection: str, item_id: str) -> HttpResponse:
    if collection not in COLLECTIONS:
        raise Http404
    found = next((each for each in document()[collection] if each["id"] == item_id), None)
    if found is None:
        raise Http404
    return _answer(request, found)
