from typing import Any

import pytest

from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.actions import CannotContain, CodeTaken, create_place
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import NoTown, ancestors, below, children, number_prefix, place_by_code, scope_of, town


def add(code: str, kind: str, parent: Place | None, **facts: Any) -> Place:
    return create_place(code=code, kind=kind, name=code, parent=parent, by=SYSTEM, **facts)


def test_a_place_knows_its_way_down_from_the_city(town: Any) -> None:
    hall = add("hall", "venue", town.building, capacity=40)
    assert hall.lineage == "dongguan/hengli/ruikang/ruijin/hall"
    assert hall.codes == ["dongguan", "hengli", "ruikang", "ruijin", "hall"]
    assert hall.localities == ["CN", *hall.codes]
    assert [place.code for place in ancestors(hall)] == hall.codes
    entry = Entry.objects.get(subject="hall")
    assert (entry.verb, entry.place, entry.lineage, entry.detail) == ("place_created", "hall", hall.lineage, {"kind": "venue"})


@pytest.mark.parametrize(
    ("kind", "parent", "fits"),
    [
        ("estate", "hengli", True),
        ("estate", "gekeng", True),
        ("venue", "ruikang", True),
        ("building", "hengli", False),
        ("town", "hengli", False),
        ("estate", "ruikang", False),
        ("building", "ruijin", False),
        ("city", "hengli", False),
    ],
)
def test_a_kind_stands_only_where_it_fits(town: Any, kind: str, parent: str, fits: bool) -> None:
    above = Place.objects.get(code=parent)
    if fits:
        assert add("new", kind, above).parent == above
    else:
        with pytest.raises(CannotContain):
            add("new", kind, above)
        assert not Place.objects.filter(code="new").exists()


def test_a_code_is_taken_once_in_the_whole_tree(town: Any) -> None:
    with pytest.raises(CodeTaken):
        add("ruijin", "village", town.place)


def test_below_is_by_whole_codes(town: Any) -> None:
    twin = add("ruikang2", "estate", town.place)
    add("r2-b1", "building", twin)
    assert {place.code for place in below(town.estate)} == {"ruikang", "ruijin"}
    assert {place.code for place in below(town.place)} >= {"hengli", "ruikang", "ruijin", "ruikang2", "r2-b1", "gekeng"}


@pytest.mark.parametrize(("code", "scope"), [("ruijin", "ruikang"), ("ruikang", "ruikang"), ("gekeng", "gekeng"), ("hengli", "hengli")])
def test_here_is_the_nearest_place_with_a_page(town: Any, code: str, scope: str) -> None:
    assert scope_of(Place.objects.get(code=code)).code == scope


def test_a_venue_of_a_building_belongs_to_its_estate(town: Any) -> None:
    assert scope_of(add("hall", "venue", town.building)).code == "ruikang"


def test_children_in_order_without_closed_ones(town: Any) -> None:
    add("b2", "building", town.estate, position=2)
    add("b1", "building", town.estate, position=1)
    add("gone", "building", town.estate, closed_on="2020-01-01")
    add("cafe", "venue", town.estate)
    assert [place.code for place in children(town.estate, "building")] == ["ruijin", "b1", "b2"]
    assert [place.code for place in children(town.estate)] == ["ruijin", "cafe", "b1", "b2"]
    assert place_by_code("gone") is None


def test_the_town_and_its_letters(db: None) -> None:
    here = town()
    assert here is not None
    assert (here.code, number_prefix()) == ("hengli", "HL")
    Place.objects.filter(kind="town").update(kind="community")
    forget_kept()
    with pytest.raises(NoTown):
        number_prefix()
