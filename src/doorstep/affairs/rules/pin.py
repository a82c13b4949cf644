"""The six figures of a slip. Nothing that opens a matter is stored: they are made anew from what the slip belongs to and a secret."""

import hashlib
import hmac

FIGURES = 6


def pin_of(*, secret: bytes, number: str, salt: str) -> str:
    """The PIN of the slip with this salt (hex) for the matter of this number, under the installation's secret key."""
    digest = hmac.new(secret, f"pin|{number}|{salt}".encode(), hashlib.sha256).digest()
    # 64 bits over a million values: no PIN is likelier than another by more than one part in ten to the thirteenth.
    return f"{int.from_bytes(digest[:8]) % 10**FIGURES:0{FIGURES}d}"
