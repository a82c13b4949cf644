"""What is planned: a series and its dates, one date by itself; changing, moving and cancelling."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.journal.actions import SYSTEM, Actor, actor_of, text_digest, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.actions.common import (
    InThePast,
    ToCall,
    Told,
    lock_place,
    locked,
    locked_series,
    note,
    note_series,
    require_to_come,
    tell_signed_up,
)
from doorstep.foundation.occasions.actions.sign_ups import settle_line
from doorstep.foundation.occasions.models import Occasion, Series, SeriesPlan, SignUp
from doorstep.foundation.occasions.permissions import NotAllowed, runs
from doorstep.foundation.occasions.rules.overlap import Span, clashes
from doorstep.foundation.occasions.rules.recurrence import BadRule, Date, Pattern, at_time, expand, from_day, normalise
from doorstep.foundation.occasions.rules.waiting import Standing
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import calendar, value_of

# Reasons this room gives of itself; those of a person come from the mechanism above.
PUBLIC_HOLIDAY = "public_holiday"
PLACE_TAKEN = "place_taken"
SERIES_CHANGED = "series_changed"
OWN_REASONS = frozenset({PUBLIC_HOLIDAY, PLACE_TAKEN, SERIES_CHANGED})
LONGEST_WORDS = 300
# How far ahead a new plan is held against the others at its place, set out or not.
LOOKS_AHEAD = timedelta(days=730)


class PlaceTaken(Exception):
    """Something else has the place for itself then; `spans` are the wanted times that clash."""

    def __init__(self, spans: Sequence[Span]) -> None:
        super().__init__(len(spans))
        self.spans = tuple(spans)


class NoDates(Exception):
    """A series needs a rule or an extra date, and a date needs a length."""


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
        series = Series.objects.create(code=_code(), kind=kind, subject=subject, audience=audience, run_by=run_by, created_at=at)
        plan = _create_plan(
            series,
            pattern,
            at,
            title=title,
            title_en=title_en,
            place=place,
            is_exclusive=_exclusive(place, is_exclusive),
            is_for_children=is_for_children,
            capacities=dict(capacities or {}),
        )
        note_series(series, place, "plan_series", by, at, kind=kind, rule=plan.rule, first=plan.first.isoformat())
        last_day = _last_day(place)
        dates = expand(pattern, since=date.min, until=last_day + LOOKS_AHEAD, holidays=calendar().holidays())
        _refuse_clashes(place, plan.is_exclusive, _spans(dates), but=plan)
        _set_out(plan, [each for each in dates if _day(each.starts_at) <= last_day], at)
    return series


def plan_occasion(
    *,
    by: Actor,
    kind: str,
    subject: str = "",
    run_by: str,
    title: str,
    title_en: str = "",
    place: Place,
    starts_at: datetime,
    ends_at: datetime,
    capacities: Mapping[str, int | None] | None = None,
    is_exclusive: bool | None = None,
    is_for_children: bool = False,
    audience: str = PUBLIC,
    happened_at: datetime | None = None,
) -> Occasion:
    """Plan one date that belongs to no series: a meeting, a booking, an activity. Raises NoDates, PlaceTaken."""
    at = happened_at or clock.now()
    if ends_at <= starts_at:
        raise NoDates
    with writing():
        exclusive = _exclusive(place, is_exclusive)
        _refuse_clashes(place, exclusive, [Span(starts_at, ends_at)])
        occasion = Occasion.objects.create(
            code=_code(),
            kind=kind,
            subject=subject,
            audience=audience,
            run_by=run_by,
            title=title,
            title_en=title_en,
            place=place,
            is_exclusive=exclusive,
            is_for_children=is_for_children,
            capacities=dict(capacities or {}),
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=at,
            changed_at=at,
        )
        note(occasion, "plan", by, at, detail={"kind": kind, "starts_at": starts_at.isoformat()})
    return occasion


def add_date(*, viewer: Viewer, series: Series, wall: datetime) -> Occasion:
    """One more date of a series, at a wall-clock time of the town, with the series' length, place and capacities; or hold one after all
    that was called off. Raises NotAllowed, InThePast, SeriesEnded, PlaceTaken."""
    at = clock.now()
    starts_at = wall.replace(tzinfo=clock.TOWN_ZONE)
    with writing():
        series = _run(viewer, series)
        plan = _open_plan(series)
        if starts_at <= at:
            raise InThePast(wall.isoformat())
        known = Occasion.objects.filter(series=series, original_start=starts_at).first()
        if known is not None and known.state != Occasion.State.CANCELLED:
            return known
        span = Span(starts_at, starts_at + timedelta(minutes=plan.minutes))
        _refuse_clashes(plan.place, plan.is_exclusive, [span])
        by = actor_of(viewer, post=viewer.acting_post)
        plan.extra = sorted({*plan.extra, wall.isoformat(timespec="minutes")})
        plan.sequence += 1
        plan.changed_at = at
        plan.save(update_fields=["extra", "sequence", "changed_at"])
        note_series(series, plan.place, "add_date", by, at, starts_at=starts_at.isoformat())
        if known is None:
            return _set_out(plan, [Date(span.starts_at, span.ends_at)], at)[0]
        restored = locked(known)
        restored.state, restored.starts_at, restored.ends_at, restored.moved_at = Occasion.State.PLANNED, span.starts_at, span.ends_at, None
        _announce(restored, "move", "", "", by, at)
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
    with writing():
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
            is_exclusive=old.is_exclusive if place is None else _exclusive(new_place, None),
            is_for_children=old.is_for_children,
            capacities=old.capacities if capacities is None else dict(capacities),
        )
        by = actor_of(viewer, post=viewer.acting_post)
        note_series(series, plan.place, "change_series", by, at, starting=starting.isoformat(), rule=plan.rule)
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
            to_call += _cancel(occasion, SERIES_CHANGED, words, by, at)
    return Told(len(ended), tuple(to_call))


def cancel_occasion(*, viewer: Viewer, occasion: Occasion, reason: str, words: str = "") -> Told:
    """Call one date off, with a reason code and words for everyone. All who have a place or wait are told; those without an account come
    back as a list to telephone. Raises NotAllowed, IsCancelled, HasBegun."""
    at = clock.now()
    with writing():
        occasion = locked(occasion)
        if not runs(viewer, occasion):
            raise NotAllowed("cancel")
        require_to_come(occasion, at)
        return Told(1, tuple(_cancel(occasion, reason, words, actor_of(viewer, post=viewer.acting_post), at)))


def move_occasion(
    *,
    viewer: Viewer,
    occasion: Occasion,
    starts_at: datetime,
    ends_at: datetime | None = None,
    place: Place | None = None,
    reason: str = "",
    words: str = "",
) -> Told:
    """Hold one date at another time or place; without `ends_at` it keeps its length. Sign-ups stay and are told.

    Whoever has something else at the new time is not thrown out: their calendar shows both. Raises NotAllowed, IsCancelled, HasBegun,
    InThePast, NoDates, PlaceTaken.
    """
    at = clock.now()
    with writing():
        occasion = locked(occasion)
        if not runs(viewer, occasion):
            raise NotAllowed("move")
        require_to_come(occasion, at)
        ends_at = ends_at or starts_at + occasion.length
        if starts_at <= at:
            raise InThePast(starts_at.isoformat())
        if ends_at <= starts_at:
            raise NoDates
        if place is not None and place.pk != occasion.place_id:
            occasion.place = place
            occasion.is_exclusive = _exclusive(place, None)
        _refuse_clashes(occasion.place, occasion.is_exclusive, [Span(starts_at, ends_at)], but_ids=[occasion.pk])
        occasion.starts_at, occasion.ends_at, occasion.moved_at = starts_at, ends_at, at
        SignUp.objects.filter(occasion=occasion, standing=Standing.OFFERED.value, hold_until__gt=starts_at).update(hold_until=starts_at)
        by = actor_of(viewer, post=viewer.acting_post)
        return Told(1, tuple(_announce(occasion, "move", reason, words, by, at)))


def prepare_dates(*, until: date | None = None) -> int:
    """Set out the dates of every series as far ahead as the regulations say (or to a day), and call off those on a holiday that has been
    published since; how many dates were made or called off. Looks first and locks only where something is to be done."""
    today, at = clock.today(), clock.now()
    plans = list(_open_plans(today).select_related("place", "series").order_by("id"))
    done = 0
    known = _known([plan.series_id for plan in plans], today)
    for plan in plans:
        last = until or _last_day(plan.place)
        if not _to_do(plan, today, last, known):
            continue
        with writing():
            locked_series(plan.series)
            fresh = SeriesPlan.objects.select_related("place", "series").get(pk=plan.pk)
            missing, off = _differences(fresh, today, last, _known([fresh.series_id], today))
            for occasion_id in sorted(off):
                _cancel(locked(Occasion(pk=occasion_id)), PUBLIC_HOLIDAY, "", SYSTEM, at)
            done += len(off) + len(_set_out(fresh, missing, at))
    return done


# What the functions above share

_Known = dict[tuple[int, datetime], tuple[int, str, bool]]


def _known(series_ids: Sequence[int], since: date) -> _Known:
    """(series, original start) → (occasion, state, moved), of the dates from a day on. One query."""
    begin = datetime.combine(since, time(0), clock.TOWN_ZONE)
    rows = Occasion.objects.filter(series_id__in=set(series_ids), original_start__gte=begin).values_list(
        "series_id", "original_start", "id", "state", "moved_at"
    )
    return {
        (series, original): (pk, state, moved_at is not None)
        for series, original, pk, state, moved_at in rows
        if series is not None and original is not None
    }


def _differences(plan: SeriesPlan, since: date, until: date, known: _Known) -> tuple[list[Date], list[int]]:
    """The dates that have no row yet, and the planned rows that fall on a holiday by now (a date somebody moved is theirs to judge)."""
    missing, off = [], []
    for each in expand(plan.pattern, since=since, until=until, holidays=calendar().holidays()):
        row = known.get((plan.series_id, each.starts_at))
        if row is None:
            missing.append(each)
        elif each.is_off and row[1] == Occasion.State.PLANNED and not row[2]:
            off.append(row[0])
    return missing, off


def _to_do(plan: SeriesPlan, since: date, until: date, known: _Known) -> bool:
    missing, off = _differences(plan, since, until, known)
    return bool(missing or off)


def _code() -> str:
    return secrets.token_hex(6)


def _exclusive(place: Place, wanted: bool | None) -> bool:
    return place.kind == Place.Kind.VENUE if wanted is None else wanted


def _last_day(place: Place) -> date:
    """The last of the days ahead: how far dates are set out."""
    today = clock.today()
    return today + timedelta(days=value_of("occasions.ahead_days", place_lineage_localities=place.localities, on=today).number)


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
        code=_code(),
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


def _open_plans(day: date) -> QuerySet[SeriesPlan]:
    return SeriesPlan.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day))


def _open_plan(series: Series) -> SeriesPlan:
    """The plan by which a series goes on: the latest."""
    plan = series.plans.select_related("place").order_by("-id").first()
    if plan is None:
        raise SeriesEnded(series.code)
    return plan


def _close_plans(series: Series, last_day: date, at: datetime) -> None:
    for plan in series.plans.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)):
        plan.ends_on = last_day
        plan.sequence += 1
        plan.changed_at = at
        plan.save(update_fields=["ends_on", "sequence", "changed_at"])


def _refuse_clashes(
    place: Place, is_exclusive: bool, wanted: Sequence[Span], *, but_ids: Sequence[int] = (), but: SeriesPlan | None = None
) -> None:
    """Raise PlaceTaken where something else has the place for itself. From here on the place's row is locked."""
    if is_exclusive and wanted:
        lock_place(place)
        clashing = clashes(wanted, _taken(place, wanted, but_ids=but_ids) + _promised(place, wanted, but=but))
        if clashing:
            raise PlaceTaken(clashing)


