"""The only writes of this room: series.py and dates.py say what happens when, setting_out.py makes rows of it, sign_ups.py says who has a
place, attendance.py who came. What they share is in common.py."""

from doorstep.foundation.occasions.actions.attendance import (
    Came,
    CheckInRefused,
    Full,
    NotCheckedIn,
    NotYet,
    WhoCame,
    check_in,
    check_out,
    record_attendance,
)
from doorstep.foundation.occasions.actions.common import HasBegun, InThePast, IsCancelled, NoDates, ToCall, Told
from doorstep.foundation.occasions.actions.dates import cancel_occasion, move_occasion, plan_occasion
from doorstep.foundation.occasions.actions.series import SeriesEnded, add_date, change_series, create_series, end_series
from doorstep.foundation.occasions.actions.setting_out import PlaceTaken, prepare_dates
from doorstep.foundation.occasions.actions.sign_ups import (
    PLACE,
    AgeMissing,
    AliasMissing,
    AlreadySignedUp,
    GuardianMissing,
    HoldOver,
    NotOffered,
    NotSignedUp,
    PersonBusy,
    UnknownRole,
    accept_hold,
    cancel_sign_up,
    expire_holds,
    sign_up,
    sign_up_alias,
    take_back,
)
from doorstep.foundation.occasions.permissions import NotAllowed
from doorstep.foundation.occasions.rules.recurrence import BadRule

__all__ = [
    "PLACE",
    "AgeMissing",
    "AliasMissing",
    "AlreadySignedUp",
    "BadRule",
    "Came",
    "CheckInRefused",
    "Full",
    "GuardianMissing",
    "HasBegun",
    "HoldOver",
    "InThePast",
    "IsCancelled",
    "NoDates",
    "NotAllowed",
    "NotCheckedIn",
    "NotOffered",
    "NotSignedUp",
    "NotYet",
    "PersonBusy",
    "PlaceTaken",
    "SeriesEnded",
    "ToCall",
    "Told",
    "UnknownRole",
    "WhoCame",
    "accept_hold",
    "add_date",
    "cancel_occasion",
    "cancel_sign_up",
    "change_series",
    "check_in",
    "check_out",
    "create_series",
    "end_series",
    "expire_holds",
    "move_occasion",
    "plan_occasion",
    "prepare_dates",
    "record_attendance",
    "sign_up",
    "sign_up_alias",
    "take_back",
]
