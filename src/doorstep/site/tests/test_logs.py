import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from doorstep.foundation.identity.models import Account, Person
from doorstep.site.logs import GONE, Line, masked
from doorstep.site.settings import LOGGING


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("code for 13900000001 sent", f"code for {GONE} sent"),
        ("+86 139-0000-0001", GONE),
        ("139 0000 0001", GONE),
        ("id 441900195001011234.", f"id {GONE}."),
        ("id 44190019500101123x", f"id {GONE}"),
        ("0769-83371234", GONE),
        ("to liu.yumei@example.com now", f"to {GONE} now"),
        ("HL-2026-000123", "HL-2026-000123"),
        ("1746500000123 ms, 20260506101530", "1746500000123 ms, 20260506101530"),
        ("sealed 13900000001234 entries", "sealed 13900000001234 entries"),
        ("the worker failed for 刘玉梅", f"the worker failed for {GONE}"),
        ("阿依古丽·买买提 and 𬭳 海, 〇一", f"{GONE} and {GONE}, {GONE}"),
        ('{"name": "\\u5218\\u7389"}', f'{{"name": "{GONE}"}}'),
        ("GET /search/?q=%E5%88%98%E7%8E%89&n=%20", f"GET /search/?q={GONE}&n=%20"),
        ("DETAIL:  Key (name, phone)=(Ayigul, 8)\nthen", f"{GONE}\nthen"),
        ("描述:  键值(name)=(Ayigul) 已经存在", GONE),
        ("Key (name)=(Ayigul) exists", f"Key (name){GONE} exists"),
        ("mail to person 7 was not handed over: SMTPException", "mail to person 7 was not handed over: SMTPException"),
    ],
)
def test_numbers_of_persons_are_masked_and_others_are_not(text: str, left: str) -> None:
    assert masked(text) == left


def line(**made: object) -> str:
    return Line().format(logging.makeLogRecord({"name": "doorstep", "levelno": logging.INFO, "levelname": "INFO", **made}))


def test_a_name_in_a_field_is_masked_and_an_id_is_not() -> None:
    told = line(msg="told", reporter="刘玉梅", person_id=7, matter="HL-2026-000123")
    assert "刘玉梅" not in told
    assert told.endswith(f"told matter=HL-2026-000123 person_id=7 reporter={GONE}")


def test_arguments_and_tracebacks_are_masked_too() -> None:
    assert line(msg="%(name)s at %(place)s", args={"name": "刘玉梅", "place": "ruikang"}).endswith(f"{GONE} at ruikang")
    assert line(msg="sent to %s", args=("13900000001",)).endswith(f"sent to {GONE}")
    try:
        raise ValueError("13900000001")
    except ValueError:
        told = line(msg="failed", exc_info=sys.exc_info())
    assert "ValueError" in told
    assert "13900000001" not in told


def failing(work: Callable[[], object]) -> str:
    """The line of a failure."""
    try:
        work()
    except Exception:
        return line(msg="failed", exc_info=sys.exc_info())
    raise AssertionError("it did not fail")


def test_what_an_exception_says_is_not_told_and_where_it_came_from_is() -> None:
    def fail() -> None:
        raise LookupError("Ayigul Memet", "刘玉梅")

    told = failing(fail)
    assert "Ayigul" not in told.replace('raise LookupError("Ayigul Memet"', "")
    assert "刘玉梅" not in told
    assert told.splitlines()[-1] == "LookupError"
    assert ", in fail" in told


def test_nor_what_led_to_it_said() -> None:
    said = ["Ayigul Memet", "刘玉梅", "13900000001"]

    def first() -> None:
        raise KeyError(said[0])

    def second() -> None:
        try:
            first()
        except KeyError as error:
            error.add_note(said[2])
            raise ValueError(said[1]) from error

    def third() -> None:
        try:
            second()
        except ValueError:
            raise ExceptionGroup(said[0], [OSError(2, said[0]), RuntimeError(said[2])])  # noqa: B904  what is in hand is told too

    told = failing(third)
    assert not [each for each in said if each in told]
    assert [each for each in told.splitlines() if "Error" in each and "line" not in each and each[0] != " "] == [
        "KeyError",
        "ValueError",
        "FileNotFoundError ENOENT",
        "RuntimeError",
    ]


def test_what_the_database_says_of_a_row_is_not_told_and_the_constraint_is(town: Any) -> None:
    Account.objects.filter(login="liu").update(login="Ayigul Memet")

    def fail() -> None:
        with transaction.atomic():
            Account.objects.filter(login="ye").update(login="Ayigul Memet")

    with pytest.raises(IntegrityError) as raised:
        fail()
    told = [failing(fail), line(msg="failed: %s", args=(raised.value,)), line(msg=f"failed: {raised.value}"), line(msg=raised.value)]
    assert not [each for each in told if "Memet" in each.replace('login="Ayigul Memet"', "")]
    assert all("IntegrityError" in each for each in (told[0], told[1], told[3]))
    if connection.vendor == "postgresql":
        assert "Memet" in str(raised.value), "PostgreSQL said it"
        assert "IntegrityError 23505 foundation_account foundation_account_login_" in told[0]


def test_a_record_is_told_by_its_id_and_a_request_by_its_path(town: Any) -> None:
    person = Person(pk=7, name="Ayigul Memet")
    asked = RequestFactory().get("/search/?q=Ayigul")
    told = line(msg="%s %s %s", args=(person, [person], {"name": "Ayigul", "of": person}), request=asked, who=person)
    assert told.endswith("Person 7 ['Person 7'] {'name': '[…]', 'of': 'Person 7'} request=GET /search/ who=Person 7")


def test_a_traceback_another_handler_wrote_is_not_repeated() -> None:
    assert "Ayigul" not in line(msg="failed", exc_text="LookupError: Ayigul")


def test_what_ends_the_worker_is_told_like_any_other_failure() -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'doorstep.site.settings'\n"
            "import django; django.setup()\n"
            "from doorstep.site import commands, worker\n"
            "def fail():\n    raise LookupError(''.join(['Ayi', 'gul']))\n"
            "worker.run = fail\n"
            "commands.worker([])",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "CRITICAL doorstep ended by an error nobody expected" in ended.stderr
    assert ended.stderr.splitlines()[-1] == "LookupError"
    assert "Ayigul" not in ended.stderr


def test_every_handler_of_a_town_writes_such_lines() -> None:
    formatters = {handler["formatter"] for handler in LOGGING["handlers"].values()}  # type: ignore[attr-defined]
    assert {LOGGING["formatters"][name]["()"] for name in formatters} == {"doorstep.site.logs.Line"}  # type: ignore[index]
