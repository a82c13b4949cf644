"""What is sealed and signed, byte for byte, and whether a proof holds (formats, section 3). Pure: needs no database and no Django."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from doorstep.foundation.journal.merkle import extends, includes, leaf_hash

ENTRY_FORMAT = "doorstep.entry/1"
HEAD_FORMAT = "doorstep.head/1"
PROOF_FORMAT = "doorstep.proof/1"
KEYS_FORMAT = "doorstep.keys/1"

# A fixed offset, not a zone: what was signed must read the same after any correction of the zone tables.
_CHINA_STANDARD = timezone(timedelta(hours=8))
_ENTRY_FIELDS = ("format", "id", "happened_at", "recorded_at", "verb", "kind", "subject", "place", "digest")
_HASH = re.compile(r"[0-9a-f]{64}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_LARGEST = 2**63 - 1


class NotAcceptable(Exception):
    """A file that is not what it says. `errors`: (JSON path, reason) pairs."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {reason}" for path, reason in errors))
        self.errors = errors


def written(at: datetime) -> str:
    """An aware instant as it stands in leaves and heads: RFC 3339, offset +08:00."""
    return at.astimezone(_CHINA_STANDARD).isoformat()


def entry_bytes(
    *, id: str, happened_at: datetime, recorded_at: datetime, verb: str, kind: str, subject: str, place: str, digest: str
) -> bytes:
    """The input bytes of an entry's leaf: RFC 8785 form of `doorstep.entry/1`."""
    return rfc8785.dumps(
        {
            "format": ENTRY_FORMAT,
            "id": id,
            "happened_at": written(happened_at),
            "recorded_at": written(recorded_at),
            "verb": verb,
            "kind": kind,
            "subject": subject,
            "place": place,
            "digest": digest,
        }
    )


def content_digest(salt: str, content: Any) -> str:
    """SHA-256 of salt (hex) ‖ RFC 8785 form of the content, as hex."""
    return hashlib.sha256(bytes.fromhex(salt) + rfc8785.dumps(content)).hexdigest()


def head_bytes(*, size: int, root: str, at: str) -> bytes:
    """The bytes a head's signature is over."""
    return f"{HEAD_FORMAT}\n{size}\n{root}\n{at}\n".encode()


def key_id_of(public_key: bytes) -> str:
    """The name of a public key (32 bytes): the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def signed_by(public_key: bytes, *, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


# Reading


@dataclass(frozen=True, slots=True)
class Head:
    """A signed size and root. `key_id` and `public_key` are empty where the file does not name them."""

    size: int
    root: str
    at: str
    signature: bytes
    key_id: str = ""
    public_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Proof:
    leaf: bytes
    entry: dict[str, str]
    index: int
    path: tuple[bytes, ...]
    head: Head
    public_key: bytes
    earlier: Head | None = None
    consistency: tuple[bytes, ...] = ()
    content: Any = None
    salt: str | None = None


@dataclass(slots=True)
class _Reading:
    """Takes fields out of an object and notes what is wrong with each, by JSON path."""

    value: dict[str, Any]
    path: str
    errors: list[tuple[str, str]]
    known: set[str] = field(default_factory=set)

    def wrong(self, name: str, reason: str) -> None:
        self.errors.append((f"{self.path}.{name}", reason))

    def take(self, name: str, *, needed: bool = True) -> Any:
        self.known.add(name)
        if needed and name not in self.value:
            self.wrong(name, "missing")
        return self.value.get(name)

    def text(self, name: str, pattern: re.Pattern[str], what: str, *, needed: bool = True) -> str:
        found = self.take(name, needed=needed)
        if name not in self.value:
            return ""
        if not isinstance(found, str) or not pattern.fullmatch(found):
            self.wrong(name, f"not {what}")
            return ""
        return found

    def whole(self, name: str, least: int) -> int:
        found = self.take(name)
        if name in self.value and (type(found) is not int or not least <= found <= _LARGEST):
            self.wrong(name, f"not a whole number of at least {least}")
            return least
        return found if type(found) is int else least

    def bytes64(self, name: str, length: int, *, needed: bool = True) -> bytes:
        found = self.take(name, needed=needed)
        if name not in self.value:
            return b""
        decoded = from_base64(found, length) if isinstance(found, str) else None
        if decoded is None:
            self.wrong(name, f"not {length} bytes in base64")
        return decoded or b""

    def hashes(self, name: str, *, needed: bool = True) -> tuple[bytes, ...]:
        found = self.take(name, needed=needed)
        if name not in self.value:
            return ()
        if not isinstance(found, list):
            self.wrong(name, "not a list")
            return ()
        for position, each in enumerate(found):
            if not isinstance(each, str) or not _HASH.fullmatch(each):
                self.errors.append((f"{self.path}.{name}[{position}]", "not 64 lower-case hex digits"))
                return ()
        return tuple(bytes.fromhex(each) for each in found)

    def close(self) -> None:
        """Whatever is not known is not proven either: better to refuse it than to pass it on."""
        for name in self.value:
            if name not in self.known:
                self.wrong(name, "unknown")


def from_base64(text: str, length: int) -> bytes | None:
    """The bytes, if the text is the one way of writing that many; None otherwise."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if len(decoded) == length and base64.b64encode(decoded).decode() == text else None


