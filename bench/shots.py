"""`./run shots [--url U] [--only NAME …] [--no-pictures]`: pictures of every listed page, and what is wrong with them.

Each page of PAGES is opened as whoever is signed in, at 390 and 1280 px, in Chinese and English, in the normal and the elder mode.
The pictures stand in shots/<width>/<language>-<mode>/<page>.png. Ends with 1 and one line for each fault (page, kind, element, words) on:

  sideways   the page scrolls sideways
  clipped    text is cut off by its box, or runs out of its control
  squeezed   a column so narrow that words stand a character or two to the line
  overlap    text or controls lie on each other
  contrast   text below WCAG AA · edge: the border of a field below 3:1
  language   Chinese chrome on an English page (outside [lang=zh-CN] and [data-user-text])
  target     something to press under 44 px; in elder mode a main control under 60
  unreachable   the page could not be opened at all · broken: the server answered with an error of its own

Without --url it starts the demo on a free port with a home of its own and stops it at the end. In a demo given by --url it leaves a few
matters behind: the receipt is one of the pages.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
PASSWORD = "doorstep-demo"
WIDTHS = {390: 844, 1280: 900}
LANGUAGES = ("zh", "en")
MODES = ("normal", "elder")
PATIENCE = 8000.0  # milliseconds
TEXT = "康乐场地的地面裂了，健身器材生锈。昨天有个孩子在那里绊倒，膝盖破了。"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. `follow`: go on by the first link that fits. `then`: what is done on the page before it is looked at."""

    name: str
    path: str
    who: str = ""
    follow: str = ""
    then: Callable[[Page], None] | None = None


def open_all(page: Page) -> None:
    """Open whatever is folded away."""
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")


def draft(page: Page) -> None:
    """A draft with its first step done; ends on the second."""
    page.fill("#text", TEXT)
    page.click(".stickybar .btn")
    page.wait_for_selector("#place")


def ready(page: Page) -> None:
    """A draft with two steps done; ends on the third."""
    draft(page)
    page.select_option("#place", "ruikang")
    page.click("label:has([name=category][value=recreation])")
    page.click(".stickybar .btn")
    page.wait_for_selector("#who-h")


def in_words(page: Page) -> None:
    page.click(".stickybar .btn")
    page.wait_for_selector(".fielderror")


def half_a_phone(page: Page) -> None:
    page.fill("#phone", "1380000")
    page.click("form .btn-primary")
    page.wait_for_selector(".fielderror")


def stale_form(page: Page) -> None:
    """A form whose cookie is gone: what was typed is shown again."""
    page.fill("#text", TEXT)
    page.context.clear_cookies(name="csrftoken")
    page.click(".stickybar .btn")
    page.wait_for_load_state()


def sent(page: Page) -> None:
    """The receipt."""
    ready(page)
    page.click(".stickybar .btn")
    page.wait_for_selector("[data-number]")


def journal_of_this(page: Page) -> None:
    """From a matter's thread to its history in the journal."""
    page.goto(f"/journal/?subject={page.url.rpartition('/')[2].partition('#')[0]}")


