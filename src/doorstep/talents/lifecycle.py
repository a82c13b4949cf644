"""What talents answer in a person's life. The hours book and the terms of certificates are append-only and hold no name: an erased person's
lines stay as an id, and a merged one's are read through the person they are now."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import (
    Erasing,
    Move,
    PersonColumn,
    Stay,
    blank,
    called,
    in_office,
    keep,
    listed,
    not_theirs,
    nothing,
    register_person_columns,
    register_words,
)
from doorstep.foundation.moderation.actions import forget_original
from doorstep.talents import codes
from doorstep.talents.models import Listing, Profile

NO_CONSENT = nothing("rests on what the person did, not on a consent of the list")
PAST = nothing("a record of the past")
NO_HOME = nothing("what somebody learned and gave is theirs wherever they live")


# The register


def _leave_register(*person_ids: int) -> None:
    """Nobody asks them any more, and they stand in no list."""
    profiles = Profile.objects.filter(person_id__in=person_ids)
    Listing.objects.filter(profile__in=profiles, until=None).update(until=clock.today())
    profiles.update(may_be_asked=False, visibility=Profile.Visibility.BODIES)


def _erase_profile(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    _leave_register(*erasing.person_ids)
    for profile_id in column.rows(*erasing.person_ids).values_list("pk", flat=True):
        forget_original(kind="profile", subject=str(profile_id))
    column.rows(*erasing.person_ids).update(skills=[], availability=[], about="", about_salt="", attributes={})
    return ()


def _profile_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    _leave_register(person_id)


def _withdraw_licences(column: PersonColumn, person_id: int, died_on: date) -> None:
    column.rows(person_id).filter(withdrawn_on=None).update(withdrawn_on=clock.today())


def _erase_licences(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    for person_id in erasing.person_ids:
        _withdraw_licences(column, person_id, clock.today())
    column.rows(*erasing.person_ids).update(number="", number_salt="")
    return ()


SEXES = {"F": _("女"), "M": _("男")}
ATTRIBUTES = {"sex": _("性别"), "group": _("组")}
STAGES = {"planned": _("计划"), "attended": _("实到"), "approved": _("已认可")}
STUDENTS = {
    "learning": _("在学"),
    "reviewed": _("评审过了"),
    "published": _("在公示"),
    "certified": _("拿到证书"),
    "not_passed": _("没通过"),
}
CERTIFICATES = {"given": _("有效"), "suspended": _("已暂停"), "revoked": _("已撤销")}


def _attributes(held: Mapping[str, str], _row: Mapping[str, Any]) -> list[str]:
    return [f"{ATTRIBUTES.get(name, name)} {SEXES.get(value, value) if name == 'sex' else value}" for name, value in held.items()]


def _times(held: Sequence[str], _row: Mapping[str, Any]) -> list[str]:
    names = codes.times()
    return [names[each] for each in held if each in names]


def _register_words() -> None:
    register_words("talents.Licence.kind", words=called(codes.licences))
    register_words("talents.Profile.skills", words=called(codes.skills))
    register_words("talents.Profile.availability", words=_times)
    register_words("talents.Profile.attributes", words=_attributes)
    register_words("talents.HoursLine.stage", words=called(lambda: STAGES))
    register_words("talents.Student.state", words=called(lambda: STUDENTS))
    register_words("talents.Certificate.state", words=called(lambda: CERTIFICATES))


def register() -> None:
    _register_words()
    register_person_columns(
        PersonColumn(
            "talents.Profile.person_id",
            export=listed(
                _("您在人才库里写的"),
                {
                    "skills": _("会什么"),
                    "availability": _("什么时候有空"),
                    "about": _("内容"),
                    "attributes": _("小组平衡用的"),
                    "consented_at": _("同意时间"),
                },
            ),
            erase=_erase_profile,
            merge=Move(single=True),
            consent_withdrawn=nothing("whether one may be asked is taken back in the register itself"),
            deceased=_profile_deceased,
            residence_ended=nothing("where one can be asked is said in the register itself"),
        ),
        PersonColumn(
            "talents.Licence.person_id",
            export=listed(
                _("您的执业证"), {"kind": _("哪一种"), "number": _("号"), "expires_on": _("到期"), "withdrawn_on": _("什么时候停的")}
            ),
            erase=_erase_licences,
            merge=Move(alone=("kind",), running=Q(withdrawn_on=None)),
            consent_withdrawn=NO_CONSENT,
            deceased=_withdraw_licences,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.Student.person_id",
            export=listed(_("您上的课"), {"course__title": _("课程"), "state": _("结果"), "enrolled_at": _("报名时间")}),
            erase=keep("that somebody was assessed, and how, stays as an id"),
            merge=Move(alone=("course_id",)),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.Certificate.person_id",
            export=listed(_("您的证书"), {"number": _("号"), "issued_on": _("发证"), "valid_until": _("到期"), "state": _("结果")}),
            erase=keep("a number anybody may check says that it was given, without a name"),
            merge=Move(single=True, running=~Q(state="revoked")),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.HoursLine.person_id",
            export=listed(_("您的志愿时长"), {"on": _("哪一天"), "title": _("什么"), "minutes": _("分钟"), "stage": _("办到哪一步")}),
            erase=keep("the book is append-only: hours given stay counted, as an id without a name"),
            merge=Stay("the book is append-only; it is read through the person they are now"),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.HoursLine.recorded_by_id",
            export=not_theirs("what they did for others"),
            erase=keep("who did it stays on record as an id"),
            merge=Stay("the book is append-only"),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.HoursProof.person_id",
            export=listed(
                _("您的志愿服务证明"), {"code": _("号"), "since": _("从"), "until": _("到"), "minutes": _("分钟"), "made_at": _("时间")}
            ),
            erase=blank("name"),
            merge=Stay("a proof was made from its own person's lines and is checked against them"),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.VolunteerNumber.person_id",
            export=listed(_("您的志愿者编号"), {"number": _("号"), "given_at": _("时间")}),
            erase=keep("a number that says nothing of the person; badges are bound to it"),
            merge=Move(single=True),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "talents.VolunteerRecord.person_id",
            export=listed(_("对您的表彰和评价"), {"on": _("哪一天"), "words": _("内容"), "body__name": _("机构")}),
            erase=blank("words", "words_salt"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        in_office("talents.Review.person_id", alone=("student_id",)),
        *map(in_office, ("talents.Mark.given_by_id", "talents.Licence.checked_by_id", "talents.VolunteerRecord.recorded_by_id")),
    )
