"""群众有事我来帮: asked, offered, accepted, thanked; and what somebody took part in."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from doorstep.affairs import actions
from doorstep.affairs.actions import casework, neighbours
from doorstep.affairs.models import HelpOffer, Matter
from doorstep.affairs.queries import outlook, thread_for, workbench
from doorstep.affairs.queries.neighbours import help_for, offer_for, thanks_at
from doorstep.affairs.queries.taking_part import lines_of
from doorstep.affairs.rules.matter_states import NotPossible
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.actions import complain, decide
from doorstep.foundation.moderation.models import Case
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.organisations.actions import create_body, give_post


def told(person: Any) -> list[str]:
    while deliver_pending():
        pass
    return list(InboxItem.objects.filter(person=person).order_by("id").values_list("topic", flat=True))


def asked(town: Any, **facts: Any) -> Matter:
    return town.raise_matter(category_code="neighbour_help", text="周六搬个旧衣柜下楼，两个人就行。", **facts)


def signed_in(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


def test_it_is_routed_to_nobody_and_waits_for_neighbours(town: Any) -> None:
    matter = asked(town)
    assert (matter.state, matter.body, matter.due_at) == ("registered", None, None)
    assert outlook(place=town.building, category=matter.category, at=matter.raised_at).body is None


@pytest.mark.parametrize("login", ["luo", "lin", "townadmin"])
def test_no_office_has_it_sees_who_asked_or_may_do_anything_with_it(town: Any, login: str) -> None:
    matter = asked(town)
    number = matter.number
    person = Account.objects.get(login=login).person
    thread = thread_for(town.viewer(person), number)
    assert (thread.roles, thread.possible, thread.reporter_name, thread.reporter_phone) == (frozenset(), frozenset(), "", "")
    for do in (
        lambda viewer: actions.route_matter(viewer=viewer, matter=matter, body=town.branch),
        lambda viewer: actions.note_inside(viewer=viewer, matter=matter, text="记"),
        lambda viewer: casework.triage_matter(viewer=viewer, matter=matter, severity="urgent"),
        lambda viewer: casework.transfer_matter(viewer=viewer, matter=matter, to="hotline", text="转"),
        lambda viewer: casework.return_matter(viewer=viewer, matter=matter, text="补"),
        lambda viewer: casework.move_matter(viewer=viewer, matter=matter, place=town.estate),
    ):
        with pytest.raises(actions.NotAllowed):
            do(town.viewer(person))
    browser = signed_in(login)
    for path in (f"/work/{number}", f"/m/{number}", "/work/"):
        page = browser.get(path).content.decode()
        assert town.liu.name not in page
        assert town.liu.phone not in page
        assert f'action="/m/{number}/assign"' not in page
    assert browser.post(f"/m/{number}/assign", {"body": "branch", "once": "n1"}).status_code == 403


def test_it_is_in_nobodys_queue_and_says_whom_it_waits_for(town: Any) -> None:
    matter, waits = asked(town), town.raise_matter(place=town.place)
    now = clock.now()
    centre = create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=Actor())
    person = create_person(name="冯伟东")
    give_post(body=centre, title="办事员", person=person, held_from=date(2020, 1, 1), by=Actor())
    bench = workbench(town.viewer(person), now=now, end_of_today=now, end_of_week=now)
    assert [each.number for each in bench.unrouted] == [waits.number]
    page = signed_in("luo").get(f"/m/{matter.number}").content.decode()
    assert "这件不派给单位" in page
    assert "镇里正在看" not in page
    assert "镇里正在看" in signed_in("luo").get(f"/m/{waits.number}").content.decode()


def test_moderators_still_hide_it(town: Any) -> None:
    matter = asked(town)
    complain(viewer=town.viewer(town.ye), kind="matter", subject=matter.number, item="0", reason="advert")
    waiting = Case.objects.get(subject=matter.number)
    centre = create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=Actor())
    person = create_person(name="冯伟东")
    give_post(body=centre, title="办事员", person=person, held_from=date(2020, 1, 1), by=Actor())
    decide(viewer=town.viewer(person), case=waiting, hide=True, reason="advert")
    assert "旧衣柜" not in Client().get(f"/m/{matter.number}").content.decode()


def test_offered_accepted_and_thanked(town: Any) -> None:
    liu, ye, lin = (town.viewer(person) for person in (town.liu, town.ye, town.lin))
    matter = asked(town)
    offer = neighbours.offer_help(viewer=ye, matter=matter, text="周六上午有空")
    with pytest.raises(neighbours.AlreadyOffered):
        neighbours.offer_help(viewer=ye, matter=matter)
    other = neighbours.offer_help(viewer=lin, matter=matter)
    assert told(town.liu)[-2:] == ["help_offered", "help_offered"]
    # Who offers is known to the one who asked, and to nobody else: not to the other helper either.
    assert [each.helper for each in help_for(liu, matter).offers] == [town.ye, town.lin]
    assert (help_for(ye, matter).offers, help_for(ye, matter).own) == ([], offer)
    assert (help_for(NOBODY, matter).offers, help_for(NOBODY, matter).own) == ([], None)
    assert offer_for(lin, offer.pk) is None
    neighbours.accept_help(viewer=liu, offer=offer)
    assert told(town.ye) == ["help_accepted"]
    with pytest.raises(NotPossible):
        neighbours.thank_helper(viewer=liu, offer=other, thanks="谢谢")
    neighbours.thank_helper(viewer=liu, offer=offer, thanks="衣柜搬下来了，谢谢搭手。")
    matter.refresh_from_db()
    assert matter.state == "closed_confirmed"
    assert [(row.text, row.matter) for row in thanks_at(place=town.place, scope_ids=None)] == [("衣柜搬下来了，谢谢搭手。", matter)]
    with pytest.raises(NotPossible):
        neighbours.offer_help(viewer=town.viewer(town.luo), matter=matter)


def test_who_may_do_what(town: Any) -> None:
    liu, ye = town.viewer(town.liu), town.viewer(town.ye)
    matter = asked(town)
    for viewer in (liu, NOBODY):
        with pytest.raises(actions.NotAllowed):
            neighbours.offer_help(viewer=viewer, matter=matter)
    with pytest.raises(actions.NotAllowed):
        neighbours.offer_help(viewer=ye, matter=town.raise_matter())
    offer = neighbours.offer_help(viewer=ye, matter=matter)
    with pytest.raises(actions.NotAllowed):
        neighbours.accept_help(viewer=ye, offer=offer)
    with pytest.raises(actions.NotAllowed):
        neighbours.take_offer_back(viewer=liu, offer=offer)
    neighbours.take_offer_back(viewer=ye, offer=offer)
    with pytest.raises(NotPossible):
        neighbours.accept_help(viewer=liu, offer=offer)
    assert HelpOffer.objects.get().state == "taken_back"


def test_phones_are_seen_by_the_two_only_after_it_is_accepted(town: Any) -> None:
    matter = asked(town)
    offer = neighbours.offer_help(viewer=town.viewer(town.ye), matter=matter)

    def page(login: str) -> str:
        return signed_in(login).get(f"/m/{matter.number}").content.decode()

    assert town.ye.phone not in page("liu")
    assert town.liu.phone not in page("ye")
    neighbours.accept_help(viewer=town.viewer(town.liu), offer=offer)
    assert town.ye.phone in page("liu")
    assert town.liu.phone in page("ye")
    for login in ("lin", "luo"):
        assert town.ye.phone not in page(login)
        assert town.ye.name not in page(login)
    assert town.liu.phone not in Client().get(f"/m/{matter.number}").content.decode()


def test_the_journals_entries_of_an_offer_are_for_the_other_alone(town: Any) -> None:
    matter = asked(town)
    neighbours.offer_help(viewer=town.viewer(town.ye), matter=matter)
    entry = Entry.objects.get(subject=matter.number, verb="help_offered")
    assert entry.audience == f"person:{town.liu.pk}"


def test_the_pages_from_offer_to_the_wall(town: Any) -> None:
    matter = asked(town)
    ye, liu = signed_in("ye"), signed_in("liu")
    assert ye.post(f"/m/{matter.number}/offer", {"text": "我来"}).status_code == 303
    offer = HelpOffer.objects.get()
    assert signed_in("lin").post(f"/offers/{offer.pk}/accept", {"text": ""}).status_code == 404
    assert liu.post(f"/offers/{offer.pk}/accept", {"text": ""}).status_code == 303
    assert liu.post(f"/offers/{offer.pk}/thank", {"thanks": ""}).status_code == 422
    assert liu.post(f"/offers/{offer.pk}/thank", {"thanks": "谢谢您"}).status_code == 303
    wall = Client().get("/p/ruikang/thanks/").content.decode()
    assert "谢谢您" in wall
    assert town.ye.name not in wall
    assert town.liu.name not in wall
    assert Client().get("/p/gekeng/thanks/").content.decode().count("谢谢您") == 0


# Taking part


def test_what_one_took_part_in_and_a_statement_that_can_be_checked(town: Any) -> None:
    ye = town.viewer(town.ye)
    raised = town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk)
    hidden = town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk, is_public=False, text="家里的事不想让人知道。")
    matter = asked(town)
    offer = neighbours.offer_help(viewer=ye, matter=matter)
    neighbours.accept_help(viewer=town.viewer(town.liu), offer=offer)
    assert [line.what for line in lines_of(ye)] == ["raised", "raised"]
    neighbours.thank_helper(viewer=town.viewer(town.liu), offer=offer, thanks="谢谢")
    assert [(line.what, line.number, line.title) for line in lines_of(ye)] == [
        ("helped", matter.number, matter.title),
        ("raised", hidden.number, ""),
        ("raised", raised.number, raised.title),
    ]
    browser = signed_in("ye")
    assert matter.number in browser.get("/my/taking-part").content.decode()
    printed = browser.post("/my/taking-part", {"once": "p1"})
    paper = Client().get(printed["Location"])
    text = paper.content.decode()
    assert all(each in text for each in ("叶锦棠", matter.number, hidden.number, "<svg"))
    assert "家里的事" not in text
    assert (paper["Cache-Control"], paper["X-Robots-Tag"]) == ("private, no-store", "noindex")
    token = printed["Location"].rsplit("/", 1)[-1]
    assert Client().get(f"/q/{token}")["Location"] == printed["Location"]
    assert Client().get("/taking-part/nothing").status_code == 404
    assert Client().get("/my/taking-part")["Location"].startswith("/login/")
    # It stays as it was printed.
    town.raise_matter(by=Actor(person_id=town.ye.pk), reporter_id=town.ye.pk)
    assert Client().get(printed["Location"]).content.decode().count("<tr>") == 4
