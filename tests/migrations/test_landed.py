"""A town of an earlier day is brought up to date, and what has landed stays as it was."""

from collections.abc import Callable

import pytest

from bench.towns import Ground
from tests.migrations.landed import digests, names, read, replay


def test_landed_migrations_are_as_they_landed() -> None:
    today = digests()
    for name in names():
        landed = read(name)["digests"]
        assert {path: today.get(path) for path in landed} == landed, f"a migration of {name} was edited or removed"


@pytest.mark.thorough
@pytest.mark.parametrize("name", names())
def test_a_landed_town_with_its_data_is_brought_up_to_date(name: str, new_ground: Callable[..., Ground]) -> None:
    landed = read(name)
    raised = len(landed["rows"]["affairs.matter"]["rows"])
    town = new_ground(empty=True)
    replay(name, town)
    assert town.ask("SELECT count(*) FROM affairs_matter") == [(raised,)]
    for label, kept in landed["rows"].items():
        if label in {"foundation.person", "foundation.entry", "organisations.unit", "affairs.mattertext", "foundation.inboxitem"}:
            assert town.ask(f"SELECT count(*) FROM {label.replace('.', '_')}") == [(len(kept["rows"]),)], label
    # The town goes on: the next number follows, and the thread is read as before.
    goes_on = town.python(
        "from doorstep.affairs import actions\n"
        "from doorstep.affairs.models import Matter\n"
        "from doorstep.affairs.queries import category_by_code, thread_for\n"
        "from doorstep.foundation.access.viewer import NOBODY\n"
        "from doorstep.foundation.journal.actions import Actor\n"
        "first = Matter.objects.order_by('id').first()\n"
        "made = actions.raise_matter(by=Actor(person_id=first.reporter_id), reporter_id=first.reporter_id, place=first.place,"
        " category=category_by_code('lighting'), text='门口的灯也不亮。')\n"
        "print(made.number, made.state, len(thread_for(NOBODY, first.number).steps))"
    )
    number, state, steps = goes_on.split()
    assert (number[:3], state, int(steps)) == ("HL-", "assigned", 2)
