"""Dates as rows: set out ahead of time, each place given to one thing at a time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.actions.common import (
    PLACE_TAKEN,
    PUBLIC_HOLIDAY,
    call_off,
    lock_place,
    locked,
    locked_series,
    new_code,
    note,
    note_series,
)
from doorstep.foundation.occasions.models import Occasion, SeriesPlan
from doorstep.foundation.occasions.rules.overlap import Span, clashes
from doorstep.foundation.occasions.rules.recurrence import Date, expand
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import calendar, value_of


class PlaceTaken(Exception):
    """Something else has the place for itself then; `spans` are the wanted times that clash."""

    def __init__(self, spans: Sequence[Span]) -> None:
        super().__init__(len(spans))
        self.spans = tuple(spans)


def prepare_dates(*, until: date | None = None) -> int:
    """Set out the dates of every series as far ahead as the regulations say (or to a day), and call off those on a holiday that has been
    published since; how many dates were made or called off. Looks first and locks only where something is to be done."""
    today, at = clock.today(), clock.now()
    plans = list(open_plans(today).select_related("place", "series").order_by("id"))
    done = 0
    known = _known([plan.series_id for plan in plans], today)
    for plan in plans:
        last = until or last_day_ahead(plan.place)
        if not _to_do(plan, today, last, known):
            continue
        with writing():
            locked_series(plan.series)
            fresh = SeriesPlan.objects.select_related("place", "series").get(pk=plan.pk)
            missing, off = _differences(fresh, today, last, _known([fresh.series_id], today))
            for occasion_id in sorted(off):
                call_off(locked(Occasion(pk=occasion_id)), PUBLIC_HOLIDAY, "", SYSTEM, at)
            done += len(off) + len(set_out(fresh, missing, at))
    return done


def last_day_ahead(place: Place) -> date:
    """The last of the days ahead: how far dates are set out."""
    today = clock.today()
    return today + timedelta(days=value_of("occasions.ahead_days", place_lineage_localities=place.localities, on=today).number)


def set_out(plan: SeriesPlan, dates: Sequence[Date], at: datetime) -> list[Occasion]:
    """Rows for dates that have none. A holiday's stands there as called off, for everyone to see; so does one whose place is taken by now,
    and those who run it are told."""
    series = plan.series
    spans, taken = spans_of(dates), set[Span]()
    if plan.is_exclusive and spans:
        lock_place(plan.place)
        taken = set(clashes(spans, _taken(plan.place, spans)))
    made = []
    for each in dates:
        reason = PUBLIC_HOLIDAY if each.is_off else PLACE_TAKEN if Span(each.starts_at, each.ends_at) in taken else ""
        made.append(
            Occasion(
                code=new_code(),
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


def refuse_clashes(
    place: Place, is_exclusive: bool, wanted: Sequence[Span], *, but_ids: Sequence[int] = (), but: SeriesPlan | None = None
) -> None:
    """Raise PlaceTaken where something else has the place for itself. From here on the place's row is locked."""
    if is_exclusive and wanted:
        lock_place(place)
        clashing = clashes(wanted, _taken(place, wanted, but_ids=but_ids) + _promised(place, wanted, but=but))
        if clashing:
            raise PlaceTaken(clashing)


def spans_of(dates: Iterable[Date]) -> list[Span]:
    return [Span(each.starts_at, each.ends_at) for each in dates if not each.is_off]


def open_plans(day: date) -> QuerySet[SeriesPlan]:
    return SeriesPlan.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day))


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
    plans = list(open_plans(first_day).filter(place=place, is_exclusive=True).exclude(pk=but.pk if but else 0))
    known = _known([plan.series_id for plan in plans], first_day) if plans else {}
    return [span for plan in plans for span in spans_of(_differences(plan, first_day, last_day, known)[0])]


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
