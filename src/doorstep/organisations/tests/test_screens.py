"""The screens of bodies: each form does what it says, says what is wrong where it was typed, and is closed to others."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.ui import slots
from doorstep.organisations import actions
from doorstep.organisations.actions import members, terms
from doorstep.organisations.models import Body, BodyApplication, BodyFact, BodySeal, BodyText, PartyMember, Post, SealUse, Term


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client


@pytest.fixture
def committee(town: Any) -> Body:
    body = actions.create_body(code="committee", kind="owners_committee", name="业委会", place=town.estate, by=Actor())
    actions.give_post(body=body, title="主任", person=town.ye, held_from=date(2023, 9, 10), by=Actor())
    return body


def test_a_committee_keeps_its_term_texts_and_seals_on_its_screen(committee: Body) -> None:
    ye, home = client_of("ye"), "/organisations/committee/keep"
    assert ye.get(home).status_code == 200
    posted = ye.post(
        f"{home}/terms", {"seats": "7", "elected_on": "2023-09-06", "starts_on": "2023-09-10", "ends_on": "2028-09-09", "once": "a"}
    )
    assert posted.status_code == 303
    term = Term.objects.get(body=committee)
    page = ye.get(home).content.decode()
    assert "不到一半" in page
    assert "建房〔2009〕274号第四十六条" in page
    assert (
        ye.post(
            f"{home}/terms/{term.pk}", {"first_met_on": "2023-09-10", "filed_on": "2023-09-20", "filing_number": "横备 3", "once": "b"}
        ).status_code
        == 303
    )
    assert (
        ye.post(
            f"{home}/texts", {"kind": "rules", "title": "议事规则", "text": "一、……", "effective_from": "2016-05-01", "once": "c"}
        ).status_code
        == 303
    )
    post = Post.objects.get(body=committee)
    assert ye.post(f"{home}/seals", {"name": "业委会章", "kept_by": str(post.pk), "since": "2023-09-20", "once": "d"}).status_code == 303
    seal = BodySeal.objects.get()
    used = {"used_on": "2024-03-01", "purpose": "签停车场合同", "decision": "2024 年第 2 号决定", "once": "e"}
    assert ye.post(f"{home}/seals/{seal.pk}/use", used).status_code == 303
    public = Client().get("/organisations/committee").content.decode()
    for said in ("横备 3", "议事规则", "业委会章", "签停车场合同", "2024 年第 2 号决定", "不到一半"):
        assert (said in public) is (said != "横备 3"), said
    text = BodyText.objects.get()
    assert "一、……" in Client().get(f"/organisations/committee/texts/rules/{text.version}").content.decode()
    assert Client().get("/organisations/committee/texts/rules/2").status_code == 404
    assert ye.post(f"{home}/seals/{seal.pk}/end").status_code == 303
    assert SealUse.objects.filter(purpose="签停车场合同", used_on=date(2024, 3, 1)).count() == 1


def test_what_is_wrong_is_said_where_it_was_typed(committee: Body) -> None:
    ye, home = client_of("ye"), "/organisations/committee/keep"
    for path, sent, says in (
        ("posts", {"name": "甲", "held_from": "2026-01-01"}, "还没写什么职务。"),
        ("posts", {"title": "委员", "name": "甲", "held_from": "2026-01-01", "votes_for": "9", "votes_cast": "8"}, "得票比总票数还多"),
        ("facts", {"name": "业委会", "uscc": "91441900MA5HL00066"}, "最后一位对不上"),
        ("facts", {"name": "业委会", "founded_on": "去年"}, "日期不对"),
        ("history", {"happened_on": "2016-05"}, "还没写发生了什么。"),
        ("terms", {"seats": "7", "elected_on": "x", "starts_on": "2023-09-10", "ends_on": "2028-09-09"}, "日期请写成"),
        ("texts", {"kind": "fees", "title": "题", "text": "文", "effective_from": "2026-01-01"}, "fees"),
        ("end", {"on": "2999-01-01", "because": "merged"}, "日期不对"),
    ):
        answer = ye.post(f"{home}/{path}", sent)
        assert answer.status_code == 422, path
        assert says in answer.content.decode(), path
    assert Post.objects.filter(body=committee).count() == 1


def test_a_form_sent_twice_counts_once(committee: Body) -> None:
    ye = client_of("ye")
    for _ in range(2):
        assert ye.post("/organisations/committee/keep/history", {"happened_on": "2016-05", "text": "成立", "once": "k"}).status_code == 303
    fact = BodyFact.objects.get()
    assert "2016-05" in Client().get("/organisations/committee/history").content.decode()
    assert "成立" in Client().get("/p/ruikang/history").content.decode()
    assert ye.post(f"/organisations/committee/keep/history/{fact.pk}/back").status_code == 303
    assert "成立" not in Client().get("/organisations/committee/history").content.decode().replace("从成立到现在", "")


def test_others_are_told_that_it_is_not_theirs(committee: Body) -> None:
    for login in ("liu", "luo", "lin"):
        client = client_of(login)
        assert client.get("/organisations/committee/keep").status_code == 403
        assert client.post("/organisations/committee/keep/end", {"on": "2026-01-01", "because": "merged"}).status_code == 403
        assert client.get(f"/organisations/committee/posts/{Post.objects.get(body=committee).pk}").status_code == 403
    assert Client().get("/organisations/committee/keep").status_code == 303
    assert client_of("townadmin").get("/organisations/committee/keep").status_code == 200
    assert client_of("ye").get("/organisations/nobody/keep").status_code == 404


def test_a_hand_over_on_the_screen(committee: Body) -> None:
    ye, post = client_of("ye"), Post.objects.get(body=committee)
    address = f"/organisations/committee/posts/{post.pk}"
    assert "没有没办完的事" in ye.get(address).content.decode()
    refused = ye.post(f"{address}/handover", {"name": "甲", "on": clock.today().isoformat()})
    assert refused.status_code == 422
    assert "请写接手的人的手机" in refused.content.decode()
    done = ye.post(
        f"{address}/handover",
        {"name": "何婉仪", "phone": "13900000061", "on": clock.today().isoformat(), "designated_by": "elected", "once": "h"},
    )
    assert done.status_code == 303
    # The one who handed it over is signed out at that very moment.
    assert ye.get(done["Location"]).status_code == 303
    assert Post.objects.get(pk=post.pk).person.name == "何婉仪"


def test_ending_a_post_on_the_screen(committee: Body) -> None:
    person = create_person(name="委员甲")
    post = actions.give_post(body=committee, title="委员", person=person, held_from=date(2024, 1, 1), by=Actor())
    ye = client_of("ye")
    assert ye.post(f"/organisations/committee/posts/{post.pk}/end", {"on": "2023-01-01", "because": "resigned"}).status_code == 422
    assert ye.post(f"/organisations/committee/posts/{post.pk}/end", {"on": "2026-01-01", "because": "resigned"}).status_code == 303
    assert "委员甲" not in Client().get("/organisations/committee").content.decode()
    assert "本人辞去" in Client().get("/organisations/committee/history").content.decode()


def test_the_branchs_screen(town: Any) -> None:
    lin = client_of("lin")
    me = client_of("liu")
    assert me.post("/my/party", {"branch": "branch", "kind": "double", "agree": "on", "once": "a"}).status_code == 303
    assert "等支部核实" in me.get("/my/party").content.decode()
    refused = me.post("/my/party", {"branch": "branch", "kind": "double", "agree": "on", "once": "b"})
    assert "您向这个支部报过了" in refused.content.decode()
    assert "要您自己同意" in me.post("/my/party", {"branch": "branch", "kind": "double"}).content.decode()
    member = PartyMember.objects.get()
    assert "刘玉梅" in lin.get("/organisations/branch/members/").content.decode()
    assert lin.post(f"/organisations/branch/members/{member.pk}/verify").status_code == 303
    named = {"building": "ruijin", "member": str(member.pk), "phone": "13900000088", "agree": "on", "once": "c"}
    assert lin.post("/organisations/branch/members/contacts", named).status_code == 303
    assert lin.post("/organisations/branch/members/contacts", {**named, "agree": "", "once": "d"}).status_code == 422
    partner = {"name": "镇中心小学党支部", "since": "2026-01-01", "once": "e"}
    assert lin.post("/organisations/branch/members/partners", partner).status_code == 303
    page = lin.get("/organisations/branch/members/").content.decode()
    assert "镇中心小学党支部" in page
    assert "13900000088" in page
    assert lin.post(f"/organisations/branch/members/contacts/{members.ContactPerson.objects.get().pk}/end").status_code == 303
    assert lin.post(f"/organisations/branch/members/partners/{members.PartnerUnit.objects.get().pk}/end").status_code == 303
    assert me.post(f"/my/party/{member.pk}/back").status_code == 303
    assert not PartyMember.objects.exists()
    assert client_of("ye").post(f"/my/party/{member.pk}/back").status_code == 404


def test_registering_on_the_screen(town: Any) -> None:
    centre = actions.create_body(code="centre", kind="centre", name="党群服务中心", place=town.place, by=Actor())
    actions.give_post(body=centre, title="值班长", person=town.ye, held_from=date(2020, 1, 1), by=Actor())
    liu, clerk = client_of("liu"), client_of("ye")
    sent = {"kind": "enterprise", "name": "禾晴饮品", "uscc": "91441900MA5HL00066", "place": "hengli", "once": "a"}
    assert "最后一位对不上" in liu.post("/organisations/register/", sent).content.decode()
    done = liu.post("/organisations/register/", {**sent, "uscc": "91441900MA5HL00065", "once": "b"})
    assert done.status_code == 303
    address = done["Location"]
    assert "等着看" in liu.get(address).content.decode()
    assert "禾晴饮品" in clerk.get("/organisations/applications/").content.decode()
    assert liu.get("/organisations/applications/").status_code == 403
    assert client_of("luo").get(address).status_code == 404
    assert liu.post(f"{address}/accept").status_code == 403
    assert clerk.post(f"{address}/refuse", {}).status_code == 422
    assert clerk.post(f"{address}/accept", {"once": "c"}).status_code == 303
    assert BodyApplication.objects.get().state == "accepted"
    assert "禾晴饮品" in Client().get("/organisations/").content.decode()
    assert "禾晴饮品" in clerk.get("/organisations/applications/?state=decided").content.decode()


def test_pages_speak_english(town: Any, committee: Body) -> None:
    terms.begin_term(
        viewer=town.viewer(town.ye),
        body=committee,
        seats=7,
        elected_on=date(2023, 9, 6),
        starts_on=date(2023, 9, 10),
        ends_on=date(2028, 9, 9),
    )
    client = client_of("ye")
    client.post("/ui/language", {"language": "en"})
    for path, says in (
        ("/organisations/committee", "fewer than half"),
        ("/organisations/committee/history", "History"),
        ("/organisations/committee/keep", "Hand over"),
        ("/p/ruikang/graph", "core"),
    ):
        assert says in client.get(path).content.decode(), path


def test_the_graph_has_a_sentence_and_its_table(town: Any) -> None:
    page = Client().get("/p/ruikang/graph").content.decode()
    assert page.count('role="img"') == 2
    assert 'aria-label="核心是瑞康花园党支部，四周 1 个机构' in page
    assert page.count("恒安物业") >= 3
    assert "没有登记机构" in Client().get("/p/gekeng/graph").content.decode()


def test_other_mechanisms_show_panels_on_the_page_of_a_body(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, str]] = []

    def provider(viewer: Viewer, body: Body) -> slots.Panel | None:
        seen.append((viewer.signed_in, body.code))
        return slots.Panel("ui/notice.html", {"say": "决定 3 条", "head": "", "bad": 0}) if body.code == "hengan" else None

    monkeypatch.setattr(slots, "_panels", {"body": [(10, provider)]})
    assert "决定 3 条" in Client().get("/organisations/hengan").content.decode()
    assert "决定 3 条" not in Client().get("/organisations/branch").content.decode()
    assert seen == [(False, "hengan"), (False, "branch")]


def test_what_waits_for_a_body_is_on_the_workbench(town: Any, committee: Body) -> None:
    assert "机构的事" not in client_of("ye").get("/work/").content.decode()
    terms.begin_term(
        viewer=town.viewer(town.ye),
        body=committee,
        seats=7,
        elected_on=date(2023, 9, 6),
        starts_on=date(2023, 9, 10),
        ends_on=date(2028, 9, 9),
    )
    members.declare_membership(viewer=town.viewer(town.liu), branch=town.branch, kind="double")
    chair, secretary, manager = (client_of(login).get("/work/").content.decode() for login in ("ye", "lin", "luo"))
    assert "不到一半，要开业主大会临时会议重新选" in chair
    assert "1 份党员申报等核实" in secretary
    assert "1 份党员申报等核实" not in chair
    assert "机构的事" not in manager
