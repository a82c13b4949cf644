"""Badges checked by libraries that are not ours: jwcrypto and openbadgeslib."""

import base64
import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from jsonschema import Draft201909Validator
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from doorstep.foundation.journal.keys import key_file
from doorstep.talents import actions, openbadges
from doorstep.talents.models import Certificate, VolunteerNumber
from doorstep.talents.tests.conftest import Academy, at


@pytest.fixture
def certificate(academy: Academy) -> Certificate:
    return actions.issue_certificate(viewer=academy.viewer(academy.director), student=academy.published(), happened_at=at(6, 18))


def fetched(client: Any, address: str, **headers: str) -> Any:
    return client.get(address.removeprefix(settings.SITE_URL), headers=headers)


def verified(client: Any, badge: str) -> dict[str, Any]:
    """The claims of a badge, its key fetched from where the badge says it is."""
    token = JWS()
    token.deserialize(badge)
    kid = json.loads(token.objects["protected"])["kid"]
    key = fetched(client, kid)
    assert key["Access-Control-Allow-Origin"] == "*"
    token.verify(JWK(**key.json()))
    claims: dict[str, Any] = json.loads(token.payload)
    return claims


def test_a_badge_verifies_in_an_independent_library(client: Any, certificate: Certificate) -> None:
    answer = client.get(f"/certificates/{certificate.number}/badge.jwt")
    assert answer["Content-Type"] == "application/vc+jwt"
    claims = verified(client, answer.content.decode())
    assert claims["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert (claims["iss"], claims["jti"]) == (claims["issuer"]["id"], claims["id"])
    assert (claims["validFrom"], claims["validUntil"]) == ("2026-06-17T16:00:00Z", "2027-06-17T15:59:59Z")
    assert claims["issuer"]["name"] == "横沥社会治理协同创新中心"
    plain = client.get(f"/certificates/{certificate.number}/badge.json").json()
    assert plain == {name: value for name, value in claims.items() if name not in ("iss", "jti", "nbf", "exp")}


def test_openbadgeslib_accepts_it_and_refuses_one_changed_byte(client: Any, certificate: Certificate) -> None:
    badge = client.get(f"/certificates/{certificate.number}/badge.jwt").content.decode()
    key = JWK(**client.get("/certificates/keys.json").json()["keys"][0])
    verifier = OB3Verifier(key.export_to_pem())
    credential = verifier.verify(badge)
    assert credential.name == f"公益导师 {certificate.number}"
    header, body, signature = badge.split(".")
    for position in (0, len(body) // 2, len(body) - 5):
        other = "A" if body[position] != "A" else "B"
        changed = f"{header}.{body[:position]}{other}{body[position + 1 :]}.{signature}"
        with pytest.raises(OB3VerificationError):
            verifier.verify(changed)
        token = JWS()
        token.deserialize(changed)
        with pytest.raises(InvalidJWSSignature):
            token.verify(key)


CLASSES = Draft201909Validator(
    json.loads((Path(__file__).resolve().parents[4] / "tests" / "vectors" / "openbadges" / "classes.json").read_bytes()),
    format_checker=Draft201909Validator.FORMAT_CHECKER,
)
# What the specification's tables (Open Badges 3.0, appendix B) say must be there: of each class, where it stands in a badge.
REQUIRED = {
    "": "@context id type issuer validFrom credentialSubject",
    "issuer": "id type",
    "credentialSubject": "type identifier achievement",
    "credentialSubject/identifier/0": "type hashed identityHash identityType",
    "credentialSubject/achievement": "id type criteria description name",
    "credentialStatus": "id type",
}
NOT_SO = [
    ("type", ["VerifiableCredential"]),
    ("type", ["OpenBadgeCredential"]),
    ("@context/0", "https://www.w3.org/2018/credentials/v1"),
    ("validFrom", "2026-06-18"),
    ("volunteer", "欧阳敏"),
    ("credentialSubject/name", "欧阳敏"),
    ("credentialSubject/achievement/achievementType", "Mentor"),
    ("credentialSubject/identifier/0/identityType", "volunteerNumber"),
    ("credentialSubject/identifier/0/identityHash", "HL-0001"),
    ("issuer/type", ["Organization"]),
]


def inside(badge: Any, path: str) -> Any:
    for step in path.split("/") if path else ():
        badge = badge[int(step)] if step.isdecimal() else badge[step]
    return badge


def test_a_badge_has_what_the_classes_of_the_specification_have(client: Any, certificate: Certificate) -> None:
    badge = client.get(f"/certificates/{certificate.number}/badge.json").json()
    assert [error.message for error in CLASSES.iter_errors(badge)] == []
    for path, names in REQUIRED.items():
        for name in names.split():
            lacking = copy.deepcopy(badge)
            del inside(lacking, path)[name]
            assert not CLASSES.is_valid(lacking), f"{name} of {path or 'the credential'} may be left out"
    for path, value in NOT_SO:
        wrong = copy.deepcopy(badge)
        owner, _slash, name = path.rpartition("/")
        inside(wrong, owner)[int(name) if name.isdecimal() else name] = value
        assert not CLASSES.is_valid(wrong), f"{path} may be {value}"


def test_the_holder_is_a_salted_hash_of_the_volunteer_number_and_nothing_else(
    client: Any, academy: Academy, certificate: Certificate
) -> None:
    text = client.get(f"/certificates/{certificate.number}/badge.json").content.decode()
    liu = academy.town.liu
    number = VolunteerNumber.objects.get(person=liu).number
    assert not any(word in text for word in (liu.name, liu.phone, number))
    identity = json.loads(text)["credentialSubject"]["identifier"][0]
    assert identity["identityHash"] == "sha256$" + hashlib.sha256((number + identity["salt"]).encode()).hexdigest()
    assert liu.phone not in number


def test_every_address_in_a_badge_answers(client: Any, certificate: Certificate) -> None:
    claims = client.get(f"/certificates/{certificate.number}/badge.json").json()
    achievement = claims["credentialSubject"]["achievement"]
    addresses = (claims["id"], claims["issuer"]["id"], claims["issuer"]["url"], achievement["id"], achievement["criteria"]["id"])
    for address in (*addresses, claims["credentialStatus"]["id"]):
        assert fetched(client, address).status_code == 200, address
    assert fetched(client, claims["issuer"]["id"]).json() == claims["issuer"]
    assert fetched(client, achievement["id"]).json() == achievement


def test_a_program_that_asks_for_a_badge_gets_it_at_the_certificate_itself(client: Any, certificate: Certificate) -> None:
    path = f"/certificates/{certificate.number}"
    assert fetched(client, path, accept="application/vc+jwt").content == client.get(f"{path}/badge.jwt").content
    assert fetched(client, path, accept="application/json").json()["name"].endswith(certificate.number)
    assert b"<html" in fetched(client, path, accept="text/html,application/json").content
    forged = fetched(client, "/certificates/HL-DS-2026-0099", accept="application/json")
    assert (forged.status_code, forged["Content-Type"]) == (404, "application/problem+json")


def test_the_revocation_list_names_what_does_not_count_now(client: Any, academy: Academy, certificate: Certificate) -> None:
    claims = client.get(f"/certificates/{certificate.number}/badge.json").json()
    director = academy.viewer(academy.director)

    def stopped() -> list[tuple[str, str]]:
        rows = fetched(client, claims["credentialStatus"]["id"]).json()["revokedCredential"]
        return [(row["id"], row["revocationReason"]) for row in rows]

    assert stopped() == []
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="away")
    assert stopped() == [(claims["id"], "suspended")]
    actions.resume_certificate(viewer=director, certificate=certificate)
    assert stopped() == []
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="misconduct")
    assert stopped() == [(claims["id"], "revoked")]


