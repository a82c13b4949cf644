"""A town on a database of its own, served by threads of this process, and browsers that walk through it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from bench.shots import CHROMIUM, FLAGS, WIDTHS
from doorstep.foundation import clock
from doorstep.foundation.identity.models import Account
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.regulations.queries import forget
from tests.databases import own_ground


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not printed between the tests' dots."""


@dataclass
class House:
    """The running town: its address, its people, the worker's round done when a test asks for it, and the instant at which it stands."""

    url: str
    town: Any
    hour: datetime | None = None
    signed_in: list[tuple[BrowserContext, str]] = field(default_factory=list)

    @contextmanager
    def stands_at(self, at: datetime) -> Iterator[None]:
        """Have the server and the test at another time: a thread of the server has a clock of its own."""
        before, self.hour = self.hour, at
        try:
            with clock.frozen(at):
                self.sign_in_again()
                yield
        finally:
            self.hour = before

    def sign_in_again(self) -> None:
        """For whoever has a browser open when days pass at once: who works for a body is signed out after idle minutes, as they would be."""
        for context, who in self.signed_in:
            context.add_cookies([{"name": "sessionid", "value": session_of(who), "url": self.url}])

    def work(self) -> None:
        while deliver_pending():
            pass

    def last_code(self) -> str:
        """The six digits of the last text message."""
        return "".join(character for character in MemorySender.sent[-1][1] if character.isdecimal())[:6]


def session_of(who: str) -> str:
    client = Client()
    client.force_login(Account.objects.get(login=who), backend="doorstep.foundation.identity.backend.AccountBackend")
    return client.cookies["sessionid"].value


@pytest.fixture(scope="package")
def house(
    django_db_blocker: Any,
    scene: tuple[Callable[[], None], Callable[[], Any]],
) -> Iterator[House]:
    load_town, the_town = scene
    with django_db_blocker.unblock(), own_ground("sqlite") as ground:
        kept = connections["default"]
        if kept.vendor != "sqlite":
            pytest.skip("the journeys keep a SQLite file of their own")
        name = kept.settings_dict["NAME"]
        # The tests' own database lives in memory and inside transactions, which the server's threads could not see.
        kept.settings_dict["NAME"] = str(ground.home / "town.sqlite3")
        connections["default"] = connections.create_connection("default")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's driver runs an event loop in this thread
        forget()
        load_town()
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        running = House(f"http://127.0.0.1:{server.server_port}", the_town())
        served = get_wsgi_application()

        def at_its_hour(environ: Any, start_response: Any) -> Any:
            with clock.frozen(running.hour) if running.hour is not None else nullcontext():
                return served(environ, start_response)

        server.set_app(at_its_hour)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield running
        server.shutdown()
        server.server_close()
        thread.join()
        connections["default"].close()
        kept.settings_dict["NAME"] = name
        connections["default"] = kept
        forget()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def to_the_end(press: Callable[..., None]) -> Callable[..., None]:
    """A press that ends when the page it leads to has been read: Playwright's own ends as soon as that page begins to come."""

    def do(on: Page | Locator, *which: str, **options: Any) -> None:
        press(on, *which, **options)
        page = on if isinstance(on, Page) else on.page
        page.wait_for_load_state()

    return do


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for pressed in (Page, Locator):
            patch.setattr(pressed, "click", to_the_end(pressed.click))
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


Visit = Callable[..., BrowserContext]


@pytest.fixture
def visit(house: House, browser: Browser) -> Iterator[Visit]:
    """Open a browser of its own: who (a login, "" for a stranger), width, language (zh, en), elder, js, and kept state."""
    opened: list[BrowserContext] = []

    def do(
        who: str = "", *, width: int = 390, language: str = "zh", elder: bool = False, js: bool = True, state: Any = None
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=house.url,
            viewport={"width": width, "height": WIDTHS[width]},
            java_script_enabled=js,
            storage_state=state,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        cookies = {"language": "en" if language == "en" else "zh-hans"} | ({"mode": "elder", "size": "1"} if elder else {})
        if who:
            cookies["sessionid"] = session_of(who)
            house.signed_in.append((context, who))
        context.add_cookies([{"name": name, "value": value, "url": house.url} for name, value in cookies.items()])
        opened.append(context)
        return context

    yield do
    house.signed_in.clear()
    for context in opened:
        context.close()


@pytest.fixture
def words() -> Callable[..., str]:
    """A sentence of the pages in a language: words("en", "办好了"); one that counts something is told how many by `counted`."""

    def do(language: str, text: str, *, counted: int | None = None, **values: object) -> str:
        with translation.override("en" if language == "en" else "zh-hans"):
            said = translation.gettext(text) if counted is None else translation.ngettext(text, text, counted)
            return said % values if values else said

    return do
