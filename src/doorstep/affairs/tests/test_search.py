"""What is found, by whom, and what nobody is told."""

from typing import Any

import pytest
from django.utils import translation

from doorstep.affairs import actions
from doorstep.affairs.actions import lists
from doorstep.affairs.queries.similar import answers_to
from doorstep.affairs.testing import vote_scene
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.search.actions import build_first_index, forget_document, rebuild_index
from doorstep.foundation.search.models import SearchDocument
from doorstep.foundation.search.queries import find


def numbers(viewer: Any, query: str, **how: Any) -> list[str]:
    return [hit.number for hit in find(viewer, query, **how).documents]


@pytest.mark.parametrize("query", ["台阶", "灯", "道灯", "楼道灯不亮", "晚上 台阶", "ＨＬ"])
def test_two_characters_and_parts_of_words_find_a_matter(town: Any, query: str) -> None:
    matter = town.raise_matter()
    assert numbers(NOBODY, query) == [matter.number]


@pytest.mark.parametrize("query", ["电梯", "灯道", "台阶 电梯", "", "。", "'", '"', "路灯 AND", "NEAR(", "*"])
def test_what_is_not_said_is_not_found_and_no_sign_breaks_the_query(town: Any, query: str) -> None:
    town.raise_matter()
    assert numbers(NOBODY, query) == []


def test_the_newest_stand_first_and_pages_go_on(town: Any) -> None:
    raised = [town.raise_matter().number for _ in range(5)]
    first = find(NOBODY, "台阶", size=3)
    rest = find(NOBODY, "台阶", size=3, before=first.before)
    assert [hit.number for hit in (*first.documents, *rest.documents)] == raised[::-1]
    assert rest.before is None


def test_an_answer_is_found_a_note_inside_never(town: Any) -> None:
    matter = town.raise_matter()
    luo = town.viewer(town.luo)
    actions.answer_matter(viewer=luo, matter=matter, text="电工下午来换镇流器。")
    actions.note_inside(viewer=luo, matter=matter, text="备件在三号仓库。")
    assert numbers(NOBODY, "镇流器") == [matter.number]
    assert numbers(luo, "仓库") == []


def test_a_restricted_matter_is_found_by_its_parties_alone(town: Any) -> None:
    hidden = town.raise_matter(text="邻居半夜装修吵架。", is_public=False)
    shown = {login: numbers(town.viewer(getattr(town, login)), "装修") for login in ("liu", "luo", "ye", "lin")}
    assert shown == {"liu": [hidden.number], "luo": [hidden.number], "ye": [], "lin": []}
    assert numbers(NOBODY, "装修") == []
    assert numbers(NOBODY, hidden.number) == []
    actions.route_matter(viewer=town.viewer(town.luo), matter=hidden, body=town.branch)
    assert numbers(town.viewer(town.lin), "装修") == [hidden.number]


def test_a_page_full_of_restricted_matters_leaves_no_gap(town: Any) -> None:
    oldest = town.raise_matter()
    for _ in range(3):
        town.raise_matter(is_public=False)
    found = find(NOBODY, "台阶", size=2)
    assert ([hit.number for hit in found.documents], found.before) == ([oldest.number], None)


def test_the_index_made_anew_finds_the_same(town: Any) -> None:
    public, hidden = town.raise_matter(), town.raise_matter(is_public=False)
    before = list(SearchDocument.objects.order_by("id").values_list("kind", "subject", "is_public", "tokens"))
    SearchDocument.objects.all().delete()
    assert numbers(NOBODY, "台阶") == []
    assert build_first_index() == 2
    assert build_first_index() == 0
    assert rebuild_index() == 2
    assert list(SearchDocument.objects.order_by("id").values_list("kind", "subject", "is_public", "tokens")) == before
    assert numbers(town.viewer(town.liu), "台阶") == [hidden.number, public.number]


def test_what_is_forgotten_is_not_found(town: Any) -> None:
    matter = town.raise_matter()
    forget_document(kind="matter", subject=matter.number)
    assert numbers(NOBODY, "台阶") == []


