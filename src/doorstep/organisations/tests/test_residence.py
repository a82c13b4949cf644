"""How one becomes a verified resident or owner, what that opens, and how it ends."""

import re
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.access.queries import reads_about
from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.identity.actions import LockedOut, create_account, create_person
from doorstep.foundation.identity.consents import may_act_for
from doorstep.foundation.identity.merging import undo_merge
from doorstep.foundation.identity.models import Account, Person, PersonMerge
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.actions import residence as actions
from doorstep.organisations.models import Holder, Unit
from doorstep.organisations.models.residence import HomeCode, Residence, ResidenceClaim
from doorstep.organisations.queries.residence import desk, homes_of
from doorstep.organisations.roll_import import import_table

BY = Actor(channel="import")
HEAD = ["楼栋", "单元", "房号", "面积", "业主姓名", "联系电话", "证件后四位"]
KEY = "estate:ruikang"


def sheet(owner: str = "欧阳海", phone: str = "13700000001", last4: str = "123X") -> list[tuple[int, list[object]]]:
    return [
        (1, HEAD),
        (2, ["瑞金阁", "1", "302", "92.30", owner, phone, last4]),
        (3, ["瑞金阁", "1", "303", "92.30", "陈明、陈明", "13700000002、13700000003", "1111、2222"]),
    ]


@pytest.fixture
def keeper(town: Any) -> Viewer:
    committee = create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=BY)
    zheng = create_person(name="郑国梁", phone="13900000009")
    create_account(person=zheng, login="zheng", password="a-long-password")
    give_post(body=committee, title="主任", person=zheng, held_from=date(2020, 1, 1), by=BY)
    import_table(estate=town.estate, table=sheet(), by=BY)
    return build_viewer(person_id=zheng.pk, name=zheng.name)


@pytest.fixture
def unit(keeper: Viewer) -> Unit:
    return Unit.objects.select_related("estate").get(name="瑞金阁-1-302")


def neighbour(name: str = "欧阳海", phone: str = "13611112222") -> Viewer:
    person = create_person(name=name, phone=phone)
    create_account(person=person, phone=phone)
    return build_viewer(person_id=person.pk, name=name)


def again(viewer: Viewer) -> Viewer:
    return build_viewer(person_id=viewer.own_id, name=viewer.name)


# What does not open anything


def test_a_name_on_the_roll_opens_nothing(unit: Unit) -> None:
    owner = Holder.objects.get(unit=unit).person
    assert KEY not in build_viewer(person_id=owner.pk).keys
    # Nor does somebody of that name, on that very phone, with the right code by phone.
    assert KEY not in neighbour("欧阳海", owner.phone).keys


def test_who_had_the_key_before_there_was_residence_keeps_it(town: Any, unit: Unit) -> None:
    """The migration of a town that runs: holders who could sign in stay verified, others on the roll do not become so."""
    owner = Holder.objects.get(unit=unit).person
    create_account(person=owner, phone=owner.phone)
    migration = import_module("doorstep.organisations.migrations.0003_residence")
    migration.keep_who_had_the_key(apps, None)
    assert living(unit) == {owner.pk}
    assert Residence.objects.count() == 1
    assert KEY in build_viewer(person_id=owner.pk).keys


# Codes from the door


def test_a_code_from_the_door_is_good_once(town: Any, keeper: Viewer, unit: Unit) -> None:
    [(_unit, code)] = actions.print_codes(viewer=keeper, estate=town.estate, units=[unit])
    assert code not in str(HomeCode.objects.values())
    tenant = neighbour("租客甲")
    lives = actions.use_code(viewer=tenant, code=code.lower(), kind="tenant")
    assert (lives.kind, lives.how, lives.unit) == ("tenant", "code", unit)
    assert KEY in again(tenant).keys
    with pytest.raises(actions.WrongCode):
        actions.use_code(viewer=neighbour("租客乙", "13611113333"), code=code, kind="tenant")


