from datetime import UTC, date, datetime, timedelta

import pytest

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.ui import formats

NOW = datetime(2026, 4, 13, 15, 0, tzinfo=TOWN_ZONE)  # a Monday


@pytest.mark.parametrize(
    ("on", "zh", "en"),
    [
        (date(2026, 4, 13), "4 月 13 日", "13 Apr"),
        (date(2025, 12, 1), "2025 年 12 月 1 日", "1 Dec 2025"),
        # 00:30 in Shanghai is still the day before in Greenwich.
        (datetime(2026, 4, 12, 16, 30, tzinfo=UTC), "4 月 13 日", "13 Apr"),
    ],
)
def test_day(on: date, zh: str, en: str) -> None:
    assert formats.day(on, english=False, this_year=2026) == zh
    assert formats.day(on, english=True, this_year=2026) == en


@pytest.mark.parametrize(("on", "zh", "en"), [(date(2026, 4, 13), "星期一", "Mon"), (date(2026, 4, 19), "星期日", "Sun")])
def test_weekday(on: date, zh: str, en: str) -> None:
    assert (formats.weekday(on, english=False), formats.weekday(on, english=True)) == (zh, en)


def test_daytime() -> None:
    assert formats.daytime(datetime(2026, 4, 13, 2, 20, tzinfo=UTC), english=False, this_year=2026) == "4 月 13 日 10:20"
    assert formats.daytime(datetime(2026, 4, 13, 2, 20, tzinfo=UTC), english=True, this_year=2027) == "13 Apr 2026 10:20"


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (NOW.replace(hour=10, minute=20), "今天 10:20", "today 10:20"),
        (NOW + timedelta(days=1), "明天 15:00", "tomorrow 15:00"),
        (NOW - timedelta(days=1), "昨天 15:00", "yesterday 15:00"),
        (datetime(2026, 4, 15, 23, 59, 59, tzinfo=TOWN_ZONE), "周三", "Wed"),
        (datetime(2026, 4, 13, 23, 59, 59, tzinfo=TOWN_ZONE), "今天", "today"),
        (NOW + timedelta(days=6), "周日 15:00", "Sun 15:00"),
        (NOW + timedelta(days=7), "4 月 20 日 15:00", "20 Apr 15:00"),
        (NOW - timedelta(days=2), "4 月 11 日 15:00", "11 Apr 15:00"),
        (datetime(2025, 1, 2, 8, 0, tzinfo=TOWN_ZONE), "2025 年 1 月 2 日 08:00", "2 Jan 2025 08:00"),
    ],
)
def test_when(at: datetime, zh: str, en: str) -> None:
    assert formats.when(at, now=NOW, english=False) == zh
    assert formats.when(at, now=NOW, english=True) == en


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(days=1, hours=4, minutes=3), "1 天 4 小时", "1 day 4 hours"),
        (timedelta(hours=3, minutes=20), "3 小时 20 分", "3 hours 20 minutes"),
        (timedelta(minutes=5, seconds=59), "5 分", "5 minutes"),
        (timedelta(days=2, minutes=5), "2 天", "2 days"),
        (timedelta(days=40, hours=5), "40 天", "40 days"),
        (timedelta(0), "0 分", "0 minutes"),
        (timedelta(seconds=-30), "0 分", "0 minutes"),
        (timedelta(hours=1, minutes=1), "1 小时 1 分", "1 hour 1 minute"),
    ],
)
def test_span(length: timedelta, zh: str, en: str) -> None:
    assert (formats.span(length, english=False), formats.span(length, english=True)) == (zh, en)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(18688725, "186,887.25"), (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-123456, "-1,234.56"), (10**15, "10,000,000,000,000.00")],
)
def test_money_is_exact(fen: int, text: str) -> None:
    assert formats.money(fen) == text


@pytest.mark.parametrize(("hundredths", "text"), [(6701280, "67,012.80"), (1, "0.01"), (10_051_920, "100,519.20")])
def test_area_is_exact(hundredths: int, text: str) -> None:
    assert formats.area(hundredths) == text
