"""The lake holds what the records hold: after kills, repeats, undone batches, late events, a full disk, compaction."""

import datetime as dt
import errno
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deltalake import DeltaTable

from peyvand.core import clock
from peyvand.identities.models import Customer, Identity, IdentityMove
from peyvand.identities.services import create_customer
from peyvand.identities.types import IdentityType
from peyvand.timeline.lake import flushing, places, snapshots, tending, undoing
from peyvand.timeline.lake.flushing import LEASE, flush_once, planned_step
from peyvand.timeline.lake.presence import present
from peyvand.timeline.lake.rebuilding import rebuild
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.models import Batch, Interaction, LakeFlush, Perception
from peyvand.timeline.services import open_batch, record_many, remove_undone, undo_batch
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import PerceptionIn
from peyvand.timeline.warehouse import read
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_owner

pytestmark = pytest.mark.django_db(transaction=True)
NOON = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def brand(transactional_db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def now() -> Iterator[clock.Frozen]:
    with clock.frozen(NOON) as frozen:
        yield frozen


def answered(n: int, **fields: object) -> list:
    """n answers of NPS, on different days, half by SMS."""
    return [
        make_item(
            kind="review.written",
            who=f"person-{i}",
            occurred_at=NOON - dt.timedelta(days=i % 40, hours=1),
            channel="sms" if i % 2 else "web",
            branch="vanak" if i % 3 else "",
            perceptions=[PerceptionIn("nps", float(i % 11))],
            **fields,
        )
        for i in range(n)
    ]


def record(brand: Workspace, items: list, **more: object) -> list:
    """Record items, and wait until the copy may read them."""
    outcomes = record_many(brand.pk, items, **more)
    settle()
    return outcomes


def everything() -> tuple[int, int, int]:
    """How many interactions and perceptions the lake holds, and how many scores the cube counts."""
    rows = read(
        "SELECT (SELECT count(*) FROM interactions), (SELECT count(*) FROM perceptions), "
        "(SELECT coalesce(sum(n), 0)::BIGINT FROM rollups WHERE dimension = 'cube')",
        {},
    )
    return rows[0]


def flush_all() -> int:
    total = 0
    while copied := flush_once():
        total += copied
    return total


def test_what_was_recorded_is_in_the_lake_once(brand, now):
    record(brand, answered(30))
    assert flush_all() == 30
    assert everything() == (30, 30, 30)
    assert flush_once() == 0


def test_an_empty_timeline_makes_no_lake(brand, now):
    assert flush_once() == 0
    assert not places.lake_path().exists()
    assert everything() == (0, 0, 0)


STEPS = {
    "before any table": (flushing, "append", 0),
    "after the first table": (flushing, "append", 1),
    "after the second table": (flushing, "append", 2),
    "before it was noted as done": (flushing, "_finish", 0),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_between_two_steps_loses_and_doubles_nothing(brand, now, monkeypatch, step):
    module, name, after = STEPS[step]
    record(brand, answered(24))
    with monkeypatch.context() as patched:
        _die_after(patched, module, name, after)
        with pytest.raises(Killed):
            flush_once()
    record(brand, [make_item(kind="review.written", who="late", perceptions=[PerceptionIn("nps", 9.0)], occurred_at=NOON)])
    LakeFlush.objects.update(holder="elsewhere:7:ab")
    assert flush_once() == 0, "the lease of a worker on another machine still holds"
    now.advance(LEASE + dt.timedelta(seconds=1))
    flush_all()
    assert everything() == (25, 25, 25)
    assert LakeFlush.objects.filter(state=LakeFlush.State.PLANNED).count() == 0


@pytest.mark.parametrize("ours", [True, False], ids=["by ourselves", "by a process that is no more"])
def test_what_was_left_unfinished_here_waits_for_no_lease(brand, now, monkeypatch, ours):
    record(brand, answered(12))
    with monkeypatch.context() as patched:
        _die_after(patched, flushing, "append", 1)
        with pytest.raises(Killed):
            flush_once()
    if not ours:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        LakeFlush.objects.update(holder=f"{socket.gethostname()}:{gone.pid}:ab")
    assert flush_all() == 12
    assert everything() == (12, 12, 12)


def _die_after(patched: pytest.MonkeyPatch, module: object, name: str, calls: int) -> None:
    real: Callable[..., object] = getattr(module, name)
    done = Counter()

    def dying(*args: object, **kwargs: object) -> object:
        if done["calls"] >= calls:
            raise Killed
        done["calls"] += 1
        return real(*args, **kwargs)

    patched.setattr(module, name, dying)


def test_two_workers_never_hold_one_step(brand, now):
    record(brand, answered(5))
    mine, _rows = planned_step(100)
    assert mine is not None
    LakeFlush.objects.update(holder="elsewhere:7:ab")
    assert planned_step(100) == (None, [])
    assert flush_once() == 0
    now.advance(LEASE + dt.timedelta(seconds=1))
    taken, _rows = planned_step(100)
    assert taken is not None
    assert taken.pk == mine.pk, "the step is taken over, not planned anew"
    LakeFlush.objects.update(holder="elsewhere:8:ab")
    assert planned_step(100) == (None, [])


def test_a_lease_of_a_clock_that_went_wrong_holds_nobody_up(brand, now):
    record(brand, answered(5))
    now.advance(dt.timedelta(days=1))
    assert planned_step(100)[0] is not None
    LakeFlush.objects.update(holder="elsewhere:7:ab")
    now.advance(dt.timedelta(days=-1))
    assert flush_all() == 5
    assert everything() == (5, 5, 5)


def test_an_undone_batch_leaves_the_lake_exactly(brand, now):
    batch = open_batch(workspace=brand, label="orders.csv")
    record(brand, answered(10))
    record(brand, answered(14), batch=batch.pk)
    flush_all()
    assert everything() == (24, 24, 24)
    undo_batch(batch=batch)
    flush_all()
    assert everything() == (10, 10, 10)
    assert Batch.objects.get(pk=batch.pk).out_of_lake
    list(remove_undone(batch=batch))
    assert Interaction.objects.count() == Perception.objects.count() == 10
    negative = read("SELECT count(*) FROM (SELECT sum(n) n FROM rollups GROUP BY ALL) WHERE n < 0", {})
    assert negative == [(0,)]


def test_who_was_made_by_hand_stays_when_an_import_that_names_them_is_undone(brand, now):
    batch = open_batch(workspace=brand, label="orders.csv")
    owner = create_owner(workspace=brand, email="owner@golestan.example", password="a-long-password-4", name="Owner").user
    made = create_customer(workspace=brand, name="Alice", identities=[(IdentityType.OWN_ID.value, "alice")], actor=owner)
    record(brand, [make_item(who="alice"), make_item(who="bob")], batch=batch.pk)
    flush_all()
    undo_batch(batch=batch)
    flush_all()
    list(remove_undone(batch=batch))
    assert not Interaction.objects.exists()
    assert list(Customer.objects.values_list("pk", flat=True)) == [made.pk]


@pytest.mark.parametrize("calls", [0, 1])
def test_a_kill_while_a_batch_is_taken_away_takes_it_away_once(brand, now, monkeypatch, calls):
    batch = open_batch(workspace=brand, label="orders.csv")
    record(brand, answered(6))
    record(brand, answered(8), batch=batch.pk)
    flush_all()
    undo_batch(batch=batch)
    with monkeypatch.context() as patched:
        _die_after(patched, *((undoing, "append", 0) if not calls else (flushing, "_finish", 0)))
        with pytest.raises(Killed):
            flush_once()
    now.advance(LEASE + dt.timedelta(seconds=1))
    flush_all()
    assert everything() == (6, 6, 6)


def test_a_batch_undone_before_it_was_copied_never_enters_the_lake(brand, now):
    batch = open_batch(workspace=brand, label="orders.csv")
    record(brand, answered(9), batch=batch.pk)
    undo_batch(batch=batch)
    flush_all()
    record(brand, answered(2), batch=batch.pk)
    flush_all()
    assert everything() == (0, 0, 0)


def test_a_late_event_lands_on_its_own_day(brand, now):
    record(brand, [make_item(kind="review.written", perceptions=[PerceptionIn("nps", 2.0)], occurred_at=NOON)])
    flush_all()
    long_ago = dt.datetime(2025, 3, 20, 21, 0, tzinfo=dt.UTC)  # after midnight in Tehran: 1 Farvardin
    record(brand, [make_item(kind="review.written", perceptions=[PerceptionIn("nps", 10.0)], occurred_at=long_ago)])
    flush_all()
    rows = read("SELECT day, zone, n FROM rollups WHERE dimension = 'cube' ORDER BY day", {})
    assert rows == [(dt.date(2025, 3, 21), "Asia/Tehran", 1), (dt.date(2026, 6, 15), "Asia/Tehran", 1)]


def test_a_full_disk_costs_nothing_and_heals(brand, now, monkeypatch):
    record(brand, answered(12))

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("deltalake.write_deltalake", full)
        with pytest.raises(OSError, match="No space"):
            flush_once()
    now.advance(LEASE + dt.timedelta(seconds=1))
    flush_all()
    assert everything() == (12, 12, 12)


def test_compaction_changes_no_figure_and_leaves_few_files(brand, now, monkeypatch):
    monkeypatch.setattr(tending, "SMALL_FILES", 3)
    for _ in range(6):
        record(brand, [make_item(kind="review.written", perceptions=[PerceptionIn("nps", 7.0)], occurred_at=NOON)])
        flush_all()
    before = len(present(places.PERCEPTIONS).files)
    assert tending.tend() == 3
    assert len(present(places.PERCEPTIONS).files) < before
    assert everything() == (6, 6, 6)


def test_counts_of_one_slice_are_added_up_and_what_cancels_out_goes(brand, now, monkeypatch):
    monkeypatch.setattr(tending, "SMALL_FILES", 3)
    for n in range(6):
        batch = open_batch(workspace=brand, label=f"import {n}")
        item = make_item(kind="review.written", perceptions=[PerceptionIn("nps", 7.0 - n // 5)], occurred_at=NOON)
        record_many(brand.pk, [item], batch=batch.pk)
        settle()
        flush_all()
    undo_batch(batch=batch)
    flush_all()
    counted = "SELECT value, sum(n), count(*) FROM rollups WHERE dimension = 'cube' GROUP BY value ORDER BY value"
    assert read(counted, {}) == [(6.0, 0, 2), (7.0, 5, 5)]
    tending.tend()
    assert read(counted, {}) == [(7.0, 5, 1)]


def test_what_is_copied_while_counts_are_added_up_counts_too(brand, now, monkeypatch):
    record(brand, answered(3))
    flush_all()
    record(brand, answered(4))
    flush_all()
    stale = places.open_table(places.ROLLUPS)
    record(brand, answered(5))
    flush_all()
    tending._add_up(stale)
    assert read("SELECT sum(n) FROM rollups WHERE dimension = 'cube'", {}) == [(12,)]


def test_a_reader_that_lost_a_file_to_compaction_looks_again(brand, now, monkeypatch):
    for _ in range(5):
        record(brand, [make_item(kind="review.written", perceptions=[PerceptionIn("nps", 7.0)], occurred_at=NOON)])
        flush_all()
    assert everything() == (5, 5, 5)
    stale = {table: present(table) for table in (places.INTERACTIONS, places.PERCEPTIONS, places.ROLLUPS)}
    for table in stale:
        target = DeltaTable(str(places.lake_path() / table))
        target.optimize.compact()
        target.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    looks = Counter()

    def seen_before(table: str) -> object:
        looks[table] += 1
        return stale[table] if table in stale and looks[table] == 1 else present(table)

    monkeypatch.setattr("peyvand.timeline.warehouse.present", seen_before)
    assert everything() == (5, 5, 5)
    assert looks[places.PERCEPTIONS] > 1


def test_a_lake_made_anew_holds_the_same(brand, now):
    batch = open_batch(workspace=brand, label="orders.csv")
    record(brand, answered(7))
    record(brand, answered(4), batch=batch.pk)
    flush_all()
    undo_batch(batch=batch)
    flush_all()
    rebuild()
    assert everything() == (0, 0, 0)
    flush_all()
    assert everything() == (7, 7, 7)


def test_the_snapshot_of_identities_follows_a_merge(brand, now):
    alice, bob = record(brand, [make_item(who="alice"), make_item(who="bob")])
    assert snapshot_identities() == 2
    assert snapshot_identities() == 0, "nothing changed"
    Identity.objects.filter(value="bob").update(customer_id=alice.customer_id)
    IdentityMove.objects.create(
        workspace=brand, identity=Identity.objects.get(value="bob"), from_customer_id=bob.customer_id, to_customer_id=alice.customer_id
    )
    snapshots._rest_until = 0.0
    assert snapshot_identities() == 2
    assert read("SELECT count(DISTINCT customer), count(*) FROM identities", {}) == [(1, 2)]


def test_new_identities_are_added_to_the_snapshot(brand, now):
    record(brand, [make_item(who="alice"), make_item(who="bob")])
    assert snapshot_identities() == 2
    record(brand, [make_item(who="carol"), make_item(who="bob")])
    snapshots._rest_until = 0.0
    assert snapshot_identities() == 1, "only carol is new"
    assert sorted(read("SELECT id FROM identities", {})) == sorted(Identity.objects.values_list("id"))


@pytest.mark.parametrize("changed", ["a removed one", "one that was committed late"])
def test_the_snapshot_is_made_anew_where_older_identities_changed(brand, now, changed):
    record(brand, [make_item(who=who) for who in ("alice", "bob", "carol")])
    bob = Identity.objects.get(value="bob")
    if changed != "a removed one":
        Identity.objects.filter(value="bob").delete()
    snapshot_identities()
    snapshots._rest_until = 0.0
    Identity.objects.filter(value="bob").delete() if changed == "a removed one" else bob.save(force_insert=True)
    record(brand, [make_item(who="dora")])
    assert snapshot_identities() == Identity.objects.count()
    assert sorted(read("SELECT id FROM identities", {})) == sorted(Identity.objects.values_list("id"))


def test_the_snapshot_is_made_anew_where_one_went_and_another_was_committed_late(brand, now):
    """As many as before up to the newest one, and others."""
    record(brand, [make_item(who=who) for who in ("alice", "bob", "carol", "dora")])
    bob = Identity.objects.get(value="bob")
    Identity.objects.filter(value="bob").delete()
    snapshot_identities()
    Identity.objects.filter(value="carol").delete()
    bob.save(force_insert=True)
    record(brand, [make_item(who="eve")])
    snapshots._rest_until = 0.0
    snapshot_identities()
    assert sorted(read("SELECT id FROM identities", {})) == sorted(Identity.objects.values_list("id"))


def test_nobody_is_twice_in_the_snapshot_that_two_processes_write(brand, now, monkeypatch):
    """The eldest worker in its loop, and whichever ends an erasure."""
    states = dict.fromkeys(("eldest", "other"), (snapshots.NOTHING, 0))

    def snapshot_by(name):
        for part, value in zip(("_held", "_rows"), states[name], strict=True):
            monkeypatch.setattr(snapshots, part, value)
        monkeypatch.setattr(snapshots, "_rest_until", 0.0)
        snapshot_identities()
        states[name] = (snapshots._held, snapshots._rows)
        return sorted(row[0] for row in read("SELECT id FROM identities", {}))

    def known():
        return sorted(Identity.objects.values_list("id", flat=True))

    record(brand, [make_item(who=who) for who in ("alice", "bob")])
    for name in states:
        assert snapshot_by(name) == known()
    record(brand, [make_item(who="carol")])
    for name in states:
        assert snapshot_by(name) == known()
    record(brand, [make_item(who="dora")])
    before = states["other"]
    assert snapshot_by("eldest") == known()
    with monkeypatch.context() as quicker:
        quicker.setattr(snapshots, "_rows_of", lambda _table: before[1])  # the other one had looked just before
        assert len(snapshot_by("other")) == 5
    assert snapshot_by("eldest") == known(), "both added her: put right at the next look"


def test_a_snapshot_leaves_no_file_open(brand, now):
    opened = []
    for n in range(6):
        record(brand, [make_item(who=f"person-{n}")])
        snapshots._rest_until = 0.0
        assert snapshot_identities()
        opened.append([str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()])
    kept = [[one for one in these if "sqlite" in one or ".gate" in one or ".queue" in one] for these in opened]
    assert len(kept[-1]) <= len(kept[1]), kept[-1]


def test_a_long_snapshot_gives_way(brand, now, monkeypatch):
    monkeypatch.setattr(snapshots, "AT_ONCE", 2)
    worked = []
    monkeypatch.setattr(snapshots, "give_way", worked.append)
    record(brand, [make_item(who=f"person-{n}") for n in range(5)])
    assert snapshot_identities() == 5
    assert len(worked) == 3
    assert all(seconds > 0 for seconds in worked)


@pytest.mark.parametrize("anew", [True, False])
def test_old_snapshots_of_identities_are_taken_away(brand, now, monkeypatch, anew):
    monkeypatch.setattr(tending, "SMALL_FILES", 3)
    monkeypatch.setattr(tending, "GRACE_HOURS", 0)
    for n in range(6):
        record(brand, [make_item(who=f"person-{n}")])
        snapshots._rest_until = 0.0
        if anew:
            monkeypatch.setattr(snapshots, "_held", snapshots.NOTHING)
        assert snapshot_identities() == (n + 1 if anew else 1)
    folder = places.lake_path() / places.IDENTITIES
    assert len(list(folder.glob("*.parquet"))) >= 6
    assert tending.tend() == 1
    assert [str(file) for file in folder.glob("*.parquet")] == list(present(places.IDENTITIES).files)
    assert read("SELECT count(*) FROM identities", {}) == [(6,)]
    assert tending.tend() == 0


def test_steps_that_are_done_do_not_gather_for_ever(brand, now, monkeypatch):
    monkeypatch.setattr(flushing, "KEPT", 2)
    for _ in range(4):
        record(brand, answered(1))
        flush_all()
    numbers = list(LakeFlush.objects.order_by("number").values_list("number", flat=True))
    assert len(numbers) == 2
    assert DeltaTable(str(places.lake_path() / places.INTERACTIONS)).transaction_version(places.STEP) == numbers[-1]


def test_logs_of_the_tables_do_not_grow_for_ever(brand, now):
    record(brand, answered(2))
    flush_all()
    for table in (places.INTERACTIONS, places.PERCEPTIONS, places.ROLLUPS):
        settings = DeltaTable(str(places.lake_path() / table)).metadata().configuration
        assert settings["delta.logRetentionDuration"] == "interval 1 hours"


def test_a_lake_that_is_away_is_not_begun_anew_beside_it(brand: Workspace, now: clock.Frozen) -> None:
    record(brand, answered(3))
    assert flush_once() == 3
    record(brand, answered(2, source="more"))
    away = places.lake_path().with_name("away")
    places.lake_path().rename(away)
    with pytest.raises(flushing.LakeGoneError, match="holds none of what was copied there"):
        flush_once()
    away.rename(places.lake_path())
    assert flush_once() == 2
    assert DeltaTable(str(places.lake_path() / places.INTERACTIONS)).to_pyarrow_dataset().count_rows() == 5


def test_a_lake_whose_first_rows_were_undone_before_is_there(brand: Workspace, now: clock.Frozen) -> None:
    batch = open_batch(workspace=brand, label="orders.csv")
    record(brand, answered(3), batch=batch.pk)
    undo_batch(batch=batch)
    while flush_once():
        pass
    record(brand, answered(2, source="more"))
    assert flush_once() == 2
