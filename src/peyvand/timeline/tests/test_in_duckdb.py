"""DuckDB in this process: what it remembers of files that are no more is let go, while others are still being answered."""

import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peyvand.timeline.engines import in_duckdb
from peyvand.timeline.lake import places
from peyvand.timeline.lake.rooms import own_room

SQL = "SELECT count(*), sum(customer) FROM identities"


@pytest.fixture
def write(data_folder):
    """Writes a file of as many identities as its number says, in the lake."""
    folder = places.lake_path() / places.IDENTITIES
    folder.mkdir(parents=True)

    def write(number: int) -> str:
        path = folder / f"{number}.parquet"
        schema = places.schema(places.IDENTITIES)
        pq.write_table(pa.table(dict.fromkeys(schema.names, [1] * number), schema), path)
        return str(path)

    return write


def read(*files):
    return in_duckdb.read(SQL, {}, {places.IDENTITIES: files})


def test_a_database_that_remembers_too_many_files_is_made_anew(write, monkeypatch):
    monkeypatch.setattr(in_duckdb, "REMEMBERED", 3)
    steady, met = write(100), set()
    for number in range(1, 9):
        assert read(steady, write(number)) == [(100 + number, 100 + number)]
        met.add(in_duckdb._databases[places.lake_path()])
    assert [one._retired for one in met].count(False) == 1
    assert len(met) == 2
    assert all(not one._at_rest for one in met if one._retired), "whatever it held is let go"


def test_what_memory_does_not_hold_lies_in_the_data_folder_as_long_as_it_is_needed(write, monkeypatch):
    monkeypatch.setattr(in_duckdb, "MEMORY", "40MB")
    connection = in_duckdb._database({write(1)})._first
    assert connection.execute("SELECT current_setting('temp_directory')").fetchone() == (str(own_room()),)
    connection.execute("CREATE TABLE kept AS SELECT range, repeat('x', 80) || range AS words FROM range(600000)")
    assert sum(file.stat().st_size for file in own_room().iterdir()) > 1_000_000
    connection.execute("DROP TABLE kept")
    assert list(own_room().iterdir()) == []


def test_who_is_being_answered_while_it_is_made_anew_gets_the_answer(write, monkeypatch):
    monkeypatch.setattr(in_duckdb, "REMEMBERED", 0)
    first, second = write(1), write(2)
    database = in_duckdb._database({first})
    with database.connection() as connection:
        other = threading.Thread(target=read, args=(second,))
        other.start()
        other.join(20)
        assert database._retired
        assert connection.execute("SELECT count(*) FROM read_parquet($files)", {"files": [first]}).fetchall() == [(1,)]
    assert read(second) == [(2, 2)]
    with pytest.raises(in_duckdb.FilesGone):
        read(str(places.lake_path() / "identities" / "gone.parquet"))
