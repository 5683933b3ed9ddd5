"""Peyvand behind nginx and behind Caddy with TLS, with the files of deploy/: who calls, what they may send, what others see."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from peyvand.edge.uploads import STRANGERS_BODY
from tests.e2e.proxying import HOST, Proxy, program, standing_before
from tests.e2e.running import OWNER, PASSWORD, Site, prepared
from tests.waiting import PATIENCE, until

LARGEST = 100 << 20  # PEYVAND_MAX_BODY_MB as it is where nobody sets it
SLOW = 40  # five times the threads that run pages
PUBLIC = f"https://{HOST}"
HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that knows its public name and its proxy."""
    settings = {"PEYVAND_URL": PUBLIC, "PEYVAND_HOST": "127.0.0.1", "PEYVAND_TRUSTED_PROXIES": "127.0.0.1"}
    site = prepared(tmp_path_factory.mktemp("behind"), **settings)
    with site.served():
        yield site


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, behind: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A real proxy in front of it."""
    if not program(request.param):
        pytest.skip(f"{request.param} is not installed; script/test installs it where it may")
    with standing_before(request.param, behind.port, tmp_path_factory.mktemp(request.param)) as proxy:
        yield proxy


def sign_in(client: httpx.Client, password: str = PASSWORD, **headers: str) -> httpx.Response:
    page = client.get("/accounts/login/")
    found = HIDDEN.search(page.text)
    assert found, page.text[:500]
    form = {"login": OWNER, "password": password, "csrfmiddlewaretoken": found[1]}
    return client.post("/accounts/login/", data=form, headers=headers)


@pytest.fixture
def owner(proxy: Proxy) -> Iterator[httpx.Client]:
    with proxy.client("127.0.0.9") as client:
        assert sign_in(client).status_code == 302
        yield client


def test_plain_http_leads_to_https_where_cookies_are_secure_and_browsers_are_told_to_stay(proxy: Proxy) -> None:
    with proxy.client("127.0.0.9", encrypted=False) as client:
        led = client.get("/w/narenj/?from=there")
        assert led.status_code in {301, 308}
        assert re.fullmatch(rf"{PUBLIC}(:\d+)?/w/narenj/\?from=there", led.headers["location"])
        assert "set-cookie" not in led.headers
    with proxy.client("127.0.0.9") as client:
        answer = sign_in(client)
        assert answer.status_code == 302
        assert client.get("/w/narenj/").status_code == 200
    cookies = {cookie.partition("=")[0]: cookie.lower() for cookie in answer.headers.get_list("set-cookie")}
    assert set(cookies) >= {"__Host-sessionid", "__Host-csrftoken"}
    assert all("; secure" in cookie and "; path=/" in cookie and "domain=" not in cookie for cookie in cookies.values())
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "uvicorn" not in answer.headers.get("server", "")


def test_http_2_is_offered(proxy: Proxy) -> None:
    context = proxy.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", proxy.secure), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as wrapped,
    ):
        assert wrapped.selected_alpn_protocol() == "h2"


def test_whoever_guesses_is_shut_out_by_the_address_they_have_not_the_one_they_claim(proxy: Proxy) -> None:
    address = f"127.0.{proxy.secure % 200 + 1}.7"
    with proxy.client(address) as guesser:
        for n in range(5):
            claimed = f"203.0.113.{n}"
            names = {"X-Forwarded-For": claimed, "X_Forwarded_For": claimed, "X-Real-IP": claimed, "Forwarded": f"for={claimed}"}
            assert sign_in(guesser, "a wrong phrase", **names).status_code != 302
        shut = sign_in(guesser, **{"X-Forwarded-For": "203.0.113.77"})
    assert shut.status_code == 429
    with proxy.client(f"127.0.{proxy.secure % 200 + 1}.8") as another:
        assert sign_in(another).status_code == 302, "another address is another person: the proxy's own is not the one that is counted"


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/%6detrics", "//metrics", "/metrics/"])
def test_what_is_for_the_own_network_is_not_told_outside(proxy: Proxy, path: str) -> None:
    with proxy.client("127.0.0.9") as client:
        answer = client.get(path, headers={"X-Forwarded-For": "127.0.0.1"})
    assert answer.status_code != 200
    assert "peyvand_" not in answer.text


def test_a_host_of_somebody_elses_is_not_answered(proxy: Proxy) -> None:
    with proxy.client("127.0.0.9") as client:
        answer = client.get("/accounts/login/", headers={"host": "evil.example"})
    assert "csrfmiddlewaretoken" not in answer.text
    assert "evil.example" not in str(answer.headers)


def test_a_letter_leads_to_the_public_name_whatever_the_request_claimed(proxy: Proxy, behind: Site) -> None:
    before = set((behind.folder / "mail").glob("*"))
    with proxy.client("127.0.0.9") as client:
        token = HIDDEN.search(client.get("/accounts/password/reset/").text)
        assert token
        claimed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "81"}
        sent = client.post("/accounts/password/reset/", data={"email": OWNER, "csrfmiddlewaretoken": token[1]}, headers=claimed)
        assert sent.status_code == 302
        (letter,) = _new(behind.folder / "mail", before)
        links = set(re.findall(r"https?://[^\s\"<>]+", letter.read_text(encoding="utf-8").replace("=\n", "")))
        assert links
        assert all(link.startswith(f"{PUBLIC}/") for link in links)
        opened = client.get(next(link for link in links if "reset" in link).removeprefix(PUBLIC))
        assert opened.status_code in {200, 302}


def _new(folder: Path, before: set[Path]) -> set[Path]:
    return until(lambda: set(folder.glob("*")) - before, "no letter was written")


def upload(client: httpx.Client, size: int) -> httpx.Response:
    """Send an import form whose whole body has this size."""
    token = HIDDEN.search(client.get("/w/narenj/imports/new/").text)
    assert token
    head = (
        f'--edge\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token[1]}\r\n'
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\nContent-Type: text/csv\r\n\r\n'
    ).encode()
    tail = b"\r\n--edge--\r\n"
    table = b"order_id,phone\n" + b"1,09121112233\n" * (size // 14)
    whole = head + table[: size - len(head) - len(tail)] + tail
    assert len(whole) == size
    headers = {"content-type": "multipart/form-data; boundary=edge", "accept": "text/html"}
    return client.post("/w/narenj/imports/new/", content=whole, headers=headers)


def test_a_file_of_the_largest_size_passes_and_one_byte_more_is_refused_by_our_own_page(owner: httpx.Client) -> None:
    taken = upload(owner, LARGEST)
    assert (taken.status_code, "/imports/" in taken.headers.get("location", "")) == (302, True)
    refused = upload(owner, LARGEST + 1)
    assert (refused.status_code, "x-request-id" in refused.headers) == (413, True)


def test_a_stranger_is_told_early_that_a_body_is_too_large(proxy: Proxy) -> None:
    with proxy.client("127.0.0.9") as client:
        answer = client.post("/accounts/login/", content=b"x" * (STRANGERS_BODY + 1))
    assert answer.status_code == 413


def test_those_who_send_slowly_hold_up_nobody(proxy: Proxy) -> None:
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n".encode()
    context = proxy.context()
    with ExitStack() as stack:
        slow = []
        for _n in range(SLOW):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.secure), timeout=PATIENCE))
            slow.append(stack.enter_context(context.wrap_socket(plain, server_hostname=HOST)))
            slow[-1].sendall(head)
        with proxy.client("127.0.0.9") as client:
            for _n in range(5):
                for one in slow:
                    one.sendall(b"x")
                began = time.monotonic()
                assert client.get("/accounts/login/").status_code == 200
                assert time.monotonic() - began < 20, "a body that does not come is waited for thirty seconds"
