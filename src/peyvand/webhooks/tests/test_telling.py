"""What is recorded reaches its receiver once, signed, in order; who does not answer is left alone and misses nothing for three days."""

import datetime as dt
import json
import threading

import pytest

from peyvand.core import clock, jobs, outward, reaching
from peyvand.core.models import Job
from peyvand.core.work import work
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import open_batch, record_many
from peyvand.timeline.subscriptions import run_once
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.tests.settling import settle
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.webhooks.services import deliver, drop_old_secret, make_endpoint, new_secret, replay_dead, secrets_of, tidy
from peyvand.webhooks.services.telling import HOLD
from peyvand.webhooks.signing import is_signed
from peyvand.webhooks.tests.conftest import tell
from peyvand.webhooks.tests.receiver import make_certificate, receiving

NOON = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)


def told(receiver):
    return [json.loads(call.body) for call in receiver.calls]


def test_what_is_recorded_arrives_once_and_signed(webhook, receiver, happens):
    happens(external_id="1", source="shop")
    tell(webhook)
    tell(webhook)
    (call,) = receiver.calls
    assert call.path == "/hook?from=peyvand"
    assert call.headers["peyvand-event"] == "order.placed"
    assert is_signed(secrets_of(webhook)[0], call.headers["peyvand-signature"], call.body, now=clock.now().timestamp())
    (body,) = told(receiver)
    assert body["kind"] == body["interaction"]["kind"] == "order.placed"
    assert body["id"] == call.headers["peyvand-delivery"]
    assert body["interaction"]["external_id"] == "1"


def test_the_worker_does_it_by_itself(webhook, receiver, happens):
    happens()
    assert work("test", lane=jobs.Lane.OUTSIDE) == 1
    assert len(receiver.calls) == 1
    assert not Job.objects.exists()


def test_without_the_choice_nobody_is_named(webhook, receiver, happens):
    happens(properties={"coupon": "for negar@post.example"})
    tell(webhook)
    text = receiver.calls[0].body.decode()
    assert "Negar" not in text
    assert "negar@" not in text
    assert "1234567" not in text


def test_with_the_choice_the_person_is_told_too(brand, receiver, happens):
    endpoint, _secret = make_endpoint(workspace=brand, name="crm", url=receiver.url, personal=True, actor=None)
    happens()
    tell(endpoint)
    (body,) = told(receiver)
    assert body["interaction"]["person"] == {"name": "Negar", "identities": [{"type": "email", "value": "negar@post.example"}]}
    assert body["interaction"]["perceptions"][0]["text"] == "Call me: 09121234567"


def test_only_chosen_kinds_of_the_own_brand_are_told(brand, receiver, happens):
    endpoint, _secret = make_endpoint(workspace=brand, name="late", url=receiver.url, kinds=["order.delivered"], actor=None)
    happens("order.placed")
    happens("order.delivered")
    twin = make_workspace("Twin")
    record_many(twin.pk, [make_item("order.delivered", who="alice")])
    settle()
    run_once()
    tell(endpoint)
    assert [body["kind"] for body in told(receiver)] == ["order.delivered"]
    assert told(receiver)[0]["workspace"] == brand.slug


def test_what_an_import_brings_is_history(brand, webhook):
    batch = open_batch(workspace=brand, label="last year")
    record_many(brand.pk, [make_item(who="alice")], batch=batch.pk)
    settle()
    run_once()
    assert Telling.objects.count() == 0


def test_tellings_keep_the_order_of_the_timeline(webhook, receiver, happens):
    recorded = [happens() for _n in range(4)]
    tell(webhook)
    assert list(Telling.objects.order_by("pk").values_list("interaction_id", flat=True)) == recorded
    assert [call.headers["peyvand-delivery"] for call in receiver.calls] == [body["id"] for body in told(receiver)]
    assert len(receiver.calls) == 4


def test_who_does_not_answer_is_left_alone_then_told_everything_in_order(webhook, receiver, happens):
    with clock.frozen(NOON) as stopped:
        Endpoint.objects.update(created_at=NOON)
        receiver.status = 500
        first, second = happens(), happens()
        with pytest.raises(jobs.Later) as later:
            deliver(webhook.pk)
        assert len(receiver.calls) == 1
        assert 2.5 <= (later.value.run_at - NOON).total_seconds() <= 5
        with pytest.raises(jobs.Later):
            deliver(webhook.pk)
        assert len(receiver.calls) == 1  # at rest
        receiver.status = 204
        stopped.advance(dt.timedelta(seconds=6))
        deliver(webhook.pk)
        ids = list(Telling.objects.filter(state="told").order_by("ended_at", "pk").values_list("interaction_id", flat=True))
        assert ids == [first, second]
        webhook.refresh_from_db()
        assert (webhook.failures, webhook.rests_until) == (0, None)


def test_one_that_the_receiver_cannot_take_holds_up_no_other(webhook, receiver, happens):
    receiver.refuses = {"order.cancelled"}
    happens("order.cancelled")
    happens("order.placed")
    tell(webhook)
    assert [body["kind"] for body in told(receiver)] == ["order.cancelled", "order.placed"]
    waits = Telling.objects.get(kind="order.cancelled")
    assert (waits.state, waits.status, waits.attempts) == ("waiting", 422, 1)
    assert waits.due_at > clock.now()


