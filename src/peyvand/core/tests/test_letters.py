"""Letters to the team: none leaves for an address that nobody can have."""

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from peyvand.core.letters import Letters


def sent_by(host: str, monkeypatch) -> list[str]:
    """The addresses that the mail server behind it would be given."""
    given: list[str] = []
    monkeypatch.setattr(EmailBackend, "send_messages", lambda _self, letters: given.extend(to for one in letters for to in one.to))
    Letters(host=host).send_messages([EmailMessage("x", "y", None, [to]) for to in ("demo@peyvand.example", "babak@sofalineh.ir")])
    return given


def test_a_letter_to_the_demos_owner_stays_here(monkeypatch):
    assert sent_by("smtp.sofalineh.ir", monkeypatch) == ["babak@sofalineh.ir"]


def test_a_server_on_this_machine_gets_all_of_them(monkeypatch):
    assert sent_by("127.0.0.1", monkeypatch) == ["demo@peyvand.example", "babak@sofalineh.ir"]
