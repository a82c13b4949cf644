"""What others may read of bodies, posts and units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Contribution, HeldPost, Viewer
from doorstep.foundation.clock.kept import kept_briefly
from doorstep.foundation.identity.models import Person
from doorstep.foundation.moderation.permissions import MODERATING
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.search.queries import Hit, having, named
from doorstep.organisations.models import Body, HandOver, Holder, Post, Residence, Unit
from doorstep.organisations.permissions import KEEPERS, PARTY, REGISTRARS


def holding_today() -> Q:
    """Posts that are held today, in bodies that are."""
    today = clock.today()
    return Q(held_from__lte=today) & (Q(held_until=None) | Q(held_until__gte=today)) & Q(body__ended_on=None)


# Asked at every request of somebody signed in: the columns of HeldPost in its order, and no models.
POSTS_HELD = """
SELECT post.id, post.title, post.title_en, body.id, body.code, body.name, body.name_en, body.kind, place.code, place.lineage, post.handles_matters
FROM organisations_post post
JOIN organisations_body body ON body.id = post.body_id
JOIN foundation_place place ON place.id = body.place_id
WHERE post.person_id = %s AND post.held_from <= %s AND (post.held_until IS NULL OR post.held_until >= %s) AND body.ended_on IS NULL
ORDER BY post.position, post.id
"""
# Each estate somebody is verified in, and whether as an owner whom the roll names on that very unit; -1: a place they are registered at as a
# worker from elsewhere.
ESTATES_LIVED_IN = """
SELECT place.code, MAX(CASE WHEN residence.kind = 'owner' AND holder.id IS NOT NULL THEN 1 ELSE 0 END)
FROM organisations_residence residence
JOIN organisations_unit unit ON unit.id = residence.unit_id
JOIN foundation_place place ON place.id = unit.estate_id
LEFT JOIN organisations_holder holder ON holder.unit_id = unit.id AND holder.person_id = residence.person_id
WHERE residence.person_id = %s AND residence.until_on IS NULL
GROUP BY place.code
UNION ALL
SELECT place.code, -1
FROM organisations_bodyapplication asked
JOIN foundation_place place ON place.id = asked.place_id
WHERE asked.person_id = %s AND asked.kind = 'worker' AND asked.state = 'accepted'
"""


def viewer_contribution(person_id: int) -> Contribution:
    """The posts somebody holds today, the bodies whose matters they work by them, and `office:<code>` for the places of those bodies."""
    today = connection.ops.adapt_datefield_value(clock.today())
    with connection.cursor() as cursor:
        cursor.execute(POSTS_HELD, [person_id, today, today])
        rows = cursor.fetchall()
    posts = tuple(HeldPost(*row[:-1]) for row in rows)
    working = [post for post, row in zip(posts, rows, strict=True) if row[-1]]
    return Contribution(
        posts=posts,
        bodies=frozenset(post.body_id for post in working),
        keys=frozenset(f"office:{post.place_code}" for post in working),
    )


def residence_contribution(person_id: int) -> Contribution:
    """Verified residents get `estate:<code>`; those of them whom the roll names as owners `owners:<code>` too; workers registered at a place
    `registered:<code>`. A name on the roll alone gives nothing."""
    with connection.cursor() as cursor:
        cursor.execute(ESTATES_LIVED_IN, [person_id, person_id])
        rows = cursor.fetchall()
    keys = {f"estate:{code}" if owns >= 0 else f"registered:{code}" for code, owns in rows}
    keys |= {f"owners:{code}" for code, owns in rows if owns > 0}
    return Contribution(keys=frozenset(keys))


def keeper_body(estate: Place) -> Body | None:
    """Who compares claims with the roll: the owners' committee, where there is none the property company."""
    found = Body.objects.filter(place=estate, kind__in=KEEPERS, ended_on=None)
    return min(found, key=lambda body: (body.kind != Body.Kind.OWNERS_COMMITTEE, body.pk), default=None)


def is_on_a_roll(person_id: int) -> bool:
    """Whether a roll names this person as a holder: the name is then the roll's."""
    return Holder.objects.filter(person_id=person_id).exists()


