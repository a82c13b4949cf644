"""What identity answers for its own columns, and for those of the rooms below it, which know no person."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.foundation import clock
from doorstep.foundation.identity.consents import purposes
from doorstep.foundation.identity.lifecycle import (
    Erasing,
    Merging,
    Move,
    PersonColumn,
    Section,
    Stay,
    blank,
    called,
    delete_rows,
    in_office,
    keep,
    listed,
    not_theirs,
    nothing,
    register_person_columns,
    register_words,
    unlink,
)
from doorstep.foundation.identity.models import Account, Attempt, ErasureRequest, Mandate, OneTimeCode, Person
from doorstep.foundation.identity.sessions import end_sessions

AS_IT_WAS = "append-only or an answer of the past"


# The account


def _account_export(column: PersonColumn, person_id: int) -> Section:
    person = Person.objects.get(pk=person_id)
    account = Account.objects.filter(person=person).first()
    row: dict[str, Any] = {
        str(_("姓名")): person.name,
        str(_("电话")): person.phone,
        str(_("证件后四位")): person.id_last4,
        str(_("登记时间")): person.created_at,
    }
    if account is not None:
        row |= {
            str(_("登录用的手机号")): account.phone,
            str(_("登录名")): account.login or "",
            str(_("上次登录")): account.last_login,
            str(_("文字用哪种语言")): dict(settings.LANGUAGES).get(account.language, ""),
        }
    return Section("foundation.Person", str(_("您是谁")), [row])


def close_account(account: Account) -> None:
    """Nobody signs in with it any more."""
    end_sessions(account=account)
    account.is_active = False
    account.save(update_fields=["is_active"])


def _account_erase(column: PersonColumn, erasing: Erasing) -> tuple[str, ...]:
    OneTimeCode.objects.filter(phone__in=erasing.phones).delete()
    keys = [f"phone:{phone}" for phone in erasing.phones]
    for account in column.rows(*erasing.person_ids):
        keys.append(f"login:{account.login}")
        close_account(account)
        account.login, account.phone, account.totp_secret, account.language = None, "", "", ""
        account.set_unusable_password()
        account.save()
    Attempt.objects.filter(key__in=keys).delete()
    return ()


class _AccountMerge:
    """One account goes with its person; of two the survivor's stays and the other is closed."""

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        theirs = Account.objects.filter(person_id=merging.merged_id).first()
        if theirs is None:
            return
        if not Account.objects.filter(person_id=merging.survivor_id).exists():
            end_sessions(account=theirs)
            Account.objects.filter(pk=theirs.pk).update(person_id=merging.survivor_id)
            merging.moves[column.column] = {"moved": theirs.pk}
        elif theirs.is_active:
            close_account(theirs)
            merging.moves[column.column] = {"closed": theirs.pk}

    def undo(self, column: PersonColumn, merging: Merging) -> None:
        done = merging.moves.get(column.column, {})
        if "moved" in done:
            account = Account.objects.get(pk=done["moved"])
            end_sessions(account=account)
            Account.objects.filter(pk=account.pk).update(person_id=merging.merged_id)
        elif "closed" in done:
            Account.objects.filter(pk=done["closed"]).update(is_active=True)


def _account_deceased(column: PersonColumn, person_id: int, died_on: date) -> None:
    for account in column.rows(person_id):
        close_account(account)


# Permissions to act


def _end_mandates(column: PersonColumn, person_id: int, what: Any) -> None:
    column.rows(person_id).filter(ended_at=None).update(ended_at=clock.now())


class _MandateMerge(Move):
    """As `Move`; a permission between the two would be one to act for oneself and ends."""

    def apply(self, column: PersonColumn, merging: Merging) -> None:
        both = (merging.survivor_id, merging.merged_id)
        Mandate.objects.filter(person_id__in=both, helper_id__in=both, ended_at=None).exclude(person_id=F("helper_id")).update(
            ended_at=clock.now()
        )
        super().apply(column, merging)


def _withdraw_requests(column: PersonColumn, person_id: int, died_on: date) -> None:
    """Whether they are erased is now for the near relative to say."""
    ErasureRequest.objects.filter(person_id=person_id, withdrawn_at=None, begun_at=None).update(withdrawn_at=clock.now())


NO_CONSENT = nothing("rests on no consent")
NO_HOME = nothing("has nothing to do with where somebody lives")
NO_DEATH = nothing("a record of the past")


def _append_only(column: str) -> PersonColumn:
    return PersonColumn(
        column,
        export=not_theirs("the journal holds ids; /my/journal shows each person the entries that concern them, with their proofs"),
        erase=keep("the journal holds no name, and its digests refer to nothing that is left"),
        merge=Stay(AS_IT_WAS),
        consent_withdrawn=NO_CONSENT,
        deceased=NO_DEATH,
        residence_ended=NO_HOME,
    )


