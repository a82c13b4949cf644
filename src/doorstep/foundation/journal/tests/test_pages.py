import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import NOBODY, Viewer
from doorstep.foundation.journal import verify_command
from doorstep.foundation.journal.actions import SYSTEM, Actor, record, writing
from doorstep.foundation.journal.models import Entry, SealedHead, SealedLeaf
from doorstep.foundation.journal.queries import consistency_between, heads_document, proof_for, sealing_state, verified_history
from doorstep.foundation.journal.sealing import rotate_key, sealed_size
from doorstep.foundation.journal.testing import seal_now


def write(town: Any, **facts: Any) -> Entry:
    with writing():
        return record(**{"verb": "raise", "kind": "matter", "subject": "HL-2031-000001", "place": town.building, "by": SYSTEM, **facts})


def sealed(entry: Entry) -> int:
    seal_now()
    return SealedLeaf.objects.get(entry=entry).index


def verified(tmp_path: Path, capsys: Any, document: dict[str, Any], keys: dict[str, Any] | None = None) -> tuple[int, list[str], list[str]]:
    (tmp_path / "proof.json").write_text(json.dumps(document, ensure_ascii=False))
    arguments = [str(tmp_path / "proof.json")]
    if keys is not None:
        (tmp_path / "keys.json").write_text(json.dumps(keys))
        arguments += ["--key", str(tmp_path / "keys.json")]
    code = verify_command.run(arguments)
    result = json.loads(capsys.readouterr().out)
    return code, result["proven"], result["failed"]


# A receipt, from the address to the command


def test_a_receipt_goes_from_the_page_to_the_command_and_holds(town: Any, client: Any, tmp_path: Path, capsys: Any) -> None:
    index = sealed(write(town))
    earlier = SealedHead.objects.order_by("-size")[0]
    write(town)
    seal_now()
    document = client.get(f"/journal/proof.json?entry={index}&earlier={earlier.size}").json()
    assert list(document) == ["format", "leaf", "index", "path", "head", "public_key", "earlier", "consistency", "content", "salt"]
    assert document["head"] == client.get("/journal/heads/latest.json").json()
    proven = ["key", "head", "inclusion", "earlier", "consistency", "content"]
    assert verified(tmp_path, capsys, document, client.get("/journal/keys.json").json()) == (0, proven, [])


def test_a_proof_across_a_rotation_holds_and_needs_both_keys(town: Any, client: Any, tmp_path: Path, capsys: Any) -> None:
    index = sealed(write(town))
    size = SealedHead.objects.order_by("-size")[0].size
    rotate_key(by=SYSTEM, place=town.place)
    seal_now()
    document = client.get(f"/journal/proof.json?entry={index}&earlier={size}").json()
    keys = client.get("/journal/keys.json").json()
    assert document["head"]["key_id"] == keys["items"][0]["key_id"] != document["earlier"]["key_id"] == keys["items"][1]["key_id"]
    assert verified(tmp_path, capsys, document, keys)[0] == 0
    assert verified(tmp_path, capsys, document, keys | {"items": keys["items"][:1]})[2] == ["key", "earlier"]


def test_an_entry_changed_behind_the_databases_back_no_longer_holds(town: Any, client: Any, tmp_path: Path, capsys: Any) -> None:
    made = write(town)
    index = sealed(made)
    trigger = "entry_append_only ON foundation_entry" if connection.vendor == "postgresql" else "entry_no_update"
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()
        cursor.execute(f"DROP TRIGGER {trigger}")
        cursor.execute("UPDATE foundation_entry SET place = 'elsewhere' WHERE id = %s", [made.pk])
    assert verified(tmp_path, capsys, client.get(f"/journal/proof.json?entry={index}").json())[2] == ["inclusion"]
    assert [step.holds for step in verified_history(NOBODY, kinds=["matter"], subject=made.subject)] == [False]
    assert "封好以后被人动过" in client.get(f"/journal/?subject={made.subject}").content.decode()


# Who may see what


def test_a_restricted_entry_is_answered_like_one_that_is_not_there(town: Any, client: Any, sign_in: Any) -> None:
    index = sealed(write(town, audience=f"person:{town.ye.pk}", by=Actor(person_id=town.ye.pk)))
    beyond = sealed_size() + 5
    missing = client.get(f"/journal/proof.json?entry={beyond}")
    hidden = client.get(f"/journal/proof.json?entry={index}")
    assert (hidden.status_code, missing.status_code) == (404, 404)

    def told(response: Any, asked: int) -> str:
        """What the page says: it repeats the address that was asked for, and every form has a token of its own."""
        return re.sub(rf"entry(=|%3D){asked}\b|csrfmiddlewaretoken\" value=\"\w+", "", response.content.decode())

    assert told(hidden, index) == told(missing, beyond)
    assert {name for name, _value in hidden.headers.items()} == {name for name, _value in missing.headers.items()}
    sign_in("liu")
    assert client.get(f"/journal/proof.json?entry={index}").status_code == 404
    sign_in("ye")
    assert client.get(f"/journal/proof.json?entry={index}").json()["content"]["actor"] == town.ye.pk


def test_what_a_public_entry_says_is_for_those_it_names(town: Any) -> None:
    """A neighbour may read what was raised, not by whom; with the salt they could try every person."""
    raised = sealed(write(town, by=Actor(person_id=town.liu.pk)))
    helped = sealed(write(town, by=Actor(person_id=town.lin.pk, on_behalf_of_id=town.ye.pk, post_id=1)))
    answered = sealed(write(town, by=Actor(person_id=town.luo.pk, post_id=2)))

    def shown(viewer: Viewer, index: int) -> bool:
        proof = proof_for(viewer, index)
        assert proof is not None
        assert ("content" in proof) == ("salt" in proof)
        return "content" in proof

    liu, ye, lin = (town.viewer(person) for person in (town.liu, town.ye, town.lin))
    assert [shown(viewer, raised) for viewer in (NOBODY, liu, ye)] == [False, True, False]
    assert [shown(viewer, helped) for viewer in (NOBODY, liu, ye, lin)] == [False, False, True, True]
    assert [shown(viewer, answered) for viewer in (NOBODY, liu)] == [True, True]


