"""The screenshot tool sees each fault that is planted in a small page, and nothing on the page without them."""

import pytest
from playwright.sync_api import Browser

from bench.shots import PAGES, faults

GOOD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Ruikang</title><style>
 body { margin: 20px; font: 17px/1.7 sans-serif; color: #231f1a; background: #fbf8f2; }
 .btn { display: inline-flex; align-items: center; min-height: 60px; min-width: 60px; padding: 0 16px; border: 1px solid #8a7f70; background: #fffefc; }
 input { min-height: 60px; min-width: 60px; border: 1px solid #8a7f70; }
</style><body><main><h1>Ruikang Garden</h1><p>The lamp on <a href="#">the third floor</a> is out.</p>
<p lang="zh-CN" data-user-text>三楼的灯不亮。</p><button class="btn">Done</button> <input name="name" aria-label="name">%s</main></body></html>"""

PLANTED = {
    "sideways": '<div style="width: 2000px">wide</div>',
    "clipped": '<div style="width: 60px; height: 20px; overflow: hidden; white-space: nowrap">A sentence that is longer than its box</div>',
    "overlap": '<div style="position: relative; height: 60px"><p style="position: absolute; margin: 0">One line of text</p><p style="position: absolute; margin: 0; left: 8px; top: 4px">Another line</p></div>',
    "contrast": '<p style="color: #b8b0a4">Too pale to read</p>',
    "edge": '<input name="pale" aria-label="pale" style="border-color: #eee; background: #fbf8f2">',
    "language": '<p aria-label="没有翻译">还没有翻译</p>',
    "target": '<button class="btn" style="min-height: 30px; min-width: 0; padding: 0; height: 30px">OK</button>',
}
pytestmark = pytest.mark.browser


def kinds(browser: Browser, html: str, *, elder: bool = False) -> set[str]:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(html)
    found = faults(page, english=True, elder=elder)
    page.close()
    return {each["kind"] for each in found}


@pytest.mark.parametrize("elder", [False, True])
def test_a_good_page_has_no_fault(browser: Browser, elder: bool) -> None:
    assert kinds(browser, GOOD % "", elder=elder) == set()


@pytest.mark.parametrize("kind", PLANTED)
def test_each_planted_fault_is_seen(browser: Browser, kind: str) -> None:
    assert kinds(browser, GOOD % PLANTED[kind]) == {kind}


def test_a_control_of_44_px_is_enough_except_in_elder_mode(browser: Browser) -> None:
    smaller = GOOD % '<button style="width: 100px; height: 46px; border: 1px solid #8a7f70">Send</button>'
    assert kinds(browser, smaller) == set()
    assert kinds(browser, smaller, elder=True) == {"target"}


def test_the_element_and_its_words_are_named(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(GOOD % '<p id="pale" style="color: #b8b0a4">Too pale to read</p>')
    (fault,) = faults(page, english=True, elder=False)
    page.close()
    assert (fault["element"], fault["text"]) == ("p#pale", "2.02:1 where 4.5:1 is needed: Too pale to read")


def test_the_pages_are_listed_once() -> None:
    names = [listed.name for listed in PAGES]
    assert len(names) == len(set(names))
