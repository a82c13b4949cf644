"""services 0002: what was seen of licences goes over to the talents' book."""

import json
from collections.abc import Callable

import pytest

from bench.towns import Ground

# Two bodies offer clinics: the first asks for nurses, the second for nurses and for a doctor. Nobody asks for a cook.
CARRY = """
import json
from datetime import UTC, date, datetime
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

before = [("services", "0001_initial"), ("talents", "0001_initial"), ("foundation", "0006_lives")]
MigrationExecutor(connection).migrate(before)
apps = MigrationExecutor(connection).loader.project_state(before).apps
at = datetime(2026, 3, 2, 4, tzinfo=UTC)

def put(model, **values):
    return apps.get_model(model).objects.create(**values)

town = put("foundation.Place", code="hengli", kind="town", name="横沥镇", lineage="hengli", plan_x=None, plan_y=None)
nurse, doctor, clerk = (put("foundation.Person", name=name, created_at=at) for name in ("护师", "医生", "经办"))
first, second = (put("organisations.Body", code=code, kind="team", name=code, place=town) for code in ("first", "second"))
for body, licences in ((first, {"nurse": "nurse"}), (second, {"nurse": "nurse", "doctor": "doctor"})):
    put("services.Service", code=body.code, kind="clinic", name="义诊", body=body, place=town, licences=licences, created_at=at, changed_at=at)
put("talents.Licence", person=doctor, kind="doctor", number="D-1", number_salt="00", expires_on=date(2027, 1, 1), checked_by=clerk, checked_for=second,
    checked_on=date(2026, 1, 1))
for person, kind, expires_on, seen_by in (
    (nurse, "nurse", date(2026, 6, 30), clerk),
    (nurse, "nurse", date(2028, 6, 30), clerk),
    (nurse, "cook", date(2028, 6, 30), clerk),
    (clerk, "nurse", date(2028, 6, 30), None),
    (doctor, "doctor", date(2029, 6, 30), clerk),
    (doctor, "nurse", date(2025, 6, 30), clerk),
):
    put("services.SeenLicence", person=person, kind=kind, expires_on=expires_on, seen_at=at, seen_by=seen_by)
after = [("services", "0002_licences")]
MigrationExecutor(connection).migrate(after)
apps = MigrationExecutor(connection).loader.project_state(after).apps
kept = apps.get_model("talents.Licence").objects.order_by("person_id", "kind")
print(json.dumps([[*map(str, row)] for row in kept.values_list(
    "person__name", "kind", "number", "expires_on", "checked_by__name", "checked_for__code", "checked_on")], ensure_ascii=False))
print(json.dumps("services_seenlicence" in connection.introspection.table_names()))
"""


@pytest.mark.thorough
def test_licences_that_were_seen_are_carried_over(new_ground: Callable[..., Ground]) -> None:
    kept, seen_table = map(json.loads, new_ground(empty=True).python(CARRY).splitlines())
    assert kept == [
        # Of two papers of a kind the one that ends last; for the body that asked for it first.
        ["护师", "nurse", "", "2028-06-30", "经办", "first", "2026-03-02"],
        # What is checked there already stays as it is.
        ["医生", "doctor", "D-1", "2027-01-01", "经办", "second", "2026-01-01"],
        # An expired one goes over as it is, to be seen as expired.
        ["医生", "nurse", "", "2025-06-30", "经办", "first", "2026-03-02"],
    ]
    # A cook's, which no service asks for, and one that nobody we know has seen have to be shown again.
    assert seen_table is False
