"""Nothing typed by somebody leads a request inside, whatever way it is written or resolved."""

import socket

import pytest

from peyvand.core import outward

INSIDE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://10.0.0.1/",
    "https://172.16.3.4/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://localhost/",
    "https://a.localhost./",
]
NO_ADDRESS = [
    "",
    "warehouse",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://",
    "https://user:password@example.com/",
    "https://example.com\\@10.0.0.1/",
    "https://example.com/#part",
    "https://example.com:99999/",
    "https://[::1/",
    "https://example.com/ x",
    "https://example.com/\r\nHost: inside",
    "https://مثال.example/",
    "https://example.com/" + "x" * 500,
]


@pytest.mark.parametrize("url", INSIDE)
def test_no_way_of_writing_leads_inside(url):
    with pytest.raises(outward.NotAllowedError):
        outward.post(url, b"", {})


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_public_https_address_is_refused_at_once(url):
    with pytest.raises(outward.NotAllowedError):
        outward.check(url)


def test_a_name_that_leads_inside_as_well_is_refused_whole(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
    with pytest.raises(outward.NotAllowedError, match="private network"):
        outward.post("https://rebinding.example/", b"", {})


def test_a_name_is_looked_up_once_and_that_address_is_called(monkeypatch):
    looks, reached = [], []
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]

    def look(*_arguments, **_named):
        looks.append(1)
        return public

    def reach(address, _timeout=None):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setattr(socket, "create_connection", reach)
    with pytest.raises(outward.NoAnswerError):
        outward.post("https://rebinding.example/", b"", {})
    assert (len(looks), reached) == (1, [("93.184.215.14", 443)])


def test_a_host_inside_that_the_operator_named_may_be_called(settings):
    settings.PEYVAND_INTERNAL_HOSTS = ["crm.internal:8080"]
    assert outward.check("http://crm.internal:8080/hook").hostname == "crm.internal"
    with pytest.raises(outward.NotAllowedError):
        outward.check("http://crm.internal:9090/hook")
