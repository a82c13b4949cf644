"""Mail beside the inbox: to whom, when, what it says, and what happens when it cannot be sent."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outgoing
from django.utils import translation

from doorstep.affairs import actions
from doorstep.affairs.models import Matter, MatterAudience
from doorstep.foundation import clock
from doorstep.foundation.identity.models import Account
from doorstep.foundation.notify import mail
from doorstep.foundation.notify.actions import _expanders as expanders
from doorstep.foundation.notify.actions import deliver_pending, follow, unfollow
from doorstep.foundation.notify.models import Delivery, InboxItem, MailAddress, OutboxEvent, Preference
from doorstep.foundation.notify.queries import notify_state
from doorstep.foundation.notify.timing import MOST_ATTEMPTS, next_digest, pause_after

MORNING = datetime(2026, 5, 6, 1, tzinfo=UTC)  # 9:00 in town
EVENING = datetime(2026, 5, 6, 10, 0, 1, tzinfo=UTC)  # 18:00:01


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (datetime(2026, 5, 6, 9, 59, 59, tzinfo=UTC), datetime(2026, 5, 6, 10, tzinfo=UTC)),
        (datetime(2026, 5, 6, 10, tzinfo=UTC), datetime(2026, 5, 7, 10, tzinfo=UTC)),
        (datetime(2026, 12, 31, 17, tzinfo=UTC), datetime(2027, 1, 1, 10, tzinfo=UTC)),
    ],
)
def test_the_digest_goes_at_its_hour_in_the_town(now: datetime, at: datetime) -> None:
    assert next_digest(now, 18) == at


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16)]
    assert max(pause for pause in pauses if pause) == timedelta(hours=6)
    assert pauses[-1] is None


@pytest.fixture
def liu_by_mail(town: Any) -> Any:
    MailAddress.objects.create(person=town.liu, address="liu@example.com", confirmed_at=MORNING)
    return town


def tell_liu(town: Any, **facts: Any) -> Any:
    matter = town.raise_matter(**facts)
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="下午来修。")
    deliver_pending()
    return matter


def test_what_is_not_urgent_comes_in_one_mail_in_the_evening(liu_by_mail: Any) -> None:
    with clock.frozen(MORNING):
        numbers = [tell_liu(liu_by_mail).number for _ in range(2)]
        assert mail.send_due() == 0
    with clock.frozen(EVENING):
        assert mail.send_due() == 1
        assert mail.send_due() == 0
    (sent,) = outgoing.outbox
    assert sent.to == ["liu@example.com"]
    assert sent.subject == "【家门口】您有 2 条消息"
    assert all(f"/m/{number}" in sent.body for number in numbers)
    assert "恒安物业答复了：" in sent.body
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize(
    ("language", "subject", "says", "foot"),
    [
        ("en", "[Doorstep] 2 messages for you", "answered", "To get no more mail like this, open this link:"),
        ("zh-hans", "【家门口】您有 2 条消息", "答复", "不想再收这样的邮件，打开这个链接就停："),
        ("", "【家门口】您有 2 条消息", "答复", "不想再收这样的邮件，打开这个链接就停："),
        ("tlh", "【家门口】您有 2 条消息", "答复", "不想再收这样的邮件，打开这个链接就停："),
    ],
)
def test_a_digest_is_worded_in_its_readers_language(liu_by_mail: Any, language: str, subject: str, says: str, foot: str) -> None:
    Account.objects.filter(login="liu").update(language=language)
    with clock.frozen(MORNING):
        for _ in range(2):
            tell_liu(liu_by_mail)
    # Whatever language the worker was speaking a moment ago.
    with clock.frozen(EVENING), translation.override("en" if language != "en" else "zh-hans"):
        assert mail.send_due() == 1
    (sent,) = outgoing.outbox
    assert sent.subject == subject
    assert says in sent.body
    assert foot in sent.body
    assert ("：" in sent.body) == (language != "en")


def test_at_once_off_and_unconfirmed(liu_by_mail: Any) -> None:
    town = liu_by_mail
    MailAddress.objects.create(person=town.luo, address="luo@example.com")
    mail.choose_mode(person_id=town.liu.pk, kind="matter", mode=Preference.Mode.AT_ONCE)
    with clock.frozen(MORNING):
        tell_liu(town)
        assert mail.send_due() == 1
        mail.choose_mode(person_id=town.liu.pk, kind="matter", mode=Preference.Mode.OFF)
        tell_liu(town)
    with clock.frozen(EVENING):
        assert mail.send_due() == 0
    assert [sent.to for sent in outgoing.outbox] == [["liu@example.com"]]


def test_what_one_may_no_longer_see_when_it_is_sent_is_withheld(liu_by_mail: Any) -> None:
    with clock.frozen(MORNING):
        matter = tell_liu(liu_by_mail, is_public=False)
    MatterAudience.objects.filter(matter=matter).delete()
    with clock.frozen(EVENING):
        assert mail.send_due() == 0
    assert outgoing.outbox == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"withheld"}


def test_of_a_restricted_matter_a_mail_says_only_that_there_is_something(liu_by_mail: Any) -> None:
    with clock.frozen(MORNING):
        tell_liu(liu_by_mail, is_public=False, text="隔壁半夜吵架。")
    with clock.frozen(EVENING):
        mail.send_due()
    assert "恒安物业答复了" in outgoing.outbox[0].body
    assert "吵架" not in outgoing.outbox[0].body + outgoing.outbox[0].subject


def test_what_was_public_and_no_longer_is_has_no_title_in_the_evening(liu_by_mail: Any) -> None:
    with clock.frozen(MORNING):
        matter = tell_liu(liu_by_mail, text="隔壁半夜吵架。")
        Matter.objects.filter(pk=matter.pk).update(is_public=False)
        MatterAudience.objects.create(matter=matter, key=f"person:{liu_by_mail.liu.pk}")
    with clock.frozen(EVENING):
        mail.send_due()
    (sent,) = outgoing.outbox
    assert f"/m/{matter.number}" in sent.body
    assert "吵架" not in sent.body + sent.subject


def test_a_server_that_is_away_is_tried_again_and_given_up_in_the_open(
    liu_by_mail: Any, monkeypatch: pytest.MonkeyPatch, sign_in: Any
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError("liu@example.com")

    with clock.frozen(MORNING):
        matter = tell_liu(liu_by_mail)
    monkeypatch.setattr("doorstep.foundation.notify.mail._send", away)
    now, tried = EVENING, 0
    while Delivery.objects.filter(state="waiting").exists():
        with clock.frozen(now):
            mail.send_due()
        tried += 1
        now += timedelta(hours=7)
        assert tried <= MOST_ATTEMPTS
    assert tried == MOST_ATTEMPTS
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.problem) == ("given_up", "ConnectionRefusedError")
    assert notify_state().mail_given_up == 1
    page = sign_in("townadmin").get("/notices/undelivered").content.decode()
    assert matter.number in page
    assert "liu@example.com" not in page
    monkeypatch.undo()
    assert sign_in("townadmin").post("/notices/again", {"what": "mail", "id": delivery.pk}).status_code == 303
    assert mail.send_due() == 1
    assert sign_in("liu").get("/notices/undelivered").status_code == 403


def test_an_event_that_fails_holds_up_no_other(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> Any:
        raise ValueError("刘玉梅")

    monkeypatch.setitem(expanders, "odd", broken)
    first = town.raise_matter()
    OutboxEvent.objects.filter(subject=first.number).update(recipients=["odd:1"])
    second = town.raise_matter()
    with clock.frozen(MORNING):
        assert deliver_pending() == 1
        assert deliver_pending() == 0
    assert set(InboxItem.objects.values_list("subject", flat=True)) == {second.number}
    event = OutboxEvent.objects.get(subject=first.number)
    assert (event.attempts, event.problem, event.delivered_at) == (1, "ValueError", None)
    monkeypatch.setitem(expanders, "odd", lambda _values: [town.ye.pk])
    with clock.frozen(MORNING + timedelta(minutes=2)):
        assert deliver_pending() == 1


# Following


def test_a_neighbour_follows_a_matter_and_stops(town: Any) -> None:
    matter = town.raise_matter()
    deliver_pending()
    ye = town.viewer(town.ye)
    follow(viewer=ye, kind="matter", subject=matter.number)
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="一")
    deliver_pending()
    assert InboxItem.objects.filter(person=town.ye).count() == 1
    unfollow(viewer=ye, kind="matter", subject=matter.number)
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="二")
    deliver_pending()
    assert InboxItem.objects.filter(person=town.ye).count() == 1


def test_who_follows_a_place_hears_what_is_public_there_and_below(town: Any) -> None:
    follow(viewer=town.viewer(town.ye), kind="place", subject="ruikang")
    public = town.raise_matter()
    town.raise_matter(is_public=False)
    town.raise_matter(place=town.place)
    deliver_pending()
    assert [item.subject for item in InboxItem.objects.filter(person=town.ye)] == [public.number]


def test_one_can_follow_only_what_one_may_know_of(town: Any, sign_in: Any) -> None:
    hidden, public = town.raise_matter(is_public=False), town.raise_matter()
    client = sign_in("ye")
    assert client.post("/follow", {"kind": "matter", "subject": hidden.number}).status_code == 404
    assert client.post("/follow", {"kind": "matter", "subject": "HL-2026-999999"}).status_code == 404
    assert client.post("/follow", {"kind": "person", "subject": "1"}).status_code == 404
    assert client.post("/follow", {"kind": "matter", "subject": public.number, "next": "https://example.com"})["Location"] == "/"
    assert public.number in client.get("/notices/").content.decode()


# The address


def link_in(body: str) -> str:
    found = re.search(r"(/notices/\S+)", body)
    assert found is not None
    return found[1]


def test_an_address_is_confirmed_by_its_own_mail(town: Any, sign_in: Any, client: Any) -> None:
    assert sign_in("liu").post("/notices/", {"go": "address", "address": "liu@example.com"}).status_code == 303
    path = link_in(outgoing.outbox[0].body)
    assert MailAddress.objects.get().confirmed_at is None
    client.get(path)
    assert MailAddress.objects.get().confirmed_at is None
    assert client.post(path).status_code == 200
    assert MailAddress.objects.get().confirmed_at is not None
    sign_in("liu").post("/notices/", {"go": "address", "address": "other@example.com"})
    assert client.post(path).status_code == 404
    assert MailAddress.objects.get().confirmed_at is None
    assert client.get(path + "x").status_code == 404


def test_every_mail_can_be_stopped_by_its_link_without_signing_in(liu_by_mail: Any, client: Any) -> None:
    with clock.frozen(MORNING):
        tell_liu(liu_by_mail)
    with clock.frozen(EVENING):
        mail.send_due()
    sent = outgoing.outbox[0]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link_in(sent.extra_headers["List-Unsubscribe"].strip("<>"))
    assert client.get(path).status_code == 200
    assert not Preference.objects.exists()
    client.handler.enforce_csrf_checks = True
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Preference.objects.get().mode == "off"
    assert client.post(path[:-2]).status_code == 404


@pytest.mark.parametrize("address", ["", "no", "a@b", "x" * 300 + "@example.com"])
def test_an_address_that_is_none_is_said_so(town: Any, sign_in: Any, address: str) -> None:
    assert sign_in("liu").post("/notices/", {"go": "address", "address": address}).status_code == 422
    assert outgoing.outbox == []


def test_confirming_mails_are_few(town: Any, sign_in: Any) -> None:
    client = sign_in("liu")
    answers = [client.post("/notices/", {"go": "address", "address": f"a{n}@example.com"}).status_code for n in range(6)]
    assert answers == [303] * 5 + [422]


def test_preferences_are_kept_by_kind(town: Any, sign_in: Any) -> None:
    client = sign_in("liu")
    client.post("/notices/", {"go": "modes", "mode-matter": "at_once", "mode-occasion": "nonsense", "mode-person": "off"})
    assert list(Preference.objects.values_list("kind", "channel", "mode")) == [("matter", "email", "at_once")]