def register() -> None:
    register_words("foundation.Consent.purpose", words=called(lambda: {each.code: each.title for each in purposes()}))
    register_person_columns(
        PersonColumn(
            "foundation.Account.person_id",
            export=_account_export,
            erase=_account_erase,
            merge=_AccountMerge(),
            consent_withdrawn=NO_CONSENT,
            deceased=_account_deceased,
            residence_ended=nothing("an account is not tied to a home"),
        ),
        PersonColumn(
            "foundation.Person.merged_into_id",
            export=not_theirs("the persons merged are this one"),
            erase=keep("the tombstones stay tied, so that a replay finds them together"),
            merge=Stay("the chain is kept by the merge itself"),
            consent_withdrawn=NO_CONSENT,
            deceased=NO_DEATH,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Consent.person_id",
            export=listed(
                _("您同意过的"),
                {
                    "purpose": _("用途"),
                    "text_version": _("文字版本"),
                    "how": _("怎么同意的"),
                    "witness": _("见证人"),
                    "kept_where": _("纸存在哪里"),
                    "given_at": _("同意时间"),
                    "withdrawn_at": _("收回时间"),
                },
            ),
            erase=delete_rows,
            merge=Move(alone=("purpose",), running=Q(withdrawn_at=None)),
            consent_withdrawn=nothing("the row says itself when it was withdrawn"),
            deceased=nothing("what was agreed to stays so until a near relative says otherwise"),
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Mandate.person_id",
            export=listed(_("您让谁代办"), {"helper__name": _("谁"), "from_on": _("从"), "until_on": _("到"), "ended_at": _("提前结束")}),
            erase=delete_rows,
            merge=_MandateMerge(),
            consent_withdrawn=NO_CONSENT,
            deceased=_end_mandates,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Mandate.helper_id",
            export=listed(_("您替谁代办"), {"person__name": _("谁"), "from_on": _("从"), "until_on": _("到"), "ended_at": _("提前结束")}),
            erase=delete_rows,
            merge=_MandateMerge(),
            consent_withdrawn=NO_CONSENT,
            deceased=_end_mandates,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.ErasureRequest.person_id",
            export=listed(_("您要求注销"), {"asked_at": _("提出时间"), "due_at": _("到什么时候"), "withdrawn_at": _("收回时间")}),
            erase=keep("says that the person asked; holds no name"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=_withdraw_requests,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Erasure.person_id",
            export=not_theirs("whoever is on the erasure list has nothing left to export"),
            erase=keep("the erasure list itself"),
            merge=Stay("an erased person is never merged"),
            consent_withdrawn=NO_CONSENT,
            deceased=NO_DEATH,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Death.person_id",
            export=listed(_("去世登记"), {"proof": _("看过的证明"), "kept_where": _("存在哪里"), "noted_at": _("登记时间")}),
            erase=blank("kept_where"),
            merge=Stay("the dead are never merged"),
            consent_withdrawn=NO_CONSENT,
            deceased=NO_DEATH,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.Death.relative_id",
            export=listed(_("您替去世的亲人管的资料"), {"person__name": _("谁"), "relation": _("关系"), "noted_at": _("登记时间")}),
            erase=unlink,
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=NO_DEATH,
            residence_ended=NO_HOME,
        ),
        *map(
            in_office,
            (
                "foundation.Consent.recorded_by_id",
                "foundation.Mandate.recorded_by_id",
                "foundation.ErasureRequest.asked_by_id",
                "foundation.Death.noted_by_id",
                "foundation.Death.confirmed_by_id",
                "foundation.PersonMerge.proposed_by_id",
                "foundation.PersonMerge.decided_by_id",
            ),
        ),
        *map(_append_only, ("foundation.Entry.actor_id", "foundation.Entry.on_behalf_of_id")),
        *(
            PersonColumn(
                f"foundation.PersonMerge.{side}_id",
                export=not_theirs("which entries were found to be one human; both are in this file"),
                erase=keep("ids alone, needed to undo or explain a merge"),
                merge=Stay("a merge names the two it was about"),
                consent_withdrawn=NO_CONSENT,
                deceased=NO_DEATH,
                residence_ended=NO_HOME,
            )
            for side in ("survivor", "merged")
        ),
        PersonColumn(
            "foundation.AccessLog.about_person_id",
            export=listed(_("谁看过您的资料"), {"at": _("时间"), "kind": _("哪一种"), "subject": _("号"), "why": _("为什么")}),
            erase=keep("logs are kept as long as the law asks, with ids alone (Cybersecurity Law art. 23), then pruned"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=NO_DEATH,
            residence_ended=NO_HOME,
        ),
        PersonColumn(
            "foundation.AccessLog.person_id",
            export=not_theirs("whose data they read is others' to know"),
            erase=keep("logs are kept as long as the law asks, with ids alone (Cybersecurity Law art. 23), then pruned"),
            merge=Move(),
            consent_withdrawn=NO_CONSENT,
            deceased=NO_DEATH,
            residence_ended=NO_HOME,
        ),
    )
