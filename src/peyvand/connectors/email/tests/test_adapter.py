"""Mail as it goes over the wire: signed in, protected, in Persian, and nobody can add a header."""

import datetime as dt
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser

import pytest
from aiosmtpd.smtp import AuthResult
from tests.silent import EIGHT, NAME, dropping, lead, untold

from peyvand.channels.tests.smtp import smtp_server
from peyvand.channels.types import Account, Delivery, Envelope, Message, Unreadable
from peyvand.connectors.email import adapter as module
from peyvand.connectors.email.adapter import ADAPTER, compose
from peyvand.core import clock

SETTINGS = {"host": "127.0.0.1", "port": "0", "tls": "none", "user": "", "sender": "salam@sofalineh.example"}


def account(server, **more) -> Account:
    return Account("سفالینه", SETTINGS | {"port": str(server.port)} | more, {"password": "s3cret"})


def envelope(within: float | None = None, **more) -> Envelope:
    return Envelope("negar@post.example", Message(**({"text": "سلام\nخوبید؟", "subject": "سلام"} | more)), "sofalineh.7", within=within)


def test_text_and_html_arrive_in_persian_with_date_and_message_id():
    with smtp_server() as server, clock.frozen(dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)):
        delivery = ADAPTER.send(account(server), envelope(html="<p dir=rtl>سلام</p>"))
    [mail] = server.mails
    assert (delivery.sent, delivery.receipt) == (True, "<sofalineh.7@sofalineh.example>")
    assert mail["Date"] == "Tue, 16 Jun 2026 08:30:00 +0000"
    assert mail.get_body(("plain",)).get_content() == "سلام\nخوبید؟\n"
    assert mail.get_body(("html",)).get_content().strip() == "<p dir=rtl>سلام</p>"
    assert mail.get_content_type() == "multipart/alternative"


def test_every_byte_on_the_wire_is_ascii():
    raw = compose(Account("سفالینه", SETTINGS), envelope(html="<p>سلام</p>")).as_bytes(policy=policy.SMTP)
    assert raw.isascii()
    assert BytesParser(policy=policy.default).parsebytes(raw)["Subject"] == "سلام"


@pytest.mark.parametrize("times", range(1, 9))
def test_long_persian_subjects_and_names_arrive_word_for_word(times):
    words = " ".join(["نارنج می‌خواهد نظر شما را بداند"] * times)
    mail = compose(Account(words, SETTINGS), envelope(subject=words))
    for raw in (mail.as_bytes(), mail.as_bytes(policy=policy.SMTP)):
        parsed = BytesParser(policy=policy.compat32).parsebytes(raw)
        assert str(make_header(decode_header(parsed["Subject"]))) == words
        assert str(make_header(decode_header(parsed["From"]))) == f"{words} <salam@sofalineh.example>"
        assert max(map(len, raw.splitlines())) <= 78


@pytest.mark.parametrize("text", ["a\r\nBcc: thief@post.example", "a\nBcc: thief@post.example", "a\x00\x0bBcc: x", "a\u2028Bcc: x"])
def test_no_subject_or_name_can_add_a_header(text):
    mail = compose(Account(text, SETTINGS), envelope(subject=text))
    parsed = BytesParser(policy=policy.default).parsebytes(mail.as_bytes(policy=policy.SMTP))
    assert parsed["Bcc"] is None
    assert parsed["To"] == "negar@post.example"
    assert len(parsed.get_all("Subject")) == 1


def test_an_address_with_a_line_break_is_refused_and_not_sent():
    with smtp_server() as server:
        delivery = ADAPTER.send(account(server), Envelope("a@b.example\r\nBcc: thief@post.example", Message("x", "x"), "k"))
    assert not delivery.sent
    assert not delivery.may_pass
    assert server.mails == []


def test_one_click_unsubscribe_stands_in_the_head():
    mail = compose(Account("x", SETTINGS), envelope(unsubscribe_url="https://peyvand.example/u/token/"))
    assert mail["List-Unsubscribe"] == "<https://peyvand.example/u/token/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(("answer", "may_pass"), [("550 no such mailbox", False), ("451 come back", True), ("552 full", False)])
def test_a_refused_recipient_is_told_in_the_servers_words(answer, may_pass):
    with smtp_server() as server:
        server.refusals["negar@post.example"] = answer
        delivery = ADAPTER.send(account(server), envelope())
    assert delivery == Delivery(sent=False, error=answer, may_pass=may_pass, no_address=answer == "550 no such mailbox")


def test_a_server_that_is_not_there_may_come_back():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    delivery = ADAPTER.send(Account("x", SETTINGS | {"port": str(port)}), envelope())
    assert (delivery.sent, delivery.may_pass) == (False, True)
    assert "cannot be reached" in delivery.error