def test_a_code_runs_out_and_a_new_sheet_replaces_it(town: Any, keeper: Viewer, unit: Unit) -> None:
    [(_unit, first)] = actions.print_codes(viewer=keeper, estate=town.estate, units=[unit])
    [(_unit, second)] = actions.print_codes(viewer=keeper, estate=town.estate, units=[unit])
    tenant = neighbour("租客甲")
    with pytest.raises(actions.WrongCode):
        actions.use_code(viewer=tenant, code=first, kind="tenant")
    with clock.shifted(timedelta(days=31)), pytest.raises(actions.WrongCode):
        actions.use_code(viewer=tenant, code=second, kind="tenant")
    actions.use_code(viewer=tenant, code=second, kind="tenant")


def test_five_wrong_codes_lock_even_the_right_one_out(town: Any, keeper: Viewer, unit: Unit) -> None:
    [(_unit, code)] = actions.print_codes(viewer=keeper, estate=town.estate, units=[unit])
    guesser = neighbour("猜的人")
    for _ in range(5):
        with pytest.raises(actions.WrongCode):
            actions.use_code(viewer=guesser, code="33333-33333", kind="tenant")
    with pytest.raises(LockedOut):
        actions.use_code(viewer=guesser, code=code, kind="tenant")


def test_a_code_makes_nobody_an_owner_the_roll_does_not_name(town: Any, keeper: Viewer, unit: Unit) -> None:
    [(_unit, code)] = actions.print_codes(viewer=keeper, estate=town.estate, units=[unit])
    stranger = neighbour("租客甲")
    with pytest.raises(actions.NotOnRoll):
        actions.use_code(viewer=stranger, code=code, kind="owner")
    # The code is not used up by it.
    owner = neighbour("欧阳海")
    actions.use_code(viewer=owner, code=code, kind="owner")
    # A resident now; one with the person of the roll only when a keeper has looked.
    assert not Holder.objects.filter(person_id=owner.person_id).exists()
    proposal = PersonMerge.objects.get()
    assert (proposal.survivor_id, proposal.merged_id, proposal.confirmed_at) == (
        Holder.objects.get(unit=unit).person_id,
        owner.person_id,
        None,
    )


def test_only_keepers_print_codes(town: Any, unit: Unit) -> None:
    for person in (town.liu, town.lin):
        with pytest.raises(PermissionDenied):
            actions.print_codes(viewer=town.viewer(person), estate=town.estate, units=[unit])


# Claims


def test_a_claim_is_confirmed_by_a_keeper_and_makes_the_two_entries_one(town: Any, keeper: Viewer, unit: Unit) -> None:
    person = neighbour()
    matter = town.raise_matter(by=Actor(person_id=person.own_id), reporter_id=person.own_id)
    claim = actions.claim_residence(viewer=person, estate=town.estate, unit_name=unit.name, kind="owner", id_last4="123x")
    assert claim.match == "full"
    assert KEY not in again(person).keys
    lives = actions.confirm_claim(viewer=keeper, claim=claim, kind="owner")
    owner = Holder.objects.get(unit=unit).person_id
    assert lives.person_id == owner
    # The phone opens the owner now, with what the neighbour had raised.
    account = Account.objects.get(phone="13611112222")
    assert account.person_id == owner
    matter.refresh_from_db()
    assert matter.reporter_id == owner
    viewer = build_viewer(person_id=owner)
    assert KEY in viewer.keys
    assert viewer.is_me(person.person_id)
    # What was typed to compare is forgotten.
    claim.refresh_from_db()
    assert (claim.typed_last4, claim.typed_unit, claim.decision) == ("", "", "confirmed")
    # Told, although the entry spoke to the one they were.
    while deliver_pending():
        pass
    assert InboxItem.objects.filter(person_id=owner, topic="residence_begun").exists()


def test_the_two_of_one_name_are_told_apart_by_the_last_four(town: Any, keeper: Viewer) -> None:
    person = neighbour("陈明")
    claim = actions.claim_residence(viewer=person, estate=town.estate, unit_name="瑞金阁-1-303", kind="owner", id_last4="2222")
    lives = actions.confirm_claim(viewer=keeper, claim=claim, kind="owner")
    assert Person.objects.get(pk=lives.person_id).id_last4 == "2222"
    unsure = actions.claim_residence(viewer=neighbour("陈明", "13611114444"), estate=town.estate, unit_name="瑞金阁-1-303", kind="owner")
    with pytest.raises(actions.NotOnRoll):
        actions.confirm_claim(viewer=keeper, claim=unsure, kind="owner")


