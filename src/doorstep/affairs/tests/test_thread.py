"""The thread of a matter through its actions: who sees what at each step, what is recorded, who is told."""

from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from doorstep.affairs import actions
from doorstep.affairs.actions import casework
from doorstep.affairs.models import Matter, MatterCount
from doorstep.affairs.queries import category_by_code, counts_at, matter_for, matters_at, mine, scopes_of, thread_for, workbench
from doorstep.affairs.rules.matter_states import NotPossible
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.actions import Actor, content_of, text_digest
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.places.models import Place

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
    assert matter.number not in [each.number for each in matters_at(NOBODY, place=town.place, scope_ids=[], whole_town=True).items]
    assert counts_at([]) == {}
    assert matter.number in [each.number for each in mine(town.viewer(town.liu)).items]
    assert Entry.objects.filter(subject=matter.number, audience="public").count() == 0


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
    assert {state: n for state, n in counts_at([]).items() if n} == actual()
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
