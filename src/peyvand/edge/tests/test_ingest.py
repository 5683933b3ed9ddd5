"""The ingest door over real HTTP: exact answers, nothing half-written, one effect however often it is sent."""

import concurrent.futures
import gzip
import json
import time

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from tests.waiting import PATIENCE, until

from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.core.ids import private_id
from peyvand.edge import intake, writing
from peyvand.edge.models import GivenAnswer
from peyvand.edge.services import KEPT_FOR, forget_answers
from peyvand.edge.tests.serving import read
from peyvand.identities.models import Customer, Identity
from peyvand.identities.services import resolve
from peyvand.identities.types import IdentityType
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.services import declare_kind, recording
from peyvand.workspaces.models import ApiKey
from peyvand.workspaces.services.keys import create_key, revoke_key

AT = "2026-06-01T10:30:00+03:30"


def order(n=0, **fields):
    return {"kind": "order.placed", "occurred_at": AT, "source": "shop", "external_id": f"e-{n}", **fields}


def by(own_id):
    return {"customer": {"identities": [{"type": "own_id", "value": own_id}]}}


def test_one_item_is_recorded_and_named(shop):
    answered = shop.post(order(perceptions=[{"measure": "csat", "value": 4}], **by("alice")))
    assert answered.status == 200
    assert answered.headers["content-type"] == "application/json"
    assert answered.json["status"] == "recorded"
    row = Interaction.objects.get()
    assert private_id(bytes(shop.workspace.id_key), answered.json["id"]) == row.pk
    assert (Customer.objects.count(), Perception.objects.get().value) == (1, 4.0)
    assert shop.post(order(**by("alice"))).json == {"status": "duplicate", "id": answered.json["id"]}


def test_an_array_is_answered_item_by_item_in_order(shop):
    answered = shop.post(
        [order(1), order(2, kind="no.such"), order(1), {"kind": "order.placed"}, order(3, occurred_at="2026-06-01T10:30:00")]
    )
    assert answered.status == 200
    first, unknown, repeat, timeless, local = answered.json
    assert (first["status"], repeat) == ("recorded", {"status": "duplicate", "id": first["id"]})
    assert (unknown["status"], unknown["field"]) == ("rejected", "kind")
    assert (timeless["field"], timeless["reason"]) == ("occurred_at", "is missing")
    assert (local["field"], local["status"]) == ("occurred_at", "rejected")
    assert Interaction.objects.count() == 1


def test_lines_are_answered_like_an_array(shop):
    body = b"\n".join(json.dumps(order(n)).encode() for n in range(3)) + b"\n{oops\n"
    answered = shop.post(body, content_type="application/x-ndjson")
    assert [one["status"] for one in answered.json] == ["recorded", "recorded", "recorded", "rejected"]
    assert answered.json[3]["field"] == "line 4"


def test_a_single_bad_item_is_a_problem_that_names_the_field(shop):
    answered = shop.post(order(perceptions=[{"measure": "nps", "value": 11}]))
    assert answered.status == 422
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.json == {
        "type": "urn:peyvand:problem:item-rejected", "code": "item-rejected", "title": "Unprocessable Entity", "status": 422,
        "detail": "perceptions[0].value: 11 is off the scale 0 to 10", "field": "perceptions[0].value",
    }  # fmt: skip
    assert not Interaction.objects.exists()


def test_words_for_programs_are_english(shop):
    answered = shop.post(order(customer={"identities": [{"type": "phone", "value": "12"}]}))
    assert answered.json["field"] == "customer.identities[0]"
    assert answered.json["detail"].isascii() or "is not a phone number" in answered.json["detail"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "unreadable"),
        (b"{", 400, "unreadable"),
        (b"7", 400, "not-items"),
        (b"\xff\xfe", 400, "bad-utf-8"),
        (b"[" * 100_000, 400, "too-deep"),
        (b'{"properties":{"x":NaN}}', 400, "not-a-number"),
        (b'{"kind":"a","kind":"b","occurred_at":"2026-01-01T00:00:00Z"}', 422, "item-rejected"),
        (b'{"kind":"order.placed","occurred_at":"2026-01-01T00:00:00Z","product":"\\u0000"}', 422, "item-rejected"),
        (b'{"kind":"order.placed","occurred_at":"2026-01-01T00:00:00Z","product":"\\ud800"}', 422, "item-rejected"),
        (b'{"kind":"order.placed","occurred_at":"2026-01-01T00:00:00Z","amount":1e400}', 422, "item-rejected"),
    ],
)
def test_what_cannot_be_recorded_is_said_plainly_and_leaves_nothing(shop, body, status, code):
    answered = shop.post(body)
    assert (answered.status, answered.json["code"]) == (status, code)
    assert answered.headers["content-type"] == "application/problem+json"
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer sk_nobody", "Bearer ‌sk".encode().decode("latin-1")])
def test_without_a_valid_key_nobody_comes_in(shop, given):
    answered = shop.post(order(), authorization=given)
    assert (answered.status, answered.json["code"]) == (401, "unauthorised")
    assert answered.headers["www-authenticate"].startswith("Bearer")
    assert not Interaction.objects.exists()


