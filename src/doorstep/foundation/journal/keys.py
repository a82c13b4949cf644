"""The private keys that heads are signed with: files of the town's home, readable by its own user alone, never in the database."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from django.conf import settings

from doorstep.foundation.journal.proof import key_id_of


class SigningKeyMissing(Exception):
    """The private key in use is not in this town's home: sealing waits for it, or for a rotation."""


def key_file(key_id: str) -> Path:
    return Path(settings.HOME) / "journal-keys" / f"{key_id}.pem"


def make_key_file() -> bytes:
    """Make a key and its file (mode 600); gives the public key, 32 bytes."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    path = key_file(key_id_of(public))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return public


def sign(key_id: str, data: bytes) -> bytes:
    """The Ed25519 signature by the private key of this name. Raises SigningKeyMissing."""
    path = key_file(key_id)
    if not path.exists():
        raise SigningKeyMissing(key_id)
    private = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyMissing(key_id)
    return private.sign(data)
