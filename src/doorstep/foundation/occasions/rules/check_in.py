"""Checking in by the code of the day that stands at the door."""

import hmac
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
# Without letters and digits that are taken for one another on a sheet of paper (0 O, 1 I L, …); 30 signs.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def nonce_of(*, key: bytes, code: str, day: date) -> str:
    """The code of an occasion for one day: eight signs out of an HMAC-SHA-256, so that nothing has to be kept and nobody can guess the next."""
    number = int.from_bytes(hmac.new(key, f"check-in|{code}|{day.isoformat()}".encode(), sha256).digest(), "big")
    signs = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    return "".join(signs)


def refusal(
    *, given: str, key: bytes, code: str, now: datetime, starts_at: datetime, ends_at: datetime, before: timedelta, after: timedelta
) -> str | None:
    """Why a check-in does not count: too_early, too_late or wrong_code; None when it counts. The code is that of today in the town's zone."""
    if now < starts_at - before:
        return "too_early"
    if now > ends_at + after:
        return "too_late"
    right = nonce_of(key=key, code=code, day=now.astimezone(ZONE).date())
    typed = given.strip().upper().replace(" ", "").replace("-", "")
    return None if hmac.compare_digest(right.encode(), typed.encode()) else "wrong_code"
