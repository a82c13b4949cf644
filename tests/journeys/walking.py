"""Hands and eyes of the journeys: pressing by pointer or by keyboard alone, and looking a page over."""

from typing import Any, Protocol

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from bench.shots import faults

AXE = Axe()
AXE_OPTIONS: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def look(page: Page) -> None:
    """axe-core and the screenshot tool's own checks find nothing on the page once it has come."""
    page.wait_for_load_state()
    elder = page.locator("html[data-mode=elder]").count() == 1
    english = page.locator("html[lang=en]").count() == 1
    wrong = faults(page, english=english, elder=elder)
    assert wrong == [], f"{page.url}: {wrong}"
    violations = AXE.run(page, options=AXE_OPTIONS).response["violations"]
    told = [(each["id"], [node["target"] for node in each["nodes"]][:3], each["nodes"][0]["failureSummary"]) for each in violations]
    assert told == [], f"{page.url}: {told}"


class Hand(Protocol):
    """Acts on the page in one of the ways people do."""

    page: Page

    def press(self, selector: str) -> None: ...

    def write(self, selector: str, text: str) -> None: ...


class Pointer:
    """Mouse or finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def write(self, selector: str, text: str) -> None:
        self.page.locator(selector).first.fill(text)


class Keyboard:
    """Tab, Enter and Space; what has the focus must also be seen to have it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def _reach(self, selector: str) -> None:
        for _step in range(120):
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"{self.page.url}: Tab never reaches {selector}")
        assert self.page.evaluate(
            """() => [document.activeElement, document.activeElement.closest("label"), ...(document.activeElement.labels || [])]
                .some((each) => each && parseFloat(getComputedStyle(each).outlineWidth) >= 2 && getComputedStyle(each).outlineStyle !== "none")"""
        ), f"{self.page.url}: nothing shows that {selector} has the focus"

    def press(self, selector: str) -> None:
        # A label is pressed by pressing what it is for.
        if selector.startswith("label:has("):
            selector = selector.removeprefix("label:has(").removesuffix(")")
        self._reach(selector)
        pickable = self.page.evaluate("document.activeElement.matches('input[type=radio], input[type=checkbox]')")
        self.page.keyboard.press("Space" if pickable else "Enter")

    def write(self, selector: str, text: str) -> None:
        self._reach(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
