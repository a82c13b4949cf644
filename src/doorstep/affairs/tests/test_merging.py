"""Ten complainants, one matter: numbers kept, everyone informed at each step and asked at the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.affairs import actions
from doorstep.affairs.actions.merging import CannotMerge, merge_matter, unmerge_matter
from doorstep.affairs.models import Matter
from doorstep.affairs.queries import counts_at, thread_for, waiting_count, waiting_for
from doorstep.affairs.rules.matter_states import NotPossible, confirmed
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem

MONDAY = datetime(2026, 3, 2, 10, 20, tzinfo=TOWN_ZONE)


def told(person: Any, number: str) -> list[str]:
    while deliver_pending():
        pass
    return list(InboxItem.objects.filter(person=person, subject=number).order_by("id").values_list("topic", flat=True))


def complaints(town: Any, n: int, **facts: Any) -> list[Matter]:
    """`n` people say the same; the first is 刘玉梅."""
    people = [town.liu, *[create_person(name=f"住户{index}") for index in range(1, n)]]
    return [
        town.raise_matter(by=Actor(person_id=person.pk), reporter_id=person.pk, category_code="parking", happened_at=MONDAY, **facts)
        for person in people
    ]


def merged(town: Any, n: int) -> list[Matter]:
    first, *others = complaints(town, n)
    for other in others:
        merge_matter(viewer=town.viewer(town.luo), matter=other, into=first, happened_at=MONDAY)
    return [first, *others]


def fresh(matter: Matter) -> Matter:
    return Matter.objects.select_related("place", "scope", "category", "body", "reporter").get(pk=matter.pk)


def test_a_merged_matter_keeps_its_number_and_says_where_it_went(town: Any) -> None:
    first, second, _third = merged(town, 3)
    assert (fresh(second).state, fresh(second).merged_into, fresh(second).due_at) == ("merged", first, None)
    assert fresh(first).merged_count == 2
    thread = thread_for(NOBODY, second.number)
    assert thread is not None
    assert (thread.steps[-1].verb, thread.steps[-1].detail["into"]) == ("merge", first.number)
    # On the main matter too, and nobody's name with it.
    main = thread_for(NOBODY, first.number)
    assert main is not None
    # What came in in a row is one step with a number.
    assert [step.times for step in main.steps if step.verb == "merge"] == [2]
    assert counts_at([town.estate.pk]) == {"assigned": 1, "merged": 2}


def test_every_complainant_is_told_each_step_and_asked_at_the_end(town: Any) -> None:
    first, second, third = merged(town, 3)
    luo = town.viewer(town.luo)
    actions.answer_matter(viewer=luo, matter=first, text="今晚加一班巡查。")
    actions.report_done(viewer=luo, matter=first, text="划了线。")
    for matter in (first, second, third):
        person = matter.reporter
        assert told(person, first.number)[-2:] == ["answer", "done"]
        assert waiting_count(town.viewer(person)) == 1
        assert waiting_for(town.viewer(person)) == [first]
    # Two of three say yes: nobody is hurried, the third is still asked.
    actions.confirm_done(viewer=town.viewer(second.reporter), matter=first)
    assert (fresh(first).state, waiting_count(town.viewer(second.reporter))) == ("awaiting_confirmation", 0)
    actions.confirm_done(viewer=town.viewer(first.reporter), matter=first)
    assert fresh(first).state == "awaiting_confirmation"
    actions.confirm_done(viewer=town.viewer(third.reporter), matter=first)
    assert fresh(first).state == "closed_confirmed"
    assert Entry.objects.filter(subject=first.number, verb="confirm").latest("id").detail == {
        "asked": 3,
        "yes": 3,
        "state": "closed_confirmed",
    }


def test_one_no_opens_it_again_for_all_and_all_are_asked_anew(town: Any) -> None:
    first, second, third = merged(town, 3)
    luo = town.viewer(town.luo)
    actions.report_done(viewer=luo, matter=first, text="好了")
    actions.confirm_done(viewer=town.viewer(second.reporter), matter=first)
    actions.dispute_done(viewer=town.viewer(third.reporter), matter=first, text="我这边还占着")
    assert (fresh(first).state, fresh(first).reopened) == ("in_progress", 1)
    assert waiting_count(town.viewer(first.reporter)) == 0
    actions.report_done(viewer=luo, matter=first, text="又划了")
    assert [waiting_count(town.viewer(matter.reporter)) for matter in (first, second, third)] == [1, 1, 1]


@pytest.mark.parametrize(("yes", "state"), [(1, "closed_unconfirmed"), (2, "closed_confirmed")])
def test_when_the_asking_is_over_more_than_half_have_to_have_said_yes(town: Any, yes: int, state: str) -> None:
    group = merged(town, 3)
    actions.report_done(viewer=town.viewer(town.luo), matter=group[0], text="好了", happened_at=MONDAY)
    for matter in group[:yes]:
        actions.confirm_done(viewer=town.viewer(matter.reporter), matter=group[0], happened_at=MONDAY)
    assert actions.lapse_silent(now=MONDAY + timedelta(days=15)) == 1
    assert fresh(group[0]).state == state
    assert waiting_count(town.viewer(group[2].reporter)) == 0
    # A late yes still counts.
    if yes == 1:
        actions.confirm_done(viewer=town.viewer(group[1].reporter), matter=group[0])
        assert fresh(group[0]).state == "closed_confirmed"


@given(asked=st.integers(1, 60), yes=st.integers(0, 60))
def test_silence_is_nobodys_yes(asked: int, yes: int) -> None:
    yes = min(yes, asked)
    assert confirmed(asked=asked, yes=yes, over=False) == (yes == asked)
    assert confirmed(asked=asked, yes=yes, over=True) == (yes > asked - yes)
    assert not confirmed(asked=asked, yes=0, over=True)


def test_what_was_merged_before_comes_along(town: Any) -> None:
    first, second, third, fourth = complaints(town, 4)
    luo = town.viewer(town.luo)
    merge_matter(viewer=luo, matter=third, into=second)
    merge_matter(viewer=luo, matter=fourth, into=second)
    merge_matter(viewer=luo, matter=second, into=first)
    assert [fresh(matter).merged_into for matter in (second, third, fourth)] == [first] * 3
    assert (fresh(first).merged_count, fresh(second).merged_count) == (3, 0)
    actions.answer_matter(viewer=luo, matter=first, text="在办")
    assert "answer" in told(fourth.reporter, first.number)


def test_taken_out_again_it_goes_on_by_itself_with_a_new_limit(town: Any) -> None:
    first, second, third = merged(town, 3)
    luo = town.viewer(town.luo)
    unmerge_matter(viewer=luo, matter=second)
    assert (fresh(second).state, fresh(second).merged_into, fresh(first).merged_count) == ("assigned", None, 1)
    assert fresh(second).due_at is not None
    actions.answer_matter(viewer=luo, matter=first, text="在办")
    assert "answer" not in told(second.reporter, first.number)
    actions.report_done(viewer=luo, matter=first, text="好了")
    for matter in (first, third):
        actions.confirm_done(viewer=town.viewer(matter.reporter), matter=first)
    with pytest.raises(CannotMerge, match="ended"):
        unmerge_matter(viewer=luo, matter=third)
    with pytest.raises(NotPossible):
        unmerge_matter(viewer=luo, matter=second)


def test_who_may_merge(town: Any) -> None:
    first, second = complaints(town, 2)
    for person in (town.ye, town.lin, first.reporter):
        with pytest.raises(actions.NotAllowed):
            merge_matter(viewer=town.viewer(person), matter=second, into=first)
    # The reporter may, who sees that a neighbour has said the same.
    merge_matter(viewer=town.viewer(second.reporter), matter=second, into=first)
    assert fresh(second).state == "merged"
    with pytest.raises(actions.NotAllowed):
        unmerge_matter(viewer=town.viewer(second.reporter), matter=second)


def test_nothing_is_merged_where_it_would_tell_what_is_not_public(town: Any) -> None:
    luo = town.viewer(town.luo)
    first, second = complaints(town, 2)
    hidden = town.raise_matter(is_public=False, reporter_id=town.ye.pk, by=Actor(person_id=town.ye.pk))
    with pytest.raises(CannotMerge, match="restricted"):
        merge_matter(viewer=luo, matter=first, into=hidden)
    with pytest.raises(CannotMerge, match="itself"):
        merge_matter(viewer=luo, matter=first, into=first)
    dispute = town.raise_matter(category_code="dispute")
    with pytest.raises(CannotMerge, match="restricted"):
        merge_matter(viewer=town.viewer(town.lin), matter=dispute, into=first)
    merge_matter(viewer=luo, matter=hidden, into=first)
    merge_matter(viewer=luo, matter=second, into=first)
    everyone, handler = thread_for(NOBODY, first.number), thread_for(luo, first.number)
    assert everyone is not None
    assert handler is not None
    # What is not public is counted, and named to those who work it alone.
    assert everyone.asked == 3
    assert [row.number for row in everyone.merged] == [second.number]
    assert [row.number for row in handler.merged] == [second.number, hidden.number]
    assert hidden.number not in str([step.detail for step in everyone.steps])
    assert thread_for(NOBODY, hidden.number) is None


def test_a_complainant_does_not_learn_who_the_others_are(town: Any) -> None:
    first, second = merged(town, 2)
    thread = thread_for(town.viewer(second.reporter), first.number)
    assert thread is not None
    assert (thread.is_mine, thread.reporter_name, thread.reporter_phone) == (True, "", "")
    assert "刘玉梅" not in str([(step.by_name, step.detail) for step in thread.steps])


def test_one_of_many_cannot_withdraw_it_from_all(town: Any) -> None:
    first, second = merged(town, 2)
    with pytest.raises(actions.OthersConcerned):
        actions.withdraw_matter(viewer=town.viewer(first.reporter), matter=first)
    with pytest.raises(actions.NotAllowed):
        actions.withdraw_matter(viewer=town.viewer(second.reporter), matter=first)


def test_whoever_wrote_it_down_speaks_for_a_merged_complainant(town: Any) -> None:
    first, _second = merged(town, 2)
    elder = create_person(name="黄伯")
    third = town.raise_matter(by=Actor(person_id=town.ye.pk, on_behalf_of_id=elder.pk, channel="counter"), reporter_id=elder.pk)
    merge_matter(viewer=town.viewer(town.luo), matter=third, into=first)
    actions.report_done(viewer=town.viewer(town.luo), matter=first, text="好了")
    actions.confirm_done(viewer=town.viewer(town.ye), matter=first)
    entry = Entry.objects.filter(subject=first.number, verb="confirm").get()
    assert (entry.actor_id, entry.on_behalf_of_id) == (town.ye.pk, elder.pk)
    assert Matter.objects.get(pk=third.pk).word == "yes"


def test_merging_into_what_has_ended_or_went_on_elsewhere_is_refused(town: Any) -> None:
    first, second, third = complaints(town, 3)
    luo = town.viewer(town.luo)
    merge_matter(viewer=luo, matter=second, into=first)
    with pytest.raises(CannotMerge, match="ended"):
        merge_matter(viewer=luo, matter=third, into=second)
    actions.cannot_be_done(viewer=luo, matter=first, text="办不了")
    with pytest.raises(CannotMerge, match="ended"):
        merge_matter(viewer=luo, matter=third, into=first)
    assert "cannot" in told(second.reporter, first.number)


def test_a_matter_merged_while_residents_are_asked_is_asked_too(town: Any) -> None:
    first, second = complaints(town, 2)
    luo = town.viewer(town.luo)
    actions.report_done(viewer=luo, matter=first, text="好了")
    merge_matter(viewer=luo, matter=second, into=first)
    assert waiting_for(town.viewer(second.reporter)) == [first]
    actions.confirm_done(viewer=town.viewer(first.reporter), matter=first)
    assert fresh(first).state == "awaiting_confirmation"
