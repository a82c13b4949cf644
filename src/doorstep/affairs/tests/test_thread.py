"""The thread of a matter through its actions: who sees what at each step, what is recorded, who is told."""

from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.affairs import actions
from doorstep.affairs.actions import casework
from doorstep.affairs.models import Matter, MatterCount
from doorstep.affairs.queries import (
    Workbench,
    category_by_code,
    counts_at,
    counts_in,
    matter_for,
    matters_at,
    mine,
    scopes_of,
    thread_for,
    workbench,
)
from doorstep.affairs.queries.lists import stubborn
from doorstep.affairs.rules.matter_states import NotPossible
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor, content_of, text_digest
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post

MONDAY = datetime(2026, 3, 2, 10, 20, tzinfo=TOWN_ZONE)


def verbs(town: Any, matter: Matter, person: Any = None) -> list[str]:
    thread = thread_for(town.viewer(person) if person else NOBODY, matter.number)
    assert thread is not None
    return [step.verb for step in thread.steps]


def told(person: Any) -> list[str]:
    while deliver_pending():
        pass
    return list(InboxItem.objects.filter(person=person).order_by("id").values_list("topic", flat=True))


def test_raised_is_routed_at_once_with_a_number_and_a_deadline(town: Any) -> None:
    matter = town.raise_matter(happened_at=MONDAY, category_code="parking")
    assert matter.number.startswith("HL-2026-")
    assert len(matter.number) == len("HL-2026-000123")
    assert (matter.state, matter.body) == ("assigned", town.company)
    # The nation's default here: three workdays, the day it was raised not counted (Civil Code 201).
    assert matter.due_at == datetime(2026, 3, 5, 23, 59, 59, tzinfo=TOWN_ZONE)
    assert verbs(town, matter) == ["raise", "route"]


def test_without_a_rule_it_waits_registered_and_whoever_works_above_sees_it(town: Any) -> None:
    matter = town.raise_matter(place=Place.objects.get(code="gekeng"))
    assert (matter.state, matter.body_id, matter.due_at) == ("registered", None, None)


