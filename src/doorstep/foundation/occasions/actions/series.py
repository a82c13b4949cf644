"""Series: beginning one, changing how it goes on, one more date, ending it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.journal.actions import Actor, actor_of, writing
from doorstep.foundation.occasions.actions.common import (
    OWN_REASONS,
    PUBLIC_HOLIDAY,
    SERIES_CHANGED,
    InThePast,
    NoDates,
    ToCall,
    Told,
    announce,
    call_off,
    locked,
    locked_series,
    new_code,
    note_series,
    takes_place,
    touch_page,
    town_day,
)
from doorstep.foundation.occasions.actions.setting_out import last_day_ahead, refuse_clashes, set_out, spans_of
from doorstep.foundation.occasions.actions.sign_ups import settle_line
from doorstep.foundation.occasions.models import Occasion, Series, SeriesPlan
from doorstep.foundation.occasions.permissions import NotAllowed, runs
from doorstep.foundation.occasions.rules.overlap import Span
from doorstep.foundation.occasions.rules.recurrence import BadRule, Date, Pattern, at_time, expand, from_day, normalise
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import calendar

# How far ahead a new plan is held against the others at its place, set out or not.
LOOKS_AHEAD = timedelta(days=730)


class SeriesEnded(Exception):
    """This series has ended; a new one can be made."""


def create_series(
    *,
    by: Actor,
    kind: str,
    subject: str = "",
    run_by: str,
    title: str,
    title_en: str = "",
    place: Place,
    first: date,
    start: time,
    minutes: int,
    rule: str = "",
    exceptions: Iterable[date] = (),
    extra: Iterable[datetime] = (),
    skips_holidays: bool = False,
    capacities: Mapping[str, int | None] | None = None,
    is_exclusive: bool | None = None,
    is_for_children: bool = False,
    audience: str = PUBLIC,
    happened_at: datetime | None = None,
) -> Series:
    """Begin a series and set out its dates from `first` to the end of the days ahead.

    Whether `by` may do so the mechanism above has asked. `extra` are wall-clock times of the town without a zone. A venue is taken
    exclusively unless told otherwise. Raises BadRule, NoDates, PlaceTaken (and nothing is planned).
    """
    at = happened_at or clock.now()
    pattern = _pattern(first, start, minutes, rule, exceptions, extra, skips_holidays)
    with writing():
        series = Series.objects.create(code=new_code(), kind=kind, subject=subject, audience=audience, run_by=run_by, created_at=at)
        plan = _create_plan(
            series,
            pattern,
            at,
            title=title,
            title_en=title_en,
            place=place,
            is_exclusive=takes_place(place, is_exclusive),
            is_for_children=is_for_children,
            capacities=dict(capacities or {}),
        )
        note_series(series, place, "plan_series", by, at, kind=kind, rule=plan.rule, first=plan.first.isoformat())
        last_day = last_day_ahead(place)
        dates = expand(pattern, since=date.min, until=last_day + LOOKS_AHEAD, holidays=calendar().holidays())
        refuse_clashes(place, plan.is_exclusive, spans_of(dates), but=plan)
        set_out(plan, [each for each in dates if town_day(each.starts_at) <= last_day], at)
    return series


def add_date(*, viewer: Viewer, series: Series, wall: datetime) -> Occasion:
    """One more date of a series, at a wall-clock time of the town, with the series' length, place and capacities; or hold one after all
    that was called off. Raises NotAllowed, InThePast, SeriesEnded, PlaceTaken."""
    at = clock.now()
    starts_at = wall.replace(tzinfo=clock.TOWN_ZONE)
    with writing():
        series = _run(viewer, series)
        if starts_at <= at:
            raise InThePast(wall.isoformat())
        plan = _plan_on(series, wall.date())
        known = Occasion.objects.filter(series=series, original_start=starts_at).first()
        if known is not None and known.state != Occasion.State.CANCELLED:
            return known
        span = Span(starts_at, starts_at + timedelta(minutes=plan.minutes))
        refuse_clashes(plan.place, plan.is_exclusive, [span])
        by = actor_of(viewer, post=viewer.acting_post)
        plan.extra = sorted({*plan.extra, wall.isoformat(timespec="minutes")})
        plan.sequence += 1
        plan.changed_at = at
        plan.save(update_fields=["extra", "sequence", "changed_at"])
        note_series(series, plan.place, "add_date", by, at, starts_at=starts_at.isoformat())
        if known is None:
            return set_out(plan, [Date(span.starts_at, span.ends_at)], at)[0]
        restored = locked(known)
        restored.state, restored.starts_at, restored.ends_at, restored.moved_at = Occasion.State.PLANNED, span.starts_at, span.ends_at, None
        announce(restored, "move", "", "", by, at)
        return restored


def change_series(
    *,
    viewer: Viewer,
    series: Series,
    starting: date,
    title: str | None = None,
    title_en: str | None = None,
    place: Place | None = None,
    start: time | None = None,
    minutes: int | None = None,
    rule: str | None = None,
    skips_holidays: bool | None = None,
    capacities: Mapping[str, int | None] | None = None,
    words: str = "",
) -> Told:
    """Change how a series goes on from a day on, tomorrow at the earliest. What is left out stays as it is; past dates stay.

    A date keeps its sign-ups where the new plan has one on the same day; a date that is no more is cancelled. Dates that were moved or
    cancelled by themselves stay so. Everyone whose date changed is told. Raises NotAllowed, InThePast, SeriesEnded, BadRule, PlaceTaken.
    """
    at = clock.now()
    with writing() as current:
        series = _run(viewer, series)
        old = _open_plan(series)
        new_place = place or old.place
        if starting <= clock.today():
            raise InThePast(starting.isoformat())
        pattern = from_day(old.pattern, starting)
        if rule is not None:
            text, first = normalise(rule=rule, first=starting, start=start or old.start)
            pattern = replace(from_day(replace(old.pattern, rule=""), starting) or old.pattern, rule=text, first=first)
        if pattern is None:
            raise BadRule("no_date")
        if start is not None:
            pattern = at_time(pattern, start)
        pattern = replace(
            pattern,
            minutes=minutes or old.minutes,
            skips_holidays=old.skips_holidays if skips_holidays is None else skips_holidays,
            exceptions=frozenset(day for day in pattern.exceptions if day >= starting),
            extra=tuple(wall for wall in pattern.extra if wall.date() >= starting),
        )
        if pattern.minutes <= 0:
            raise NoDates
        _close_plans(series, starting - timedelta(days=1), at)
        plan = _create_plan(
            series,
            pattern,
            at,
            title=old.title if title is None else title,
            title_en=old.title_en if title_en is None else title_en,
            place=new_place,
            is_exclusive=old.is_exclusive if place is None else takes_place(new_place, None),
            is_for_children=old.is_for_children,
            capacities=old.capacities if capacities is None else dict(capacities),
        )
        by = actor_of(viewer, post=viewer.acting_post)
        note_series(series, plan.place, "change_series", by, at, starting=starting.isoformat(), rule=plan.rule)
        touch_page(current, old.place, series.audience)
        return _carry_over(series, plan, starting, by, at, words)


def end_series(*, viewer: Viewer, series: Series, last_day: date, words: str = "") -> Told:
    """End a series after a day: later dates are cancelled and those signed up are told. Raises NotAllowed, InThePast, SeriesEnded."""
    at = clock.now()
    with writing():
        series = _run(viewer, series)
        plan = _open_plan(series)
        if last_day < clock.today():
            raise InThePast(last_day.isoformat())
        _close_plans(series, last_day, at)
        Series.objects.filter(pk=series.pk).update(ended_at=at)
        by = actor_of(viewer, post=viewer.acting_post)
        note_series(series, plan.place, "end_series", by, at, last_day=last_day.isoformat())
        to_call: list[ToCall] = []
        later = _lock_from(series, last_day + timedelta(days=1)).filter(state=Occasion.State.PLANNED)
        ended = list(later)
        for occasion in ended:
            to_call += call_off(occasion, SERIES_CHANGED, words, by, at)
    return Told(len(ended), tuple(to_call))


def _pattern(
    first: date, start: time, minutes: int, rule: str, exceptions: Iterable[date], extra: Iterable[datetime], skips_holidays: bool
) -> Pattern:
    more = tuple(sorted({wall.replace(tzinfo=None, second=0, microsecond=0) for wall in extra}))
    if minutes <= 0 or not (rule or more):
        raise NoDates
    if rule:
        rule, first = normalise(rule=rule, first=first, start=start)
    return Pattern(first, start, minutes, rule, None, frozenset(exceptions), more, skips_holidays)


def _create_plan(series: Series, pattern: Pattern, at: datetime, **says: object) -> SeriesPlan:
    return SeriesPlan.objects.create(
        series=series,
        code=new_code(),
        rule=pattern.rule,
        first=pattern.first,
        start=pattern.start,
        minutes=pattern.minutes,
        ends_on=pattern.ends_on,
        exceptions=sorted(day.isoformat() for day in pattern.exceptions),
        extra=[wall.isoformat(timespec="minutes") for wall in pattern.extra],
        skips_holidays=pattern.skips_holidays,
        changed_at=at,
        **says,
    )


def _run(viewer: Viewer, series: Series) -> Series:
    """The series, locked, for those who run it."""
    series = locked_series(series)
    if not runs(viewer, series):
        raise NotAllowed("change_series")
    if series.ended_at is not None:
        raise SeriesEnded(series.code)
    return series


def _open_plan(series: Series) -> SeriesPlan:
    """The plan by which a series goes on: the latest."""
    plan = series.plans.select_related("place").order_by("-id").first()
    if plan is None:
        raise SeriesEnded(series.code)
    return plan


def _plan_on(series: Series, day: date) -> SeriesPlan:
    """The plan that holds on a day: the first that has not ended before it."""
    return series.plans.select_related("place", "series").filter(Q(ends_on=None) | Q(ends_on__gte=day)).order_by("id")[0]


def _close_plans(series: Series, last_day: date, at: datetime) -> None:
    for plan in series.plans.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)):
        plan.ends_on = last_day
        plan.sequence += 1
        plan.changed_at = at
        plan.save(update_fields=["ends_on", "sequence", "changed_at"])


def _lock_from(series: Series, day: date) -> QuerySet[Occasion]:
    """The dates of a series whose place in it is on or after a day, locked in one order."""
    begin = datetime.combine(day, time(0), clock.TOWN_ZONE)
    chosen = Occasion.objects.select_for_update(no_key=True, of=("self",)).select_related("place", "series")
    return chosen.filter(series=series, original_start__gte=begin).order_by("id")


def _carry_over(series: Series, plan: SeriesPlan, starting: date, by: Actor, at: datetime, words: str) -> Told:
    """Bring the dates from `starting` on under a new plan: the same day's date keeps its sign-ups, the rest is cancelled or new."""
    # A day's planned date is taken over rather than one that was called off before.
    old = sorted(_lock_from(series, starting), key=lambda each: each.state == Occasion.State.CANCELLED)
    last_day = max([last_day_ahead(plan.place), *(town_day(each.original_start) for each in old if each.original_start)])
    holidays = calendar().holidays()
    dates = expand(plan.pattern, since=starting, until=last_day, holidays=holidays)
    later = expand(plan.pattern, since=last_day + timedelta(days=1), until=last_day + LOOKS_AHEAD, holidays=holidays)
    pairs, gone, fresh = _pair(old, dates)
    wanted = [
        Span(each.starts_at, each.ends_at) for occasion, each in pairs if not each.is_off and not occasion.is_moved and _goes_on(occasion)
    ]
    wanted += spans_of([*fresh, *later])
    refuse_clashes(plan.place, plan.is_exclusive, wanted, but_ids=[occasion.pk for occasion in old if not occasion.is_moved], but=plan)
    # Two dates may change places: their old ones are given up first.
    Occasion.objects.filter(pk__in=[occasion.pk for occasion, _date in pairs]).update(original_start=None)
    touched, to_call = 0, []
    for occasion, each in pairs:
        called = _take_over(occasion, plan, each, by, at, words)
        touched += called is not None
        to_call += called or []
    for occasion in gone:
        if occasion.state == Occasion.State.PLANNED:
            touched += 1
            to_call += call_off(occasion, SERIES_CHANGED, words, by, at)
    touched += len(set_out(plan, fresh, at))
    return Told(touched, tuple(to_call))


