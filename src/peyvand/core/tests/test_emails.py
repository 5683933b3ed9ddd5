"""E-mail addresses: one spelling for one mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import emails


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Negar@Mail.Example", "negar@mail.example"),
        ("  negar+shop@mail.example\n", "negar+shop@mail.example"),
        ("\u200enegar@mail.example\u200f", "negar@mail.example"),
        ("a@müller.example", "a@xn--mller-kva.example"),
        ("first.last@sub.mail.example", "first.last@sub.mail.example"),
    ],
)
def test_one_mailbox_has_one_spelling(written, address):
    assert emails.normalise(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "", "@", "a@", "@b.example", "a@b", "a b@c.example", "a@b..example", ".a@b.example", "a..b@c.example", "a@-b.example", "a@b.1",
        "Negar <n@b.example>", "a@b.example, c@d.example", "نگار@b.example", "a" * 65 + "@b.example", "a@" + "b." * 130 + "example",
        "a@b.example\x00", "a\ud800@b.example", "a@\ud800.example", "a@b@c.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_named(written, english):
    with pytest.raises(emails.EmailError, match="is not an e-mail address"):
        emails.normalise(written)


@given(st.one_of(st.emails(), st.text(max_size=40)))
def test_any_text_gives_a_stable_address_or_a_plain_error(text):
    try:
        address = emails.normalise(text)
    except emails.EmailError:
        return
    assert emails.normalise(address) == address
    assert address.isascii()


def test_a_masked_address_keeps_its_first_letter_and_domain():
    assert emails.mask("negar@mail.example") == "n•••@mail.example"
    assert emails.mask("nothing") == "•••"


@pytest.mark.parametrize(
    "address", ["a@shop.example", "a@x.INVALID", "a@y.test", "a@z.localhost", "a@example.com", "a@mail.example.org.", "a@example.net"]
)
def test_nobody_can_be_reached_at_domains_kept_for_examples(address):
    assert emails.is_nobodys(address, "smtp.sofalineh.ir")


@pytest.mark.parametrize("address", ["a@sofalineh.ir", "a@example.ir", "a@myexample.com", "a@example.co", "a@test.com", "a@contest"])
def test_all_other_domains_may_have_mailboxes(address):
    assert not emails.is_nobodys(address, "smtp.sofalineh.ir")


@pytest.mark.parametrize("server", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "mail.localhost", "LOCALHOST."])
def test_a_server_on_this_machine_may_keep_what_it_likes(server):
    assert not emails.is_nobodys("a@shop.example", server)
