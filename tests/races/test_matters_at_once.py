"""Two of the staff at one matter at the same moment: merged one way, taken by one, entered once; and nobody waits in a ring."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from bench.race import PREPARE
from bench.towns import Ground
from tests.races.together import WAIT, together

PAIRS = 30
BEGIN = (
    PREPARE
    + f"""
from doorstep.affairs.actions import counter, raise_matter
from doorstep.affairs.models import Category
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor

second = create_person(name="小陈")
give_post(body=body, title="客服", person=second, held_from=date(2020, 1, 1), by=SYSTEM)
resident = Person.objects.get(name="住户0")
lamp = Category.objects.select_related("parent").get(code="lighting")
for n in range({2 * PAIRS}):
    raise_matter(by=Actor(person_id=resident.pk), reporter_id=resident.pk, place=estate, category=lamp, text=f"第 {{n}} 盏灯不亮")
viewer = build_viewer(person_id=second.pk)
for n in range({PAIRS}):
    counter.keep_note(viewer=viewer, post=viewer.acting_post, place=estate, text=f"第 {{n}} 句")
"""
)
AT_ONCE = (
    """
import json
from doorstep.affairs.actions import casework, counter, merging
from doorstep.affairs.actions.steps import NotAllowed
from doorstep.affairs.models import Category, CounterNote, Matter
from doorstep.affairs.rules.matter_states import NotPossible
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.places.models import Place

me = {me}
viewer = build_viewer(person_id=Person.objects.get(name=["罗建文", "小陈"][me]).pk)
lamp = Category.objects.select_related("parent").get(code="lighting")
estate = Place.objects.get(code="ruikang")
matters = list(Matter.objects.order_by("id"))
notes = list(CounterNote.objects.order_by("id"))
outcomes = []

def tried(do):
    try:
        do()
    except (NotPossible, merging.CannotMerge, casework.TakenByAnother, counter.NoteEnded) as refused:
        return type(refused).__name__
    return "done"

"""
    + WAIT
    + """
for index, note in enumerate(notes):
    one, other = matters[2 * index : 2 * index + 2]
    spoken = counter.Spoken(name="黄伯", text=note.text, place=estate, category=lamp)
    outcomes.append([
        tried(lambda: casework.take_matter(viewer=viewer, matter=one)),
        tried(lambda: counter.enter_note(viewer=viewer, post=viewer.acting_post, note=note, spoken=spoken)),
        # Each the other way round.
        tried(lambda: merging.merge_matter(viewer=viewer, matter=[one, other][me], into=[other, one][me])),
    ])
print(json.dumps(outcomes))
"""
)


@pytest.mark.thorough
def test_two_at_one_matter_at_the_same_moment(new_ground: Callable[..., Ground]) -> None:
    town = new_ground()
    town.begin()
    town.python(BEGIN)
    both = [json.loads(printed) for printed in together(town, [AT_ONCE.replace("{me}", str(me)) for me in (0, 1)])]
    for one, other in zip(*both, strict=True):
        # Whoever came second was told so, whatever it was.
        for first, second, refused in zip(one, other, ("TakenByAnother", "NoteEnded", "CannotMerge"), strict=True):
            assert "done" in (first, second)
            assert {first, second} <= {"done", refused, "NotPossible"}
    merges = Counter(name for each in both for *_rest, name in each)
    assert merges["done"] == PAIRS
    # Each pair is one matter now, and its counter says so; each note is one matter.
    assert town.ask("SELECT count(*), sum(merged_count) FROM affairs_matter WHERE merged_into_id IS NOT NULL") == [(PAIRS, 0)]
    assert town.ask("SELECT count(*), sum(merged_count) FROM affairs_matter WHERE merged_count > 0") == [(PAIRS, PAIRS)]
    assert town.ask("SELECT count(*) FROM affairs_counternote WHERE matter_id IS NOT NULL") == [(PAIRS,)]
    assert town.ask("SELECT count(*) FROM affairs_matter WHERE channel = 'counter'") == [(PAIRS,)]
    assert town.ask("SELECT state, sum(n) FROM affairs_mattercount WHERE state = 'merged' GROUP BY state") == [("merged", PAIRS)]
    taken = town.ask("SELECT count(*) FROM foundation_entry WHERE verb = 'take'")[0][0]
    assert isinstance(taken, int)
    assert taken >= PAIRS - merges["NotPossible"]
