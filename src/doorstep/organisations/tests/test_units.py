"""A unit passes on: the holders change from a day, the history stays, the party in a vote is made anew."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.organisations import actions
from doorstep.organisations.actions.units import NewHolder, NoHolders, SameHolders, TooEarly, transfer_unit
from doorstep.organisations.models import FormerHolder, Holder, Unit
from doorstep.organisations.queries import roll_figures
from doorstep.organisations.queries.units import unit_for, units_for
from doorstep.organisations.roll_import import import_table

HEAD = ["楼栋", "房号", "面积", "业主姓名", "联系电话", "交付状态", "登记日期"]
ROLL = [
    (1, HEAD),
    (2, ["瑞金阁", "101", "92.30", "刘玉梅", "13900000000", "已交付", "2014-05-06"]),
    (3, ["瑞金阁", "102", "92.30", "刘玉梅", "13900000000", "已交付", "2014-05-06"]),
    (4, ["瑞金阁", "103", "92.30", "陈明", "13900000031", "已交付", "2016-01-01"]),
    (5, ["瑞金阁", "104", "92.30", "置业公司", "", "未售", ""]),
]


@pytest.fixture
def units(town: Any) -> dict[str, Unit]:
    import_table(estate=town.estate, table=ROLL, by=Actor())
    return {unit.room: unit for unit in Unit.objects.filter(estate=town.estate)}


def transfer(town: Any, unit: Unit, *to: NewHolder, on: date = date(2026, 3, 1), because: str = "sale") -> Unit:
    return transfer_unit(viewer=town.viewer(town.luo), unit=unit, to=to, on=on, because=because)


def held_by(unit: Unit) -> list[str]:
    return sorted(Holder.objects.filter(unit=unit).values_list("person__name", flat=True))


def client_of(person: Person) -> Client:
    account = Account.objects.filter(person=person).first() or Account.objects.create(person=person, created_at=clock.now())
    client = Client()
    client.force_login(account, backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


def test_a_sale_changes_holders_history_and_party(town: Any, units: dict[str, Unit]) -> None:
    assert roll_figures(town.estate).parties == 3
    after = transfer(town, units["102"], NewHolder("梁家豪", "13900000041"), NewHolder("苏丽芬", "13900000042"))
    assert held_by(after) == ["梁家豪", "苏丽芬"]
    assert after.party_key == ",".join(sorted(str(pk) for pk in Holder.objects.filter(unit=after).values_list("person_id", flat=True)))
    former = FormerHolder.objects.get(unit=after)
    assert (former.person.name, former.held_from, former.held_until, former.because) == (
        "刘玉梅",
        date(2014, 5, 6),
        date(2026, 2, 28),
        "sale",
    )
    assert set(Holder.objects.filter(unit=after).values_list("held_from", flat=True)) == {date(2026, 3, 1)}
    assert roll_figures(town.estate).parties == 4
    # The other flat stays hers.
    assert held_by(units["101"]) == ["刘玉梅"]


def test_the_journal_holds_ids_for_the_estate_and_no_names(town: Any, units: dict[str, Unit]) -> None:
    transfer(town, units["103"], NewHolder("梁家豪", "13900000041"))
    entry = Entry.objects.get(verb="unit_transferred")
    assert entry.audience == "estate:ruikang"
    assert entry.because == ["sale"]
    assert "梁家豪" not in str(entry.detail)


def test_who_stays_keeps_the_day_they_came(town: Any, units: dict[str, Unit]) -> None:
    after = transfer(town, units["103"], NewHolder("陈明", "13900000031"), NewHolder("苏丽芬", "13900000042"), because="gift")
    days = dict(Holder.objects.filter(unit=after).values_list("person__name", "held_from"))
    assert days == {"陈明": date(2016, 1, 1), "苏丽芬": date(2026, 3, 1)}
    assert not FormerHolder.objects.exists()


def test_a_name_alone_is_another_person(town: Any, units: dict[str, Unit]) -> None:
    chen = Person.objects.get(name="陈明")
    after = transfer(town, units["101"], NewHolder("陈明"))
    assert Holder.objects.get(unit=after).person_id != chen.pk
    after = transfer(town, units["102"], NewHolder("陈明", "13900000031"))
    assert Holder.objects.get(unit=after).person_id == chen.pk
    # Two units of one identical set are one party.
    assert Unit.objects.get(room="102").party_key == Unit.objects.get(room="103").party_key


def test_a_unit_bought_from_the_developer_leaves_the_developers_party(town: Any, units: dict[str, Unit]) -> None:
    assert units["104"].party_key == "developer"
    after = transfer(town, units["104"], NewHolder("梁家豪", "13900000041"))
    assert after.status == "delivered"
    assert after.party_key == str(Holder.objects.get(unit=after).person_id)


def test_what_is_no_transfer(town: Any, units: dict[str, Unit]) -> None:
    new = NewHolder("梁家豪", "13900000041")
    with pytest.raises(NoHolders):
        transfer(town, units["103"])
    with pytest.raises(actions.BadDate):
        transfer(town, units["103"], new, on=clock.today() + timedelta(days=1))
    with pytest.raises(TooEarly):
        transfer(town, units["103"], new, on=date(2016, 1, 1))
    with pytest.raises(SameHolders):
        transfer(town, units["103"], NewHolder("陈明", "13900000031"))
    for person in (town.lin, town.liu):
        with pytest.raises(actions.NotAllowed):
            transfer_unit(viewer=town.viewer(person), unit=units["103"], to=[new], on=date(2026, 3, 1), because="sale")
    assert held_by(units["103"]) == ["陈明"]


def test_a_new_roll_keeps_the_history_too(town: Any, units: dict[str, Unit]) -> None:
    changed = [*ROLL[:3], (4, ["瑞金阁", "103", "92.30", "梁家豪", "13900000041", "已交付", "2026-01-09"]), ROLL[4]]
    report = import_table(estate=town.estate, table=changed, by=Actor())
    assert (report["changed"], report["unchanged"]) == (1, 3)
    assert held_by(units["103"]) == ["梁家豪"]
    former = FormerHolder.objects.get()
    assert (former.person.name, former.because, former.held_until) == ("陈明", "roll", clock.today())
    # A corrected area keeps the holders and leaves no history.
    changed[3] = (4, ["瑞金阁", "103", "92.40", "梁家豪", "13900000041", "已交付", "2026-01-09"])
    import_table(estate=town.estate, table=changed, by=Actor())
    assert FormerHolder.objects.count() == 1
    assert held_by(units["103"]) == ["梁家豪"]


def test_a_unit_is_known_to_its_holders_and_the_keepers(town: Any, units: dict[str, Unit]) -> None:
    transfer(town, units["103"], NewHolder("梁家豪", "13900000041"))
    buyer = Person.objects.get(name="梁家豪")
    address = f"/p/ruikang/units/{units['103'].pk}"
    assert client_of(town.liu).get(address).status_code == 404
    assert client_of(town.lin).get(address).status_code == 404
    assert client_of(Person.objects.get(name="陈明")).get(address).status_code == 404
    mine = client_of(buyer).get(address).content.decode()
    # A holder sees the days of the past, not who it was.
    assert "2026-02-28" in mine
    assert "陈明" not in mine
    assert "陈明" in client_of(town.luo).get(address).content.decode()
    seller = Person.objects.get(name="陈明")
    assert AccessLog.objects.filter(kind="unit", about_person_id=seller.pk, person_id=town.luo.pk).exists()
    assert unit_for(town.viewer(town.luo), town.place, units["103"].pk) is None


def test_the_list_is_for_keepers_and_is_searched(town: Any, units: dict[str, Unit]) -> None:
    assert units_for(town.viewer(town.liu), town.estate) is None
    found = units_for(town.viewer(town.luo), town.estate, wanted="10", building="ruijin")
    assert found is not None
    assert [unit.room for unit in found[0]] == ["101", "102", "103", "104"]
    assert units_for(town.viewer(town.luo), town.estate, wanted="999") == ([], None)


def test_the_screen_writes_what_was_typed(town: Any, units: dict[str, Unit]) -> None:
    client = client_of(town.luo)
    address = f"/p/ruikang/units/{units['103'].pk}/transfer"
    missing = client.post(address, {"on": "2026-03-01", "because": "sale"})
    assert missing.status_code == 422
    assert "还没写新的业主" in missing.content.decode()
    sent = {"on": "2026-03-01", "because": "sale", "name1": "梁家豪", "phone1": "139 0000 0041", "last1": "123x", "once": "k"}
    assert client.post(address, sent).status_code == 303
    assert client.post(address, sent).status_code == 303
    person = Holder.objects.get(unit=units["103"]).person
    assert (person.name, person.phone, person.id_last4) == ("梁家豪", "13900000041", "123X")
    assert FormerHolder.objects.count() == 1
    too_early = client.post(address, {**sent, "name1": "别人", "on": "2026-02-01", "once": "l"})
    assert too_early.status_code == 422
    assert "请核对日期" in too_early.content.decode()
