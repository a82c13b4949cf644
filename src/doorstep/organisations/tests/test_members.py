"""The census of a branch: declared by oneself, verified, known to the branch alone. Partners and contacts."""

from typing import Any

import pytest
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations import actions
from doorstep.organisations.actions import members
from doorstep.organisations.actions.residence import end_residence
from doorstep.organisations.models import ContactPerson, Holder, PartyMember, Residence, Unit
from doorstep.organisations.queries import members as queries


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


def admin() -> Viewer:
    return build_viewer(person_id=Account.objects.get(login="townadmin").person_id, is_town_admin=True)


def enter(town: Any, kind: str, number: int = 1, building: Place | None = None) -> list[PartyMember]:
    return [
        members.enter_member(
            viewer=town.viewer(town.lin),
            branch=town.branch,
            person=create_person(name=f"{kind}{index}"),
            kind=kind,
            building=building,
            declared_at=clock.now(),
        )
        for index in range(number)
    ]


def holder_of(town: Any, person: Person, building: Place) -> None:
    unit = Unit.objects.create(
        estate=town.estate,
        building=building,
        name=f"{building.name}-{person.pk}",
        room="1",
        area_hundredths=9230,
        kind="flat",
        status="delivered",
    )
    Holder.objects.create(unit=unit, person=person)


def test_one_declares_the_branch_verifies_the_counts_follow(town: Any) -> None:
    lin = town.viewer(town.lin)
    declared = members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="double", building=town.building)
    census = queries.census_for(lin, town.branch)
    assert census is not None
    assert (census.total, [member.pk for member in census.waiting]) == (0, [declared.pk])
    members.verify_member(viewer=lin, member=declared, kind="floating")
    enter(town, "registered", 2, town.building)
    enter(town, "double", 1)
    census = queries.census_for(lin, town.branch)
    assert census is not None
    assert census.waiting == ()
    assert (census.counts, census.total) == ((2, 1, 1), 4)
    assert [(row.building.code if row.building else None, row.counts) for row in census.rows] == [("ruijin", (2, 1, 0)), (None, (0, 0, 1))]


def test_nobody_but_who_works_for_the_branch_knows(town: Any) -> None:
    (member,) = enter(town, "registered")
    colleague = create_person(name="支部委员")
    actions.give_post(
        body=town.branch, title="支部委员", person=colleague, held_from=clock.today(), by=members.actor_of(admin()), handles_matters=False
    )
    for viewer in (admin(), town.viewer(town.luo), town.viewer(town.liu), town.viewer(colleague)):
        assert queries.census_for(viewer, town.branch) is None
        assert queries.members_in(viewer, town.branch, None) is None
        assert queries.contacts_of(viewer, town.branch) is None
        for act in (members.verify_member, lambda **given: members.decline_member(because="not_member", **given)):
            with pytest.raises(actions.NotAllowed):
                act(viewer=viewer, member=member)
    for login in ("luo", "liu", "townadmin"):
        assert client_of(login).get("/organisations/branch/members/").status_code == 404
        assert client_of(login).get("/organisations/branch/members/in/elsewhere").status_code == 404


def test_every_read_of_a_name_is_in_the_access_log(town: Any) -> None:
    entered = enter(town, "registered", 2, town.building)
    page = client_of("lin").get("/organisations/branch/members/in/ruijin")
    assert page.status_code == 200
    read = AccessLog.objects.filter(kind="party_member")
    assert set(read.values_list("about_person_id", flat=True)) == {member.person_id for member in entered}
    assert set(read.values_list("person_id", flat=True)) == {town.lin.pk}
    client_of("lin").get("/organisations/branch/members/")
    assert AccessLog.objects.filter(kind="party_census", subject="branch").count() == 1


def test_entries_about_members_are_the_branchs_alone_and_name_nobody(town: Any) -> None:
    declared = members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="double")
    members.decline_member(viewer=town.viewer(town.lin), member=declared, because="other_branch")
    for entry in Entry.objects.filter(kind="party"):
        assert entry.audience in (f"body:{town.branch.pk}", f"person:{town.liu.pk}")
        assert entry.detail == {"member": declared.pk}


def test_what_was_declared_is_deleted_at_ones_word(town: Any) -> None:
    declared = members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="double")
    with pytest.raises(members.Declared):
        members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="registered")
    with pytest.raises(actions.NotAllowed):
        members.take_back_declaration(viewer=town.viewer(town.ye), member=declared)
    members.take_back_declaration(viewer=town.viewer(town.liu), member=declared)
    assert not PartyMember.objects.exists()


def test_who_was_not_verified_may_declare_again(town: Any) -> None:
    declared = members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="double")
    members.decline_member(viewer=town.viewer(town.lin), member=declared, because="incomplete")
    again = members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="registered", employer="镇中心小学")
    assert again.pk == declared.pk
    assert (again.kind, again.employer, again.declined_because) == ("registered", "镇中心小学", "")