def test_a_key_for_something_else_is_forbidden(shop):
    _key, reader = create_key(workspace=shop.workspace, name="reader", scopes=["read"])
    answered = shop.post(order(), authorization=f"Bearer {reader}")
    assert (answered.status, answered.json["code"]) == (403, "forbidden")
    assert "ingest" in answered.json["detail"]


def test_a_revoked_key_stops_within_five_seconds(shop):
    assert shop.post(order(1)).status == 200
    revoke_key(key=shop.key, actor=None)
    sent = revoked = time.monotonic()
    while shop.post(order(1)).status == 200:
        assert sent - revoked < 5, "a revoked key still works"
        time.sleep(0.1)
        sent = time.monotonic()
    assert shop.post(order(2)).status == 401
    assert Interaction.objects.count() == 1


def test_a_key_remembers_when_it_was_used(shop):
    shop.post(order())
    until(lambda: ApiKey.objects.get(pk=shop.key.pk).last_used_at is not None)


def test_a_kind_declared_a_moment_ago_is_taken(shop):
    assert shop.post(order(1)).status == 200
    assert shop.post(order(2, kind="repair.finished")).status == 422
    declare_kind(workspace=shop.workspace, code="repair.finished", names={"en": "Repaired"}, fields={}, actor=None)
    assert shop.post(order(2, kind="repair.finished")).json["status"] == "recorded"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content_type": "text/plain"}, 415, "unsupported-media-type"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
        ({"content_type": "application/json; charset=utf-16"}, 415, "unsupported-media-type"),
        ({"content_encoding": "br"}, 415, "unsupported-encoding"),
        ({"content_encoding": "gzip"}, 400, "bad-gzip"),
        ({"idempotency_key": "k" * 201}, 400, "bad-idempotency-key"),
        ({"idempotency_key": "a b"}, 400, "bad-idempotency-key"),
        ({"content_length": str(6 << 20)}, 413, "too-large"),
    ],
)
def test_headers_that_do_not_fit_are_refused(shop, headers, status, code):
    answered = shop.post(order(), **headers)
    assert (answered.status, answered.json["code"]) == (status, code)
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON", ""])
def test_json_by_any_usual_name_is_taken(shop, content_type):
    assert shop.post(order(), content_type=content_type).status == 200


def test_a_packed_body_is_unpacked_and_a_bomb_is_not(shop):
    packed = gzip.compress(json.dumps([order(n) for n in range(50)]).encode())
    assert len(shop.post(packed, content_encoding="gzip").json) == 50
    bomb = gzip.compress(b" " * (50 << 20))
    answered = shop.post(bomb, content_encoding="gzip")
    assert (answered.status, answered.json["code"]) == (413, "too-large")
    assert shop.post(packed[:-9], content_encoding="gzip").json["code"] == "bad-gzip"
    assert Interaction.objects.count() == 50


def test_a_body_that_comes_in_pieces_is_one_body(shop):
    body = json.dumps([order(n) for n in range(200)]).encode()
    with shop.connect() as made:
        made.sendall(
            b"POST /api/v1/interactions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            + f"Content-Type: application/json\r\nAuthorization: Bearer {shop.secret}\r\n\r\n".encode()
        )
        for start in range(0, len(body), 5000):
            piece = body[start : start + 5000]
            made.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        made.sendall(b"0\r\n\r\n")
        status, _headers, answer = read(made)
    assert (status, len(json.loads(answer))) == (200, 200)


