"""What moderation answers in a person's life. The hidden words themselves go with their text, by the mechanism that holds it."""

from django.utils.translation import gettext_lazy as _

from doorstep.foundation.identity.lifecycle import (
    Erasing,
    Move,
    PersonColumn,
    blank,
    called,
    keep,
    listed,
    not_theirs,
    nothing,
    register_person_columns,
    register_words,
)
from doorstep.foundation.moderation.texts import reasons

NO_CONSENT = nothing("whether a text may stand rests on the rules of the house")
PAST = nothing("what was decided stays decided")
NO_HOME = nothing("has nothing to do with where somebody lives")


def _erase_complaints(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """That somebody objected stays and still counts once; what they wrote and who it was goes."""
    column.rows(*erasing.person_ids).update(note="", person=None)
    return ()


def register() -> None:
    register_words(
        "foundation.Case.reason", "foundation.Complaint.reason", words=called(lambda: {code: each.name for code, each in reasons().items()})
    )
    register_person_columns(
        PersonColumn(
            "foundation.Case.author_id",
            export=listed(
                _("您写的、有人觉得不妥的"),
                {"subject": _("号"), "state": _("结果"), "reason": _("原因"), "appeal": _("您不同意的理由"), "opened_at": _("时间")},
            ),
            erase=blank("appeal"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Case.decided_by_id",
            export=not_theirs("what they did in office"),
            erase=keep("an official act: who did it stays on record as an id"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Complaint.person_id",
            export=listed(_("您觉得不妥的"), {"case__subject": _("号"), "reason": _("原因"), "note": _("您写的"), "made_at": _("时间")}),
            erase=_erase_complaints,
            merge=Move(alone=("case_id",)),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
    )