def read_json(data: bytes) -> dict[str, Any]:
    """A JSON object without repeated keys; anything else is NotAcceptable."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, value in pairs:
            if name in read:
                raise NotAcceptable([("$", f"{name!r} stands twice")])
            read[name] = value
        return read

    def refuse(name: str) -> Any:
        raise NotAcceptable([("$", f"{name} is not JSON")])

    try:
        read = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NotAcceptable([("$", f"not UTF-8 JSON: {error}")]) from error
    except RecursionError as error:
        raise NotAcceptable([("$", "nested too deeply")]) from error
    if not isinstance(read, dict):
        raise NotAcceptable([("$", "not an object")])
    return read


def _read_head(value: Any, path: str, errors: list[tuple[str, str]], *, may_bring_key: bool = False) -> Head:
    if not isinstance(value, dict):
        errors.append((path, "not an object"))
        return Head(1, "", "", b"")
    reading = _Reading(value, path, errors)
    head = Head(
        size=reading.whole("size", 1),
        root=reading.text("root", _HASH, "64 lower-case hex digits"),
        at=reading.text("at", _TIME, "a time with its offset (RFC 3339)"),
        signature=reading.bytes64("signature", 64),
        key_id=reading.text("key_id", re.compile(r"[0-9a-f]{16}"), "a key's name", needed=False),
        public_key=reading.bytes64("public_key", 32, needed=False) if may_bring_key else b"",
    )
    reading.close()
    return head


def _read_entry(leaf: bytes, errors: list[tuple[str, str]]) -> dict[str, str]:
    try:
        entry = read_json(leaf)
        canonical = rfc8785.dumps(entry)
    except (NotAcceptable, rfc8785.CanonicalizationError, UnicodeError):
        errors.append(("$.leaf", "not a JSON object in canonical form"))
        return {}
    if entry.get("format") != ENTRY_FORMAT:
        errors.append(("$.leaf", f"not {ENTRY_FORMAT}"))
    elif canonical != leaf or set(entry) != set(_ENTRY_FIELDS) or not all(isinstance(each, str) for each in entry.values()):
        errors.append(("$.leaf", f"not the canonical form of {ENTRY_FORMAT}"))
    return entry


def read_proof(data: bytes) -> Proof:
    """A `doorstep.proof/1` file; NotAcceptable with every error and its path."""
    value = read_json(data)
    if value.get("format") != PROOF_FORMAT:
        raise NotAcceptable([("$.format", f"not {PROOF_FORMAT}")])
    errors: list[tuple[str, str]] = []
    reading = _Reading(value, "$", errors, {"format"})
    leaf = bytes.fromhex(reading.text("leaf", _HEX, "lower-case hex"))
    index = reading.whole("index", 0)
    path = reading.hashes("path")
    head = _read_head(reading.take("head"), "$.head", errors)
    public_key = reading.bytes64("public_key", 32)
    earlier: Head | None = None
    consistency: tuple[bytes, ...] = ()
    if "earlier" in value or "consistency" in value:
        earlier = _read_head(reading.take("earlier"), "$.earlier", errors, may_bring_key=True)
        consistency = reading.hashes("consistency")
    content, salt = None, None
    if "content" in value or "salt" in value:
        content, salt = reading.take("content"), reading.text("salt", _HEX, "lower-case hex")
        try:
            rfc8785.dumps(content)
        except (rfc8785.CanonicalizationError, UnicodeError):
            reading.wrong("content", "has no canonical form")
    reading.close()
    entry = _read_entry(leaf, errors) if leaf else {}
    if errors:
        raise NotAcceptable(errors)
    return Proof(leaf, entry, index, path, head, public_key, earlier, consistency, content, salt)


def read_keys(data: bytes) -> dict[str, bytes]:
    """Public keys by name from a file got elsewhere: `/journal/keys.json`, PEM, or base64, one a line."""
    text = data.decode("utf-8", errors="replace").strip()
    if text.startswith("{"):
        value = read_json(data)
        if value.get("format") != KEYS_FORMAT or not isinstance(value.get("items"), list):
            raise NotAcceptable([("$.format", f"not {KEYS_FORMAT}")])
        lines = [each.get("public_key", "") if isinstance(each, dict) else "" for each in value["items"]]
    elif text.startswith("-----BEGIN"):
        try:
            key = load_pem_public_key(text.encode())
        except ValueError as error:
            raise NotAcceptable([("$", "not a public key in PEM")]) from error
        if not isinstance(key, Ed25519PublicKey):
            raise NotAcceptable([("$", "not an Ed25519 key")])
        lines = [base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()]
    else:
        lines = text.split()
    keys = [from_base64(each, 32) if isinstance(each, str) else None for each in lines]
    if not keys or None in keys:
        raise NotAcceptable([("$", "not public keys of 32 bytes in base64")])
    return {key_id_of(key): key for key in keys if key is not None}


# Checking


@dataclass(frozen=True, slots=True)
class Checked:
    """What holds and what does not: key (it is one that was got elsewhere), head, inclusion, earlier, consistency, content."""

    proven: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.failed


def check(proof: Proof, *, trusted: Mapping[str, bytes] | None = None) -> Checked:
    """Every claim of a proof. With `trusted`, heads count only under one of those keys; without, under the key the file brings."""
    claims: dict[str, bool] = {}
    earlier = proof.earlier
    if trusted is not None:
        brought = {proof.public_key} | ({earlier.public_key} if earlier is not None and earlier.public_key else set())
        claims["key"] = brought <= set(trusted.values())

    def holds(head: Head) -> bool:
        key = head.public_key or proof.public_key
        return (
            (trusted is None or key in trusted.values())
            and head.key_id in ("", key_id_of(key))
            and signed_by(key, signature=head.signature, data=head_bytes(size=head.size, root=head.root, at=head.at))
        )

    root = bytes.fromhex(proof.head.root)
    claims["head"] = holds(proof.head)
    claims["inclusion"] = includes(leaf=leaf_hash(proof.leaf), index=proof.index, size=proof.head.size, path=proof.path, root=root)
    if earlier is not None:
        claims["earlier"] = holds(earlier)
        claims["consistency"] = extends(
            earlier_size=earlier.size,
            earlier_root=bytes.fromhex(earlier.root),
            size=proof.head.size,
            root=root,
            proof=proof.consistency,
        )
    if proof.salt is not None:
        claims["content"] = content_digest(proof.salt, proof.content) == proof.entry["digest"]
    return Checked(
        proven=tuple(name for name, holds in claims.items() if holds), failed=tuple(name for name, holds in claims.items() if not holds)
    )
