"""Runs webs and workers of one installation over PostgreSQL and Redis, and where asked a Spark cluster. Run by `script/cluster`.

All of it reads the same data folder, as it would a shared one on several machines. It ends together, each process by its id.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import psycopg

from house import private
from house.services import POSTGRES_URL, REDIS_URL, free_port, listening, postgres_fault
from house.spark import SparkError, spark
from peyvand.config.command import Abort
from peyvand.config.processes import Supervisor, listen

DATABASE = "peyvand_cluster"
EPILOG = """\
example: script/cluster
example: script/cluster --postgres postgres://peyvand:secret@127.0.0.1/peyvand --redis redis://127.0.0.1:6379/1
example: script/cluster --spark

Settings of the environment hold where no argument says otherwise. Where nothing names a PostgreSQL, the one at port 5432 gets the
database peyvand_cluster; where none there takes us, one is started for as long as this runs, and all that was recorded goes with it.
So it is with Redis at port 6379. In front, any proxy may share requests out among the webs.
"""


def main() -> int:
    """Do what the command line asks; returns the exit code."""
    asked = arguments().parse_args()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # until there are webs: what was started ends with us
    try:
        with ExitStack() as running:
            folder = settle(asked, running)
            if asked.spark:
                os.environ |= {
                    "PEYVAND_ANALYTICS": started_spark(running, folder, asked.webs + asked.workers),
                    "SPARK_LOCAL_IP": "127.0.0.1",
                }
            prepare()
            doors = [running.enter_context(listen(asked.host, asked.port + n)) for n in range(asked.webs)]
            for n, door in enumerate(doors, 1):
                print(f"web {n}: http://localhost:{door.getsockname()[1]}", flush=True)
            return Supervisor(*doors, workers=asked.workers).run()
    except (Abort, SparkError, private.PrivateError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def arguments() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(
        prog="script/cluster",
        description="Runs on this machine what a larger installation spreads over several.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", default=os.environ.get("PEYVAND_DATA", ""), help="folder they share (PEYVAND_DATA)")
    parser.add_argument("--postgres", default=os.environ.get("PEYVAND_DATABASE_URL", ""), help="PEYVAND_DATABASE_URL")
    parser.add_argument("--redis", default=os.environ.get("PEYVAND_REDIS_URL", ""), help="PEYVAND_REDIS_URL")
    parser.add_argument("--host", default=os.environ.get("PEYVAND_HOST", "127.0.0.1"), help="PEYVAND_HOST")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PEYVAND_PORT", "8000")), help="the first web's; each has the next")
    parser.add_argument("--webs", type=int, default=2, help="web processes (2)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--spark", action="store_true", help="figures by a Spark cluster of one worker, started too; needs Java 17")
    return parser


def settle(asked: argparse.Namespace, running: ExitStack) -> Path:
    """Find or start what stores, and put it into the settings every process has; returns the folder they share. Raises PrivateError."""
    records, passing = found_records(asked.postgres, running)
    usual = running.enter_context(tempfile.TemporaryDirectory(prefix="peyvand-cluster-")) if passing and not asked.data else "./data"
    folder = Path(asked.data or usual).expanduser().resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    redis = found_redis(asked.redis, running)
    given = {"PEYVAND_DATA": str(folder), "PEYVAND_DATABASE_URL": records, "PEYVAND_REDIS_URL": redis}
    if not asked.postgres:  # and nothing that was named, which may hold a password
        shown = " ".join("=".join(each) for each in given.items() if not (asked.redis and each[1] == redis))
        print(f"settings{', gone at the end' if passing else ''}: {shown}", flush=True)
    os.environ |= given | {"PEYVAND_PORT": str(asked.port)}
    return folder


def found_records(named: str, running: ExitStack) -> tuple[str, bool]:
    """The address of a database, and whether it goes with us: it is named, or ours at the usual port, or in a server that is started."""
    if named:
        return named, False
    fault = postgres_fault(POSTGRES_URL)
    if not fault:
        return database(POSTGRES_URL), False
    print(f"PostgreSQL: starting one, since there is none for us at port 5432 ({fault})", flush=True)
    return database(running.enter_context(private.postgres(free_port())).url), True


def found_redis(named: str, running: ExitStack) -> str:
    """The address of a Redis: it is named, or at the usual port, or started."""
    if named or listening(REDIS_URL):
        return named or REDIS_URL
    print("Redis: starting one, since there is none at port 6379", flush=True)
    return running.enter_context(private.redis(free_port()))


def database(server: str) -> str:
    """The address of the cluster's own database on a server, made where it is not there yet."""
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return f"{server.rpartition('/')[0]}/{DATABASE}"


def started_spark(running: ExitStack, folder: Path, applications: int) -> str:
    """Start Spark with room for each process that may ask it, and return its address. Raises Abort."""
    if find_spec("pyspark") is None:
        raise Abort("the package pyspark is not installed: script/setup --engines installs it.")
    logs = folder / "spark"
    logs.mkdir(exist_ok=True)
    print("spark: starting", flush=True)
    found = running.enter_context(spark(logs, applications))
    print(f"spark: {found.url}", flush=True)
    return found.url


def prepare() -> None:
    """Bring the database up to date, before anything reads it. Raises Abort."""
    if subprocess.run([sys.executable, "-m", "peyvand", "migrate"], check=False, stdout=subprocess.DEVNULL).returncode:
        raise Abort("the database could not be prepared; see above.")


if __name__ == "__main__":
    sys.exit(main())
