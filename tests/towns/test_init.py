"""`doorstep init`: a real town on an empty database."""

from collections.abc import Callable
from typing import Any

import pytest

from bench.towns import Ground
from doorstep.site import command
from doorstep.site.town import TownExists, begin_town

INIT = ["init", "--town", "shatian", "--name", "沙田镇", "--admin", "root"]


@pytest.mark.thorough
def test_an_empty_database_becomes_a_town_once(new_ground: Callable[..., Ground]) -> None:
    empty = new_ground(empty=True)
    done = empty.doorstep(*INIT, "--prefix", "ST", DOORSTEP_ADMIN_PASSWORD="correct horse battery")
    assert (done.returncode, done.stdout) == (0, "")
    assert "correct horse" not in done.stderr
    assert empty.ask("SELECT code, kind, name, number_prefix FROM foundation_place") == [("shatian", "town", "沙田镇", "ST")]
    [(login, password, administrator)] = empty.ask("SELECT login, password, is_administrator FROM foundation_account")
    assert (login, bool(administrator)) == ("root", True)
    assert str(password).startswith("argon2$argon2id$")
    for table in ("foundation_regulation", "foundation_workday", "affairs_category"):
        assert empty.ask(f"SELECT count(*) FROM {table}") > [(10,)]
    again = empty.doorstep(*INIT, DOORSTEP_ADMIN_PASSWORD="correct horse battery")
    assert again.returncode == 2
    assert "already has a town" in again.stderr
    assert empty.ask("SELECT count(*) FROM foundation_account") == [(1,)]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `init` would begin, with nothing begun."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("doorstep.site.commands.call_command", lambda *arguments, **options: None)
    monkeypatch.setattr("doorstep.site.town.begin_town", lambda **facts: calls.append(facts))
    monkeypatch.setenv("DOORSTEP_ADMIN_PASSWORD", "correct horse battery")
    return calls


@pytest.mark.parametrize(("more", "prefix"), [([], "SHATIAN"), (["--prefix", "ST"], "ST")])
def test_numbers_begin_with_the_prefix_or_the_code_in_capitals(begun: list[dict[str, Any]], more: list[str], prefix: str) -> None:
    assert command.run([*INIT, *more]) == 0
    assert begun == [{"code": "shatian", "name": "沙田镇", "login": "root", "password": "correct horse battery", "prefix": prefix}]


def test_without_the_variable_the_terminal_is_asked_twice(begun: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOORSTEP_ADMIN_PASSWORD")
    typed = iter(["another password", "another password", "another password", "a typing error"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert command.run(INIT) == 0
    assert begun[0]["password"] == "another password"
    assert command.run(INIT) == 2
    assert len(begun) == 1


def test_a_short_password_is_refused_before_anything_is_done(begun: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOORSTEP_ADMIN_PASSWORD", "short")
    assert command.run(INIT) == 2
    assert begun == []


def test_a_second_town_is_refused(town: Any) -> None:
    with pytest.raises(TownExists):
        begin_town(code="shatian", name="沙田镇", login="root", password="correct horse battery", prefix="ST")


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["help"], 0), (["fly"], 2)])
def test_the_command_line_explains_itself(arguments: list[str], code: int, capsys: Any) -> None:
    assert command.run(arguments) == code
    said = capsys.readouterr()
    assert "doorstep init" in said.out + said.err


def test_the_demo_serves_loopback_only(capsys: Any) -> None:
    from doorstep.site.commands import demo

    assert demo(["--host", "0.0.0.0"]) == 2
    assert "loopback" in capsys.readouterr().err
