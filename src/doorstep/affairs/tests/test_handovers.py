"""What somebody had in hand goes on with their post."""

from typing import Any

from doorstep.affairs import actions as affairs
from doorstep.affairs.actions import casework, lists
from doorstep.affairs.actions.handovers import follow_handovers
from doorstep.affairs.models import Matter, PainPoint
from doorstep.foundation import clock
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.models import Entry
from doorstep.organisations import actions
from doorstep.organisations.models import HandOver, Post


def pass_on(town: Any, holder: Any, name: str, phone: str) -> Person:
    post = Post.objects.get(body=town.company)
    actions.hand_over(viewer=town.viewer(holder), post=post, name=name, phone=phone, on=clock.today())
    return Person.objects.get(name=name)


def taken(town: Any) -> Matter:
    matter = town.raise_matter()
    casework.take_matter(viewer=town.viewer(town.luo), matter=matter)
    return matter


def fresh(matter: Matter) -> Matter:
    return Matter.objects.get(pk=matter.pk)


def test_a_matter_in_hand_goes_to_whoever_took_over(town: Any) -> None:
    matter = taken(town)
    assert follow_handovers() == 0
    successor = pass_on(town, town.luo, "丘文", "13900000077")
    assert follow_handovers() == 1
    assert fresh(matter).taken_by == successor
    assert follow_handovers() == 0
    entry = Entry.objects.filter(subject=matter.number).latest("id")
    assert (entry.verb, entry.channel, entry.audience) == ("take", "system", f"body:{town.company.pk}")


def test_a_matter_nobody_took_over_goes_back_to_the_colleagues(town: Any) -> None:
    matter = taken(town)
    Post.objects.filter(body=town.company).update(held_until="2021-01-01")
    assert follow_handovers() == 1
    assert fresh(matter).taken_by is None
    assert Entry.objects.filter(subject=matter.number).latest("id").verb == "release"


def test_what_is_closed_stays_as_it_was(town: Any) -> None:
    matter = taken(town)
    affairs.report_done(viewer=town.viewer(town.luo), matter=matter, text="换好了")
    affairs.confirm_done(viewer=town.viewer(town.liu), matter=matter)
    before = fresh(matter).taken_by_id
    pass_on(town, town.luo, "丘文", "13900000077")
    assert follow_handovers() == 0
    assert fresh(matter).taken_by_id == before


def test_a_pain_point_is_answered_for_by_the_successor_and_stands_on_the_list(town: Any) -> None:
    luo = town.viewer(town.luo)
    point = lists.list_pain_point(viewer=luo, scope=town.estate, title="停车难", body=town.company, owner=town.luo, due_on=clock.today())
    successor = pass_on(town, town.luo, "丘文", "13900000077")
    assert HandOver.objects.get().items == {"pain_point": [str(point.pk)]}
    assert follow_handovers() == 1
    assert PainPoint.objects.get(pk=point.pk).owner == successor
    assert Entry.objects.latest("id").verb == "pain_point_passed"
    assert follow_handovers() == 0


def test_a_pain_point_of_somebody_who_holds_no_post_is_left_alone(town: Any) -> None:
    point = lists.list_pain_point(
        viewer=town.viewer(town.luo), scope=town.estate, title="停车难", body=town.company, owner=town.luo, due_on=clock.today()
    )
    PainPoint.objects.filter(pk=point.pk).update(owner=town.ye)
    pass_on(town, town.luo, "丘文", "13900000077")
    assert follow_handovers() == 0
    assert PainPoint.objects.get(pk=point.pk).owner == town.ye
