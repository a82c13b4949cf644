"""Certificates as Open Badges 3.0 (1EdTech): a verifiable credential signed as a JWT with Ed25519 (RFC 8037).

The holder is named by a salted hash of their volunteer number: never a name, a phone or an ID number. Keys are published at our domain as a
JWK set (RFC 7517); a revoked or suspended badge stands in the 1EdTech revocation list its `credentialStatus` names.
"""

import base64
import hashlib
import secrets
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.jwk import OKPKey

from doorstep.foundation import clock
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.keys import key_file, make_key_file
from doorstep.foundation.journal.proof import key_id_of
from doorstep.organisations.models import Body
from doorstep.talents.models import BadgeKey, Certificate, CertificateTerm

# RFC 9864 would have it called Ed25519; what reads badges today knows the name of RFC 8037.
ALGORITHM = "EdDSA"
warnings.filterwarnings("ignore", message="EdDSA is deprecated via RFC 9864")
CONTEXT = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
NAME = "公益导师"
DESCRIPTION = "在横沥公益咖啡学院学完课程、在基地实训、通过考核和评审，可以到家门口的公益服务里担任导师。"
CRITERIA = "到课学时够、实训时间够，笔试、实操、面谈都通过；三人评审，该回避的回避；公示期满，由发证中心发证，每年复审。"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a badge is for: the volunteer number that is hashed."""

    volunteer_number: str


def address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def instant(on: date, at: time = time(0)) -> str:
    """A moment of the town's day as RFC 3339 in UTC."""
    return datetime.combine(on, at, TOWN_ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def issuer_profile(issuer: Body) -> dict[str, Any]:
    """The issuing centre as an Open Badges profile."""
    return {
        "id": address(f"/certificates/issuers/{issuer.code}.json"),
        "type": ["Profile"],
        "name": issuer.name,
        "url": address(f"/organisations/{issuer.code}"),
    }


def achievement() -> dict[str, Any]:
    return {
        "id": address("/certificates/achievements/mentor.json"),
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": NAME,
        "inLanguage": "zh-CN",
        "description": DESCRIPTION,
        "criteria": {"id": address("/talents/"), "narrative": CRITERIA},
    }


def identity_hash(number: str, salt: str) -> str:
    """`sha256$` and the hex digest of number ‖ salt (Open Badges 3.0, IdentityObject)."""
    return "sha256$" + hashlib.sha256((number + salt).encode()).hexdigest()


def badge_id(certificate: Certificate, valid_until: date) -> str:
    """A badge's own address: the certificate's, and which term."""
    return address(f"/certificates/{certificate.number}?term={valid_until.isoformat()}")


def credential(certificate: Certificate, *, valid_from: date, valid_until: date, holder: Holder) -> dict[str, Any]:
    """The credential of one term, not signed yet."""
    salt = secrets.token_hex(16)
    return {
        "@context": list(CONTEXT),
        "id": badge_id(certificate, valid_until),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{NAME} {certificate.number}",
        "issuer": issuer_profile(certificate.issuer),
        "validFrom": instant(valid_from),
        "validUntil": instant(valid_until, time(23, 59, 59)),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": identity_hash(holder.volunteer_number, salt),
                    "identityType": "ext:volunteerNumber",
                    "salt": salt,
                }
            ],
            "achievement": achievement(),
        },
        "credentialStatus": {"id": status_url(certificate.issuer), "type": "1EdTechRevocationList"},
    }


def sign(claims: dict[str, Any]) -> str:
    """The credential as a compact JWT (Open Badges 3.0, section 8.2): registered claims beside the credential's own."""
    key = current_key()
    begins = datetime.fromisoformat(claims["validFrom"])
    ends = datetime.fromisoformat(claims["validUntil"])
    return jwt.encode(
        {"alg": ALGORITHM, "typ": "JWT", "kid": key_url(key)},
        {
            "iss": claims["issuer"]["id"],
            "jti": claims["id"],
            "nbf": int(begins.timestamp()),
            "exp": int(ends.timestamp()),
            **claims,
        },
        OKPKey.import_key(key_file(key.key_id).read_bytes()),
        algorithms=[ALGORITHM],
    )


def read(badge: str) -> dict[str, Any]:
    """The claims of a badge, its signature checked against the town's published keys. Raises joserfc's JoseError."""
    from_url = {key_url(key): OKPKey.import_key({**jwk(key)}) for key in BadgeKey.objects.all()}
    token = jwt.decode(badge, lambda header: from_url[header.headers()["kid"]], algorithms=[ALGORITHM])
    return dict(token.claims)


def payload(badge: str) -> dict[str, Any]:
    """What a badge of our own says, as plain JSON: for readers; who wants to be sure checks the JWT."""
    claims = read(badge)
    return {name: claims[name] for name in claims if name not in {"iss", "jti", "nbf", "exp", "sub", "iat"}}


def current_key() -> BadgeKey:
    """The key in use. The first badge of a town makes it, and one whose private half is gone is followed by a new one: it stays published."""
    key = BadgeKey.objects.order_by("-pk").first()
    if key is None or not key_file(key.key_id).exists():
        public = make_key_file()
        key = BadgeKey.objects.create(key_id=key_id_of(public), public_key=public, made_at=clock.now())
    return key


def key_url(key: BadgeKey) -> str:
    """Where a key's JWK is: the `kid` of the badges it signed."""
    return address(f"/certificates/keys/{key.key_id}.json")


def jwk(key: BadgeKey) -> dict[str, str]:
    """A public key as a JWK (RFC 8037)."""
    x = base64.urlsafe_b64encode(bytes(key.public_key)).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": key_url(key), "alg": ALGORITHM, "use": "sig"}


def key_set() -> dict[str, list[dict[str, str]]]:
    """Every key a badge of ours was ever signed with (JWK Set)."""
    return {"keys": [jwk(key) for key in BadgeKey.objects.order_by("pk")]}


def status_url(issuer: Body) -> str:
    return address(f"/certificates/issuers/{issuer.code}/status.json")


def revocation_list(issuer: Body) -> dict[str, Any]:
    """Badges that do not count now: of revoked certificates for good, of suspended ones while they are (1EdTech revocation list)."""
    stopped = CertificateTerm.objects.filter(certificate__issuer=issuer).exclude(certificate__state=Certificate.State.GIVEN)
    return {
        "id": status_url(issuer),
        "issuer": issuer_profile(issuer)["id"],
        "revokedCredential": [
            {"id": badge_id(term.certificate, term.valid_until), "revoked": True, "revocationReason": term.certificate.state}
            for term in stopped.select_related("certificate").order_by("id")
        ],
    }
