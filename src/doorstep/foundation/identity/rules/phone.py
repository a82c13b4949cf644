"""Phone numbers as people type them."""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}\d{7,8}")


def normalise_phone(typed: str) -> str:
    """Digits only, without +86: full-width digits, spaces, hyphens and brackets are understood. Not yet checked."""
    text = unicodedata.normalize("NFKC", typed).strip()
    text = re.sub(r"[\s\-()–—.]", "", text)
    for prefix in ("+86", "0086"):
        if text.startswith(prefix):
            text = text[len(prefix) :]
    if len(text) == 13 and text.startswith("86"):
        text = text[2:]
    return text


def is_mobile(phone: str) -> bool:
    return MOBILE.fullmatch(phone) is not None


def phone_problem(phone: str) -> tuple[str, int]:
    """What is wrong with a typed mobile number: ("", 0), ("empty", 0), ("digits_only", 0), ("too_short", missing), ("too_long", extra) or ("not_mobile", 0)."""
    if not phone:
        return "empty", 0
    if not (phone.isascii() and phone.isdigit()):
        return "digits_only", 0
    if len(phone) < 11:
        return "too_short", 11 - len(phone)
    if len(phone) > 11:
        return "too_long", len(phone) - 11
    return ("", 0) if is_mobile(phone) else ("not_mobile", 0)