def test_a_claim_teaches_nobody_who_lives_where(town: Any, keeper: Viewer) -> None:
    """Right name, wrong name, no such unit: the claimant is answered the same."""
    client = Client()
    answers = []
    for index, (name, room) in enumerate((("欧阳海", "302"), ("别的人", "302"), ("欧阳海", "999"))):
        viewer = neighbour(name, f"1361111000{index}")
        client.force_login(Account.objects.get(person_id=viewer.person_id), backend="doorstep.foundation.identity.backend.AccountBackend")
        sent = client.post("/my/home/claim", {"estate": "ruikang", "building": "瑞金阁", "entrance": "1", "room": room, "kind": "owner"})
        page = re.sub(
            r'name="(csrfmiddlewaretoken|once)" value="\w+"|瑞金阁-1-\d+|欧阳海|别的人', "", client.get("/my/home/").content.decode()
        )
        answers.append((sent.status_code, sent["Location"], page))
    assert answers[0] == answers[1] == answers[2]
    assert "业委会在看" in answers[0][2]


def test_a_refused_claim_says_why_and_opens_nothing(town: Any, keeper: Viewer, unit: Unit) -> None:
    person = neighbour("路人")
    claim = actions.claim_residence(viewer=person, estate=town.estate, unit_name=unit.name, kind="household")
    with pytest.raises(actions.ClaimWaiting):
        actions.claim_residence(viewer=person, estate=town.estate, unit_name=unit.name, kind="household")
    actions.refuse_claim(viewer=keeper, claim=claim, reason="not_on_roll")
    with pytest.raises(actions.AlreadyDecided):
        actions.confirm_claim(viewer=keeper, claim=claim, kind="household")
    assert KEY not in again(person).keys
    assert Entry.objects.get(verb="claim_refused").because == ["not_on_roll"]


def test_nobody_decides_on_their_own_claim(town: Any, keeper: Viewer, unit: Unit) -> None:
    claim = actions.claim_residence(viewer=keeper, estate=town.estate, unit_name=unit.name, kind="tenant")
    with pytest.raises(PermissionDenied):
        actions.confirm_claim(viewer=keeper, claim=claim, kind="tenant")
    admin = build_viewer(person_id=town.lin.pk, is_town_admin=True)
    actions.confirm_claim(viewer=admin, claim=claim, kind="tenant")


def test_a_wrong_confirmation_is_undone_with_everything_where_it_was(town: Any, keeper: Viewer, unit: Unit) -> None:
    person = neighbour()
    matter = town.raise_matter(by=Actor(person_id=person.own_id), reporter_id=person.own_id)
    claim = actions.claim_residence(viewer=person, estate=town.estate, unit_name=unit.name, kind="owner", id_last4="123X")
    actions.confirm_claim(viewer=keeper, claim=claim, kind="owner")
    undo_merge(proposal=PersonMerge.objects.get(), place=town.estate, by=BY)
    matter.refresh_from_db()
    assert matter.reporter_id == person.person_id
    assert Account.objects.get(phone="13611112222").person_id == person.person_id
    assert KEY not in again(person).keys


# Invitations


def test_an_owner_invites_household_and_tenants_and_a_tenant_their_household(town: Any, keeper: Viewer, unit: Unit) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    owner = build_viewer(person_id=owner_id)
    tenant, wife = neighbour("租客甲"), neighbour("租客妻", "13611115555")
    lives = actions.use_code(viewer=tenant, code=actions.invite(viewer=owner, unit=unit, kind="tenant"), kind="")
    assert (lives.kind, lives.how, lives.invited_by_id) == ("tenant", "invited", owner_id)
    with pytest.raises(PermissionDenied):
        actions.invite(viewer=again(tenant), unit=unit, kind="tenant")
    actions.use_code(viewer=wife, code=actions.invite(viewer=again(tenant), unit=unit, kind="household"), kind="owner")
    assert Residence.objects.get(person_id=wife.person_id).kind == "household"
    with pytest.raises(PermissionDenied):
        actions.invite(viewer=again(wife), unit=unit, kind="household")
    # The owner sees everyone in the unit, the tenant whom they invited, the wife nobody.
    assert [len(homes_of(again(each))[0].others) for each in (owner, tenant, wife)] == [2, 1, 0]


