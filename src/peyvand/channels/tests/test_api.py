"""The outbox and the mail server by a program: contacts and secrets stay hidden, failed mail is sent again."""

import json

import pytest

from peyvand.channels.models import Channel, Outgoing
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db
SERVER = {"host": "smtp.shop.example", "port": "587", "tls": "starttls", "user": "me"}
SERVER |= {"password": "s3cret-word", "sender": "hi@shop.example"}


@pytest.fixture
def shop(db):
    return Program()


def outgoing(program, key, state, **more):
    words = {"address": "negar@post.example", "subject": "How was it?", "text": "Tell us", "purpose": "survey"}
    return Outgoing.objects.create(workspace=program.workspace, channel_kind="email", key=key, state=state, **words | more)


def test_the_outbox_is_read_by_state_and_what_failed_is_sent_again(shop):
    failed = outgoing(shop, "1", "failed", error="No such mailbox: negar@post.example")
    outgoing(shop, "2", "sent")
    outgoing(Program("twin"), "1", "failed")
    told = shop.told("get", "/messages?state=failed")
    assert [(one["to"], one["error"]) for one in told["items"]] == [("negar@post.example", "No such mailbox: negar@post.example")]
    assert told["counts"] == {"failed": 1, "sent": 1}
    assert [one["text"] for one in shop.told("get", "/messages")["items"]] == ["Tell us", ""]
    again = shop.told("post", f"/messages/{told['items'][0]['id']}/resend")
    assert (again["state"], again["error"]) == ("queued", "")
    assert shop.refused("post", f"/messages/{shop.pid(failed.pk + 2)}/resend")[0] == 404
    assert Outgoing.objects.filter(state="failed").count() == 1


def test_without_the_scope_addresses_are_hidden(db):
    blind = Program("wall", ["operations"])
    outgoing(blind, "1", "failed", error="No such mailbox: negar@post.example")
    outgoing(blind, "2", "sent")
    answer = blind.call("get", "/messages").content.decode()
    assert "negar@" not in answer
    assert "Tell us" not in answer


def test_a_mail_server_is_set_up_and_its_password_is_never_told(shop):
    assert shop.told("get", "/mail")["way"] == "kept"
    told = shop.told("put", "/mail", {"name": "Shop", "settings": SERVER})
    assert (told["way"], told["has_secret"], told["settings"]["host"]) == ("own", True, "smtp.shop.example")
    assert "s3cret" not in json.dumps([told, list(AuditEntry.objects.values_list("detail", flat=True))], default=str)
    assert "s3cret" not in Channel.objects.get().sealed
    kept = {name: said for name, said in SERVER.items() if name != "password"}
    assert shop.told("put", "/mail", {"name": "Shop", "settings": kept})["has_secret"] is True
    elsewhere = kept | {"host": "smtp.thief.example"}
    assert shop.refused("put", "/mail", {"name": "Shop", "settings": elsewhere}) == (422, "invalid", "settings.password")
    assert shop.refused("put", "/mail", {"name": "Shop", "settings": SERVER | {"port": "99999"}}) == (422, "invalid", "settings.port")
    assert shop.refused("put", "/mail", {"name": "Shop", "settings": SERVER | {"proxy": "x"}}) == (422, "invalid", "settings")
    shop.told("delete", "/mail")
    assert not Channel.objects.exists()


def test_a_test_goes_to_the_maker_of_the_key(shop, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path
    assert shop.told("post", "/mail/test") == {"to": "me@sofalineh.example", "way": "kept"}
    (kept,) = tmp_path.glob("*.eml")
    assert "me@sofalineh.example" in kept.read_text(encoding="utf-8")
