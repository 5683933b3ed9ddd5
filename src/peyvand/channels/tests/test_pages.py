"""Settings of e-mail and the outbox, as a person uses them."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext
from tests.silent import dropping

from peyvand.channels.models import Channel, Outgoing
from peyvand.channels.services import send, stop_sending, trying
from peyvand.channels.services.sending import BROKE_OFF
from peyvand.channels.settings_pages import SETTINGS_PAGES
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.core.tests.working import work_off
from peyvand.core.vault import unseal
from peyvand.workspaces.models import AuditEntry, Member
from peyvand.workspaces.services import create_key, create_owner, create_role, create_workspace, put_member
from peyvand.workspaces.types import Permission

pytestmark = pytest.mark.django_db
EMAIL, OUTBOX = "/w/sofalineh/settings/email/", "/w/sofalineh/settings/outbox/"


def values(inbox, **more) -> dict[str, str]:
    usual = {"name": "سفالینه", "host": inbox.host, "port": str(inbox.port), "tls": "none", "user": "", "password": "s3cret"}
    return usual | {"sender": "salam@sofalineh.example"} | more


def test_the_page_says_when_no_mail_reaches_anybody(console):
    page = console.get(EMAIL).content.decode()
    assert "هنوز هیچ ایمیلی به مشتریان نمی‌رسد" in page


def test_a_server_is_kept_its_password_sealed_and_never_shown_again(console, brand, inbox):
    assert console.post(EMAIL, values(inbox)).status_code == 302
    channel = Channel.objects.get(workspace=brand)
    assert channel.settings["sender"] == "salam@sofalineh.example"
    assert "password" not in channel.settings
    assert unseal(channel.sealed) == {"password": "s3cret"}
    assert "s3cret" not in channel.sealed
    page = console.get(EMAIL).content.decode()
    assert "s3cret" not in page
    assert "salam@sofalineh.example" in page
    console.post(EMAIL, values(inbox, password="", name="نو"))
    assert unseal(Channel.objects.get().sealed) == {"password": "s3cret"}
    assert AuditEntry.objects.filter(action="channel.set").count() == 2
    assert not AuditEntry.objects.filter(detail__icontains="s3cret").exists()


def test_a_password_is_said_to_be_stored_only_where_there_is_one(console, inbox):
    console.post(EMAIL, values(inbox, password=""))
    assert "یکی ذخیره شده است" not in console.get(EMAIL).content.decode()
    console.post(EMAIL, values(inbox))
    assert "یکی ذخیره شده است" in console.get(EMAIL).content.decode()


def test_no_mail_leaves_by_a_server_of_somebody_who_may_not_see_addresses(brand, inbox):
    owner = create_owner(workspace=brand, email="owner@sofalineh.example", password=None).user
    role = create_role(workspace=brand, names={"en": "Porter"}, permissions={Permission.SETTINGS_MANAGE}, actor=owner)
    eve = put_member(workspace=brand, email="eve@sofalineh.example", name="Eve", role=role).user
    hers = Client(headers={"accept-language": "en"})
    hers.force_login(eve, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = hers.post(EMAIL, values(inbox, host="evil.example"))
    assert (answer.status_code, "See phone numbers and e-mail addresses" in answer.content.decode()) == (422, True)
    secret = create_key(workspace=brand, name="ops", scopes=["settings.manage"], actor=owner)[1]
    said = {"name": "Shop", "settings": {"host": "evil.example", "sender": "salam@sofalineh.example"}}
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().put("/api/v1/mail", said, content_type="application/json", headers=headers).status_code == 422
    assert not Channel.objects.exists()


def test_a_stored_password_follows_to_no_other_server(console, inbox):
    """Else whoever may change the address could have the password sent to a machine of their own."""
    console.post(EMAIL, values(inbox, user="salam"))
    moved = values(inbox, host="evil.example", password="", user="salam")
    assert console.post(EMAIL, moved).status_code == 422
    assert Channel.objects.get().settings["host"] == inbox.host
    assert console.post(EMAIL, moved | {"user": ""}).status_code == 302
    assert unseal(Channel.objects.get().sealed) == {}
    assert console.post(EMAIL, moved | {"password": "another"}).status_code == 302
    assert unseal(Channel.objects.get().sealed) == {"password": "another"}


@pytest.mark.parametrize("wrong", [{"port": "70000"}, {"port": "x"}, {"sender": "nobody"}, {"host": ""}, {"tls": "rot13"}, {"name": ""}])
def test_what_makes_no_sense_is_refused_and_what_was_typed_stays(console, inbox, wrong):
    answer = console.post(EMAIL, values(inbox, **wrong))
    assert answer.status_code == 422
    assert not Channel.objects.exists()
    assert "سفالینه" in answer.content.decode()


def test_a_port_may_be_typed_in_persian(console, inbox):
    console.post(EMAIL, values(inbox, port="۲۵"))
    assert Channel.objects.get().settings["port"] == "25"


def test_a_test_goes_to_oneself(console, mailbox):
    page = console.post(f"{EMAIL}test/", follow=True).content.decode()
    [mail] = mailbox.mails
    assert mail["To"] == "me@sofalineh.example"
    assert "me@sofalineh.example" in page
    assert not Outgoing.objects.exists()


def test_a_server_that_is_away_is_told_in_words(console, brand, inbox):
    console.post(EMAIL, values(inbox, port="1"))
    page = console.post(f"{EMAIL}test/", follow=True).content.decode()
    assert "در دسترس نیست" in page


def test_tests_are_few_a_minute_since_each_knocks_at_a_machine_of_the_members_choice(console, mailbox, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "mail-tests"}}
    with clock.frozen(clock.now()):
        pages = [console.post(f"{EMAIL}test/", follow=True).content.decode() for _ in range(7)]
    assert len(mailbox.mails) == 6
    assert "یک دقیقه" not in pages[5]
    assert "یک دقیقه" in pages[6]


def test_a_person_waits_for_a_test_no_longer_than_was_said(console, brand, inbox, monkeypatch):
    monkeypatch.setattr(trying, "WITHIN", 0.5)
    with dropping(["127.0.0.1"]) as port:
        console.post(EMAIL, values(inbox, port=str(port)))
        begun = time.monotonic()
        page = console.post(f"{EMAIL}test/", follow=True).content.decode()
    assert time.monotonic() - begun < 10, "the server was waited for as long as for a customer's mail"
    assert "در دسترس نیست" in page


def test_of_a_test_that_broke_off_nobody_says_that_it_did_not_leave(console, mailbox):
    mailbox.breaks_off = True
    page = console.post(f"{EMAIL}test/", follow=True).content.decode()
    assert gettext(BROKE_OFF) in page
    assert "فرستاده نشد" not in page


def test_a_server_is_forgotten(console, mailbox):
    console.post(f"{EMAIL}remove/")
    assert not Channel.objects.exists()


def test_the_outbox_shows_state_and_the_servers_words_and_tries_again(console, brand, negar, mailbox):
    mailbox.refusals["negar@post.example"] = "550 no such mailbox"
    send(workspace=brand, customer=negar, purpose=Purpose.SURVEY, message=Message("متن", "موضوع <b>"), key="k")
    work_off()
    page = console.get(OUTBOX).content.decode()
    assert re.search(r"<bdi>[^<]*550 no such mailbox[^<]*</bdi>", page)  # the server's Latin words keep their order among Persian ones
    assert "موضوع &lt;b&gt;" in page
    assert "negar@post.example" in page
    mailbox.refusals.clear()
    address = f"{OUTBOX}{public_id(bytes(brand.id_key), Outgoing.objects.get().pk)}/again/"
    assert console.post(address).status_code == 302
    work_off()
    assert Outgoing.objects.get().state == "sent"
    assert "هر چه باید می‌رفت" in console.get(OUTBOX).content.decode()


def test_a_mail_that_is_only_kept_is_read_in_the_outbox_with_its_links(console, brand, negar, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    message = Message("پاسخ می‌دهم: https://sofalineh.example/s/one/ <b>", "موضوع")
    send(workspace=brand, customer=negar, purpose=Purpose.SURVEY, message=message, key="k")
    assert "https://sofalineh.example/s/one/" not in console.get(OUTBOX).content.decode()
    work_off()
    page = console.get(OUTBOX).content.decode()
    assert 'href="https://sofalineh.example/s/one/"' in page
    assert "&lt;b&gt;" in page


def test_a_mail_that_left_is_not_read_by_others(console, brand, negar, mailbox):
    send(workspace=brand, customer=negar, purpose=Purpose.SURVEY, message=Message("راز https://x.example/s/", "موضوع"), key="k")
    work_off()
    assert "x.example" not in console.get(OUTBOX).content.decode()


def test_the_outbox_is_paged_and_narrowed_by_state(console, brand, negar):
    Outgoing.objects.bulk_create(
        Outgoing(
            workspace=brand, channel_kind="email", purpose="survey", customer=negar, subject=f"no. {n}.", text="x", key=f"{n}", state="sent"
        )
        for n in range(120)
    )
    first = console.get(OUTBOX)
    assert b"no. 119." in first.content
    assert b"no. 69." not in first.content
    second = console.get(OUTBOX + first.context["pager"]["next_url"])
    assert b"no. 69." in second.content
    assert second.context["pager"]["previous_url"]
    back = console.get(OUTBOX + second.context["pager"]["previous_url"])
    assert [row["message"].pk for row in back.context["rows"]] == [row["message"].pk for row in first.context["rows"]]
    assert console.get(f"{OUTBOX}?state=failed").context["rows"] == []
    assert console.get(f"{OUTBOX}?state=nonsense&from=forged").status_code == 200


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("failed", ("1 message did not leave. The reason stands beside it.", "2 messages did not leave. The reason stands beside each.")),
        ("unsure", ("Of 1 message it is not certain whether it arrived.", "Of 2 messages it is not certain whether they arrived.")),
        ("queued", ("1 message is about to leave.", "2 messages are about to leave.")),
    ],
)
def test_the_outbox_speaks_of_one_message_as_of_one(console, brand, owner, state, told):
    owner.language = "en"
    owner.save()
    for n, finding in enumerate(told):
        Outgoing.objects.create(workspace=brand, channel_kind="email", purpose="survey", text="x", key=f"{n}", state=state)
        assert console.get(OUTBOX).context["finding"] == finding


def test_the_outbox_promises_nothing_while_sending_is_stopped(console, brand, owner):
    owner.language = "en"
    owner.save()
    Outgoing.objects.create(workspace=brand, channel_kind="email", purpose="survey", text="x", key="1")
    stop_sending(workspace=brand, reason="", actor=owner)
    assert console.get(OUTBOX).context["finding"] == "1 message waits until sending goes on."


def test_another_brands_message_cannot_be_sent_again(console, brand, negar, owner):
    other = create_workspace(name="Other", slug="other")
    foreign = Outgoing.objects.create(workspace=other, channel_kind="email", purpose="survey", text="x", key="k", state="failed")
    for key in (bytes(brand.id_key), bytes(other.id_key)):
        assert console.post(f"{OUTBOX}{public_id(key, foreign.pk)}/again/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "failed"


@pytest.mark.parametrize("role", ["lead", "agent", "analyst", "viewer"])
def test_only_owners_and_managers_get_there(console, role):
    Member.objects.update(role=role)
    assert console.get(EMAIL).status_code == 403
    assert console.get(OUTBOX).status_code == 403
    assert console.post(f"{EMAIL}test/").status_code == 403


def test_the_settings_index_can_name_both():
    assert [reverse(page.url_name) for page in SETTINGS_PAGES] == ["/settings/email/", "/settings/outbox/"]
