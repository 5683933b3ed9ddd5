"""Somebody who opens pages of a measured server and knows how long each took. Called by the measurements."""

import gzip
import http.client
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the whole of it was read within `seconds`; `weight` is its size on the wire."""

    status: int
    seconds: float
    headers: dict[str, str]
    text: str
    weight: int


@dataclass
class Visitor:
    """One browser's worth of cookies on one connection, without its pictures and scripts."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # sent with every request

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("localhost", self.port, timeout=60)

    def get(self, path: str) -> Answer:
        """Open a page; a redirect is followed and counts into the seconds of the page it leads to."""
        answer = self._ask("GET", path)
        for _hop in range(5):
            if answer.status not in (301, 302, 303):
                break
            there = urlsplit(urljoin(path, answer.headers["location"]))
            path = f"{there.path}?{there.query}" if there.query else there.path
            answer = self._ask("GET", path)
        return answer

    def post(self, path: str, **said: str) -> Answer:
        """Send the form of a page, with the token that page holds."""
        token = HIDDEN.search(self.get(path).text)
        if token is None:
            raise RuntimeError(f"{path} shows no form")
        return self.send(path, token[1], **said)

    def send(self, path: str, token: str, **said: str) -> Answer:
        """Send a form whose token is known already."""
        body = urlencode(said | {"csrfmiddlewaretoken": token})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, email: str, password: str) -> None:
        """Come in by the door; raises RuntimeError where that fails."""
        if self.post("/accounts/login/", login=email, password=password).status != 302:
            raise RuntimeError(f"{email} could not sign in")

    def _ask(self, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None) -> Answer:
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        origin = f"http://localhost:{self.port}"
        headers = {"Accept-Encoding": "gzip", "Cookie": held, "Origin": origin, "Referer": f"{origin}/"} | self.headers | (more or {})
        begin = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begin
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, cookie = value.partition(";")[0].partition("=")
                self.cookies[key] = cookie
        heads = {name.lower(): value for name, value in answer.getheaders()}
        plain = gzip.decompress(content) if heads.get("content-encoding") == "gzip" else content
        return Answer(answer.status, seconds, heads, plain.decode("utf-8", "replace"), len(content))
