"""Erased is erased: read from the raw tables of the database in use (the suite runs on SQLite and on PostgreSQL)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client

from doorstep.affairs.models import Matter, MatterPhoto, MatterText
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity import erasures
from doorstep.foundation.identity.lifecycle import TOMBSTONE, person_columns
from doorstep.foundation.identity.models import Account, Erasure, ErasureRequest, Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.testing import seal_now
from doorstep.organisations.models import Holder
from doorstep.organisations.models.residence import Residence
from doorstep.services.models import Reading
from tests.lives.scene import LAST4, LOGIN, NAME, PHONE, WORDS, Woman, found, leave_traces, sell


@pytest.fixture
def woman(town: Any) -> Woman:
    return leave_traces(town)


@pytest.fixture(autouse=True)
def _no_list() -> Any:
    yield
    erasures.list_file().unlink(missing_ok=True)


def test_the_traces_are_really_there(woman: Woman) -> None:
    """The search finds what it looks for, packed sessions and escaped JSON too."""
    assert {
        "foundation_person.name",
        "foundation_person.phone",
        "foundation_person.id_last4",
        "foundation_account.phone",
        "foundation_attempt.key",
        "foundation_consent.kept_where",
        "foundation_onetimecode.phone",
        "foundation_session.session_data",
        "affairs_matter.text",
        "affairs_mattertext.text",
        "affairs_draft.fields",
        "affairs_counternote.name",
        "affairs_helpoffer.text",
        "affairs_takingpart.lines",
        "services_feedback.words",
        "services_homevisit.words",
        "services_mentorterms.prefers",
        "services_point.text",
        "talents_hoursproof.name",
        "talents_licence.number",
        "talents_profile.about",
        "talents_volunteerrecord.words",
        "foundation_case.appeal",
        "foundation_case.original",
        "foundation_complaint.note",
        "foundation_mailaddress.address",
        "foundation_searchdocument.tokens",
        "organisations_rollimport.rows",
        "organisations_rollimport.report",
    } <= found(NAME, PHONE, LAST4, LOGIN, WORDS)


def test_no_table_knows_her_once_she_is_erased(town: Any, woman: Woman) -> None:
    sell(woman, town)
    assert list(erasures.erase_person(person_id=woman.person.pk, place=town.place, by=Actor(person_id=woman.person.pk))) == []
    assert found(NAME, PHONE, LAST4, LOGIN, WORDS, "瑞金阁 302 门口") == set()
    # Nor do the names inside her name, alone.
    assert found("𬭳海", "987X", "标记老人") == set()
    assert not Reading.objects.exists()


def test_what_is_left_is_a_tombstone_and_a_whole_journal(town: Any, woman: Woman) -> None:
    sell(woman, town)
    before = list(Entry.objects.values_list("pk", "digest", "salt"))
    photo = MatterPhoto.objects.select_related("file").get(matter=woman.matter)
    assert default_storage.exists(photo.file.path)
    erasures.erase_person(person_id=woman.person.pk, place=town.place, by=Actor(person_id=woman.person.pk))
    person = Person.objects.get(pk=woman.person.pk)
    assert (person.name, person.phone, person.id_last4) == (TOMBSTONE, "", "")
    assert person.erased_at is not None
    # No entry changed, and all of them can be sealed.
    assert list(Entry.objects.filter(pk__in=[pk for pk, _digest, _salt in before]).values_list("pk", "digest", "salt")) == before
    assert seal_now() > len(before)
    # The text and its salt are gone: the digest in the journal refers to nothing that can be tried.
    matter = Matter.objects.get(pk=woman.matter.pk)
    assert (matter.text, matter.text_salt, matter.spot, matter.is_named) == ("", "", "", False)
    assert matter.title == matter.category.zh
    assert not default_storage.exists(photo.file.path)
    own = MatterText.objects.get(matter=matter, kind=MatterText.Kind.ADDITION)
    assert (own.text, own.salt) == ("", "")


def test_the_bodys_answer_stays_without_the_words_that_named_her(town: Any, woman: Woman) -> None:
    sell(woman, town)
    erasures.erase_person(person_id=woman.person.pk, place=town.place, by=Actor())
    answer = MatterText.objects.get(matter=woman.matter, kind=MatterText.Kind.ANSWER)
    assert answer.text == f"{TOMBSTONE}您好，明天去修，打您 {TOMBSTONE} 约时间。"
    assert answer.salt == ""
    page = Client().get(f"/m/{woman.matter.number}").content.decode()
    assert "写的人注销了，原话已经抹去" in page
    assert NAME not in page


def test_she_cannot_sign_in_and_her_keys_are_gone(town: Any, woman: Woman) -> None:
    sell(woman, town)
    erasures.erase_person(person_id=woman.person.pk, place=town.place, by=Actor())
    account = Account.objects.get(pk=woman.account.pk)
    assert (account.is_active, account.login, account.phone, account.has_usable_password()) == (False, None, "", False)
    assert not Residence.objects.filter(person=woman.person, until_on=None).exists()
    assert "estate:ruikang" not in build_viewer(person_id=woman.person.pk).keys


def test_an_owner_keeps_the_name_on_the_roll_until_the_flat_is_sold(town: Any, woman: Woman) -> None:
    """The roll of owners is kept by law: all else is erased at once, the name when it is needed no more."""
    by = Actor(person_id=woman.person.pk)
    erasures.ask_erasure(person_id=woman.person.pk, due_at=clock.now(), by=by, place=town.place)
    assert erasures.erase_due(place=town.place) == 0
    request = ErasureRequest.objects.get(person=woman.person)
    assert request.kept_because == ["on_the_roll"]
    assert request.done_at is None
    assert found(NAME) == {"foundation_person.name", "organisations_rollimport.rows", "organisations_rollimport.report"}
    assert found(PHONE, WORDS) <= {"organisations_rollimport.rows"}
    assert Holder.objects.filter(person=woman.person).exists()
    sell(woman, town)
    with clock.shifted(timedelta(hours=1)):
        assert erasures.erase_due(place=town.place) == 1
    assert found(NAME, PHONE, LAST4, WORDS) == set()


def test_a_request_waits_its_days_and_can_be_withdrawn(town: Any) -> None:
    by = Actor(person_id=town.ye.pk)
    erasures.ask_erasure(person_id=town.ye.pk, due_at=clock.now() + timedelta(days=7), by=by, place=town.place)
    with pytest.raises(erasures.ErasureAsked):
        erasures.ask_erasure(person_id=town.ye.pk, due_at=clock.now(), by=by, place=town.place)
    assert erasures.erase_due(place=town.place) == 0
    erasures.withdraw_erasure(person_id=town.ye.pk, by=by, place=town.place)
    with clock.shifted(timedelta(days=8)):
        assert erasures.erase_due(place=town.place) == 0
    assert Person.objects.get(pk=town.ye.pk).name == "叶锦棠"
    with pytest.raises(erasures.NothingToWithdraw):
        erasures.withdraw_erasure(person_id=town.ye.pk, by=by, place=town.place)


def test_after_a_restore_the_erasures_are_replayed(town: Any, woman: Woman) -> None:
    sell(woman, town)
    backup = transaction.savepoint()
    erasures.ask_erasure(person_id=woman.person.pk, due_at=clock.now(), by=Actor(person_id=woman.person.pk), place=town.place)
    assert erasures.erase_due(place=town.place) == 1
    # Two lines: she, and the entry by phone that was merged into the one on the roll.
    lines = [json.loads(line) for line in erasures.list_file().read_text("utf-8").splitlines()]
    assert [set(line) for line in lines] == [{"person", "entered_at", "erased_at", "kept"}] * 2
    assert erasures.list_file().stat().st_mode & 0o077 == 0
    # The database of before comes back, with everything in it; the list beside it knows better.
    transaction.savepoint_rollback(backup)
    assert found(NAME)
    assert erasures.replay_erasures(place=town.place) == erasures.Replayed(1, 0)
    assert found(NAME, PHONE, LAST4, LOGIN, WORDS) == set()
    assert erasures.replay_erasures(place=town.place) == erasures.Replayed(0, 0)
    assert Erasure.objects.filter(person=woman.person).count() == 1


def test_an_erasure_that_still_needs_the_name_is_replayed_too_and_finished_later(town: Any, woman: Woman) -> None:
    backup = transaction.savepoint()
    erasures.ask_erasure(person_id=woman.person.pk, due_at=clock.now(), by=Actor(person_id=woman.person.pk), place=town.place)
    assert erasures.erase_due(place=town.place) == 0
    # She, and the entry by phone that was merged into the one on the roll.
    lines = [json.loads(line) for line in erasures.list_file().read_text("utf-8").splitlines()]
    assert [(line["erased_at"], line["kept"]) for line in lines] == [(None, ["on_the_roll"])] * 2
    assert erasures.write_erasure_list() == 0
    transaction.savepoint_rollback(backup)
    assert "foundation_account.phone" in found(PHONE)
    assert erasures.replay_erasures(place=town.place) == erasures.Replayed(0, 1)
    assert found(NAME) == {"foundation_person.name", "organisations_rollimport.rows", "organisations_rollimport.report"}
    assert found(PHONE, WORDS) <= {"organisations_rollimport.rows"}
    # The database of before had never heard of her wish; the worker comes back for the name all the same.
    sell(woman, town)
    assert erasures.erase_due(place=town.place) == 1
    assert found(NAME, PHONE, LAST4, WORDS) == set()
    last = {line["person"]: line for line in map(json.loads, erasures.list_file().read_text("utf-8").splitlines())}
    assert [(bool(line["erased_at"]), line["kept"]) for line in last.values()] == [(True, [])] * 2


def test_without_a_list_nothing_is_replayed(town: Any) -> None:
    with pytest.raises(erasures.NoList):
        erasures.replay_erasures(place=town.place)
    assert erasures.write_erasure_list() == 0
    assert erasures.list_file().read_bytes() == b""
    assert erasures.replay_erasures(place=town.place) == erasures.Replayed(0, 0)


def test_a_replay_leaves_somebody_elses_entry_of_the_same_number_alone(town: Any) -> None:
    path: Path = erasures.list_file()
    path.write_text(
        json.dumps({"person": town.ye.pk, "entered_at": "2001-01-01T00:00:00+00:00", "erased_at": "2002-01-01T00:00:00+00:00"}) + "\n"
    )
    assert erasures.replay_erasures(place=town.place) == erasures.Replayed(0, 0)
    assert Person.objects.get(pk=town.ye.pk).erased_at is None
    assert path.parent == Path(settings.HOME)


def test_the_list_is_made_whole_from_the_table(town: Any) -> None:
    """A process that dies between the erasure and the list leaves a line to be written by the next round."""
    erasures.erase_person(person_id=town.ye.pk, place=town.place, by=Actor())
    assert not erasures.list_file().exists()
    assert erasures.write_erasure_list() == 1
    assert erasures.write_erasure_list() == 0


def test_an_export_holds_what_is_hers_and_the_rows_are_named(woman: Woman) -> None:
    sections = {column.column: column.export(column, woman.person.pk) for column in person_columns()}
    told = {name: section for name, section in sections.items() if section is not None}
    assert {
        "affairs.Matter.reporter_id",
        "affairs.MatterText.author_id",
        "foundation.Account.person_id",
        "foundation.Consent.person_id",
        "foundation.Mandate.person_id",
        "organisations.Holder.person_id",
        "organisations.Residence.person_id",
        "organisations.ResidenceClaim.person_id",
    } <= set(told)
    matters = told["affairs.Matter.reporter_id"]
    assert [row["内容"] for row in matters.rows] == [WORDS, WORDS, ""]
    assert [name for name, _path in matters.files] == [f"{woman.matter.number}-1.jpg"]
    assert told["organisations.Residence.person_id"].rows[0]["身份"] == "业主"
