"""A real receiver of webhooks in the test's own process, with or without TLS: keeps every call, answers as it is told to."""

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from peyvand.core import clock


@dataclass
class Call:
    """One call as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came in, and what it answers: a status, headers, after so many seconds, or byte by byte."""

    port: int
    scheme: str = "http"
    calls: list[Call] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    waits: float = 0
    drips: str = ""  # "head" or "body": which comes letter by letter
    refuses: set[str] = field(default_factory=set)  # kinds
    meanwhile: Callable[[], None] = lambda: None  # what it does before it answers

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?from=peyvand"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


def _drip(wire: BinaryIO, part: str) -> None:
    head, slow = b"HTTP/1.1 200 OK\r\n", b"X-Slow: yes\r\n" * 50
    if part == "body":
        wire.write(head + b"Connection: close\r\n\r\n")
    for letter in slow if part == "body" else head + slow:
        wire.write(bytes([letter]))
        time.sleep(0.1)


def _answering(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(receiver.waits)
            receiver.meanwhile()
            try:
                if receiver.drips:
                    _drip(self.wfile, receiver.drips)
                status = 422 if self.headers["Peyvand-Event"] in receiver.refuses else receiver.status
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass  # the caller had enough

        def log_message(self, *_arguments):
            pass

    return Answering


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """Run a receiver on a free port until the block ends."""
    receiver = Receiver(0, "https" if certificate else "http")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(receiver))
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