def test_a_receiver_that_asks_for_time_gets_it(webhook, receiver, happens):
    receiver.status, receiver.headers = 503, {"Retry-After": "120"}
    happens()
    with clock.frozen(clock.now()):
        with pytest.raises(jobs.Later) as later:
            deliver(webhook.pk)
        assert later.value.run_at == clock.now() + dt.timedelta(seconds=120)


def test_after_three_days_it_is_given_up_and_can_be_told_again(webhook, receiver, happens):
    with clock.frozen(NOON) as stopped:
        Endpoint.objects.update(created_at=NOON)
        receiver.status = 500
        happens(), happens()
        tries = 0
        while Telling.objects.filter(state="waiting").exists():
            try:
                deliver(webhook.pk)
            except jobs.Later as later:
                stopped.advance(later.run_at - clock.now())
            tries += 1
            assert tries < 1000
        assert clock.now() - NOON >= dt.timedelta(days=3)
        assert clock.now() - NOON < dt.timedelta(days=3, hours=7)
        assert set(Telling.objects.values_list("state", flat=True)) == {"dead"}
        receiver.status, receiver.calls[:] = 200, []
        assert replay_dead(endpoint=webhook, actor=None) == 2
        deliver(webhook.pk)
        assert set(Telling.objects.values_list("state", flat=True)) == {"told"}
        assert len(receiver.calls) == 2


def test_a_slow_answer_and_one_drop_by_drop_end_in_time(webhook, receiver, happens):
    for waits, drips in ((30.0, ""), (0.0, "head"), (0.0, "body")):
        receiver.waits, receiver.drips = waits, drips
        began = clock.monotonic()
        with pytest.raises(outward.NoAnswerError, match="in time"):
            outward.post(receiver.url, b"{}", {}, seconds=0.5)
        assert clock.monotonic() - began < 20, "it took as long as the other side wanted"


def test_a_hold_lasts_longer_than_one_telling_can():
    assert dt.timedelta(seconds=2 * (reaching.LOOK_UP + outward.SECONDS)) < HOLD, "two processes would tell the same thing at once"


def test_nobody_follows_a_redirect(webhook, receiver, happens):
    with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
        happens()
        tell(webhook)
        assert elsewhere.calls == []
    assert Telling.objects.get().status == 307


def test_by_https_the_certificate_counts(brand, settings, tmp_path, monkeypatch, happens):
    certificate = make_certificate(tmp_path)
    with receiving(certificate) as receiver:
        settings.PEYVAND_INTERNAL_HOSTS = [receiver.host]
        endpoint, _secret = make_endpoint(workspace=brand, name="tls", url=receiver.url, actor=None)
        happens()
        tell(endpoint)
        assert receiver.calls == []
        assert Telling.objects.get().error == "Its certificate is not valid."
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        Endpoint.objects.update(rests_until=None)
        Telling.objects.update(due_at=clock.now())
        tell(endpoint)
        assert len(receiver.calls) == 1


def test_two_secrets_sign_until_the_old_one_is_dropped(webhook, receiver, happens):
    old = secrets_of(webhook)[0]
    fresh = new_secret(endpoint=webhook, actor=None)
    webhook.refresh_from_db()
    happens()
    tell(webhook)
    drop_old_secret(endpoint=webhook, actor=None)
    webhook.refresh_from_db()
    happens()
    tell(webhook)
    now = clock.now().timestamp()
    holds = [[is_signed(one, call.headers["peyvand-signature"], call.body, now=now) for one in (old, fresh)] for call in receiver.calls]
    assert holds == [[True, True], [False, True]]


def test_two_workers_tell_each_thing_once(webhook, receiver, happens):
    for _n in range(5):
        happens()
    receiver.waits = 0.02
    workers = [threading.Thread(target=_tell_and_close, args=(webhook,)) for _n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    tell(webhook)
    assert len(receiver.calls) == 5


def test_who_died_under_a_clock_that_went_wrong_holds_it_up_no_longer(webhook, receiver, happens):
    happens()
    Endpoint.objects.update(busy_until=clock.now() + dt.timedelta(seconds=20))
    tell(webhook)
    assert receiver.calls == []
    Endpoint.objects.update(busy_until=clock.now() + dt.timedelta(hours=1))
    tell(webhook)
    assert len(receiver.calls) == 1


def _tell_and_close(endpoint):
    from django.db import connection  # noqa: PLC0415 - of this thread

    tell(endpoint)
    connection.close()


def test_an_interaction_that_is_gone_is_told_to_nobody(webhook, receiver, happens):
    number = happens()
    Interaction.objects.filter(pk=number).delete()
    tell(webhook)
    assert receiver.calls == []
    assert Telling.objects.get().state == "dead"


def test_what_is_long_over_is_forgotten(webhook, receiver, happens):
    happens()
    tell(webhook)
    assert tidy() == 0
    Telling.objects.update(ended_at=clock.now() - dt.timedelta(days=8))
    assert tidy() == 1
    assert Telling.objects.count() == 0


def test_a_webhook_that_is_off_is_told_nothing(webhook, receiver, happens):
    Endpoint.objects.update(is_active=False)
    happens()
    deliver(webhook.pk)
    assert receiver.calls == []
