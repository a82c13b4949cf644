from datetime import date
from typing import Any

import pytest

from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.actions import NoSuchText, appeal, complain, decide
from doorstep.foundation.moderation.models import Case
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.organisations.actions import create_body, give_post
from doorstep.talents import actions, queries
from doorstep.talents.models import Licence, Profile
from doorstep.talents.tests.conftest import Academy, at
from doorstep.talents.texts import hidden_reason


def profile(academy: Academy, person: Person, **facts: Any) -> Profile:
    given = {"place": academy.town.estate, "skills": ["reconciling"], "may_be_asked": True, "attributes": {"sex": "F"}}
    return actions.keep_profile(viewer=academy.viewer(person), **{**given, **facts})


def names(viewer: Any, category: str = "") -> list[str]:
    return [each.profile.person.name for each in queries.people_listed(viewer, category=category)]


def test_who_sees_whom_in_the_register(academy: Academy) -> None:
    profile(academy, academy.town.liu, visibility="public")
    profile(academy, academy.town.ye)
    assert names(NOBODY) == ["刘玉梅"]
    assert names(academy.viewer(academy.town.ye)) == ["刘玉梅"]
    assert names(academy.viewer(academy.town.luo)) == ["刘玉梅", "叶锦棠"]  # works for a body


def test_what_somebody_says_of_themselves_can_be_objected_to_hidden_and_written_anew(academy: Academy, client: Any) -> None:
    town = academy.town
    kept = profile(academy, town.liu, visibility="public", about="会劝和，隔壁 302 的老张欠债也是我劝的。")
    own = profile(academy, town.ye, about="只给办事的人看。")
    item = queries.people_listed(NOBODY)[0].complaint
    assert f"kind=profile&amp;subject={kept.pk}&amp;item={item}" in client.get("/talents/register/").content.decode()
    with pytest.raises(NoSuchText):
        complain(viewer=academy.viewer(town.luo), kind="profile", subject=str(own.pk), item=own.about_salt[:16], reason="private")
    case = complain(viewer=NOBODY, kind="profile", subject=str(kept.pk), item=item, reason="private")
    moderator = a_moderator(academy)
    decide(viewer=moderator, case=case, hide=True, reason="private")
    assert "老张" not in client.get("/talents/register/").content.decode()
    kept.refresh_from_db()
    reason = hidden_reason(kept)
    assert reason is not None
    assert reason.code == "private"
    # Saying nothing anew keeps what is hidden for the appeal.
    profile(academy, town.liu, visibility="public", about="", skills=[])
    case = appeal(viewer=academy.viewer(town.liu), case=case, text="老张同意的")
    decide(viewer=moderator, case=case, hide=False)
    assert "老张" in client.get("/talents/register/").content.decode()
    # A listed word holds new words back, once.
    profile(academy, town.liu, visibility="public", about="有事加微信领红包")
    assert queries.people_listed(NOBODY)[0].profile.about == ""
    (held,) = Case.objects.filter(state="held")
    decide(viewer=moderator, case=held, hide=False)
    profile(academy, town.liu, visibility="public", about="有事加微信领红包")
    assert queries.people_listed(NOBODY)[0].profile.about == "有事加微信领红包"


def a_moderator(academy: Academy) -> Any:
    centre = create_body(code="desk", kind="centre", name="镇党群服务中心", place=academy.town.place, by=SYSTEM)
    person = create_person(name="冯伟东")
    give_post(body=centre, title="办事员", person=person, held_from=date(2020, 1, 1), by=SYSTEM)
    return academy.viewer(person)


def test_consent_taken_back_removes_somebody_at_once_everywhere(academy: Academy) -> None:
    kept = profile(academy, academy.town.ye, visibility="public")
    teacher = academy.viewer(academy.teacher)
    actions.list_person(viewer=teacher, profile=kept, category="elder", body=academy.body)

    def asked() -> int:
        return len(queries.candidates_for(place=academy.town.estate, roles=["elder"], on=at(7, 1).date()))

    assert (names(NOBODY, "elder"), asked()) == (["叶锦棠"], 1)
    profile(academy, academy.town.ye, may_be_asked=False)
    assert (names(NOBODY), names(teacher), asked()) == ([], [], 0)
    with pytest.raises(actions.NoConsent):
        actions.list_person(viewer=teacher, profile=kept, category="expert", body=academy.body)


