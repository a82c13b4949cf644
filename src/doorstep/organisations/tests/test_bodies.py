"""Bodies: founded, changed, ended; what they publish; their seals and terms; their history and how they hang together."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY, Viewer, build_viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.search.queries import find
from doorstep.organisations import actions
from doorstep.organisations.actions import papers, terms
from doorstep.organisations.models import Body, BodyText, Post, Term
from doorstep.organisations.queries import bodies_by_place, graph, posts_of
from doorstep.organisations.queries.committee import cross_of, lacking_seats, law_check
from doorstep.organisations.queries.history import bodies_ever_at, history_of
from doorstep.organisations.queries.papers import seals_of, texts_in_force

IMPORT = Actor(channel="import")
HEQING = "91441900MA5HL00065"


def admin() -> Viewer:
    return build_viewer(person_id=create_person(name="管理员").pk, is_town_admin=True)


def committee(town: Any, members: int = 3) -> Body:
    body = actions.create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=IMPORT)
    for number in range(members):
        actions.give_post(
            body=body,
            title="委员",
            person=create_person(name=f"委员{number}"),
            held_from=date(2023, 9, 10),
            by=IMPORT,
            handles_matters=False,
        )
    return body


# Founding and changing


def test_a_credit_code_is_checked_and_kept_in_one_form(town: Any) -> None:
    body = actions.create_body(code="heqing", kind="enterprise", name="禾晴", place=town.place, by=IMPORT, uscc=" 91441900-ma5hl00065")
    assert body.uscc == HEQING
    with pytest.raises(actions.BadUscc) as refused:
        actions.create_body(code="other", kind="enterprise", name="别家", place=town.place, by=IMPORT, uscc="91441900MA5HL00066")
    assert refused.value.reason == "uscc_check"


def test_one_credit_code_is_one_body_also_in_the_database(town: Any) -> None:
    first = actions.create_body(code="heqing", kind="enterprise", name="禾晴", place=town.place, by=IMPORT, uscc=HEQING)
    with pytest.raises(actions.UsccTaken) as refused:
        actions.create_body(code="heqing2", kind="enterprise", name="禾晴", place=town.place, by=IMPORT, uscc=HEQING)
    assert refused.value.body == first
    with pytest.raises(DatabaseError), transaction.atomic():
        Body.objects.create(code="heqing3", kind="enterprise", name="禾晴", place=town.place, uscc=HEQING)
    actions.end_body(viewer=admin(), body=first, on=clock.today(), because="dissolved")
    assert actions.create_body(code="heqing4", kind="enterprise", name="禾晴", place=town.place, by=IMPORT, uscc=HEQING).pk


def test_a_village_collective_is_taken(town: Any) -> None:
    body = actions.create_body(code="jls", kind="collective", name="经联社", place=town.place, by=IMPORT, uscc="N2441900MF00000131")
    assert body.uscc == "N2441900MF00000131"


@pytest.mark.parametrize("founded_on", ["2015", "2015-06", "2015-06-18"])
def test_a_founding_day_is_as_precise_as_it_is_known(town: Any, founded_on: str) -> None:
    assert (
        actions.create_body(code="b", kind="centre", name="中心", place=town.place, by=IMPORT, founded_on=founded_on).founded_on
        == founded_on
    )


@pytest.mark.parametrize("founded_on", ["2015-13", "15", "2015-02-30", "9999", "去年"])
def test_a_day_that_is_none_or_has_not_come_is_refused(town: Any, founded_on: str) -> None:
    with pytest.raises(actions.BadDate):
        actions.create_body(code="b", kind="centre", name="中心", place=town.place, by=IMPORT, founded_on=founded_on)


def test_who_may_found_a_body_where(town: Any) -> None:
    for viewer in (town.viewer(town.liu), town.viewer(town.lin)):
        with pytest.raises(actions.NotAllowed):
            actions.found_body(viewer=viewer, kind="volunteer_team", name="队", place=town.estate)
    # The company keeps the roll, so it sets up its estate, and nothing beyond.
    assert (
        actions.found_body(viewer=town.viewer(town.luo), kind="volunteer_team", name="队", place=town.estate).code
        == "ruikang-volunteer-team"
    )
    assert actions.found_body(viewer=admin(), kind="volunteer_team", name="队", place=town.estate).code == "ruikang-volunteer-team-2"
    with pytest.raises(actions.NotAllowed):
        actions.found_body(viewer=town.viewer(town.luo), kind="enterprise", name="店", place=town.place)


def test_a_body_keeps_itself_and_the_journal_says_which_fields(town: Any) -> None:
    changed = actions.change_body(viewer=town.viewer(town.lin), body=town.branch, founded_on="2015-06", is_pilot=True)
    assert (changed.founded_on, changed.is_pilot) == ("2015-06", True)
    assert Entry.objects.filter(verb="body_changed").latest("id").detail == {"fields": ["founded_on", "is_pilot"]}
    count = Entry.objects.count()
    actions.change_body(viewer=town.viewer(town.lin), body=town.branch, founded_on="2015-06")
    assert Entry.objects.count() == count
    with pytest.raises(actions.NotAllowed):
        actions.change_body(viewer=town.viewer(town.luo), body=town.branch, is_pilot=False)
    with pytest.raises(actions.NotAParty):
        actions.change_body(viewer=town.viewer(town.lin), body=town.branch, led_by=town.company)


# Ending


def test_a_body_with_open_matters_or_routes_does_not_end(town: Any) -> None:
    town.raise_matter()
    with pytest.raises(actions.StillBlocked) as refused:
        actions.end_body(viewer=admin(), body=town.company, on=clock.today(), because="replaced")
    assert len(refused.value.blockers) == 2
    assert Body.objects.get(pk=town.company.pk).ended_on is None


def test_an_ended_body_keeps_its_page_and_its_posts_end_with_it(town: Any, client: Any) -> None:
    body = committee(town)
    actions.end_body(viewer=admin(), body=body, on=clock.today() - timedelta(days=1), because="replaced")
    assert posts_of(body) == []
    assert {post.ended_because for post in Post.objects.filter(body=body)} == {"body_ended"}
    page = client.get("/organisations/committee")
    assert page.status_code == 200
    assert "换了新的" in page.content.decode()
    assert "committee" not in {each.code for _place, group in bodies_by_place(town.place) for each, _posts in group}
    with pytest.raises(actions.HasEnded):
        actions.change_body(viewer=admin(), body=body, phone="1")
    with pytest.raises(actions.BadDate):
        actions.end_body(viewer=admin(), body=town.branch, on=clock.today() + timedelta(days=1), because="merged")


# Texts


def test_a_published_text_cannot_be_changed_or_removed_even_in_the_database(town: Any) -> None:
    luo = town.viewer(town.luo)
    text = papers.publish_text(
        viewer=luo, body=town.company, kind="promise", title="服务承诺", text="报修 24 小时内答复。", effective_from=date(2025, 1, 1)
    )
    for change in (
        lambda: BodyText.objects.filter(pk=text.pk).update(text="48 小时"),
        lambda: BodyText.objects.filter(pk=text.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert BodyText.objects.get(pk=text.pk).text == "报修 24 小时内答复。"
    entry = Entry.objects.filter(verb="text_published").latest("id")
    assert "报修" not in str(entry.detail)


def test_every_promise_stays_in_force_and_of_rules_the_newest_counts(town: Any) -> None:
    luo = town.viewer(town.luo)
    for title in ("承诺一", "承诺二"):
        papers.publish_text(viewer=luo, body=town.company, kind="promise", title=title, text="…", effective_from=date(2025, 1, 1))
    for title in ("收费一", "收费二"):
        papers.publish_text(viewer=luo, body=town.company, kind="fees", title=title, text="…", effective_from=date(2025, 1, 1))
    assert [text.title for text in texts_in_force(town.company)] == ["收费二", "承诺二", "承诺一"]


def test_a_body_publishes_its_own_kinds_in_its_own_name(town: Any) -> None:
    facts = {"title": "题", "text": "文", "effective_from": date(2025, 1, 1)}
    with pytest.raises(papers.NotItsText):
        papers.publish_text(viewer=town.viewer(town.luo), body=town.company, kind="rules", **facts)
    with pytest.raises(papers.NotItsText):
        papers.publish_text(viewer=town.viewer(town.lin), body=town.branch, kind="fees", **facts)
    for viewer in (admin(), town.viewer(town.lin), town.viewer(town.liu)):
        with pytest.raises(actions.NotAllowed):
            papers.publish_text(viewer=viewer, body=town.company, kind="promise", **facts)


# Seals


def test_a_seal_is_kept_by_a_post_of_the_body_and_its_uses_are_written_down(town: Any) -> None:
    luo, today = town.viewer(town.luo), clock.today()
    post = Post.objects.get(body=town.company)
    with pytest.raises(papers.NotItsPost):
        papers.keep_seal(viewer=luo, body=town.company, name="公章", kept_by=Post.objects.get(body=town.branch), since=date(2020, 1, 1))
    seal = papers.keep_seal(viewer=luo, body=town.company, name="公章", kept_by=post, since=date(2020, 1, 1))
    papers.use_seal(viewer=luo, seal=seal, used_on=date(2026, 3, 1), purpose="签电梯维保合同")
    with pytest.raises(actions.BadDate):
        papers.use_seal(viewer=luo, seal=seal, used_on=today + timedelta(days=1), purpose="…")
    with pytest.raises(actions.BadDate):
        papers.use_seal(viewer=luo, seal=seal, used_on=date(2019, 1, 1), purpose="…")
    papers.end_seal(viewer=luo, seal=seal, on=date(2026, 4, 1))
    with pytest.raises(papers.SealEnded):
        papers.use_seal(viewer=luo, seal=seal, used_on=date(2026, 5, 1), purpose="…")
    ((kept, uses),) = seals_of(town.company)
    assert kept.ended_on == date(2026, 4, 1)
    assert [use.purpose for use in uses] == ["签电梯维保合同"]
    assert "电梯" not in str([entry.detail for entry in Entry.objects.filter(kind="body")])


# Terms and the law


def begin(town: Any, body: Body, **facts: Any) -> Term:
    given = {"seats": 7, "elected_on": date(2023, 9, 6), "starts_on": date(2023, 9, 10), "ends_on": date(2028, 9, 9), **facts}
    return terms.begin_term(viewer=admin(), body=body, **given)


def test_the_law_is_asked_with_the_regulations_in_force(town: Any) -> None:
    body = committee(town, members=3)
    term = begin(town, body)
    terms.date_term(viewer=admin(), term=term, first_met_on=date(2023, 9, 14), filed_on=date(2023, 10, 9))
    check = law_check(body, date(2026, 11, 23))
    assert check is not None
    # Filing: the 30th day, 6 October, lies in the holidays of 2023 only where their arrangement is known; it is a Friday.
    assert [(found.code, value.key) for found, value in check.findings] == [
        ("first_meeting_late", "committee.first_meeting_days"),
        ("filing_late", "committee.filing_days"),
        ("below_half", "committee.least_share"),
        ("public_list", "committee.public_list"),
    ]
    assert [found.code for found, _value in check.to_do] == ["below_half", "public_list"]
    (late, _), *_ = check.findings
    assert late.by == date(2023, 9, 13)


def test_renewal_is_told_three_months_before_the_end(town: Any) -> None:
    body = committee(town, members=7)
    term = begin(town, body)
    terms.date_term(viewer=admin(), term=term, first_met_on=date(2023, 9, 10), filed_on=date(2023, 9, 20))

    def told(today: date) -> list[str]:
        check = law_check(body, today)
        assert check is not None
        return [found.code for found, _value in check.findings]

    assert told(date(2028, 6, 8)) == ["public_list"]
    assert told(date(2028, 6, 9)) == ["renewal_due", "public_list"]
    assert told(date(2028, 9, 10)) == ["expired"]


def test_a_second_term_is_asked_about_the_hand_over(town: Any) -> None:
    body = committee(town, members=5)
    begin(town, body, elected_on=date(2018, 9, 1), starts_on=date(2018, 9, 10), ends_on=date(2023, 9, 9))
    term = begin(town, body, seats=5)
    terms.date_term(viewer=admin(), term=term, first_met_on=date(2023, 9, 10), filed_on=date(2023, 9, 20))
    check = law_check(body, date(2026, 11, 23))
    assert check is not None
    assert [found.code for found, _value in check.findings] == ["handover_missed", "public_list"]
    with pytest.raises(terms.TermTaken):
        begin(town, body)
    with pytest.raises(actions.BadDate):
        begin(town, body, starts_on=date(2029, 1, 1))


def test_a_branch_has_no_such_law_and_a_committee_without_a_term_none_yet(town: Any) -> None:
    assert law_check(town.branch, clock.today()) is None
    assert law_check(committee(town), clock.today()) is None


def test_cross_appointment_is_counted_of_the_committees_members(town: Any) -> None:
    body = committee(town, members=7)
    assert cross_of(town.place) is None
    for post in list(Post.objects.filter(body=body))[:4]:
        actions.give_post(body=town.branch, title="支部委员", person=post.person, held_from=date(2023, 11, 2), by=IMPORT)
    found = cross_of(town.estate)
    assert found is not None
    share, value = found.share, found.value
    assert (share.part, share.whole, share.percent) == (4, 7, "57.1")
    assert share.reaches(value.fraction.numerator, value.fraction.denominator)
    # Whoever no longer holds the post does not count.
    Post.objects.filter(body=town.branch, title="支部委员").update(held_until=date(2024, 1, 1))
    ended = cross_of(town.estate)
    assert ended is not None
    assert (ended.share.part, ended.rows) == (0, ())


def test_a_council_names_the_seats_it_lacks(town: Any) -> None:
    body = actions.create_body(code="assoc", kind="association", name="共治协会", place=town.place, by=IMPORT)
    for seat in ("party_lead", "party_cadre", "residents", "volunteer"):
        actions.give_post(body=body, title="理事", person=create_person(name=seat), held_from=date(2020, 1, 1), by=IMPORT, seat=seat)
    assert lacking_seats(body, posts_of(body)) == ("enterprise", "local_worthy")
    assert lacking_seats(town.branch, []) is None


# History and graph


def test_a_history_is_by_date_and_holds_every_kind_of_moment(town: Any) -> None:
    lin = town.viewer(town.lin)
    actions.change_body(viewer=lin, body=town.branch, founded_on="2015-06")
    fact = actions.add_fact(viewer=lin, body=town.branch, happened_on="2017", text="开了第一次议事会", source="支部会议记录")
    papers.publish_text(viewer=lin, body=town.branch, kind="appeal", title="倡议", text="不乱停车", effective_from=date(2024, 5, 1))
    body = Body.objects.get(pk=town.branch.pk)
    moments = history_of([body])
    assert [(moment.on, moment.what) for moment in moments] == [
        ("2015-06", "founded"),
        ("2017", "fact"),
        ("2020-01-01", "held"),
        ("2024-05-01", "published"),
    ]
    actions.take_back_fact(viewer=lin, fact=fact)
    actions.take_back_fact(viewer=lin, fact=fact)
    assert "fact" not in {moment.what for moment in history_of([body])}
    assert Entry.objects.filter(verb="fact_taken_back").count() == 1
    assert {moment.body.code for moment in history_of(bodies_ever_at(town.estate))} == {"branch", "hengan"}


def test_the_core_and_the_sides(town: Any) -> None:
    body = committee(town, members=2)
    shared = Post.objects.filter(body=body).first()
    assert shared is not None
    actions.give_post(body=town.branch, title="支部委员", person=shared.person, held_from=date(2023, 11, 2), by=IMPORT)
    actions.change_body(viewer=town.viewer(town.luo), body=town.company, led_by=town.branch)
    drawn = graph.of_place(town.estate)
    assert drawn.core == town.branch
    assert {side.body.code: (side.people, side.shared, side.led) for side in drawn.sides} == {
        "hengan": (1, 0, True),
        "committee": (2, 1, False),
    }
    assert drawn.tied == 2
    assert graph.of_place(town.building).core is None


def test_the_register_says_who_holds_which_two_posts_since_when(town: Any, client: Any) -> None:
    body = committee(town, members=2)
    first, other = Post.objects.filter(body=body).order_by("position", "id")
    Post.objects.filter(pk=first.pk).update(held_from=date(2023, 9, 10), title="主任")
    give = {"body": town.branch, "person": first.person, "by": IMPORT}
    actions.give_post(title="支部委员", held_from=date(2024, 3, 1), position=5, **give)
    actions.give_post(title="组织委员", held_from=date(2023, 1, 1), position=6, **give)
    found = cross_of(town.estate)
    assert found is not None
    assert [(row.committee.title, row.branch.title, row.since) for row in found.rows] == [("主任", "支部委员", date(2023, 9, 10))]
    for path in ("/organisations/branch", f"/organisations/{body.code}", "/p/ruikang/graph"):
        page = client.get(path).content.decode()
        (table,) = re.findall("谁两边都任职</caption>(.*?)</table>", page, re.S)
        assert first.person.name in table, path
        assert "2023-09-10" in table, path
        assert other.person.name not in table, path
    Post.objects.filter(person=first.person, body=town.branch).update(held_until=date(2024, 1, 1))
    assert "现在没有人两边都任职" in client.get("/p/ruikang/graph").content.decode()


def test_what_a_body_published_is_found_in_the_version_in_force(town: Any) -> None:
    luo = town.viewer(town.luo)

    def publish(words: str) -> int:
        text = papers.publish_text(
            viewer=luo, body=town.company, kind="fees", title="收费标准", text=words, effective_from=date(2025, 1, 1), basis="合同"
        )
        return text.version

    def found(query: str) -> list[str]:
        return [hit.url for name, hits in find(NOBODY, query).registers if str(name) == "机构发布的" for hit in hits]

    publish("电梯费每月三元")
    latest = publish("电梯费每月四元")
    assert found("电梯费") == [f"/organisations/{town.company.code}/texts/fees/{latest}"]
    assert found("三元") == []
