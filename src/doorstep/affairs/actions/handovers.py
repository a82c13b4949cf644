"""What hangs on a person in affairs goes on with their post: found by looking, after a post was handed over or has ended."""

from django.db.models import Exists, OuterRef

from doorstep.affairs.actions.steps import audience_of, enter, locked, save
from doorstep.affairs.models import Matter, PainPoint
from doorstep.affairs.rules.matter_states import OPEN, Verb
from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, record, writing
from doorstep.organisations.models import HandOver, Post
from doorstep.organisations.queries import successor_of
from doorstep.organisations.queries.bodies import holding_today


def follow_handovers(*, at_most: int = 200) -> int:
    """Give what somebody had in hand to whoever took over their post; a matter nobody took over goes back to the colleagues. How many moved."""
    return _matters(at_most) + _pain_points(at_most)


def _matters(at_most: int) -> int:
    working = Post.objects.filter(holding_today(), handles_matters=True, body=OuterRef("body"), person=OuterRef("taken_by"))
    left = Matter.objects.filter(~Exists(working), state__in=OPEN, taken_by__isnull=False)
    moved = 0
    for number in list(left.order_by("id").values_list("pk", flat=True)[:at_most]):
        at = clock.now()
        with writing():
            matter = locked(number)
            if matter.taken_by_id is None or not left.filter(pk=matter.pk).exists():
                continue
            successor = successor_of(body_id=matter.body_id, person_id=matter.taken_by_id) if matter.body_id else None
            matter.taken_by_id, matter.taken_at = successor, at if successor else None
            inside = f"body:{matter.body_id}" if matter.body_id else audience_of(matter)
            enter(matter, Verb.TAKE if successor else Verb.RELEASE, SYSTEM, at, audience=inside)
            save(matter, at)
            moved += 1
    return moved


def _pain_points(at_most: int) -> int:
    working = Post.objects.filter(holding_today(), body=OuterRef("body"), person=OuterRef("owner"))
    passed = HandOver.objects.filter(post__body=OuterRef("body"), from_person=OuterRef("owner"))
    left = PainPoint.objects.filter(~Exists(working), Exists(passed), ended_at=None)
    moved = 0
    for number in list(left.order_by("id").values_list("pk", flat=True)[:at_most]):
        with writing():
            point = PainPoint.objects.select_for_update(of=("self",)).select_related("scope").get(pk=number)
            successor = successor_of(body_id=point.body_id, person_id=point.owner_id)
            if successor is None or successor == point.owner_id or not left.filter(pk=point.pk).exists():
                continue
            point.owner_id = successor
            point.save(update_fields=["owner_id"])
            record(
                verb="pain_point_passed",
                kind="pain_point",
                subject=f"T{point.pk}",
                place=point.scope,
                by=SYSTEM,
                detail={"owner": successor},
            )
            moved += 1
    return moved
