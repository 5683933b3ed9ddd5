"""The search index of customers: pg_trgm on PostgreSQL, an FTS5 trigram table on SQLite.

On SQLite triggers note whose texts changed, with the text the index holds, and the worker brings the index up to date
(services.indexing): it costs several times the row itself. Where PostgreSQL refuses the extension, searching reads.
A migration that rebuilds the table on SQLite drops its triggers and must make them anew.
"""

from django.db import DatabaseError, migrations, transaction

_NOTE = (
    "INSERT INTO customers_search_pending (customer_id, old_search, old_contact) SELECT {0}.profile_id, {1} "
    "WHERE NOT EXISTS (SELECT 1 FROM customers_search_pending p WHERE p.customer_id = {0}.profile_id)"
)
_NEW, _OLD = _NOTE.format("new", "NULL, NULL"), _NOTE.format("old", "old.search_key, old.contact_key")
SQLITE = (
    "CREATE VIRTUAL TABLE customers_search USING fts5(search_key, contact_key, content='customers_searchentry', "
    "content_rowid='profile_id', tokenize='trigram', detail=none, columnsize=0)",
    "CREATE TABLE customers_search_pending (customer_id integer PRIMARY KEY, old_search text, old_contact text)",
    f"CREATE TRIGGER customers_search_insert AFTER INSERT ON customers_searchentry BEGIN {_NEW}; END",
    f"CREATE TRIGGER customers_search_delete AFTER DELETE ON customers_searchentry BEGIN {_OLD}; END",
    "CREATE TRIGGER customers_search_update AFTER UPDATE OF search_key, contact_key ON customers_searchentry "
    f"WHEN old.search_key <> new.search_key OR old.contact_key <> new.contact_key BEGIN {_OLD}; END",
)
POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX customers_search_names ON customers_searchentry USING gin (search_key gin_trgm_ops)",
    "CREATE INDEX customers_search_contacts ON customers_searchentry USING gin (contact_key gin_trgm_ops)",
)


def build(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        for statement in SQLITE:
            schema_editor.execute(statement)
        return
    try:
        with transaction.atomic(using=connection.alias):
            for statement in POSTGRES:
                schema_editor.execute(statement)
    except DatabaseError:
        pass  # the extension was refused: queries read without an index


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER customers_search_{name}")
        schema_editor.execute("DROP TABLE customers_search")
        schema_editor.execute("DROP TABLE customers_search_pending")
    else:
        schema_editor.execute("DROP INDEX IF EXISTS customers_search_names, customers_search_contacts")


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(build, drop)]
