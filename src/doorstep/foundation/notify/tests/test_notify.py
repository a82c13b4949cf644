"""What happened is told: written with it, expanded afterwards, and only to those who may still see it."""

from datetime import timedelta
from typing import Any

import pytest

from doorstep.affairs import actions as affairs
from doorstep.affairs.models import Matter
from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, Actor, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import beat, deliver_pending, mark_all_read, mark_older_read, mark_read, tell
from doorstep.foundation.notify.models import Heartbeat, InboxItem, OutboxEvent
from doorstep.foundation.notify.queries import inbox, last_beat, notify_state, unread_count, url_of
from doorstep.organisations.actions import give_post
from doorstep.organisations.models import Post


def happened(town: Any, *, to: list[str], audience: str = "public", by: Actor = SYSTEM, matter: Matter | None = None) -> OutboxEvent:
    with writing():
        subject = matter.number if matter else "HL-1"
        entry = record(verb="answer", kind="matter", subject=subject, place=town.building, by=by, audience=audience)
        return tell(entry=entry, to=to)


def told() -> list[int]:
    while deliver_pending():
        pass
    return list(InboxItem.objects.order_by("id").values_list("person_id", flat=True))


def test_an_event_is_written_with_what_happened_or_not_at_all(town: Any) -> None:
    class Refused(Exception):
        pass

    def refused_at_the_end() -> None:
        with writing():
            tell(entry=record(verb="x", kind="matter", subject="HL-1", place=town.building, by=SYSTEM), to=["person:1"])
            raise Refused

    before = Entry.objects.count()
    with pytest.raises(Refused):
        refused_at_the_end()
    assert (Entry.objects.count(), OutboxEvent.objects.count()) == (before, 0)
    event = happened(town, to=["person:2", "body:1", "person:2"])
    assert (event.recipients, event.entry.verb, event.topic, event.delivered_at) == (["body:1", "person:2"], "answer", "answer", None)
    assert notify_state().waiting == 1


def test_what_was_entered_late_is_told_in_the_order_in_which_it_happened(town: Any) -> None:
    for subject, hours_ago in (("HL-1", 1), ("HL-2", 3), ("HL-3", 2)):
        with writing():
            at = clock.now() - timedelta(hours=hours_ago)
            entry = record(verb="answer", kind="matter", subject=subject, place=town.building, by=SYSTEM, happened_at=at)
            tell(entry=entry, to=[f"person:{town.liu.pk}"])
    told()
    assert list(InboxItem.objects.order_by("id").values_list("subject", flat=True)) == ["HL-2", "HL-3", "HL-1"]


def test_a_body_is_those_who_work_for_it_today(town: Any) -> None:
    today = clock.today()
    give_post(body=town.company, title="顾问", person=town.ye, held_from=today, by=SYSTEM, handles_matters=False)
    give_post(
        body=town.company,
        title="前台",
        person=town.lin,
        held_from=today - timedelta(days=9),
        held_until=today - timedelta(days=1),
        by=SYSTEM,
    )
    happened(town, to=[f"body:{town.company.pk}"])
    assert told() == [town.luo.pk]
    assert notify_state().waiting == 0


def test_somebody_meant_twice_is_told_once_and_who_did_it_is_not_told(town: Any) -> None:
    keys = [f"person:{town.liu.pk}", f"person:{town.luo.pk}", f"body:{town.company.pk}"]
    happened(town, to=keys, by=Actor(person_id=town.liu.pk))
    assert told() == [town.luo.pk]


def test_the_right_to_see_is_asked_again_at_sending(town: Any) -> None:
    hidden = town.raise_matter(is_public=False)
    InboxItem.objects.all().delete()
    OutboxEvent.objects.all().delete()
    keys = [f"person:{each.pk}" for each in (town.liu, town.ye, town.luo)]
    happened(town, to=keys, audience=f"matter:{hidden.number}", matter=hidden)
    # Between what happened and the telling the manager leaves.
    Post.objects.filter(person=town.luo).update(held_until=clock.today() - timedelta(days=1))
    assert told() == [town.liu.pk]