def test_unused_invitations_are_bounded(town: Any, unit: Unit) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    owner = build_viewer(person_id=owner_id)
    for _ in range(10):
        actions.invite(viewer=owner, unit=unit, kind="household")
    with pytest.raises(actions.TooManyInvitations):
        actions.invite(viewer=owner, unit=unit, kind="household")
    with clock.shifted(timedelta(days=15)):
        actions.invite(viewer=owner, unit=unit, kind="household")


def test_an_invitation_is_a_link(town: Any, unit: Unit, client: Any) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    code = actions.invite(viewer=build_viewer(person_id=owner_id), unit=unit, kind="household")
    assert client.get(f"/join/{code}")["Location"] == f"/login/?next=%2Fjoin%2F{code}"
    son = neighbour("欧阳小海")
    client.force_login(Account.objects.get(person_id=son.person_id), backend="doorstep.foundation.identity.backend.AccountBackend")
    page = client.get(f"/join/{code}").content.decode()
    assert "瑞康花园的一份邀请" in page
    assert KEY not in again(son).keys
    assert client.post(f"/join/{code}")["Location"] == "/my/home/"
    assert KEY in again(son).keys
    assert client.get(f"/join/{code}").status_code == 410
    # A paper code is not one to be followed: it says nothing of who may come.
    assert client.get("/join/33333-33333").status_code == 410


# The end


def living(unit: Unit) -> set[int]:
    return set(Residence.objects.filter(unit=unit, until_on=None).values_list("person_id", flat=True))


def test_a_transfer_on_the_roll_ends_whatever_rested_on_the_old_owner(town: Any, keeper: Viewer, unit: Unit) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    owner, tenant = build_viewer(person_id=owner_id), neighbour("租客甲")
    actions.use_code(viewer=tenant, code=actions.invite(viewer=owner, unit=unit, kind="tenant"), kind="")
    unused = actions.invite(viewer=owner, unit=unit, kind="household")
    import_table(estate=town.estate, table=sheet("买家甲", "13799999999", "9999"), by=BY)
    assert living(unit) == set()
    assert KEY not in again(owner).keys | again(tenant).keys
    assert set(Residence.objects.values_list("ended_because", flat=True)) == {"transferred"}
    with pytest.raises(actions.WrongCode):
        actions.use_code(viewer=neighbour("亲戚", "13611117777"), code=unused, kind="")
    # The same sheet again ends nothing.
    new_owner = Holder.objects.get(unit=unit).person_id
    actions.verify_owner(unit=unit, person_id=new_owner, by=BY)
    import_table(estate=town.estate, table=sheet("买家甲", "13799999999", "9999"), by=BY)
    assert living(unit) == {new_owner}


def test_moving_out_taking_back_and_a_keepers_correction(town: Any, keeper: Viewer, unit: Unit) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    owner = build_viewer(person_id=owner_id)
    tenants = [neighbour(f"租客{index}", f"1361111888{index}") for index in range(3)]
    lives = [actions.use_code(viewer=each, code=actions.invite(viewer=owner, unit=unit, kind="tenant"), kind="") for each in tenants]
    with pytest.raises(PermissionDenied):
        actions.end_residence(viewer=again(tenants[0]), lives=lives[1])
    actions.end_residence(viewer=again(tenants[0]), lives=lives[0])
    actions.end_residence(viewer=owner, lives=lives[1])
    actions.end_residence(viewer=keeper, lives=lives[2])
    assert [Residence.objects.get(pk=each.pk).ended_because for each in lives] == ["moved", "withdrawn", "mistake"]
    # Coming back is a new residence.
    actions.use_code(viewer=again(tenants[0]), code=actions.invite(viewer=owner, unit=unit, kind="tenant"), kind="")
    assert KEY in again(tenants[0]).keys


def test_who_leaves_the_estate_takes_their_invitations_along(town: Any, keeper: Viewer, unit: Unit) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    lives = actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    owner = build_viewer(person_id=owner_id)
    code = actions.invite(viewer=owner, unit=unit, kind="household")
    actions.end_residence(viewer=owner, lives=lives)
    with pytest.raises(actions.WrongCode):
        actions.use_code(viewer=neighbour("亲戚"), code=code, kind="")


