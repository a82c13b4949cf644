"""Badges checked by libraries that are not ours: jwcrypto and openbadgeslib."""

import base64
import copy
import gzip
import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as town_settings
from jsonschema import Draft201909Validator
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature
from openbadgeslib.ob3.status import check_credential_status
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import writing
from doorstep.foundation.journal.keys import key_file
from doorstep.talents import actions, openbadges
from doorstep.talents.models import Certificate, VolunteerNumber
from doorstep.talents.tests.conftest import Academy, at


@pytest.fixture
def certificate(academy: Academy) -> Certificate:
    return actions.issue_certificate(viewer=academy.viewer(academy.director), student=academy.published(), happened_at=at(6, 18))


def fetched(client: Any, address: str, **headers: str) -> Any:
    return client.get(address.removeprefix(town_settings.SITE_URL), headers=headers)


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
    assert (claims["iss"], claims["jti"], claims["sub"]) == (claims["issuer"]["id"], claims["id"], claims["credentialSubject"]["id"])
    assert (claims["nbf"], claims["exp"]) == tuple(
        int(datetime.fromisoformat(claims[name]).timestamp()) for name in ("validFrom", "validUntil")
    )
    assert (claims["validFrom"], claims["validUntil"]) == ("2026-06-17T16:00:00Z", "2027-06-17T15:59:59Z")
    assert claims["issuer"]["name"] == "横沥社会治理协同创新中心"
    plain = client.get(f"/certificates/{certificate.number}/badge.json").json()
    assert plain == {name: value for name, value in claims.items() if name not in ("iss", "sub", "jti", "nbf", "exp")}


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
# What must be there, of each class, where it stands in a badge.
REQUIRED = {
    "": "@context id type name issuer validFrom credentialSubject",
    "issuer": "id type",
    "credentialSubject": "type achievement",
    "credentialSubject/identifier/0": "type hashed identityHash identityType",
    "credentialSubject/achievement": "id type criteria description name",
    "credentialStatus": "type",
}
JWT = "eyJh.eyJi.c2ln"
NOT_SO = [
    ("type", ["VerifiableCredential"]),
    ("type", ["OpenBadgeCredential"]),
    ("type", "OpenBadgeCredential"),
    ("@context/0", "https://www.w3.org/2018/credentials/v1"),
    ("validFrom", "2026-06-18"),
    ("credentialStatus", []),
    ("credentialSchema", "https://example.org/schema.json"),
    ("termsOfUse", {"id": "https://example.org/terms"}),
    ("proof", {"cryptosuite": "eddsa-rdfc-2022"}),
    ("evidence", [{"name": "照片"}]),
    ("endorsement", [{"type": ["EndorsementCredential"]}]),
    ("endorsementJwt", ["one.two"]),
    ("credentialSubject/type", "Profile"),
    ("credentialSubject/result", [{"type": "Result", "status": "Passed"}]),
    ("credentialSubject/achievement/achievementType", "Mentor"),
    ("credentialSubject/achievement/alignment", [{"type": "Alignment", "targetName": "护理"}]),
    ("credentialSubject/achievement/related", [{"id": "urn:x", "type": "Related", "why": "older"}]),
    ("credentialSubject/achievement/otherIdentifier", [{"type": "IdentifierEntry", "identifier": "1"}]),
    ("credentialSubject/identifier/0/identityType", "volunteerNumber"),
    ("credentialSubject/identifier/0/identityHash", "HL-0001"),
    ("credentialSubject/identifier/0/name", "欧阳敏"),
    ("issuer", "https://example.org/issuer"),
    ("issuer/type", ["Organization"]),
    ("issuer/address", {"streetAddress": "育才路"}),
]
SO_TOO = [
    ("id", "certificate 7"),
    ("volunteer", True),
    ("@context/2", {"volunteer": "https://example.org/volunteer"}),
    ("credentialStatus", {"type": "BitstringStatusListEntry"}),
    ("credentialSchema", {"id": "https://example.org/schema.json", "type": "1EdTechJsonSchemaValidator2019"}),
    ("credentialSchema", [{"id": "https://example.org/schema.json", "type": "1EdTechJsonSchemaValidator2019"}]),
    ("termsOfUse", {"type": "Terms"}),
    ("termsOfUse", [{"type": "Terms", "id": "urn:x"}]),
    ("proof", [{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}]),
    ("evidence", [{"type": "Evidence", "genre": "照片", "pages": 3}]),
    ("endorsementJwt", [JWT]),
    ("credentialSubject/type", "AchievementSubject"),
    ("credentialSubject/level", "town"),
    ("credentialSubject/result", [{"type": ["Result"], "status": "Completed"}]),
    ("credentialSubject/achievement/type", "Achievement"),
    ("credentialSubject/achievement/achievementType", "our ext:mentor"),
    ("credentialSubject/achievement/level", "town"),
    ("credentialSubject/achievement/criteria/minutes", 960),
    (
        "credentialSubject/achievement/alignment",
        [{"type": "Alignment", "targetName": "护理", "targetUrl": "https://example.org/", "why": "same"}],
    ),
    ("credentialSubject/identifier/0/identityHash", "sha256$B5809D8A"),
    ("issuer/type", "Profile"),
    ("issuer/town", "hengli"),
    ("issuer/address", {"type": ["Address"], "streetAddress": "育才路"}),
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
        assert not CLASSES.is_valid(changed(badge, path, value)), f"{path} may be {value}"
    for path, value in SO_TOO:
        assert [error.message for error in CLASSES.iter_errors(changed(badge, path, value))] == [], path


def changed(badge: Any, path: str, value: Any) -> Any:
    other = copy.deepcopy(badge)
    owner, _slash, name = path.rpartition("/")
    place = inside(other, owner)
    if isinstance(place, list):
        place[int(name) :] = [value, *place[int(name) + 1 :]]
    else:
        place[name] = value
    return other


# Every property a badge of ours has, wherever it stands: nothing of the holder comes in by the side.
OURS = {
    "": "@context credentialStatus credentialSubject id issuer name type validFrom validUntil",
    "credentialStatus": "id statusListCredential statusListIndex statusPurpose type",
    "credentialSubject": "achievement id identifier type",
    "credentialSubject/achievement": "achievementType criteria description id inLanguage name type",
    "credentialSubject/achievement/criteria": "id narrative",
    "credentialSubject/identifier/0": "hashed identityHash identityType salt type",
    "issuer": "id name type url",
}


def properties(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        found = {path: " ".join(sorted(value))}
        return found | {each: names for name in value for each, names in properties(value[name], f"{path}/{name}".lstrip("/")).items()}
    return (
        {each: names for at, one in enumerate(value) for each, names in properties(one, f"{path}/{at}").items()}
        if isinstance(value, list)
        else {}
    )


def test_a_badge_carries_nothing_else(client: Any, certificate: Certificate) -> None:
    assert properties(client.get(f"/certificates/{certificate.number}/badge.json").json()) == OURS


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
    for address in (*addresses, claims["credentialStatus"]["statusListCredential"]):
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


def test_the_holder_is_called_by_a_random_urn_that_a_renewal_keeps(client: Any, academy: Academy, certificate: Certificate) -> None:
    path = f"/certificates/{certificate.number}/badge.json"
    subject = client.get(path).json()["credentialSubject"]["id"]
    assert uuid.UUID(subject).version == 4
    assert subject == f"urn:uuid:{uuid.UUID(subject)}"
    actions.renew_certificate(viewer=academy.viewer(academy.director), certificate=certificate, happened_at=at(5, 1, year=2027))
    assert client.get(f"{path}?term=2028-06-17").json()["credentialSubject"]["id"] == subject
    with writing():
        other = actions.certify_from_paper(
            viewer=academy.viewer(academy.director), person=academy.town.ye, issuer=academy.centre, since=at(1, 1).date()
        )
    assert client.get(f"/certificates/{other.number}/badge.json").json()["credentialSubject"]["id"] != subject


def published(client: Any, entry: dict[str, str], purpose: str) -> frozenset[int]:
    """The places that an issuer's list of one purpose has set, its signature checked, unpacked with the standard library alone."""
    address = entry["statusListCredential"].rpartition("/")[0] + f"/{purpose}"
    answer = fetched(client, address)
    assert (answer["Content-Type"], answer["Access-Control-Allow-Origin"]) == ("application/vc+jwt", "*")
    claims = verified(client, answer.content.decode())
    assert claims["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert (claims["id"], claims["sub"]) == (address, claims["credentialSubject"]["id"])
    subject = claims["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", purpose)
    assert subject["encodedList"][0] == "u"
    assert "=" not in subject["encodedList"]
    packed = subject["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert len(bits) * 8 >= 131_072
    return frozenset(place for place in range(len(bits) * 8) if bits[place // 8] >> (7 - place % 8) & 1)


def test_the_status_lists_tell_suspended_from_revoked(client: Any, academy: Academy, certificate: Certificate) -> None:
    entry = client.get(f"/certificates/{certificate.number}/badge.json").json()["credentialStatus"]
    director = academy.viewer(academy.director)
    assert (entry["type"], entry["statusPurpose"]) == ("BitstringStatusListEntry", "suspension")
    assert entry["id"] != entry["statusListCredential"]
    place = int(entry["statusListIndex"])

    def set_in() -> list[str]:
        return [purpose for purpose in ("suspension", "revocation") if published(client, entry, purpose) == {place}]

    assert set_in() == []
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="away")
    assert set_in() == ["suspension"]
    actions.resume_certificate(viewer=director, certificate=certificate)
    assert set_in() == []
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="misconduct")
    assert set_in() == ["suspension", "revocation"]


def test_an_independent_verifier_refuses_what_is_suspended_or_revoked(client: Any, academy: Academy, certificate: Certificate) -> None:
    badge = client.get(f"/certificates/{certificate.number}/badge.jwt").content.decode()
    key = JWK(**client.get("/certificates/keys.json").json()["keys"][0]).export_to_pem()
    director = academy.viewer(academy.director)

    def check() -> None:
        # The library asks the machine's clock whether the list is of today.
        with clock.frozen(datetime.now(UTC)):
            check_credential_status(
                OB3Verifier(key).verify(badge), lambda url: fetched(client, url).content, verify_list=True, list_pubkey_pem=key
            )

    check()
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="away")
    with pytest.raises(OB3VerificationError, match="'suspension' is set"):
        check()
    actions.resume_certificate(viewer=director, certificate=certificate)
    check()
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="misconduct")
    with pytest.raises(OB3VerificationError, match="is set"):
        check()


def test_a_status_list_is_good_for_a_day_and_has_two_purposes(client: Any, certificate: Certificate) -> None:
    lists = f"/certificates/issuers/{certificate.issuer.code}/status"
    claims = verified(client, client.get(f"{lists}/revocation").content.decode())
    assert (claims["validFrom"], claims["validUntil"]) == ("2026-07-01T01:00:00Z", "2026-07-02T01:00:00Z")
    assert [client.get(f"{lists}/{name}").status_code for name in ("message", "status")] == [404, 404]
    assert client.get("/certificates/issuers/nobody/status/revocation").status_code == 404


def test_a_badge_signed_before_the_status_lists_still_answers(client: Any, academy: Academy, certificate: Certificate) -> None:
    holder = openbadges.Holder("HL-ZY-0000000001")
    claims = openbadges.credential(certificate, valid_from=at(6, 18).date(), valid_until=at(6, 16, year=2028).date(), holder=holder)
    claims["credentialStatus"] = {"id": openbadges.status_url(certificate.issuer), "type": "1EdTechRevocationList"}
    del claims["credentialSubject"]["id"]
    signed = JWS(json.dumps({"iss": claims["issuer"]["id"], "jti": claims["id"], **claims}))
    key = openbadges.current_key()
    private = JWK.from_pem(key_file(key.key_id).read_bytes())
    signed.add_signature(private, protected=json.dumps({"alg": "EdDSA", "typ": "JWT", "kid": openbadges.key_url(key)}))
    certificate.terms.create(
        valid_from=at(6, 18).date(), valid_until=at(6, 16, year=2028).date(), badge=signed.serialize(compact=True), signed_at=at(6, 18)
    )
    path = f"/certificates/{certificate.number}/badge"
    assert client.get(f"{path}.json?term=2028-06-16").json() == claims
    assert verified(client, client.get(f"{path}.jwt?term=2028-06-16").content.decode())["jti"] == claims["id"]

    def listed() -> list[tuple[bool, str]]:
        rows = fetched(client, claims["credentialStatus"]["id"]).json()["revokedCredential"]
        return [(row["revoked"], row["revocationReason"]) for row in rows if row["id"] == claims["id"]]

    director = academy.viewer(academy.director)
    assert listed() == []
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="away")
    assert listed() == [(False, "suspended")]
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="misconduct")
    assert listed() == [(True, "revoked")]


def test_a_renewed_certificate_keeps_the_badges_of_earlier_terms(client: Any, academy: Academy, certificate: Certificate) -> None:
    actions.renew_certificate(viewer=academy.viewer(academy.director), certificate=certificate, happened_at=at(5, 1, year=2027))
    path = f"/certificates/{certificate.number}/badge.json"
    ends = [client.get(f"{path}?term={end}").json()["validUntil"] for end in ("2027-06-17", "2028-06-17")]
    assert ends == ["2027-06-17T15:59:59Z", "2028-06-17T15:59:59Z"]
    assert client.get(path).json()["validUntil"] == ends[0]  # the one that runs
    assert client.get(f"{path}?term=2029-06-17").status_code == 404


def test_a_badge_is_still_read_when_the_site_has_moved(client: Any, certificate: Certificate, settings: Any) -> None:
    before = client.get(f"/certificates/{certificate.number}/badge.json").json()
    settings.SITE_URL = "https://elsewhere.example"
    assert client.get(f"/certificates/{certificate.number}/badge.json").json() == before


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
