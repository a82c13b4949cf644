"""Dates of a series, the waiting list, overlap, the code of the day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.foundation.occasions.rules.check_in import LENGTH, SIGNS, nonce_of, refusal
from doorstep.foundation.occasions.rules.overlap import Span, clashes, overlap
from doorstep.foundation.occasions.rules.recurrence import (
    ZONE,
    BadRule,
    Pattern,
    at_time,
    closing_rule,
    expand,
    from_day,
    left_out,
    normalise,
)
from doorstep.foundation.occasions.rules.waiting import LIVE, TAKES_A_PLACE, Change, InLine, Standing, free, newcomer, settle

NINE = time(9)
# The same examples on every machine, however busy it is.
STEADY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SPRING_FESTIVAL = frozenset(date(2026, 2, day) for day in range(15, 24))
TUESDAYS = Pattern(date(2026, 1, 6), NINE, 120, "FREQ=WEEKLY;BYDAY=TU")


def days(pattern: Pattern, since: date, until: date, holidays: frozenset[date] = frozenset()) -> list[str]:
    return [
        f"{each.starts_at:%m-%d %H:%M}{' off' if each.is_off else ''}"
        for each in expand(pattern, since=since, until=until, holidays=holidays)
    ]


# Recurrence


@pytest.mark.parametrize(
    ("rule", "first", "kept", "begins"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 1), "FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 6)),
        ("rrule:freq=weekly;byday=tu", date(2026, 1, 6), "FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 6)),
        # Twelve lessons: COUNT becomes the last one's instant, in UTC.
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=12", date(2026, 1, 1), "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260324T010000Z", date(2026, 1, 6)),
        # UNTIL may be a day, or an instant in UTC: 16:30 UTC is the next day in the town.
        ("FREQ=DAILY;UNTIL=20260110", date(2026, 1, 6), "FREQ=DAILY;UNTIL=20260110T010000Z", date(2026, 1, 6)),
        ("FREQ=DAILY;UNTIL=20260109T163000Z", date(2026, 1, 6), "FREQ=DAILY;UNTIL=20260109T010000Z", date(2026, 1, 6)),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 1, 1), "FREQ=MONTHLY;BYDAY=-1FR", date(2026, 1, 30)),
    ],
)
def test_a_rule_is_kept_in_one_form(rule: str, first: date, kept: str, begins: date) -> None:
    assert normalise(rule=rule, first=first, start=NINE) == (kept, begins)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "unreadable"),
        ("every tuesday", "unreadable"),
        ("FREQ=WEEKLY;BYDAY=XX", "unreadable"),
        ("FREQ=WEEKLY;BYDAY=TU;BYDAY=WE", "unreadable"),
        ("FREQ=HOURLY", "frequency"),
        ("BYDAY=TU", "frequency"),
        ("FREQ=DAILY;BYHOUR=9,15", "part"),
        ("FREQ=WEEKLY;BYDAY=TU\nEXDATE:20260106T090000", "unreadable"),
        ("FREQ=DAILY;UNTIL=20260109T090000", "until"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20260109", "until"),
        ("FREQ=DAILY;COUNT=0", "unreadable"),
        ("FREQ=DAILY;UNTIL=20250101", "no_date"),
    ],
)
def test_what_is_not_a_rule_is_refused_with_why(rule: str, reason: str) -> None:
    with pytest.raises(BadRule) as refused:
        normalise(rule=rule, first=date(2026, 1, 6), start=NINE)
    assert refused.value.reason == reason


def test_a_holiday_is_shown_but_off_and_only_where_the_series_skips_them() -> None:
    window = date(2026, 2, 8), date(2026, 2, 28)
    skipping = Pattern(date(2026, 1, 6), NINE, 120, "FREQ=WEEKLY;BYDAY=TU", skips_holidays=True)
    assert days(skipping, *window, SPRING_FESTIVAL) == ["02-10 09:00", "02-17 09:00 off", "02-24 09:00"]
    assert days(TUESDAYS, *window, SPRING_FESTIVAL) == ["02-10 09:00", "02-17 09:00", "02-24 09:00"]


def test_exceptions_are_left_out_and_extra_dates_added_even_on_a_holiday() -> None:
    pattern = Pattern(
        date(2026, 1, 6),
        NINE,
        120,
        "FREQ=WEEKLY;BYDAY=TU",
        exceptions=frozenset({date(2026, 2, 10)}),
        extra=(datetime(2026, 2, 18, 14), datetime(2026, 2, 24, 9), datetime(2027, 1, 1, 9)),
        skips_holidays=True,
    )
    assert days(pattern, date(2026, 2, 8), date(2026, 2, 28), SPRING_FESTIVAL) == ["02-17 09:00 off", "02-18 14:00", "02-24 09:00"]
    assert left_out(pattern, holidays=SPRING_FESTIVAL) == [
        datetime(2026, 2, 10, 9, tzinfo=ZONE),
        datetime(2026, 2, 17, 9, tzinfo=ZONE),
    ]


def test_both_ends_of_a_window_belong_to_it() -> None:
    assert days(TUESDAYS, date(2026, 1, 6), date(2026, 1, 13)) == ["01-06 09:00", "01-13 09:00"]
    assert days(TUESDAYS, date(2026, 1, 7), date(2026, 1, 12)) == []
    late = Pattern(date(2026, 1, 6), time(23, 30), 60, "FREQ=DAILY")
    assert days(late, date(2026, 1, 6), date(2026, 1, 6)) == ["01-06 23:30"]


def test_nine_oclock_stays_nine_oclock_through_the_zones_summer_time() -> None:
    """Shanghai had summer time until 1991; wall-clock expansion does not care."""
    pattern = Pattern(date(1991, 4, 1), NINE, 120, "FREQ=WEEKLY;BYDAY=MO")
    dates = expand(pattern, since=date(1991, 4, 1), until=date(1991, 10, 1), holidays=())
    assert {each.starts_at.strftime("%H:%M") for each in dates} == {"09:00"}
    assert {each.starts_at.utcoffset() for each in dates} == {timedelta(hours=8), timedelta(hours=9)}


@pytest.mark.parametrize(
    ("rule", "ends_on", "said"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", None, "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 15), "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260113T010000Z"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260324T010000Z", date(2026, 12, 31), "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260324T010000Z"),
        ("FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 5), None),
        ("", date(2026, 1, 5), ""),
    ],
)
def test_a_closed_plan_says_its_end_in_utc(rule: str, ends_on: date | None, said: str | None) -> None:
    assert closing_rule(Pattern(date(2026, 1, 6), NINE, 120, rule, ends_on=ends_on)) == said


def test_the_rest_of_a_pattern_keeps_its_rhythm() -> None:
    fortnightly = Pattern(date(2026, 1, 6), NINE, 120, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
    rest = from_day(fortnightly, date(2026, 1, 8))
    assert rest is not None
    assert rest.first == date(2026, 1, 20)
    whole = expand(fortnightly, since=date(2026, 1, 8), until=date(2026, 6, 1), holidays=())
    assert expand(rest, since=date(2026, 1, 8), until=date(2026, 6, 1), holidays=()) == whole
    assert from_day(Pattern(date(2026, 1, 6), NINE, 120, "FREQ=DAILY;UNTIL=20260108T010000Z"), date(2026, 1, 9)) is None


def test_another_time_of_day_keeps_the_last_date() -> None:
    course = Pattern(date(2026, 1, 6), NINE, 120, "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260120T010000Z")
    assert days(at_time(course, time(14)), date(2026, 1, 1), date(2026, 3, 1)) == ["01-06 14:00", "01-13 14:00", "01-20 14:00"]


@STEADY
@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    interval=st.integers(1, 4),
    first=st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    length=st.integers(0, 120),
    exceptions=st.sets(st.dates(date(2025, 1, 1), date(2026, 6, 1)), max_size=20),
    holidays=st.frozensets(st.dates(date(2025, 1, 1), date(2026, 6, 1)), max_size=20),
)
def test_weekly_dates_are_those_a_calendar_on_the_wall_gives(
    weekdays: set[int], interval: int, first: date, length: int, exceptions: set[date], holidays: frozenset[date]
) -> None:
    names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    rule, begins = normalise(
        rule=f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(names[day] for day in sorted(weekdays))}", first=first, start=NINE
    )
    pattern = Pattern(begins, NINE, 60, rule, exceptions=frozenset(exceptions), skips_holidays=True)
    monday = first - timedelta(days=first.weekday())
    until = first + timedelta(days=length)
    expected = []
    day = first
    while day <= until:
        if day.weekday() in weekdays and (day - monday).days // 7 % interval == 0 and day not in exceptions:
            expected.append((day, day in holidays))
        day += timedelta(days=1)
    found = expand(pattern, since=first, until=until, holidays=holidays)
    assert [(each.starts_at.date(), each.is_off) for each in found] == expected


# The waiting list

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
START = NOW + timedelta(days=7)
HOLD = NOW + timedelta(hours=24)


def line(text: str) -> list[InLine]:
    """c = confirmed, w = waiting, o = offered and running, x = offered and run out."""
    kinds = {
        "c": (Standing.CONFIRMED, None),
        "w": (Standing.WAITING, None),
        "o": (Standing.OFFERED, NOW + timedelta(hours=1)),
        "x": (Standing.OFFERED, NOW),
    }
    return [InLine(index, *kinds[sign]) for index, sign in enumerate(text)]


@pytest.mark.parametrize(
    ("capacity", "people", "changes"),
    [
        (2, "cc", []),
        (2, "ccww", []),
        (2, "cww", [Change(1, Standing.OFFERED, HOLD)]),
        (3, "cww", [Change(1, Standing.OFFERED, HOLD), Change(2, Standing.OFFERED, HOLD)]),
        # A running hold is a taken place; one that ran out passes on to the next.
        (2, "cow", []),
        (2, "cxw", [Change(1, Standing.LAPSED), Change(2, Standing.OFFERED, HOLD)]),
        (2, "cx", [Change(1, Standing.LAPSED)]),
        # A capacity lowered under what is taken sends nobody away.
        (1, "ccw", []),
        (0, "w", []),
        (None, "ww", [Change(0, Standing.OFFERED, HOLD), Change(1, Standing.OFFERED, HOLD)]),
    ],
)
def test_a_free_place_is_offered_to_the_first_who_waits(capacity: int | None, people: str, changes: list[Change]) -> None:
    assert settle(capacity=capacity, line=line(people), now=NOW, starts_at=START, hold_until=HOLD) == changes


def test_a_hold_ends_with_the_beginning_and_none_is_given_after_it() -> None:
    soon = NOW + timedelta(hours=3)
    assert settle(capacity=1, line=line("w"), now=NOW, starts_at=soon, hold_until=HOLD) == [Change(0, Standing.OFFERED, soon)]
    assert settle(capacity=1, line=line("xw"), now=NOW, starts_at=NOW, hold_until=HOLD) == [Change(0, Standing.LAPSED)]


@pytest.mark.parametrize(
    ("capacity", "people", "standing"),
    [
        (2, "c", Standing.CONFIRMED),
        (2, "cc", Standing.WAITING),
        (2, "co", Standing.WAITING),
        (3, "cow", Standing.WAITING),
        (0, "", Standing.WAITING),
        (None, "ccc", Standing.CONFIRMED),
    ],
)
def test_a_newcomer_never_passes_somebody_who_waits(capacity: int | None, people: str, standing: Standing) -> None:
    assert newcomer(capacity=capacity, line=line(people)) == standing


@pytest.mark.parametrize(("capacity", "taken", "left"), [(20, 3, 17), (20, 20, 0), (2, 5, 0), (None, 500, None)])
def test_places_left(capacity: int | None, taken: int, left: int | None) -> None:
    assert free(capacity=capacity, taken=taken) == left


@STEADY
@given(
    capacity=st.integers(0, 4),
    steps=st.lists(st.tuples(st.sampled_from(["join", "leave", "accept", "wait"]), st.integers(0, 20)), max_size=60),
)
def test_any_run_of_events_keeps_capacity_and_order(capacity: int, steps: list[tuple[str, int]]) -> None:
    """Against the story told by hand: a queue of people and a set of places."""
    now, rows, offered_order = NOW, {}, []
    for verb, which in steps:
        alive = [key for key, each in rows.items() if each.standing in LIVE]
        if verb == "wait":
            now += timedelta(hours=which)
        if verb == "join":
            rows[len(rows)] = InLine(len(rows), newcomer(capacity=capacity, line=[each for each in rows.values() if each.standing in LIVE]))
        if verb == "leave" and alive:
            key = alive[which % len(alive)]
            rows[key] = InLine(key, Standing.WITHDRAWN)
        if verb == "accept":
            holding = [key for key, each in rows.items() if each.standing == Standing.OFFERED and each.hold_until and each.hold_until > now]
            if holding:
                rows[holding[which % len(holding)]] = InLine(holding[which % len(holding)], Standing.CONFIRMED)
        changes = settle(
            capacity=capacity, line=list(rows.values()), now=now, starts_at=NOW + timedelta(days=90), hold_until=now + timedelta(hours=24)
        )
        for change in changes:
            rows[change.id] = InLine(change.id, change.standing, change.hold_until)
            offered_order += [change.id] if change.standing == Standing.OFFERED else []
        taken = sum(1 for each in rows.values() if each.standing in TAKES_A_PLACE)
        waiting = [key for key, each in rows.items() if each.standing == Standing.WAITING]
        assert taken <= capacity
        assert not waiting or taken == capacity
        assert all(each.hold_until > now for each in rows.values() if each.standing == Standing.OFFERED and each.hold_until)
    assert offered_order == sorted(offered_order)


# Overlap


def span(begin: int, end: int) -> Span:
    return Span(NOW + timedelta(minutes=begin), NOW + timedelta(minutes=end))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ((0, 60), (60, 120), False),
        ((0, 60), (59, 120), True),
        ((0, 120), (30, 60), True),
        ((0, 60), (0, 60), True),
        ((0, 1), (2, 3), False),
    ],
)
def test_what_ends_at_ten_does_not_disturb_what_begins_at_ten(one: tuple[int, int], other: tuple[int, int], together: bool) -> None:
    assert overlap(span(*one), span(*other)) is together
    assert overlap(span(*other), span(*one)) is together


pairs = st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@STEADY
@given(wanted=st.lists(pairs, max_size=6), taken=st.lists(pairs, max_size=6))
def test_clashes_are_those_minute_by_minute(wanted: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    busy = {minute for begin, end in taken for minute in range(begin, end)}
    expected = []
    for begin, end in sorted(wanted):
        if busy & set(range(begin, end)):
            expected.append(span(begin, end))
        busy |= set(range(begin, end))
    assert clashes([span(*each) for each in wanted], [span(*each) for each in taken]) == expected


# The code of the day

KEY = b"a key of the town"
BEGIN = datetime(2026, 3, 3, 9, tzinfo=ZONE)


def asked(given_code: str, now: datetime) -> str | None:
    return refusal(
        given=given_code,
        key=KEY,
        code="abc",
        now=now,
        starts_at=BEGIN,
        ends_at=BEGIN + timedelta(hours=2),
        before=timedelta(hours=1),
        after=timedelta(hours=2),
    )


def test_the_code_differs_by_day_occasion_and_key_and_can_be_read_from_paper() -> None:
    today = nonce_of(key=KEY, code="abc", day=date(2026, 3, 3))
    assert len(today) == LENGTH
    assert set(today) <= set(SIGNS)
    others = [
        nonce_of(key=KEY, code="abc", day=date(2026, 3, 4)),
        nonce_of(key=KEY, code="abd", day=date(2026, 3, 3)),
        nonce_of(key=b"another", code="abc", day=date(2026, 3, 3)),
    ]
    assert len({today, *others}) == 4


@pytest.mark.parametrize(("minutes", "refused"), [(-61, "too_early"), (-60, None), (0, None), (120, None), (240, None), (241, "too_late")])
def test_the_code_counts_around_its_occasion_only(minutes: int, refused: str | None) -> None:
    assert asked(nonce_of(key=KEY, code="abc", day=date(2026, 3, 3)), BEGIN + timedelta(minutes=minutes)) == refused


def test_the_code_may_be_typed_in_small_letters_with_blanks_and_yesterdays_is_wrong() -> None:
    right = nonce_of(key=KEY, code="abc", day=date(2026, 3, 3))
    assert asked(f" {right[:4].lower()} {right[4:].lower()} ", BEGIN) is None
    assert asked(nonce_of(key=KEY, code="abc", day=date(2026, 3, 2)), BEGIN) == "wrong_code"
    assert asked("", BEGIN) == "wrong_code"
    assert asked("您好", BEGIN) == "wrong_code"