def test_the_whole_way_with_a_dispute(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter(happened_at=MONDAY)
    actions.answer_matter(
        viewer=luo, matter=matter, text="今晚去换灯泡。", promised_on=date(2026, 3, 4), happened_at=MONDAY + timedelta(hours=3)
    )
    matter.refresh_from_db()
    assert (matter.state, matter.limit_key) == ("in_progress", "promise")
    assert matter.due_at == datetime(2026, 3, 4, 23, 59, 59, tzinfo=TOWN_ZONE)
    actions.report_done(viewer=luo, matter=matter, text="换好了。", happened_at=MONDAY + timedelta(hours=12))
    matter.refresh_from_db()
    assert (matter.state, matter.due_at) == ("awaiting_confirmation", None)
    assert matter.ask_until == datetime(2026, 3, 16, 23, 59, 59, tzinfo=TOWN_ZONE)
    actions.dispute_done(viewer=liu, matter=matter, text="又灭了。", happened_at=MONDAY + timedelta(hours=20))
    matter.refresh_from_db()
    assert (matter.state, matter.reopened, matter.ask_until) == ("in_progress", 1, None)
    assert matter.due_at is not None
    actions.report_done(viewer=luo, matter=matter, text="换了线路。", happened_at=MONDAY + timedelta(days=2))
    actions.confirm_done(viewer=liu, matter=matter, happened_at=MONDAY + timedelta(days=3))
    matter.refresh_from_db()
    assert matter.state == "closed_confirmed"
    assert verbs(town, matter) == ["raise", "route", "answer", "done", "dispute", "done", "confirm"]
    assert told(town.liu) == ["answer", "done", "done"]
    assert told(town.luo) == ["raise", "dispute", "confirm"]


def test_silence_is_unconfirmed_never_a_yes_and_a_late_yes_counts(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter(happened_at=MONDAY)
    actions.report_done(viewer=luo, matter=matter, text="好了。", happened_at=MONDAY)
    assert actions.lapse_silent(now=MONDAY + timedelta(days=14)) == 0
    assert actions.lapse_silent(now=MONDAY + timedelta(days=15)) == 1
    assert actions.lapse_silent(now=MONDAY + timedelta(days=15)) == 0
    matter.refresh_from_db()
    assert matter.state == "closed_unconfirmed"
    assert matter.closed_at == datetime(2026, 3, 16, 23, 59, 59, tzinfo=TOWN_ZONE)
    actions.confirm_done(viewer=liu, matter=matter)
    matter.refresh_from_db()
    assert matter.state == "closed_confirmed"


def test_cannot_be_done_is_an_ending_of_its_own_and_can_be_reopened(town: Any) -> None:
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter()
    actions.cannot_be_done(viewer=luo, matter=matter, text="不归物业管，可以打 12345。")
    matter.refresh_from_db()
    assert (matter.state, matter.due_at) == ("cannot_be_done", None)
    actions.reopen_matter(viewer=liu, matter=matter, text="12345 说归物业。")
    matter.refresh_from_db()
    assert matter.state == "in_progress"


def test_overdue_is_told_to_the_overseeing_body_once(town: Any) -> None:
    matter = town.raise_matter(happened_at=MONDAY)
    lin = town.viewer(town.lin)
    with pytest.raises(actions.NotAllowed):
        actions.answer_matter(viewer=lin, matter=matter, text="我来。")
    assert actions.escalate_overdue(now=MONDAY + timedelta(days=10)) == 1
    assert actions.escalate_overdue(now=MONDAY + timedelta(days=10)) == 0
    matter.refresh_from_db()
    assert told(town.lin) == ["escalate"]
    actions.answer_matter(viewer=lin, matter=matter, text="支部已经催了。")
    matter.refresh_from_db()
    assert matter.escalated_at is None


@pytest.mark.parametrize("act", ["answer_matter", "report_done", "cannot_be_done", "note_inside"])
def test_a_neighbour_may_not_act_as_the_body(town: Any, act: str) -> None:
    matter = town.raise_matter()
    with pytest.raises(actions.NotAllowed):
        getattr(actions, act)(viewer=town.viewer(town.ye), matter=matter, text="我来")
    with pytest.raises(actions.NotAllowed):
        getattr(actions, act)(viewer=NOBODY, matter=matter, text="我来")


def test_the_body_may_not_confirm_for_the_resident(town: Any) -> None:
    matter = town.raise_matter()
    luo = town.viewer(town.luo)
    actions.report_done(viewer=luo, matter=matter, text="好了")
    for act in (actions.confirm_done, actions.dispute_done):
        with pytest.raises(actions.NotAllowed):
            act(viewer=luo, matter=matter, text="好")


def test_who_wrote_it_down_for_somebody_may_confirm_and_both_names_are_kept(town: Any) -> None:
    matter = town.raise_matter(by=Actor(person_id=town.lin.pk, on_behalf_of_id=town.ye.pk, channel="counter"), reporter_id=town.ye.pk)
    actions.report_done(viewer=town.viewer(town.luo), matter=matter, text="好了")
    actions.confirm_done(viewer=town.viewer(town.lin), matter=matter)
    entry = Entry.objects.filter(subject=matter.number, verb="confirm").get()
    assert (entry.actor_id, entry.on_behalf_of_id) == (town.lin.pk, town.ye.pk)


def test_an_internal_note_is_seen_by_the_body_alone(town: Any) -> None:
    matter = town.raise_matter()
    actions.note_inside(viewer=town.viewer(town.luo), matter=matter, text="这户常说，先上门。")
    assert "note" in verbs(town, matter, town.luo)
    for person in (None, town.liu, town.ye, town.lin):
        assert "note" not in verbs(town, matter, person)
    assert told(town.liu) == []


def test_the_reporter_is_anonymous_to_neighbours_and_known_to_the_handlers(town: Any) -> None:
    matter = town.raise_matter()
    for person, name, phone in ((None, "", ""), (town.ye, "", ""), (town.luo, "刘玉梅", town.liu.phone), (town.liu, "刘玉梅", "")):
        thread = thread_for(town.viewer(person) if person else NOBODY, matter.number)
        assert thread is not None
        assert (thread.reporter_name, thread.reporter_phone) == (name, phone)
    named = town.raise_matter(is_named=True)
    thread = thread_for(NOBODY, named.number)
    assert thread is not None
    assert thread.reporter_name == "刘玉梅"


def test_a_restricted_matter_is_known_to_its_parties_and_handlers_only(town: Any) -> None:
    matter = town.raise_matter(category_code="dispute")
    assert not matter.is_public
    assert matter.body == town.branch
    for person, known in ((town.liu, True), (town.lin, True), (town.ye, False), (town.luo, False)):
        assert (matter_for(town.viewer(person), matter.number) is not None) == known
    assert matter_for(NOBODY, matter.number) is None
    assert matter.number not in [each.number for each in matters_at(NOBODY, place=town.place, scope_ids=None).items]
    assert counts_at(None) == {}
    assert matter.number in [each.number for each in mine(town.viewer(town.liu)).items]
    assert Entry.objects.filter(subject=matter.number, audience="public").count() == 0


def test_a_building_and_a_venue_have_figures_of_their_own(town: Any) -> None:
    cafe = create_place(code="cafe", kind="venue", name="议事亭", parent=Place.objects.get(code="gekeng"), by=Actor())
    empty = create_place(code="ruifu", kind="building", name="瑞福阁", parent=town.estate, by=Actor())
    said = town.raise_matter(counter=cafe)
    town.raise_matter(place=town.estate)
    town.raise_matter(is_public=False, counter=cafe)
    dispute = town.raise_matter()
    actions.report_done(viewer=town.viewer(town.luo), matter=dispute, text="换了")
    for place, expected, listed in (
        (cafe, {"assigned": 1}, [said]),
        (town.building, {"assigned": 1, "awaiting_confirmation": 1}, [dispute, said]),
        (empty, {}, []),
    ):
        assert scopes_of(place) == []
        assert counts_in(place, []) == expected
        assert matters_at(NOBODY, place=place, scope_ids=[]).items == listed
        for path in (f"/p/{place.code}/", f"/p/{place.code}/matters/"):
            with CaptureQueriesContext(connection) as asked:
                page = Client().get(path)
            assert page.context["groups"]["open"] == expected.get("assigned", 0)
            assert page.context["groups"]["asking"] == expected.get("awaiting_confirmation", 0)
            assert len([query for query in asked if "GROUP BY" in query["sql"] and "affairs_matter" in query["sql"]]) == 1
        assert stubborn(NOBODY, place=place, scope_ids=[]).open == sum(expected.values())
    # None at all is not the whole town.
    assert counts_at([]) == {}
    assert (scopes_of(town.place), sum(counts_at(None).values())) == (None, 3)


def test_a_venues_page_is_another_when_what_was_said_there_moves(town: Any) -> None:
    cafe = create_place(code="cafe", kind="venue", name="议事亭", parent=Place.objects.get(code="gekeng"), by=Actor())
    matter = town.raise_matter(counter=cafe)
    before = Client().get("/p/cafe/matters/")["ETag"]
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="在办")
    assert Client().get("/p/cafe/matters/")["ETag"] != before


def test_reading_a_reporters_phone_is_noted_and_ones_own_is_not(town: Any) -> None:
    matter = town.raise_matter()
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    thread_for(luo, matter.number)
    thread_for(luo, matter.number)
    thread_for(liu, matter.number)
    assert [(read.subject, read.about_person_id) for read in luo.reads] == [(matter.number, town.liu.pk)]
    assert liu.reads == []


def test_no_text_stands_in_the_journal_only_its_salted_digest(town: Any) -> None:
    matter = town.raise_matter(text="隔壁装修太吵。")
    said = actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="已上门提醒。")
    for entry in Entry.objects.filter(subject=matter.number):
        assert "吵" not in str(content_of(entry))
        assert "提醒" not in str(content_of(entry))
    assert Entry.objects.get(pk=said.entry_id).detail["text"] == text_digest(said.salt, "已上门提醒。")


