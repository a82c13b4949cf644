"""The only source of now. Nothing else in the house asks the machine what time it is, so that tests and the demo can be at another time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TOWN_ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)
_shift: ContextVar[timedelta] = ContextVar("shift", default=timedelta(0))


def now() -> datetime:
    """The present instant, aware, in UTC."""
    frozen = _frozen.get()
    return frozen if frozen is not None else datetime.now(UTC) + _shift.get()


def today() -> date:
    """The present day in the town's zone."""
    return now().astimezone(TOWN_ZONE).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stand still at an aware instant."""
    if at.tzinfo is None:
        raise ValueError("the clock needs an aware time")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


@contextmanager
def shifted(delta: timedelta) -> Iterator[None]:
    """Go on from another time."""
    token = _shift.set(_shift.get() + delta)
    try:
        yield
    finally:
        _shift.reset(token)
