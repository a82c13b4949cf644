"""talents 0002: certificates of before get a place in the status lists and an id for the badges still to come."""

import json
import uuid
from collections.abc import Callable

import pytest

from bench.towns import Ground

MIGRATE = """
import json
from datetime import UTC, date, datetime
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

def at(name):
    target = [("talents", name), ("foundation", "0006_lives")]
    MigrationExecutor(connection).migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps

apps = at("0001_initial")
now = datetime(2026, 3, 2, 4, tzinfo=UTC)

def put(model, **values):
    return apps.get_model(model).objects.create(**values)

town = put("foundation.Place", code="hengli", kind="town", name="横沥镇", lineage="hengli", plan_x=None, plan_y=None)
centre = put("organisations.Body", code="centre", kind="centre", name="中心", place=town)
for number in range(1, 41):
    person = put("foundation.Person", name=f"第 {number} 位", created_at=now)
    certificate = put("talents.Certificate", number=f"HL-DS-2026-{number:04}", person=person, issuer=centre, since=date(2026, 3, 2),
        issued_on=date(2026, 3, 2), valid_until=date(2027, 3, 1), changed_at=now)
    put("talents.CertificateTerm", certificate=certificate, valid_from=date(2026, 3, 2), valid_until=date(2027, 3, 1), badge="a.b.c", signed_at=now)
apps = at("0002_status_lists")
print(json.dumps([[str(row[0]), row[1]] for row in apps.get_model("talents.Certificate").objects.order_by("number").values_list("subject", "status_index")]))
try:
    with transaction.atomic():
        apps.get_model("talents.CertificateTerm").objects.update(badge="")
    print(json.dumps("changed"))
except DatabaseError:
    print(json.dumps("kept"))
apps = at("0001_initial")
print(json.dumps(apps.get_model("talents.CertificateTerm").objects.filter(certificate__number="HL-DS-2026-0007").count()))
"""


@pytest.mark.thorough
def test_certificates_of_before_get_a_place_that_tells_nothing(new_ground: Callable[..., Ground]) -> None:
    places, terms, back = map(json.loads, new_ground(empty=True).python(MIGRATE).splitlines())
    assert len({uuid.UUID(subject) for subject, _index in places}) == 40
    indexes = [index for _subject, index in places]
    assert len(set(indexes)) == 40
    assert all(0 <= index < 131_072 for index in indexes)
    assert indexes != sorted(indexes)
    # Signed terms are kept from change as before, and the way back loses no certificate.
    assert (terms, back) == ("kept", 1)