def test_stored_counts_follow_every_step(town: Any) -> None:
    def actual() -> dict[str, int]:
        states = list(Matter.objects.filter(is_public=True).values_list("state", flat=True))
        return {state: states.count(state) for state in set(states)}

    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    first, second = town.raise_matter(), town.raise_matter()
    actions.answer_matter(viewer=luo, matter=first, text="看看")
    actions.report_done(viewer=luo, matter=first, text="好了")
    actions.dispute_done(viewer=liu, matter=first, text="没好")
    actions.withdraw_matter(viewer=liu, matter=second)
    assert {state: n for state, n in counts_at(scopes_of(town.estate)).items() if n} == actual()
    assert {state: n for state, n in counts_at(None).items() if n} == actual()
    assert all(row.n >= 0 for row in MatterCount.objects.all())


def test_said_twice_is_refused_by_the_state(town: Any) -> None:
    matter = town.raise_matter()
    luo = town.viewer(town.luo)
    actions.report_done(viewer=luo, matter=matter, text="好了")
    with pytest.raises(NotPossible):
        actions.report_done(viewer=luo, matter=matter, text="好了")


@pytest.mark.parametrize(("text", "error"), [("", actions.NothingSaid), ("  \n ", actions.NothingSaid), ("长" * 5001, actions.TextTooLong)])
def test_a_text_is_required_and_bounded(town: Any, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        town.raise_matter(text=text)


@pytest.mark.parametrize("text", ["灯坏了😀🏮", "𬭳海说的：门口的灯", "阿依古丽·买买提", "a\x00b 灯"])
def test_emoji_and_rare_characters_are_kept(town: Any, text: str) -> None:
    matter = town.raise_matter(text=text)
    matter.refresh_from_db()
    assert matter.text == text.replace("\x00", "")


def test_a_promise_for_a_past_day_is_refused(town: Any) -> None:
    matter = town.raise_matter(happened_at=MONDAY)
    with pytest.raises(actions.DateHasPassed):
        actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="昨天", promised_on=date(2026, 3, 1), happened_at=MONDAY)


