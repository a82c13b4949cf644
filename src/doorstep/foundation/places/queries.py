"""Reads of the tree. Places are public."""

from django.db.models import Q, QuerySet

from doorstep.foundation.clock.kept import kept_briefly
from doorstep.foundation.places.models import Place

# The places whose pages list what happens at and below them: where a resident says "here".
SCOPES = (Place.Kind.ESTATE, Place.Kind.VILLAGE, Place.Kind.COMMUNITY, Place.Kind.TOWN, Place.Kind.CITY)


@kept_briefly
def place_by_code(code: str) -> Place | None:
    return Place.objects.filter(code=code, closed_on=None).first()


def below(place: Place) -> QuerySet[Place]:
    """The place and everything under it."""
    return Place.objects.filter(Q(lineage=place.lineage) | Q(lineage__startswith=f"{place.lineage}/"))


def ancestors(place: Place) -> list[Place]:
    """From the city down to the place itself."""
    by_code = {each.code: each for each in Place.objects.filter(code__in=place.codes)}
    return [by_code[code] for code in place.codes]


def scope_of(place: Place) -> Place:
    """The nearest place at or above this one that has a page of its own: the estate, village, community or town."""
    if place.kind in SCOPES:
        return place
    return next(each for each in reversed(ancestors(place)) if each.kind in SCOPES)


def children(place: Place, *kinds: str) -> list[Place]:
    chosen = Place.objects.filter(parent=place, closed_on=None)
    if kinds:
        chosen = chosen.filter(kind__in=kinds)
    return list(chosen.order_by("position", "id"))


@kept_briefly
def town() -> Place | None:
    """The town this deployment runs for."""
    return Place.objects.filter(kind=Place.Kind.TOWN).order_by("id").first()


def number_prefix() -> str:
    """The letters every number of this town begins with (`doorstep init --prefix`)."""
    top = town()
    if top is None:
        raise NoTown
    return top.number_prefix


class NoTown(Exception):
    """This database has no town yet: `doorstep init` makes one."""
