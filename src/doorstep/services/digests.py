"""Keyed digests: so that nobody says a thing twice, and that an address is not guessed. Neither leads back to a person without the town's secret."""

import hashlib
import hmac

from django.conf import settings

MAC = 20


def feedback_digest(occasion_code: str, person_id: int) -> str:
    """What stands beside an opinion in place of who gave it."""
    return _mac(f"feedback|{occasion_code}|{person_id}")


def calendar_token(name: str) -> str:
    """The secret part of a person's own calendar address."""
    return f"{name}-{_mac(f'calendar|{name}')[:MAC]}"


def name_of_token(token: str) -> str | None:
    """The key's name in an address; None where the digest does not fit."""
    name = token.partition("-")[0]
    return name if hmac.compare_digest(calendar_token(name).encode(), token.encode()) else None


def _mac(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
