"""The search index of answers: an FTS5 trigram table that triggers keep in step on SQLite, pg_trgm on PostgreSQL.

Only answers with words are in it. Where PostgreSQL refuses the extension, searching still works, by reading.
"""

from django.db import DatabaseError, migrations, transaction

SQLITE = (
    "CREATE VIRTUAL TABLE surveys_search USING fts5(search_key, content='surveys_answer', content_rowid='id', "
    "tokenize='trigram', detail=none, columnsize=0)",
    "CREATE TRIGGER surveys_search_insert AFTER INSERT ON surveys_answer WHEN new.search_key <> '' BEGIN "
    "INSERT INTO surveys_search(rowid, search_key) VALUES (new.id, new.search_key); END",
    "CREATE TRIGGER surveys_search_delete AFTER DELETE ON surveys_answer WHEN old.search_key <> '' BEGIN "
    "INSERT INTO surveys_search(surveys_search, rowid, search_key) VALUES ('delete', old.id, old.search_key); END",
    "CREATE TRIGGER surveys_search_update AFTER UPDATE OF search_key ON surveys_answer WHEN old.search_key <> new.search_key BEGIN "
    "INSERT INTO surveys_search(surveys_search, rowid, search_key) SELECT 'delete', old.id, old.search_key WHERE old.search_key <> ''; "
    "INSERT INTO surveys_search(rowid, search_key) SELECT new.id, new.search_key WHERE new.search_key <> ''; END",
)
POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX surveys_search_words ON surveys_answer USING gin (search_key gin_trgm_ops) WHERE search_key <> ''",
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
            schema_editor.execute(f"DROP TRIGGER surveys_search_{name}")
        schema_editor.execute("DROP TABLE surveys_search")
    else:
        schema_editor.execute("DROP INDEX IF EXISTS surveys_search_words")


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]
    operations = [migrations.RunPython(build, drop)]