def test_the_workbench_is_sorted_by_time_left_and_waiting_is_never_late(town: Any) -> None:
    luo = town.viewer(town.luo)
    late = town.raise_matter(happened_at=MONDAY)
    soon = town.raise_matter(happened_at=MONDAY + timedelta(days=10))
    asked = town.raise_matter(happened_at=MONDAY)
    actions.report_done(viewer=luo, matter=asked, text="好了", happened_at=MONDAY)
    now = MONDAY + timedelta(days=11)
    bench = workbench(luo, now=now, end_of_today=now, end_of_week=now + timedelta(days=5))
    assert [matter.number for matter in bench.due] == [late.number, soon.number]
    assert [matter.number for matter in bench.waiting] == [asked.number]
    assert (bench.overdue, bench.asking) == (1, 1)


def test_the_workbenchs_figures_count_everything_and_its_parts_are_turned(town: Any) -> None:
    """More matters than a page holds: late ones, today's, this week's, later ones, ones that wait for their resident, ones nobody has."""
    luo = town.viewer(town.luo)
    now = MONDAY + timedelta(days=60)
    made = {
        name: [town.raise_matter(happened_at=MONDAY, place=town.place if name == "unrouted" else town.building) for _ in range(n)]
        for name, n in {"late": 4, "today": 3, "week": 2, "later": 1, "asked": 3, "returned": 2, "unrouted": 5}.items()
    }
    for name, until in {
        "late": now - timedelta(days=1),
        "today": now,
        "week": now + timedelta(days=2),
        "later": now + timedelta(days=9),
    }.items():
        Matter.objects.filter(pk__in=[each.pk for each in made[name]]).update(due_at=until)
    for each in made["asked"]:
        actions.report_done(viewer=luo, matter=each, text="好了", happened_at=MONDAY)
    for each in made["returned"]:
        casework.return_matter(viewer=luo, matter=each, text="哪一层？", happened_at=MONDAY)
    town.raise_matter(place=town.place, is_public=False)
    centre = create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=Actor())
    give_post(body=centre, title="兼", person=town.luo, held_from=date(2020, 1, 1), by=Actor())

    def bench(**pages: int) -> Workbench:
        end = now + timedelta(hours=1)
        return workbench(town.viewer(town.luo), now=now, end_of_today=end, end_of_week=now + timedelta(days=3), pages=pages, size=4)

    def numbers(*names: str) -> list[str]:
        return [each.number for name in names for each in made[name]]

    found = bench()
    assert (found.overdue, found.today, found.week, found.asking) == (4, 3, 5, 5)
    assert [each.number for each in found.due] == numbers("late")
    assert (found.parts["due"].total, found.parts["due"].before, found.parts["due"].after) == (10, None, 2)
    turned = bench(due=2, waiting=2, unrouted=2)
    assert (turned.overdue, turned.today, turned.week, turned.asking) == (4, 3, 5, 5)
    assert [each.number for each in turned.due] == numbers("today", "week")[:4]
    assert [each.number for each in [*found.waiting, *turned.waiting]] == numbers("asked", "returned")
    assert [each.number for each in found.unrouted] == numbers("unrouted")[:4]
    assert (turned.parts["unrouted"].first, turned.parts["unrouted"].last, turned.parts["unrouted"].total) == (5, 6, 6)
    last = bench(due=99)
    assert [each.number for each in last.due] == numbers("week", "later")[1:]
    assert (last.parts["due"].page, last.parts["due"].first, last.parts["due"].last, last.parts["due"].after) == (3, 9, 10, None)


def test_the_workbench_beyond_a_page(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workbench.__kwdefaults__, "size", 2)
    late = [town.raise_matter(happened_at=MONDAY) for _ in range(5)]
    luo = Client()
    luo.force_login(Account.objects.get(login="luo"), backend="doorstep.foundation.identity.backend.AccountBackend")
    page = luo.get("/work/?due=2").content.decode()
    assert "第 3—4 件，共 5 件" in page
    assert [f'data-row="/work/{each.number}"' in page for each in late] == [False, False, True, True, False]
    assert 'href="/work/?due=1"' in page
    assert 'href="/work/?due=3"' in page
    # What is no page is the first.
    assert "第 1—2 件，共 5 件" in luo.get("/work/?due=x").content.decode()


