"""A month's scores lie in order, whatever is copied meanwhile, and no words stay behind where they were sorted."""

import datetime as dt
import os
import random
import socket
import subprocess

import pyarrow.parquet as pq
import pytest

from peyvand.timeline.lake import places, tending
from peyvand.timeline.lake.presence import present
from peyvand.timeline.lake.rooms import own_room
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.tests.test_lake import NOON, answered, brand, flush_all, now, record
from peyvand.timeline.types import PerceptionIn
from peyvand.timeline.warehouse import read

__all__ = ["brand", "now"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_months_scores_lie_by_workspace_measure_channel_and_time(brand, now, monkeypatch):
    monkeypatch.setattr(tending, "SMALL_FILES", 3)
    chance, twin = random.Random(7), make_workspace("Twin")
    for _ in range(3):
        for workspace in (brand, twin):
            items = [
                make_item(
                    kind="review.written",
                    perceptions=[PerceptionIn(chance.choice(("nps", "csat")), 4.0, text="خوب")],
                    channel=chance.choice(("sms", "web", "")),
                    occurred_at=NOON - dt.timedelta(days=chance.randint(0, 80)),
                )
                for _ in range(40)
            ]
            record(workspace, items)
        flush_all()
    rows = "SELECT id, workspace, measure, value, text, channel, epoch_us(occurred_at), month FROM perceptions ORDER BY id"
    before = read(rows, {})
    tending.tend()
    assert (len(before), read(rows, {})) == (240, before)
    files = present(places.PERCEPTIONS).files
    assert len(files) == len({row[-1] for row in before}), "one a month"
    for file in files:
        lies = pq.read_table(file, columns=["workspace", "measure", "channel", "occurred_at"], partitioning=None)
        assert lies.equals(lies.sort_by([(name, "ascending") for name in lies.column_names]))
    assert list(own_room().iterdir()) == [], "no words are left where they were sorted"


def test_words_that_a_killed_process_left_are_taken_away(brand, now):
    host, dead = socket.gethostname(), subprocess.Popen(["true"])
    dead.wait()
    left = {name: own_room().parent / f"{name}:c0ffee" / "words.tmp" for name in (f"{host}:{dead.pid}", f"{host}:1", "elsewhere:1")}
    for file in left.values():
        file.parent.mkdir()
        file.write_text("خوب")
        os.utime(file, (NOON.timestamp() - 3000,) * 2)
    former = own_room().parent.with_name("sorting") / "tmp1" / "words.tmp"
    former.parent.mkdir(parents=True)
    former.write_text("خوب")
    tending.tend()
    assert not former.parent.parent.exists(), "nobody sorts where an earlier release did"
    assert [file.exists() for file in left.values()] == [False, True, True], "others may be at it"
    os.utime(left["elsewhere:1"], (NOON.timestamp() - 4000,) * 2)
    tending.tend()
    assert [file.exists() for file in left.values()] == [False, True, False], "nothing takes an hour"


def test_what_is_copied_while_scores_are_sorted_is_there_too(brand, now):
    for _ in range(2):
        record(brand, answered(3))
        flush_all()
    stale = places.open_table(places.PERCEPTIONS)
    record(brand, answered(5))
    flush_all()
    tending._sort(stale)
    assert read("SELECT count(*), count(DISTINCT id) FROM perceptions", {}) == [(11, 11)]


def test_what_is_written_anew_lies_as_all_else(brand, now):
    """The files of a month that lost a batch or words are laid out for readers as those that were copied."""
    record(brand, answered(3))
    batch = open_batch(workspace=brand, label="file")
    record(brand, answered(3), batch=batch.pk)
    flush_all()
    undo_batch(batch=batch)
    flush_all()
    for table in (places.INTERACTIONS, places.PERCEPTIONS):
        (file,) = present(table).files
        columns = pq.ParquetFile(file).metadata.row_group(0)
        told = {columns.column(n).path_in_schema: columns.column(n) for n in range(columns.num_columns)}
        assert "DELTA_BINARY_PACKED" in told["id"].encodings
        assert {one.compression for one in told.values()} == {"ZSTD"}
