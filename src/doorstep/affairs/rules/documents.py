"""Documents that a rule decides on: strict JSON, and the faults of one, each with its JSON path."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, NoReturn

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Refusal(NamedTuple):
    """One fault of a document: where (JSON path), a code, and a sentence for people."""

    path: str
    code: str
    message: str


class NotAcceptable(Exception):
    """Nothing can be decided on this document; `refusals` say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("\n".join(f"{refusal.path}: {refusal.message}" for refusal in refusals))
        self.refusals = tuple(refusals)


def member_path(path: str, key: str) -> str:
    """The JSON path of an object's member."""
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{path}[{key!r}]"


class _Repeating(dict[str, object]):
    """An object in which members stood more than once."""

    repeated: tuple[str, ...] = ()


def parse(data: bytes) -> object:
    """The JSON document in UTF-8 bytes (a byte order mark is passed over). Raises NotAcceptable where it is none, where an object names a
    member twice, and where a string is no Unicode text."""
    repeating = False

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal repeating
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        repeating = True
        several = _Repeating(found)
        several.repeated = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return several

    try:
        text = data.decode("utf-8-sig")
        document: object = json.loads(text, object_pairs_hook=members, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise NotAcceptable([Refusal("$", "not_utf8", f"is not UTF-8: {error}")]) from error
    except (ValueError, RecursionError) as error:
        raise NotAcceptable([Refusal("$", "not_json", f"is not JSON: {error}")]) from error
    refusals: list[Refusal] = []
    if repeating or _ESCAPED_SURROGATE.search(text):
        for path, value in _walk(document):
            if isinstance(value, _Repeating):
                refusals += [Refusal(member_path(path, name), "duplicate_key", "stands twice in one object") for name in value.repeated]
            if isinstance(value, str) and _SURROGATE.search(value):
                refusals.append(Refusal(path, "not_text", "holds half of a surrogate pair"))
    if refusals:
        raise NotAcceptable(refusals)
    return document


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _walk(document: object) -> Iterator[tuple[str, object]]:
    """Every value, and every member's name, with its path, in the order of the document."""
    ahead: list[tuple[str, object]] = [("$", document)]
    while ahead:
        path, value = ahead.pop()
        yield path, value
        if isinstance(value, dict):
            inner = [(member_path(path, key), part) for key, item in value.items() for part in (key, item)]
            ahead.extend(reversed(inner))
        elif isinstance(value, list):
            ahead.extend(reversed([(f"{path}[{at}]", item) for at, item in enumerate(value)]))
