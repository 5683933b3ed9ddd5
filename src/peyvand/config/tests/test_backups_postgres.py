"""What a backup of PostgreSQL says is read as data, never as a statement."""

from pathlib import Path

import pytest
from django.db import connection

from peyvand.config.backups import postgres
from peyvand.config.command import Abort
from peyvand.core.models import Schedule


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a backup of SQLite is the file itself")
@pytest.mark.parametrize(
    "columns", ["name) FROM PROGRAM 'touch {proof}' --", "name) FROM STDIN; DROP TABLE core_schedule; --", "name, no_such_column"]
)
def test_what_a_backup_calls_columns_is_never_run(tmp_path: Path, columns: str) -> None:
    (tmp_path / postgres.FOLDER).mkdir()
    proof = tmp_path / "proof"
    (tmp_path / postgres.FOLDER / "core_schedule.columns").write_text(columns.format(proof=proof))
    (tmp_path / postgres.FOLDER / "core_schedule.copy").write_bytes(b"")
    Schedule.objects.create(name="kept", last_at="2026-06-15T09:30:00Z")
    with pytest.raises(Abort, match="columns of core_schedule"):
        postgres.load(tmp_path, {"core_schedule": 0}, lambda _bytes: None)
    assert (Schedule.objects.filter(name="kept").exists(), proof.exists()) == (True, False)
