from typing import Any

from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place


class CodeTaken(Exception):
    """Another place has this code."""


class CannotContain(Exception):
    """A place of this kind does not stand below that one."""


# Which kinds may stand directly below which.
BELOW: dict[str, frozenset[str]] = {
    Place.Kind.CITY: frozenset({Place.Kind.TOWN}),
    Place.Kind.TOWN: frozenset({Place.Kind.VILLAGE, Place.Kind.COMMUNITY, Place.Kind.ESTATE, Place.Kind.VENUE}),
    Place.Kind.VILLAGE: frozenset({Place.Kind.ESTATE, Place.Kind.BUILDING, Place.Kind.VENUE}),
    Place.Kind.COMMUNITY: frozenset({Place.Kind.ESTATE, Place.Kind.BUILDING, Place.Kind.VENUE}),
    Place.Kind.ESTATE: frozenset({Place.Kind.BUILDING, Place.Kind.VENUE}),
    Place.Kind.BUILDING: frozenset({Place.Kind.VENUE}),
    Place.Kind.VENUE: frozenset(),
}


def create_place(*, code: str, kind: str, name: str, parent: Place | None, by: Actor, **facts: Any) -> Place:
    """Add a place to the tree. `facts` are the model's optional fields."""
    if parent is not None and kind not in BELOW[parent.kind]:
        raise CannotContain(f"{kind} below {parent.kind}")
    with writing():
        if Place.objects.filter(code=code).exists():
            raise CodeTaken(code)
        lineage = f"{parent.lineage}/{code}" if parent else code
        place = Place.objects.create(code=code, kind=kind, name=name, parent=parent, lineage=lineage, **facts)
        forget_kept()
        record(verb="place_created", kind="place", subject=code, place=place, by=by, detail={"kind": kind})
    return place


def change_place(*, place: Place, by: Actor, **facts: Any) -> Place:
    """Correct what is known of a place: its name, phone, hours, point on the plan. Code, kind and parent stay: others rely on them."""
    with writing():
        place = Place.objects.select_for_update(of=("self",)).get(pk=place.pk)
        changed = sorted(name for name, value in facts.items() if getattr(place, name) != value)
        if not changed:
            return place
        for name in changed:
            setattr(place, name, facts[name])
        place.save(update_fields=changed)
        record(verb="place_changed", kind="place", subject=place.code, place=place, by=by, detail={"fields": changed})
        forget_kept()
    return place
