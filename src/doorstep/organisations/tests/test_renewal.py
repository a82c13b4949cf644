"""After a committee's term: who hears of it, who may enter the next one, and how people are told beforehand."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations import actions
from doorstep.organisations.actions import papers, terms
from doorstep.organisations.actions.warnings import warn_of_terms
from doorstep.organisations.models import Body, LawWarning, Post, Term
from doorstep.organisations.permissions import may_keep_body
from doorstep.organisations.queries.committee import law_check, renewal_of
from doorstep.organisations.queries.due import due_at
from doorstep.organisations.queries.to_do import waiting_at_work

BY = Actor(channel="import")
LAST = date(2026, 9, 9)
BEFORE, ON, AFTER = date(2026, 9, 8), LAST, date(2026, 9, 10)
OWED = ("covenant", "rules", "decision", "contract", "fund", "common", "parking", "costs")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=TOWN_ZONE)


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    return lambda day: monkeypatch.setattr(clock, "now", lambda: at(day))


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


@pytest.fixture
def committee(town: Any, set_day: Any) -> Body:
    """Seven for 2021 to 2026, filed and in order; the estate's branch leads it. Its chair is Ye."""
    set_day(BEFORE)
    body = actions.create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=BY, led_by=town.branch)
    people = [town.ye, *(create_person(name=f"委员{n}") for n in range(6))]
    for n, person in enumerate(people):
        actions.give_post(
            body=body,
            title="委员" if n else "主任",
            person=person,
            held_from=date(2021, 9, 10),
            held_until=LAST,
            by=BY,
            handles_matters=not n,
        )
    Term.objects.create(
        body=body, seats=7, elected_on=date(2021, 9, 6), starts_on=date(2021, 9, 10), ends_on=LAST, first_met_on=date(2021, 9, 11),
        filed_on=date(2021, 9, 20), renewal_begun_on=date(2026, 6, 9),
    )  # fmt: skip
    for kind in OWED:
        papers.put_text(body=body, kind=kind, title=kind, text="…", effective_from=date(2021, 10, 1), by=BY)
    return body


@pytest.fixture
def registrar(town: Any) -> Person:
    centre = actions.create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=BY)
    person = create_person(name="江晚", phone="13900000077")
    create_account(person=person, login="jiang", phone=person.phone, password="a-long-password")
    actions.give_post(body=centre, title="干事", person=person, held_from=date(2020, 1, 1), by=BY)
    return person


def codes_for(viewer: Viewer) -> list[str]:
    return [due.finding.code for due, _enters in waiting_at_work(viewer).due]


@pytest.mark.parametrize(("day", "chair", "others"), [(BEFORE, [], []), (ON, [], []), (AFTER, [], ["expired"])])
def test_a_term_that_is_over_is_told_to_those_who_can_act(
    town: Any, committee: Body, registrar: Person, set_day: Any, day: date, chair: list[str], others: list[str]
) -> None:
    set_day(day)
    assert codes_for(town.viewer(town.ye)) == chair
    assert may_keep_body(town.viewer(town.ye), committee) is (day <= LAST)
    for person in (town.lin, registrar):
        assert codes_for(town.viewer(person)) == others
        assert renewal_of(town.viewer(person), committee, day) == ("term" if day > LAST else "")
    assert codes_for(town.viewer(town.luo)) == []
    assert renewal_of(town.viewer(town.luo), committee, day) == ""
    page = client_of("lin").get("/work/").content.decode()
    assert ("还没有换届" in page) is bool(others)
    assert client_of("lin").get("/organisations/committee/keep").status_code == (200 if day > LAST else 403)
    assert client_of("jiang").get("/organisations/committee/keep").status_code == (200 if day > LAST else 403)
    assert client_of("luo").get("/organisations/committee/keep").status_code == 403


