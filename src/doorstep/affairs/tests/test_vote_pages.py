"""Pages and API of a vote: who gets them, what a running vote hides, what a finished one shows, how many queries they take."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.affairs.actions import ballots
from doorstep.affairs.models import Ballot, Paper, PaperEntry, RollUnit, Vote, VoteRecord
from doorstep.affairs.queries import votes as queries
from doorstep.affairs.rules.tally import read_vote, result_document, tally
from doorstep.affairs.testing import BY, CLOSES, DAY, OPENS, VoteScene, add_unit, set_rule, vote_scene
from doorstep.foundation import clock
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.proof import check, read_proof
from doorstep.foundation.journal.testing import seal_now
from doorstep.foundation.places.actions import create_place
from doorstep.organisations.actions import create_body, give_post


@pytest.fixture
def scene(town: Any) -> VoteScene:
    set_rule(town.estate, "owners_vote.electronic_channel", "own")
    return vote_scene(town.estate)


@pytest.fixture
def running(scene: VoteScene) -> Vote:
    """An open vote with papers in every stage and one electronic ballot; `against` is chosen nowhere else on any page."""
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, "瑞金阁-1-101", scene.owners[0], "against")
    for index, choice in enumerate(("against", "abstain")):
        reading = ballots.Reading(scene.owners[1].pk, {"M1": choice}, OPENS + DAY)
        ballots.enter_paper(viewer=scene.teller(index), paper=scene.paper(vote, "瑞金阁-1-102"), reading=reading)
    ballots.cast_ballot(viewer=scene.viewer(scene.owners[2]), vote=vote, choices={"M1": "against"}, happened_at=OPENS + DAY)
    return vote


@pytest.fixture
def at() -> Any:
    """The present, during voting."""
    with clock.frozen(OPENS + 2 * DAY):
        yield


ROLES = ["", "chair", "teller1", "teller3", "owner1", "owner2", "owner3", "lin", "luo", "townadmin"]
PATHS = [
    "/votes/", "/p/ruikang/votes/", "/votes/{n}", "/votes/{n}/roll", "/votes/{n}/notice", "/votes/{n}/filing", "/votes/{n}/cast",
    "/votes/{n}/run", "/votes/{n}/deliver", "/votes/{n}/enter", "/votes/{n}/enter?paper=1", "/votes/{n}/enter?paper=2",
    "/votes/{n}/paper/{q}", "/q/{q}", "/votes/{n}/file.json", "/votes/{n}/result.json", "/votes/{n}/full.json", "/votes/{n}?receipt=000000000000",
    "/api/v1/votes", "/api/v1/votes/{n}", "/inbox/", "/my/", "/work/",
]  # fmt: skip


def sign_in_as(client: Any, login: str) -> None:
    client.logout()
    if login:
        client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")


def without_tokens(content: bytes) -> bytes:
    return re.sub(rb'name="(csrfmiddlewaretoken|once)" value="[^"]*"', b"", content)


@pytest.mark.parametrize("login", ROLES)
def test_a_running_vote_tells_nobody_how_anybody_voted(running: Vote, client: Any, at: Any, login: str) -> None:
    """Every page and the API, as every role: with other choices in the database they are the same, byte for byte."""

    token = Paper.objects.get(vote=running, serial=1).link.token

    def crawl() -> dict[str, bytes]:
        sign_in_as(client, login)
        pages = {path: client.get(path.format(n=running.number, q=token)) for path in PATHS}
        assert {response.status_code for response in pages.values()} <= {200, 302, 303, 403, 404}
        return {path: without_tokens(response.content) for path, response in pages.items()}

    as_cast = crawl()
    swap = {"against": "abstain", "abstain": "against"}
    for row in [*Ballot.objects.all(), *PaperEntry.objects.all()]:
        type(row).objects.filter(pk=row.pk).update(choices={"M1": swap[row.choices["M1"]]})
    assert crawl() == as_cast


def test_turnout_is_what_everybody_learns(scene: VoteScene, running: Vote, client: Any, at: Any) -> None:
    shown = client.get(f"/api/v1/votes/{running.number}").json()
    assert shown["came"] == {"parties": 2, "area": "160.00"}
    assert shown["roll"] == {"parties": 6, "area": "480.00"}
    assert (shown["file"], shown["result"]) == (None, None)
    assert client.get(f"/votes/{running.number}/file.json").status_code == 404
    assert queries.clashes(scene.teller(), running) == []


WORK = [("run", "GET"), ("deliver", "GET"), ("enter", "GET"), ("print", "POST"), ("inspect", "POST"), ("full.json", "GET")]


@pytest.mark.parametrize(("path", "method"), WORK)
def test_work_screens_are_for_convenor_and_tellers(running: Vote, client: Any, at: Any, path: str, method: str) -> None:
    teller_only = path in ("enter", "print", "inspect", "full.json")
    for login in ("owner1", "luo", "townadmin", *(["chair"] if teller_only else [])):
        sign_in_as(client, login)
        response = client.generic(method, f"/votes/{running.number}/{path}")
        assert response.status_code == (404 if path == "full.json" else 403), login
    sign_in_as(client, "")
    assert client.generic(method, f"/votes/{running.number}/{path}").status_code == (404 if path == "full.json" else 303)


def test_a_vote_in_preparation_is_not_known_to_others(scene: VoteScene, client: Any) -> None:
    vote = scene.prepare()
    for login, status in (("", 404), ("owner1", 404), ("luo", 404), ("townadmin", 404), ("chair", 200), ("teller1", 200)):
        sign_in_as(client, login)
        assert client.get(f"/votes/{vote.number}").status_code == status, login
        assert (vote.number in client.get("/votes/").content.decode()) == (status == 200)
        assert client.get(f"/api/v1/votes/{vote.number}").status_code == 404


def test_the_committee_prepares_and_runs_a_vote_on_its_screens(scene: VoteScene, client: Any) -> None:
    sign_in_as(client, "chair")
    body = {"title": "更换水泵", "item": "5", "text": "使用维修资金 38,000.00 元更换水泵。", "once": "a"}
    response = client.post(f"/votes/new/{scene.committee.code}", body)
    number = response["Location"].split("/")[2]
    assert client.post(f"/votes/new/{scene.committee.code}", body)["Location"] == response["Location"]
    run = f"/votes/{number}/run"
    for index, name in enumerate(("业主1", "业主2", "业主3"), start=101):
        assert client.post(f"{run}/teller", {"unit": f"瑞金阁-1-{index}", "name": name}).status_code == 303
    assert client.post(f"{run}/teller", {"unit": "瑞金阁-1-101", "name": "别人"}).status_code == 409
    for step in ("freeze", "show-roll"):
        assert client.post(f"{run}/{step}").status_code == 303
    early = client.post(f"{run}/notice", _notice_form(21))
    assert (early.status_code, "名册还在公示" in early.content.decode()) == (409, True)
    with clock.frozen(clock.now() + 6 * DAY):
        sign_in_as(client, "chair")
        refused = client.post(f"{run}/notice", _notice_form(5))
        assert refused.status_code == 409
        assert "15" in refused.content.decode()
        assert client.post(f"{run}/notice", _notice_form(17)).status_code == 303
        assert client.post(f"{run}/motion", {"item": "9", "text": "顺便"}).status_code == 409
        assert client.post(f"{run}/issue").status_code == 403
        sign_in_as(client, "owner1")
        assert client.post(f"{run}/issue").status_code == 303
    assert Paper.objects.filter(vote__number=number).count() == 6


def _notice_form(opens_in: int) -> dict[str, str]:
    """A notice given now, of a vote that opens in so many days."""
    opens, closes = (clock.now() + days * DAY for days in (opens_in, opens_in + 9))
    return {
        "told_on": clock.today().isoformat(),
        "opens_at": opens.strftime("%Y-%m-%dT%H:%M"),
        "closes_at": closes.strftime("%Y-%m-%dT%H:%M"),
    }


def test_an_office_chooses_an_estate_and_convenes_its_election_alone(scene: VoteScene, town: Any, client: Any) -> None:
    office = create_body(code="office", kind="town_office", name="住建办", place=town.place, by=BY)
    give_post(body=office, title="干事", person=scene.owners[5], held_from=clock.today(), by=BY)
    create_place(code="cuihu", kind="estate", name="翠湖", parent=town.estate.parent, by=BY)
    sign_in_as(client, "owner6")
    assert "/votes/new/office" in client.get("/votes/").content.decode()
    assert f'href="?estate={town.estate.code}"' in client.get("/votes/new/office").content.decode()
    page = f"/votes/new/office?estate={town.estate.code}"
    assert re.findall(r'<option value="(\d)"', client.get(page).content.decode()) == ["3"]
    body = {"title": "选举业委会", "item": "3", "text": "选举第一届业主委员会。"}
    silent = client.post(page, body)
    assert (silent.status_code, 'value="选举业委会"' in silent.content.decode()) == (409, True)
    assert client.post(page, {**body, "why": "责令后仍未召集", "item": "9"}).status_code == 409
    assert client.post(page, {**body, "why": "责令后仍未召集"}).status_code == 303
    assert client.get("/votes/new/office?estate=nowhere").status_code == 404
    assert client.post("/votes/new/office", body).status_code == 404


def test_the_committee_corrects_status_and_holders_on_the_screen(scene: VoteScene, client: Any) -> None:
    buyer = create_person(name="买主")
    vote = scene.bring(scene.prepare(), "roll_published")
    first, second, third = (unit.name for unit in scene.units[:3])
    run, roll = f"/votes/{vote.number}/run/correct", f"/votes/{vote.number}/roll"
    add_unit(scene.estate, "瑞金阁-2-101", 5000, [buyer])
    sign_in_as(client, "chair")
    body = {"unit": first, "reason": "transfer", "words": "三月过户"}
    # Nobody of that name is on the estate's roll: what was typed is still there.
    refused = client.post(run, {**body, "holders": "没有的人"})
    assert (refused.status_code, refused.content.decode().count('value="没有的人"')) == (409, 1)
    assert "没有叫没有的人的" in refused.content.decode()
    assert 'value="transfer" selected' in refused.content.decode()
    assert client.post(run, {**body, "holders": "买主、业主1"}).status_code == 303
    row = RollUnit.objects.get(vote=vote, name=first)
    assert (row.holders, row.area_hundredths, row.status) == (sorted([buyer.pk, scene.owners[0].pk]), 8000, "delivered")
    assert client.post(run, {"unit": second, "reason": "delivered", "words": "没交", "status": "undelivered"}).status_code == 303
    assert client.post(run, {"unit": third, "reason": "survey", "words": "测绘", "area": "78.5"}).status_code == 303
    assert RollUnit.objects.get(vote=vote, name=third).area_hundredths == 7850
    for wrong in ({"area": "0"}, {"area": "八十"}, {"status": "sold"}, {"reason": "gossip"}, {"words": ""}):
        answer = client.post(run, {**body, **wrong})
        assert (answer.status_code, "fielderror" in answer.content.decode()) == (422, True), wrong
    assert client.post(run, {**body, "words": "什么也没改"}).status_code == 409
    page = client.get(roll).content.decode()
    assert "业主：业** → 业**、买**" in page or "业主：业** → 买**、业**" in page
    assert "80.00 ㎡ → 78.50 ㎡" in page
    assert "已交付 → 已售未交付" in page
    assert "买主" not in page


def test_who_is_meant_by_a_name_is_told_by_a_room_where_a_name_is_not_enough(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    one, two = create_person(name="陈明"), create_person(name="陈明")
    add_unit(scene.estate, "瑞金阁-2-101", 5000, [one])
    add_unit(scene.estate, "瑞金阁-2-102", 5000, [two])
    here = scene.units[0].name
    with pytest.raises(queries.NotOnePerson) as error:
        queries.holder_named(vote, here, "陈明")
    assert error.value.several
    assert queries.holder_named(vote, here, "陈明", "瑞金阁-2-102") == two
    assert queries.holder_named(vote, "瑞金阁-2-101", "陈明") == one
    assert queries.holder_named(vote, here, "业主1") == scene.owners[0]
    with pytest.raises(queries.NotOnePerson) as error:
        queries.holder_named(vote, here, "陈明", here)
    assert not error.value.several


def test_two_clerks_enter_on_the_screen_and_a_third_settles(scene: VoteScene, client: Any, at: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    holder = scene.owners[3].pk
    body = {"paper": "瑞金阁-1-104", "M1": "agree", "signer": str(holder), "handed_in": "2026-04-03", "channel": "paper"}
    path = f"/votes/{vote.number}/enter"
    sign_in_as(client, "teller1")
    assert client.get(f"{path}?paper=99").status_code == 404
    assert client.post(path, body)["Location"] == f"{path}?waits=K0004"
    assert client.post(path, body).status_code == 409
    sign_in_as(client, "teller2")
    assert client.post(path, {**body, "M1": ""})["Location"] == f"{path}?waits=K0004"
    sign_in_as(client, "teller3")
    page = client.get(f"{path}?paper=4").content.decode()
    assert "不一样的地方：M1" in page
    assert client.post(path, body)["Location"] == f"{path}?done=K0004"
    assert Ballot.objects.get(vote=vote).choices == {"M1": "agree"}


def test_a_proxy_known_by_name_is_one_person_to_both_clerks(scene: VoteScene, client: Any, at: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    body = {
        "paper": "4", "M1": "agree", "signer": f"proxy:{scene.owners[3].pk}", "proxy_name": "女儿小芳", "proxy_document": "委托书 1",
        "handed_in": "2026-04-03", "channel": "hall",
    }  # fmt: skip
    for login in ("teller1", "teller2"):
        sign_in_as(client, login)
        response = client.post(f"/votes/{vote.number}/enter", body)
    assert response["Location"].endswith("done=K0004")
    ballot = Ballot.objects.get(vote=vote)
    assert (ballot.by.name, ballot.proxy_for_id, ballot.channel) == ("女儿小芳", scene.owners[3].pk, "hall")


def test_an_owner_votes_once_on_the_page_and_finds_the_ballot_in_the_file(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    sign_in_as(client, "owner1")
    path = f"/votes/{vote.number}/cast"
    with clock.frozen(OPENS + DAY):
        assert client.post(path, {"once": "a"}).status_code == 422
        assert client.post(path, {"M1": "against", "once": "b"}).status_code == 303
        assert client.post(path, {"M1": "against", "once": "b"}).status_code == 303
        assert client.post(path, {"M1": "agree", "once": "c"}).status_code == 409
        page = client.get(path).content.decode()
    ballot = Ballot.objects.get(vote=vote)
    receipt = queries.receipt_of(vote, ballot)
    assert receipt.pseudonym in page
    assert "反对" not in page
    vote = scene.bring(vote, "preliminary")
    assert "反对" in client.get(path).content.decode()
    sign_in_as(client, "")
    asked = client.get(f"/votes/{vote.number}?receipt={receipt.pseudonym[:16]}").content.decode()
    assert "在里面。" in asked
    assert "不在里面。请" in client.get(f"/votes/{vote.number}?receipt={'0' * 16}").content.decode()
    assert queries.is_in_open_file(vote, "%") is None


def test_a_receipt_proves_that_the_ballot_is_in_the_journal_to_its_voter_alone(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    ballot = ballots.cast_ballot(viewer=scene.viewer(scene.owners[0]), vote=vote, choices={"M1": "agree"}, happened_at=OPENS + DAY)
    path = f"/votes/{vote.number}/receipts/{ballot.label}.json"
    sign_in_as(client, "owner1")
    assert client.get(path).status_code == 404
    seal_now()
    response = client.get(path)
    checked = check(read_proof(response.content))
    assert checked.failed == ()
    proof = response.json()
    assert proof["content"]["detail"]["ballot"] == ballot.label
    assert "agree" not in json.dumps(proof)
    for login in ("", "owner2", "chair", "teller1"):
        sign_in_as(client, login)
        assert client.get(path).status_code == 404, login
    sign_in_as(client, "owner1")
    assert client.get(f"/journal/proof.json?entry={proof['index']}").status_code == 404


def _csv(*rows: str) -> Any:
    return SimpleUploadedFile("清单.csv", "\n".join(["房号,姓名,时间,M1", *rows]).encode(), content_type="text/csv")


def test_a_list_is_looked_at_row_by_row_then_taken_over_and_replaced_with_a_reason(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "closed")
    run = f"/votes/{vote.number}/run"
    sign_in_as(client, "teller1")

    def upload(*rows: str) -> str:
        answer = client.post(f"{run}/official", {"url": "https://vote.example/1", "file": _csv(*rows)})
        assert answer.status_code == 303
        return str(answer["Location"])

    bad = upload(
        "瑞金阁-1-101,没有的人,2026-04-03 10:00,反对", "瑞金阁-9-999,,2026-04-03 10:00,反对", "瑞金阁-1-102,,2026-04-03 10:00,也许"
    )
    page = client.get(bad).content.decode()
    cells = re.findall(r'<td class="num">(\d+)</td><td>(?:<[^>]*>)?([^<]+)(?:</[^>]*>)?</td><td>([^<]+)</td>', page)
    assert cells == [
        ("2", "姓名", "这套房没有叫这个名字的业主"),
        ("3", "房号", "名册上没有这套房，或者不计入"),
        ("4", "M1", "不认识的写法"),
    ]
    assert "/write" not in page
    assert client.post(f"{bad}/write").status_code == 409
    assert not Ballot.objects.exists()

    good = upload("瑞金阁-1-101,业主1,2026-04-03 10:00,反对", "瑞金阁-1-102,,2026-04-03 10:00,同意")
    page = client.get(good).content.decode()
    # Looked at, a list says how many, never what they chose.
    assert "反对" not in page.partition("<main")[2]
    assert client.get(bad).status_code == 404
    assert client.post(f"{good}/write")["Location"] == run
    assert client.post(f"{good}/write").status_code == 303
    assert Ballot.objects.count() == 2
    again = upload("瑞金阁-1-101,业主1,2026-04-03 10:00,反对", "瑞金阁-1-102,,2026-04-03 10:00,同意")
    assert "不用再收" in client.get(again).content.decode()
    assert client.post(f"{again}/write").status_code == 303
    assert Ballot.objects.count() == 2

    other = upload("瑞金阁-1-103,业主3,2026-04-03 10:00,同意")
    assert client.post(f"{other}/write").status_code == 409
    assert client.post(f"{other}/write", {"reason": "少导了一栋"}).status_code == 303
    shown = client.get(run).content.decode()
    assert ("少导了一栋" in shown, shown.count("被换掉")) == (True, 1)
    dropped = upload("瑞金阁-1-104,业主4,2026-04-03 10:00,同意")
    assert client.post(f"{dropped}/drop")["Location"] == run
    assert client.get(dropped).status_code == 404
    sign_in_as(client, "chair")
    assert client.get(other).status_code == 403
    assert "少导了一栋" in client.get(run).content.decode()


def test_a_file_that_is_no_sheet_is_said_so(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "closed")
    sign_in_as(client, "teller1")
    for file in (SimpleUploadedFile("a.xlsx", b"PK\x03\x04"), ""):
        answer = client.post(f"/votes/{vote.number}/run/official", {"url": "https://vote.example/1", "file": file})
        assert (answer.status_code, 'value="https://vote.example/1"' in answer.content.decode()) == (409, True)


def test_the_official_channel_refuses_an_own_ballot_with_the_reason(town: Any, client: Any) -> None:
    scene = vote_scene(town.estate)
    vote = scene.bring(scene.prepare(), "open")
    sign_in_as(client, "owner1")
    with clock.frozen(OPENS + DAY):
        response = client.post(f"/votes/{vote.number}/cast", {"M1": "agree"})
    assert response.status_code == 409
    assert "官方系统" in response.content.decode()
    assert not Ballot.objects.exists()


def test_a_printed_paper_leads_to_its_page_and_its_code_casts(scene: VoteScene, client: Any, at: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    sign_in_as(client, "teller1")
    page = client.post(f"/votes/{vote.number}/print", {"building": "瑞金阁"}).content.decode()
    paper = scene.paper(vote, "瑞金阁-1-103")
    assert page.count("ballot-paper") == 6
    assert client.post(f"/votes/{vote.number}/print", {"paper": "K0003"}).content.decode().count("ballot-paper") == 1
    assert client.post(f"/votes/{vote.number}/print", {"paper": "K0099"}).status_code == 404
    printed = ballots.print_papers(viewer=scene.teller(), vote=vote, papers=[paper])[0]
    assert printed.code not in page
    sign_in_as(client, "")
    led = client.get(f"/q/{paper.link.token}")
    assert led["Location"] == f"/votes/{vote.number}/paper/{paper.link.token}"
    assert client.get(f"/votes/{vote.number}/paper/K0003").status_code == 404
    assert client.get("/q/unknown").status_code == 404
    assert client.post(led["Location"], {"code": "00000000"}).status_code == 422
    asked = client.post(led["Location"], {"code": printed.code}).content.decode()
    assert "业主3" in asked
    body = {"code": printed.code, "step": "cast", "signer": str(scene.owners[2].pk), "M1": "agree"}
    cast = client.post(led["Location"], body).content.decode()
    assert queries.receipt_of(vote, Ballot.objects.get()).pseudonym[:16] in cast
    assert Ballot.objects.get(vote=vote).by_id == scene.owners[2].pk
    assert client.post(led["Location"], body).status_code == 409


def test_the_result_page_says_the_verdict_and_links_what_counts_again(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    for unit, owner, choice in zip(scene.units, scene.owners, ["agree", "agree", "agree", "against", "abstain"], strict=False):
        scene.hand_in(vote, unit.name, owner, choice)
    vote = scene.bring(vote, "final")
    page = client.get(f"/votes/{vote.number}").content.decode()
    assert "通过" in page
    assert "100 位业主里，约 83 位参加了。" in page
    assert "至少 4 人" in page
    assert "要多于 2 人" in page
    shown = client.get(f"/api/v1/votes/{vote.number}").json()
    document = client.get(shown["file"]).content
    assert result_document(tally(read_vote(json.loads(document)))) == client.get(shown["result"]).json()
    assert shown["motions"][0]["outcome"] == "passed"
    assert VoteRecord.objects.get(vote=vote).open_file.encode() == document
    assert client.get(f"/votes/{vote.number}/filing").status_code == 200


def test_the_full_file_is_for_tellers_and_its_reading_is_logged(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "final")
    for login, status in (("", 404), ("owner1", 403), ("chair", 403), ("townadmin", 403), ("teller1", 200)):
        sign_in_as(client, login)
        assert client.get(f"/votes/{vote.number}/full.json").status_code == status, login
    assert list(AccessLog.objects.filter(kind="vote").values_list("subject", "why")) == [(vote.number, "full_file")]


def test_an_owner_objects_and_others_see_the_count_alone(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "preliminary")
    with clock.frozen(CLOSES + DAY):
        sign_in_as(client, "luo")
        assert client.post(f"/votes/{vote.number}/object", {"text": "我觉得不对"}).status_code == 403
        sign_in_as(client, "owner1")
        assert client.post(f"/votes/{vote.number}/object", {"text": ""}).status_code == 422
        assert client.post(f"/votes/{vote.number}/object", {"text": "我家的票呢"}).status_code == 303
        assert "我家的票呢" in client.get(f"/votes/{vote.number}").content.decode()
        sign_in_as(client, "")
        page = client.get(f"/votes/{vote.number}").content.decode()
    assert "我家的票呢" not in page
    assert "一共 1 条" in page


def test_the_roll_shows_surnames_to_owners_only(scene: VoteScene, client: Any) -> None:
    vote = scene.bring(scene.prepare(), "roll_published")
    sign_in_as(client, "luo")
    assert client.get(f"/votes/{vote.number}/roll").status_code == 403
    sign_in_as(client, "owner1")
    page = client.get(f"/votes/{vote.number}/roll").content.decode()
    assert "业**" in page
    assert "业主2" not in page


@pytest.mark.parametrize("path", ["/votes/", "/votes/{n}", "/votes/{n}/roll", "/votes/{n}/deliver", "/votes/{n}/enter", "/votes/{n}/run"])
def test_pages_take_a_fixed_number_of_queries(town: Any, client: Any, at: Any, path: str) -> None:
    set_rule(town.estate, "owners_vote.electronic_channel", "own")
    scene = vote_scene(town.estate, owners=3)
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, "瑞金阁-1-101", scene.owners[0], "agree")
    taken = {}
    for size in (3, 30):
        if size == 30:
            more = [create_person(name=f"邻居{index}") for index in range(30)]
            for index, person in enumerate(more):
                add_unit(scene.estate, f"瑞金阁-2-{100 + index}", 8000, [person])
            vote = scene.bring(scene.prepare(), "open")
            for index, person in enumerate(more[:5]):
                scene.hand_in(vote, f"瑞金阁-2-{100 + index}", person, "agree")
        sign_in_as(client, "teller1")
        client.get(path.format(n=vote.number))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path.format(n=vote.number)).status_code in {200, 403}
        taken[size] = len(caught)
    assert taken[3] == taken[30]
