"""What doctor says of the machine: the certificate of the public address, names of settings that nobody knows, readers that wait."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.waiting import PATIENCE

from peyvand.config.diagnosis import machine, records, work
from peyvand.config.diagnosis.kernel import is_synchronised
from peyvand.core import clock
from peyvand.core.models import Job
from peyvand.timeline import watching
from peyvand.timeline.lake import places
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.models import Place
from peyvand.timeline.services import record
from peyvand.timeline.subscriptions import run_once, subscribers
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import Item
from peyvand.workspaces.models import Workspace


def certificate(folder: Path, days: float) -> Path:
    """A certificate of this machine that ends in so many days, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{days}.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextmanager
def speaking(path: Path | None) -> Iterator[str]:
    """A server with this certificate; without one, it speaks no TLS. Yields its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if path:
        context.load_cert_chain(path)

    def serve() -> None:
        while True:
            try:
                peer, _address = listening.accept()
            except OSError:
                return
            with peer:
                try:
                    if path:
                        context.wrap_socket(peer, server_side=True).close()
                    else:
                        peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                except OSError:
                    continue

    with create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("days", "trusted", "state", "words"),
    [
        (60, True, "ok", "in 59 days"),
        (5, True, "note", "see why it was not renewed"),
        (-1, True, "fault", "certificate has expired"),
        (60, False, "fault", "self-signed certificate"),
        (None, False, "fault", "speaks no TLS"),
    ],
)
def test_the_certificate_of_the_public_address(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: float | None, trusted: bool, state: str, words: str
) -> None:
    path = None if days is None else certificate(tmp_path, days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with speaking(path) as address:
        settings.PEYVAND_URL = address
        ((found, said),) = machine.certificate()
    assert (found, words in said) == (state, True), said


def test_an_address_out_of_reach_could_not_be_asked(settings: Any) -> None:
    settings.PEYVAND_URL = "https://127.0.0.1:1"
    ((state, words),) = machine.certificate()
    assert (state, "could not ask 127.0.0.1:1 from here" in words) == ("note", True)
    settings.PEYVAND_URL = "http://localhost:8000"
    assert list(machine.certificate()) == []


def test_a_mistyped_setting_is_told_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PEYVAND_DATBASE_URL", "PEYVAND_HOST", "PEYVAND_ZZZ"):
        monkeypatch.setenv(name, "x")
    assert [words for _state, words in machine.names()] == [
        "there is no setting PEYVAND_DATBASE_URL; perhaps PEYVAND_DATABASE_URL is meant. It does nothing.",
        "there is no setting PEYVAND_ZZZ. It does nothing.",
    ]


@pytest.mark.django_db
def test_a_clock_that_went_wrong_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "is_synchronised", lambda: True)
    assert [state for state, _words in records.time_of_day()] == ["ok"]
    with clock.frozen(clock.now() - timedelta(days=2)):
        ((state, words),) = records.time_of_day()
    assert (state, "s away from the database's" in words) == ("fault", True)


@pytest.mark.usefixtures("data_folder")
def test_a_disk_that_is_nearly_full_is_noted_and_one_without_room_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [next(machine.folder())]
    for limit in ("LOW_DISK", "NO_DISK"):  # of more room than there is anywhere
        monkeypatch.setattr(machine, limit, 1 << 62)
        found.append(next(machine.folder()))
    assert [state for state, _words in found] == ["ok", "note", "fault"]
    assert "nothing can be stored soon" in found[-1][1]


def test_a_spark_master_is_asked_whether_it_answers(settings: Any) -> None:
    assert list(machine.analytics()) == [("ok", "duckdb computes in each process")]
    with create_server(("127.0.0.1", 0)) as master:
        settings.PEYVAND_ANALYTICS = f"spark://127.0.0.1:{master.getsockname()[1]}"
        assert [state for state, _words in machine.analytics()] == ["ok"]
    ((state, words),) = machine.analytics()
    assert state == "fault"
    assert "does not answer (Connection refused)" in words


@pytest.mark.django_db(transaction=True)
def test_readers_that_wait_too_long_are_a_fault_with_their_name(frozen_clock: clock.Frozen) -> None:
    workspace = Workspace.objects.create(slug="narenj", names={"fa": "نارنج"})
    assert [state for state, _words in work.subscriptions()] == ["ok"]
    record(workspace.pk, Item(kind="site.visited", occurred_at=clock.now(), source="test", external_id="1"))
    settle()
    waiting = {wait.name: (wait.count, wait.age) for wait in watching.waits()}
    assert waiting == {name: (1, timedelta()) for name in subscribers()}
    frozen_clock.advance(timedelta(minutes=11))
    assert {state for state, _words in work.subscriptions()} == {"fault"}
    ((state, words),) = work.lake_age()
    assert (state, "1 interactions wait to be copied, the oldest of 11 min ago" in words) == ("fault", True)
    run_once()
    assert [words for _state, words in work.subscriptions()] == ["all have read everything"]
    assert (flush_once(), [state for state, _words in work.lake_age()]) == (1, ["ok"])
    places.lake_path().rename(places.lake_path().with_name("away"))
    ((state, words),) = work.lake_age()
    assert (state, "holds nothing of what was copied there" in words, "`peyvand rebuild-lake`" in words) == ("fault", True, True)
    assert set(Place.objects.values_list("name", flat=True)) >= set(subscribers())


@pytest.mark.django_db
def test_a_queue_that_stands_still_is_a_fault(frozen_clock: clock.Frozen) -> None:
    Job.objects.create(name="insights.refresh")
    assert [state for state, _words in work.queue()] == ["ok"]
    frozen_clock.advance(timedelta(minutes=5))
    ((state, words),) = work.queue()
    assert (state, "waits for 5 min" in words) == ("fault", True)


@pytest.mark.django_db
@pytest.mark.parametrize(("kept_right", "state"), [(True, "ok"), (False, "note"), (None, "ok")])
def test_a_clock_that_nothing_keeps_right_is_noted(monkeypatch: pytest.MonkeyPatch, kept_right: bool | None, state: str) -> None:
    monkeypatch.setattr(records, "is_synchronised", lambda: kept_right)
    assert [found for found, _words in records.time_of_day()] == [state]


def test_the_kernel_is_asked_about_the_clock_and_nothing_is_changed() -> None:
    assert is_synchronised() in {True, False, None}
    assert is_synchronised() is is_synchronised()
