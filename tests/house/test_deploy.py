"""The files of deploy/ fit what they start: the unit as systemd reads it, proxies that let an idle connection go before Peyvand does."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import yaml

from peyvand.config.settings.environment import DECLARED
from peyvand.config.web import IDLE_SECONDS

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MOST_EXPOSED = "15"  # of 100; without the limits of the unit it would be 92


@pytest.fixture
def unit(tmp_path):
    """The unit, with a program that exists."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    text = (DEPLOY / "peyvand.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/peyvand/bin/peyvand serve\n" in text
    made = tmp_path / "peyvand.service"
    made.write_text(text.replace("/opt/peyvand/bin/peyvand serve", "/bin/true"), encoding="utf-8")
    return made


def test_systemd_reads_the_unit_without_a_complaint(unit):
    read = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stdout + read.stderr) == (0, "")


def test_the_unit_leaves_the_service_little_to_harm(unit):
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit]
    read = subprocess.run(words, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stdout


@pytest.mark.parametrize(("name", "rule"), [("nginx.conf", r"keepalive_timeout (\d+)s;"), ("Caddyfile", r"keepalive (\d+)s")])
def test_a_proxy_lets_an_idle_connection_go_before_peyvand_does(name, rule):
    (seconds,) = re.findall(rule, (DEPLOY / name).read_text(encoding="utf-8"))
    assert int(seconds) < IDLE_SECONDS


def test_the_containers_proxy_is_the_one_whose_word_counts():
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    (trusted,) = re.findall(r"PEYVAND_TRUSTED_PROXIES: (\S+)", compose)
    caddy = compose[compose.index("\n  caddy:") :]
    assert f"ipv4_address: {trusted}\n" in caddy
    assert "- ./Caddyfile:/etc/caddy/Caddyfile:ro\n" in caddy


def test_every_container_has_an_address_of_its_own():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    addresses = [service["networks"]["inside"]["ipv4_address"] for service in services.values()]
    assert len(set(addresses)) == len(services), "one that is given any may be given another's, and whoever starts later does not start"


def test_containers_are_set_by_settings_there_are():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    proxy = {"PEYVAND_DOMAIN", "PEYVAND_UPSTREAM"}  # of the Caddyfile
    assert set(services["peyvand"]["environment"]) <= set(DECLARED)
    assert set(services["caddy"]["environment"]) == proxy
    assert all(f"{{${name}:" in (DEPLOY / "Caddyfile").read_text(encoding="utf-8") for name in proxy)


def test_postgresql_takes_the_settings_it_is_started_with(postgres_url):
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    given = dict(re.findall(r"-c (\w+)=(\S+)", compose))
    assert {"shared_buffers", "max_wal_size", "checkpoint_timeout", "wal_compression"} == set(given)
    with psycopg.connect(postgres_url) as database:
        known = dict(
            database.execute("SELECT name, coalesce(enumvals, '{}') FROM pg_settings WHERE name = ANY(%s)", [list(given)]).fetchall()
        )
        database.execute("SELECT pg_size_bytes(%s)", [given["max_wal_size"]])
    assert set(known) == set(given)
    assert given["wal_compression"] in known["wal_compression"]
    doc = (DEPLOY.parent / "docs/explanation/scale.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in doc for name in given)