def _pair(old: Sequence[Occasion], dates: Sequence[Date]) -> tuple[list[tuple[Occasion, Date]], list[Occasion], list[Date]]:
    """(old date and its new one, old dates without one, new dates without one): the same start first, then in order within a day."""
    by_start = {occasion.original_start: occasion for occasion in old}
    pairs = [(by_start[each.starts_at], each) for each in dates if each.starts_at in by_start]
    left = [occasion for occasion in old if occasion not in {pair[0] for pair in pairs}]
    fresh = []
    for each in dates:
        if each.starts_at in by_start:
            continue
        same_day = next(
            (occasion for occasion in left if occasion.original_start and town_day(occasion.original_start) == town_day(each.starts_at)),
            None,
        )
        if same_day is None:
            fresh.append(each)
        else:
            left.remove(same_day)
            pairs.append((same_day, each))
    return pairs, left, fresh


def _goes_on(occasion: Occasion) -> bool:
    """Planned, or called off for a reason that a new plan may do away with; not what a person called off."""
    return occasion.state == Occasion.State.PLANNED or (occasion.state == Occasion.State.CANCELLED and occasion.reason in OWN_REASONS)


def _take_over(occasion: Occasion, plan: SeriesPlan, each: Date, by: Actor, at: datetime, words: str) -> list[ToCall] | None:
    """Put a date under a new plan; whom to call, or None where nothing changed for anybody."""
    occasion.plan, occasion.original_start = plan, each.starts_at
    if not _goes_on(occasion):
        occasion.save(update_fields=["plan", "original_start"])
        return None
    grown = occasion.capacities != plan.capacities
    occasion.title, occasion.title_en, occasion.capacities = plan.title, plan.title_en, plan.capacities
    before = (occasion.starts_at, occasion.ends_at, occasion.place_id)
    if not occasion.is_moved:
        occasion.starts_at, occasion.ends_at = each.starts_at, each.ends_at
        occasion.place, occasion.is_exclusive = plan.place, plan.is_exclusive
    if each.is_off and not occasion.is_moved:
        occasion.save()
        return None if occasion.state == Occasion.State.CANCELLED else call_off(occasion, PUBLIC_HOLIDAY, "", by, at)
    restored = occasion.state == Occasion.State.CANCELLED
    occasion.state = Occasion.State.PLANNED
    if restored:
        occasion.reason = ""
    to_call: list[ToCall] | None = None
    if restored or before != (occasion.starts_at, occasion.ends_at, occasion.place_id):
        to_call = announce(occasion, "move", SERIES_CHANGED, words, by, at)
    else:
        occasion.save()
    if grown:
        for role in occasion.capacities:
            settle_line(occasion, role, at)
    return to_call