def working_for(body_ids: Sequence[str]) -> Iterable[int]:
    """Person ids of those who work these bodies' matters today."""
    ids = [int(value) for value in body_ids]
    return Post.objects.filter(holding_today(), body_id__in=ids, handles_matters=True).values_list("person_id", flat=True).distinct()


def moderating(_keys: Sequence[str]) -> Iterable[int]:
    """Person ids of those who work for the town's service centre today: they look after what is objected to."""
    posts = Post.objects.filter(holding_today(), body__kind__in=MODERATING, handles_matters=True)
    return posts.values_list("person_id", flat=True).distinct()


def bodies_at(place: Place) -> QuerySet[Body]:
    """Bodies that serve a place itself."""
    return Body.objects.filter(place=place, ended_on=None).order_by("id")


def body_by_code(code: str) -> Body | None:
    return Body.objects.filter(code=code, ended_on=None).first()


@kept_briefly
def code_of_body(body_id: int) -> str:
    """The code of a body, which never changes."""
    return Body.objects.values_list("code", flat=True).get(pk=body_id)


def body_ever(code: str) -> Body | None:
    """A body that is or was: what is no more keeps its page."""
    return Body.objects.select_related("place", "led_by").filter(code=code).first()


def post_ever(body: Body, post_id: int) -> Post | None:
    return Post.objects.select_related("person", "body__place").filter(body=body, pk=post_id).first()


def successor_of(*, body_id: int, person_id: int) -> int | None:
    """Who took over what somebody held in a body, down to whoever holds it now; None where nobody did. Person ids."""
    passed = dict(
        HandOver.objects.filter(post__body_id=body_id).order_by("recorded_at", "id").values_list("from_person_id", "to_person_id")
    )
    seen, found = {person_id}, passed.get(person_id)
    while found is not None and found in passed and found not in seen:
        seen.add(found)
        found = passed[found]
    return found if found is not None and Post.objects.filter(holding_today(), body_id=body_id, person_id=found).exists() else None


def registrars_of(place: Place) -> list[str]:
    """Audience keys of the bodies that register others at a place: the nearest first."""
    found = Body.objects.filter(kind__in=REGISTRARS, place__code__in=place.codes, ended_on=None).order_by("-place__lineage", "id")
    return [f"body:{pk}" for pk in found.values_list("pk", flat=True)]


def leaders_for(place: Place) -> list[Body]:
    """Party organisations at this place or above: those that can lead a body there."""
    return list(Body.objects.filter(kind__in=PARTY, place__code__in=place.codes, ended_on=None).order_by("-place__lineage", "id"))


def posts_held_in(bodies: Sequence[Body]) -> list[Post]:
    """The posts of several bodies as held today, in their order. One query."""
    return list(Post.objects.filter(holding_today(), body__in=bodies).select_related("person", "body").order_by("position", "id"))


def posts_of(body: Body) -> list[Post]:
    """The posts of a body as held today, with their holders: public office-holders."""
    return list(Post.objects.filter(holding_today(), body=body).select_related("person").order_by("position", "id"))


def contact_of(body: Body) -> Post | None:
    """Who answers for a body: its first post that works matters."""
    return Post.objects.filter(holding_today(), body=body, handles_matters=True).select_related("person").order_by("position", "id").first()


@dataclass(frozen=True, slots=True)
class RollFigures:
    """An estate's roll in four figures: units, parties (persons in a vote), persons, area in hundredths of m²."""

    units: int
    parties: int
    persons: int
    area_hundredths: int


def roll_figures(estate: Place) -> RollFigures:
    totals = Unit.objects.filter(estate=estate).aggregate(
        units=Count("id"), parties=Count("party_key", distinct=True), area=Sum("area_hundredths")
    )
    persons = Holder.objects.filter(unit__estate=estate).values("person_id").distinct().count()
    return RollFigures(units=totals["units"], parties=totals["parties"], persons=persons, area_hundredths=totals["area"] or 0)