def test_places_bodies_and_regulations_are_found_too(town: Any, client: Any) -> None:
    page = client.get("/search/", {"q": "瑞康"}).content.decode()
    assert "/p/ruikang/" in page
    assert "/organisations/branch" in page
    assert (
        "matters.silence_days" in client.get("/search/", {"q": "住户 确认"}).content.decode()
        or "/regulations/#" in client.get("/search/", {"q": "十五日"}).content.decode()
    )


@pytest.mark.parametrize("query", ["", "灯", "没有这样的词", "a" * 500, "\x00", "%", "'"])
def test_the_page_answers_whatever_is_typed(town: Any, client: Any, query: str) -> None:
    town.raise_matter()
    assert client.get("/search/", {"q": query}).status_code == 200


def test_a_page_of_hits_costs_the_same_for_one_and_for_many(town: Any, django_assert_num_queries: Any) -> None:
    liu = town.viewer(town.liu)
    assert liu.keys  # read before anything is counted
    town.raise_matter()
    with django_assert_num_queries(11):
        find(liu, "台阶")
    for _ in range(4):
        town.raise_matter()
    with django_assert_num_queries(11):
        find(liu, "台阶")


# Small registers


def hits(viewer: Any, query: str) -> dict[str, list[Any]]:
    return {str(name): found for name, found in find(viewer, query).registers}


def test_a_published_question_is_found_by_it_and_by_its_answer_until_it_is_withdrawn(town: Any, client: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter()
    actions.answer_matter(viewer=luo, matter=matter, text="打前台。")
    made = lists.publish_question(viewer=luo, matter=matter, question="楼道灯坏了找谁？", answer="打前台，两天内换镇流器。")
    for query in ("灯坏", "镇流器"):
        (hit,) = hits(NOBODY, query)["常问的事"]
        assert f'id="q{made.pk}"' in client.get(hit.url.partition("#")[0]).content.decode()
    lists.withdraw_question(viewer=luo, question=made)
    assert hits(NOBODY, "镇流器") == {}


def test_an_answer_is_offered_where_one_writes_here_and_at_the_counter(town: Any, client: Any) -> None:
    luo = town.viewer(town.luo)
    matter = town.raise_matter()
    actions.answer_matter(viewer=luo, matter=matter, text="打前台。")
    lists.publish_question(viewer=luo, matter=matter, question="楼道灯坏了找谁？", answer="打前台，两天内换。")
    text = "我们三楼的楼道灯坏了，晚上看不见，应该找谁来修？"
    assert [each.question for each in answers_to(text=text, place=town.building)] == ["楼道灯坏了找谁？"]
    assert answers_to(text="垃圾桶满了没有人清", place=town.building) == []
    assert answers_to(text=text, place=town.place) == []  # of a place above it is no answer of its own
    for sent in ({}, {"place": "ruikang", "at": "counter"}):
        assert "打前台，两天内换。" in client.post("/raise/alike", {"text": text, **sent}).content.decode()


def test_a_vote_is_found_once_it_is_announced(town: Any) -> None:
    scene = vote_scene(town.estate)
    vote = scene.prepare()
    assert hits(NOBODY, "康乐场地") == {}
    assert [hit.url for hit in hits(scene.convenor, "康乐场地")["业主表决"]] == [f"/votes/{vote.number}"]
    scene.bring(vote, "noticed")
    for query in ("康乐场地", vote.number):
        assert [hit.url for hit in hits(NOBODY, query)["业主表决"]] == [f"/votes/{vote.number}"]


def test_names_stand_in_the_pages_language(town: Any) -> None:
    town.raise_matter()
    town.estate.name_en = "Ruikang Garden"
    town.estate.save()
    with translation.override("en"):
        assert [hit.title for hit in hits(NOBODY, "瑞康")["Place"]] == ["Ruikang Garden"]
        assert find(NOBODY, "台阶").documents[0].beside.startswith("Ruikang Garden · ")
    assert [hit.title for hit in hits(NOBODY, "ruikang")["地方"]] == ["瑞康花园"]
