"""`erase-person --rewrite` on PostgreSQL: no byte of an erased person stays in a file of the database, and what is left is told."""

import argparse
import json
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from peyvand.config.command import Abort
from peyvand.config.commands import erase_person
from peyvand.core.db import is_sqlite
from peyvand.privacy.models import Erasure
from peyvand.privacy.services.rewriting import latest_change, rewrite, tables
from peyvand.privacy.services.wiping import Busy
from peyvand.privacy.tests.canaries import MAIL, NEEDLES, live

pytestmark = pytest.mark.django_db(transaction=True)


def said(*words: str) -> int:
    parser = argparse.ArgumentParser()
    erase_person.add_arguments(parser)
    return erase_person.run(parser.parse_args(list(words)))


@pytest.fixture
def own_files() -> None:
    """The database's files can be read through the server."""
    if is_sqlite():
        pytest.skip("SQLite overwrites what is deleted; the suite's run on PostgreSQL has these")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("only a superuser reads the server's files")


def named_in_files() -> set[str]:
    """The relations (tables, indexes, what is kept beside them) in whose files a canary stands."""
    return {name for name, content in _files() if any(needle.encode() in content for needle in NEEDLES)}


def quoted_by_the_planner() -> set[str]:
    """The columns whose statistics quote a canary."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename || '.' || attname, most_common_vals::text, histogram_bounds::text FROM pg_stats")
        return {place for place, *texts in cursor.fetchall() if any(needle in (text or "") for needle in NEEDLES for text in texts)}


def _files() -> Iterator[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid::regclass::text, pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't', 'm')")
        for name, path in cursor.fetchall():
            cursor.execute("SELECT pg_read_binary_file(%s, 0, 1 << 29, true)", [path])
            (content,) = cursor.fetchone()
            yield name, bytes(content or b"")


def test_no_file_of_the_database_names_an_erased_person(brand, no_waiting, own_files, capsys):
    live(brand)
    since = latest_change()
    for table in tables():
        rewrite(table, since)  # so that all of it stands in the files, not in the server's memory alone
    assert {"identities_identity", "timeline_interaction", "timeline_perception", "cases_case", "pg_statistic"} <= named_in_files()
    assert "identities_identity.value" in quoted_by_the_planner()
    assert said(MAIL, "--yes", "--json", "--rewrite") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["left"] == ["write_ahead_log"] == Erasure.objects.get().left
    assert {one["table"] for one in answer["rewritten"]} == {table.name for table in tables()}
    assert quoted_by_the_planner() == set()
    assert named_in_files() == set()


def test_a_table_is_not_rewritten_while_somebody_may_see_what_was_deleted(brand, own_files):
    settings = connection.get_connection_params()
    known = {name: settings[name] for name in ("dbname", "user", "password", "host", "port") if settings.get(name)}
    table = next(table for table in tables() if table.name == "tasks_task")
    with psycopg.connect(**known) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT 1")
        latest_change()  # ends after the reader began to look
        since = latest_change()
        with pytest.raises(Busy, match="older state"):
            rewrite(table, since)
    assert rewrite(table, since).name == "tasks_task"


def test_sqlite_has_no_need_of_it(brand):
    if not is_sqlite():
        pytest.skip("PostgreSQL has tables to write anew; this is what SQLite answers")
    with pytest.raises(Abort, match="for PostgreSQL"):
        said(MAIL, "--yes", "--rewrite")
    assert not Erasure.objects.exists()