def posts_by_id(ids: Iterable[int]) -> dict[int, Post]:
    """Posts with their bodies, held today or not: what was answered stays under the post it was answered by."""
    wanted = set(ids)
    return {post.pk: post for post in Post.objects.filter(pk__in=wanted).select_related("body")} if wanted else {}


def bodies_by_id(ids: Iterable[int]) -> dict[int, Body]:
    wanted = set(ids)
    return {body.pk: body for body in Body.objects.filter(pk__in=wanted)} if wanted else {}


def bodies_serving(place: Place) -> list[Body]:
    """Bodies at this place or above that work matters: those a matter can be given to."""
    working = Post.objects.filter(holding_today(), handles_matters=True).values("body_id")
    return list(Body.objects.filter(place__code__in=place.codes, id__in=working, ended_on=None).order_by("place__lineage", "id"))


def home_of(viewer: Viewer) -> Place | None:
    """The estate a viewer is a verified resident of, else the place of the post they act by, else where they are registered as a worker: what
    their front page shows."""
    living = Residence.objects.filter(person_id=viewer.own_id, until_on=None)
    estate = Place.objects.filter(id__in=living.values("unit__estate_id")).order_by("id").first()
    if estate is not None:
        return estate
    if viewer.acting_post:
        return place_by_code(viewer.acting_post.place_code)
    code = min((key.partition(":")[2] for key in viewer.keys if key.startswith("registered:")), default="")
    return place_by_code(code) if code else None


def bodies_by_place(place: Place) -> list[tuple[Place, list[tuple[Body, list[Post]]]]]:
    """The bodies at and below a place, grouped by where they serve, each with its posts as held today. Two queries."""
    inside = Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/")
    bodies = list(Body.objects.filter(inside, ended_on=None).select_related("place").order_by("place__lineage", "id"))
    posts: dict[int, list[Post]] = {}
    for post in Post.objects.filter(holding_today(), body__in=bodies).select_related("person").order_by("position", "id"):
        posts.setdefault(post.body_id, []).append(post)
    groups: dict[int, tuple[Place, list[tuple[Body, list[Post]]]]] = {}
    for body in bodies:
        groups.setdefault(body.place_id, (body.place, []))[1].append((body, posts.get(body.pk, [])))
    return list(groups.values())


def find_bodies(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Bodies whose name has every word of the query. One query."""
    chosen = Body.objects.filter(having(query, "name", "name_en"), ended_on=None).select_related("place")
    return [
        Hit(named(body.name, body.name_en), f"/organisations/{body.code}", named(body.place.name, body.place.name_en))
        for body in chosen.order_by("place__lineage", "id")[:size]
    ]


def bodies_by_code(codes: Iterable[str]) -> dict[str, Body]:
    wanted = set(codes)
    return {body.code: body for body in Body.objects.filter(code__in=wanted)} if wanted else {}


def owner_of_unit(*, estate: Place, unit: str, name: str) -> Person | None:
    """The holder of that name of a unit of the estate: how a committee points at a neighbour without a list of names."""
    held = Holder.objects.filter(unit__estate=estate, unit__name=unit.strip(), person__name=name.strip()).select_related("person")
    holder = held.order_by("id").first()
    return holder.person if holder is not None else None


def flats_by_building(estate: Place) -> dict[int, int]:
    """How many flats each building of an estate has, by the building's id. One query."""
    rows = Unit.objects.filter(estate=estate, kind=Unit.Kind.FLAT).values("building_id").annotate(n=Count("id")).order_by()
    return {row["building_id"]: row["n"] for row in rows}


def co_holders_of(person_id: int) -> set[int]:
    """Who holds a unit together with a person, and the person: the household as far as the roll knows it."""
    units = Holder.objects.filter(person_id=person_id).values("unit_id")
    return {person_id, *Holder.objects.filter(unit_id__in=units).values_list("person_id", flat=True)}


def bodies_of_kind(*kinds: str) -> list[Body]:
    """Every body of these kinds that has not ended."""
    return list(Body.objects.filter(kind__in=kinds, ended_on=None).select_related("place").order_by("id"))
