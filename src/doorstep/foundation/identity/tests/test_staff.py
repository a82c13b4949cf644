"""Whoever is given a post signs in by phone at first; then sets login, password and authenticator; and can begin anew."""

from datetime import date, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY, build_viewer
from doorstep.foundation.identity import staff
from doorstep.foundation.identity.actions import (
    LoginTaken,
    OtpRequired,
    WrongCode,
    check_password_login,
    holder_of_token,
    issue_token,
    send_code,
)
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.identity.rules.idle import is_held_to_idle_minutes, is_over
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.journal.actions import SYSTEM, Actor
from doorstep.foundation.journal.models import Entry
from doorstep.organisations.actions import give_post
from doorstep.site.commands import COMMANDS

PHONE, NAME, NEW = "13812340001", "王芳", "a-password-of-hers"


def code_sent() -> str:
    return MemorySender.sent[-1][1].split("验证码 ")[1][:6]


@pytest.fixture
def browser(town: Any) -> Client:
    """A new clerk of the property company, signed in by phone as anybody is."""
    browser = Client()
    browser.post("/login/code", {"phone": PHONE, "go": "code"})
    browser.post("/login/code", {"phone": PHONE, "name": NAME, "code": code_sent(), "go": "sign-in"})
    return browser


@pytest.fixture
def clerk(town: Any, browser: Client) -> Account:
    account = Account.objects.select_related("person").get(phone=PHONE)
    give_post(body=town.company, title="客服", person=account.person, held_from=date(2026, 1, 1), by=Actor(channel="import"))
    return account


def verbs(person: Person) -> list[str]:
    return list(Entry.objects.filter(kind="person", subject=str(person.pk)).order_by("pk").values_list("verb", flat=True))


# Login, password, authenticator


def test_a_clerk_given_a_post_sets_login_password_and_authenticator_by_the_code_of_their_phone(browser: Client, clerk: Account) -> None:
    assert "给工作设登录名和密码" in browser.get("/account/security").content.decode()
    with clock.shifted(timedelta(minutes=2)):
        sent = browser.post("/account/security", {"go": "staff-code"})
        assert 'name="code"' in sent.content.decode()
        given = {"go": "staff-login", "login": "wangfang", "new": NEW, "code": code_sent()}
        page = browser.post("/account/security", given).content.decode()
        assert "设好了。以后也可以用登录名和密码登录；请再接上验证器。" in page
        assert 'name="otp"' in page
        secret = browser.session["totp_offer"]
        assert browser.post("/account/security", {"go": "totp", "otp": pyotp.TOTP(secret).at(clock.now())}).status_code == 200
        with pytest.raises(OtpRequired):
            check_password_login(login="wangfang", password=NEW)
    with clock.shifted(timedelta(minutes=4)):
        asked = Client().post(
            "/api/v1/tokens", {"login": "wangfang", "password": NEW, "otp": pyotp.TOTP(secret).at(clock.now())}, "application/json"
        )
        assert holder_of_token(token=asked.json()["token"]) is not None
    assert verbs(clerk.person)[-1:] == ["login_opened"]
    # Sent again it changes nothing: there is a login and an authenticator by now.
    for again in (given, {**given, "login": "other"}, {"go": "totp", "otp": "000000"}):
        assert browser.post("/account/security", again).status_code == 200
    kept = Account.objects.get(pk=clerk.pk)
    assert (kept.login, kept.totp_secret) == ("wangfang", secret)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"login": "liu"}, "这个登录名有人用了，请换一个。"),
        ({"login": "王芳"}, "登录名用小写字母开头"),
        ({"login": "ab"}, "登录名用小写字母开头"),
        ({"new": "short"}, "新密码至少 10 个字符。"),
        ({"code": "12"}, "验证码是 6 位数字。"),
        ({"code": "000000"}, "验证码不对"),
    ],
)
def test_what_does_not_do_is_said_and_nothing_is_set(browser: Client, clerk: Account, given: dict[str, str], says: str) -> None:
    with clock.shifted(timedelta(minutes=2)):
        browser.post("/account/security", {"go": "staff-code"})
        right = code_sent()
        answer = browser.post("/account/security", {"go": "staff-login", "login": "wangfang", "new": NEW, "code": right, **given})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        kept = Account.objects.get(pk=clerk.pk)
        assert (kept.login, kept.has_usable_password()) == (None, False)
        # The code is still good for what does.
        if "code" not in given:
            good = {"go": "staff-login", "login": "wangfang", "new": NEW, "code": right}
            assert browser.post("/account/security", good).status_code == 200


def test_a_resident_has_no_password_to_look_after(town: Any, browser: Client) -> None:
    assert "没有密码要管" in browser.get("/account/security").content.decode()
    sent = len(MemorySender.sent)
    assert browser.post("/account/security", {"go": "staff-code"}).status_code == 200
    assert len(MemorySender.sent) == sent
    account = Account.objects.get(phone=PHONE)
    viewer = build_viewer(person_id=account.person_id)
    with pytest.raises(staff.NotInOffice):
        staff.open_login(viewer=viewer, account=account, login="wangfang", password=NEW, code="1", by=SYSTEM, place=town.place)
    with pytest.raises(staff.NotInOffice):
        staff.open_login(viewer=NOBODY, account=account, login="wangfang", password=NEW, code="1", by=SYSTEM, place=town.place)


