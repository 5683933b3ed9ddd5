"""Processes that write to one SQLite file through the gate, started by the tests of the gate with `python -m`."""

import json
import sys
import threading
import time
from typing import Any

from peyvand.config.settings.databases import database
from peyvand.core.sqlite.base import DatabaseWrapper


def connect(path: str, **changes: Any) -> DatabaseWrapper:
    """Open the file as the product does."""
    from pathlib import Path  # noqa: PLC0415 - kept beside its use

    settings = {**database(f"sqlite://{path}", Path(path).parent), "AUTOCOMMIT": True, "TIME_ZONE": None, "CONN_HEALTH_CHECKS": False}
    settings["OPTIONS"] = {**settings["OPTIONS"], **changes}
    return DatabaseWrapper({**settings, "TEST": {}}, alias="default")


def write(db: DatabaseWrapper, rows: int) -> None:
    """Insert rows in one transaction."""
    db.ensure_connection()
    db.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    try:
        with db.cursor() as cursor:
            cursor.executemany("INSERT INTO t (x) VALUES (%s)", [(str(n),) for n in range(rows)])
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        db.set_autocommit(True)


def bulk(path: str, seconds: float) -> dict[str, Any]:
    """Write 2,000 rows at a time without a pause."""
    db, count, end = connect(path), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        write(db, 2000)
        count += 1
    db.close()
    return {"commits": count}


def singles(path: str, seconds: float, threads: int) -> dict[str, Any]:
    """Write one row at a time from several threads; returns what each commit took, in milliseconds, and the errors."""
    took: list[float] = []
    errors: list[str] = []

    def one() -> None:
        db, end = connect(path), time.perf_counter() + seconds
        while time.perf_counter() < end:
            started = time.perf_counter()
            try:
                write(db, 1)
            except Exception as error:  # noqa: BLE001 - counted
                errors.append(repr(error))
            took.append(1000 * (time.perf_counter() - started))
            time.sleep(0.005)
        db.close()

    running = [threading.Thread(target=one) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return {"took": took, "errors": errors}


def hold(path: str) -> None:
    """Take the gate in an open transaction, say so, and stay until killed."""
    db = connect(path)
    db.ensure_connection()
    db.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with db.cursor() as cursor:
        cursor.execute("INSERT INTO t (x) VALUES ('held')")
    sys.stdout.write("holding\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    given = [rest[0], *map(float, rest[1:2]), *map(int, rest[2:])]
    sys.stdout.write(json.dumps({"bulk": bulk, "singles": singles, "hold": hold}[what](*given)))  # type: ignore[operator]
