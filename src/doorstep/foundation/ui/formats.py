"""How dates, spans, money and areas are written, in Chinese and in English. Pure: the language and the present are arguments."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from doorstep.foundation.clock import TOWN_ZONE

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(on: date | datetime, *, english: bool, this_year: int | None = None) -> str:
    """4 月 13 日 · 13 Apr; with the year where it is another one than `this_year`."""
    if isinstance(on, datetime):
        on = on.astimezone(TOWN_ZONE).date()
    other_year = this_year is not None and on.year != this_year
    if english:
        return f"{on.day} {MONTHS_EN[on.month - 1]}" + (f" {on.year}" if other_year else "")
    return (f"{on.year} 年 " if other_year else "") + f"{on.month} 月 {on.day} 日"


def weekday(on: date, *, english: bool) -> str:
    return WEEKDAYS_EN[on.weekday()] if english else f"星期{WEEKDAYS_ZH[on.weekday()]}"


def clock_time(at: datetime) -> str:
    return at.astimezone(TOWN_ZONE).strftime("%H:%M")


def daytime(at: datetime, *, english: bool, this_year: int | None = None) -> str:
    """4 月 13 日 10:20 · 13 Apr 10:20."""
    return f"{day(at, english=english, this_year=this_year)} {clock_time(at)}"


def when(at: datetime, *, now: datetime, english: bool) -> str:
    """今天 10:20, 明天 10:20, 周三 17:30 within the coming week, else the date. The last second of a day is said as the day."""
    local, present = at.astimezone(TOWN_ZONE), now.astimezone(TOWN_ZONE)
    away = (local.date() - present.date()).days
    whole_day = (local.hour, local.minute) == (23, 59)
    if away == 0:
        name = "today" if english else "今天"
    elif away == 1:
        name = "tomorrow" if english else "明天"
    elif away == -1:
        name = "yesterday" if english else "昨天"
    elif 1 < away < 7:
        name = WEEKDAYS_EN[local.weekday()] if english else f"周{WEEKDAYS_ZH[local.weekday()]}"
    else:
        name = day(local, english=english, this_year=present.year)
    return name if whole_day else f"{name} {clock_time(local)}"


def span(length: timedelta, *, english: bool) -> str:
    """The two largest units: 1 天 4 小时, 3 小时 20 分, 5 分."""
    minutes = max(0, int(length.total_seconds()) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days >= 30:
        hours = 0
    if english:
        parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((days, "day"), (hours, "hour"), (minutes, "minute"))]
    else:
        parts = [f"{n} {unit}" for n, unit in ((days, "天"), (hours, "小时"), (minutes, "分"))]
    amounts = (days, hours, minutes)
    first = next((index for index, n in enumerate(amounts) if n), 2)
    chosen = [parts[first]]
    if first < 2 and amounts[first + 1]:
        chosen.append(parts[first + 1])
    return " ".join(chosen)


def money(fen: int) -> str:
    """186887.25 yuan held as 18688725 分 → 186,887.25."""
    sign = "-" if fen < 0 else ""
    yuan, cents = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{cents:02d}"


def area(hundredths: int) -> str:
    """Hundredths of m² → 67,012.80."""
    return f"{Decimal(hundredths) / 100:,.2f}"
