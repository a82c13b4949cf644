"""Where one is signed in, and how that ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.identity.actions import holder_of_token, issue_token
from doorstep.foundation.identity.models import Account, Session
from doorstep.foundation.identity.sessions import end_sessions, forget_old_sessions
from doorstep.foundation.regulations.actions import load_regulations

PASSWORD = "a-long-password"


def signed_in(login: str = "luo", agent: str = "Mozilla/5.0 (Linux; Android 9) Chrome/120") -> Client:
    browser = Client(headers={"user-agent": agent})
    assert browser.post("/login/password", {"login": login, "password": PASSWORD}).status_code == 302
    return browser


def test_devices_are_listed_and_others_signed_out(town: Any) -> None:
    here, there = signed_in(), signed_in(agent="Mozilla/5.0 (iPhone; like Mac OS X) MicroMessenger/8")
    account = Account.objects.get(login="luo")
    token = issue_token(account=account)
    page = here.get("/account/security").content.decode()
    assert "Chrome · Android" in page
    assert "微信 · iPhone" in page
    assert page.count("就是这里") == 1
    assert "Mozilla" not in str(Session.objects.values_list("device"))
    here.post("/account/security", {"go": "elsewhere"})
    assert here.get("/inbox/").status_code == 200
    assert there.get("/inbox/")["Location"].startswith("/login/")
    assert holder_of_token(token=token) is None


def test_a_resident_without_a_password_sees_their_devices_too(town: Any, sign_in: Any) -> None:
    assert "您在哪里登录着" in sign_in("ye").get("/account/security").content.decode()


def test_all_sessions_of_one_account_end_and_nobody_elses(town: Any) -> None:
    luo, lin = signed_in("luo"), signed_in("lin")
    assert end_sessions(account=Account.objects.get(login="luo")) == 1
    assert luo.get("/inbox/").status_code == 303
    assert lin.get("/inbox/").status_code == 200


@pytest.fixture
def minutes(town: Any) -> float:
    load_regulations()
    return 30


def test_staff_are_signed_out_after_idle_minutes_and_lose_nothing_typed(town: Any, minutes: float) -> None:
    matter = town.raise_matter()
    browser = signed_in()
    assert browser.get("/work/").status_code == 200
    with clock.shifted(timedelta(minutes=minutes - 1)):
        assert browser.get("/work/").status_code == 200
    # Every step begins the minutes anew.
    with clock.shifted(timedelta(minutes=2 * minutes - 2)):
        assert browser.get("/work/").status_code == 200
    with clock.shifted(timedelta(minutes=4 * minutes)):
        sent = browser.post(f"/m/{matter.number}/answer", {"text": "今晚去换。", "form": "answer"})
        assert sent["Location"].startswith("/login/")
        assert browser.session["typed"]["fields"]["text"] == "今晚去换。"
        # What is public stays so.
        assert browser.get(f"/m/{matter.number}").status_code == 200


def test_who_came_by_phone_is_not_hurried(town: Any, sign_in: Any) -> None:
    browser = sign_in("ye")
    with clock.shifted(timedelta(days=3)):
        assert browser.get("/inbox/").status_code == 200


def test_a_password_is_never_out_of_date(town: Any) -> None:
    with clock.shifted(timedelta(days=900)):
        assert signed_in().get("/inbox/").status_code == 200


def test_sessions_that_ran_out_are_dropped(town: Any) -> None:
    signed_in()
    assert forget_old_sessions() == 0
    with clock.shifted(timedelta(days=31)):
        assert forget_old_sessions() == 1
    assert not Session.objects.exists()