def test_while_it_runs_its_leader_hears_of_it_and_leaves_it_to_the_committee(town: Any, committee: Body, set_day: Any) -> None:
    Term.objects.filter(body=committee).update(renewal_begun_on=None)
    set_day(ON)
    (due, enters), *rest = waiting_at_work(town.viewer(town.lin)).due
    assert (due.finding.code, enters, rest) == ("renewal_due", False, [])
    ((due, enters),) = waiting_at_work(town.viewer(town.ye)).due
    assert (due.finding.code, enters) == ("renewal_due", True)
    for act in (
        lambda: terms.begin_term(
            viewer=town.viewer(town.lin), body=committee, seats=7, elected_on=ON, starts_on=AFTER, ends_on=date(2031, 9, 9)
        ),
        lambda: terms.date_term(viewer=town.viewer(town.lin), term=Term.objects.get(), renewal_begun_on=ON),
        lambda: actions.appoint(viewer=town.viewer(town.lin), body=committee, title="委员", name="甲", phone="", held_from=ON),
    ):
        with pytest.raises(actions.NotAllowed):
            act()


@pytest.mark.parametrize("login", ["lin", "jiang"])
def test_the_renewal_is_entered_by_who_leads_or_registers_up_to_the_filing(
    town: Any, committee: Body, registrar: Person, set_day: Any, login: str
) -> None:
    set_day(AFTER)
    client, home = client_of(login), "/organisations/committee/keep"
    page = client.get(home).content.decode()
    assert 'action="/organisations/committee/keep/terms"' in page
    for other in ("给一个职务", "改资料", "机构撤销", "发一份文本"):
        assert other not in page, other
    # Members belong to a term, and a term begins after the one before.
    assert client.post(f"{home}/posts", {"title": "主任", "name": "甲", "held_from": "2026-09-10", "once": "x"}).status_code == 403
    early = {"seats": "5", "elected_on": "2026-09-10", "starts_on": "2026-09-10", "ends_on": "2031-09-09", "once": "a"}
    set_day(date(2026, 9, 12))
    client = client_of(login)  # a session of who works for a body does not last over idle days
    overlapping = {**early, "elected_on": "2026-09-01", "starts_on": "2026-09-09", "once": "o"}
    assert client.post(f"{home}/terms", overlapping).status_code == 422
    assert client.post(f"{home}/terms", early).status_code == 303
    term = Term.objects.get(body=committee, starts_on=AFTER)
    page = client.get(home).content.decode()
    assert "给一个职务" in page
    assert 'action="/organisations/committee/keep/terms"' not in page
    outside = {"title": "主任", "name": "甲", "phone": "13900000066", "held_from": "2026-08-01", "once": "p"}
    assert client.post(f"{home}/posts", outside).status_code == 422
    member = {**outside, "held_from": "2026-09-10", "held_until": "2031-09-09", "handles_matters": "on", "once": "q"}
    assert client.post(f"{home}/posts", member).status_code == 303
    given = Entry.objects.filter(verb="post_given", subject="committee").latest("id")
    assert given.post_id == Post.objects.get(person=Account.objects.get(login=login).person_id).pk
    # What does not belong to the renewal stays closed.
    assert client.post(f"{home}/end", {"on": "2026-09-12", "because": "dissolved"}).status_code == 403
    assert client.post(f"{home}/facts", {"name": "别的"}).status_code == 403
    filed = client.post(f"{home}/terms/{term.pk}", {"filed_on": "2026-09-12", "filing_number": "横备 5", "once": "f"})
    assert filed.status_code == 303
    assert filed["Location"] == "/organisations/committee"
    assert client.get(home).status_code == 403
    chair = Person.objects.get(phone="13900000066")
    assert may_keep_body(town.viewer(chair), committee)


def test_an_old_term_is_not_touched_in_a_renewal(town: Any, committee: Body, set_day: Any) -> None:
    old = Term.objects.get(body=committee)
    set_day(date(2026, 9, 12))
    lin = town.viewer(town.lin)
    terms.begin_term(viewer=lin, body=committee, seats=5, elected_on=AFTER, starts_on=AFTER, ends_on=date(2031, 9, 9))
    with pytest.raises(actions.NotAllowed):
        terms.date_term(viewer=lin, term=old, handed_over_on=AFTER)


# Being told


def told(person: Person) -> list[str]:
    while deliver_pending():
        pass
    return sorted(InboxItem.objects.filter(person=person, topic__startswith="due_").values_list("topic", flat=True))


