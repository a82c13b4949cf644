"""Several people on one phone, and a phone that goes to somebody else: nothing opens by a code alone."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.utils import translation

from doorstep.foundation import clock
from doorstep.foundation.identity import actions
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.journal.actions import Actor

PHONE = "13800138000"
MONTHS = timedelta(days=100)


def enter(name: str, **more: str) -> Any:
    """Sign in by phone, code and name in a fresh browser; (browser, answer)."""
    browser = Client()
    browser.post("/login/code", {"phone": PHONE, "go": "code"})
    found = re.search(r"\d{6}", MemorySender.sent[-1][1])
    assert found is not None
    return browser, browser.post("/login/code", {"phone": PHONE, "name": name, "code": found[0], "go": "sign-in", "next": "/my/", **more})


def old_owner(last4: str = "123X") -> Account:
    person = actions.create_person(name="陈明", phone=PHONE, id_last4=last4)
    return actions.create_account(person=person, phone=PHONE)


def who(browser: Client) -> int:
    return Account.objects.get(pk=browser.session["_auth_user_id"]).person_id


def test_neighbours_on_one_phone_say_who_they_are(town: Any) -> None:
    ye = actions.create_account(person=actions.create_person(name="叶锦棠", phone=PHONE), phone=PHONE)
    browser, answer = enter("叶 锦棠")
    assert answer.status_code == 302
    assert who(browser) == ye.person_id
    with clock.shifted(timedelta(minutes=2)):
        other, _answer = enter("莫银好")
    assert who(other) != ye.person_id
    # No page lists who else is on the phone.
    assert "叶锦棠" not in other.get("/login/").content.decode()


def test_a_recycled_phone_begins_anew(town: Any) -> None:
    owner = old_owner()
    matter = town.raise_matter(by=Actor(person_id=owner.person_id), reporter_id=owner.person_id, is_public=False)
    with clock.shifted(MONTHS):
        browser, _answer = enter("李四")
        assert who(browser) != owner.person_id
        assert browser.get(f"/m/{matter.number}").status_code == 404


def test_even_of_the_same_name_they_have_to_know_something(town: Any) -> None:
    owner = old_owner()
    with clock.shifted(MONTHS):
        browser, answer = enter("陈明")
        assert answer.status_code == 200
        assert "证件后四位，或您家房号" in answer.content.decode()
        assert "_auth_user_id" not in browser.session
        assert browser.post("/login/code", {"phone": PHONE, "go": "prove", "proof": "9999"}).status_code == 422
        assert "_auth_user_id" not in browser.session
        sent = browser.post("/login/code", {"phone": PHONE, "go": "prove", "proof": "123x", "next": "/my/"})
        assert sent.status_code == 302
        assert who(browser) == owner.person_id


def test_or_begin_anew_and_see_nothing_of_the_other(town: Any) -> None:
    owner = old_owner()
    matter = town.raise_matter(by=Actor(person_id=owner.person_id), reporter_id=owner.person_id, is_public=False)
    with clock.shifted(MONTHS):
        browser, _answer = enter("陈明")
        assert browser.post("/login/code", {"phone": PHONE, "go": "new", "next": "/my/"}).status_code == 302
        assert who(browser) != owner.person_id
        assert browser.get(f"/m/{matter.number}").status_code == 404


def test_the_question_cannot_be_answered_without_the_code(town: Any) -> None:
    old_owner()
    with clock.shifted(MONTHS):
        stranger = Client()
        for go in ("prove", "new"):
            answer = stranger.post("/login/code", {"phone": PHONE, "go": go, "proof": "123X"})
            assert answer.status_code == 422
        browser, _answer = enter("陈明")
        with clock.shifted(timedelta(minutes=11)):
            assert browser.post("/login/code", {"phone": PHONE, "go": "prove", "proof": "123X"}).status_code == 422
        # Another phone than the one whose code was right.
        assert browser.post("/login/code", {"phone": "13800138001", "go": "prove", "proof": "123X"}).status_code == 422


def test_guessing_the_answer_locks(town: Any) -> None:
    old_owner()
    with clock.shifted(MONTHS):
        browser, _answer = enter("陈明")
        for _ in range(5):
            browser.post("/login/code", {"phone": PHONE, "go": "prove", "proof": "0000"})
        assert browser.post("/login/code", {"phone": PHONE, "go": "prove", "proof": "123X"}).status_code == 429
        assert "_auth_user_id" not in browser.session


def test_two_of_one_name_on_one_phone_are_told_apart(town: Any) -> None:
    father = old_owner("1111")
    son = old_owner("2222")
    with pytest.raises(actions.ProofNeeded):
        actions.account_for(phone=PHONE, name="陈明")
    assert actions.account_for(phone=PHONE, name="陈明", proof="2222") == (son, False)
    assert actions.account_for(phone=PHONE, name="陈明", proof="1111") == (father, False)
    with pytest.raises(actions.WrongProof):
        actions.account_for(phone=PHONE, name="陈明", proof="3333")


def test_an_account_with_an_authenticator_does_not_open_by_phone(town: Any) -> None:
    luo = Account.objects.get(login="luo")
    Account.objects.filter(pk=luo.pk).update(totp_secret=pyotp.random_base32())
    with pytest.raises(actions.PasswordNeeded):
        actions.account_for(phone=luo.phone, name="罗建文")


def test_raising_on_such_a_phone_signs_in_first_and_keeps_the_draft(town: Any) -> None:
    old_owner()
    with clock.shifted(MONTHS):
        browser = Client()
        browser.post("/raise/what", {"text": "楼道灯不亮", "go": "next"})
        browser.post("/raise/where", {"place": "ruijin", "category": "lighting", "see": "neighbours"})
        browser.post("/raise/send", {"name": "陈明", "phone": PHONE, "go": "code"})
        found = re.search(r"\d{6}", MemorySender.sent[-1][1])
        assert found is not None
        sent = browser.post("/raise/send", {"name": "陈明", "phone": PHONE, "code": found[0], "go": "send"})
        assert sent.status_code == 422
        assert 'href="/login/?next=/raise/send"' in sent.content.decode()
        # The code is still good for signing in.
        again = browser.post("/login/code", {"phone": PHONE, "name": "陈明", "code": found[0], "go": "sign-in", "next": "/raise/send"})
        assert "证件后四位" in again.content.decode()
        browser.post("/login/code", {"phone": PHONE, "go": "prove", "proof": "123X", "next": "/raise/send"})
        assert "楼道灯不亮" in browser.get("/raise/send").content.decode()


def test_a_new_phone_closes_the_old_one(town: Any) -> None:
    owner = old_owner()
    actions.send_code(phone="13900139000")
    found = re.search(r"\d{6}", MemorySender.sent[-1][1])
    assert found is not None
    with pytest.raises(actions.WrongCode):
        actions.correct_phone(account=owner, phone="13900139000", code="000000", by=Actor(), place=town.place)
    actions.correct_phone(account=owner, phone="13900139000", code=found[0], by=Actor(person_id=owner.person_id), place=town.place)
    assert actions.account_for(phone="13900139000", name="陈明")[0] == owner
    stranger, made = actions.account_for(phone=PHONE, name="陈明")
    assert made
    assert stranger.person_id != owner.person_id
    assert Person.objects.get(pk=owner.person_id).phone == "13900139000"


@pytest.mark.parametrize(
    ("kept", "page", "english"),
    [
        (["en"], "zh-hans", True),
        (["zh-hans"], "en", False),
        ([""], "en", True),
        ([""], "zh-hans", False),
        (["en", "zh-hans"], "zh-hans", False),
        (["en", ""], "zh-hans", True),
        ([], "en", True),
    ],
)
def test_a_code_comes_in_the_language_chosen_on_that_phone_else_in_the_pages(town: Any, kept: list[str], page: str, english: bool) -> None:
    for n, language in enumerate(kept):
        account = actions.create_account(person=actions.create_person(name=f"街坊{n}"), phone="13866666666")
        actions.keep_language(account_id=account.pk, language=language)
    with translation.override(page):
        actions.send_code(phone="13866666666")
    assert ("code" in MemorySender.sent[-1][1]) is english
