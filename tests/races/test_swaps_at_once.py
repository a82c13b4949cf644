"""Two at once: a place of a rota that is offered for is exchanged once, and nobody stands at two things or at none."""

from collections.abc import Callable

import pytest

from bench.towns import Ground
from tests.races.together import WAIT, together

PREPARE = """
from datetime import timedelta
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.queries import town
from doorstep.organisations.actions import create_body
from doorstep.services import actions
from doorstep.services.models import MentorTerms, Rota, RotaPlace

top, by, now = town(), Actor(channel="import"), clock.now()
body = create_body(code="centre", kind="centre", name="服务中心", place=top, by=by)
service = actions.offer_service(by=by, code="tea", kind="tea", name="茶话会", body=body, place=top)
rota = Rota.objects.create(body=body, first_day=now.date(), last_day=now.date(), value=0, bound=0, made_at=now, state="published")
places = []
for number in range(4):
    person = create_person(name=f"导师{number}")
    MentorTerms.objects.create(person=person, weekly_minutes=6000, changed_at=now)
    session = actions.plan_session(
        by=by, service=service, place=top, starts_at=now + timedelta(days=2 + number), minutes=60, capacities={"helper": 1}
    )
    places.append(actions.join(viewer=build_viewer(person_id=person.pk), occasion=session, role="helper"))
    RotaPlace.objects.create(rota=rota, occasion=session, role="helper", person=person)
# Three want the place of the first.
for place in places[1:]:
    actions.offer_swap(viewer=build_viewer(person_id=place.person_id), given=place, wanted=places[0])
"""
AT_ONCE = (
    """
from doorstep.foundation.access.viewer import build_viewer
from doorstep.services import actions
from doorstep.services.models import Swap

swap = Swap.objects.order_by("id")[{number}]
viewer = build_viewer(person_id=swap.to_id)
"""
    + WAIT
    + """
try:
    actions.accept_swap(viewer=viewer, swap=swap)
    print("taken")
except actions.SwapOver:
    print("over")
"""
)


@pytest.mark.thorough
def test_of_four_that_take_offers_for_one_place_one_exchanges_it(new_ground: Callable[..., Ground]) -> None:
    town = new_ground()
    town.begin()
    town.python(PREPARE)
    # The first offer twice, the two others once.
    printed = together(town, [AT_ONCE.replace("{number}", str(number)) for number in (0, 0, 1, 2)])
    assert sorted(line.strip() for line in printed) == ["over", "over", "over", "taken"]
    live = "SELECT occasion_id, person_id FROM foundation_signup WHERE standing = 'confirmed' ORDER BY occasion_id"
    held = town.ask(live)
    assert len(held) == len({occasion for occasion, _person in held}) == len({person for _occasion, person in held}) == 4
    assert town.ask("SELECT count(*) FROM services_swap WHERE state = 'accepted'") == [(1,)]
    assert town.ask("SELECT occasion_id, person_id FROM services_rotaplace ORDER BY occasion_id") == held
