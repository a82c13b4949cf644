"""What sign-ups and attendance answer in a person's life."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.foundation.identity.lifecycle import (
    Erasing,
    Move,
    PersonColumn,
    called,
    in_office,
    listed,
    nothing,
    register_person_columns,
    register_words,
)
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.occasions.actions.sign_ups import give_up_places
from doorstep.foundation.occasions.rules.waiting import LIVE

STANDINGS = {
    "confirmed": _("报上了"),
    "waiting": _("在排队"),
    "offered": _("留着名额等您确认"),
    "lapsed": _("名额过期了"),
    "withdrawn": _("取消了"),
}
NO_CONSENT = nothing("who signs up comes by their own act and gives up their place as easily")
CAME = nothing("that somebody came stays so")


def _erase_sign_ups(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """Their places go to the next in line; that a tombstone signed up stays, without the alias."""
    for person_id in erasing.person_ids:
        give_up_places(person_id=person_id, by=SYSTEM)
    column.rows(*erasing.person_ids).update(alias="")
    return ()


def _erase_attendance(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    column.rows(*erasing.person_ids).update(alias="")
    return ()


def _deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    give_up_places(person_id=person_id, by=SYSTEM)


def _residence_ended(column: PersonColumn, person_id: int, estate_code: str) -> None:
    give_up_places(person_id=person_id, by=SYSTEM, audience=f"estate:{estate_code}")


def register() -> None:
    register_words("foundation.SignUp.standing", words=called(lambda: STANDINGS))
    register_person_columns(
        PersonColumn(
            "foundation.SignUp.person_id",
            export=listed(
                _("您报过的名"),
                {
                    "occasion__title": _("什么"),
                    "occasion__starts_at": _("时间"),
                    "role": _("角色"),
                    "standing": _("名额"),
                    "signed_up_at": _("报名时间"),
                },
            ),
            erase=_erase_sign_ups,
            merge=Move(alone=("occasion_id",), running=Q(standing__in=sorted(LIVE))),
            consent_withdrawn=NO_CONSENT,
            deceased=_deceased,
            residence_ended=_residence_ended,
        ),
        in_office("foundation.SignUp.entered_by_id"),
        in_office("foundation.SignUp.guardian_id"),
        PersonColumn(
            "foundation.Attendance.person_id",
            export=listed(_("您到过的"), {"occasion__title": _("什么"), "came_at": _("来"), "left_at": _("走"), "role": _("角色")}),
            erase=_erase_attendance,
            merge=Move(alone=("occasion_id",)),
            consent_withdrawn=NO_CONSENT,
            deceased=CAME,
            residence_ended=CAME,
        ),
        in_office("foundation.Attendance.recorded_by_id"),
    )
