"""The first era everywhere; on PostgreSQL the columns that give readers an order no late commit can slip behind."""

from django.db import migrations

POSTGRES = """
ALTER TABLE timeline_interaction ADD COLUMN era integer NOT NULL DEFAULT 1;
ALTER TABLE timeline_interaction ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX timeline_reading_order ON timeline_interaction (era, xid, id);
"""


def begin(apps, schema_editor):
    apps.get_model("timeline", "Era").objects.get_or_create(number=1)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES)


def undo(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE timeline_interaction DROP COLUMN xid, DROP COLUMN era")


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial")]
    operations = [migrations.RunPython(begin, undo)]
