"""Real proxies with TLS in front of a site, with the configuration of deploy/: only names, ports and the certificate are put in."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from peyvand.core import clock
from tests.ports import free_port
from tests.waiting import PATIENCE, until

DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
HOST: Final = "cx.example.ir"  # that of the files in deploy/
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs: its ports, and the certificate to believe."""

    secure: int
    plain: int
    authority: Path

    def context(self) -> ssl.SSLContext:
        """What a browser would use that believes this certificate."""
        return ssl.create_default_context(cafile=self.authority)

    def client(self, address: str, *, encrypted: bool = True) -> httpx.Client:
        """Somebody who calls the public name from an address of their own, and follows no redirect."""
        transport = httpx.HTTPTransport(verify=self.context(), local_address=address)
        base = f"https://127.0.0.1:{self.secure}" if encrypted else f"http://127.0.0.1:{self.plain}"

        def name(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = HOST

        return httpx.Client(
            base_url=base,
            transport=transport,
            timeout=60,
            headers={"host": HOST, "referer": f"https://{HOST}/"},
            event_hooks={"request": [name]},
        )


def program(name: str) -> str:
    """The proxy's program; empty where it is not installed."""
    return os.environ.get(f"PEYVAND_TEST_{name.upper()}") or shutil.which(name, path=SYSTEM_PATH) or ""


@contextmanager
def standing_before(name: str, port: int, folder: Path) -> Iterator[Proxy]:
    """Run nginx or caddy before a port of this machine until the block ends."""
    proxy = Proxy(secure=free_port(), plain=free_port(), authority=folder / "fullchain.pem")
    _certificate(folder)
    command = (_nginx if name == "nginx" else _caddy)(proxy, port, folder)
    log = folder / "proxy.log"
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PEYVAND_UPSTREAM": f"127.0.0.1:{port}"}
    with log.open("wb") as out, subprocess.Popen([program(name), *command], stdout=out, stderr=out, env=os.environ | homes) as process:
        try:
            _wait(proxy, process, log)
            yield proxy
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _nginx(proxy: Proxy, port: int, folder: Path) -> list[str]:
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for given, ours in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{port};"),
        ("listen 80;", f"listen 127.0.0.1:{proxy.plain};"),
        ("listen [::]:80;", ""),
        ("listen 443 ", f"listen 127.0.0.1:{proxy.secure} "),
        ("listen [::]:443 ssl http2;", ""),
        (f"/etc/letsencrypt/live/{HOST}/", f"{folder}/"),
    ):
        assert given in site, f"deploy/nginx.conf has no {given!r} any more"
        site = site.replace(given, ours)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; worker_processes 1; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {places} include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )
    return ["-c", str(folder / "nginx.conf"), "-e", "stderr"]


def _caddy(proxy: Proxy, _port: int, folder: Path) -> list[str]:
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    own = f"\ttls {folder}/fullchain.pem {folder}/privkey.pem\n\tencode"
    ports = f"{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttp_port {proxy.plain}\n\thttps_port {proxy.secure}\n}}\n"
    (folder / "Caddyfile").write_text(ports + site.replace("\tencode", own, 1), encoding="utf-8")
    return ["run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(private)


def _wait(proxy: Proxy, process: subprocess.Popen[bytes], log: Path) -> None:
    with proxy.client("127.0.0.1") as client:
        until(lambda: process.poll() is not None or _answers(client), lambda: f"the proxy did not answer: {log.read_text()}", every=0.1)
    assert process.poll() is None, f"the proxy ended: {log.read_text()}"


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.HTTPError:
        return False
