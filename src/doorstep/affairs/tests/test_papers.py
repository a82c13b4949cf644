"""The result of a vote as PDF says what its page says, and never more than it is: preliminary, in force, annulled."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.affairs.actions import count
from doorstep.affairs.actions.votes import NewMotion
from doorstep.affairs.models import Vote, VoteRecord
from doorstep.affairs.testing import CLOSES, DAY, VoteScene, vote_scene
from doorstep.foundation import clock
from doorstep.foundation.printing.testing import pages_of, read


@pytest.fixture
def scene(town: Any) -> VoteScene:
    return vote_scene(town.estate)


def finished(scene: VoteScene, *, choices: str = "aaaan", state: str = "final", **facts: object) -> Vote:
    """A vote in which the owners chose, in their order, a(gree), n(ay) or b (abstain)."""
    vote = scene.bring(scene.prepare(**facts), "open")
    words = {"a": "agree", "n": "against", "b": "abstain"}
    for index, choice in enumerate(choices):
        codes = [motion.code for motion in vote.motions.all()]
        scene.hand_in(vote, f"瑞金阁-1-{101 + index}", scene.owners[index], words[choice], choices=dict.fromkeys(codes, words[choice]))
    return scene.bring(vote, state)


def paper_of(vote: Vote, *, language: str = "zh") -> list[str]:
    client = Client()
    client.cookies["language"] = language
    answer = client.get(f"/votes/{vote.number}/result.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="{vote.number}.pdf"'
    return pages_of(answer.content)


def words_of(page: str) -> str:
    return "".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL).split())


@pytest.mark.parametrize("choices", ["aaaan", "aannb", "aaa"], ids=["passed", "not passed", "too few"])
def test_the_paper_has_every_figure_and_word_of_the_filing_page(scene: VoteScene, client: Client, choices: str) -> None:
    vote = finished(scene, choices=choices)
    paper = "".join(paper_of(vote))
    page = client.get(f"/votes/{vote.number}/filing").content.decode()
    article = page[page.index("<article") : page.index("</article>")]
    cells = {words_of(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", article, re.DOTALL)} - {""}
    assert len(cells) > 20
    assert {cell for cell in cells if cell not in paper and not cell.startswith("门槛")} - {"瑞康花园业主委员会"} == set()
    digest = VoteRecord.objects.get(vote=vote).open_sha256
    for fingerprint in (vote.fingerprint, digest, vote.number, "民法典第二百七十八条第9项"):
        assert fingerprint in paper


def test_it_says_how_far_each_measure_of_each_gate_is(scene: VoteScene) -> None:
    first, second = paper_of(finished(scene, choices="aannb"))
    for gate in (
        "第一道门：来的人够不够",
        "第二道门：同意的够不够",
        "至少4人",
        "要多于2人",
        "至少320.00㎡",
        "要多于200.00㎡",
        "83.33%过",
        "40.00%没过",
    ):
        assert gate in first
    assert "未通过" in first
    assert "差在：同意的差1人；同意的差40.01㎡。" in first
    assert "计票人何婉仪、陈启明、苏丽芬" in second


def test_a_vote_too_few_took_part_in_says_so(scene: VoteScene) -> None:
    first = paper_of(finished(scene, choices="aaa"))[0]
    assert "参加的不够" in first
    assert "差在：参加的差1人；参加的差80.00㎡。" in first
    assert "通过" not in first.replace("未通过", "")


def test_it_says_what_it_is(scene: VoteScene) -> None:
    with clock.frozen(CLOSES + DAY):
        vote = finished(scene, state="preliminary")
        assert "这是初步结果" in paper_of(vote)[0]
    with clock.frozen(CLOSES + 30 * DAY):
        vote = scene.bring(vote, "final")
        assert all("结果已生效" in page for page in paper_of(vote))
        assert "初步结果" not in paper_of(vote)[0]
    because = "（2026）粤 19 民初 1 号"
    vote = count.annul_result(viewer=scene.convenor, vote=vote, because=because, happened_at=CLOSES + 90 * DAY)
    pages = paper_of(vote)
    assert "这个决定被法院撤销了，不再有效。（2026）粤19民初1号" in pages[0]
    assert all("已被撤销" in page for page in pages)
    assert not any("结果已生效" in page or "盖章" in page for page in pages)


def test_in_english_it_holds_no_chinese_but_what_was_said(scene: VoteScene) -> None:
    vote = finished(scene)
    said = [vote.title, vote.motions.get().text, "瑞康花园", "业主委员会", "何婉仪", "陈启明", "苏丽芬"]
    paper = "".join(paper_of(vote, language="en"))
    for words in said:
        paper = paper.replace("".join(words.split()), "")
    assert "Passed" in paper
    assert not re.search(r"[\u4e00-\u9fff]", paper), re.findall(r".{6}[\u4e00-\u9fff]+", paper)


def test_a_result_hangs_on_one_page_and_goes_into_the_file_with_a_second(scene: VoteScene) -> None:
    first, second = paper_of(finished(scene))
    assert "扫码看这次表决" in first
    assert "（盖章处）" in first
    assert "名册指纹" in second


def test_several_motions_stand_one_under_the_other(scene: VoteScene) -> None:
    motions = [NewMotion(9, "同意用公共收益翻新康乐场地。"), NewMotion(8, "同意将绿地改为车位。"), NewMotion(7, "同意改建北门。")]
    pages = paper_of(finished(scene, motions=motions))
    assert len(pages) <= 5
    assert [code in "".join(pages) for code in ("M1同意用", "M2同意将", "M3同意改")] == [True] * 3
    assert "".join(pages).count("第一道门") == 3


def test_words_that_look_like_markup_stand_as_they_were_written(scene: VoteScene) -> None:
    vote = finished(scene, title='#panic("x") *重* $a$ 𬭳😀', motions=[NewMotion(9, "#set page(fill: black) = 一 <b> @c")])
    first = paper_of(vote)[0]
    assert '#panic("x")*重*$a$𬭳' in first
    assert "#setpage(fill:black)=一<b>@c" in first


def test_equal_results_give_equal_bytes(scene: VoteScene, client: Client) -> None:
    vote = finished(scene)
    first = client.get(f"/votes/{vote.number}/result.pdf").content
    assert client.get(f"/votes/{vote.number}/result.pdf").content == first
    assert read(first).startswith("瑞康花园业主大会表决结果")


def test_there_is_no_paper_before_there_is_a_result(scene: VoteScene, client: Client) -> None:
    vote = scene.prepare()
    assert client.get(f"/votes/{vote.number}/result.pdf").status_code == 404
    vote = scene.bring(vote, "open")
    assert client.get(f"/votes/{vote.number}/result.pdf").status_code == 404


def test_the_pages_of_a_result_lead_to_the_paper(scene: VoteScene, client: Client) -> None:
    vote = finished(scene)
    for path in ("", "/filing"):
        assert f'href="/votes/{vote.number}/result.pdf"' in client.get(f"/votes/{vote.number}{path}").content.decode()


def test_a_paper_takes_as_many_questions_for_one_motion_as_for_three(scene: VoteScene, client: Client) -> None:
    taken = []
    for motions in ([NewMotion(9, "同意。")], [NewMotion(9, "同意。"), NewMotion(8, "也同意。"), NewMotion(7, "都同意。")]):
        vote = finished(scene, motions=motions)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(f"/votes/{vote.number}/result.pdf").status_code == 200
        taken.append(len(caught))
    assert taken[0] == taken[1]
