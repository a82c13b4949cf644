"""Log lines without personal data: telephone and identity numbers and mail addresses wherever they stand, names in the fields made for them."""

import logging
import re

GONE = "[…]"
PATTERNS = (
    re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"),  # identity number, GB 11643
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"),  # mobile phone
    re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"),  # landline
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # mail address
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


class Line(logging.Formatter):
    """One line: time, level, logger, message, then the extra fields; tracebacks below. Everything masked on its way out."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in STANDARD and not key.startswith("_")}
        told = " ".join(f"{key}={GONE if key in PERSONAL else value}" for key, value in sorted(fields.items()))
        return super().formatMessage(record) + (f" {told}" if told else "")

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.args, dict):
            kept = record.args
            record = logging.makeLogRecord({**vars(record), "args": {key: GONE if key in PERSONAL else kept[key] for key in kept}})
        return masked(super().format(record))
