"""What organisations answer in a person's life: posts, units on the roll, verified residence and what leads to it."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import (
    TOMBSTONE,
    Erasing,
    Merging,
    Move,
    PersonColumn,
    delete_rows,
    in_office,
    keep,
    listed,
    nothing,
    register_person_columns,
)
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.organisations.actions.residence import end_all
from doorstep.organisations.models import BodyApplication, Holder, HomeCode, Residence, ResidenceClaim, RollImport, Unit
from doorstep.organisations.rules.roll import party_key

NO_CONSENT = nothing("rests on the roll and the law, not on consent")
NO_HOME = nothing("has nothing to do with where somebody lives")
PAST = nothing("a record of the past")


def running_post() -> Q:
    return Q(held_until=None) | Q(held_until__gte=clock.today())


# Posts


def _post_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """Who answers in an office is public while they hold it; afterwards the post keeps an id."""
    return ("holds_post",) if column.rows(*erasing.person_ids).filter(running_post()).exists() else ()


def _post_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    column.rows(person_id).filter(running_post()).update(held_until=died_on)


# The roll


def _holder_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """The roll of the owners is kept by law: the name stays as long as a unit is held. Uploads that name the person are blotted out then."""
    if column.rows(*erasing.person_ids).exists():
        return ("on_the_roll",)
    for upload in RollImport.objects.exclude(rows=[], report__ask=[]):
        asked = [each for each in upload.report.get("ask", []) if erasing.blotted(each["name"]) == each["name"]]
        named = any(erasing.blotted(str(cell)) != str(cell) for row in upload.rows for cell in row)
        if named or len(asked) != len(upload.report.get("ask", [])):
            upload.report = {**upload.report, "ask": asked}
            upload.rows = [] if named else upload.rows
            upload.save(update_fields=["report", "rows"])
    return ()


class _HolderMerge:
    """Units go to the survivor; where both were in the set of one unit it becomes one holder. Parties are told apart anew."""

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        mine = set(Holder.objects.filter(person_id=merging.survivor_id).values_list("unit_id", flat=True))
        moved, removed = [], []
        for holder in Holder.objects.filter(person_id=merging.merged_id).order_by("pk"):
            if holder.unit_id in mine:
                removed.append(holder.unit_id)
                holder.delete()
            else:
                moved.append(holder.pk)
        Holder.objects.filter(pk__in=moved).update(person_id=merging.survivor_id)
        if moved or removed:
            merging.moves[column.column] = {"moved": moved, "removed": removed}
        self._parties(Holder.objects.filter(person_id=merging.survivor_id).values_list("unit_id", flat=True))

    def undo(self, column: PersonColumn, merging: Merging) -> None:
        done = merging.moves.get(column.column, {"moved": [], "removed": []})
        mine = Holder.objects.filter(person_id=merging.survivor_id)
        units = set(mine.values_list("unit_id", flat=True))
        mine.filter(pk__in=done["moved"]).update(person_id=merging.merged_id)
        # A unit that was transferred meanwhile is no longer theirs.
        Holder.objects.bulk_create([Holder(unit_id=unit, person_id=merging.merged_id) for unit in done["removed"] if unit in units])
        self._parties(units)

    def _parties(self, unit_ids: Any) -> None:
        for unit in Unit.objects.filter(pk__in=list(unit_ids)).prefetch_related("holders"):
            unit.party_key = party_key(unit.status, [holder.person_id for holder in unit.holders.all()])
            unit.save(update_fields=["party_key"])


# Living somewhere


def _residence_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """Where they live ends; that a tombstone lived there stays as the unit's history."""
    ids = column.rows(*erasing.person_ids).filter(until_on=None).values_list("pk", flat=True)
    end_all(list(ids), because=Residence.Ended.ERASED, by=SYSTEM)
    return ()


def _residence_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    ids = column.rows(person_id).filter(until_on=None).values_list("pk", flat=True)
    end_all(list(ids), because=Residence.Ended.DIED, by=SYSTEM, on=died_on)


