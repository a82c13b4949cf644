"""What may be the same as what somebody is writing: the rule against its definition, and who is told of what."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from doorstep.affairs import actions
from doorstep.affairs.models import Category, Matter
from doorstep.affairs.queries.similar import similar_to
from doorstep.affairs.rules.similar import AT_LEAST, Asked, Said, answered, likeness, pairs, signs, similar
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.identity.models import Account

words = st.text(alphabet="灯亮不楼道车位水，。 12Ab", max_size=14)
ESTATE, BUILDING, OTHER = "hengli/ruikang", "hengli/ruikang/ruijin", "hengli/ruikang/ruiyin"


def said(number: str, text: str, lineage: str = BUILDING, category: str = "lighting", top: str = "lighting") -> Said:
    return Said(number, text, lineage, "ruikang", category, top)


def test_pairs_of_characters_none_across_a_mark_and_width_made_alike() -> None:
    assert pairs("灯坏了，看不见") == {"灯坏", "坏了", "看不", "不见"}
    assert pairs("２号Ａ") == pairs("2号a") == {"2号", "号a"}
    assert pairs("灯") == pairs("") == frozenset()
    assert signs("灯坏了，Ａ") == {"灯", "坏", "了", "a", "灯坏", "坏了"}


@given(one=words, other=words)
def test_likeness_is_symmetric_bounded_and_whole_for_the_same_words(one: str, other: str) -> None:
    a, b = signs(one), signs(other)
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 100
    assert likeness(a, a) == (100 if a else 0)
    assert (likeness(a, b) == 0) or bool(a & b)


@given(texts=st.lists(words, max_size=8), text=words, seed=st.integers(0, 2**20))
def test_the_order_of_the_others_changes_nothing_and_the_likeliest_come_first(texts: list[str], text: str, seed: int) -> None:
    others = [said(f"HL-{index}", each, random.Random(seed + index).choice([BUILDING, OTHER, ESTATE])) for index, each in enumerate(texts)]
    new = said("", text)
    found = similar(new, others, at_most=99)
    shuffled = others[:]
    random.Random(seed).shuffle(shuffled)
    assert list(similar(new, shuffled, at_most=99)) == list(found)
    assert [each.points for each in found] == sorted((each.points for each in found), reverse=True)
    # The definition, once more: the words, the place, the kind.
    place = {BUILDING: 30, ESTATE: 30, OTHER: 15}
    expected = {other.number for other in others if likeness(signs(text), signs(other.text)) + place[other.lineage] + 20 >= AT_LEAST}
    assert {each.number for each in found} == expected


@pytest.mark.parametrize(
    ("text", "other", "alike"),
    [
        ("楼道灯坏了，晚上上楼看不见台阶", "楼道灯不亮，晚上看不见台阶。", True),
        ("2号电梯晚上响得厉害，像刮铁片", "瑞金阁 2 号电梯夜里有异响，像铁片刮着。", True),
        ("垃圾房又满了，垃圾袋堆在外面", "垃圾房下午就满了，袋子堆到路边。", True),
        ("花坛杂草过膝，蚊子很多", "电动车充电桩三个坏了两个", False),
        ("晚上九点半以后广场舞音响还开着", "晚上十点以后外来车把访客位全占了", False),
    ],
)
def test_chinese_near_duplicates_at_one_place(text: str, other: str, alike: bool) -> None:
    assert bool(similar(said("", text), [said("HL-1", other)])) == alike


def test_the_reasons_are_codes_with_what_counted() -> None:
    (found,) = similar(said("", "楼道灯不亮"), [said("HL-1", "楼道灯不亮", OTHER, "stairway_lamp")])
    assert (found.points, found.text, found.because) == (127, 100, ("same_text", "same_scope", "same_top_category"))
    # Another estate, another kind: the same words alone are enough only when nearly all are shared.
    far = Said("HL-2", "楼道灯不亮", "hengli/cuihu", "cuihu", "noise", "noise")
    assert similar(said("", "楼道灯不亮"), [far])[0].because == ("same_text",)
    assert not similar(said("", "楼道灯不亮了好几天"), [far])


# As queries and pages


def test_only_open_public_and_recent_matters_of_the_place_are_compared(town: Any) -> None:
    text = "楼道灯不亮，晚上看不见台阶。"
    open_one = town.raise_matter(text=text)
    town.raise_matter(text=text, is_public=False)
    town.raise_matter(text=text, happened_at=clock.now() - timedelta(days=181))
    done = town.raise_matter(text=text)
    actions.cannot_be_done(viewer=town.viewer(town.luo), matter=done, text="办不了")
    category = Category.objects.get(code="lighting")
    assert [each.matter for each in similar_to(NOBODY, text=text, place=town.building, category=category)] == [open_one]
    assert similar_to(NOBODY, text=text, place=town.building, but=open_one) == []


def test_while_typing_and_at_each_step_and_joined_by_the_reporters_own_word(town: Any) -> None:
    first = town.raise_matter(text="楼道灯不亮，晚上看不见台阶。")
    other = town.raise_matter(text="楼道灯不亮，晚上看不见台阶啊。", is_public=False)
    browser = Client()
    browser.get("/raise/?place=ruijin")
    typed = "楼道灯坏了，晚上上楼看不见台阶"
    part = browser.post("/raise/alike", {"text": typed}).content.decode()
    assert first.number in part
    assert other.number not in part
    assert browser.get("/raise/alike", {"text": typed}).status_code == 405
    assert browser.post("/raise/alike", {"text": "灯"}).content.decode().strip() == ""
    browser.post("/raise/what", {"text": typed, "go": "next"})
    # Without any script the next steps show it.
    assert first.number in browser.get("/raise/where").content.decode()
    browser.post("/raise/where", {"place": "ruijin", "category": "lighting", "see": "neighbours", "go": "next"})
    assert f'name="same_as" value="{first.number}"' in browser.get("/raise/send").content.decode()
    browser.force_login(Account.objects.get(login="ye"), backend="doorstep.foundation.identity.backend.AccountBackend")
    # A number that was not shown joins nothing.
    sent = browser.post("/raise/send", {"go": "send", "same_as": other.number})
    mine = Matter.objects.latest("id")
    assert sent["Location"] == f"/raise/done/{mine.number}"
    assert (mine.state, mine.merged_into) == ("assigned", None)


def test_the_reporter_says_it_is_the_same_and_it_is_merged_at_once(town: Any) -> None:
    first = town.raise_matter(text="楼道灯不亮，晚上看不见台阶。")
    browser = Client()
    browser.force_login(Account.objects.get(login="ye"), backend="doorstep.foundation.identity.backend.AccountBackend")
    browser.post("/raise/what", {"text": "楼道灯坏了，晚上上楼看不见台阶", "go": "next"})
    browser.post("/raise/where", {"place": "ruijin", "category": "lighting", "see": "neighbours", "go": "next"})
    sent = browser.post("/raise/send", {"go": "send", "same_as": first.number})
    mine = Matter.objects.latest("id")
    assert (mine.reporter, mine.state, mine.merged_into) == (town.ye, "merged", first)
    assert mine.number in browser.get(sent["Location"]).content.decode()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("楼道灯坏了，应该找谁？", [2]),
        ("三楼的楼道灯坏了好几天", [2]),  # 4 of its 6 pairs
        ("灯坏了", []),  # two pairs are too few, whatever they are of
        ("停车费怎么算的，访客来了停车费怎么收", [3]),
        ("", []),
    ],
)
def test_a_question_is_offered_when_half_of_it_is_asked(text: str, offered: list[int]) -> None:
    asked = [Asked(1, "灯坏了"), Asked(2, "楼道灯坏了找谁"), Asked(3, "访客停车费怎么收")]
    assert list(answered(text, asked)) == offered