def _spans(dates: Iterable[Date]) -> list[Span]:
    return [Span(each.starts_at, each.ends_at) for each in dates if not each.is_off]


def _taken(place: Place, wanted: Sequence[Span], *, but_ids: Sequence[int] = ()) -> list[Span]:
    """What has the place for itself around the wanted times."""
    since, until = min(span.starts_at for span in wanted), max(span.ends_at for span in wanted)
    near = Occasion.objects.filter(place=place, is_exclusive=True, starts_at__lt=until, ends_at__gt=since)
    rows = near.exclude(state=Occasion.State.CANCELLED).exclude(pk__in=but_ids).values_list("starts_at", "ends_at")
    return [Span(starts_at, ends_at) for starts_at, ends_at in rows]


def _promised(place: Place, wanted: Sequence[Span], *, but: SeriesPlan | None) -> list[Span]:
    """The dates of the series at a place that are not set out yet, around the wanted times."""
    since, until = min(span.starts_at for span in wanted), max(span.ends_at for span in wanted)
    today = clock.today()
    # A date may begin a day before what it reaches into.
    first_day = max(today, since.astimezone(clock.TOWN_ZONE).date() - timedelta(days=1))
    last_day = until.astimezone(clock.TOWN_ZONE).date()
    plans = list(_open_plans(first_day).filter(place=place, is_exclusive=True).exclude(pk=but.pk if but else 0))
    known = _known([plan.series_id for plan in plans], first_day) if plans else {}
    return [span for plan in plans for span in _spans(_differences(plan, first_day, last_day, known)[0])]


