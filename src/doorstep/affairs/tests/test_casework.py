"""Sorting, urging, taking in hand, asking back, moving, and handing to an office outside."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.affairs import actions
from doorstep.affairs.actions import casework, lists
from doorstep.affairs.actions.merging import merge_matter
from doorstep.affairs.models import EscalationStep, Matter, PainPoint, Question, RoutingRule
from doorstep.affairs.queries import counts_at, matter_for, thread_for, workbench
from doorstep.affairs.queries.lists import kinds_at, pain_points, questions, replies_of, solved_like, stubborn
from doorstep.affairs.rules.matter_states import NotPossible
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Post

MONDAY = datetime(2026, 3, 2, 10, 20, tzinfo=TOWN_ZONE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BY = Actor(channel="import")


def fresh(matter: Matter) -> Matter:
    return Matter.objects.select_related("place", "scope", "category", "body", "overdue_body").get(pk=matter.pk)


def told(person: Any) -> list[str]:
    while deliver_pending():
        pass
    return list(InboxItem.objects.filter(person=person).order_by("id").values_list("topic", flat=True))


def colleague(town: Any, name: str = "小陈") -> Any:
    person = create_person(name=name)
    give_post(body=town.company, title="客服", person=person, held_from=date(2020, 1, 1), by=BY)
    return town.viewer(person)


# Sorting


def test_sorting_keeps_codes_and_never_the_cause_in_the_journal(town: Any) -> None:
    matter = town.raise_matter(happened_at=MONDAY)
    facts = {
        "severity": "serious", "pressing": "hard", "level": "building", "relation": "owner_property", "cause": "aged", "households": 11,
    }  # fmt: skip
    casework.triage_matter(viewer=town.viewer(town.luo), matter=matter, root_cause="线路三十年没换", **facts)
    kept = fresh(matter)
    assert {name: getattr(kept, name) for name in facts} == facts
    entry = Entry.objects.get(subject=matter.number, verb="triage")
    assert entry.audience == f"body:{town.company.pk}"
    assert "线路" not in str(entry.detail)
    assert "triage" not in [step.verb for step in thread_for(town.viewer(town.liu), matter.number).steps]
    with pytest.raises(actions.NotAllowed):
        casework.triage_matter(viewer=town.viewer(town.liu), matter=matter, severity="urgent")
    with pytest.raises(ValueError, match="grave"):
        casework.triage_matter(viewer=town.viewer(town.luo), matter=matter, severity="grave")


def test_what_is_urgent_is_answered_sooner_and_never_later(town: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter(happened_at=MONDAY)
    casework.triage_matter(viewer=luo, matter=matter, severity="urgent", happened_at=MONDAY + HOUR)
    # Four hours from when it was raised.
    assert (fresh(matter).due_at, fresh(matter).limit_key) == (MONDAY + 4 * HOUR, "matters.urgent_hours")
    page = Client().get(f"/m/{matter.number}").content.decode()
    assert "急事的时限" in page
    assert "/regulations/#matters.urgent_hours" in page
    answered = town.raise_matter(happened_at=MONDAY)
    actions.answer_matter(viewer=luo, matter=answered, text="在看", happened_at=MONDAY + HOUR)
    before = fresh(answered).due_at
    casework.triage_matter(viewer=luo, matter=answered, severity="urgent", happened_at=MONDAY + HOUR)
    assert fresh(answered).due_at == before


@pytest.mark.parametrize(("pressing", "hours"), [("urgent", 4), ("hard", None), ("worrying", None), ("hoped", None), ("", None)])
def test_what_presses_as_ji_is_answered_within_the_urgent_hours(town: Any, pressing: str, hours: int | None) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter(happened_at=MONDAY)
    ordinary = fresh(matter).due_at
    casework.triage_matter(viewer=luo, matter=matter, pressing=pressing, happened_at=MONDAY + HOUR)
    assert fresh(matter).due_at == (MONDAY + hours * HOUR if hours else ordinary)
    # Whoever it is given to next has the urgent hours too, from then on.
    actions.route_matter(viewer=luo, matter=matter, body=town.branch, happened_at=MONDAY + 2 * HOUR)
    assert (fresh(matter).limit_key == "matters.urgent_hours") is bool(hours)
    if hours:
        assert fresh(matter).due_at == MONDAY + (2 + hours) * HOUR
    # Answered, it runs as every other.
    actions.answer_matter(viewer=town.viewer(town.lin), matter=matter, text="在看", happened_at=MONDAY + 3 * HOUR)
    assert fresh(matter).limit_key.startswith("matters.finish_days")


@pytest.fixture
def centre(town: Any) -> Any:
    """The town's body for everything, which its committee oversees."""
    made = [
        create_body(code=code, kind=kind, name=name, place=town.place, by=BY)
        for code, kind, name in (("centre", "centre", "镇服务中心"), ("committee", "party_committee", "镇委"))
    ]
    RoutingRule.objects.create(place=town.place, category=None, body=made[0], overdue_body=made[1])
    forget_kept()
    return made[0]


