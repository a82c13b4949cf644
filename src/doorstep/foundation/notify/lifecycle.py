"""What notices answer in a person's life."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import (
    Move,
    PersonColumn,
    called,
    delete_rows,
    listed,
    nothing,
    register_person_columns,
    register_words,
)
from doorstep.foundation.notify.models import Delivery

CHANNELS = {"mail": _("邮件"), "sms": _("短信"), "wechat": _("微信")}
NO_CONSENT = nothing("how one is told is one's own setting, changed at /notices/")
NO_HOME = nothing("what was told stays told; whether more is told is asked again at sending")


def _quiet(column: PersonColumn, person_id: int, died_on: date) -> None:
    column.rows(person_id).filter(read_at=None).update(read_at=clock.now())


def _forget(column: PersonColumn, person_id: int, died_on: date) -> None:
    """Nobody is written to any more."""
    column.rows(person_id).delete()


def _withhold(column: PersonColumn, person_id: int, died_on: date) -> None:
    column.rows(person_id).filter(state=Delivery.State.WAITING).update(state=Delivery.State.WITHHELD, done_at=clock.now())


def register() -> None:
    register_words("foundation.Preference.channel", "foundation.Delivery.channel", words=called(lambda: CHANNELS))
    register_person_columns(
        PersonColumn(
            "foundation.InboxItem.person_id",
            export=listed(_("您收到的消息"), {"happened_at": _("时间"), "kind": _("哪一种"), "subject": _("号"), "topic": _("什么事")}),
            erase=delete_rows,
            merge=Move(alone=("event_id",)),
            consent_withdrawn=nothing("what was told stays told"),
            deceased=_quiet,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.MailAddress.person_id",
            export=listed(_("您的邮箱"), {"address": _("地址"), "confirmed_at": _("确认时间")}),
            erase=delete_rows,
            merge=Move(single=True),
            consent_withdrawn=NO_CONSENT,
            deceased=_forget,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Preference.person_id",
            export=listed(_("您想怎么收消息"), {"kind": _("哪一种"), "channel": _("从哪里"), "mode": _("怎么收")}),
            erase=delete_rows,
            merge=Move(alone=("kind", "channel")),
            consent_withdrawn=NO_CONSENT,
            deceased=_forget,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Follow.person_id",
            export=listed(_("您关注的"), {"kind": _("哪一种"), "subject": _("号"), "since": _("从")}),
            erase=delete_rows,
            merge=Move(alone=("kind", "subject")),
            consent_withdrawn=NO_CONSENT,
            deceased=_forget,
            residence_ended=nothing("what is public may be followed from anywhere; what is not is asked again at sending"),
        ),
        PersonColumn(
            "foundation.Delivery.person_id",
            export=listed(
                _("发到站外的消息"), {"item__subject": _("号"), "channel": _("从哪里"), "state": _("发了没有"), "done_at": _("时间")}
            ),
            erase=delete_rows,
            merge=Move(alone=("item__event_id", "channel")),
            consent_withdrawn=NO_CONSENT,
            deceased=_withhold,
            residence_ended=NO_HOME,
        ),
    )