def _set_out(plan: SeriesPlan, dates: Sequence[Date], at: datetime) -> list[Occasion]:
    """Rows for dates that have none. A holiday's stands there as called off, for everyone to see; so does one whose place is taken by now,
    and those who run it are told."""
    series = plan.series
    spans, taken = _spans(dates), set[Span]()
    if plan.is_exclusive and spans:
        lock_place(plan.place)
        taken = set(clashes(spans, _taken(plan.place, spans)))
    made = []
    for each in dates:
        reason = PUBLIC_HOLIDAY if each.is_off else PLACE_TAKEN if Span(each.starts_at, each.ends_at) in taken else ""
        made.append(
            Occasion(
                code=_code(),
                kind=series.kind,
                subject=series.subject,
                audience=series.audience,
                run_by=series.run_by,
                series=series,
                plan=plan,
                title=plan.title,
                title_en=plan.title_en,
                place=plan.place,
                is_exclusive=plan.is_exclusive,
                is_for_children=plan.is_for_children,
                capacities=plan.capacities,
                original_start=each.starts_at,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                state=Occasion.State.CANCELLED if reason else Occasion.State.PLANNED,
                reason=reason,
                created_at=at,
                changed_at=at,
            )
        )
    if made:
        Occasion.objects.bulk_create(made)
        note_series(series, plan.place, "set_out", SYSTEM, at, dates=len(made), until=made[-1].starts_at.date().isoformat())
    for occasion in made:
        if occasion.reason == PLACE_TAKEN:
            tell(entry=note(occasion, "place_taken", SYSTEM, at, because=[PLACE_TAKEN]), to=[occasion.run_by])
    return made