# One line a page. Who signs in: a login of the demo, "" for a stranger.
PAGES = (
    Listed("home-town", "/"),
    Listed("home-resident", "/", "liuyumei"),
    Listed("home-staff", "/", "luojianwen"),
    Listed("place-estate", "/p/ruikang/"),
    Listed("place-estate-new", "/p/cuihu/"),
    Listed("place-village", "/p/gekeng/"),
    Listed("place-building", "/p/hepan/"),
    Listed("matters", "/matters/"),
    Listed("matters-open", "/p/ruikang/matters/?state=open"),
    Listed("matters-none", "/p/hepan/matters/?state=cannot"),
    Listed("thread-stranger", "/p/ruikang/matters/?state=open", follow='.mrow a[href^="/m/"]'),
    Listed("thread-reporter-asked", "/my/", "liuyumei", '.tap-plate[href^="/m/"]'),
    Listed("thread-reporter-answers", "/my/", "liuyumei", 'a[href$="#not-done"]', open_all),
    Listed("thread-reporter", "/my/", "liuyumei", '.mrow a:has-text("康乐场地")', open_all),
    Listed("thread-handler", "/p/ruikang/matters/?state=open", "luojianwen", '.mrow a[href^="/m/"]', open_all),
    Listed("thread-confirmed", "/matters/?state=confirmed", follow='.mrow a[href^="/m/"]'),
    Listed("thread-asking", "/matters/?state=asking", follow='.mrow a[href^="/m/"]'),
    Listed("mine", "/my/", "liuyumei"),
    Listed("mine-none", "/my/", "ayiguli"),
    Listed("inbox", "/inbox/", "liuyumei"),
    Listed("inbox-none", "/inbox/", "ayiguli"),
    Listed("work", "/work/", "luojianwen"),
    Listed("work-open", "/work/", "luojianwen", "[data-row] a", open_all),
    Listed("work-none", "/work/", "zhouxiaomin"),
    Listed("talents", "/talents/"),
    Listed("talents-mentors", "/talents/mentors/"),
    Listed("talents-course", "/talents/courses/mentor-next"),
    Listed("talents-student", "/talents/courses/mentor-2026-spring/me", "jiangwanqing"),
    Listed("talents-attendance", "/talents/courses/mentor-2026-spring/sessions/3", "hesiqi"),
    Listed("talents-students", "/talents/courses/mentor-2026-spring/students", "hesiqi"),
    Listed("talents-assess", "/talents/courses/mentor-2026-spring/students", "hesiqi", '.tbl a:has-text("植志强")', open_all),
    Listed("talents-reviews", "/talents/reviews/", "zengyifan"),
    Listed("talents-open-course", "/talents/courses/open", "hesiqi"),
    Listed("talents-certificate", "/certificates/HL-DS-2026-0007", then=open_all),
    Listed("talents-certificate-centre", "/certificates/HL-DS-2026-0001", "fangzhengping", then=open_all),
    Listed("talents-certificate-suspended", "/certificates/HL-DS-2026-0005"),
    Listed("talents-certificate-revoked", "/certificates/HL-DS-2026-0006"),
    Listed("talents-certificate-print", "/certificates/HL-DS-2026-0007/print", "jiangwanqing"),
    Listed("talents-certificates", "/talents/certificates/", "fangzhengping"),
    Listed("talents-hours", "/talents/hours/", "jiangwanqing"),
    Listed("talents-hours-none", "/talents/hours/", "liuyumei"),
    Listed("talents-approve", "/talents/hours/approve", "xiejunjie", then=open_all),
    Listed("talents-volunteers", "/talents/volunteers/", "xiejunjie"),
    Listed("talents-volunteer", "/talents/volunteers/", "xiejunjie", 'main a:has-text("陈明")'),
    Listed("talents-register", "/talents/register/", "wenxuefang", then=open_all),
    Listed("talents-profile", "/talents/register/me", "jiangwanqing"),
    Listed("talents-licences", "/talents/licences/", "fangzhengping"),
    Listed("services", "/services/"),
    Listed("services-estate", "/p/ruikang/services/"),
    Listed("service", "/services/", follow='a[href^="/services/"]'),
    Listed("session", "/p/ruikang/services/", "liuyumei", 'a[href^="/sessions/"]', open_all),
    Listed("services-mine", "/services/", "ouyangmin"),
    Listed("readings", "/my/readings", "liuyumei"),
    Listed("calendar", "/my/calendar", "liuyumei"),
    Listed("rota-terms", "/my/terms", "ouyangmin", then=open_all),
    Listed("coverage", "/p/ruikang/coverage", "linqiaoyun"),
    Listed("notice-sheet", "/p/ruikang/notice"),
    Listed("votes", "/votes/"),
    Listed("votes-estate", "/p/ruikang/votes/"),
    Listed("vote-passed", "/votes/HL-V-2026-0001"),
    Listed("vote-second", "/votes/HL-V-2026-0002"),
    Listed("vote-no-turnout", "/votes/HL-V-2026-0003"),
    Listed("vote-roll", "/votes/HL-V-2026-0001/roll", "liuyumei"),
    Listed("vote-run", "/votes/HL-V-2026-0001/run", "zhengguoliang", then=open_all),
    Listed("polls", "/p/ruikang/polls/"),
    Listed("home-mine", "/my/home/", "liuyumei", then=open_all),
    Listed("home-none", "/my/home/", "ayiguli", then=open_all),
    Listed("my-data", "/my/data", "liuyumei", then=open_all),
    Listed("residents", "/p/ruikang/residents/", "luojianwen", then=open_all),
    Listed("search", "/search/?q=台阶"),
    Listed("search-none", "/search/?q=没有这样的词"),
    Listed("notices", "/notices/", "liuyumei"),
    Listed("moderation", "/moderation/", "liangsuyun"),
    Listed("moderation-rules", "/moderation/rules"),
    Listed("own-values", "/regulations/own", "townadmin", then=open_all),
    Listed("raise-1", "/raise/what"),
    Listed("raise-1-empty", "/raise/what", then=in_words),
    Listed("raise-2", "/raise/what", then=draft),
    Listed("raise-3", "/raise/what", then=ready),
    Listed("raise-3-signed-in", "/raise/what", "liuyumei", then=ready),
    Listed("raise-done", "/raise/what", "yejintang", then=sent),
    Listed("raise-saved", "/raise/saved"),
    Listed("counter", "/counter/", "hesiqi", then=open_all),
    Listed("counter-note", "/counter/", "hesiqi", 'a[href^="/counter/notes/"]'),
    Listed("counter-pin", "/m/HL-2026-000001/pin"),
    Listed("thread-merged", "/p/ruikang/matters/?state=confirmed&category=parking", "liuyumei", '.mrow a:has-text("夜间车位")', open_all),
    Listed("thread-petition", "/my/", "xihai", '.mrow a[href^="/m/"]', open_all),
    Listed("thread-help", "/p/ruikang/matters/?category=neighbour_help", "liuyumei", '.mrow a[href^="/m/"]'),
    Listed("cafe", "/p/yiqi-gekeng/"),
    Listed("kinds", "/p/ruikang/kinds/"),
    Listed("stubborn", "/p/cuihu/stubborn/"),
    Listed("stubborn-staff", "/matters/stubborn/", "fangzhengping"),
    Listed("pain-points", "/p/ruikang/pain-points/", "luojianwen", then=open_all),
    Listed("questions", "/questions/", then=open_all),
    Listed("questions-none", "/p/hepan/questions/"),
    Listed("replies", "/work/replies/", "luojianwen"),
    Listed("thanks", "/p/ruikang/thanks/"),
    Listed("taking-part", "/my/taking-part", "liuyumei"),
    Listed("login", "/login/"),
    Listed("login-wrong", "/login/", then=half_a_phone),
    Listed("login-staff", "/login/password"),
    Listed("security", "/account/security", "luojianwen"),
    Listed("organisations", "/organisations/"),
    Listed("organisations-estate", "/p/ruikang/organisations/"),
    Listed("body", "/organisations/", follow='a[href^="/organisations/"][class~="font-bold"]'),
    Listed("org-committee", "/organisations/ruikang-committee"),
    Listed("org-branch", "/organisations/ruikang-branch"),
    Listed("org-company", "/organisations/hengan"),
    Listed("org-association", "/organisations/gekeng-association"),
    Listed("org-text", "/organisations/hengan/texts/promise/1"),
    Listed("org-history", "/p/ruikang/history"),
    Listed("org-graph", "/p/ruikang/graph"),
    Listed("org-keep", "/organisations/ruikang-committee/keep", "zhengguoliang", then=open_all),
    Listed("org-post", "/organisations/hengan/keep", "luojianwen", 'a[href*="/posts/"]', open_all),
    Listed("org-found", "/p/ruikang/organisations/new", "townadmin"),
    Listed("org-census", "/organisations/ruikang-branch/members/", "linqiaoyun", then=open_all),
    Listed("org-census-building", "/organisations/ruikang-branch/members/in/ruikang-b01", "linqiaoyun"),
    Listed("org-declare", "/my/party", "ayiguli"),
    Listed("org-register", "/organisations/register/", "ayiguli"),
    Listed("org-applications", "/organisations/applications/", "wenxuefang"),
    Listed(
        "org-application",
        "/organisations/applications/",
        "wenxuefang",
        'a[href^="/organisations/applications/"][class~="font-bold"]',
        open_all,
    ),
    Listed("org-units", "/p/ruikang/units/", "townadmin"),
    Listed("org-unit", "/p/ruikang/units/", "townadmin", 'a[href^="/p/ruikang/units/"]', open_all),
    Listed("setup", "/p/cuihu/setup/", "townadmin", then=open_all),
    Listed("setup-town", "/p/hengli/setup/", "townadmin"),
    Listed("setup-place", "/p/cuihu/setup/place", "townadmin"),
    Listed("setup-plan", "/p/ruikang/setup/plan", "townadmin"),
    Listed("setup-qr", "/p/ruikang/setup/qr", "townadmin"),
    Listed("setup-notice", "/p/ruikang/setup/notice", "townadmin"),
    Listed("routing", "/p/ruikang/routing/", "townadmin"),
    Listed("roll", "/p/ruikang/roll/", "townadmin"),
    Listed("regulations", "/regulations/"),
    Listed("regulations-none", "/regulations/?q=没有这样的词"),
    Listed("journal", "/journal/"),
    Listed("journal-found", "/my/", "liuyumei", 'a[href^="/m/"]', journal_of_this),
    Listed("my-reads", "/my/reads", "liuyumei"),
    Listed("my-reads-none", "/my/reads", "ayiguli"),
    Listed("my-journal", "/my/journal", "liuyumei"),
    Listed("my-journal-staff", "/my/journal", "luojianwen"),
    Listed("due", "/p/ruikang/due/", "linqiaoyun"),
    Listed("categories", "/p/hengli/categories/", "townadmin", then=open_all),
    Listed("setup-contacts", "/p/ruikang/setup/contacts", "townadmin"),
    Listed("my-rota", "/my/rota", "ouyangmin"),
    Listed("venue-facts", "/p/yiqi-gekeng/facts", "hesiqi"),
    Listed("error-404", "/m/HL-2026-999999"),
    Listed("error-403", "/work/", "liuyumei"),
    Listed("error-csrf", "/raise/what", then=stale_form),
)


