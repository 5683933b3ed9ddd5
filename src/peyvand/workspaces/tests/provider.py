"""A real OpenID Connect provider on this machine: HTTP, codes that work once, PKCE, signatures. Tests twist its answers."""

import base64
import hashlib
import http.client
import json
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import RSAKey
from tests.waiting import PATIENCE

from peyvand.core import clock

CLIENT, SECRET = "peyvand:1", "s3cret & more"


class Provider:
    """Alice's company account. `claims` change what it says, `sign` how; `codes` are what it gave out and nobody used.

    `asked` are the addresses that were, `keys` what it says of its keys where that is not true.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.discovery: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                provider.post(self)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.issuer = f"http://{self.host}/realm"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def visit(self, address: str) -> str:
        """What a browser does with the address it is sent to; returns where it is sent next."""
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.getheader("Location", "")

    def get(self, door: BaseHTTPRequestHandler) -> None:
        path, _, query = door.path.partition("?")
        self.asked.append(path)
        if path == "/realm/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys", "userinfo_endpoint": "me"}
            self._answer(door, {"issuer": self.issuer} | {name: f"{self.issuer}/{end}" for name, end in names.items()} | self.discovery)
        elif path == "/realm/keys":
            self._answer(door, self.keys or {"keys": [self.key.as_dict(private=False)]})
        elif path == "/realm/me":
            self._answer(door, self.userinfo)
        elif path == "/realm/auth":
            given = {name: values[0] for name, values in parse_qs(query).items()}
            code = secrets.token_urlsafe(12)
            self.codes[code] = given
            door.send_response(302)
            door.send_header("Location", given["redirect_uri"] + "?" + urlencode({"code": code, "state": given["state"]}))
            door.send_header("Content-Length", "0")
            door.end_headers()
        else:
            door.send_error(404)

    def post(self, door: BaseHTTPRequestHandler) -> None:
        body = door.rfile.read(int(door.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        self.asked.append(door.path)
        asked = self.codes.pop(fields.get("code", ""), None)
        pair = base64.b64encode(f"{urlencode({'': CLIENT})[1:]}:{urlencode({'': SECRET})[1:].replace('+', '%20')}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(fields.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        fits = asked is not None and asked["code_challenge"] == challenge and asked["redirect_uri"] == fields["redirect_uri"]
        if asked is None or not fits or door.headers["Authorization"] != f"Basic {pair}":
            self._answer(door, {"error": "invalid_grant"}, status=400)
            return
        now = int(clock.now().timestamp())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "a-1", "nonce": asked["nonce"], "iat": now, "exp": now + 300}
        person = {"email": "alice@narenj.example", "email_verified": True, "name": "Alice"}
        claims = {name: value for name, value in {**usual, **person, **self.claims}.items() if value is not None}
        self._answer(door, {"id_token": self.sign(claims), "access_token": "t", "token_type": "Bearer"})

    def signed(self, claims: dict[str, Any], key: RSAKey | None = None) -> str:
        return jws.serialize_compact({"alg": "RS256", "kid": "one"}, json.dumps(claims), key or self.key)

    @staticmethod
    def _answer(door: BaseHTTPRequestHandler, said: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(said).encode()
        door.send_response(status)
        door.send_header("Content-Type", "application/json")
        door.send_header("Content-Length", str(len(body)))
        door.end_headers()
        door.wfile.write(body)