def test_a_body_too_large_in_pieces_is_refused_and_not_kept(shop):
    with shop.connect() as made:
        made.sendall(
            b"POST /api/v1/interactions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            + f"Content-Type: application/json\r\nAuthorization: Bearer {shop.secret}\r\n\r\n".encode()
        )
        piece = b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20))
        for _ in range(6):
            made.sendall(piece)
        status, _headers, answer = read(made)
    assert (status, json.loads(answer)["code"]) == (413, "too-large")


def test_who_sends_too_much_is_told_so_after_the_last_byte(shop):
    answered = shop.post(b" " * (12 << 20))
    assert (answered.status, answered.json["code"]) == (413, "too-large")
    with shop.connect() as made:
        made.sendall(
            f"POST /api/v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {shop.secret}\r\n"
            f"Expect: 100-continue\r\nContent-Length: {12 << 20}\r\n\r\n".encode()
        )
        assert read(made)[0] == 413  # who asks first is told before it sends


def test_a_client_that_leaves_half_way_was_never_here(shop):
    with shop.connect() as made:
        made.sendall(
            f"POST /api/v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {shop.secret}\r\n"
            f"Content-Length: 1000\r\n\r\n".encode()
            + json.dumps(order()).encode()
        )
    assert shop.post(order(1)).status == 200
    assert Interaction.objects.count() == 1


def test_five_thousand_items_are_taken_at_once_and_no_more(shop):
    least = {"kind": "site.visited", "occurred_at": AT}
    answered = shop.post([least] * 5000)
    assert [one["status"] for one in answered.json] == ["recorded"] * 5000
    answered = shop.post([least] * 5001)
    assert (answered.status, answered.json["code"]) == (413, "too-many-items")
    assert Interaction.objects.count() == 5000


def test_other_methods_are_left_to_the_pages(shop):
    assert shop.post(b"", method="GET").status == 299
    assert shop.post(b"", method="DELETE").status == 299


def test_workspaces_do_not_meet(shop):
    other = type(shop.workspace).objects.create(slug="other", phone_region="DE")
    _key, secret = create_key(workspace=other, name="other", scopes=["ingest"])
    mine = shop.post(order(**by("alice"))).json
    theirs = shop.post(order(**by("alice")), authorization=f"Bearer {secret}").json
    assert mine["status"] == theirs["status"] == "recorded"
    assert Customer.objects.count() == 2
    phone = {"customer": {"identities": [{"type": "phone", "value": "0171 2345678"}]}}
    assert shop.post(order(2, **phone)).status == 200
    assert shop.post(order(2, **phone), authorization=f"Bearer {secret}").status == 200
    assert set(Identity.objects.filter(type=2).values_list("workspace_id", "value")) == {
        (shop.workspace.pk, "+981712345678"),
        (other.pk, "+491712345678"),
    }


def test_the_same_key_and_body_have_one_effect_and_one_answer(shop):
    item = order(external_id=None, **by("alice"))
    first = shop.post(item, idempotency_key="k-1")
    again = shop.post(item, idempotency_key='"k-1"')
    assert (first.status, first.json["status"]) == (200, "recorded")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert Interaction.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(shop):
    shop.post(order(1), idempotency_key="k-1")
    answered = shop.post(order(2), idempotency_key="k-1")
    assert (answered.status, answered.json["code"]) == (409, "idempotency-key-reused")
    assert Interaction.objects.count() == 1


def test_a_refused_item_is_refused_again_under_its_key(shop):
    first = shop.post(order(kind="no.such"), idempotency_key="k-1")
    again = shop.post(order(kind="no.such"), idempotency_key="k-1")
    assert (first.status, again.status, again.body) == (422, 422, first.body)
    assert again.headers["content-type"] == "application/problem+json"


def test_an_unreadable_body_keeps_no_key(shop):
    assert shop.post(b"{", idempotency_key="k-1").status == 400
    assert shop.post(order(), idempotency_key="k-1").json["status"] == "recorded"


def test_keys_of_two_workspaces_are_two_keys(shop):
    other = type(shop.workspace).objects.create(slug="other")
    _key, secret = create_key(workspace=other, name="other", scopes=["ingest"])
    assert shop.post(order(1), idempotency_key="k-1").status == 200
    assert shop.post(order(2), idempotency_key="k-1", authorization=f"Bearer {secret}").status == 200


