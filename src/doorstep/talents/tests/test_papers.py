"""Certificates and hours on paper: for whom, what they say, and that nothing that does not count looks as if it did."""

import re
from datetime import date
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.identity.models import Person
from doorstep.foundation.printing.qr import qr_fact
from doorstep.foundation.printing.testing import pages_of
from doorstep.talents import actions, papers, queries
from doorstep.talents.models import Certificate, HoursProof
from doorstep.talents.queries.certificates import certificate_by_number
from doorstep.talents.tests.conftest import Academy, at
from doorstep.talents.tests.test_hours import TUESDAY, attended

HAN = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture
def certificate(academy: Academy) -> Certificate:
    return actions.issue_certificate(viewer=academy.viewer(academy.director), student=academy.published(), happened_at=at(6, 18))


@pytest.fixture
def proof(academy: Academy) -> HoursProof:
    actions.approve_hours(viewer=academy.viewer(academy.teacher), line=attended(academy, academy.town.liu, minutes=150))
    return actions.make_proof(viewer=academy.viewer(academy.town.liu), since=TUESDAY, until=date(2026, 6, 30), body=academy.centre)


def paper_at(client: Any, path: str, *, language: str = "zh") -> list[str]:
    client.cookies["language"] = language
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "application/pdf", "private, no-store")
    return pages_of(answer.content)


def test_a_certificate_is_one_page_that_says_who_what_and_until_when(sign_in: Any, certificate: Certificate) -> None:
    (page,) = paper_at(sign_in("liu"), f"/certificates/{certificate.number}/print.pdf")
    for words in (
        "公益导师证书",
        f"编号{certificate.number}",
        "刘玉梅",
        "2026年6月18日起",
        "到2027年6月17日",
        "横沥社会治理协同创新中心",
        "（盖章处）",
    ):
        assert words in page
    assert "不算数。" not in page


def test_the_holder_and_the_centre_alone_print(client: Any, sign_in: Any, certificate: Certificate) -> None:
    path = f"/certificates/{certificate.number}/print.pdf"
    assert client.get(path).status_code == 404
    assert client.get("/certificates/HL-DS-2026-9999/print.pdf").status_code == 404
    for login, status in (("ye", 404), ("liu", 200), ("director", 200)):
        assert sign_in(login).get(path).status_code == status


def test_a_certificate_that_does_not_count_never_prints_as_one_that_does(sign_in: Any, academy: Academy, certificate: Certificate) -> None:
    director, path = academy.viewer(academy.director), f"/certificates/{certificate.number}/print.pdf"
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="complaint")
    stopped = {"已暂停": paper_at(sign_in("liu"), path)}
    actions.resume_certificate(viewer=director, certificate=certificate)
    assert "（盖章处）" in paper_at(sign_in("liu"), path)[0]
    with clock.frozen(at(6, 18, year=2027)):
        stopped["已过期"] = paper_at(sign_in("liu"), path)
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="misconduct")
    stopped["已撤销"] = paper_at(sign_in("liu"), path)
    for word, (page,) in stopped.items():
        # In words, across the face, and without a place for a seal; why is between the holder and the centre.
        assert page.count(word) == 2
        assert "这张证书现在不算数。" in page
        assert "（盖章处）" not in page
        assert "投诉" not in page


def test_the_code_leads_to_the_page_that_says_how_it_stands_today(academy: Academy, certificate: Certificate) -> None:
    found = certificate_by_number(academy.viewer(academy.town.liu), certificate.number)
    assert found is not None
    facts = papers.certificate(found, url=f"https://hengli.example/certificates/{certificate.number}")
    assert facts["qr"] == qr_fact(f"https://hengli.example/certificates/{certificate.number}")


