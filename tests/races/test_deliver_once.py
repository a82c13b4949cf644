"""Several workers at once tell everybody once."""

from collections.abc import Callable

import pytest

from bench.race import PREPARE
from bench.towns import Ground
from tests.races.together import WAIT, together

WORKERS, EVENTS = 4, 200
HAPPEN = (
    PREPARE
    + f"""
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import record, writing
from doorstep.foundation.notify.actions import tell

first = Person.objects.get(name="住户0")
for n in range({EVENTS}):
    with writing():
        tell(entry=record(verb="answer", kind="matter", subject=f"HL-{{n}}", place=estate, by=SYSTEM), to=[f"body:{{body.pk}}", f"person:{{first.pk}}"])
"""
)
DELIVER = """
from doorstep.foundation.notify.actions import deliver_pending
"""
COUNT = """
total = 0
while done := deliver_pending(at_most=25):
    total += done
print(total)
"""


@pytest.mark.thorough
def test_several_workers_deliver_each_event_once(new_ground: Callable[..., Ground]) -> None:
    town = new_ground()
    town.begin()
    town.python(HAPPEN)
    delivered = [int(printed) for printed in together(town, [DELIVER + WAIT + COUNT] * WORKERS)]
    # A worker that found the others at every waiting event has gone home early: what is left is taken by the next round.
    rest = int(town.python(DELIVER + COUNT))
    assert sum(delivered) + rest == EVENTS
    assert town.ask("SELECT count(*), min(attempts), max(attempts) FROM foundation_outboxevent WHERE delivered_at IS NOT NULL") == [
        (EVENTS, 1, 1)
    ]
    assert town.ask("SELECT count(*), count(DISTINCT person_id) FROM foundation_inboxitem") == [(2 * EVENTS, 2)]
    if town.url.startswith("postgresql"):
        assert sum(count > 0 for count in delivered) > 1
