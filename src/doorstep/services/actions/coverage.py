"""What is counted in a building: how many people of a group live there. Numbers, never names."""

from collections.abc import Mapping
from datetime import date

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.places.models import Place
from doorstep.services.actions.common import NotAllowed
from doorstep.services.models import GroupCount, WalkDistance
from doorstep.services.permissions import may_count

MOST_PEOPLE = 5_000
MOST_METRES = 5_000


class NotADistance(Exception):
    """From a building of this estate to another place: 0 to 5,000 metres."""


class NotACount(Exception):
    """A building of this estate, a group we know, and 0 to 5,000 people."""


def count_groups(*, viewer: Viewer, estate: Place, counts: Mapping[tuple[int, str], int | None], counted_on: date | None = None) -> int:
    """Write down how many people of each group live in the buildings of an estate, by (building, group); None forgets a count. How many changed.

    The numbers stand in no entry: below the floor of the regulations they are nobody's business. Raises NotAllowed, NotACount.
    """
    if not may_count(viewer, estate):
        raise NotAllowed("count_groups")
    buildings = set(Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING, closed_on=None).values_list("pk", flat=True))
    for (building_id, group), people in counts.items():
        if building_id not in buildings or group not in GroupCount.Group.values or not 0 <= (people or 0) <= MOST_PEOPLE:
            raise NotACount(group)
    on, at = counted_on or clock.today(), clock.now()
    with writing():
        kept = {(each.building_id, each.group): each for each in GroupCount.objects.select_for_update().filter(building__in=buildings)}
        changed = 0
        for (building_id, group), people in counts.items():
            before = kept.get((building_id, group))
            if (before.people if before else None) == people:
                continue
            changed += 1
            if people is None:
                GroupCount.objects.filter(building_id=building_id, group=group).delete()
            else:
                GroupCount.objects.update_or_create(building_id=building_id, group=group, defaults={"people": people, "counted_on": on})
        if changed:
            record(
                verb="count_groups", kind="coverage", subject=estate.code, place=estate, by=actor_of(viewer, post=viewer.acting_post),
                detail={"counts": changed}, happened_at=at,
            )  # fmt: skip
    return changed


def keep_distances(*, viewer: Viewer, estate: Place, stop: Place, metres: Mapping[int, int | None]) -> int:
    """Write down how far buildings of an estate (by id) are from a place of services on foot; None forgets it. How many changed.

    Raises NotAllowed, NotADistance.
    """
    if not may_count(viewer, estate):
        raise NotAllowed("keep_distances")
    buildings = set(Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING, closed_on=None).values_list("pk", flat=True))
    if any(each not in buildings or each == stop.pk or not 0 <= (far or 0) <= MOST_METRES for each, far in metres.items()):
        raise NotADistance(stop.code)
    at = clock.now()
    with writing():
        kept = dict(WalkDistance.objects.select_for_update().filter(building__in=buildings, stop=stop).values_list("building_id", "metres"))
        changed = {each: far for each, far in metres.items() if kept.get(each) != far}
        for building_id, far in changed.items():
            if far is None:
                WalkDistance.objects.filter(building_id=building_id, stop=stop).delete()
            else:
                WalkDistance.objects.update_or_create(building_id=building_id, stop=stop, defaults={"metres": far, "changed_at": at})
        if changed:
            record(
                verb="keep_distances", kind="coverage", subject=estate.code, place=estate, by=actor_of(viewer, post=viewer.acting_post),
                detail={"stop": stop.code, "buildings": len(changed)}, happened_at=at,
            )  # fmt: skip
    return len(changed)