def test_a_renewed_certificate_keeps_the_badges_of_earlier_terms(client: Any, academy: Academy, certificate: Certificate) -> None:
    actions.renew_certificate(viewer=academy.viewer(academy.director), certificate=certificate, happened_at=at(5, 1, year=2027))
    path = f"/certificates/{certificate.number}/badge.json"
    ends = [client.get(f"{path}?term={end}").json()["validUntil"] for end in ("2027-06-17", "2028-06-17")]
    assert ends == ["2027-06-17T15:59:59Z", "2028-06-17T15:59:59Z"]
    assert client.get(path).json()["validUntil"] == ends[0]  # the one that runs
    assert client.get(f"{path}?term=2029-06-17").status_code == 404


def test_a_lost_private_key_is_followed_by_a_new_one_and_stays_published(client: Any, academy: Academy, certificate: Certificate) -> None:
    first = client.get(f"/certificates/{certificate.number}/badge.jwt").content.decode()
    key_file(openbadges.current_key().key_id).unlink()
    actions.renew_certificate(viewer=academy.viewer(academy.director), certificate=certificate, happened_at=at(5, 1, year=2027))
    second = client.get(f"/certificates/{certificate.number}/badge.jwt?term=2028-06-17").content.decode()
    assert len(client.get("/.well-known/jwks.json").json()["keys"]) == 2
    kids = {json.loads(base64.urlsafe_b64decode(badge.split(".")[0] + "=="))["kid"] for badge in (first, second)}
    assert len(kids) == 2
    for badge in (first, second):
        verified(client, badge)