def test_each_finding_is_told_once_to_body_leader_and_village(town: Any, committee: Body, registrar: Person, set_day: Any) -> None:
    village = actions.create_body(code="ruikang-village", kind="village_committee", name="村委会", place=town.place, by=BY)
    clerk = create_person(name="村干事", phone="13900000078")
    create_account(person=clerk, phone=clerk.phone)
    actions.give_post(body=village, title="干事", person=clerk, held_from=date(2020, 1, 1), by=BY)
    Term.objects.filter(body=committee).update(renewal_begun_on=None)
    set_day(date(2026, 6, 8))
    assert warn_of_terms() == 0
    set_day(date(2026, 6, 9))
    assert (warn_of_terms(), warn_of_terms()) == (1, 0)
    for person in (town.ye, town.lin, clerk):
        assert told(person) == ["due_renewal_due"]
    # Where there is a village the town's centre is left in peace.
    assert told(registrar) == []
    assert told(town.luo) == []
    set_day(AFTER)
    assert (warn_of_terms(), warn_of_terms()) == (1, 0)
    assert told(town.lin) == ["due_expired", "due_renewal_due"]
    assert told(town.ye) == ["due_renewal_due"]
    page = client_of("lin").get("/inbox/").content.decode()
    assert "任期满了，还没有换届" in page


def test_a_finding_that_comes_back_is_told_again(town: Any, committee: Body, registrar: Person, set_day: Any) -> None:
    set_day(BEFORE)
    away = list(Post.objects.filter(body=committee, title="委员")[:4])
    Term.objects.filter(body=committee).update(changes_reported_on=BEFORE)
    Post.objects.filter(pk__in=[post.pk for post in away]).update(held_until=date(2026, 8, 1))
    assert warn_of_terms() == 1
    assert LawWarning.objects.get().finding == "below_half"
    Post.objects.filter(pk__in=[post.pk for post in away]).update(held_until=LAST)
    assert warn_of_terms() == 0
    assert not LawWarning.objects.exists()
    Post.objects.filter(pk__in=[post.pk for post in away]).update(held_until=date(2026, 8, 1))
    assert warn_of_terms() == 1
    assert told(registrar) == ["due_below_half", "due_below_half"]


def test_other_bodies_are_told_with_their_own_lead_time(town: Any, set_day: Any) -> None:
    """A party organisation six months before, a council three; nobody once somebody follows, and not who was let go."""
    association = actions.create_body(code="council", kind="association", name="共治协会", place=town.estate, by=BY)
    company = town.company
    for body, person in ((town.branch, town.liu), (association, town.liu), (company, town.liu)):
        actions.give_post(body=body, title="负责人", person=person, held_from=date(2022, 1, 1), held_until=date(2026, 12, 31), by=BY)
    for day, expected in (
        (date(2026, 6, 29), []),
        (date(2026, 6, 30), [("branch", "term_ending")]),
        (date(2026, 9, 29), [("branch", "term_ending")]),
        (date(2026, 9, 30), [("branch", "term_ending"), ("council", "term_ending")]),
        (date(2027, 1, 1), [("branch", "term_over"), ("council", "term_over")]),
        (date(2028, 1, 1), []),
    ):
        set_day(day)
        found = due_at(town.viewer(town.lin), town.estate)
        assert found is not None
        assert sorted((due.body.code, due.finding.code) for due in found) == expected, day
    set_day(date(2027, 1, 1))
    actions.give_post(body=association, title="负责人", person=town.ye, held_from=date(2027, 1, 1), by=BY)
    Post.objects.filter(body=town.branch, title="负责人").update(ended_because="resigned")
    assert due_at(town.viewer(town.lin), town.estate) == []


def test_the_list_of_a_place_is_for_those_who_work_there_or_above(town: Any, committee: Body, registrar: Person, set_day: Any) -> None:
    set_day(AFTER)
    other = create_place(code="cuihu", kind="estate", name="翠湖豪庭", parent=Place.objects.get(code="hengli"), by=BY)
    for login, status in (("lin", 200), ("jiang", 200), ("luo", 200), ("townadmin", 200), ("liu", 403), ("ye", 403)):
        assert client_of(login).get("/p/ruikang/due/").status_code == status, login
    assert client_of("lin").get(f"/p/{other.code}/due/").status_code == 403
    assert Client().get("/p/ruikang/due/").status_code == 303
    for login, path in (("lin", "/p/ruikang/due/"), ("jiang", "/p/hengli/due/")):
        page = client_of(login).get(path).content.decode()
        assert "已满，还没有换届" in page
        assert 'href="/organisations/committee/keep"' in page
    assert 'href="/organisations/committee/keep"' not in client_of("luo").get("/p/ruikang/due/").content.decode()
    assert "/p/ruikang/due/" in client_of("lin").get("/p/ruikang/organisations/").content.decode()
    assert "/p/ruikang/due/" not in client_of("liu").get("/p/ruikang/organisations/").content.decode()
    assert "/p/hengli/due/" in client_of("jiang").get("/work/").content.decode()


