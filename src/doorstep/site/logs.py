"""Log lines without personal data.

What the code says in a log is English, so whatever stands in Chinese there was said by somebody or is somebody's: it goes, wherever it stands, as
do telephone and identity numbers and mail addresses. Names in other letters cannot be told from words: they go where they come from, which is
fields and arguments made for them, records of the database given as arguments, and what exceptions say. Of an exception its type and frames are
told, of one of the database also which constraint it was.
"""

import errno
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

GONE = "[…]"
CHINESE = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PATTERNS = (
    re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"),  # identity number, GB 11643
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"),  # mobile phone
    re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"),  # landline
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # mail address
    re.compile(r"(?:DETAIL|HINT|CONTEXT|QUERY|详细信息|描述|提示|背景|上下文)[:：] .*"),  # what PostgreSQL says beside an error: whole rows
    re.compile(r"(?<=\))=\(.*\)"),  # its keys and values: (name, phone)=(…)
    re.compile(r"(?:\\u[0-9a-fA-F]{4})+"),  # characters escaped, as in JSON
    re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+(?:%[0-9A-Fa-f]{2}|[·・])*"),  # or in an address
    re.compile(rf"[{CHINESE}](?:[{CHINESE}·•・，。 ]*[{CHINESE}])?"),
)
# Fields (`logger.info(…, extra={…})`, or %(name)s arguments) that hold a person's own data.
PERSONAL = frozenset(
    {"name", "person", "person_name", "reporter", "owner", "holder", "author", "phone", "mobile", "email", "mail", "address", "id_number", "id_last4", "password", "otp", "code", "token", "text", "title"}
)  # fmt: skip
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def masked(text: str) -> str:
    for pattern in PATTERNS:
        text = pattern.sub(GONE, text)
    return text


def named(error: BaseException) -> str:
    """What may be told of an exception: its type; of one of the database the state and the constraint, of one of the system its code."""
    kind = type(error)
    told = [kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"]
    diagnosis = getattr(error, "diag", None) or getattr(error.__cause__, "diag", None)
    told += [value for name in ("sqlstate", "table_name", "constraint_name") if (value := getattr(diagnosis, name, None))]
    if isinstance(error, OSError) and error.errno is not None:
        told.append(errno.errorcode.get(error.errno, ""))
    return " ".join(filter(None, told))


def _safe(value: Any) -> Any:
    """An argument or field as it may be told: never what an exception says, a record's name, or what somebody asked for."""
    if isinstance(value, BaseException):
        return named(value)
    if isinstance(value, Model):
        return f"{type(value).__name__} {value.pk}"
    if isinstance(value, HttpRequest):
        return f"{value.method} {value.path}"
    if isinstance(value, dict):
        return {key: GONE if key in PERSONAL else _safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(each) for each in value]
    return value


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[str]:
    """The frames and the type of an exception after those of what led to it; those of a group in their order."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from _chain(before, seen)
    if before is not None:
        yield "then:"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield named(error)
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _chain(inner, seen)


class Line(logging.Formatter):
    """One line: time, level, logger, message, then the extra fields; tracebacks below. Everything masked on its way out."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in STANDARD and not key.startswith("_")}
        told = " ".join(f"{key}={GONE if key in PERSONAL else _safe(value)}" for key, value in sorted(fields.items()))
        return super().formatMessage(record) + (f" {told}" if told else "")

    def formatException(self, ei: Any) -> str:
        return "\n".join(_chain(ei[1], set()))

    def format(self, record: logging.LogRecord) -> str:
        # A copy: other handlers' lines are theirs, and the traceback they kept is not ours to repeat.
        args = record.args
        safe = {
            **vars(record),
            "msg": _safe(record.msg),
            "args": tuple(map(_safe, args)) if isinstance(args, tuple) else _safe(args),
            "exc_text": None,
        }
        return masked(super().format(logging.makeLogRecord(safe)))


def tell_of_what_ends_it() -> None:
    """Let what ends this process be logged as any other failure: Python by itself prints all that an exception says."""

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("doorstep").critical("ended by an error nobody expected", exc_info=(kind, error, trace))

    sys.excepthook = told