@pytest.mark.parametrize("name", ["#panic() *x* $", "欧阳𬭳", "阿依古丽·吐尔逊", "𬭳" * 30])
def test_any_name_prints_as_itself_on_one_page(sign_in: Any, academy: Academy, certificate: Certificate, name: str) -> None:
    Person.objects.filter(pk=academy.town.liu.pk).update(name=name)
    (page,) = paper_at(sign_in("liu"), f"/certificates/{certificate.number}/print.pdf")
    assert "".join(name.split()) in page


def test_a_proof_says_what_its_page_says(client: Any, proof: HoursProof) -> None:
    (page,) = paper_at(client, f"/talents/proofs/{proof.code}.pdf")
    assert "刘玉梅，2026年4月7日至2026年6月30日，参加志愿服务2小时30分（实际服务时间，不含往返）。" in page
    for words in (proof.code, proof.digest, f"/talents/proofs/{proof.code}", "横沥社会治理协同创新中心"):
        assert words in page
    assert "更正过" not in page


def test_a_proof_says_that_the_book_was_corrected(academy: Academy, client: Any, proof: HoursProof) -> None:
    actions.approve_hours(viewer=academy.viewer(academy.teacher), line=attended(academy, academy.town.liu, on=date(2026, 4, 14)))
    (page,) = paper_at(client, f"/talents/proofs/{proof.code}.pdf")
    assert page.startswith("志愿服务证明开了以后，时长簿更正过。请本人重新开一张。")
    assert client.get("/talents/proofs/NOSUCHPROOF00000.pdf").status_code == 404


def test_the_book_on_paper_is_ones_own_in_five_groups(client: Any, sign_in: Any, academy: Academy, certificate: Certificate) -> None:
    attended(academy, academy.town.liu, minutes=95)
    director = academy.viewer(academy.director)
    for kind, words in (("award", "优秀志愿者"), ("evaluation", "守时")):
        actions.write_record(viewer=director, person=academy.town.liu, body=academy.centre, kind=kind, on=date(2026, 6, 20), words=words)
    assert client.get("/talents/hours.pdf")["Location"] == "/login/?next=%2Ftalents%2Fhours.pdf"
    page = "".join(paper_at(sign_in("liu"), "/talents/hours.pdf"))
    book = queries.book_of(academy.viewer(academy.town.liu))
    assert book is not None
    for words in (
        "个人基本信息",
        "志愿服务情况",
        "培训情况",
        "表彰奖励情况",
        "评价情况",
        "优秀志愿者",
        "守时",
        "1小时35分",
        "到课22/24学时",
    ):
        assert words in page
    for number in (book.volunteer_number, certificate.number):
        assert number in page
    assert page.count("周二义诊") == 1
    assert "刘玉梅" not in "".join(paper_at(sign_in("ye"), "/talents/hours.pdf"))


@pytest.mark.parametrize("path", ["/certificates/{certificate}/print.pdf", "/talents/hours.pdf", "/talents/proofs/{proof}.pdf"])
def test_in_english_they_hold_no_chinese_but_names(
    sign_in: Any, academy: Academy, certificate: Certificate, proof: HoursProof, path: str
) -> None:
    page = "".join(paper_at(sign_in("liu"), path.format(certificate=certificate.number, proof=proof.code), language="en"))
    for name in ("刘玉梅", "周二义诊", "益企啡吧隔坑店", "横沥公益咖啡学院", "横沥社会治理协同创新中心", "公益导师班：实训"):
        page = page.replace(name, "")
    assert HAN.findall(page) == []


def test_the_pages_lead_to_the_papers(sign_in: Any, certificate: Certificate, proof: HoursProof) -> None:
    client = sign_in("liu")
    number, code = certificate.number, proof.code
    for page, paper in (
        (f"/certificates/{number}", f"/certificates/{number}/print.pdf"),
        (f"/certificates/{number}/print", f"/certificates/{number}/print.pdf"),
        ("/talents/hours/", "/talents/hours.pdf"),
        (f"/talents/proofs/{code}", f"/talents/proofs/{code}.pdf"),
    ):
        assert f'href="{paper}"' in client.get(page).content.decode()