# What the law says besides


def test_a_seal_kept_before_the_filing_warns(town: Any, committee: Body, set_day: Any) -> None:
    set_day(date(2026, 9, 12))
    lin = town.viewer(town.lin)
    term = terms.begin_term(viewer=lin, body=committee, seats=5, elected_on=AFTER, starts_on=AFTER, ends_on=date(2031, 9, 9))
    actions.appoint(viewer=lin, body=committee, title="主任", name="甲", phone="13900000066", held_from=AFTER, handles_matters=True)
    chair = town.viewer(Person.objects.get(phone="13900000066"))
    papers.keep_seal(viewer=chair, body=committee, name="公章", kept_by=Post.objects.get(person=chair.own_id), since=date(2026, 9, 11))

    def told_now() -> dict[str, str]:
        check = law_check(committee, clock.today())
        assert check is not None
        return {finding.code: value.source_zh for finding, value in check.findings}

    assert told_now()["seal_unfiled"] == "建房〔2009〕274号第三十四条"
    terms.date_term(viewer=chair, term=term, filed_on=date(2026, 9, 12))
    assert "seal_unfiled" not in told_now()
    assert "seal_early" in told_now()


def test_a_member_who_leaves_is_reported_within_thirty_days(town: Any, committee: Body, set_day: Any) -> None:
    gone = Post.objects.filter(body=committee, title="委员").first()
    assert gone is not None
    set_day(date(2026, 3, 2))
    actions.end_post(viewer=town.viewer(town.ye), post=gone, on=date(2026, 3, 1), because="moved")

    def change(day: date) -> tuple[str, date | None] | None:
        check = law_check(committee, day)
        assert check is not None
        return next(((found.code, found.by) for found, _value in check.findings if found.key == "committee.change_report_days"), None)

    assert change(date(2026, 3, 1)) is None
    # Thirty days from 2 March, the first day without them.
    assert change(date(2026, 3, 2)) == ("change_due", date(2026, 4, 1))
    assert change(date(2026, 4, 2)) == ("change_missed", date(2026, 4, 1))
    set_day(date(2026, 4, 2))
    terms.date_term(viewer=town.viewer(town.ye), term=Term.objects.get(), changes_reported_on=date(2026, 4, 2), filed_on=date(2021, 9, 20))
    assert change(date(2026, 4, 2)) is None


def test_what_is_owed_to_the_public_is_checked_against_what_is_published(town: Any, committee: Body) -> None:
    other = actions.create_body(code="second", kind="owners_committee", name="第二业委会", place=town.estate, by=BY)
    Term.objects.create(body=other, seats=5, elected_on=date(2026, 1, 1), starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31))
    papers.put_text(body=other, kind="rules", title="规则", text="…", effective_from=date(2026, 1, 1), by=BY)
    papers.put_text(body=other, kind="covenant", title="规约", text="…", effective_from=date(2026, 10, 1), by=BY)
    page = Client().get("/organisations/second").content.decode()
    assert "该公开的 8 样里公开了 1 样，还缺：管理规约、业主大会和业委会的决定" in page
    assert "建房〔2009〕274号第三十六条" in page
    assert "还缺：" not in Client().get("/organisations/committee").content.decode()


def test_who_may_call_a_meeting_is_said_in_numbers(committee: Body) -> None:
    page = Client().get("/organisations/committee").content.decode()
    assert "3 名委员提议，7 日内开业委会会议" in page
    assert "面积和人数都占 20 % 的业主提议" in page
    for article in ("第三十七条", "第二十一条", "第四十四条"):
        assert article in page