def test_fifty_at_once_with_one_key_are_one(shop):
    item = [order(external_id=None, **by("alice")), order(external_id=None, **by("bob"))]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _n: shop.post(item, idempotency_key="k-1"), range(50)))
    assert {answered.status for answered in answers} == {200}
    assert len({answered.body for answered in answers}) == 1
    assert (Interaction.objects.count(), Customer.objects.count(), GivenAnswer.objects.count()) == (2, 2, 1)


def test_a_key_holds_for_a_day(shop):
    shop.post(order(external_id=None), idempotency_key="k-1")
    GivenAnswer.objects.update(given_at=clock.now() - KEPT_FOR)
    assert shop.post(order(external_id=None, product="shoe"), idempotency_key="k-1").json["status"] == "recorded"
    assert forget_answers() == 0
    GivenAnswer.objects.update(given_at=clock.now() - KEPT_FOR)
    assert forget_answers() == 1
    assert not GivenAnswer.objects.exists()


def test_many_at_once_are_all_recorded_once(shop):
    def send(n):
        return [shop.post([order(f"{n}-{m}", **by(f"c{(n * 7 + m) % 30}")) for m in range(10)]).json for _ in range(2)]

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(40)))
    assert all(one["status"] == "recorded" for first, _second in answers for one in first)
    assert all([one["id"] for one in first] == [one["id"] for one in second] for first, second in answers)
    assert all(one["status"] == "duplicate" for _first, second in answers for one in second)
    assert (Interaction.objects.count(), Identity.objects.count(), Customer.objects.count()) == (400, 30, 30)


def test_repeats_are_looked_for_once_one_was_met(shop, monkeypatch):
    monkeypatch.setattr(writing._Progress, "repeats_until", 0.0)
    looked, real = [], recording.store.find_recorded
    monkeypatch.setattr(recording.store, "find_recorded", lambda keys: looked.append(len(keys)) or real(keys))
    answers = [shop.post(order(name)).json["status"] for name in ("a", "b", "a", "c")]
    assert answers == ["recorded", "recorded", "duplicate", "recorded"]
    assert looked == [1, 1]
    writing._Progress.repeats_until = clock.monotonic() - 1
    shop.post(order("d"))
    assert looked == [1, 1]


@pytest.mark.skipif(is_sqlite(), reason="SQLite has one writer: nobody else makes a person meanwhile")
def test_a_person_whom_another_writer_makes_at_this_moment_is_one_person(shop, monkeypatch):
    monkeypatch.setattr(writing._Progress, "repeats_until", 0.0)
    kind, value = IdentityType.OWN_ID.value, "alice"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            theirs = resolve(shop.workspace.pk, [[(kind, value)]])[0]
            asked = pool.submit(shop.post, order(1, **by(value)))
            until(_waits_for_a_transaction)
        answered = asked.result(PATIENCE)
    assert answered.json["status"] == "recorded"
    assert Interaction.objects.get().identity_id == theirs.identity_id
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)


def _waits_for_a_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
        return cursor.fetchone()[0]


def test_a_request_that_cannot_be_written_costs_those_beside_it_nothing(shop, monkeypatch):
    real = writing.write_drafted

    def fails(drafted, **options):
        if any(one.external_id == "e-poison" for one in [*drafted.drafts, *(item for _n, item in drafted.unmet)]):
            raise DatabaseError("this row cannot be written")
        return real(drafted, **options)

    monkeypatch.setattr(writing, "write_drafted", fails)
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda n: shop.post(order(n)), [*range(8), "poison"]))
    assert [answered.status for answered in answers] == [200] * 8 + [500]
    assert answers[-1].json["code"] == "fault"
    assert Interaction.objects.count() == 8


def test_a_store_that_is_gone_is_a_503_and_comes_back_by_itself(shop, monkeypatch):
    real, broken = writing.write_drafted, [True]

    def fails(drafted, **options):
        if broken[0]:
            raise OperationalError("database or disk is full")
        return real(drafted, **options)

    monkeypatch.setattr(writing, "write_drafted", fails)
    answered = shop.post([order(1), order(2)])
    assert (answered.status, answered.json["code"]) == (503, "store-unavailable")
    assert int(answered.headers["retry-after"]) > 0
    assert not Interaction.objects.exists()
    broken[0] = False
    assert shop.post([order(1), order(2)]).status == 200


def test_a_full_house_sends_away_at_once(shop, monkeypatch):
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    answered = shop.post(order())
    assert (answered.status, answered.json["code"]) == (503, "busy")
    assert answered.headers["retry-after"] == "1"
    assert not Interaction.objects.exists()