def faults(page: Page, *, english: bool, elder: bool) -> list[dict[str, str]]:
    """What is wrong with the page as it stands: [{kind, element, text}]."""
    page.evaluate("document.fonts.ready")
    found: list[dict[str, str]] = page.evaluate(AUDIT, {"english": english, "elder": elder})
    return found


class Visitor:
    """A browser that knows whom it is signed in as."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.signed_in: dict[str, StorageState] = {}

    def context(self, who: str, width: int, language: str, mode: str) -> BrowserContext:
        if who and who not in self.signed_in:
            self.signed_in[who] = self._sign_in(who)
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": WIDTHS[width]},
            storage_state=self.signed_in.get(who),
            has_touch=width < 1000,
            reduced_motion="reduce",
        )
        cookies = {"language": "en" if language == "en" else "zh-hans"} | ({"mode": "elder", "size": "1"} if mode == "elder" else {})
        for name, value in cookies.items():
            context.add_cookies([{"name": name, "value": value, "url": self.url}])
        return context

    def _sign_in(self, who: str) -> StorageState:
        context = self.browser.new_context(base_url=self.url)
        page = context.new_page()
        page.goto("/login/password")
        page.fill("#login", who)
        page.fill("#password", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url(re.compile(r"^(?!.*/login)"))
        state = context.storage_state()
        context.close()
        return state

    def visit(self, listed: Listed, page: Page) -> None:
        page.goto(listed.path)
        if listed.follow:
            page.goto(page.locator(listed.follow).first.get_attribute("href") or "")
        if listed.then:
            listed.then(page)


def look(visitor: Visitor, chosen: Sequence[Listed], pictures: Path | None, variants: Sequence[tuple[int, str, str]]) -> list[str]:
    """Open every page in every variant; the faults, one line each."""
    lines = []
    for listed in chosen:
        for width, language, mode in variants:
            context = visitor.context(listed.who, width, language, mode)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            broken: list[str] = []
            page.on("response", lambda answer, broken=broken: broken.append(answer.url) if answer.status >= 500 else None)
            try:
                visitor.visit(listed, page)
            except BrowserError as error:
                lines.append(f"{listed.name} {width} {language} {mode}: unreachable: {listed.path}: {str(error).splitlines()[0]}")
                context.close()
                continue
            lines += [f"{listed.name} {width} {language} {mode}: broken: {address}" for address in broken]
            for fault in faults(page, english=language == "en", elder=mode == "elder"):
                lines.append(f"{listed.name} {width} {language} {mode}: {fault['kind']}: {fault['element']}: {fault['text']}")
            if pictures is not None:
                folder = pictures / str(width) / f"{language}-{mode}"
                folder.mkdir(parents=True, exist_ok=True)
                # On a picture of the whole page what sticks to the screen would stand in the middle of it.
                page.evaluate("document.querySelectorAll('.stickybar').forEach((each) => { each.style.position = 'static'; })")
                page.screenshot(path=folder / f"{listed.name}.png", full_page=True, animations="disabled")
            context.close()
        print(f"  {listed.name}", file=sys.stderr, flush=True)
    return lines


@contextmanager
def demo() -> Iterator[str]:
    """The demo on a free port and a fresh home, stopped afterwards; its address."""
    with tempfile.TemporaryDirectory(prefix="doorstep-shots-") as home:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-c", "from doorstep.site.command import main; main()", "demo", "--port", str(port)]
        with (Path(home) / "log").open("w+") as log:
            serving = subprocess.Popen(command, env={**os.environ, "DOORSTEP_DEMO_HOME": home}, cwd=ROOT, stdout=log, stderr=log)
            try:
                _wait(f"http://127.0.0.1:{port}/readyz", serving, log.name)
                yield f"http://127.0.0.1:{port}"
            finally:
                serving.terminate()
                serving.wait(timeout=30)


def _wait(address: str, serving: subprocess.Popen[bytes], log: str, seconds: float = 600) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if serving.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise RuntimeError(f"the demo did not come up:\n{Path(log).read_text()[-2000:]}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run shots", description="Pictures of every listed page, and what is wrong with them.")
    parser.add_argument("--url", help="a demo that runs already")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="pages whose name begins so")
    parser.add_argument("--variant", nargs="*", default=[], metavar="V", help="e.g. 390-zh-normal; all eight without it")
    parser.add_argument("--out", type=Path, default=ROOT / "shots")
    parser.add_argument("--no-pictures", action="store_true")
    given = parser.parse_args(arguments)
    chosen = [listed for listed in PAGES if not given.only or listed.name.startswith(tuple(given.only))]
    variants = [each for each in product(WIDTHS, LANGUAGES, MODES) if not given.variant or "-".join(map(str, each)) in given.variant]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            if given.url:
                lines = look(Visitor(browser, given.url), chosen, None if given.no_pictures else given.out, variants)
            else:
                with demo() as url:
                    lines = look(Visitor(browser, url), chosen, None if given.no_pictures else given.out, variants)
        finally:
            browser.close()
    for line in lines:
        print(line)
    print(f"{len(chosen)} pages × {len(variants)}: {len(lines)} faults", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
