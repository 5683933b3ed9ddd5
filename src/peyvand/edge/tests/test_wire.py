"""What the door makes of bodies: good ones quickly, odd ones carefully, and of none a fault of ours."""

import contextlib
import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.edge import wire
from peyvand.edge.wire import Unreadable, read
from peyvand.timeline.types import Item

AT = "2026-06-01T10:30:00+03:30"
GOOD = {"kind": "order.placed", "occurred_at": AT}


def body(*items, **more):
    return json.dumps([{**GOOD, **item, **more} for item in items] or GOOD).encode()


def test_one_object_and_an_array_are_read():
    assert read(json.dumps(GOOD).encode()).single
    found = read(body({}, {"product": "shoe"}))
    assert (found.single, [item.product for item in found.items], found.refused) == (False, ["", "shoe"], {})
    assert read(b"[]").items == []
    assert read(b"\xef\xbb\xbf " + json.dumps(GOOD).encode()).items[0].kind == "order.placed"


def test_lines_are_read():
    lines = b"\n".join([json.dumps(GOOD).encode(), b"", json.dumps({**GOOD, "product": "shoe"}).encode(), b"\r"])
    found = read(lines, lines=True)
    assert [item.product for item in found.items] == ["", "shoe"]


def test_a_line_that_is_no_json_costs_the_others_nothing():
    found = read(b"\n".join([json.dumps(GOOD).encode(), b"{oops", json.dumps(GOOD).encode()]), lines=True)
    assert len(found.items) == 2
    assert found.refused[1].field == "line 2"


def test_two_items_on_one_line_are_no_item():
    line = json.dumps(GOOD).encode()
    found = read(line + b"," + line + b"\n" + line, lines=True)
    assert (len(found.items), list(found.refused)) == (1, [0])


def test_null_means_not_said_but_stays_in_properties():
    told = {**GOOD, "channel": None, "amount": None, "customer": {"identities": [], "name": None}, "properties": {"coupon_used": None}}
    told["perceptions"] = [{"measure": "nps", "value": 9, "text": None}]
    item = read(json.dumps(told).encode()).items[0]
    assert (item.channel, item.amount, item.customer.name, item.perceptions[0].text) == ("", None, "", "")
    assert item.properties == {"coupon_used": None}


@pytest.mark.parametrize("written", [AT, "2026-06-01T07:00:00Z", "2026-06-01T07:00:00+00:00", "2026-06-01T07:00:00.000-00:00"])
def test_a_moment_may_be_written_in_any_way_of_rfc_3339(written):
    assert read(body({}, occurred_at=written)).items[0].occurred_at == msgspec.convert(AT, type=Item.__annotations__["occurred_at"])


def test_fields_that_hold_their_default_are_no_repeats():
    found = read(body({"channel": "", "properties": {}, "perceptions": []}))
    assert (len(found.items), found.refused) == (1, {})


TWICE = {
    "at the top": (b'{"kind":"a","occurred_at":"%s","kind":"b"}', "kind"),
    "in the customer": (b'{"kind":"a","occurred_at":"%s","customer":{"name":"A","name":"B"}}', "customer.name"),
    "in an identity": (
        b'{"kind":"a","occurred_at":"%s","customer":{"identities":[{"type":"phone","value":"1","value":"2"}]}}',
        "customer.identities[0].value",
    ),
    "in properties": (b'{"kind":"a","occurred_at":"%s","properties":{"x":1,"x":2}}', "properties.x"),
    "deep in properties": (b'{"kind":"a","occurred_at":"%s","properties":{"x":[{"y":1,"y":2}]}}', "properties.x[0].y"),
    "with space before the colon": (b'{"kind" :"a","occurred_at":"%s","kind"\t: "b"}', "kind"),
    "made up for by an escaped colon": (b'{"kind":"a","occurred_at":"%s","product":"\\u003a","kind":"b"}', "kind"),
    "made up for by an offset in a text": (b'{"kind":"a","occurred_at":"%s","product":"+00:00","kind":"b"}', "kind"),
    "written differently": (b'{"kind":"a","occurred_at":"%s","k\\u0069nd":"b"}', "kind"),
}  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in TWICE.items()])
def test_a_key_that_stands_twice_is_refused_by_name(case):
    text, field = case
    one = text.replace(b"%s", AT.encode())
    assert read(one).refused[0].field == field
    found = read(b"[" + json.dumps(GOOD).encode() + b"," + one + b"]")
    assert (len(found.items), list(found.refused), found.refused[1].field) == (1, [1], field)
    assert read(one + b"\n", lines=True).refused[0].field == field


def test_a_key_that_stands_twice_behind_thousands_is_found_in_one_pass():
    """Each name compared with each, this body took half a minute of the thread that all requests share."""
    names = [f"{n:05}" for n in range(15_000)]
    told = ",".join(f'"{name}":1' for name in [*names, names[-1]])
    began = time.thread_time()
    found = read(f'{{"kind":"a","occurred_at":"{AT}","properties":{{{told}}}}}'.encode())
    assert found.refused[0].field == "properties.14999"
    assert time.thread_time() - began < 5


