"""The table of roles, walked: nothing the house answers is without a row, and every row is true."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.roles.scene import ask, client_of, missing_path, routes, set_scene
from tests.roles.table import METHODS, ROLES, ROWS, Row


@pytest.fixture(scope="module")
def scene(set_once: Callable[..., Any]) -> dict[str, str]:
    """Set once: every row finds it as it was."""
    named: dict[str, str] = set_once(set_scene)
    return named


def test_every_address_has_rows() -> None:
    assert routes() - {row.route for row in ROWS} == set()
    assert {row.route for row in ROWS} - routes() == set()


def test_every_method_an_address_answers_has_a_row(db: None, scene: dict[str, str]) -> None:
    known = {(row.route, row.method) for row in ROWS}
    for row in {row.route: row for row in ROWS}.values():
        for method in METHODS:
            if (row.route, method) not in known:
                answer = ask(client_of("stranger"), "stranger", method, row.path.format(**scene), {})
                assert answer.status_code == 405, f"{method} {row.route} has no row in tests/roles/table.py"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_is_answered_as_the_table_says(db: None, scene: dict[str, str], row: Row) -> None:
    path = row.path.format(**scene)
    sent = {name: value.format(**scene) for name, value in row.sent.items()}
    found = {}
    for role in ROLES:
        # Each role finds the scene as it was.
        with transaction.atomic():
            client = client_of(role)
            answer = ask(client, role, row.method, path, sent)
            found[role] = outcome(answer, client, row)
            if answer.status_code == 404:
                nothing = ask(client, role, row.method, missing_path(row.path), sent)
                assert nothing.status_code == 404
                assert dict(answer.headers) == dict(nothing.headers), f"{role} can tell by a header"
                assert answer.content == nothing.content, f"{role} can tell what is hidden from what is not there"
            elif found[role] == "login" and "{hidden" in row.path:
                # Whether there is such a matter is not said before one has signed in.
                nothing = ask(client_of(role), role, row.method, missing_path(row.path), row.sent)
                assert nothing.status_code == answer.status_code
            transaction.set_rollback(True)
    assert found == row.expected


def outcome(answer: Any, client: Any, row: Row) -> str:
    if answer.status_code in (302, 303) and re.match(r"/login/(password)?\?next=", answer["Location"]):
        if "text" in row.sent:
            assert client.session["typed"]["fields"]["text"] == row.sent["text"]
        return "login"
    return str(answer.status_code)


def test_what_was_typed_stands_in_the_form_again_after_signing_in(db: None, scene: dict[str, str]) -> None:
    client = client_of("stranger")
    sent = client.post(f"/m/{scene['open']}/answer", {"text": "今晚去换灯泡。", "form": "answer"})
    assert sent["Location"] == f"/login/?next=%2Fm%2F{scene['open']}"
    signed_in = client.post("/login/password", {"login": "luo", "password": "a-long-password", "next": f"/m/{scene['open']}"})
    assert signed_in["Location"] == f"/m/{scene['open']}"
    page = client.get(f"/m/{scene['open']}").content.decode()
    assert ">今晚去换灯泡。</textarea>" in page
    # Given once: the next visit begins empty.
    assert "今晚去换灯泡。" not in client.get(f"/m/{scene['open']}").content.decode()