def test_a_read_of_a_restricted_entry_is_logged_for_the_one_it_is_about(town: Any, sign_in: Any) -> None:
    index = sealed(write(town, audience=f"body:{town.company.pk}", by=Actor(person_id=town.liu.pk)))
    assert sign_in("luo").get(f"/journal/proof.json?entry={index}").status_code == 200
    read = AccessLog.objects.get(subject="HL-2031-000001")
    assert (read.person_id, read.about_person_id, read.why) == (town.luo.pk, town.liu.pk, "proof")


def test_a_history_shows_only_what_the_viewer_may_see(town: Any) -> None:
    write(town)
    write(town, verb="note", audience=f"body:{town.company.pk}")
    seal_now()
    write(town, verb="answer")

    def steps(viewer: Viewer) -> list[tuple[str, bool, bool]]:
        found = verified_history(viewer, kinds=["matter"], subject="HL-2031-000001")
        return [(step.verb, step.index is not None, step.holds) for step in found]

    assert steps(NOBODY) == [("raise", True, True), ("answer", False, False)]
    assert steps(town.viewer(town.luo)) == [("raise", True, True), ("note", True, True), ("answer", False, False)]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_a_history_costs_the_same_queries_however_long(town: Any, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        write(town)
    seal_now()
    with django_assert_num_queries(4):
        found = verified_history(NOBODY, kinds=["matter"], subject="HL-2031-000001")
    assert [step.holds for step in found] == [True] * rows


# Heads and consistency


def test_heads_are_listed_newest_first_in_pages(town: Any) -> None:
    for _ in range(3):
        write(town)
        seal_now()
    sizes = [head["size"] for head in heads_document()["items"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == sealed_size()
    assert [head["size"] for head in heads_document(before=sizes[1])["items"]] == sizes[2:]


def test_consistency_of_two_sizes_comes_with_their_heads(town: Any, client: Any) -> None:
    write(town)
    seal_now()
    size = sealed_size()
    write(town)
    seal_now()
    document = client.get(f"/journal/consistency.json?from={size}&to={size + 1}").json()
    assert (document["format"], document["earlier"]["size"], document["head"]["size"]) == ("doorstep.consistency/1", size, size + 1)
    proof = proof_for(NOBODY, size, earlier=size)
    assert proof is not None
    assert document["consistency"] == proof["consistency"]
    same = consistency_between(size, size)
    assert same is not None
    assert (same["consistency"], same["earlier"]) == ([], same["head"])


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("consistency.json?from=0&to=1", 400),
        ("consistency.json?from=2&to=1", 400),
        ("consistency.json?from=1", 400),
        ("consistency.json?from=1&to=999999999", 404),
        ("proof.json", 400),
        ("proof.json?entry=-1", 400),
        ("proof.json?entry=1.5", 400),
        ("proof.json?entry=٣", 400),
        ("proof.json?entry=99999999999999999999", 400),
        ("proof.json?entry=999999999", 404),
        ("proof.json?entry=0&earlier=999999999", 404),
        ("proof.json?entry=0&earlier=0", 404),
        ("heads.json?before=x", 400),
    ],
)
def test_what_makes_no_sense_is_refused(town: Any, client: Any, address: str, status: int) -> None:
    write(town)
    seal_now()
    assert client.get(f"/journal/{address}").status_code == status


def test_a_log_of_nothing_has_no_head(own_database: None, client: Any) -> None:
    assert client.get("/journal/heads/latest.json").status_code == 404
    assert client.get("/journal/heads.json").json() == {"format": "doorstep.heads/1", "items": [], "next": None}
    assert client.get("/journal/keys.json").json() == {"format": "doorstep.keys/1", "items": []}
    assert "还没有贴过封条" in client.get("/journal/").content.decode()
    assert sealing_state().head_age is None


# The page


@pytest.mark.parametrize(("language", "head"), [("zh-hans", "现在的封条"), ("en", "The seal now")])
def test_the_page_shows_the_latest_head_and_how_to_check(town: Any, client: Any, language: str, head: str) -> None:
    write(town)
    seal_now()
    client.cookies["language"] = language
    page = client.get("/journal/").content.decode()
    latest = SealedHead.objects.order_by("-size")[0]
    for text in (head, latest.root, latest.key.key_id, "doorstep verify"):
        assert text in page


def test_a_number_is_looked_up_with_its_proofs(town: Any, client: Any) -> None:
    matter = town.raise_matter()
    seal_now()
    index = SealedLeaf.objects.get(entry__subject=matter.number, entry__verb="raise").index
    page = client.get(f"/journal/?subject={matter.number}").content.decode()
    assert "提出" in page
    assert f"/journal/proof.json?entry={index}" in page
    assert f"/journal/?subject={matter.number}" in client.get(f"/m/{matter.number}").content.decode()


@pytest.mark.parametrize("entries", [1, 40])
def test_the_page_costs_the_same_queries_however_long_the_log(town: Any, client: Any, entries: int, django_assert_num_queries: Any) -> None:
    for _ in range(entries):
        write(town)
        seal_now()
    with django_assert_num_queries(9):
        client.get("/journal/?subject=HL-2031-000001")
