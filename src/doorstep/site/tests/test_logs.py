import logging
import sys

import pytest

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


def test_every_handler_of_a_town_writes_such_lines() -> None:
    formatters = {handler["formatter"] for handler in LOGGING["handlers"].values()}  # type: ignore[attr-defined]
    assert {LOGGING["formatters"][name]["()"] for name in formatters} == {"doorstep.site.logs.Line"}  # type: ignore[index]