# The pages


def test_the_desk_prints_a_sheet_and_decides(town: Any, keeper: Viewer, unit: Unit, sign_in: Any) -> None:
    person = neighbour()
    claim = actions.claim_residence(viewer=person, estate=town.estate, unit_name=unit.name, kind="owner", id_last4="123X")
    client = sign_in("zheng")
    page = client.get("/p/ruikang/residents/").content.decode()
    assert "姓名和证件后四位都和名册对上" in page
    printed = client.post("/p/ruikang/residents/codes", {"building": unit.building.code}).content.decode()
    codes = re.findall(r'class="code num">([\w-]+)<', printed)
    assert len(codes) == 2
    assert "欧阳海" not in printed
    sent = client.post(f"/p/ruikang/residents/claims/{claim.pk}", {"go": "confirm", "kind": "owner"})
    assert sent.status_code == 303
    assert "业主" in client.get("/p/ruikang/residents/").content.decode()
    merge = PersonMerge.objects.get()
    assert "可以撤回" in client.get(f"/p/ruikang/merges/{merge.pk}").content.decode()
    assert client.post(f"/p/ruikang/merges/{merge.pk}", {"go": "undo"}).status_code == 303
    merge.refresh_from_db()
    assert merge.undone_at is not None
    with clock.shifted(timedelta(days=40)):
        assert sign_in("zheng").post(f"/p/ruikang/merges/{merge.pk}", {"go": "undo"}).status_code == 422


def test_who_has_no_phone_asks_on_paper(town: Any, keeper: Viewer, unit: Unit, sign_in: Any) -> None:
    owner_id = Holder.objects.get(unit=unit).person_id
    lives = actions.verify_owner(unit=unit, person_id=owner_id, by=BY)
    client = sign_in("zheng")
    until = (clock.today() + timedelta(days=90)).isoformat()
    sent = {"name": "刘玉梅", "phone": town.liu.phone, "until_on": until, "witness": "谢俊杰", "kept_where": "物业前台 3 号夹"}
    address = f"/p/ruikang/residents/{lives.pk}/mandate"
    assert client.post(address, {**sent, "witness": ""}).status_code == 422
    assert client.post(address, {**sent, "name": "没有这个人"}).status_code == 422
    assert client.post(address, {**sent, "until_on": "2099-01-01"}).status_code == 422
    assert client.post(address, sent).status_code == 303
    assert may_act_for(town.viewer(town.liu), owner_id)
    entry = Entry.objects.get(verb="mandate_given")
    assert (entry.actor_id, entry.on_behalf_of_id, entry.detail["how"]) == (keeper.person_id, owner_id, "paper")


def test_a_claimant_sees_that_a_keeper_looked(town: Any, keeper: Viewer, unit: Unit, sign_in: Any) -> None:
    person = neighbour()
    actions.claim_residence(viewer=person, estate=town.estate, unit_name=unit.name, kind="owner")
    sign_in("zheng").get("/p/ruikang/residents/")
    [read], _before = reads_about(person)
    assert (read.person_id, read.kind, read.why) == (keeper.person_id, "residents", "keeping")


def test_others_do_not_know_of_the_desk(town: Any, keeper: Viewer, client: Any, sign_in: Any) -> None:
    assert desk(town.viewer(town.lin), town.estate) is None
    for login in ("liu", "lin"):
        assert sign_in(login).get("/p/ruikang/residents/").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_desk_asks_as_often_for_sixty_as_for_one(
    town: Any, keeper: Viewer, unit: Unit, sign_in: Any, django_assert_max_num_queries: Any, count: int
) -> None:
    for index in range(count):
        person = create_person(name=f"住户{index}")
        Residence.objects.create(unit=unit, person=person, kind="household", how="keeper", from_on=clock.today())
        ResidenceClaim.objects.create(
            person=person, estate=town.estate, unit=unit, kind="tenant", typed_unit=unit.name, match="name", made_at=clock.now()
        )
    client = sign_in("zheng")
    with django_assert_max_num_queries(26):
        assert client.get("/p/ruikang/residents/").status_code == 200
    with django_assert_max_num_queries(20):
        assert client.get("/my/home/").status_code == 200
