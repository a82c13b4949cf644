"""Every page of a matter's journey in every dress: two widths, two languages, two modes. axe-core and the page checks find nothing."""

from itertools import product
from typing import Any

import pytest

from doorstep.affairs import actions
from doorstep.affairs.models import Category, Matter
from doorstep.foundation.journal.actions import Actor
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

DRESSES = [
    pytest.param(width, language, elder, id=f"{width}-{language}-{'elder' if elder else 'normal'}")
    for width, language, elder in product((390, 1280), ("zh", "en"), (False, True))
]


@pytest.fixture(scope="module")
def asked(house: Any) -> Matter:
    """A matter that waits for its reporter's word."""
    town = house.town
    matter = actions.raise_matter(
        by=Actor(person_id=town.liu.pk),
        reporter_id=town.liu.pk,
        place=town.building,
        category=Category.objects.select_related("parent").get(code="stairway"),
        text="楼道窗户关不上，下雨飘进来一地水。\n扶手也是湿的。",
    )
    actions.answer_matter(viewer=town.viewer(town.luo), matter=matter, text="明天带合页来换。")
    actions.report_done(viewer=town.viewer(town.luo), matter=matter, text="换了两个合页，关得严了。")
    house.work()
    return matter


@pytest.mark.parametrize(("width", "language", "elder"), DRESSES)
def test_nothing_is_wrong_with_any_page(visit: Any, asked: Matter, width: int, language: str, elder: bool) -> None:
    pages = {
        "": ("/", "/p/ruikang/", f"/m/{asked.number}", "/matters/", "/raise/what", "/login/", "/m/HL-2026-999999"),
        "liu": ("/", "/my/", f"/m/{asked.number}", "/inbox/", "/work/"),
        "luo": ("/work/", f"/m/{asked.number}"),
    }
    for who, paths in pages.items():
        page = visit(who, width=width, language=language, elder=elder).new_page()
        for path in paths:
            page.goto(path)
            look(page)


def test_a_body_at_rest_sees_an_empty_bench(visit: Any) -> None:
    page = visit("lin").new_page()
    page.goto("/work/")
    look(page)


def test_the_size_of_elder_mode_goes_up_to_thirty_pixels_and_nothing_breaks(visit: Any, asked: Matter) -> None:
    page = visit("liu", elder=True).new_page()
    page.goto(f"/m/{asked.number}")
    sizes = []
    for _turn in range(3):
        sizes.append(float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")))
        look(page)
        page.click("header button[name=size]")
        page.wait_for_load_state()
    assert sizes == sorted(sizes)
    assert sizes[0] >= 18
    assert round(sizes[-1]) == 30
