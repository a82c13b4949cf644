"""What visitors want to know of a venue: when it is open, seats, who gets in and who is heard."""

from collections.abc import Mapping

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.places.actions import change_place
from doorstep.foundation.places.models import Place
from doorstep.services.actions.common import NotAllowed
from doorstep.services.permissions import may_keep_venue
from doorstep.services.rules.opening import DAYS, read_spans

# Of a venue: yes, no, or nobody said.
ACCESS = ("ramp", "hearing_loop", "sign_language")
MOST_SEATS = 10_000


class NotSeats(Exception):
    """0 to 10,000 people."""


def keep_venue(
    *, viewer: Viewer, place: Place, hours: Mapping[str, str], seats: int | None, access: Mapping[str, bool | None], phone: str
) -> Place:
    """Say the facts of a venue; `hours`: what was typed for each weekday. All empty: nothing is said of them. Nothing is recorded where nothing
    changed. Raises NotAllowed, NotHours, NotSeats."""
    if not may_keep_venue(viewer, place):
        raise NotAllowed("keep_venue")
    if seats is not None and not 0 < seats <= MOST_SEATS:
        raise NotSeats(seats)
    spans = {day: [list(each) for each in read_spans(hours.get(day, ""))] for day in DAYS}
    known = {name: value for name, value in place.accessibility.items() if name not in ACCESS}
    said = {name: value for name in ACCESS if (value := access.get(name)) is not None}
    return change_place(
        place=place,
        by=actor_of(viewer, post=viewer.acting_post),
        opening_hours={day: each for day, each in spans.items() if each},
        capacity=seats,
        accessibility={**known, **said},
        phone=phone.strip(),
    )
