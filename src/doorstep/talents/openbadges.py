"""Certificates as Open Badges 3.0 (1EdTech): a verifiable credential signed as a JWT with Ed25519 (RFC 8037).

The holder is called by a random urn and a salted hash of their volunteer number: never a name, a phone or an ID number. Keys are published at our domain as a
JWK set (RFC 7517). What does not count now stands in two status lists (W3C Bitstring Status List v1.0), signed like a badge.
"""

import base64
import hashlib
import secrets
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
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
from doorstep.talents.rules import status_list

# RFC 9864 would have it called Ed25519; what reads badges today knows the name of RFC 8037.
ALGORITHM = "EdDSA"
warnings.filterwarnings("ignore", message="EdDSA is deprecated via RFC 9864")
VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"
CONTEXT = (VC_CONTEXT, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
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
    return _rfc3339(datetime.combine(on, at, TOWN_ZONE))


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
            "id": certificate.subject.urn,
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
        "credentialStatus": status_entry(certificate),
    }


def sign(claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """A credential as a compact JWT (Open Badges 3.0, "JSON Web Token Proof Format"): registered claims beside the credential's own."""
    key = current_key()
    begins = datetime.fromisoformat(claims["validFrom"])
    ends = datetime.fromisoformat(claims["validUntil"])
    return jwt.encode(
        {"alg": ALGORITHM, "typ": typ, "kid": key_url(key)},
        {
            "iss": claims["issuer"]["id"],
            "sub": claims["credentialSubject"]["id"],
            "jti": claims["id"],
            "nbf": int(begins.timestamp()),
            "exp": int(ends.timestamp()),
            **claims,
        },
        OKPKey.import_key(key_file(key.key_id).read_bytes()),
        algorithms=[ALGORITHM],
    )


def read(badge: str) -> dict[str, Any]:
    """The claims of a badge, its signature checked against the town's published keys: by the key's own name, for it may have been signed
    when the site had another address. Raises joserfc's JoseError."""
    by_name = {key.key_id: OKPKey.import_key({**jwk(key)}) for key in BadgeKey.objects.all()}

    def key_of(header: Any) -> OKPKey:
        return by_name[header.headers()["kid"].rpartition("/")[2].removesuffix(".json")]

    token = jwt.decode(badge, key_of, algorithms=[ALGORITHM])
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


class Purpose(StrEnum):
    """What a status list says of the certificates set in it (W3C Bitstring Status List v1.0, `statusPurpose`)."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


PURPOSES = frozenset(each.value for each in Purpose)

# Whatever must not be accepted now is set in the list of suspensions: the one that badges name. That it is for good, the other says.
SET_IN = {
    Purpose.REVOCATION: (Certificate.State.REVOKED,),
    Purpose.SUSPENSION: (Certificate.State.SUSPENDED, Certificate.State.REVOKED),
}
LIST_LASTS = timedelta(days=1)


def status_entry(certificate: Certificate) -> dict[str, str]:
    """Where a badge's status is looked up. One entry: a credential of Open Badges 3.0 has `credentialStatus` [0..1], so it is the list whose
    bit is set for the suspended and for the revoked; the same index in the list of revocations says which of the two."""
    url = status_list_url(certificate.issuer, Purpose.SUSPENSION)
    return {
        "id": f"{url}#{certificate.status_index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": Purpose.SUSPENSION.value,
        "statusListIndex": str(certificate.status_index),
        "statusListCredential": url,
    }


def status_list_url(issuer: Body, purpose: Purpose) -> str:
    return address(f"/certificates/issuers/{issuer.code}/status/{purpose.value}")


def status_list_credential(issuer: Body, purpose: Purpose, *, now: datetime) -> str:
    """An issuer's status list as a signed credential (JWT), good for a day from `now`: an older copy proves nothing."""
    url = status_list_url(issuer, purpose)
    places = Certificate.objects.filter(issuer=issuer, state__in=SET_IN[purpose]).values_list("status_index", flat=True)
    claims = {
        "@context": [VC_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": issuer_profile(issuer)["id"]},
        "validFrom": _rfc3339(now),
        "validUntil": _rfc3339(now + LIST_LASTS),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose.value,
            "encodedList": status_list.encoded(places),
        },
    }
    return sign(claims, typ="vc+jwt")


def status_url(issuer: Body) -> str:
    """The older list of an issuer, which badges signed before the status lists name."""
    return address(f"/certificates/issuers/{issuer.code}/status.json")


def revocation_list(issuer: Body) -> dict[str, Any]:
    """The older list (1EdTech Revocation List Status Method, deprecated since Open Badges 3.0 document version 1.3), kept for badges that
    name it: what is revoked, and what is suspended, of which it says that it is not revoked."""
    stopped = CertificateTerm.objects.filter(certificate__issuer=issuer).exclude(certificate__state=Certificate.State.GIVEN)
    return {
        "id": status_url(issuer),
        "issuer": issuer_profile(issuer)["id"],
        "revokedCredential": [
            {
                "id": badge_id(term.certificate, term.valid_until),
                "revoked": term.certificate.state == Certificate.State.REVOKED,
                "revocationReason": term.certificate.state,
            }
            for term in stopped.select_related("certificate").order_by("id")
        ],
    }
