"""Consents, permissions to act, two entries made one, and death."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.translation import gettext_lazy

from doorstep.affairs import actions as affairs
from doorstep.affairs.models import Category, Matter
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity import consents, deaths, merging
from doorstep.foundation.identity.actions import account_for, create_account, create_person
from doorstep.foundation.identity.erasures import ask_erasure
from doorstep.foundation.identity.lifecycle import Stay, person_columns
from doorstep.foundation.identity.models import Account, Consent, Mandate, Person, PersonMerge
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.permissions import may_see_content, may_see_entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.organisations.actions import give_post
from doorstep.organisations.models import Holder, Post, Unit
from doorstep.organisations.roll_import import import_table

YEAR = timedelta(days=365)


# Consents


def give(town: Any, purpose: str = "name_shown", **more: Any) -> Consent:
    return consents.give_consent(person_id=town.liu.pk, purpose=purpose, by=Actor(person_id=town.liu.pk), place=town.place, **more)


def test_a_consent_is_to_one_purpose_in_one_text(town: Any, monkeypatch: Any) -> None:
    first = give(town)
    assert give(town).pk == first.pk
    assert consents.has_consent(town.liu.pk, "name_shown")
    assert not consents.has_consent(town.liu.pk, "media")
    with pytest.raises(consents.UnknownPurpose):
        give(town, "anything")
    # The text changes: what was said yes to is no longer what is asked.
    changed = consents.Purpose("name_shown", "2", gettext_lazy("写名字"), gettext_lazy("照片"))
    monkeypatch.setitem(consents._purposes, "name_shown", changed)
    assert not consents.has_consent(town.liu.pk, "name_shown")
    assert give(town).text_version == "2"
    assert Consent.objects.filter(person=town.liu, withdrawn_at=None).count() == 1


def test_paper_has_a_witness_and_a_place(town: Any) -> None:
    with pytest.raises(consents.WitnessMissing):
        give(town, "wall", how="paper", witness="谢俊杰")
    kept = give(town, "wall", how="paper", witness="谢俊杰", kept_where="物业前台 3 号夹")
    assert (kept.how, kept.witness, kept.kept_where) == ("paper", "谢俊杰", "物业前台 3 号夹")
    # No picture of a signature or a fingerprint has a place to be kept in.
    assert {field.get_internal_type() for field in Consent._meta.fields} <= {"BigAutoField", "ForeignKey", "CharField", "DateTimeField"}
    assert "谢俊杰" not in str(Entry.objects.filter(verb="consent_given").values("detail"))


def test_without_the_consent_the_name_is_gone_from_every_page_at_once(town: Any, client: Any) -> None:
    matter = town.raise_matter(is_named=True)
    assert consents.has_consent(town.liu.pk, "name_shown")
    assert "刘玉梅" in client.get(f"/m/{matter.number}").content.decode()
    consents.withdraw_consent(person_id=town.liu.pk, purpose="name_shown", by=Actor(person_id=town.liu.pk), place=town.place)
    assert "刘玉梅" not in client.get(f"/m/{matter.number}").content.decode()
    assert not consents.withdraw_consent(person_id=town.liu.pk, purpose="name_shown", by=Actor(), place=town.place)


def test_a_consent_of_another_purpose_takes_no_name_away(town: Any) -> None:
    matter = town.raise_matter(is_named=True)
    give(town, "media")
    consents.withdraw_consent(person_id=town.liu.pk, purpose="media", by=Actor(person_id=town.liu.pk), place=town.place)
    matter.refresh_from_db()
    assert matter.is_named


# Permissions to act


def mandate(town: Any, **more: Any) -> Mandate:
    given = {
        "person_id": town.ye.pk,
        "helper_id": town.liu.pk,
        "from_on": clock.today(),
        "until_on": clock.today() + timedelta(days=30),
        "latest": clock.today() + YEAR,
        "by": Actor(person_id=town.ye.pk),
        "place": town.place,
    }
    return consents.give_mandate(**{**given, **more})


@pytest.mark.parametrize(
    ("from_in", "until_in"), [(-1, 30), (3, 2), (0, 366)], ids=["begins yesterday", "ends before it begins", "longer than allowed"]
)
def test_a_mandate_has_dates_within_what_is_allowed(town: Any, from_in: int, until_in: int) -> None:
    today = clock.today()
    with pytest.raises(consents.MandateDates):
        mandate(town, from_on=today + timedelta(days=from_in), until_on=today + timedelta(days=until_in))


def test_a_mandate_runs_and_ends(town: Any) -> None:
    liu = town.viewer(town.liu)
    given = mandate(town)
    assert consents.may_act_for(liu, town.ye.pk)
    assert not consents.may_act_for(town.viewer(town.ye), town.liu.pk)
    with clock.shifted(timedelta(days=31)):
        assert not consents.may_act_for(liu, town.ye.pk)
    consents.end_mandate(mandate=given, by=Actor(person_id=town.ye.pk), place=town.place)
    assert not consents.may_act_for(liu, town.ye.pk)
    with pytest.raises(consents.NotForOneself):
        mandate(town, helper_id=town.ye.pk)


def raise_for(town: Any, name: str) -> Matter:
    draft = affairs.open_draft()
    affairs.keep_draft(draft=draft, text="楼梯扶手松了", behalf="yes", behalf_name=name)
    return affairs.send_draft(
        draft=draft, by=Actor(person_id=town.liu.pk), place=town.building, category=Category.objects.get(code="lighting")
    )


def test_a_helper_raises_for_the_one_whose_permission_they_hold_and_both_names_are_kept(town: Any) -> None:
    mandate(town)
    matter = raise_for(town, " 叶 锦棠")
    assert (matter.reporter_id, matter.entered_by_id) == (town.ye.pk, town.liu.pk)
    entry = Entry.objects.filter(kind="matter", subject=matter.number).earliest("id")
    assert (entry.actor_id, entry.on_behalf_of_id) == (town.liu.pk, town.ye.pk)
    # Without it, somebody known by name only: never the person of that name.
    Mandate.objects.update(ended_at=clock.now())
    assert raise_for(town, "叶锦棠").reporter_id != town.ye.pk


# Two entries made one


@pytest.fixture
def twin(town: Any) -> Person:
    """The entry of 刘玉梅 by another phone, with something in many tables."""
    person = create_person(name="刘玉梅", phone="13755555555", id_last4="123X")
    create_account(person=person, phone=person.phone)
    by = Actor(person_id=person.pk)
    town.raise_matter(by=by, reporter_id=person.pk, is_public=False, is_named=False)
    named = town.raise_matter(by=by, reporter_id=person.pk, is_named=True)
    affairs.answer_matter(viewer=town.viewer(town.luo), matter=named, text="好")
    affairs.add_to_matter(viewer=build_viewer(person_id=person.pk), matter=named, text="谢谢")
    give_post(body=town.branch, title="委员", person=person, held_from=date(2024, 1, 1), by=by)
    mandate(town, helper_id=person.pk)
    while deliver_pending():
        pass
    return person


def merged(town: Any, twin: Person) -> PersonMerge:
    proposal = merging.propose_merge(survivor=town.liu, merged=twin, place=town.estate, because="keeper", by=Actor(person_id=town.lin.pk))
    assert merging.propose_merge(survivor=town.liu, merged=twin, place=town.estate, because="keeper", by=Actor()).pk == proposal.pk
    return merging.confirm_merge(
        proposal=proposal, place=town.estate, undo_until=clock.now() + timedelta(days=30), by=Actor(person_id=town.lin.pk)
    )


def state() -> dict[str, list[tuple[int, Any]]]:
    """Where every column that points at a person points."""
    return {
        column.column: sorted(column.model._default_manager.values_list("pk", column.attribute))
        for column in person_columns()
        if column.model not in (Entry, PersonMerge)
    }


def test_after_a_merge_no_row_that_can_move_names_the_one_that_was_merged(town: Any, twin: Person) -> None:
    town.liu.phone = ""
    town.liu.save()
    merged(town, twin)
    for column in person_columns():
        if not isinstance(column.merge, Stay) and column.column != "foundation.Account.person_id":
            assert not column.rows(twin.pk).exists(), column.column
    twin.refresh_from_db()
    town.liu.refresh_from_db()
    assert twin.merged_into_id == town.liu.pk
    assert (town.liu.phone, town.liu.id_last4) == ("13755555555", "123X")


def test_what_is_append_only_is_read_through_the_old_id(town: Any, twin: Person) -> None:
    merged(town, twin)
    liu = town.viewer(town.liu)
    hidden = Matter.objects.get(is_public=False)
    entry = Entry.objects.get(verb="raise", subject=hidden.number)
    assert entry.actor_id == twin.pk
    assert may_see_entry(liu, entry)
    assert may_see_content(liu, entry)
    assert not may_see_entry(town.viewer(town.ye), entry)
    # What is told to the old id reaches the one they are now.
    affairs.withdraw_matter(viewer=liu, matter=hidden)
    before = InboxItem.objects.filter(person=town.liu).count()
    consents.give_consent(person_id=town.liu.pk, purpose="wall", by=Actor(person_id=town.liu.pk), place=town.place)
    assert InboxItem.objects.filter(person=town.liu).count() == before
    assert not InboxItem.objects.filter(person=twin).exists()


def test_of_two_accounts_the_survivors_stays_and_the_others_phone_leads_to_it(town: Any, twin: Person) -> None:
    merged(town, twin)
    closed = Account.objects.get(person=twin)
    assert not closed.is_active
    assert Account.objects.get(login="liu").is_active
    # Signing in by the phone of before opens the one they are, and makes nobody new.
    assert account_for(phone="13755555555", name="刘玉梅") == (Account.objects.get(login="liu"), False)


def test_one_account_goes_to_the_survivor_who_has_none(town: Any) -> None:
    on_roll = create_person(name="叶锦棠", id_last4="0001")
    account = Account.objects.get(login="ye")
    proposal = merging.propose_merge(survivor=on_roll, merged=town.ye, place=town.estate, because="claim", by=Actor())
    merging.confirm_merge(proposal=proposal, place=town.estate, undo_until=clock.now() + timedelta(days=30), by=Actor())
    account.refresh_from_db()
    assert account.person_id == on_roll.pk
    merging.undo_merge(proposal=proposal, place=town.estate, by=Actor())
    account.refresh_from_db()
    assert account.person_id == town.ye.pk


def test_an_undone_merge_leaves_every_column_as_it_was(town: Any, twin: Person) -> None:
    before, persons = state(), list(Person.objects.order_by("pk").values_list("pk", "name", "phone", "id_last4", "merged_into"))
    proposal = merged(town, twin)
    assert state() != before
    merging.undo_merge(proposal=proposal, place=town.estate, by=Actor(person_id=town.lin.pk))
    assert state() == before
    assert list(Person.objects.order_by("pk").values_list("pk", "name", "phone", "id_last4", "merged_into")) == persons
    assert Account.objects.get(person=twin).is_active
    with pytest.raises(merging.TooLateToUndo):
        merging.undo_merge(proposal=proposal, place=town.estate, by=Actor())


def test_a_merge_can_be_undone_for_some_days_only(town: Any, twin: Person) -> None:
    proposal = merged(town, twin)
    with clock.shifted(timedelta(days=31)), pytest.raises(merging.TooLateToUndo):
        merging.undo_merge(proposal=proposal, place=town.estate, by=Actor())


def test_co_owners_found_to_be_one_are_one_holder_and_one_party_and_two_again(town: Any) -> None:
    head = ["楼栋", "房号", "面积", "业主姓名", "联系电话"]
    import_table(
        estate=town.estate,
        table=[
            (1, head),
            (2, ["瑞金阁", "1", "80", "陈明、陈铭", "13700000001、13700000002"]),
            (3, ["瑞金阁", "2", "80", "陈铭", "13700000002"]),
        ],
        by=Actor(channel="import"),
    )
    first, _second = Unit.objects.order_by("id")
    ming, ming_two = Person.objects.get(name="陈明"), Person.objects.get(name="陈铭")
    assert first.party_key == f"{ming.pk},{ming_two.pk}"
    proposal = merging.propose_merge(survivor=ming, merged=ming_two, place=town.estate, because="keeper", by=Actor())
    merging.confirm_merge(proposal=proposal, place=town.estate, undo_until=clock.now() + timedelta(days=30), by=Actor())
    assert set(Unit.objects.values_list("party_key", flat=True)) == {str(ming.pk)}
    assert Holder.objects.count() == 2
    merging.undo_merge(proposal=proposal, place=town.estate, by=Actor())
    assert list(Unit.objects.order_by("id").values_list("party_key", flat=True)) == [f"{ming.pk},{ming_two.pk}", str(ming_two.pk)]


@pytest.mark.parametrize("reason", ["same_person", "merged_already", "erasure_asked", "died"])
def test_whom_one_does_not_merge(town: Any, twin: Person, reason: str) -> None:
    survivor = town.liu
    if reason == "same_person":
        survivor = twin
    elif reason == "merged_already":
        merged(town, twin)
        twin.refresh_from_db()
    elif reason == "erasure_asked":
        ask_erasure(person_id=twin.pk, due_at=clock.now(), by=Actor(person_id=twin.pk), place=town.place)
    else:
        death = deaths.report_death(
            person_id=twin.pk, died_on=clock.today(), proof="register", kept_where="", by=Actor(), place=town.estate
        )
        deaths.confirm_death(death=death, by=Actor(), place=town.estate)
        twin.refresh_from_db()
    with pytest.raises(merging.CannotMerge) as refused:
        merging.propose_merge(survivor=survivor, merged=twin, place=town.estate, because="keeper", by=Actor())
    assert refused.value.reason == reason


def test_a_chain_of_merges_ends_at_one_person(town: Any, twin: Person) -> None:
    merged(town, twin)
    third = create_person(name="刘玉梅", phone="13766666666")
    proposal = merging.propose_merge(survivor=third, merged=town.liu, place=town.estate, because="keeper", by=Actor())
    merging.confirm_merge(proposal=proposal, place=town.estate, undo_until=clock.now() + timedelta(days=30), by=Actor())
    assert build_viewer(person_id=third.pk).former_ids == {town.liu.pk, twin.pk}
    merging.undo_merge(proposal=proposal, place=town.estate, by=Actor())
    assert build_viewer(person_id=third.pk).former_ids == frozenset()
    assert build_viewer(person_id=town.liu.pk).former_ids == {twin.pk}


# Death


def test_said_by_a_relative_it_changes_nothing_until_a_keeper_has_seen_the_proof(town: Any, sign_in: Any) -> None:
    said = deaths.report_death(
        person_id=town.ye.pk,
        died_on=clock.today(),
        proof="certificate",
        kept_where="村委会",
        by=Actor(person_id=town.liu.pk),
        place=town.estate,
        relative_id=town.liu.pk,
        relation="child",
    )
    assert sign_in("ye").get("/inbox/").status_code == 200
    assert not deaths.may_look_after(town.viewer(town.liu), town.ye.pk)
    deaths.refuse_death(death=said, by=Actor(person_id=town.lin.pk), place=town.estate)
    assert Person.objects.get(pk=town.ye.pk).died_on is None


def test_a_death_ends_what_was_theirs_alone_and_leaves_what_others_rely_on(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk)
    mandate(town)
    give_post(body=town.branch, title="委员", person=town.ye, held_from=date(2024, 1, 1), by=Actor())
    ask_erasure(person_id=town.ye.pk, due_at=clock.now() + timedelta(days=7), by=Actor(person_id=town.ye.pk), place=town.place)
    browser = sign_in("ye")
    died_on = clock.today()
    said = deaths.report_death(
        person_id=town.ye.pk,
        died_on=died_on,
        proof="certificate",
        kept_where="村委会",
        by=Actor(person_id=town.lin.pk),
        place=town.estate,
        relative_id=town.liu.pk,
        relation="child",
    )
    deaths.confirm_death(death=said, by=Actor(person_id=town.lin.pk), place=town.estate)
    assert browser.get("/inbox/")["Location"].startswith("/login/")
    assert not Account.objects.get(login="ye").is_active
    assert not consents.may_act_for(town.viewer(town.liu), town.ye.pk)
    assert Post.objects.get(person=town.ye).held_until == died_on
    assert Matter.objects.get(pk=matter.pk).text
    # Nobody is told anything any more; whether they are erased is for the relative to say.
    affairs.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="换好了")
    while deliver_pending():
        pass
    assert not InboxItem.objects.filter(person=town.ye, read_at=None).exists()
    assert deaths.may_look_after(town.viewer(town.liu), town.ye.pk)
    assert not deaths.may_look_after(town.viewer(town.lin), town.ye.pk)
    with pytest.raises(deaths.NotPossible):
        deaths.confirm_death(death=said, by=Actor(), place=town.estate)


def test_nobody_dies_tomorrow(town: Any) -> None:
    with pytest.raises(deaths.NotPossible):
        deaths.report_death(
            person_id=town.ye.pk, died_on=clock.today() + timedelta(days=1), proof="register", kept_where="", by=Actor(), place=town.place
        )