def test_the_level_decides_who_oversees_it(town: Any, centre: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter(happened_at=MONDAY)
    for level, overseer in (("town", centre), ("household", town.branch), ("village", town.branch), ("town", centre), ("", centre)):
        casework.triage_matter(viewer=luo, matter=matter, level=level, happened_at=MONDAY + HOUR)
        assert fresh(matter).overdue_body == overseer
    casework.triage_matter(viewer=luo, matter=matter, level="town", happened_at=MONDAY + HOUR)
    assert Entry.objects.filter(subject=matter.number, verb="triage").latest("id").detail["overdue_body"] == "centre"
    # Given to another body, it stays the town's to oversee; given to the town's own, its committee's.
    actions.route_matter(viewer=luo, matter=matter, body=town.branch, happened_at=MONDAY + HOUR)
    assert fresh(matter).overdue_body == centre
    actions.route_matter(viewer=town.viewer(town.lin), matter=matter, body=centre, happened_at=MONDAY + HOUR)
    assert fresh(matter).overdue_body.code == "committee"
    # Late, it is brought before that body, and sorting it anew takes it from nobody.
    late = town.raise_matter(happened_at=MONDAY)
    casework.triage_matter(viewer=luo, matter=late, level="town", happened_at=MONDAY + HOUR)
    actions.escalate_overdue(now=MONDAY + 30 * DAY)
    casework.triage_matter(viewer=luo, matter=late, level="household")
    assert fresh(late).overdue_body == centre


def test_the_workbench_shows_one_kind(town: Any) -> None:
    luo = town.viewer(town.luo)
    made = {level: town.raise_matter() for level in ("town", "building", "")}
    for level, matter in made.items():
        casework.triage_matter(viewer=luo, matter=matter, level=level, relation="owner_property", cause="aged" if level == "town" else "")
    asked = town.raise_matter()
    casework.triage_matter(viewer=luo, matter=asked, level="town")
    casework.return_matter(viewer=luo, matter=asked, text="哪一层？")

    def bench(**kinds: str) -> tuple[list[Matter], list[Matter], int]:
        now = clock.now()
        found = workbench(luo, now=now, end_of_today=now, end_of_week=now, kinds=kinds)
        return found.due, found.waiting, found.parts["due"].total

    assert bench(level="town") == ([made["town"]], [asked], 1)
    assert bench(level="none") == ([made[""]], [], 1)
    assert bench(relation="owner_property", cause="none") == ([made["building"], made[""]], [], 2)
    assert bench(relation="owner_owner") == ([], [], 0)
    browser = Client()
    browser.force_login(Account.objects.get(login="luo"), backend="doorstep.foundation.identity.backend.AccountBackend")
    page = browser.get("/work/?level=town&relation=&cause=aged").content.decode()
    assert [f'data-row="/work/{each.number}"' in page for each in made.values()] == [True, False, False]
    assert "没有这样的事。" in browser.get("/work/?level=village").content.decode()
    # What is no kind is not asked for.
    assert f'data-row="/work/{made["building"].number}"' in browser.get("/work/?level=nothing").content.decode()


def test_a_places_matters_are_told_apart_with_their_denominators(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    confirmed, asked, opened, hidden, merged = (town.raise_matter(is_public=n != 3) for n in range(5))
    for matter, facts in (
        (confirmed, {"relation": "owner_property", "level": "building", "cause": "aged", "households": 11}),
        (asked, {"relation": "owner_property", "level": "town", "households": 3}),
        (hidden, {"relation": "owner_owner", "level": "household", "households": 2}),
    ):
        casework.triage_matter(viewer=luo, matter=matter, **facts)
    for matter in (confirmed, asked):
        actions.report_done(viewer=luo, matter=matter, text="好了")
    actions.confirm_done(viewer=liu, matter=confirmed)
    merge_matter(viewer=luo, matter=merged, into=opened)
    town.raise_matter(category_code="neighbour_help")

    def told_apart(viewer: Any) -> tuple[int, dict[str, dict[str, tuple[int, int, int, int, int]]]]:
        found = kinds_at(viewer, place=town.estate, scope_ids=[town.estate.pk])
        return found.matters, {
            axis: {each.code: (each.matters, each.open, each.said_done, each.confirmed, each.households) for each in kinds if each.matters}
            for axis, kinds in found.axes
        }

    total, axes = told_apart(NOBODY)
    assert total == 3
    assert axes["relation"] == {"owner_property": (2, 0, 2, 1, 14), "": (1, 1, 0, 0, 0)}
    assert axes["level"] == {"building": (1, 0, 1, 1, 11), "town": (1, 0, 1, 0, 3), "": (1, 1, 0, 0, 0)}
    assert axes["cause"] == {"aged": (1, 0, 1, 1, 11), "": (2, 1, 1, 0, 3)}
    total, axes = told_apart(luo)
    assert (total, axes["relation"]["owner_owner"]) == (4, (1, 1, 0, 0, 2))
    assert told_apart(town.viewer(town.ye))[0] == 3
    page = Client().get("/p/ruikang/kinds/").content.decode()
    assert all(each in page for each in ("业主与物业", "2 / 3", "设施老了", "还没分"))
    assert Client().get("/p/nowhere/kinds/").status_code == 404


# Urging


def test_urging_tells_the_body_and_not_again_for_three_days(town: Any) -> None:
    liu = town.viewer(town.liu)
    matter = town.raise_matter(happened_at=MONDAY)
    casework.urge_matter(viewer=liu, matter=matter, happened_at=MONDAY + HOUR)
    with pytest.raises(casework.UrgedAlready) as early:
        casework.urge_matter(viewer=liu, matter=matter, happened_at=MONDAY + 2 * DAY)
    assert early.value.again_at == datetime(2026, 3, 5, 23, 59, 59, tzinfo=TOWN_ZONE)
    casework.urge_matter(viewer=liu, matter=matter, happened_at=MONDAY + 4 * DAY)
    assert fresh(matter).urged == 2
    assert told(town.luo).count("urge") == 2
    # The second time the limit had passed: the overseeing body hears of it too.
    assert told(town.lin) == ["urge"]
    for person in (town.ye, town.luo):
        with pytest.raises(actions.NotAllowed):
            casework.urge_matter(viewer=town.viewer(person), matter=matter)


def test_what_waits_for_the_resident_cannot_be_urged(town: Any) -> None:
    matter = town.raise_matter()
    actions.report_done(viewer=town.viewer(town.luo), matter=matter, text="好了")
    with pytest.raises(NotPossible):
        casework.urge_matter(viewer=town.viewer(town.liu), matter=matter)


# Escalation


def test_steps_of_escalation_are_data_each_once_for_each_limit(town: Any) -> None:
    centre = create_body(code="centre", kind="centre", name="镇服务中心", place=town.place, by=BY)
    duty = create_person(name="值班长")
    give_post(body=centre, title="值班长", person=duty, held_from=date(2020, 1, 1), by=BY)
    committee = create_body(code="committee", kind="party_committee", name="镇委", place=town.place, by=BY)
    EscalationStep.objects.create(place=town.place, days=3, body=centre)
    EscalationStep.objects.create(place=town.place, days=10, body=committee)
    matter = town.raise_matter(happened_at=MONDAY)
    due = fresh(matter).due_at
    assert due is not None
    assert actions.escalate_overdue(now=due + HOUR) == 1
    assert actions.escalate_overdue(now=due + 3 * DAY) == 0
    assert actions.escalate_overdue(now=due + 3 * DAY + HOUR) == 1
    assert actions.escalate_overdue(now=due + 4 * DAY) == 0
    assert (fresh(matter).overdue_body, fresh(matter).overdue_days) == (centre, 3)
    assert told(duty) == ["escalate"]
    assert actions.escalate_overdue(now=due + 11 * DAY) == 1
    assert fresh(matter).overdue_body == committee
    # Answered: a new limit, and the way begins again.
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="来晚了", happened_at=due + 12 * DAY)
    assert (fresh(matter).overdue_days, fresh(matter).escalated_at) == (0, None)


# Two of the staff


def test_who_has_it_now_and_a_colleague_is_told_so(town: Any) -> None:
    luo, chen = town.viewer(town.luo), colleague(town)
    matter = town.raise_matter()
    casework.take_matter(viewer=luo, matter=matter)
    casework.take_matter(viewer=luo, matter=matter)
    with pytest.raises(casework.TakenByAnother):
        casework.take_matter(viewer=chen, matter=matter)
    assert fresh(matter).taken_by == town.luo
    casework.release_matter(viewer=chen, matter=matter)
    casework.take_matter(viewer=chen, matter=matter)
    assert list(Entry.objects.filter(subject=matter.number, verb__in=["take", "release"]).order_by("id").values_list("verb", flat=True)) == ["take", "release", "take"]  # fmt: skip
    assert "take" not in [step.verb for step in thread_for(NOBODY, matter.number).steps]
    actions.route_matter(viewer=chen, matter=matter, body=town.branch)
    assert fresh(matter).taken_by is None
    with pytest.raises(actions.NotAllowed):
        casework.take_matter(viewer=town.viewer(town.liu), matter=matter)


# Asking back


def test_asked_back_the_clock_stops_and_goes_on_with_what_was_left(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter(happened_at=MONDAY)
    due = fresh(matter).due_at
    assert due is not None
    casework.return_matter(viewer=luo, matter=matter, text="是几楼？", happened_at=MONDAY + DAY)
    assert (fresh(matter).state, fresh(matter).due_at) == ("returned", None)
    assert told(town.liu) == ["return"]
    # Waiting for the resident is never late.
    bench = workbench(luo, now=MONDAY + 30 * DAY, end_of_today=MONDAY + 30 * DAY, end_of_week=MONDAY + 30 * DAY)
    assert (bench.due, bench.waiting, bench.overdue) == ([], [matter], 0)
    assert actions.escalate_overdue(now=MONDAY + 30 * DAY) == 0
    actions.add_to_matter(viewer=liu, matter=matter, text="三楼。", happened_at=MONDAY + 5 * DAY)
    assert (fresh(matter).state, fresh(matter).due_at) == ("assigned", due + 4 * DAY)
    assert fresh(matter).clock_from == MONDAY + 4 * DAY
    assert counts_at([town.estate.pk]) == {"assigned": 1, "returned": 0}


def test_a_limit_that_was_over_before_is_not_told_of_twice(town: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter(happened_at=MONDAY)
    assert actions.escalate_overdue(now=MONDAY + 10 * DAY) == 1
    casework.return_matter(viewer=luo, matter=matter, text="几楼？", happened_at=MONDAY + 10 * DAY)
    actions.add_to_matter(viewer=town.viewer(town.liu), matter=matter, text="三楼", happened_at=MONDAY + 12 * DAY)
    assert actions.escalate_overdue(now=MONDAY + 13 * DAY) == 0


# Moving


def test_moved_it_is_routed_anew_and_both_places_know(town: Any) -> None:
    village = Place.objects.get(code="gekeng")
    matter = town.raise_matter(happened_at=MONDAY)
    casework.move_matter(viewer=town.viewer(town.luo), matter=matter, place=village, happened_at=MONDAY + HOUR)
    moved = fresh(matter)
    # No rule for the village: somebody has to look at it.
    assert (moved.place, moved.scope, moved.state, moved.body, moved.due_at) == (village, village, "registered", None, None)
    assert counts_at([town.estate.pk]) == {"assigned": 0}
    assert counts_at([village.pk]) == {"registered": 1}
    assert list(Entry.objects.filter(subject=matter.number, verb="move").order_by("id").values_list("place", flat=True)) == [
        "ruijin",
        "gekeng",
    ]
    assert [step.verb for step in thread_for(NOBODY, matter.number).steps if step.shown] == ["raise", "route", "move"]
    assert "move" in told(town.liu)
    step = next(step for step in thread_for(NOBODY, matter.number).steps if step.verb == "move")
    assert (step.moved_from, step.moved_to) == (town.building, village)
    assert "换了地方：从瑞金阁换到隔坑村" in Client().get(f"/m/{matter.number}").content.decode()


def test_where_it_may_be_moved_to_are_buildings_and_venues_too(town: Any) -> None:
    places = {
        code: create_place(code=code, kind=kind, name=code, parent=town.estate, by=BY)
        for code, kind in (("ruifu", "building"), ("pavilion", "venue"))
    }
    matter = town.raise_matter(place=town.estate)
    browser = Client()
    browser.force_login(Account.objects.get(login="luo"), backend="doorstep.foundation.identity.backend.AccountBackend")
    page = browser.get(f"/m/{matter.number}").content.decode()
    for code in ("ruijin", "ruifu", "pavilion", "gekeng", "hengli"):
        assert f'<option value="{code}"' in page
    assert browser.post(f"/m/{matter.number}/move", {"place": "pavilion", "once": "a"}).status_code == 303
    moved = fresh(matter)
    assert (moved.place, moved.scope, moved.body) == (places["pavilion"], town.estate, town.company)


def test_moved_to_a_place_with_a_rule_it_is_assigned_there(town: Any) -> None:
    matter = town.raise_matter(place=town.place)
    duty = create_person(name="值班长")
    centre = create_body(code="centre", kind="centre", name="镇服务中心", place=town.place, by=BY)
    give_post(body=centre, title="值班长", person=duty, held_from=date(2020, 1, 1), by=BY)
    casework.move_matter(viewer=town.viewer(duty), matter=matter, place=town.building)
    assert (fresh(matter).state, fresh(matter).body) == ("assigned", town.company)


# Outside


def test_a_petition_has_the_clock_of_the_office_that_registered_it(town: Any) -> None:
    """S12: registered on 2026-03-05: told within 15 days, settled by 2026-05-04, extended at most to 2026-06-03."""
    matter = town.raise_matter(place=town.building, happened_at=MONDAY)
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    casework.transfer_matter(viewer=luo, matter=matter, to="petition", text="归信访部门。", happened_at=MONDAY + HOUR)
    assert (fresh(matter).state, fresh(matter).due_at) == ("transferred", None)
    thread = thread_for(NOBODY, matter.number)
    # Nothing is registered there yet: no clock is shown.
    assert [(transfer.number, statutory) for transfer, statutory in thread.transfers] == [("", None)]
    casework.note_outside_number(viewer=liu, matter=matter, number="XF-2026-0088", registered_on=date(2026, 3, 5))
    # The clock is everybody's, the number by which the office is asked is for those who have a part in it.
    assert [(transfer.number, statutory is not None) for transfer, statutory in thread_for(NOBODY, matter.number).transfers] == [("", True)]
    ((transfer, statutory),) = thread_for(liu, matter.number).transfers
    assert transfer.number == "XF-2026-0088"
    assert (statutory.notice_by, statutory.finish_by, statutory.latest_by) == (date(2026, 3, 20), date(2026, 5, 4), date(2026, 6, 3))
    # It is theirs: nothing here escalates, and the number never stands in the journal.
    assert actions.escalate_overdue(now=MONDAY + 90 * DAY) == 0
    assert "XF-2026" not in str(list(Entry.objects.filter(subject=matter.number).values_list("detail", flat=True)))
    casework.outside_answered(viewer=luo, matter=matter, text="已告知受理。")
    assert told(town.liu)[-1] == "outside_answer"
    with pytest.raises(casework.NotYetThere):
        casework.note_outside_number(viewer=liu, matter=matter, number="1", registered_on=clock.today() + 2 * DAY)


def test_who_is_registered_at_the_petition_office_already_says_so_at_once(town: Any) -> None:
    """S12: nobody here is asked first, our clock stops, theirs is shown, and only the number is kept."""
    matter = town.raise_matter(category_code="petition", happened_at=MONDAY)
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    facts = {"to": "petition", "number": " XF-2026-0088 ", "registered_on": date(2026, 3, 5)}
    for viewer in (luo, NOBODY, town.viewer(town.ye)):
        with pytest.raises(actions.NotAllowed):
            casework.note_registered_outside(viewer=viewer, matter=matter, **facts)
    with pytest.raises(casework.NotYetThere):
        casework.note_registered_outside(viewer=liu, matter=matter, **{**facts, "registered_on": clock.today() + DAY})
    casework.note_registered_outside(viewer=liu, matter=matter, **facts)
    kept = fresh(matter)
    assert (kept.state, kept.due_at, kept.clock_from, kept.limit_key) == ("transferred", None, None, "")
    thread = thread_for(liu, matter.number)
    ((transfer, statutory),) = thread.transfers
    assert (transfer.to, transfer.number) == ("petition", "XF-2026-0088")
    assert (statutory.notice_by, statutory.finish_by, statutory.latest_by) == (date(2026, 3, 20), date(2026, 5, 4), date(2026, 6, 3))
    assert thread.steps[-1].verb == "outside_registered"
    assert "XF-2026" not in str(list(Entry.objects.filter(subject=matter.number).values_list("detail", flat=True)))
    # What was written wrong is put right as before.
    casework.note_outside_number(viewer=liu, matter=matter, number="XF-2026-0089", registered_on=date(2026, 3, 5))
    with pytest.raises(NotPossible):
        casework.note_registered_outside(viewer=liu, matter=matter, **facts)


def test_registered_elsewhere_stops_the_clock_of_the_body_that_has_it_and_tells_it(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter(category_code="noise", happened_at=MONDAY)
    casework.take_matter(viewer=luo, matter=matter)
    casework.note_registered_outside(viewer=liu, matter=matter, to="hotline", number="12345-1")
    assert (fresh(matter).body, fresh(matter).due_at, fresh(matter).taken_by) == (town.company, None, None)
    assert told(town.luo)[-1] == "outside_registered"
    assert actions.escalate_overdue(now=MONDAY + 90 * DAY) == 0
    assert counts_at([town.estate.pk])["transferred"] == 1
    # One of several cannot take it away from all; what neighbours were asked for goes to no office.
    several = town.raise_matter()
    merge_matter(viewer=luo, matter=town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk), into=several)
    with pytest.raises(actions.OthersConcerned):
        casework.note_registered_outside(viewer=liu, matter=several, to="hotline", number="1")
    assert "outside_registered" not in thread_for(liu, several.number).possible
    with pytest.raises(actions.NotAllowed):
        casework.note_registered_outside(viewer=liu, matter=town.raise_matter(category_code="neighbour_help"), to="hotline", number="1")


def test_the_form_for_it_keeps_what_was_typed(town: Any) -> None:
    matter = town.raise_matter(category_code="petition")
    liu = Client()
    liu.force_login(Account.objects.get(login="liu"), backend="doorstep.foundation.identity.backend.AccountBackend")
    address = f"/m/{matter.number}/outside-registered"
    assert f'action="{address}"' in liu.get(f"/m/{matter.number}").content.decode()
    wrong = liu.post(address, {"to": "", "number": "XF-7", "registered_on": "", "once": "a"})
    assert wrong.status_code == 422
    assert 'value="XF-7"' in wrong.content.decode()
    sent = liu.post(address, {"to": "petition", "number": "XF-7", "registered_on": "2026-03-05", "once": "b"})
    assert sent.status_code == 303
    page = liu.get(f"/m/{matter.number}").content.decode()
    assert all(each in page for each in ("XF-7", "5 月 4 日", "6 月 3 日", "您说：已经在信访部门登记了"))


@pytest.mark.parametrize("to", ["hotline", "mediation", "police"])
def test_no_other_office_has_a_statutory_clock_here(town: Any, to: str) -> None:
    matter = town.raise_matter(happened_at=MONDAY)
    casework.transfer_matter(
        viewer=town.viewer(town.luo), matter=matter, to=to, text="归那边。", number="1", registered_on=date(2026, 3, 5)
    )
    assert thread_for(NOBODY, matter.number).transfers[0][1] is None


def test_what_an_office_sends_back_goes_on_here(town: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter(happened_at=MONDAY)
    casework.transfer_matter(viewer=luo, matter=matter, to="hotline", text="归热线。")
    actions.route_matter(viewer=luo, matter=matter, body=town.branch)
    assert (fresh(matter).state, fresh(matter).body, fresh(matter).closed_at) == ("assigned", town.branch, None)
    with pytest.raises(NotPossible):
        casework.outside_answered(viewer=town.viewer(town.lin), matter=matter, text="…")


def test_what_an_office_sends_back_goes_on_where_it_was(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter(happened_at=MONDAY)
    actions.answer_matter(viewer=luo, matter=matter, text="先问问那边。", happened_at=MONDAY + HOUR)
    casework.transfer_matter(
        viewer=luo, matter=matter, to="petition", text="归信访。", number="XF-1", registered_on=MONDAY.date(), happened_at=MONDAY + DAY
    )
    assert fresh(matter).closed_at == MONDAY + DAY
    with pytest.raises(actions.NotAllowed):
        casework.outside_sent_back(viewer=liu, matter=matter, text="…")
    said = casework.outside_sent_back(viewer=luo, matter=matter, text="信访办说归镇里，城建办周三来看。", happened_at=MONDAY + 8 * DAY)
    back = fresh(matter)
    assert (said.kind, back.state, back.body, back.closed_at) == ("outside", "in_progress", town.company, None)
    # A limit of its own from that day on, watched as any other; the office's clock has ended.
    assert (back.clock_from, back.limit_key) == (MONDAY + 8 * DAY, "matters.finish_days.default")
    assert back.due_at is not None
    assert actions.escalate_overdue(now=back.due_at + HOUR) == 1
    assert thread_for(NOBODY, matter.number).transfers[0][1] is None
    assert "outside_back" in told(town.liu)
    assert counts_at([town.estate.pk]) == {"assigned": 0, "in_progress": 1, "transferred": 0}
    with pytest.raises(NotPossible):
        casework.outside_sent_back(viewer=luo, matter=matter, text="又退了一次。")
    # Handed outside a second time, the clock of that office runs alone.
    casework.transfer_matter(viewer=luo, matter=matter, to="petition", text="又归信访。", registered_on=(MONDAY + 9 * DAY).date())
    assert [clock is not None for _transfer, clock in thread_for(NOBODY, matter.number).transfers] == [False, True]


# Shielded


def test_the_body_complained_about_does_not_learn_who_raised_it_and_the_overseer_does(town: Any) -> None:
    shown = town.raise_matter(is_public=False)
    matter = town.raise_matter(is_shielded=True, is_named=True, is_public=False, happened_at=MONDAY)
    luo, lin, liu = (town.viewer(person) for person in (town.luo, town.lin, town.liu))
    for viewer, name, phone in ((luo, "", ""), (lin, "刘玉梅", ""), (liu, "刘玉梅", "")):
        thread = thread_for(viewer, matter.number)
        assert (thread.reporter_name, thread.reporter_phone) == (name, phone)
        assert (name in [step.by_name for step in thread.steps]) or not name
    assert "刘玉梅" not in str([(step.by_name, step.detail) for step in thread_for(luo, matter.number).steps])
    # The overseer sees a restricted matter only where it is for this.
    assert matter_for(lin, shown.number) is None
    # Once it is overdue the overseer works it, and may call.
    actions.escalate_overdue(now=MONDAY + 10 * DAY)
    assert thread_for(lin, matter.number).reporter_phone == town.liu.phone
    assert thread_for(luo, matter.number).reporter_name == ""
    actions.answer_matter(viewer=luo, matter=matter, text="在办")
    assert thread_for(luo, matter.number).reporter_name == ""


# Lists


def test_stubborn_is_open_longer_than_the_regulation_says(town: Any) -> None:
    now = clock.now()
    old = town.raise_matter(happened_at=now - 91 * DAY, category_code="parking")
    hidden = town.raise_matter(happened_at=now - 100 * DAY, is_public=False)
    town.raise_matter(happened_at=now - 89 * DAY)
    done = town.raise_matter(happened_at=now - 200 * DAY)
    actions.cannot_be_done(viewer=town.viewer(town.luo), matter=done, text="办不了")
    everyone = stubborn(NOBODY, place=town.estate, scope_ids=[town.estate.pk])
    # Each counts what they may know of, and the matters are shown to those who work there.
    assert (everyone.open, everyone.total, everyone.rows) == (2, 1, [])
    assert [(category.code, n) for category, n in everyone.by_category] == [("parking", 1)]
    for person, figures, rows in (
        (town.luo, (3, 2), [hidden, old]),
        (town.lin, (2, 1), [old]),
        (town.liu, (3, 2), []),
        (town.ye, (2, 1), []),
    ):
        found = stubborn(town.viewer(person), place=town.estate, scope_ids=[town.estate.pk])
        assert ((found.open, found.total), found.rows, sum(n for _category, n in found.by_category)) == (figures, rows, figures[1])


def test_pain_points_have_an_owner_and_a_date_and_are_public_in_figures(town: Any) -> None:
    luo = town.viewer(town.luo)
    matter, hidden = town.raise_matter(), town.raise_matter(is_public=False)
    listed = lists.list_pain_point(
        viewer=luo,
        scope=town.estate,
        title="停车难",
        body=town.company,
        owner=town.luo,
        due_on=clock.today() - DAY,
        matters=[matter, hidden],
        happened_at=clock.now() - 9 * DAY,
    )
    assert fresh(matter).pain_point_id == listed.pk
    everyone = pain_points(NOBODY, place=town.estate, scope_ids=[town.estate.pk])
    assert (everyone.listed, everyone.ended, everyone.overdue, list(everyone.rows)) == (1, 0, 1, [])
    assert [(row.title, row.owner, row.n) for row in pain_points(luo, place=town.estate, scope_ids=[town.estate.pk]).rows] == [("停车难", town.luo, 2)]  # type: ignore[attr-defined]  # fmt: skip
    # A colleague of another body counts what they may know of.
    assert [row.n for row in pain_points(town.viewer(town.lin), place=town.estate, scope_ids=[town.estate.pk]).rows] == [1]  # type: ignore[attr-defined]
    lists.end_pain_point(viewer=luo, pain_point=listed, result="错时停车")
    with pytest.raises(lists.AlreadyEnded):
        lists.end_pain_point(viewer=luo, pain_point=listed, result="错时停车")
    assert pain_points(NOBODY, place=town.estate, scope_ids=[town.estate.pk]).ended == 1
    with pytest.raises(actions.NotAllowed):
        lists.list_pain_point(
            viewer=town.viewer(town.liu), scope=town.estate, title="…", body=town.company, owner=town.luo, due_on=clock.today()
        )


def test_a_pain_points_day_is_still_to_come_and_its_owner_holds_a_post(town: Any) -> None:
    facts = {"viewer": town.viewer(town.luo), "scope": town.estate, "title": "停车难", "body": town.company}
    with pytest.raises(actions.DateHasPassed):
        lists.list_pain_point(**facts, owner=town.luo, due_on=clock.today() - DAY)
    for person in (town.lin, town.ye):
        with pytest.raises(lists.HoldsNoPost):
            lists.list_pain_point(**facts, owner=person, due_on=clock.today())
    assert not PainPoint.objects.exists()


def test_who_answers_for_a_pain_point_is_chosen_on_the_page(town: Any) -> None:
    colleague(town)
    chosen = Post.objects.get(person__name="小陈")
    browser = Client()
    browser.force_login(Account.objects.get(login="luo"), backend="doorstep.foundation.identity.backend.AccountBackend")
    address = "/p/ruikang/pain-points/"
    page = browser.get(address).content.decode()
    assert f'<option value="{chosen.pk}">小陈 客服</option>' in page
    sent = {"title": "停车难", "post": str(chosen.pk), "due_on": clock.today().isoformat(), "matters": "", "once": "a"}
    for wrong in ({"post": ""}, {"post": "99999"}, {"post": "x"}, {"due_on": (clock.today() - DAY).isoformat()}):
        answer = browser.post(address, {**sent, **wrong, "once": str(wrong)})
        assert answer.status_code == 422
        assert 'value="停车难"' in answer.content.decode()
    assert browser.post(address, sent).status_code == 303
    assert PainPoint.objects.values_list("owner__name", "body").get() == ("小陈", town.company.pk)


def test_an_answer_becomes_a_question_of_the_place(town: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter()
    made = lists.publish_question(viewer=luo, matter=matter, question="楼道灯坏了找谁？", answer="打前台，两天内换。")
    assert [row.question for row in questions(scope_ids=[town.estate.pk])[0]] == ["楼道灯坏了找谁？"]
    assert questions(scope_ids=[town.estate.pk], category="parking")[0] == []
    for person in (town.liu, town.lin):
        with pytest.raises(actions.NotAllowed):
            lists.publish_question(viewer=town.viewer(person), matter=matter, question="?", answer="!")
        with pytest.raises(actions.NotAllowed):
            lists.withdraw_question(viewer=town.viewer(person), question=made)
    lists.withdraw_question(viewer=luo, question=made)
    assert questions(scope_ids=None)[0] == []
    assert Question.objects.count() == 1


def test_replies_belong_to_a_body(town: Any) -> None:
    luo = town.viewer(town.luo)
    kept = lists.keep_reply(viewer=luo, body=town.company, title="电工", text="电工今晚带灯泡去换。")
    assert replies_of(luo) == [kept]
    assert replies_of(town.viewer(town.lin)) == []
    with pytest.raises(actions.NotAllowed):
        lists.drop_reply(viewer=town.viewer(town.lin), reply=kept)
    lists.drop_reply(viewer=luo, reply=kept)
    assert replies_of(luo) == []


def test_how_others_solved_it_is_what_residents_confirmed(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    texts = {"北门路灯不亮": "换了镇流器。", "楼道灯不亮，晚上看不见": "换了灯泡。", "灯太亮睡不着": "加了罩子。"}
    for text, done in texts.items():
        matter = town.raise_matter(text=text)
        actions.report_done(viewer=luo, matter=matter, text=done)
        if text != "灯太亮睡不着":
            actions.confirm_done(viewer=liu, matter=matter)
    hidden = town.raise_matter(text="楼道灯不亮", is_public=False)
    actions.report_done(viewer=luo, matter=hidden, text="不该看到。")
    actions.confirm_done(viewer=liu, matter=hidden)
    now = town.raise_matter(text="楼道灯不亮，看不见台阶")
    assert [found.done for found in solved_like(now)] == ["换了灯泡。", "换了镇流器。"]


def test_a_returned_matter_can_be_merged_and_comes_back_whole(town: Any) -> None:
    luo = town.viewer(town.luo)
    first, second = town.raise_matter(), town.raise_matter(reporter_id=town.ye.pk, by=Actor(person_id=town.ye.pk))
    casework.return_matter(viewer=luo, matter=second, text="在哪？")
    merge_matter(viewer=luo, matter=second, into=first)
    assert (fresh(second).state, fresh(second).paused_left) == ("merged", None)