def test_a_port_of_something_else_is_told_as_a_closed_one_is():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        def speak():
            caller, _address = other.accept()
            with caller:
                caller.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        threading.Thread(target=speak, daemon=True).start()
        delivery = ADAPTER.send(Account("x", SETTINGS | {"port": port}), envelope())
    assert "cannot be reached" in delivery.error
    assert "SSH" not in delivery.error


def test_a_server_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        delivery = ADAPTER.send(Account("x", SETTINGS | {"port": str(silent.getsockname()[1])}), envelope())
    assert (delivery.sent, delivery.may_pass) == (False, True)
    assert "cannot be reached" in delivery.error


def test_a_server_of_many_silent_addresses_is_given_up_in_the_time_of_all(monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 2)
    lead(monkeypatch, EIGHT)
    with dropping(EIGHT) as port:
        begun = time.monotonic()
        delivery = ADAPTER.send(Account("x", SETTINGS | {"host": NAME, "port": str(port)}), envelope())
    assert (delivery.sent, delivery.may_pass) == (False, True)
    assert "cannot be reached" in delivery.error
    assert time.monotonic() - begun < 12, "the first alone had fifteen seconds"


def test_a_name_that_nobody_tells_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.3)
    with untold(monkeypatch):
        delivery = ADAPTER.send(Account("x", SETTINGS), envelope())
    assert (delivery.sent, delivery.may_pass) == (False, True)
    assert "cannot be reached" in delivery.error


@pytest.mark.parametrize(("tls", "within"), [("none", None), ("starttls", None), ("tls", None), ("none", 0.5)])
def test_a_server_whose_words_drip_is_given_up(monkeypatch, tls, within):
    monkeypatch.setattr(module, "LONGEST", 180 if within else 0.5)
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as dripping:

        def speak():
            caller, _address = dripping.accept()
            with caller, suppress(OSError):
                if tls == "starttls":  # says that it can, and drips once it is asked to
                    caller.sendall(b"220 here\r\n")
                    for answer in (b"250-here\r\n250 STARTTLS\r\n", b"220 go on\r\n"):
                        caller.recv(1000)
                        caller.sendall(answer)
                if tls == "none":  # of less than this nobody knows that more is to come
                    caller.sendall(b"220-")
                for letter in b"here" * 160 if tls == "none" else b"\x16\x03\x03\x03" + bytes(700):
                    caller.sendall(bytes([letter]))
                    time.sleep(0.1)

        threading.Thread(target=speak, daemon=True).start()
        delivery = ADAPTER.send(Account("x", SETTINGS | {"port": str(dripping.getsockname()[1]), "tls": tls}), envelope(within))
    assert (delivery.sent, delivery.may_pass) == (False, True)
    assert time.monotonic() - begun < 20, "and it went on for a minute"


class OnlyUs:
    """Lets one user in."""

    def __call__(self, _server, _session, _envelope, _mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"us", b"s3cret"), handled=False)


def test_it_signs_in_and_a_wrong_password_is_told(certificate, monkeypatch):
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate[1], certificate[0])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with smtp_server(authenticator=OnlyUs(), auth_required=True, tls_context=theirs) as server:
        assert ADAPTER.send(account(server, user="us", tls="starttls"), envelope()).sent
        wrong = ADAPTER.send(account(server, user="them", tls="starttls"), envelope())
    assert (wrong.sent, wrong.may_pass, wrong.error[:3]) == (False, False, "535")


def test_a_server_without_protection_is_not_used_where_protection_was_asked_for():
    with smtp_server() as server:
        delivery = ADAPTER.send(account(server, tls="starttls"), envelope())
    assert not delivery.sent
    assert server.mails == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(cert), *subject]
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


def test_starttls_protects_and_a_certificate_nobody_vouches_for_is_refused(certificate, monkeypatch):
    key, cert = certificate
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(cert, key)
    with smtp_server(tls_context=theirs, require_starttls=True) as server:
        refused = ADAPTER.send(account(server, tls="starttls"), envelope())
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        taken = ADAPTER.send(account(server, tls="starttls"), envelope())
    assert (refused.sent, refused.may_pass) == (False, False)
    assert "certificate" in refused.error
    assert taken.sent
    assert len(server.mails) == 1


def test_nothing_comes_in_this_way():
    with pytest.raises(Unreadable):
        ADAPTER.receive(Account("x", {}), None)


def test_nothing_leaves_for_addresses_that_nobody_has(monkeypatch):
    monkeypatch.setattr(module, "_Server", None)  # who tries to connect fails loudly
    delivery = ADAPTER.send(Account("x", SETTINGS | {"host": "smtp.sofalineh.ir", "port": "587"}), envelope())
    assert (delivery.sent, delivery.may_pass) == (False, False)
    assert delivery.error == "The address is one for examples and tests: nobody has a mailbox there, so nothing was sent."
