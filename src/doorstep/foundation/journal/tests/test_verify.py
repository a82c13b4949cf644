import base64
import copy
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doorstep.foundation.journal import verify_command
from doorstep.foundation.journal.merkle import GrowingTree, consistency_runs, hashes_of, inclusion_runs, leaf_hash, root_of
from doorstep.foundation.journal.proof import NotAcceptable, check, content_digest, entry_bytes, head_bytes, key_id_of, read_proof

SALT = "0123456789abcdef0123456789abcdef"
CONTENT = {
    "actor": 17,
    "on_behalf_of": None,
    "post": None,
    "channel": "web",
    "because": ["default"],
    "detail": {"category": "lighting", "说": "亮"},
}


class Log:
    """A small log of our own: 20 entries, signed with a key made for the test."""

    def __init__(self, seed: int = 1) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.leaves = [self.entry(n) for n in range(20)]
        tree, self.nodes = GrowingTree(), {}
        for leaf in self.leaves:
            self.nodes.update(tree.append(leaf_hash(leaf)))

    def entry(self, n: int) -> bytes:
        return entry_bytes(
            id=str(n),
            happened_at=datetime(2026, 4, 3, 2, n, tzinfo=UTC),
            recorded_at=datetime(2026, 4, 3, 2, n, 30, 250000, tzinfo=UTC),
            verb="raise",
            kind="matter",
            subject=f"HL-2026-{n:06d}",
            place="ruikang",
            digest=content_digest(SALT, {**CONTENT, "actor": n}),
        )

    def head(self, size: int, *, root: str | None = None, by: "Log | None" = None) -> dict[str, Any]:
        root = root or root_of(size, self.nodes).hex()
        at = "2026-04-03T11:00:00+08:00"
        signature = (by or self).key.sign(head_bytes(size=size, root=root, at=at))
        return {
            "size": size,
            "root": root,
            "at": at,
            "key_id": key_id_of((by or self).public),
            "signature": base64.b64encode(signature).decode(),
        }

    def proof(self, index: int = 17, size: int = 20, earlier: int | None = None, content: bool = True) -> dict[str, Any]:
        proof: dict[str, Any] = {
            "format": "doorstep.proof/1",
            "leaf": self.leaves[index].hex(),
            "index": index,
            "path": [each.hex() for each in hashes_of(inclusion_runs(index, size), self.nodes)],
            "head": self.head(size),
            "public_key": base64.b64encode(self.public).decode(),
        }
        if earlier is not None:
            proof["earlier"] = self.head(earlier)
            proof["consistency"] = [each.hex() for each in hashes_of(consistency_runs(earlier, size), self.nodes)]
        if content:
            proof |= {"content": {**CONTENT, "actor": index}, "salt": SALT}
        return proof


