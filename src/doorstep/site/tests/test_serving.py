"""Links, QR codes and signatures name the address that is really served."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as town_settings

from doorstep.site import commands, serving
from doorstep.site.demo import load as demo


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000"),
        ("localhost", 8123, "http://localhost:8123"),
        ("::1", 8123, "http://[::1]:8123"),
        ("0.0.0.0", 9000, "http://127.0.0.1:9000"),
        ("::", 9000, "http://[::1]:9000"),
        ("town.example", 80, "http://town.example"),
    ],
)
def test_an_address_is_that_of_host_and_port(host: str, port: int, address: str) -> None:
    assert serving.address_of(host, port) == address


class Started:
    """Stands where processes would be started: what they would be told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.addresses: list[tuple[str, str]] = []
        monkeypatch.setattr(serving, "_together", self.together)
        monkeypatch.setattr(serving, "is_taken", lambda _host, _port: False)
        monkeypatch.setattr(commands, "call_command", lambda *_names, **_options: None)

    def together(self, _commands: Sequence[Sequence[str]]) -> int:
        self.addresses.append((os.environ["DOORSTEP_SITE_URL"], town_settings.SITE_URL))
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Started:
    settings.SITE_URL = "http://127.0.0.1:8000"  # put back afterwards
    monkeypatch.setenv("DOORSTEP_SITE_URL", "http://other.example")
    monkeypatch.delenv("DOORSTEP_SITE_URL")
    return Started(monkeypatch)


@pytest.mark.django_db
def test_serve_is_at_its_host_and_port_unless_told_otherwise(started: Started, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    assert commands.serve(["--port", "8123"]) == 0
    assert started.addresses.pop() == ("http://127.0.0.1:8123",) * 2
    monkeypatch.setenv("DOORSTEP_SITE_URL", "https://town.example")
    settings.SITE_URL = "https://town.example"
    commands.serve(["--port", "8124"])
    assert started.addresses.pop() == ("https://town.example",) * 2


def test_the_demo_is_signed_and_served_for_the_port_it_was_given(
    started: Started, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HOME = tmp_path
    loaded_with: list[str] = []

    class Loader:
        def everything(self) -> None:
            loaded_with.append(town_settings.SITE_URL)

    monkeypatch.setattr(demo, "Loader", Loader)
    monkeypatch.setattr(demo, "_empty", lambda _home: None)
    monkeypatch.setattr(demo, "call_command", lambda *_names, **_options: None)
    assert commands.demo(["--port", "8123"]) == 0
    assert (loaded_with, started.addresses.pop()) == (["http://127.0.0.1:8123"], ("http://127.0.0.1:8123",) * 2)
    assert "signed for" not in capsys.readouterr().err
    # Loaded already: another port is served, and what was signed says for which it was.
    commands.demo(["--port", "8124"])
    assert (len(loaded_with), started.addresses.pop()) == (1, ("http://127.0.0.1:8124",) * 2)
    assert "signed for http://127.0.0.1:8123" in capsys.readouterr().err
