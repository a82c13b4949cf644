"""Landed schemas, kept with data, so that a town that runs today can always be brought up to date.

`python -m tests.migrations.landed NAME` begins a small town on an empty database and writes `landed/NAME.json.gz`: the last migration of every app,
the digest of every migration so far (a landed migration is never edited), and every row. The test brings an empty database to those migrations,
puts the rows in, and migrates on to today's.
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from bench.towns import Ground, ground

HERE = Path(__file__).parent / "landed"
PACKAGE = Path(__file__).resolve().parents[2] / "src" / "doorstep"
# Rows that triggers or migrations write by themselves.
MADE_ANYWAY = {"django_migrations", "django_content_type", "auth_permission", "foundation_unsealed"}

BEGIN = """
from datetime import date
from doorstep.affairs import actions
from doorstep.affairs.models import RoutingRule
from doorstep.affairs.queries import category_by_code
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.actions import create_account, create_person, issue_token
from doorstep.foundation.journal.actions import SYSTEM, Actor
from doorstep.foundation.journal.testing import seal_now
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.roll_import import import_table

town = Place.objects.get(code="hengli")
estate = create_place(code="ruikang", kind="estate", name="瑞康花园", parent=town, by=SYSTEM)
rows = list(demo_roll_rows())
import_table(estate=estate, table=rows[:40], by=SYSTEM)
body = create_body(code="hengan", kind="property_company", name="恒安物业", place=estate, by=SYSTEM)
manager = create_person(name="罗建文", phone="13800010002")
create_account(person=manager, login="luo", password="a-password-of-this-run")
give_post(body=body, title="物业经理", person=manager, held_from=date(2020, 1, 1), by=SYSTEM)
RoutingRule.objects.create(place=estate, category=None, body=body)
resident = create_person(name="刘玉梅", phone="13900000001")
issue_token(account=create_account(person=resident, login="liu", phone=resident.phone))
works, lives = build_viewer(person_id=manager.pk), build_viewer(person_id=resident.pk)
for n in range(6):
    matter = actions.raise_matter(by=Actor(person_id=resident.pk), reporter_id=resident.pk, place=estate, is_public=n != 5,
                                  category=category_by_code("lighting"), text=f"第 {n} 件：楼道灯不亮。")
    if n > 0: actions.answer_matter(viewer=works, matter=matter, text="今晚去换。")
    if n > 1: actions.report_done(viewer=works, matter=matter, text="换好了。")
    if n == 3: actions.dispute_done(viewer=lives, matter=matter, text="又灭了。")
    if n == 4: actions.confirm_done(viewer=lives, matter=matter)
deliver_pending()
seal_now()
"""

WRITE = """
import json, sys
from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder
applied = sorted(MigrationRecorder.Migration.objects.values_list("app", "name"))
rows = {}
for model in apps.get_models():
    fields = model._meta.local_concrete_fields
    kept = [[value if (value := field.value_from_object(row)) is None or field.get_internal_type() == "JSONField" else field.value_to_string(row)
             for field in fields] for row in model._base_manager.order_by("pk")]
    if kept and model._meta.db_table not in SKIPPED:
        rows[model._meta.label_lower] = {"columns": [field.attname for field in fields], "rows": kept}
json.dump({"applied": applied, "rows": rows}, sys.stdout, ensure_ascii=False)
"""

REPLAY = """
import gzip, json, re
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

with gzip.open(FIXTURE, "rt", encoding="utf-8") as file:
    landed = json.load(file)
targets = sorted(dict(landed["applied"]).items())  # the last of every app
executor = MigrationExecutor(connection)
executor.migrate(targets)
apps = MigrationExecutor(connection).loader.project_state(targets).apps
models = []
with transaction.atomic():
    for label, kept in landed["rows"].items():
        model = apps.get_model(label)
        models.append(model)
        columns = kept["columns"]
        fields = [model._meta.get_field(name.removesuffix("_id")) if name.endswith("_id") and name not in {f.name for f in model._meta.fields}
                  else model._meta.get_field(name) for name in columns]
        made = [model(**{name: value if value is None or field.get_internal_type() == "JSONField" else field.to_python(value)
                         for name, field, value in zip(columns, fields, row, strict=True)}) for row in kept["rows"]]
        model._base_manager.bulk_create(made, batch_size=200)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        # The rows come from SQLite, where a row counts; on PostgreSQL a sequence does (ADR 4).
        for prefix, year, last in apps.get_model("foundation.numberseries").objects.values_list("prefix", "year", "last") if connection.vendor == "postgresql" else ():
            name = "number_" + re.sub(r"[^a-z0-9]+", "_", f"{prefix}_{year}".lower())
            cursor.execute(f"CREATE SEQUENCE {name} START {last + 1}")
call_command("migrate", verbosity=0, interactive=False)
print("migrated")
"""


def digests() -> dict[str, str]:
    """SHA-256 of every migration of the project."""
    files = sorted(path for path in PACKAGE.glob("*/migrations/0*.py"))
    return {f"{path.parts[-3]}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read(name: str) -> dict[str, Any]:
    with gzip.open(HERE / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in HERE.glob("*.json.gz"))


def replay(name: str, town: Ground) -> None:
    """Bring an empty database to a landed schema with its data, and on to today's."""
    said = town.python(REPLAY.replace("FIXTURE", repr(str(HERE / f"{name}.json.gz"))))
    if said.strip() != "migrated":
        raise RuntimeError(said)


def write(name: str) -> None:
    with ground("sqlite") as town:
        town.begin()
        town.python(BEGIN)
        content = json.loads(town.python(WRITE.replace("SKIPPED", repr(MADE_ANYWAY))))
    landed = {"name": name, "digests": digests(), **content}
    HERE.mkdir(exist_ok=True)
    with gzip.GzipFile(HERE / f"{name}.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(landed, ensure_ascii=False, sort_keys=True).encode())


if __name__ == "__main__":
    write(sys.argv[1])