def test_an_event_is_delivered_once(town: Any) -> None:
    event = happened(town, to=[f"person:{town.liu.pk}"])
    assert (deliver_pending(), deliver_pending()) == (1, 0)
    event.refresh_from_db()
    assert event.attempts == 1
    assert event.delivered_at is not None
    assert InboxItem.objects.count() == 1


def test_a_round_takes_no_more_than_it_is_given(town: Any) -> None:
    for _ in range(3):
        happened(town, to=[f"person:{town.liu.pk}"])
    assert (deliver_pending(at_most=2), deliver_pending(at_most=2), deliver_pending(at_most=2)) == (2, 1, 0)


# The inbox


def test_the_inbox_is_worded_for_its_reader_newest_first(town: Any) -> None:
    matter = town.raise_matter()
    affairs.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="今晚去换。")
    told()
    items, before = inbox(town.viewer(town.liu))
    assert [(item.line.text, item.line.url, item.unread) for item in items] == [("恒安物业答复了", f"/m/{matter.number}", True)]
    assert before is None
    [item] = inbox(town.viewer(town.luo))[0]
    assert item.line.text == "来了一件新事"


def test_pages_of_the_inbox_follow_each_other(town: Any) -> None:
    matter = town.raise_matter()
    for _ in range(5):
        happened(town, to=[f"person:{town.ye.pk}"], matter=matter)
    told()
    viewer = town.viewer(town.ye)
    first, cursor = inbox(viewer, size=2)
    second, cursor = inbox(viewer, size=2, before=cursor)
    third, end = inbox(viewer, size=2, before=cursor)
    ids = [item.id for page in (first, second, third) for item in page]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), end) == (5, None)


def test_a_line_about_what_may_no_longer_be_seen_is_not_shown_and_leads_nowhere(town: Any) -> None:
    hidden = town.raise_matter(is_public=False)
    told()
    viewer = town.viewer(town.luo)
    item = InboxItem.objects.get(person=town.luo)
    assert url_of(item, viewer) == f"/m/{hidden.number}"
    Post.objects.filter(person=town.luo).update(held_until=clock.today() - timedelta(days=1))
    without_post = town.viewer(town.luo)
    assert inbox(without_post)[0] == []
    assert url_of(item, without_post) == "/inbox/"


def test_one_marks_ones_own_lines_as_read_and_no_others(town: Any) -> None:
    matter = town.raise_matter()
    for person in (town.ye, town.ye, town.lin):
        happened(town, to=[f"person:{person.pk}"], matter=matter)
    told()
    ye, lin = town.viewer(town.ye), town.viewer(town.lin)
    theirs = InboxItem.objects.filter(person=town.ye).earliest("id")
    assert mark_read(viewer=lin, item_id=theirs.pk) is None
    assert unread_count(ye) == 2
    assert mark_read(viewer=ye, item_id=theirs.pk) == theirs
    assert unread_count(ye) == 1
    assert (mark_all_read(viewer=ye), unread_count(ye), unread_count(lin)) == (1, 0, 1)


def test_a_town_that_begins_with_a_history_begins_quiet(town: Any) -> None:
    happened(town, to=[f"person:{town.ye.pk}"])
    told()
    assert mark_older_read(before=clock.now() - timedelta(hours=1)) == 0
    assert mark_older_read(before=clock.now() + timedelta(hours=1)) == 1
    assert unread_count(town.viewer(town.ye)) == 0


def test_a_workers_beat_is_one_row_and_grows_old(town: Any) -> None:
    for _ in range(2):
        beat(worker="a")
    assert Heartbeat.objects.count() == 1
    assert last_beat(within=timedelta(seconds=60)) is not None
    with clock.shifted(timedelta(seconds=61)):
        assert last_beat(within=timedelta(seconds=60)) is None
