"""Posts: given to somebody who can sign in, ended, handed over with the work that hangs on them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.affairs import actions as affairs
from doorstep.foundation import clock
from doorstep.foundation.identity.actions import account_for, create_person, holder_of_token, issue_token
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.organisations import actions
from doorstep.organisations.models import FormerIncumbent, HandOver, Post
from doorstep.organisations.queries import posts_of

PHONE = "13900000077"


def luo_post(town: Any) -> Post:
    return Post.objects.get(body=town.company)


def signed_in(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


def hand_over(town: Any, **facts: Any) -> HandOver:
    given = {"name": "丘文", "phone": PHONE, "on": clock.today(), "because": "moved", **facts}
    return actions.hand_over(viewer=town.viewer(town.luo), post=luo_post(town), **given)


def test_who_is_given_a_post_can_sign_in_with_the_phone(town: Any) -> None:
    post = actions.appoint(
        viewer=town.viewer(town.luo), body=town.company, title="保洁主管", name=" 丘文 ", phone="139 0000 0077", held_from=date(2026, 1, 1)
    )
    assert (post.person.name, post.person.phone) == ("丘文", PHONE)
    while deliver_pending():
        pass
    assert InboxItem.objects.get(person=post.person).topic == "post_given"
    account, made = account_for(phone=PHONE, name="丘文")
    assert (account.person_id, made) == (post.person_id, False)
    # The same name and phone is the same person, another phone somebody else.
    again = actions.appoint(
        viewer=town.viewer(town.luo), body=town.company, title="夜班", name="丘文", phone=PHONE, held_from=date(2026, 2, 1)
    )
    other = actions.appoint(
        viewer=town.viewer(town.luo), body=town.company, title="门岗", name="丘文", phone="", held_from=date(2026, 2, 1)
    )
    assert again.person_id == post.person_id != other.person_id


def test_only_those_who_work_for_a_body_give_its_posts(town: Any) -> None:
    for person in (town.lin, town.liu):
        with pytest.raises(actions.NotAllowed):
            actions.appoint(viewer=town.viewer(person), body=town.company, title="员", name="甲", phone="", held_from=date(2026, 1, 1))


def test_votes_for_somebody_are_not_more_than_were_cast(town: Any) -> None:
    facts = {
        "viewer": town.viewer(town.lin),
        "body": town.branch,
        "title": "委员",
        "name": "甲",
        "phone": "",
        "held_from": date(2026, 1, 1),
    }
    with pytest.raises(actions.BadVotes):
        actions.appoint(**facts, votes_for=24, votes_cast=23)
    with pytest.raises(actions.BadVotes):
        actions.appoint(**facts, votes_for=24)
    post = actions.appoint(**facts, designated_by="elected", designated_on=date(2025, 12, 20), votes_for=23, votes_cast=23)
    assert (post.votes_for, post.votes_cast, post.designated_on) == (23, 23, date(2025, 12, 20))


def test_ending_a_post_takes_its_rights_and_signs_out(town: Any) -> None:
    client = signed_in("luo")
    assert client.get("/work/").status_code == 200
    actions.end_post(viewer=town.viewer(town.luo), post=luo_post(town), on=clock.today() - timedelta(days=1), because="resigned")
    assert posts_of(town.company) == []
    assert client.get("/work/").status_code == 303
    assert f"body:{town.company.pk}" not in town.viewer(town.luo).keys
    assert Entry.objects.filter(verb="post_ended").latest("id").because == ["resigned"]


def test_a_post_ends_neither_before_it_began_nor_after_its_term(town: Any) -> None:
    post = luo_post(town)
    with pytest.raises(actions.BadDate):
        actions.end_post(viewer=town.viewer(town.luo), post=post, on=date(2019, 12, 31), because="resigned")


def test_handing_over_moves_the_open_work_and_keeps_the_post(town: Any) -> None:
    open_matter = town.raise_matter()
    done = town.raise_matter()
    affairs.report_done(viewer=town.viewer(town.luo), matter=done, text="换好了")
    affairs.confirm_done(viewer=town.viewer(town.liu), matter=done)
    post = luo_post(town)
    given = hand_over(town, note="门禁卡 3 张，档案一柜")
    assert given.items == {"matter": [open_matter.number]}
    after = Post.objects.get(pk=post.pk)
    successor = Person.objects.get(name="丘文")
    assert after.person_id == successor.pk
    assert after.held_from == clock.today()
    former = FormerIncumbent.objects.get(post=post)
    assert (former.person_id, former.held_from, former.held_until) == (town.luo.pk, date(2020, 1, 1), clock.today() - timedelta(days=1))
    # The successor answers the matter; the predecessor may no longer.
    affairs.answer_matter(viewer=town.viewer(successor), matter=open_matter, text="我接着办")
    with pytest.raises(affairs.NotAllowed):
        affairs.answer_matter(viewer=town.viewer(town.luo), matter=open_matter, text="我来")


def test_the_predecessor_is_signed_out_everywhere_and_nobody_else(town: Any) -> None:
    luo, second, liu = signed_in("luo"), signed_in("luo"), signed_in("liu")
    token = issue_token(account=Account.objects.get(login="luo"))
    others = issue_token(account=Account.objects.get(login="liu"))
    hand_over(town)
    assert [client.get("/inbox/").status_code for client in (luo, second, liu)] == [303, 303, 200]
    assert holder_of_token(token=token) is None
    assert holder_of_token(token=others) is not None


def test_both_are_told_and_the_journal_has_no_names(town: Any) -> None:
    given = hand_over(town, note="钥匙一串")
    while deliver_pending():
        pass
    told = InboxItem.objects.filter(topic="post_handed_over").values_list("person_id", flat=True)
    # Who acted is not told of their own act.
    assert set(told) == {given.to_person_id}
    entry = Entry.objects.get(verb="post_handed_over")
    assert entry.detail["from"] == town.luo.pk
    assert "钥匙" not in str(entry.detail)
    assert "丘文" not in str(entry.detail)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"on": clock.today() + timedelta(days=1)}, actions.BadDate),
        ({"on": date(2020, 1, 1)}, actions.BadDate),
        ({"name": "罗建文", "phone": "13900000002"}, actions.SamePerson),
        ({"votes_for": 2, "votes_cast": 1}, actions.BadVotes),
        ({"held_until": date(2021, 1, 1)}, actions.BadDate),
    ],
)
def test_what_is_no_hand_over(town: Any, facts: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        hand_over(town, **facts)
    assert luo_post(town).person_id == town.luo.pk


def test_only_those_who_work_for_a_body_hand_its_posts_over(town: Any) -> None:
    for person in (town.lin, town.liu):
        with pytest.raises(actions.NotAllowed):
            actions.hand_over(viewer=town.viewer(person), post=luo_post(town), name="甲", phone=PHONE, on=clock.today())


def test_a_post_without_matters_hands_none_over(town: Any) -> None:
    town.raise_matter()
    actions.give_post(
        body=town.company, title="保洁", person=create_person(name="甲"), held_from=date(2026, 1, 1), by=Actor(), handles_matters=False
    )
    post = Post.objects.get(title="保洁")
    given = actions.hand_over(viewer=town.viewer(town.luo), post=post, name="乙", phone=PHONE, on=clock.today())
    assert given.items == {}


def test_the_printed_list_is_for_the_two_and_the_keepers(town: Any) -> None:
    matter = town.raise_matter()
    given = hand_over(town)
    address = f"/organisations/handovers/{given.pk}"
    page = signed_in("luo").get(address)
    assert page.status_code == 200
    assert "交接清单" in page.content.decode()
    assert matter.number in page.content.decode()
    assert signed_in("liu").get(address).status_code == 404
    assert signed_in("lin").get(address).status_code == 404
    assert Client().get(address).status_code == 303