def test_another_phones_code_is_no_proof(town: Any, clerk: Account) -> None:
    send_code(phone="13812340002")
    with pytest.raises(WrongCode):
        staff.open_login(
            viewer=build_viewer(person_id=clerk.person_id),
            account=clerk,
            login="wangfang",
            password=NEW,
            code=code_sent(),
            by=SYSTEM,
            place=town.place,
        )


def test_of_two_who_chose_one_name_at_one_moment_the_second_is_told(town: Any, clerk: Account) -> None:
    """The look before finds the name free; the database decides."""
    clerk.login = "liu"
    with pytest.raises(LoginTaken):
        staff._save(clerk, "login")


# Idle minutes, however they signed in


@pytest.mark.parametrize(("by_password", "works", "held"), [(0, 0, False), (1, 0, True), (0, 1, True), (1, 1, True)])
def test_who_is_held_to_idle_minutes(by_password: int, works: int, held: bool) -> None:
    assert is_held_to_idle_minutes(by_password=bool(by_password), works=bool(works)) is held


@pytest.mark.parametrize(("until", "now", "over"), [(None, 9.0, False), (9.0, 8.9, False), (9.0, 9.0, False), (9.0, 9.1, True)])
def test_when_it_is_over(until: float | None, now: float, over: bool) -> None:
    assert is_over(until=until, now=now) is over


def test_a_clerk_who_came_by_phone_is_signed_out_too_and_a_resident_is_not(town: Any, browser: Client, clerk: Account) -> None:
    assert browser.get("/work/").status_code == 200
    with clock.shifted(timedelta(minutes=29)):
        assert browser.get("/work/").status_code == 200
    with clock.shifted(timedelta(minutes=29 + 31)):
        assert browser.get("/work/")["Location"].startswith("/login/")
        # Signed out for good, not for this request.
        assert browser.get("/inbox/")["Location"].startswith("/login/")


def test_the_rule_begins_with_the_post_and_ends_with_it(town: Any, browser: Client) -> None:
    account = Account.objects.select_related("person").get(phone=PHONE)
    assert browser.get("/inbox/").status_code == 200
    post = give_post(body=town.company, title="客服", person=account.person, held_from=clock.today(), by=Actor(channel="import"))
    with clock.shifted(timedelta(days=1)):
        # The first step after the post was given begins the minutes.
        assert browser.get("/inbox/").status_code == 200
    type(post).objects.filter(pk=post.pk).update(held_until=clock.today())
    with clock.shifted(timedelta(days=3)):
        assert browser.get("/inbox/").status_code == 200


# Begun anew from the command line


def test_a_lost_password_is_begun_anew_by_a_link_that_is_good_once(town: Any, capsys: Any) -> None:
    account = Account.objects.get(login="luo")
    token, inside = issue_token(account=account), Client()
    inside.post("/login/password", {"login": "luo", "password": "a-long-password"})
    assert inside.get("/work/").status_code == 200
    assert COMMANDS["account"](["reset", "luo"]) == 0
    path = capsys.readouterr().out.strip().removeprefix("http://127.0.0.1:8000")
    # All that the old password opened has ended.
    assert inside.get("/work/")["Location"].startswith("/login/")
    assert holder_of_token(token=token) is None
    assert Client().post("/login/password", {"login": "luo", "password": "a-long-password"}).status_code == 422
    browser = Client()
    assert "luo" in browser.get(path).content.decode()
    assert browser.post(path, {"new": "short"}).status_code == 422
    assert browser.post(path, {"new": NEW})["Location"] == "/login/password"
    assert browser.post("/login/password", {"login": "luo", "password": NEW}).status_code == 302
    for answer in (browser.get(path), browser.post(path, {"new": "another-password"})):
        assert answer.status_code == 410
        assert "这个链接用过了" in answer.content.decode()
    assert verbs(town.luo)[-2:] == ["account_reset", "password_chosen"]


def test_a_link_ends_after_an_hour_and_with_the_next(town: Any) -> None:
    first = staff.reset_account(login="luo", by=SYSTEM, place=town.place)
    second = staff.reset_account(login="luo", by=SYSTEM, place=town.place)
    assert Client().get(first).status_code == 410
    with clock.shifted(timedelta(minutes=59)):
        assert Client().get(second).status_code == 200
    with clock.shifted(timedelta(minutes=61)):
        assert Client().get(second).status_code == 410


@pytest.mark.parametrize("token", ["x", "1-x", "99999999999999999999-a-b", "-", "٣-a", "%00"])
def test_a_made_up_link_opens_nothing(town: Any, token: str) -> None:
    assert Client().get(f"/login/new/{token}").status_code == 410


def test_a_lost_authenticator_is_asked_for_no_more_when_that_is_said(town: Any) -> None:
    Account.objects.filter(login="luo").update(totp_secret=pyotp.random_base32())
    for lost in (False, True):
        path = staff.reset_account(login="luo", by=SYSTEM, place=town.place, authenticator=lost)
        Client().post(path, {"new": NEW})
        if lost:
            assert check_password_login(login="luo", password=NEW).login == "luo"
        else:
            with pytest.raises(OtpRequired):
                check_password_login(login="luo", password=NEW)


def test_nobody_is_reset_who_is_not_there(town: Any, capsys: Any) -> None:
    Account.objects.filter(login="ye").update(is_active=False)
    for login in ("nobody", "ye"):
        assert COMMANDS["account"](["reset", login]) == 2
        assert f"nobody signs in as {login}" in capsys.readouterr().err