def test_a_profile_from_paper_is_for_those_without_an_account(academy: Academy) -> None:
    elder = create_person(name="莫银好")
    kept = actions.keep_profile(viewer=academy.viewer(academy.teacher), person_id=elder.pk, place=academy.town.estate, may_be_asked=True)
    assert kept.consent_how == "paper"
    for viewer, person in ((academy.teacher, academy.town.ye), (academy.town.liu, elder)):
        with pytest.raises(actions.NotAllowed):
            actions.keep_profile(viewer=academy.viewer(viewer), person_id=person.pk, place=academy.town.estate, may_be_asked=True)


def test_who_lists_and_who_takes_off(academy: Academy) -> None:
    kept = profile(academy, academy.town.ye)
    with pytest.raises(actions.NotAllowed):
        actions.list_person(viewer=academy.viewer(academy.town.luo), profile=kept, category="elder", body=academy.town.company)
    listing = actions.list_person(viewer=academy.viewer(academy.town.lin), profile=kept, category="elder", body=academy.town.branch)
    with pytest.raises(actions.AlreadyListed):
        actions.list_person(viewer=academy.viewer(academy.town.lin), profile=kept, category="elder", body=academy.town.branch)
    with pytest.raises(actions.UnknownCode):
        actions.list_person(viewer=academy.viewer(academy.town.lin), profile=kept, category="king", body=academy.town.branch)
    with pytest.raises(actions.NotAllowed):
        actions.end_listing(viewer=academy.viewer(academy.teacher), listing=listing)
    assert actions.end_listing(viewer=academy.viewer(academy.town.ye), listing=listing).until == at(7, 1).date()


def test_candidates_are_plain_data_of_a_place_and_what_is_above_it(academy: Academy) -> None:
    lin = academy.viewer(academy.town.lin)
    for person, place, categories in (
        (academy.town.ye, academy.town.estate, ("elder", "representative")),
        (academy.town.liu, academy.town.place, ("expert",)),
        (academy.town.luo, academy.cafe, ("elder",)),
    ):
        kept = profile(academy, person, place=place, availability=["tu-am"])
        for category in categories:
            actions.list_person(viewer=lin, profile=kept, category=category, body=academy.town.branch)
    found = queries.candidates_for(
        place=academy.town.estate, roles=["elder", "expert", "representative"], on=at(7, 1).date(), loads={academy.town.ye.pk: 3}
    )
    seen = {each.person_id: (each.roles, dict(each.attributes), each.availability, each.load) for each in found}
    assert seen == {
        academy.town.ye.pk: (("elder", "representative"), {"sex": "F"}, ("tu-am",), 3),
        academy.town.liu.pk: (("expert",), {"sex": "F"}, ("tu-am",), 0),
    }
    assert not any(name in repr(found) for name in ("叶锦棠", "刘玉梅"))


def licence(academy: Academy, **facts: Any) -> Licence:
    given = {"person": academy.town.liu, "kind": "nurse", "number": "2008-4401", "expires_on": date(2026, 8, 1), "body": academy.centre}
    return actions.check_licence(viewer=academy.viewer(academy.director), **{**given, **facts})


def test_a_licence_makes_eligible_until_its_last_day(academy: Academy) -> None:
    licence(academy)
    liu = academy.town.liu.pk
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 1), date(2026, 8, 2)]
    assert [queries.holds_licence(liu, "nurse", on) for on in days] == [False, True, True, False]
    assert not queries.holds_licence(liu, "doctor", date(2026, 7, 1))
    assert not queries.holds_licence(academy.town.ye.pk, "nurse", date(2026, 7, 1))


def test_a_newer_licence_takes_the_place_of_the_one_before(academy: Academy) -> None:
    licence(academy)
    newer = licence(academy, expires_on=date(2031, 8, 1))
    assert queries.holds_licence(academy.town.liu.pk, "nurse", date(2031, 8, 1))
    actions.withdraw_licence(viewer=academy.viewer(academy.director), licence=newer)
    assert not queries.holds_licence(academy.town.liu.pk, "nurse", date(2026, 7, 1))