REFUSED = {
    "no kind": ({"kind": None}, "kind"),
    "no time": ({"occurred_at": None}, "occurred_at"),
    "no offset": ({"occurred_at": "2026-06-01T10:30:00"}, "occurred_at"),
    "no such day": ({"occurred_at": "2026-02-30T10:30:00Z"}, "occurred_at"),
    "a number for a time": ({"occurred_at": 1777000000}, "occurred_at"),
    "an unknown field": ({"touchpiont": "web"}, "touchpiont"),
    "an unknown field of a perception": ({"perceptions": [{"measure": "nps", "valeu": 3}]}, "perceptions[0].valeu"),
    "a text for a number": ({"amount": "12"}, "amount"),
    "a fraction of a Rial": ({"amount": 1.5}, "amount"),
    "an amount beyond all money": ({"amount": 10**40}, "amount"),
    "a currency of two letters": ({"currency": "IR"}, "currency"),
    "a wrong identity": ({"customer": {"identities": [{"type": "phone"}]}}, "customer.identities[0].value"),
    "a scale of one": ({"perceptions": [{"measure": "x", "value": 1, "scale": [1]}]}, "perceptions[0].scale"),
    "a list for properties": ({"properties": []}, "properties"),
    "too many perceptions": ({"perceptions": [{"measure": "nps", "value": 1}] * 65}, "perceptions"),
    "a name too long": ({"channel": "x" * 121}, "channel"),
    "no text at all": ({"external_id": 5}, "external_id"),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in REFUSED.items()])
def test_a_wrong_field_is_named(case):
    fields, field = case
    assert read(json.dumps({**GOOD, **fields}).encode()).refused[0].field == field
    found = read(body({}, fields, {}))
    assert (len(found.items), list(found.refused)) == (2, [1])
    assert found.refused[1].reason


@pytest.mark.parametrize("text", [b"7", b'"x"', b"null", b"[7]", b"[[]]"])
def test_what_is_no_item_is_refused(text):
    with contextlib.suppress(Unreadable):
        found = read(text)
        assert found.items == []
        assert found.refused[0].reason


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (b"", "unreadable", ""),
        (b"   ", "unreadable", ""),
        (b"{", "unreadable", ""),
        (b'{"kind":}', "unreadable", ""),
        (b"{}{}", "unreadable", ""),
        (b'{"kind":"a"},{"kind":"b"}', "unreadable", ""),
        (b'{"kind":"a\x00"}', "unreadable", ""),
        (b'{"kind":"\xff"}', "bad-utf-8", ""),
        (b'{"kind":"\xed\xa0\x80"}', "bad-utf-8", ""),
        (b'{"properties":{"price":NaN}}', "not-a-number", "price"),
        (b'[{"properties":{"prices":[1,-Infinity]}}]', "not-a-number", "prices"),
        (b"[" * 100_000, "too-deep", ""),
        (b'{"a":' * 50_000, "too-deep", ""),
        (b'{"amount":' + b"9" * 5000 + b"}", "unreadable", ""),
        (b'{"amount":01}', "unreadable", ""),
        (b"PK\x03\x04", "unreadable", ""),
    ],
)
def test_a_body_that_cannot_be_read_says_why(text, code, field):
    with pytest.raises(Unreadable) as unreadable:
        read(text)
    assert (unreadable.value.status, unreadable.value.code, unreadable.value.field) == (400, code, field)
    assert unreadable.value.detail
    with pytest.raises(Unreadable):
        read(text, lines=True)


def test_half_a_surrogate_pair_is_refused_by_field_and_costs_the_others_nothing():
    found = read(b'[%s,{"kind":"a","occurred_at":"%s","properties":{"note":"\\ud83d"}}]' % (json.dumps(GOOD).encode(), AT.encode()))
    assert (len(found.items), found.refused[1].field) == (1, "properties.note")
    assert read(json.dumps({**GOOD, "product": "😀"}).encode()).items[0].product == "😀"


def test_a_number_too_large_is_refused_by_field():
    text = json.dumps({**GOOD, "properties": {"n": 1}}).replace("1}", "1e999}").encode()
    assert read(text).refused[0].field == "properties.n"


def test_deep_but_closed_nesting_is_a_plain_refusal():
    with pytest.raises(Unreadable, match="nested too deeply"):
        read(b'{"kind":"a","properties":{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}}")


def test_more_items_than_allowed_are_refused_whole():
    with pytest.raises(Unreadable) as unreadable:
        read(body(*[{}] * (wire.MOST_ITEMS + 1)))
    assert (unreadable.value.status, unreadable.value.code) == (413, "too-many-items")
    assert read(body(*[{}] * 10)).total == 10


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"[" + b"{}," * wire.MOST_PARTS + b"{}]", "too-many-parts"),
        (b'{"kind":"a","properties":{"x":[' + b"[]," * wire.MOST_PARTS + b"1]}}", "too-many-parts"),
        (b"{" + b",".join(b'"k%d":1' % n for n in range(wire.MOST_FIELDS + 1)) + b"}", "too-many-fields"),
    ],
)
def test_what_grows_when_it_is_read_is_refused_before(text, code):
    for lines in (False, True):
        with pytest.raises(Unreadable) as unreadable:
            read(text, lines=lines)
        assert (unreadable.value.status, unreadable.value.code) == (413, code)


def test_more_lines_than_items_are_allowed_are_refused_before_they_are_cut():
    with pytest.raises(Unreadable) as unreadable:
        read(b"\n" * (4 * wire.MOST_ITEMS + 1), lines=True)
    assert (unreadable.value.status, unreadable.value.code) == (413, "too-many-items")


@given(st.binary(max_size=200))
def test_no_bytes_are_a_fault_of_ours(text):
    for lines in (False, True):
        with contextlib.suppress(Unreadable):
            assert all(isinstance(item, Item) for item in read(text, lines=lines).items)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*Item.__struct_fields__, "other"]), JSON, max_size=8))
def test_no_json_is_a_fault_of_ours(fields):
    found = read(json.dumps({**GOOD, **fields}).encode())
    assert found.total == 1
    found = read(json.dumps([{**GOOD, **fields}, GOOD]).encode())
    assert found.total == 2
    assert found.items[-1].kind == "order.placed"