def test_a_draft_is_sent_once(town: Any) -> None:
    draft = actions.keep_draft(draft=actions.open_draft(), text="灯坏了", place="ruijin", category="lighting")
    category = category_by_code("lighting")
    assert category is not None
    by = Actor(person_id=town.liu.pk)
    first = actions.send_draft(draft=draft, by=by, place=town.building, category=category)
    again = actions.send_draft(draft=draft, by=by, place=town.building, category=category)
    assert first.number == again.number
    assert Matter.objects.filter(text="灯坏了").count() == 1


def test_old_drafts_are_forgotten(town: Any) -> None:
    with clock.shifted(timedelta(days=-31)):
        old = actions.keep_draft(draft=actions.open_draft(), text="旧的")
    new = actions.keep_draft(draft=actions.open_draft(), text="新的")
    assert actions.forget_old_drafts() == 1
    assert type(old).objects.filter(pk__in=[old.pk, new.pk]).get() == new


# What was typed stays


class Forms(HTMLParser):
    """The named forms of a thread's page: for each field what stands in it, and for a choice what else may be chosen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.action: dict[str, str] = {}
        self.options: dict[tuple[str, str], list[str]] = {}
        self._action, self._name, self._field = "", "", ""
        self._found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._action, self._name, self._found = given.get("action") or "", "", {}
        elif tag == "input" and name == "form":
            self._name = given.get("value") or ""
        elif tag == "input" and given.get("type", "text") in {"text", "date"} and name:
            self._found[name] = given.get("value") or ""
        elif tag in {"textarea", "select"}:
            self._field = name
            self._found.setdefault(name, "")
        elif tag == "option":
            self.options.setdefault((self._action, self._field), []).append(given.get("value") or "")
            if "selected" in given:
                self._found[self._field] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self._field:
            self._found[self._field] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"textarea", "select"}:
            self._field = ""
        if tag == "form" and self._name:
            self.forms[self._name], self.action[self._name] = self._found, self._action


def forms_at(town: Any, state: str) -> tuple[Any, str]:
    """A matter brought to a state, and the login of whoever has forms there."""
    luo, liu = town.viewer(town.luo), town.viewer(town.liu)
    matter = town.raise_matter()
    if state == "assigned":
        return matter, "luo"
    actions.answer_matter(viewer=luo, matter=matter, text="下午来修。")
    if state == "transferred":
        casework.transfer_matter(viewer=luo, matter=matter, to="hotline", text="要那边办。", number="", registered_on=None)
    elif state == "returned":
        casework.return_matter(viewer=luo, matter=matter, text="哪一层？")
        return matter, "liu"
    elif state in {"asked", "closed", "closed for the handler"}:
        actions.report_done(viewer=luo, matter=matter, text="修好了。")
        if state == "asked":
            return matter, "liu"
        actions.confirm_done(viewer=liu, matter=matter)
        return matter, "liu" if state == "closed" else "luo"
    return matter, "luo"


@pytest.mark.parametrize(
    ("state", "there"),
    [
        ("assigned", {"answer", "done", "note", "route", "merge", "triage", "return", "move", "transfer", "cannot"}),
        ("answered", {"question"}),
        ("transferred", {"outside_number", "outside_answer", "outside_back"}),
        ("returned", {"add"}),
        ("asked", {"dispute"}),
        ("closed", {"reopen"}),
        ("closed for the handler", {"reopen"}),
    ],
)
def test_no_form_of_the_thread_loses_what_was_typed(town: Any, sign_in: Any, state: str, there: set[str]) -> None:
    matter, login = forms_at(town, state)
    client = sign_in(login)
    shown = Forms(client.get(f"/m/{matter.number}").content.decode())
    assert there <= set(shown.forms)
    for name in sorted(there):
        typed = {}
        for field in shown.forms[name]:
            options = shown.options.get((shown.action[name], field))
            if options:
                typed[field] = options[-1]
            elif field in {"promised_on", "registered_on"}:
                typed[field] = "2026-31-12"
            elif field in {"text", "answer"}:
                typed[field] = "写了好久" * 5001
            else:
                typed[field] = {"households": "abc", "into": "没有这个号", "question": "问" * 121}.get(field, f"typed {field}")
        if name in {"route", "move"}:
            continue  # only a choice among what is there: nothing typed
        answer = client.post(shown.action[name], {**typed, "form": name, "once": f"o-{name}"})
        assert answer.status_code in {409, 422}, name
        assert Forms(answer.content.decode()).forms[name] == typed, name
