"""Runs webs and workers of one installation over PostgreSQL and Redis, and where asked a Spark cluster. Run by `script/cluster`.

All of it reads the same data folder, as it would a shared one on several machines. It ends together, each process by its id.
"""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from house.services import POSTGRES_URL, REDIS_URL
from house.spark import SparkError, spark
from peyvand.config.command import Abort
from peyvand.config.processes import Supervisor, listen

EPILOG = """\
example: script/cluster --postgres postgres://peyvand:secret@127.0.0.1/peyvand --redis redis://127.0.0.1:6379/1
example: script/cluster --spark

Settings of the environment hold where no argument says otherwise. In front, any proxy may share requests out among the webs.
"""


def main() -> int:
    """Do what the command line asks; returns the exit code."""
    asked = arguments().parse_args()
    folder = Path(asked.data).expanduser().resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settle(asked, folder)
    try:
        with ExitStack() as running:
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
    except (Abort, SparkError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1


def arguments() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(
        prog="script/cluster",
        description="Runs on this machine what a larger installation spreads over several.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", default=os.environ.get("PEYVAND_DATA", "./data"), help="folder they share (PEYVAND_DATA)")
    parser.add_argument("--postgres", default=os.environ.get("PEYVAND_DATABASE_URL", POSTGRES_URL), help="PEYVAND_DATABASE_URL")
    parser.add_argument("--redis", default=os.environ.get("PEYVAND_REDIS_URL", REDIS_URL), help="PEYVAND_REDIS_URL")
    parser.add_argument("--host", default=os.environ.get("PEYVAND_HOST", "127.0.0.1"), help="PEYVAND_HOST")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PEYVAND_PORT", "8000")), help="the first web's; each has the next")
    parser.add_argument("--webs", type=int, default=2, help="web processes (2)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--spark", action="store_true", help="figures by a Spark cluster of one worker, started too; needs Java 17")
    return parser


def settle(asked: argparse.Namespace, folder: Path) -> None:
    """The settings every process of it has; what the environment says otherwise holds."""
    given = {"PEYVAND_DATA": folder, "PEYVAND_DATABASE_URL": asked.postgres, "PEYVAND_REDIS_URL": asked.redis, "PEYVAND_PORT": asked.port}
    os.environ |= {name: str(value) for name, value in given.items()}


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
