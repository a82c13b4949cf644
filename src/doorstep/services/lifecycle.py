"""What services answer in a person's life: who stands at a session, who came and said what, health readings, calendars, the rota."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import (
    Erasing,
    Merging,
    Move,
    PersonColumn,
    blank,
    called,
    delete_rows,
    in_office,
    keep,
    listed,
    nothing,
    register_person_columns,
    register_words,
)
from doorstep.foundation.moderation.actions import forget_original
from doorstep.foundation.places.queries import place_by_code
from doorstep.foundation.search.queries import named
from doorstep.services.codes import roles
from doorstep.talents.actions.academy import STUDENT

NO_CONSENT = nothing("rests on what the person did, not on a consent of the list")
PAST = nothing("a record of the past")
NO_HOME = nothing("a service is for whoever comes, wherever they live")


def _delete(column: PersonColumn, person_id: int, what: Any) -> None:
    column.rows(person_id).delete()


def _end_regular(column: PersonColumn, *person_ids: int) -> None:
    """Nobody stands there from today on."""
    column.rows(*person_ids).filter(until=None).update(until=clock.today())


def _erase_regular(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    _end_regular(column, *erasing.person_ids)
    column.rows(*erasing.person_ids).update(is_named=False)
    return ()


def _regular_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    _end_regular(column, person_id)


def _erase_points(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """Their words go, and what moderators keep of them."""
    rows = column.rows(*erasing.person_ids)
    for code, pk in rows.values_list("occasion__code", "pk"):
        forget_original(kind="point", subject=code, item=str(pk))
    rows.update(text="", salt="")
    return ()


def _erase_feedback(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """The stars stay without a name, as if they had been given so."""
    column.rows(*erasing.person_ids).update(words="", words_salt="", person=None)
    return ()


class _SwapMove(Move):
    """An offer between the two stays where it is: nobody swaps with themselves."""

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        other = "to_id" if column.attribute == "by_id" else "by_id"
        ids = list(column.rows(merging.merged_id).exclude(**{other: merging.survivor_id}).values_list("pk", flat=True))
        if ids:
            column.model._default_manager.filter(pk__in=ids).update(**{column.attribute: merging.survivor_id})
            merging.moves[column.column] = ids


def role_names() -> dict[str, object]:
    return {**roles(), STUDENT: _("学员")}


def swap_states() -> dict[str, object]:
    return {"open": _("等对方说"), "accepted": _("换了"), "declined": _("对方不换"), "withdrawn": _("收回了")}


def _places(held: Sequence[str], _row: Mapping[str, Any]) -> list[str]:
    return [named(place.name, place.name_en) for place in (place_by_code(code) for code in held) if place is not None]


def _weekdays(held: Sequence[int], _row: Mapping[str, Any]) -> list[str]:
    return [str(WEEKDAYS[day]) for day in held]


def _register_words() -> None:
    # What a lower room keeps for us: in which role somebody comes.
    register_words("foundation.SignUp.role", "foundation.Attendance.role", words=called(role_names))
    register_words("services.Regular.role", "services.RotaPlace.role", words=called(roles))
    register_words("services.Swap.state", words=called(swap_states))
    register_words("services.MentorTerms.prefers", words=_places)
    register_words("services.MentorTerms.never", words=_weekdays)


def register() -> None:
    _register_words()
    register_person_columns(
        PersonColumn(
            "services.Regular.person_id",
            export=listed(_("您固定去的服务"), {"service__name": _("服务"), "role": _("角色"), "since": _("从"), "until": _("到")}),
            erase=_erase_regular,
            merge=Move(alone=("series_id",), running=Q(until=None)),
            consent_withdrawn=nothing("whether a mentor is named is said at the service itself"),
            deceased=_regular_deceased,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.Feedback.person_id",
            export=listed(_("您给的评价"), {"occasion__title": _("什么"), "stars": _("几颗星"), "words": _("内容"), "given_at": _("时间")}),
            erase=_erase_feedback,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.Point.speaker_id",
            export=listed(_("您在活动上说的话"), {"occasion__title": _("什么"), "text": _("内容"), "written_at": _("时间")}),
            erase=_erase_points,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.HomeVisit.visited_id",
            export=listed(
                _("上门看过您"),
                {"service__name": _("服务"), "visited_at": _("时间"), "minutes": _("分钟"), "words": _("内容"), "stars": _("几颗星")},
            ),
            erase=blank("alias", "words"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.ReadingConsent.person_id",
            export=listed(
                _("您同意留存血压"),
                {
                    "given_at": _("同意时间"),
                    "how": _("方式"),
                    "witness": _("见证人"),
                    "kept_where": _("纸放在哪里"),
                    "withdrawn_at": _("收回时间"),
                },
            ),
            erase=delete_rows,
            merge=Move(single=True, running=Q(withdrawn_at=None)),
            consent_withdrawn=nothing("this consent is given and taken back at the readings themselves"),
            deceased=nothing("readings are deleted on their day; a near relative may ask earlier"),
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.Reading.person_id",
            export=listed(
                _("您的血压"),
                {"taken_at": _("时间"), "systolic": _("收缩压"), "diastolic": _("舒张压"), "pulse": _("脉搏"), "delete_on": _("哪天删除")},
            ),
            erase=delete_rows,
            merge=Move(),
            consent_withdrawn=nothing("taking back the consent to readings deletes them there"),
            deceased=nothing("readings are deleted on their day; a near relative may ask earlier"),
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.CalendarKey.person_id",
            export=listed(_("您的日历地址"), {"made_at": _("时间")}),
            erase=delete_rows,
            merge=Move(single=True),
            consent_withdrawn=NO_CONSENT,
            deceased=_delete,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.MentorTerms.person_id",
            export=listed(
                _("您对排班的要求"),
                {"weekly_minutes": _("一周最多几分钟"), "prefers": _("愿意去的地方"), "never": _("不去的日子")},
            ),
            erase=delete_rows,
            merge=Move(single=True),
            consent_withdrawn=NO_CONSENT,
            deceased=_delete,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "services.RotaPlace.person_id",
            export=listed(_("排给您的班"), {"occasion__title": _("什么"), "occasion__starts_at": _("时间"), "role": _("角色")}),
            erase=keep("a rota of the past, by id; places still to come are given up with the sign-ups"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=nothing("places to come are given up with the sign-ups"),
            residence_ended=NO_HOME,
        ),
        *(
            PersonColumn(
                f"services.Swap.{side}_id",
                export=listed(
                    says,
                    {
                        "given__occasion__title": _("什么"),
                        "given__occasion__starts_at": _("时间"),
                        "state": _("怎样了"),
                        "offered_at": _("提出"),
                    },
                ),
                erase=delete_rows,
                merge=_SwapMove(),
                consent_withdrawn=NO_CONSENT,
                deceased=nothing("the places it names are given up with the sign-ups"),
                residence_ended=NO_HOME,
            )
            for side, says in (("by", _("您提出的换班")), ("to", _("请您换的班")))
        ),
        *map(
            in_office,
            (
                "services.Point.written_by_id",
                "services.HomeVisit.visitor_id",
                "services.HomeVisit.stars_by_id",
                "services.Reading.mentor_id",
                "services.ReadingConsent.entered_by_id",
                "services.Rota.made_by_id",
            ),
        ),
    )
