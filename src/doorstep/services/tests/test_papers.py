"""The notice of a week on one page of A4, with what the page of the same address says."""

import io
import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.occasions.models import Occasion
from doorstep.foundation.places.models import Place
from doorstep.foundation.printing.testing import pages_of
from doorstep.services.models import Service

HAN = re.compile(r"[\u4e00-\u9fff]+")


def paper_at(client: Any, path: str = "/p/ruikang/notice.pdf") -> list[str]:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return pages_of(answer.content)


def test_the_week_hangs_on_one_page(client: Any, scene: Any) -> None:
    scene.series()
    Place.objects.filter(code="ruikang").update(phone="0769-1234567")
    answer = client.get("/p/ruikang/notice.pdf")
    (page,) = pages_of(answer.content)
    event = Occasion.objects.filter(subject="clinic").order_by("starts_at")[0]
    for words in (
        "本周家门口",
        "瑞康花园",
        "2月9日—2月15日",
        "星期二2月10日",
        "09:00—11:00",
        event.title,
        "议事亭",
        "扫码看后面的安排、报名",
    ):
        assert words in page
    assert "没有手机，打0769-1234567也能报。" in page
    assert "这里不收钱" in page
    size = PdfReader(io.BytesIO(answer.content)).pages[0].mediabox
    assert (round(size.width), round(size.height)) == (595, 842)


def test_another_week_is_asked_for_by_a_day_of_it(client: Any, scene: Any) -> None:
    scene.series()
    (page,) = paper_at(client, "/p/ruikang/notice.pdf?from=2026-02-18")
    assert "2月16日—2月22日" in page
    assert "这天停" in page
    assert client.get("/p/ruikang/notice.pdf?from=2026-02-18")["Content-Disposition"] == 'inline; filename="ruikang-2026-02-16.pdf"'


def test_a_week_without_anything_says_so(client: Any, scene: Any) -> None:
    (page,) = paper_at(client)
    assert "这周剩下的几天没有安排。" in page


@pytest.mark.parametrize(("events", "pages"), [(2, 1), (14, 1), (60, 3)])
def test_it_is_as_large_as_one_page_allows_and_then_goes_on_overleaf(client: Any, scene: Any, events: int, pages: int) -> None:
    scene.series()
    first = Occasion.objects.filter(subject="clinic").order_by("starts_at")[0]
    for number in range(1, events):
        at = first.starts_at + timedelta(days=number % 5)
        more = Occasion.objects.get(pk=first.pk)
        more.pk, more.code, more.title, more.series = None, f"more-{number}", f"第 {number} 场", None
        more.starts_at, more.ends_at = at, at + timedelta(hours=1)
        more.save()
    found = paper_at(client)
    assert 1 <= len(found) <= pages
    text = "".join(found)
    assert [number for number in range(1, events) if f"第{number}场" not in text] == []
    assert text.count("扫码看后面的安排、报名") == 1


def test_words_that_look_like_markup_stand_as_they_were_written(client: Any, scene: Any) -> None:
    scene.series()
    Service.objects.filter(code="clinic").update(says="#panic() *免费* $x$ <a>", says_en="")
    Occasion.objects.filter(subject="clinic").update(title="= 义诊 #let x = 1")
    (page,) = paper_at(client)
    assert "=义诊#letx=1" in page
    assert "#panic()*免费*$x$<a>" in page


def test_in_english(client: Any, scene: Any) -> None:
    scene.series()
    client.cookies["language"] = "en"
    event = Occasion.objects.filter(subject="clinic")[0]
    (page,) = paper_at(client)
    for said in (event.title, event.place.name, "瑞康花园", Service.objects.get(code="clinic").says):
        page = page.replace("".join(said.split()), "")
    assert "09:00" in page
    assert HAN.findall(page) == []


def test_the_page_leads_to_the_paper(client: Any, scene: Any, at: Any) -> None:
    at(datetime.combine(datetime(2026, 2, 11), time(9), TOWN_ZONE))
    assert 'href="/p/ruikang/notice.pdf?from=2026-02-09"' in client.get("/p/ruikang/notice").content.decode()