def _lock_from(series: Series, day: date) -> QuerySet[Occasion]:
    """The dates of a series whose place in it is on or after a day, locked in one order."""
    begin = datetime.combine(day, time(0), clock.TOWN_ZONE)
    chosen = Occasion.objects.select_for_update(no_key=True, of=("self",)).select_related("place", "series")
    return chosen.filter(series=series, original_start__gte=begin).order_by("id")


def _carry_over(series: Series, plan: SeriesPlan, starting: date, by: Actor, at: datetime, words: str) -> Told:
    """Bring the dates from `starting` on under a new plan: the same day's date keeps its sign-ups, the rest is cancelled or new."""
    # A day's planned date is taken over rather than one that was called off before.
    old = sorted(_lock_from(series, starting), key=lambda each: each.state == Occasion.State.CANCELLED)
    last_day = max([_last_day(plan.place), *(_day(each.original_start) for each in old if each.original_start)])
    holidays = calendar().holidays()
    dates = expand(plan.pattern, since=starting, until=last_day, holidays=holidays)
    later = expand(plan.pattern, since=last_day + timedelta(days=1), until=last_day + LOOKS_AHEAD, holidays=holidays)
    pairs, gone, fresh = _pair(old, dates)
    wanted = [
        Span(each.starts_at, each.ends_at) for occasion, each in pairs if not each.is_off and not occasion.is_moved and _goes_on(occasion)
    ]
    wanted += _spans([*fresh, *later])
    _refuse_clashes(plan.place, plan.is_exclusive, wanted, but_ids=[occasion.pk for occasion in old if not occasion.is_moved], but=plan)
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
            to_call += _cancel(occasion, SERIES_CHANGED, words, by, at)
    touched += len(_set_out(plan, fresh, at))
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
            (occasion for occasion in left if occasion.original_start and _day(occasion.original_start) == _day(each.starts_at)), None
        )
        if same_day is None:
            fresh.append(each)
        else:
            left.remove(same_day)
            pairs.append((same_day, each))
    return pairs, left, fresh


def _day(at: datetime) -> date:
    return at.astimezone(clock.TOWN_ZONE).date()


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
        return None if occasion.state == Occasion.State.CANCELLED else _cancel(occasion, PUBLIC_HOLIDAY, "", by, at)
    restored = occasion.state == Occasion.State.CANCELLED
    occasion.state = Occasion.State.PLANNED
    if restored:
        occasion.reason = ""
    to_call: list[ToCall] | None = None
    if restored or before != (occasion.starts_at, occasion.ends_at, occasion.place_id):
        to_call = _announce(occasion, "move", SERIES_CHANGED, words, by, at)
    else:
        occasion.save()
    if grown:
        for role in occasion.capacities:
            settle_line(occasion, role, at)
    return to_call


def _cancel(occasion: Occasion, reason: str, words: str, by: Actor, at: datetime) -> list[ToCall]:
    occasion.state = Occasion.State.CANCELLED
    return _announce(occasion, "cancel", reason, words, by, at)


def _announce(occasion: Occasion, verb: str, reason: str, words: str, by: Actor, at: datetime) -> list[ToCall]:
    """Save a date that changed, with why, record it and tell those signed up."""
    words = words.strip()[:LONGEST_WORDS]
    occasion.reason, occasion.words, occasion.words_salt = reason, words, secrets.token_hex(16) if words else ""
    occasion.sequence += 1
    occasion.changed_at = at
    occasion.save()
    detail: dict[str, object] = {"starts_at": occasion.starts_at.isoformat(), "place": occasion.place.code}
    if words:
        detail["words"] = text_digest(occasion.words_salt, words)
    return tell_signed_up(occasion, note(occasion, verb, by, at, because=[reason], detail=detail))
