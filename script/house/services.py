"""What tests need besides Python: found, or installed with apt where that is allowed. Used by `house.suite`."""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

POSTGRES_URL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/0"
ROLE = "peyvand_test"
POLICY = Path("/usr/sbin/policy-rc.d")  # asked by Debian's packages before they start a service
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Found:
    """A service the tests may use: where it is, or why there is none."""

    where: str = ""
    reason: str = ""


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def may_install(*, no_system: bool) -> str:
    """Say why nothing can be installed here; empty where it can."""
    if no_system:
        return "--no-system forbids installing it"
    if not shutil.which("apt-get"):
        return "this is no Debian or Ubuntu, so it cannot be installed here"
    if os.geteuid() != 0:
        return "only root may install it"
    return ""


def install(*packages: str) -> bool:
    """Install Debian packages without questions; true when apt said it worked."""
    print(f"installing with apt-get: {' '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    with _starting_nothing():
        return subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode == 0


@contextmanager
def _starting_nothing() -> Iterator[None]:
    """What is installed for tests is started by them, on ports of their own: a proxy would take those of this machine's website."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink()


def postgres(*, refused: str) -> Found:
    """Find a PostgreSQL that lets us create databases, or make one; `refused` is the answer of `may_install`."""
    asked = os.environ.get("PEYVAND_TEST_POSTGRES_URL", "")
    if asked:
        fault = postgres_fault(asked)
        return Found(asked) if not fault else Found(reason=f"PEYVAND_TEST_POSTGRES_URL does not answer: {fault}")
    fault = postgres_fault(POSTGRES_URL)
    if not fault:
        return Found(POSTGRES_URL)
    if refused:
        return Found(reason=f"no PostgreSQL for us on port 5432 ({fault}); {refused}")
    if not shutil.which("pg_ctlcluster") and not install("postgresql"):
        return Found(reason="apt-get could not install postgresql")
    return _own_postgres()


def postgres_fault(url: str) -> str:
    """Why a PostgreSQL is of no use to us; empty where it lets us create databases."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("select rolsuper or rolcreatedb from pg_roles where rolname = current_user").fetchone()
    except psycopg.Error as error:
        return " ".join(str(error).split())[:160]
    return "" if row and row[0] else "that role may not create databases"


def _own_postgres() -> Found:
    listed = subprocess.run(["pg_lsclusters", "--no-header"], capture_output=True, text=True, check=False).stdout.split("\n")
    clusters = [line.split() for line in listed if line.strip()]
    if not clusters:
        return Found(reason="postgresql is installed but has no cluster; make one with pg_createcluster")
    version, name, port, state = clusters[-1][:4]
    if not state.startswith("online"):
        subprocess.run(["pg_ctlcluster", version, name, "start"], check=False)
    password = secrets.token_urlsafe(18)
    statements = f"""
        do $$ begin if not exists (select from pg_roles where rolname = '{ROLE}') then create role {ROLE}; end if; end $$;
        alter role {ROLE} login superuser password '{password}';
    """
    command = ["su", "postgres", "-c", f"psql -v ON_ERROR_STOP=1 -q -p {port}"]
    made = subprocess.run(command, input=statements, text=True, capture_output=True, check=False)
    url = f"postgres://{ROLE}:{password}@127.0.0.1:{port}/postgres"
    fault = made.stderr.strip() if made.returncode else postgres_fault(url)
    return Found(url) if not fault else Found(reason=f"PostgreSQL was started, but its test role could not be made: {fault[:160]}")


def redis(*, refused: str) -> Found:
    """Find a Redis, or start one."""
    asked = os.environ.get("PEYVAND_TEST_REDIS_URL", "")
    if asked:
        return Found(asked) if listening(asked) else Found(reason="PEYVAND_TEST_REDIS_URL does not answer")
    if listening(REDIS_URL):
        return Found(REDIS_URL)
    if refused and not shutil.which("redis-server"):
        return Found(reason=f"no Redis on port 6379; {refused}")
    if not shutil.which("redis-server") and not install("redis-server"):
        return Found(reason="apt-get could not install redis-server")
    if not listening(REDIS_URL):
        subprocess.run(["redis-server", "--daemonize", "yes", "--bind", "127.0.0.1", "--save", ""], check=False, stdout=subprocess.DEVNULL)
    return Found(REDIS_URL) if listening(REDIS_URL, patience=20) else Found(reason="redis-server was started but does not answer")


def listening(url: str, *, patience: int = 1) -> bool:
    """Say whether something accepts connections at an address, trying `patience` times, a quarter of a second apart."""
    parts = urlsplit(url)
    for attempt in range(patience):
        try:
            with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=2 if not attempt else 0.25):
                return True
        except OSError:
            if attempt + 1 < patience:
                subprocess.run(["sleep", "0.25"], check=False)
    return False


def chromium(*, refused: str) -> Found:
    """Find the system's Chromium, or install it."""
    asked = os.environ.get("PEYVAND_TEST_CHROMIUM", "")
    if asked:
        return Found(asked) if Path(asked).exists() else Found(reason=f"PEYVAND_TEST_CHROMIUM names {asked}, which does not exist")
    if not refused and not _browser():
        install("chromium", "chromium-sandbox")
    path = _browser()
    return Found(path) if path else Found(reason=f"no Chromium; {refused or 'apt-get could not install it'}")


def java(*, refused: str) -> Found:
    """Find a Java for Spark, 17 or newer, or install one; where it is, as JAVA_HOME."""
    asked = os.environ.get("JAVA_HOME", "")
    if asked:
        return Found(asked)
    path = program("java", "openjdk-17-jre-headless", refused=refused)
    return Found(str(Path(path.where).resolve().parent.parent)) if path.where else path


def program(name: str, package: str, *, refused: str) -> Found:
    """Find a program that a test starts by itself, or install its package."""
    path = shutil.which(name, path=SYSTEM_PATH)
    if not path and not refused and install(package):
        path = shutil.which(name, path=SYSTEM_PATH)
    return Found(path) if path else Found(reason=f"no {name}; {refused or 'apt-get could not install it'}")


def _browser() -> str:
    """A browser that really runs: on Ubuntu the package of that name is only a pointer to a snap."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return ""
