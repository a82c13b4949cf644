"""`doorstep verify FILE|- [--key FILE]`: whether a proof holds, on anybody's own machine, without a database."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from doorstep.foundation.journal.proof import NotAcceptable, Proof, check, read_keys, read_proof

RESULT_FORMAT = "doorstep.verify-result/1"


def run(arguments: Sequence[str]) -> int:
    """0 everything the file claims is proven, 2 it is not, or the file is not acceptable. The result on stdout, words on stderr."""
    parser = argparse.ArgumentParser(prog="doorstep verify", description="Check a proof of the journal (doorstep.proof/1).")
    parser.add_argument("file", metavar="FILE", help="the proof, or - for standard input")
    parser.add_argument("--key", metavar="FILE", help="public keys got elsewhere: keys.json, PEM, or base64")
    given = parser.parse_args(arguments)
    try:
        proof = read_proof(_bytes_of(given.file))
    except NotAcceptable as refused:
        return _refuse(given.file, refused)
    try:
        trusted = read_keys(_bytes_of(given.key)) if given.key else None
    except NotAcceptable as refused:
        return _refuse(given.key, refused)
    checked = check(proof, trusted=trusted)
    _print(checked.ok, checked.proven, checked.failed)
    _explain(proof, came_with_file=trusted is None)
    for name in checked.failed:
        _say(f"not proven: {name}")
    return 0 if checked.ok else 2


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise NotAcceptable([("$", f"cannot be read: {error.strerror}")]) from error


def _refuse(name: str, refused: NotAcceptable) -> int:
    _print(False, (), ("file",))
    for path, reason in refused.errors:
        _say(f"{name}: {path}: {reason}")
    return 2


def _print(ok: bool, proven: Sequence[str], failed: Sequence[str]) -> None:
    print(json.dumps({"format": RESULT_FORMAT, "ok": ok, "proven": list(proven), "failed": list(failed)}))


def _explain(proof: Proof, *, came_with_file: bool) -> None:
    """What to compare with paper: the figures a printed head shows."""
    _say(f"entry {proof.entry['id']}: {proof.entry['verb']} {proof.entry['kind']} {proof.entry['subject']}, {proof.entry['happened_at']}")
    _say(f"head: {proof.head.size} entries, {proof.head.root}, {proof.head.at}")
    if proof.earlier is not None:
        _say(f"earlier head: {proof.earlier.size} entries, {proof.earlier.root}, {proof.earlier.at}")
    if came_with_file:
        _say("the key came with the file: compare it with one got elsewhere, or give that with --key")


def _say(line: str) -> None:
    """A line for the reader; what a stranger's file says may not move their cursor."""
    print("doorstep verify: " + "".join(each if each.isprintable() else "\ufffd" for each in line), file=sys.stderr)
