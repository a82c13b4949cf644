"""What owners' votes and polls answer in a person's life.

A frozen roll and its ballots are kept by id and never changed. While a vote runs, and while the court may still be asked to annul it, the
name that goes with an id has to stay; then it may go, and the file counts the same.
"""

from django.utils.translation import gettext_lazy as _

from doorstep.affairs.models import Objection, RollHolder, Vote
from doorstep.affairs.rules.vote_states import State
from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import (
    Erasing,
    Merging,
    Move,
    PersonColumn,
    Section,
    Stay,
    called,
    delete_rows,
    in_office,
    keep,
    listed,
    not_theirs,
    nothing,
    register_person_columns,
    register_words,
)
from doorstep.foundation.identity.merging import CannotMerge
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of

NO_CONSENT = nothing("voting rests on the law and the roll, not on consent")
NO_HOME = nothing("the roll of a vote is frozen")
PAST = nothing("a frozen roll and a ballot stay as they were")
OVER = (State.FINAL, State.ANNULLED, State.CALLED_OFF)


def _may_be_challenged(vote: Vote) -> bool:
    """Whether the court may still be asked to annul the decision (Interpretation on Differentiated Ownership, art. 12)."""
    if vote.final_at is None:
        return False
    years = value_of("owners_vote.challenge_years", place_lineage_localities=vote.place.localities, on=clock.today())
    return due(vote.final_at, years.limit, calendar()) >= clock.now()


def _erase_holder(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    votes = Vote.objects.filter(pk__in=column.rows(*erasing.person_ids).values("party__vote_id")).select_related("place")
    needed = any(vote.state not in OVER or (vote.state == State.FINAL and _may_be_challenged(vote)) for vote in votes)
    return ("in_a_vote",) if needed else ()


def _erase_objections(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """What they objected is theirs and goes with its salt; the answer is the committee's and stays, without the words that named them."""
    for objection in Objection.objects.filter(pk__in=column.rows(*erasing.person_ids).values("pk")):
        answer = erasing.blotted(objection.answer)
        salt = objection.answer_salt if answer == objection.answer else ""
        Objection.objects.filter(pk=objection.pk).update(text="", salt="", answer=answer, answer_salt=salt)
    return ()


class _FrozenRoll(Stay):
    """Two persons on a running vote's roll may be two parties there: whether they are one has to wait until it is over."""

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        rows = RollHolder.objects.filter(person_id=merging.merged_id).exclude(party__vote__state__in=OVER)
        if rows.exists():
            raise CannotMerge("in_a_vote")


def _kept(column: str) -> PersonColumn:
    """A column of a ballot or of a paper as it was read: never changed."""
    return PersonColumn(
        column,
        export=not_theirs("the voter's own ballots are listed by who cast them"),
        erase=keep("a ballot is kept by law, with ids alone"),
        merge=Stay("a ballot is never changed"),
        consent_withdrawn=NO_CONSENT,
        deceased=PAST,
        residence_ended=NO_HOME,
    )


CHANNELS = {"paper": _("纸质票"), "electronic": _("电子票"), "hall": _("现场投")}


def _export_answers(column: PersonColumn, person_id: int) -> Section | None:
    """Each answer by the words one chose."""
    rows = [
        {
            str(_("题目")): answer.poll.question,
            str(_("选了什么")): answer.poll.options[answer.option],
            str(_("时间")): answer.answered_at,
        }
        for answer in column.rows(person_id).select_related("poll").order_by("pk")
    ]
    return Section(column.column, str(_("您答过的意向征询")), rows) if rows else None


def register() -> None:
    register_words("affairs.Ballot.channel", words=called(lambda: CHANNELS))
    register_person_columns(
        PersonColumn(
            "affairs.RollHolder.person_id",
            export=listed(
                _("您在哪些表决的名册上"), {"party__vote__number": _("号"), "party__vote__title": _("题目"), "party__first_unit": _("房号")}
            ),
            erase=_erase_holder,
            merge=_FrozenRoll("a finished vote stays as it was counted"),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "affairs.Ballot.by_id",
            # Never what it says: before the count nobody may read that, and afterwards the receipt proves it.
            export=listed(_("您投过的票"), {"vote__number": _("号"), "label": _("票号"), "channel": _("怎么投的"), "cast_at": _("时间")}),
            erase=keep("a ballot is kept by law, with ids alone"),
            merge=Stay("a ballot is never changed"),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        *map(
            _kept,
            ("affairs.Ballot.proxy_for_id", "affairs.PaperEntry.by_id", "affairs.PaperEntry.proxy_for_id", "affairs.PaperEntry.clerk_id"),
        ),
        PersonColumn(
            "affairs.Objection.by_id",
            export=listed(_("您对表决提过的异议"), {"vote__number": _("号"), "text": _("内容"), "answer": _("答复"), "at": _("时间")}),
            erase=_erase_objections,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "affairs.PollAnswer.person_id",
            export=_export_answers,
            erase=delete_rows,
            merge=Move(alone=("poll_id",)),
            consent_withdrawn=nothing("an answer is given once and never shown with its person"),
            deceased=PAST,
            residence_ended=nothing("an answer given stays given"),
        ),
        in_office("affairs.Teller.person_id", alone=("vote_id",)),
        *map(
            in_office,
            (
                "affairs.RollCorrection.by_id",
                "affairs.Delivery.by_id",
                "affairs.Ruling.by_id",
                "affairs.Objection.answered_by_id",
                "affairs.OfficialList.uploaded_by_id",
            ),
        ),
    )