def _cancel_codes(column: PersonColumn, person_id: int, what: Any) -> None:
    """Invitations by somebody who lives there no more are good no more; sheets printed by a keeper stay."""
    column.rows(person_id).filter(used_at=None, cancelled_at=None).exclude(kind="").update(cancelled_at=clock.now())


def _codes_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    for person_id in erasing.person_ids:
        _cancel_codes(column, person_id, erasing.at)
    return ()


def _cancel_codes_there(column: PersonColumn, person_id: int, estate_code: str) -> None:
    HomeCode.objects.filter(issued_by_id=person_id, unit__estate__code=estate_code, used_at=None, cancelled_at=None).exclude(
        kind=""
    ).update(cancelled_at=clock.now())


def _drop_claims(column: PersonColumn, person_id: int, died_on: date) -> None:
    ResidenceClaim.objects.filter(person_id=person_id, decision="").delete()


# A branch, and who asks to be registered


def _contact_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """Nobody is sent to them any more; that the building had a contact stays."""
    rows = column.rows(*erasing.person_ids)
    rows.filter(until=None).update(until=clock.today())
    rows.update(phone="")
    return ()


def _contact_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    column.rows(person_id).filter(until=None).update(until=died_on)
    column.rows(person_id).update(phone="")


def _member_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    """The census counts the living."""
    column.rows(person_id).delete()


def _withdraw_applications(column: PersonColumn, person_id: int, what: Any) -> None:
    """What waits is withdrawn, and a worker is registered nowhere any more."""
    column.rows(person_id).filter(state=BodyApplication.State.WAITING).update(state=BodyApplication.State.WITHDRAWN, decided_at=clock.now())
    running = column.rows(person_id).filter(kind=BodyApplication.Kind.WORKER, state=BodyApplication.State.ACCEPTED)
    running.update(state=BodyApplication.State.ENDED, ended_at=clock.now())


def _application_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    """What waits is withdrawn; of what was decided an id is left. Somebody who came to work here asked under their own name."""
    for person_id in erasing.person_ids:
        _withdraw_applications(column, person_id, erasing.at)
    rows = column.rows(*erasing.person_ids)
    rows.filter(kind=BodyApplication.Kind.WORKER).update(name=TOMBSTONE)
    rows.update(phone="", offers="")
    return ()


def _branch_and_applications() -> None:
    register_person_columns(
        PersonColumn(
            "organisations.PartyMember.person_id",
            export=listed(
                _("您向党支部申报的"),
                {
                    "branch__name": _("党支部"),
                    "kind": _("身份"),
                    "employer": _("单位"),
                    "skills": _("特长"),
                    "available": _("什么时候有空"),
                    "background": _("以前做过什么"),
                    "declared_at": _("时间"),
                    "verified_at": _("核实时间"),
                },
            ),
            erase=delete_rows,
            merge=Move(alone=("branch_id",)),
            consent_withdrawn=nothing("a declaration of one's own, deleted when it is taken back"),
            deceased=_member_deceased,
            residence_ended=nothing("who moves away tells the branch where their membership goes"),
        ),
        PersonColumn(
            "organisations.ContactPerson.person_id",
            export=listed(
                _("您当联系人的楼栋"), {"building__name": _("楼栋"), "phone": _("给出的电话"), "since": _("从"), "until": _("到")}
            ),
            erase=_contact_erase,
            merge=Move(),
            consent_withdrawn=nothing("ended by telling the branch"),
            deceased=_contact_deceased,
            residence_ended=nothing("a contact need not live in the building"),
        ),
        PersonColumn(
            "organisations.BodyApplication.person_id",
            export=listed(
                _("您来登记的"),
                {
                    "kind": _("种类"),
                    "name": _("名称"),
                    "uscc": _("信用代码"),
                    "phone": _("电话"),
                    "offers": _("愿意做什么"),
                    "asked_at": _("时间"),
                    "state": _("结果"),
                },
            ),
            erase=_application_erase,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=_withdraw_applications,
            residence_ended=nothing("who registers need not live here"),
        ),
    )