@pytest.mark.parametrize(
    ("facts", "refused"),
    [({"expires_on": date(2026, 6, 30)}, actions.Over), ({"number": " "}, actions.Over), ({"kind": "wizard"}, actions.UnknownCode)],
)
def test_a_licence_that_is_not_written_down(academy: Academy, facts: dict[str, Any], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        licence(academy, **facts)
    assert not Licence.objects.exists()


def test_the_number_is_for_those_who_check_alone(academy: Academy, sign_in: Any, client: Any) -> None:
    licence(academy)
    for viewer in (academy.town.liu, academy.town.luo):
        assert queries.licences_for(academy.viewer(viewer)) == []
        with pytest.raises(actions.NotAllowed):
            actions.check_licence(
                viewer=academy.viewer(viewer),
                person=academy.town.ye,
                kind="nurse",
                number="1",
                expires_on=date(2027, 1, 1),
                body=academy.centre,
            )
    assert sign_in("luo").get("/talents/licences/").status_code == 403
    assert "2008-4401" not in sign_in("liu").get("/talents/hours/").content.decode()
    assert "护士执业证书" in sign_in("liu").get("/talents/hours/").content.decode()
    assert "2008-4401" in sign_in("director").get("/talents/licences/").content.decode()
    assert AccessLog.objects.filter(person_id=academy.director.pk, about_person_id=academy.town.liu.pk, kind="licence").exists()
    assert "2008-4401" not in "".join(str(each.detail) for each in Entry.objects.all())


def test_the_holder_is_warned_once_before_a_licence_ends(academy: Academy) -> None:
    licence(academy, expires_on=date(2026, 9, 30))
    assert [actions.warn_of_licences(now=at(8, day)) for day in (1, 2)] == [1, 0]
    while deliver_pending():
        pass
    told = set(InboxItem.objects.filter(topic="warn_licence").values_list("person_id", flat=True))
    assert told == {academy.town.liu.pk, academy.director.pk}


def test_a_licence_is_written_down_on_the_page(sign_in: Any, academy: Academy) -> None:
    director = sign_in("director")
    given = {"who": "刘玉梅", "kind": "nurse", "number": "2008", "expires_on": "2028-01-01"}
    assert director.post("/talents/licences/", {**given, "who": "没有这个人"}).status_code == 422
    assert director.post("/talents/licences/", {**given, "expires_on": "2020-01-01"}).status_code == 422
    assert director.post("/talents/licences/", given).status_code == 303
    assert director.post("/talents/licences/", {"withdraw": Licence.objects.get().pk}).status_code == 303
    assert Licence.objects.get().withdrawn_on == at(7, 1).date()


def test_saying_what_one_can_do_on_the_page(sign_in: Any, academy: Academy) -> None:
    liu = sign_in("liu")
    given = {"place": "ruikang", "skills": ["coffee"], "availability": ["mo-am", "su-eve"], "about": "会冲咖啡", "visibility": "public"}
    assert liu.post("/talents/register/me", {**given, "skills": ["flying"]}).status_code == 422
    assert liu.post("/talents/register/me", {**given, "may_be_asked": "yes"}).status_code == 303
    assert "会冲咖啡" in liu.get("/talents/register/").content.decode()
    kept = Profile.objects.get()
    listed = {"profile": kept.pk, "category": "volunteer"}
    assert liu.post("/talents/register/list", listed).status_code in (404, 422)
    assert sign_in("teacher").post("/talents/register/list", listed).status_code == 303
    assert "志愿者" in sign_in("luo").get("/talents/register/?category=volunteer").content.decode()
    assert sign_in("liu").post("/talents/register/list", {"end": kept.listings.get().pk}).status_code == 303
    assert sign_in("liu").post("/talents/register/me", given).status_code == 303  # without the tick
    assert "会冲咖啡" not in sign_in("luo").get("/talents/register/").content.decode()


def test_people_are_found_by_their_whole_name_alone(academy: Academy) -> None:
    teacher = academy.viewer(academy.teacher)
    assert [person.pk for person in queries.find_people(teacher, "刘玉梅")] == [academy.town.liu.pk]
    assert [person.pk for person in queries.find_people(teacher, academy.town.liu.phone)] == [academy.town.liu.pk]
    assert queries.find_people(teacher, "刘") == []
    assert queries.find_people(academy.viewer(academy.town.luo), "刘玉梅") == []
