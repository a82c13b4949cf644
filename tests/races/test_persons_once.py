"""Several at once: a code from the door makes one resident, a merge happens once."""

from collections.abc import Callable

import pytest

from bench.race import PREPARE
from bench.towns import Ground
from tests.races.together import WAIT, together

TOGETHER = 4
HOMES = (
    PREPARE
    + """
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.merging import propose_merge
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.organisations.models import Unit
from doorstep.organisations.actions.residence import print_codes
from doorstep.organisations.roll_import import import_table

import_table(estate=estate, table=[(1, ["楼栋", "房号", "面积", "业主姓名"]), (2, ["一栋", "101", "80", "业主甲"])], by=SYSTEM)
unit = Unit.objects.get()
admin = build_viewer(person_id=create_person(name="管理员").pk, is_town_admin=True)
[(_unit, code)] = print_codes(viewer=admin, estate=estate, units=[unit])
people = [create_person(name=f"来人{n}", phone=f"1370000000{n}") for n in range(4)]
for each in people:
    create_account(person=each, phone=each.phone)
merge = propose_merge(survivor=people[0], merged=people[1], place=estate, because="keeper", by=SYSTEM)
print(code, merge.pk, *[each.pk for each in people])
"""
)
USE = (
    """
from doorstep.foundation.access.viewer import build_viewer
from doorstep.organisations.actions.residence import WrongCode, use_code
viewer = build_viewer(person_id={person})
"""
    + WAIT
    + """
try:
    use_code(viewer=viewer, code="{code}", kind="tenant")
    print("lives")
except WrongCode:
    print("wrong")
"""
)
MERGE = (
    """
from doorstep.foundation import clock
from doorstep.foundation.identity.merging import AlreadyDecided, confirm_merge
from doorstep.foundation.identity.models import PersonMerge
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.places.models import Place
proposal, place = PersonMerge.objects.get(pk={merge}), Place.objects.get(kind="estate")
"""
    + WAIT
    + """
try:
    confirm_merge(proposal=proposal, place=place, undo_until=clock.now(), by=SYSTEM)
    print("merged")
except AlreadyDecided:
    print("decided")
"""
)


@pytest.mark.thorough
def test_what_is_good_once_happens_once(new_ground: Callable[..., Ground]) -> None:
    town = new_ground()
    town.begin()
    code, merge, *people = town.python(HOMES).splitlines()[-1].split()
    said = sorted(each.strip() for each in together(town, [USE.replace("{person}", each).replace("{code}", code) for each in people]))
    assert said == ["lives", "wrong", "wrong", "wrong"]
    assert town.ask("SELECT count(*) FROM organisations_residence") == [(1,)]
    said = sorted(each.strip() for each in together(town, [MERGE.replace("{merge}", merge)] * TOGETHER))
    assert said == ["decided", "decided", "decided", "merged"]
    assert town.ask("SELECT count(*) FROM foundation_entry WHERE verb = 'merge_confirmed'") == [(1,)]
