"""The databases themselves refuse to change or remove a journal entry."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    f"""
    CREATE TRIGGER entry_no_{verb} BEFORE {verb.upper()} ON foundation_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """
    for verb in ("update", "delete")
]
POSTGRESQL = [
    """
    CREATE FUNCTION foundation_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
    """,
    """
    CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON foundation_entry
    FOR EACH ROW EXECUTE FUNCTION foundation_entry_append_only()
    """,
    """
    CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON foundation_entry
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_entry_append_only()
    """,
]


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
