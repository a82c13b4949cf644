"""The sealed journal: a queue that every entry joins by a trigger, and append-only tables of leaves, nodes, heads and keys."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPEND_ONLY = ("sealedleaf", "sealednode", "sealedhead", "signingkey")

SQLITE = [
    f"""
    CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON foundation_{table}
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """
    for table in APPEND_ONLY
    for verb in ("update", "delete")
] + [
    """
    CREATE TRIGGER entry_unsealed AFTER INSERT ON foundation_entry
    BEGIN INSERT INTO foundation_unsealedentry (entry_id, written_in) VALUES (NEW.id, 0); END
    """
]
POSTGRESQL = [
    statement
    for table in APPEND_ONLY
    for statement in (
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON foundation_{table}
        FOR EACH ROW EXECUTE FUNCTION foundation_entry_append_only()
        """,
        f"""
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON foundation_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION foundation_entry_append_only()
        """,
    )
] + [
    """
    CREATE FUNCTION foundation_entry_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO foundation_unsealedentry (entry_id, written_in) VALUES (NEW.id, pg_current_xact_id()::text::bigint);
        RETURN NULL;
    END $$
    """,
    # Waits for whoever is writing entries, and keeps others out until this is committed: none can slip between the trigger and the copy.
    """
    CREATE TRIGGER entry_unsealed AFTER INSERT ON foundation_entry
    FOR EACH ROW EXECUTE FUNCTION foundation_entry_unsealed()
    """,
]
WRITTEN_BEFORE = "INSERT INTO foundation_unsealedentry (entry_id, written_in) SELECT id, 0 FROM foundation_entry"


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in [*statements, WRITTEN_BEFORE]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="SealedNode",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_id", models.CharField(max_length=16, unique=True)),
                ("public_key", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SealedLeaf",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "entry",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="foundation.entry"),
                ),
            ],
            options={"verbose_name_plural": "sealed leaves"},
        ),
        migrations.CreateModel(
            name="SealedHead",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("signature", models.BinaryField(max_length=64)),
                (
                    "key",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="foundation.signingkey"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnsealedEntry",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="foundation.entry",
                    ),
                ),
                ("written_in", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "unsealed entries",
                "indexes": [models.Index(fields=["written_in", "entry"], name="unsealed_order")],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
