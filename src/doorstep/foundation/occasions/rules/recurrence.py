"""The dates of a series: an RRULE (RFC 5545) in the town's wall-clock time, less exceptions and public holidays, plus extra dates.

Expansion works on wall-clock time and puts the zone on afterwards, so that nine o'clock stays nine o'clock whatever a zone does.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

ZONE = ZoneInfo("Asia/Shanghai")
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST", "COUNT", "UNTIL"})
UNTIL_FORM = "%Y%m%dT%H%M%SZ"


class BadRule(Exception):
    """The text is not a recurrence we keep; `reason` is unreadable, part, frequency, until or no_date."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pattern:
    """How something recurs. `rule` is RRULE text, "" for extra dates alone; `extra` are wall-clock times without a zone.

    `first` is a day of the rule; nothing happens after `ends_on`, by rule or as an extra date.
    """

    first: date
    start: time
    minutes: int
    rule: str = ""
    ends_on: date | None = None
    exceptions: frozenset[date] = frozenset()
    extra: tuple[datetime, ...] = ()
    skips_holidays: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a series. `is_off`: it falls on a public holiday that the series skips; it is shown, but does not take place."""

    starts_at: datetime
    ends_at: datetime
    is_off: bool = False


def _parts(rule: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in rule.upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in found:
            raise BadRule("unreadable")
        if name not in PARTS:
            raise BadRule("part")
        found[name] = value
    if found.get("FREQ") not in FREQUENCIES:
        raise BadRule("frequency")
    return found


def _text(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _until(value: str) -> datetime:
    """UNTIL as a wall-clock time of the town: an instant in UTC, as RFC 5545 wants it beside a zoned start, or the end of a day."""
    try:
        if len(value) == 8:
            return datetime.combine(datetime.strptime(value, "%Y%m%d").date(), time(23, 59, 59))
        return datetime.strptime(value, UNTIL_FORM).replace(tzinfo=UTC).astimezone(ZONE).replace(tzinfo=None)
    except ValueError as error:
        raise BadRule("until") from error


def _until_text(wall: datetime) -> str:
    return wall.replace(tzinfo=ZONE).astimezone(UTC).strftime(UNTIL_FORM)


def _endless(parts: dict[str, str], dtstart: datetime) -> rrule:
    """The rule without its end."""
    text = _text({name: value for name, value in parts.items() if name not in {"COUNT", "UNTIL"}})
    try:
        made = rrulestr(text, dtstart=dtstart)
    except ValueError as error:
        raise BadRule("unreadable") from error
    if isinstance(made, rruleset):
        raise BadRule("unreadable")
    return made


def normalise(*, rule: str, first: date, start: time) -> tuple[str, date]:
    """(rule, first) in the one form we keep: `first` is a date of the rule, a COUNT has become the UNTIL of its last date, in UTC.

    Raises BadRule: a rule finer than a day, a part we do not know, or one that gives no date.
    """
    parts = _parts(rule)
    wall = datetime.combine(first, start)
    endless = _endless(parts, wall)
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadRule("until")
    begin = endless.after(wall, inc=True)
    if begin is None:
        raise BadRule("no_date")
    last: datetime | None = None
    if "COUNT" in parts:
        if not parts["COUNT"].isdecimal() or not 1 <= int(parts["COUNT"]) <= 10_000:
            raise BadRule("unreadable")
        for index, each in enumerate(endless):
            if index == int(parts["COUNT"]):
                break
            last = each
    elif "UNTIL" in parts:
        last = endless.before(_until(parts["UNTIL"]), inc=True)
        if last is None:
            raise BadRule("no_date")
    kept = {name: value for name, value in parts.items() if name not in {"COUNT", "UNTIL"}}
    if last is not None:
        kept["UNTIL"] = _until_text(last)
    return _text(kept), begin.date()


def _walls(pattern: Pattern, since: date, until: date) -> Iterator[datetime]:
    """Wall-clock starts within the days, unsorted and perhaps twice."""
    last_day = until if pattern.ends_on is None else min(until, pattern.ends_on)
    end = datetime.combine(last_day, time(23, 59, 59))
    if pattern.rule:
        parts = _parts(pattern.rule)
        rule_end = min(end, _until(parts["UNTIL"])) if "UNTIL" in parts else end
        begin = datetime.combine(max(since, pattern.first), time(0))
        for wall in _endless(parts, datetime.combine(pattern.first, pattern.start)).between(begin, rule_end, inc=True):
            if wall.date() not in pattern.exceptions:
                yield wall
    for wall in pattern.extra:
        if datetime.combine(since, time(0)) <= wall <= end:
            yield wall


def expand(pattern: Pattern, *, since: date, until: date, holidays: Collection[date]) -> list[Date]:
    """The dates that begin on a day from `since` to `until`, both included, in order. An extra date was chosen knowingly: no holiday stops it."""
    length = timedelta(minutes=pattern.minutes)
    dates = []
    for wall in sorted(set(_walls(pattern, since, until))):
        starts_at = wall.replace(tzinfo=ZONE)
        is_off = pattern.skips_holidays and wall.date() in holidays and wall not in pattern.extra
        dates.append(Date(starts_at, starts_at + length, is_off))
    return dates


def closing_rule(pattern: Pattern) -> str | None:
    """The RRULE as others are to read it: a plan that was closed says so in its UNTIL. "" without a rule, None when no date of it is left."""
    if not pattern.rule or pattern.ends_on is None:
        return pattern.rule
    parts = _parts(pattern.rule)
    end = datetime.combine(pattern.ends_on, time(23, 59, 59))
    if "UNTIL" in parts:
        end = min(end, _until(parts["UNTIL"]))
    last = _endless(parts, datetime.combine(pattern.first, pattern.start)).before(end, inc=True)
    return None if last is None else _text({**parts, "UNTIL": _until_text(last)})


def from_day(pattern: Pattern, day: date) -> Pattern | None:
    """The rest of a pattern from a day on, in the same rhythm (every second week stays the same second week); None when nothing is left."""
    extra = tuple(wall for wall in pattern.extra if wall.date() >= day)
    if not pattern.rule:
        return replace(pattern, first=day, extra=extra) if extra else None
    parts = _parts(pattern.rule)
    begin = _endless(parts, datetime.combine(pattern.first, pattern.start)).after(
        datetime.combine(max(day, pattern.first), time(0)), inc=True
    )
    over = begin is None or ("UNTIL" in parts and begin > _until(parts["UNTIL"]))
    if over:
        return replace(pattern, first=day, rule="", extra=extra) if extra else None
    assert begin is not None
    return replace(pattern, first=begin.date(), extra=extra)


def at_time(pattern: Pattern, start: time) -> Pattern:
    """The same days at another time of day; extra dates keep the times they were given."""
    if not pattern.rule:
        return replace(pattern, start=start)
    parts = _parts(pattern.rule)
    if "UNTIL" in parts:
        parts["UNTIL"] = _until_text(datetime.combine(_until(parts["UNTIL"]).date(), start))
    return replace(pattern, start=start, rule=_text(parts))


def left_out(pattern: Pattern, *, holidays: Collection[date]) -> list[datetime]:
    """The starts its rule gives and that do not take place: exceptions and skipped holidays (EXDATE of a calendar feed)."""
    days = pattern.exceptions | (frozenset(holidays) if pattern.skips_holidays else frozenset())
    if not days or not pattern.rule:
        return []
    whole = replace(pattern, exceptions=frozenset(), extra=(), skips_holidays=False)
    kept = {wall.replace(tzinfo=ZONE) for wall in pattern.extra}
    dates = expand(whole, since=min(days), until=max(days), holidays=())
    return [each.starts_at for each in dates if each.starts_at.date() in days and each.starts_at not in kept]
