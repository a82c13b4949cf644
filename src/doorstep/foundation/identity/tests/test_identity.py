import importlib
import os
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from doorstep.foundation import clock
from doorstep.foundation.identity import actions
from doorstep.foundation.identity.models import Account, OneTimeCode
from doorstep.foundation.identity.rules.phone import is_mobile, normalise_phone, phone_problem
from doorstep.foundation.identity.senders import MemorySender
from doorstep.site import settings

PHONE = "13800138000"


def sent_code() -> str:
    found = re.search(r"\d{6}", MemorySender.sent[-1][1])
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("138 0013 8000", PHONE),
        ("+86 138-0013-8000", PHONE),
        ("008613800138000", PHONE),
        ("8613800138000", PHONE),
        ("１３８００１３８０００", PHONE),
        ("（0769）8312 3456", "076983123456"),
    ],
)
def test_phones_are_understood_as_people_type_them(typed: str, expected: str) -> None:
    assert normalise_phone(typed) == expected


@pytest.mark.parametrize(
    ("phone", "problem"),
    [
        ("", ("empty", 0)),
        ("1380000", ("too_short", 4)),
        ("138001380001", ("too_long", 1)),
        ("12800138000", ("not_mobile", 0)),
        ("1380013800a", ("digits_only", 0)),
        (PHONE, ("", 0)),
    ],
)
def test_what_is_wrong_with_a_phone_is_named(phone: str, problem: tuple[str, int]) -> None:
    assert phone_problem(phone) == problem
    assert is_mobile(phone) == (problem[0] == "")


def test_a_code_is_sent_kept_as_a_digest_and_good_once(db: None) -> None:
    actions.send_code(phone=PHONE)
    code = sent_code()
    assert code not in str(OneTimeCode.objects.values())
    actions.check_code(phone=PHONE, code=code)
    with pytest.raises(actions.WrongCode):
        actions.check_code(phone=PHONE, code=code)


def test_a_code_runs_out_after_ten_minutes_and_is_replaced_by_the_next(db: None) -> None:
    actions.send_code(phone=PHONE)
    old = sent_code()
    with clock.shifted(timedelta(minutes=11)), pytest.raises(actions.CodeExpired):
        actions.check_code(phone=PHONE, code=old)
    with pytest.raises(actions.TooSoon):
        actions.send_code(phone=PHONE)
    with clock.shifted(timedelta(minutes=2)):
        actions.send_code(phone=PHONE)
        if sent_code() != old:
            with pytest.raises(actions.WrongCode):
                actions.check_code(phone=PHONE, code=old)
        actions.check_code(phone=PHONE, code=sent_code())


def test_five_wrong_codes_lock_the_phone_out_even_for_the_right_one(db: None) -> None:
    actions.send_code(phone=PHONE)
    right = sent_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(actions.WrongCode):
            actions.check_code(phone=PHONE, code=wrong)
    with pytest.raises(actions.LockedOut):
        actions.check_code(phone=PHONE, code=right)
    with clock.shifted(timedelta(minutes=16)):
        actions.send_code(phone=PHONE)
        actions.check_code(phone=PHONE, code=sent_code())


def test_a_phone_gets_ten_codes_a_day(db: None) -> None:
    for hour in range(10):
        with clock.shifted(timedelta(minutes=2 * hour)):
            actions.send_code(phone=PHONE)
    with clock.shifted(timedelta(minutes=40)), pytest.raises(actions.TooManyCodes):
        actions.send_code(phone=PHONE)


def test_several_persons_share_a_phone_and_a_code_alone_opens_nobody_else(db: None) -> None:
    liu, made = actions.account_for(phone=PHONE, name="刘玉梅")
    ye, also_made = actions.account_for(phone=PHONE, name="叶锦棠")
    assert made
    assert also_made
    assert liu.person_id != ye.person_id
    again, made_again = actions.account_for(phone=PHONE, name=" 刘玉梅 ")
    assert (again, made_again) == (liu, False)
    stranger, new = actions.account_for(phone=PHONE, name="陈明")
    assert new
    assert stranger.person_id not in (liu.person_id, ye.person_id)


def test_two_persons_of_one_name_on_two_phones_are_two(db: None) -> None:
    first, _made = actions.account_for(phone="13800138001", name="陈明")
    second, _made = actions.account_for(phone="13800138002", name="陈明")
    assert first.person_id != second.person_id


def test_password_and_lock_out(town: Any) -> None:
    account = actions.check_password_login(login="luo", password="a-long-password")
    assert account.person_id == town.luo.pk
    for _ in range(5):
        with pytest.raises(actions.WrongCredentials):
            actions.check_password_login(login="luo", password="wrong")
    with pytest.raises(actions.LockedOut):
        actions.check_password_login(login="luo", password="a-long-password")


def test_an_unknown_login_is_refused_the_same(town: Any) -> None:
    with pytest.raises(actions.WrongCredentials):
        actions.check_password_login(login="nobody", password="a-long-password")


def test_the_demo_password_opens_nothing_outside_the_demo(town: Any) -> None:
    with pytest.raises(actions.WrongCredentials):
        actions.check_password_login(login="luo", password=actions.DEMO_PASSWORD)


def test_an_authenticator_is_asked_for_and_its_code_is_good_once(town: Any) -> None:
    account = Account.objects.get(login="luo")
    secret = pyotp.random_base32()
    totp = pyotp.TOTP(secret)
    with pytest.raises(actions.WrongCode):
        actions.enrol_totp(account=account, secret=secret, otp="000000" if totp.at(clock.now()) != "000000" else "111111")
    actions.enrol_totp(account=account, secret=secret, otp=totp.at(clock.now()))
    with pytest.raises(actions.OtpRequired):
        actions.check_password_login(login="luo", password="a-long-password")
    otp = totp.at(clock.now())
    assert actions.check_password_login(login="luo", password="a-long-password", otp=otp) == account
    with pytest.raises(actions.WrongCredentials):
        actions.check_password_login(login="luo", password="a-long-password", otp=otp)


def test_passwords_outside_tests_are_argon2() -> None:
    os.environ["DOORSTEP_TESTING"] = "0"
    try:
        assert importlib.reload(settings).PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    finally:
        os.environ["DOORSTEP_TESTING"] = "1"
        importlib.reload(settings)
    assert Argon2PasswordHasher().encode("x", "saltsaltsalt").startswith("argon2$argon2id$")


def test_tokens_open_the_account_and_run_out(town: Any) -> None:
    account = Account.objects.get(login="liu")
    token = actions.issue_token(account=account)
    holder = actions.holder_of_token(token=token)
    assert holder is not None
    assert (holder.account_id, holder.person_id, holder.is_administrator) == (account.pk, account.person_id, False)
    assert actions.holder_of_token(token=token + "x") is None
    with clock.shifted(timedelta(days=31)):
        assert actions.holder_of_token(token=token) is None