def test_one_declares_to_a_party_organisation_only(town: Any) -> None:
    with pytest.raises(members.NotABranch):
        members.declare_membership(viewer=town.viewer(town.liu), branch=town.company, kind="double")


def test_the_public_page_of_a_branch_says_nothing_of_its_members(town: Any, client: Any) -> None:
    enter(town, "registered", 3, town.building)
    page = client.get("/organisations/branch").content.decode()
    assert "registered0" not in page
    assert "党员和报到" not in page


# Contacts


def test_my_contact_is_on_my_own_doorstep_and_on_nobody_elses(town: Any) -> None:
    lin = town.viewer(town.lin)
    contact = create_person(name="联系党员甲")
    members.name_contact(viewer=lin, branch=town.branch, building=town.building, person=contact, since=clock.today(), phone="13900000088")
    other = Place.objects.create(code="ruiyin", kind="building", name="瑞银阁", parent=town.estate, lineage=f"{town.estate.lineage}/ruiyin")
    holder_of(town, town.liu, town.building)
    holder_of(town, town.ye, other)
    for login, path, knows in (
        ("liu", "/p/ruikang/", True),
        ("liu", "/", True),
        ("liu", "/p/gekeng/", False),
        ("ye", "/p/ruikang/", False),
        ("townadmin", "/p/ruikang/", False),
    ):
        assert ("联系党员甲" in client_of(login).get(path).content.decode()) is knows, (login, path)
    assert "联系党员甲" not in Client().get("/p/ruikang/").content.decode()


@pytest.mark.parametrize("kind", ["owner", "household", "tenant"])
def test_who_lives_there_verified_knows_the_contact_until_they_move_out(town: Any, kind: str) -> None:
    lin = town.viewer(town.lin)
    contact = create_person(name="联系党员甲")
    members.name_contact(viewer=lin, branch=town.branch, building=town.building, person=contact, since=clock.today())
    holder_of(town, town.liu, town.building)
    home = Unit.objects.get(estate=town.estate)
    viewer = town.viewer(town.ye)
    assert queries.my_contacts(viewer, town.estate) == []
    lives = Residence.objects.create(unit=home, person=town.ye, kind=kind, how="invited", from_on=clock.today())
    assert [each.person.name for each in queries.my_contacts(viewer, town.estate)] == ["联系党员甲"]
    assert "联系党员甲" in client_of("ye").get("/p/ruikang/").content.decode()
    end_residence(viewer=viewer, lives=lives)
    assert queries.my_contacts(viewer, town.estate) == []
    assert "联系党员甲" not in client_of("ye").get("/p/ruikang/").content.decode()


def test_who_lives_in_one_building_and_holds_in_another_knows_both_contacts_once(town: Any) -> None:
    lin = town.viewer(town.lin)
    other = Place.objects.create(code="ruiyin", kind="building", name="瑞银阁", parent=town.estate, lineage=f"{town.estate.lineage}/ruiyin")
    for building, name in ((town.building, "甲"), (other, "乙")):
        members.name_contact(viewer=lin, branch=town.branch, building=building, person=create_person(name=name), since=clock.today())
    holder_of(town, town.ye, town.building)
    holder_of(town, town.liu, other)
    for unit in Unit.objects.filter(estate=town.estate):
        Residence.objects.create(unit=unit, person=town.ye, kind="household", how="invited", from_on=clock.today())
    assert [each.person.name for each in queries.my_contacts(town.viewer(town.ye), town.estate)] == ["甲", "乙"]


def test_naming_another_contact_replaces_the_one_before(town: Any) -> None:
    lin = town.viewer(town.lin)
    for name in ("甲", "乙"):
        members.name_contact(viewer=lin, branch=town.branch, building=town.building, person=create_person(name=name), since=clock.today())
    assert [contact.person.name for contact in ContactPerson.objects.filter(until=None)] == ["乙"]
    with pytest.raises(actions.NotAllowed):
        members.name_contact(
            viewer=lin, branch=town.branch, building=Place.objects.get(code="gekeng"), person=create_person(name="丙"), since=clock.today()
        )


def test_a_partner_is_public_and_its_contact_is_not(town: Any, client: Any) -> None:
    members.enter_partner(
        viewer=town.viewer(town.lin), branch=town.branch, name="镇中心小学党支部", since=clock.today(), contact="黄老师 13900000099"
    )
    page = client.get("/organisations/branch").content.decode()
    assert "镇中心小学党支部" in page
    assert "13900000099" not in page
    assert "13900000099" in client_of("lin").get("/organisations/branch/members/").content.decode()
