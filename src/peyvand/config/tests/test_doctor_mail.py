"""What doctor says of a sender's domain: asked of a real name server on this machine; where none answers, nobody is accused."""

from collections.abc import Mapping, Sequence

import pytest

from peyvand.channels.services.setting_up import set_channel
from peyvand.config.diagnosis import mail, names_of_mail
from peyvand.config.diagnosis.names_of_mail import looked_up
from peyvand.config.tests.name_server import answering
from peyvand.workspaces.models import Workspace

KEY = "v=DKIM1; k=rsa; p=" + "M" * 392
GOOD: Mapping[str, Sequence[str]] = {
    "narenj.ir": ["google-site-verification=abc", "v=spf1 include:spf.example.net -all"],
    "s1._domainkey.narenj.ir": [KEY],
    "_dmarc.narenj.ir": ["v=DMARC1; p=quarantine; rua=mailto:reports@narenj.ir"],
}


def states(domain: str, texts: Mapping[str, Sequence[str]], selector: str = "s1") -> list[tuple[str, str]]:
    with answering(texts) as resolver:
        return list(looked_up(domain, selector, resolver))


def test_three_right_records_are_three_times_ok() -> None:
    assert [state for state, _words in states("narenj.ir", GOOD)] == ["ok", "ok", "ok"]
    assert [state for state, _words in states("mail.narenj.ir", {**GOOD, "mail.narenj.ir": ["v=spf1 a -all"]}, "")] == [
        "ok",
        "note",
        "ok",
    ], "the policy of the organisation holds for a domain below it; without a selector the key is not looked for"


@pytest.mark.parametrize(
    ("name", "records", "state", "words"),
    [
        ("narenj.ir", ["nothing of mail"], "note", "narenj.ir has no SPF record"),
        ("narenj.ir", ["v=spf1 -all", "v=spf1 a -all"], "fault", "has 2 SPF records, so that none counts"),
        ("narenj.ir", ["v=spf1 a +all"], "fault", "everybody may send in its name"),
        ("narenj.ir", ["v=spf1 a all"], "fault", "everybody may send in its name"),
        ("narenj.ir", ["v=spf10 a -all"], "note", "narenj.ir has no SPF record"),
        ("s1._domainkey.narenj.ir", [], "note", "there is no DKIM key at s1._domainkey.narenj.ir"),
        ("s1._domainkey.narenj.ir", ["v=DKIM1; p="], "fault", "was taken back"),
        ("s1._domainkey.narenj.ir", ["v=DKIM1; p=" + "M" * 120], "note", "shorter than 1024 bits"),
        ("s1._domainkey.narenj.ir", ["v=DKIM1; k=ed25519; p=" + "M" * 44], "ok", "a key at"),
        ("_dmarc.narenj.ir", [], "note", "narenj.ir has no DMARC record"),
        ("_dmarc.narenj.ir", ["v=DMARC1; rua=mailto:a@narenj.ir"], "fault", "has no p="),
        ("_dmarc.narenj.ir", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "fault", "has 2 DMARC records"),
    ],
)
def test_what_is_wrong_with_a_record_is_said_with_its_name(name: str, records: list[str], state: str, words: str) -> None:
    found = states("narenj.ir", {**GOOD, name: records})
    assert len(found) == 3
    (said,) = [one for one in found if words in one[1]]
    assert said[0] == state
    assert [one[0] for one in found if one is not said] == ["ok", "ok"]


def test_a_machine_without_internet_could_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_of_mail, "SECONDS", 0.3)
    heard: set[str] = set()
    with answering(None, heard) as resolver:
        said = list(looked_up("narenj.ir", "s1", resolver))
    assert said == [("note", "could not ask about SPF, DKIM and DMARC of narenj.ir: no name server answers from here")]
    assert heard == {"narenj.ir."}, "the other two are not asked about after the first silence"


def test_a_sender_that_nobody_has_is_told_without_asking() -> None:
    assert list(mail._of("peyvand@localhost", "PEYVAND_SMTP_FROM")) == [
        ("note", "mails come from localhost, a domain that nobody has: name a sender of your own in PEYVAND_SMTP_FROM")
    ]


@pytest.mark.django_db
def test_the_senders_of_brands_are_looked_at_once_each(settings: object) -> None:
    for slug, sender in (("narenj", "a@narenj.example"), ("limu", "b@narenj.example"), ("anar", "c@anar.example")):
        made = Workspace.objects.create(slug=slug, names={"fa": slug})
        set_channel(workspace=made, kind="email", name=slug, values={"host": "smtp.example.ir", "sender": sender})
    said = [words for _state, words in mail.brand_names()]
    assert [words.partition(",")[0] for words in said] == ["mails come from narenj.example", "mails come from anar.example"]
    assert "the e-mail channel of workspace narenj" in said[0]