def register() -> None:
    _branch_and_applications()
    register_person_columns(
        PersonColumn(
            "organisations.Post.person_id",
            export=listed(_("您担任的职务"), {"body__name": _("机构"), "title": _("职务"), "held_from": _("从"), "held_until": _("到")}),
            erase=_post_erase,
            merge=Move(),
            consent_withdrawn=nothing("who answers in an office is public by the office, not by consent"),
            deceased=_post_deceased,
            residence_ended=nothing("whether an office needs a home there is for the body to say"),
        ),
        PersonColumn(
            "organisations.Holder.person_id",
            export=listed(
                _("名册上您的房子"), {"unit__name": _("房号"), "unit__estate__name": _("小区"), "unit__registered_on": _("登记日期")}
            ),
            erase=_holder_erase,
            merge=_HolderMerge(),
            consent_withdrawn=NO_CONSENT,
            deceased=nothing("a unit stays on the roll under the name until it is transferred to the heirs"),
            residence_ended=nothing("an owner may live elsewhere"),
        ),
        PersonColumn(
            "organisations.FormerIncumbent.person_id",
            export=listed(
                _("您交接出去的职务"),
                {"post__body__name": _("机构"), "post__title": _("职务"), "held_from": _("从"), "held_until": _("到")},
            ),
            erase=keep("who held a post is its history, as an id"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=PAST,
        ),
        in_office("organisations.HandOver.from_person_id"),
        in_office("organisations.HandOver.to_person_id"),
        PersonColumn(
            "organisations.FormerHolder.person_id",
            export=listed(
                _("您以前的房子"),
                {"unit__name": _("房号"), "unit__estate__name": _("小区"), "held_from": _("从"), "held_until": _("到")},
            ),
            erase=keep("who held a unit is its history, as an id"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=PAST,
            residence_ended=PAST,
        ),
        in_office("organisations.RollImport.uploaded_by_id"),
        PersonColumn(
            "organisations.Residence.person_id",
            export=listed(
                _("您住在哪里"),
                {
                    "unit__name": _("房号"),
                    "unit__estate__name": _("小区"),
                    "kind": _("身份"),
                    "how": _("怎么认证的"),
                    "from_on": _("从"),
                    "until_on": _("到"),
                },
            ),
            erase=_residence_erase,
            merge=Move(alone=("unit_id",), running=Q(until_on=None)),
            consent_withdrawn=NO_CONSENT,
            deceased=_residence_deceased,
            residence_ended=nothing("this is the residence that ended"),
        ),
        in_office("organisations.Residence.invited_by_id"),
        in_office("organisations.Residence.verified_by_id"),
        PersonColumn(
            "organisations.HomeCode.issued_by_id",
            export=listed(_("您发的邀请"), {"unit__name": _("房号"), "made_at": _("时间"), "used_at": _("什么时候用了")}, only=~Q(kind="")),
            erase=_codes_erase,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=_cancel_codes,
            residence_ended=_cancel_codes_there,
        ),
        in_office("organisations.HomeCode.used_by_id"),
        PersonColumn(
            "organisations.ResidenceClaim.person_id",
            export=listed(
                _("您说过住在哪里"),
                {
                    "estate__name": _("小区"),
                    "typed_unit": _("您写的房号"),
                    "made_at": _("时间"),
                    "decision": _("结果"),
                    "reason": _("原因"),
                },
            ),
            erase=delete_rows,
            merge=Move(alone=("estate_id",), running=Q(decision="")),
            consent_withdrawn=NO_CONSENT,
            deceased=_drop_claims,
            residence_ended=nothing("a claim is about a home to come"),
        ),
        in_office("organisations.ResidenceClaim.decided_by_id"),
    )