LOG = Log()
Verify = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the command on a document or on bytes; gives (exit code, result, what it said)."""

    def run(document: dict[str, Any] | bytes, *, key: str | None = None) -> tuple[int, dict[str, Any], str]:
        file = tmp_path / "proof.json"
        file.write_bytes(document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode())
        arguments = [str(file)]
        if key is not None:
            (tmp_path / "key").write_text(key)
            arguments += ["--key", str(tmp_path / "key")]
        code = verify_command.run(arguments)
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return run


def changed(document: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    made = copy.deepcopy(document)
    here: Any = made
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = to
    return made


# What holds


def test_a_true_proof_is_accepted_and_says_what_it_proves(verify: Verify) -> None:
    code, result, said = verify(LOG.proof(earlier=9))
    assert (code, result) == (
        0,
        {
            "format": "doorstep.verify-result/1",
            "ok": True,
            "proven": ["head", "inclusion", "earlier", "consistency", "content"],
            "failed": [],
        },
    )
    assert "the key came with the file" in said
    assert f"head: 20 entries, {root_of(20, LOG.nodes).hex()}" in said
    assert f"earlier head: 9 entries, {root_of(9, LOG.nodes).hex()}" in said


def test_earlier_and_consistency_and_content_may_be_absent(verify: Verify) -> None:
    code, result, _said = verify(LOG.proof(content=False))
    assert (code, result["proven"], result["failed"]) == (0, ["head", "inclusion"], [])


def test_every_entry_of_every_size_is_proven(verify: Verify) -> None:
    for size in (1, 2, 7, 20):
        for index in range(size):
            assert verify(LOG.proof(index=index, size=size, earlier=1))[0] == 0


def test_equal_sizes_have_equal_roots_and_an_empty_proof(verify: Verify) -> None:
    assert LOG.proof(earlier=20)["consistency"] == []
    assert verify(LOG.proof(earlier=20))[0] == 0
    other = changed(LOG.proof(earlier=20), "earlier", to=LOG.head(20, root="ab" * 32))
    assert verify(other)[:2] == (2, {"format": "doorstep.verify-result/1", "ok": False, "proven": ["head", "inclusion", "earlier", "content"], "failed": ["consistency"]})  # fmt: skip


def test_a_head_need_not_name_its_key(verify: Verify) -> None:
    proof = LOG.proof()
    del proof["head"]["key_id"]
    assert verify(proof)[0] == 0


def test_the_leaf_is_the_canonical_form_of_the_entry() -> None:
    assert LOG.leaves[3] == (
        '{"digest":"' + content_digest(SALT, {**CONTENT, "actor": 3}) + '","format":"doorstep.entry/1","happened_at":"2026-04-03T10:03:00+08:00",'
        '"id":"3","kind":"matter","place":"ruikang","recorded_at":"2026-04-03T10:03:30.250000+08:00","subject":"HL-2026-000003","verb":"raise"}'
    ).encode()  # fmt: skip


# What does not


def accepted(data: bytes) -> bool:
    try:
        return check(read_proof(data)).ok
    except NotAcceptable:
        return False


WHOLE = json.dumps(LOG.proof(index=3, size=7, earlier=5), ensure_ascii=False, separators=(",", ":")).encode()


def flipped(position: int, bit: int) -> bytes:
    return WHOLE[:position] + bytes([WHOLE[position] ^ 1 << bit]) + WHOLE[position + 1 :]


def test_every_flipped_byte_of_every_field_is_refused() -> None:
    """Bits 0 and 5: the next character, and the other case of a letter."""
    assert accepted(WHOLE)
    assert [position for position in range(len(WHOLE)) if accepted(flipped(position, (0, 5)[position % 2]))] == []


@pytest.mark.thorough
def test_every_flipped_bit_of_every_field_is_refused() -> None:
    assert [(position, bit) for position in range(len(WHOLE)) for bit in range(8) if accepted(flipped(position, bit))] == []


def test_a_head_that_is_no_extension_is_refused(verify: Verify) -> None:
    forked = Log()
    forked.leaves[4] = forked.entry(99 % 60)
    tree, forked.nodes = GrowingTree(), {}
    for leaf in forked.leaves:
        forked.nodes.update(tree.append(leaf_hash(leaf)))
    proof = LOG.proof(earlier=9)
    code, result, _said = verify(changed(proof, "earlier", to=forked.head(9)))
    assert (code, result["failed"]) == (2, ["consistency"])
    forked_later = forked.proof(earlier=9) | {"earlier": LOG.head(9)}
    assert verify(forked_later)[1]["failed"] == ["consistency"]


def test_an_earlier_head_larger_than_the_head_is_refused(verify: Verify) -> None:
    proof = LOG.proof(size=18) | {"earlier": LOG.head(20), "consistency": LOG.proof(earlier=18)["consistency"]}
    assert verify(proof)[1]["failed"] == ["consistency"]


@pytest.mark.parametrize(
    ("path", "to", "error"),
    [
        (("earlier", "size"), 0, "$.earlier.size"),
        (("head", "size"), 0, "$.head.size"),
        (("head", "size"), 20.0, "$.head.size"),
        (("head", "size"), True, "$.head.size"),
        (("index",), -1, "$.index"),
        (("index",), "17", "$.index"),
        (("path", 0), "AB" * 32, "$.path[0]"),
        (("path",), {}, "$.path"),
        (("consistency",), None, "$.consistency"),
        (("head", "root"), "ab", "$.head.root"),
        (("head", "at"), "2026-04-03 11:00", "$.head.at"),
        (("head", "at"), "2026-04-03T11:00:00", "$.head.at"),
        (("head", "signature"), "AAAA", "$.head.signature"),
        (("head",), [], "$.head"),
        (("earlier",), None, "$.earlier"),
        (("public_key",), "x", "$.public_key"),
        (("leaf",), "7b7d", "$.leaf"),
        (("leaf",), (b" " + LOG.leaves[17]).hex(), "$.leaf"),
        (("leaf",), LOG.leaves[17].replace(b"entry/1", b"entry/2").hex(), "$.leaf"),
        (("salt",), "xyz", "$.salt"),
        (("note",), "hello", "$.note"),
        (("head", "note"), "hello", "$.head.note"),
        (("format",), "doorstep.proof/2", "$.format"),
    ],
)
def test_what_is_not_acceptable_is_named_by_its_path(verify: Verify, path: tuple[str | int, ...], to: Any, error: str) -> None:
    code, result, said = verify(changed(LOG.proof(earlier=9), *path, to=to))
    assert (code, result["failed"], result["proven"]) == (2, ["file"], [])
    assert f": {error}: " in said


@pytest.mark.parametrize("name", ["leaf", "index", "path", "head", "public_key", "earlier", "consistency", "content", "salt"])
def test_what_is_missing_is_named(verify: Verify, name: str) -> None:
    proof = LOG.proof(earlier=9)
    del proof[name]
    code, _result, said = verify(proof)
    assert code == 2
    assert f"$.{name}: missing" in said


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b'{"format": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(verify: Verify, data: bytes) -> None:
    assert verify(data)[:2] == (2, {"format": "doorstep.verify-result/1", "ok": False, "proven": [], "failed": ["file"]})


def test_all_errors_come_at_once() -> None:
    proof = LOG.proof() | {"index": -1, "path": [1], "public_key": ""}
    with pytest.raises(NotAcceptable) as refused:
        read_proof(json.dumps(proof).encode())
    assert [path for path, _reason in refused.value.errors] == ["$.index", "$.path[0]", "$.public_key"]


@pytest.mark.parametrize("index", [20, 10**6, 2**63 - 1])
def test_an_index_at_or_beyond_the_size_is_not_in_the_tree(verify: Verify, index: int) -> None:
    assert verify(LOG.proof() | {"index": index})[1]["failed"] == ["inclusion"]


def test_a_strangers_file_cannot_move_the_readers_cursor(verify: Verify) -> None:
    log = Log()
    log.leaves[17] = entry_bytes(
        id="17",
        happened_at=datetime(2026, 1, 1, tzinfo=UTC),
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        verb="\x1b[2J",
        kind="k",
        subject="s",
        place="p",
        digest="",
    )
    assert "\x1b" not in verify(log.proof(content=False))[2]


# Keys


def base64_of(log: Log) -> str:
    return base64.b64encode(log.public).decode()


def pem_of(log: Log) -> str:
    return log.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def keys_of(*logs: Log) -> str:
    return json.dumps(
        {"format": "doorstep.keys/1", "items": [{"key_id": key_id_of(log.public), "public_key": base64_of(log)} for log in logs]}
    )


@pytest.mark.parametrize("write", [base64_of, pem_of, keys_of])
def test_a_key_got_elsewhere_is_one_more_thing_proven(verify: Verify, write: Callable[[Log], str]) -> None:
    code, result, said = verify(LOG.proof(), key=write(LOG) + "\n")
    assert (code, result["proven"]) == (0, ["key", "head", "inclusion", "content"])
    assert "came with the file" not in said


def test_a_foreign_key_is_refused(verify: Verify) -> None:
    stranger = Log(seed=2)
    code, result, _said = verify(LOG.proof(earlier=9), key=base64_of(stranger))
    assert (code, result["failed"]) == (2, ["key", "head", "earlier"])
    forged = LOG.proof() | {"head": LOG.head(20, by=stranger), "public_key": base64_of(stranger)}
    assert verify(forged)[0] == 0  # holds together in itself: that is why a key from elsewhere matters
    assert verify(forged, key=base64_of(LOG))[1]["failed"] == ["key", "head"]
    assert verify(LOG.proof() | {"public_key": base64_of(stranger)})[1]["failed"] == ["head"]


def test_an_earlier_head_under_an_older_key_brings_that_key(verify: Verify) -> None:
    older = Log(seed=3)
    proof = LOG.proof(earlier=9)
    proof["earlier"] = LOG.head(9, by=older)
    assert verify(proof)[1]["failed"] == ["earlier"]
    proof["earlier"]["public_key"] = base64_of(older)
    assert verify(proof)[0] == 0
    assert verify(proof, key=keys_of(LOG, older))[0] == 0
    assert verify(proof, key=base64_of(LOG))[1]["failed"] == ["key", "earlier"]


@pytest.mark.parametrize("key", ["", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", '{"format": "x"}', "{"])
def test_a_key_file_that_is_none_is_refused(verify: Verify, key: str) -> None:
    assert verify(LOG.proof(), key=key)[0] == 2


# The command


def test_a_file_that_is_not_there_is_not_acceptable(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_command.run(["/nowhere/proof.json"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(LOG.proof()).encode())))
    assert verify_command.run(["-"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]


def test_the_command_needs_neither_django_nor_a_town(tmp_path: Path) -> None:
    script = (
        "import sys; from doorstep.site.command import run; code = run(['verify', '-']); print('django' in sys.modules); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(LOG.proof()).encode(),
        capture_output=True,
        env={"HOME": str(tmp_path)},
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, b"False"), done.stderr
