"""Who gets what at a place, and what hangs on a body or a post for that."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from doorstep.affairs.models import Category, EscalationStep, Matter, PainPoint, RoutingRule
from doorstep.affairs.rules.matter_states import OPEN
from doorstep.affairs.rules.routing import Rule, route
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, Post
from doorstep.organisations.queries import bodies_by_id, bodies_serving, body_by_code, posts_held_in


@dataclass(frozen=True, slots=True)
class Route:
    """Who gets the matters of a category at a place (None = of every other category). `own`: the place says so itself."""

    category: Category | None
    body: Body | None
    overdue_body: Body | None
    own: bool


def routes_of(place: Place) -> list[Route]:
    """For everything and for each top category that goes to a body: what happens at this place now. A fixed number of queries."""
    kept = list(RoutingRule.objects.filter(place__code__in=place.codes).select_related("place", "category"))
    bodies = bodies_by_id({each for rule in kept for each in (rule.body_id, rule.overdue_body_id) if each is not None})
    own = {rule.category_id for rule in kept if rule.place_id == place.pk}
    rules = [Rule(rule.place.code, rule.category.code if rule.category else None, rule.body_id, rule.overdue_body_id) for rule in kept]
    routes = []
    for category in (None, *Category.objects.filter(parent=None, is_active=True, is_neighbourly=False)):
        chosen = route(
            rules=rules,
            lineage=place.codes,
            category_path=[category.code] if category else [],
            is_restricted=category is not None and category.is_restricted,
        )
        routes.append(
            Route(
                category,
                bodies.get(chosen.body) if chosen else None,
                bodies.get(chosen.overdue_body) if chosen and chosen.overdue_body else None,
                (category.pk if category else None) in own,
            )
        )
    return routes


def escalation_of(place: Place) -> list[EscalationStep]:
    """Before whom a late matter at this place comes, the soonest first: the place's own steps and those of the places above. One query."""
    return list(EscalationStep.objects.filter(place__code__in=place.codes).select_related("place", "body__place").order_by("days", "id"))


def serving_body(place: Place, code: str) -> Body | None:
    """One of the bodies a matter at this place can be given to."""
    found = body_by_code(code)
    return found if found is not None and any(each.pk == found.pk for each in bodies_serving(place)) else None


def reaching(place: Place) -> list[tuple[Category, bool]]:
    """Each top category that goes to a body, and whether its matters, raised at this place, reach somebody who works them."""
    working = {body.pk for body in bodies_serving(place)}
    return [(each.category, each.body is not None and each.body.pk in working) for each in routes_of(place) if each.category is not None]


def answering_at(place: Place) -> list[tuple[Body, list[Post]]]:
    """The bodies that serve a place, each with its posts as held today: who may answer for something there. Two queries."""
    bodies = bodies_serving(place)
    posts: dict[int, list[Post]] = {}
    for post in posts_held_in(bodies):
        posts.setdefault(post.body_id, []).append(post)
    return [(body, posts[body.pk]) for body in bodies if body.pk in posts]


# What hangs on a post, and what stands in the way of a body's end


def open_matters_of(post: Post) -> list[str]:
    """Numbers of the open matters that whoever holds this post works."""
    if not post.handles_matters:
        return []
    return list(Matter.objects.filter(body_id=post.body_id, state__in=OPEN).order_by("id").values_list("number", flat=True))


def open_pain_points_of(post: Post) -> list[str]:
    """Ids of what the holder of this post answers for on the list of pain points."""
    return [
        str(pk)
        for pk in PainPoint.objects.filter(body_id=post.body_id, owner_id=post.person_id, ended_at=None)
        .order_by("id")
        .values_list("pk", flat=True)
    ]


def pain_points_of(ids: Iterable[str]) -> list[PainPoint]:
    return list(PainPoint.objects.filter(pk__in=[int(each) for each in ids]).select_related("scope").order_by("id"))


def open_matters_with(body: Body) -> int:
    return Matter.objects.filter(body=body, state__in=OPEN).count()


def rules_naming(body: Body) -> int:
    """How many rules give matters to a body, or bring late ones before it."""
    rules = RoutingRule.objects.filter(Q(body=body) | Q(overdue_body=body)).count()
    return rules + EscalationStep.objects.filter(body=body).count()
