"""Maps: what they may say, how cells become values, and that a fault names its key."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.imports.mapping.guessing import guess
from peyvand.imports.mapping.rules import Context, Rejection, compile_map
from peyvand.imports.mapping.schema import read_map
from peyvand.imports.mapping.shipped import fitting, join_named, leaves_out, shipped_maps
from peyvand.imports.mapping.values import Reading, ValueProblem, as_amount, as_moment, as_number, as_text
from peyvand.imports.mapping.writing import read_choices, written_map
from peyvand.imports.reading.naming import place_of
from peyvand.imports.reading.preparing import Prepared, Unit
from peyvand.imports.services.rejects import neutral
from peyvand.imports.types import FAULT, FileProblem, MapProblem
from peyvand.timeline.types import CompanyIn

TEHRAN = Reading(ZoneInfo("Asia/Tehran"), "IRR", "toman")
CONTEXT = Context("Asia/Tehran", "IRR", "toman", frozenset({"order.placed", "review.written"}))
COLUMNS = ["number", "date", "total", "phone", "score", "words"]
ROW = ("12", "۱۴۰۴/۰۸/۰۱", "۱٬۰۰۰", "09121112233", "4", " خوب بود ")
BASE = 'source = "s"\n[customer]\nidentities = { phone = "phone" }\n[[interactions]]\nkind = "order.placed"\noccurred_at = "date"\n'


def items(text, row=ROW, columns=COLUMNS):
    compiled = compile_map(read_map(text), Prepared(None, columns, {}, 1, None), CONTEXT)
    return compiled.items(Unit(0, [row]))


def test_persian_digits_jalali_days_and_toman_are_read():
    made = items(BASE + 'external_id = "{number}-{#}"\namount = "total"\n')[0]
    assert (made.occurred_at, made.amount, made.external_id) == (dt.datetime(2025, 10, 22, 20, 30, tzinfo=dt.UTC), 10_000, "12-1")


def test_a_condition_that_does_not_hold_records_nothing():
    assert items(BASE + 'when = { column = "number", is_not = "12" }\n') == []
    assert len(items(BASE + 'when = [{ column = "total", above = 999 }, { column = "words", filled = true }]\n')) == 1


def test_a_score_that_means_no_answer_is_left_out_and_words_stay():
    text = BASE + 'perceptions = [{ measure = "rating", value = "score", scale = [1, 5], text = "words", missing = [4] }]\n'
    felt = items(text)[0].perceptions[0]
    assert (felt.value, felt.text) == (None, "خوب بود")


def test_a_bad_cell_names_its_field():
    made = items(BASE + 'amount = "words"\n')[0]
    assert isinstance(made, Rejection)
    assert made.field == "amount"


def test_a_column_names_the_company_somebody_acts_for():
    text = BASE.replace("[[interactions]]", 'company = { own_id = "number", name = "words" }\n[[interactions]]')
    assert items(text)[0].customer.company == CompanyIn(own_id="12", name="خوب بود")
    assert items(text, ("", *ROW[1:5], " "))[0].customer.company is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("source = 1", "source"),
        ('source = "s"', "interactions"),
        (BASE + 'colour = "x"', "interactions"),
        (BASE + 'amount = { column = "total", constant = 1 }', "interactions[0].amount"),
        (BASE + 'amount = "totally"', "interactions[0].amount.column"),
        (BASE + 'external_id = "{number"', "interactions[0].external_id"),
        (BASE + 'each = "items"', "interactions[0].each"),
        (BASE.replace("order.placed", "order.lost"), "interactions[0].kind"),
        (BASE.replace("phone =", "pigeon ="), "customer.identities.pigeon"),
        ('time_zone = "Tehran"\n' + BASE, "time_zone"),
        ('currency = "XXQ"\n' + BASE, "currency"),
        ("source = ", ""),
    ],
)
def test_a_fault_in_a_map_names_its_key(text, key):
    with pytest.raises(MapProblem) as caught:
        items(text)
    assert caught.value.key.startswith(key)
    assert caught.value.reason


def test_every_shipped_map_is_valid_titled_in_both_languages_and_recognised():
    for name, one in shipped_maps().items():
        assert one.title("fa") != one.title("en"), name
        assert fitting(one.map.recognise.columns)[0].name == name
    assert join_named(shipped_maps()["olist"].map, "olist_order_reviews_dataset.csv") == "reviews"


def test_a_map_leaves_out_what_it_does_not_name():
    orders, woocommerce = shipped_maps()["orders"], shipped_maps()["woocommerce_orders"]
    assert not leaves_out(orders, ["order_number", "phone"])
    assert leaves_out(orders, ["phone", "email"])
    assert not leaves_out(woocommerce, ["Email (Billing)", "Phone (Billing)", "First Name (Billing)"])


def test_columns_are_guessed_in_both_languages():
    found = guess(["شماره سفارش", "تاریخ", "موبايل", "مبلغ (ریال)", "نام مشتری"], "سفارش‌ها.csv")
    assert (found["external_id"], found["phone"], found["amount"], found["unit"], found["kind"]) == (
        "شماره سفارش",
        "موبايل",
        "مبلغ (ریال)",
        "rial",
        "order.placed",
    )
    assert guess(["Review ID", "Date", "E-mail", "NPS", "Comment"])["measure"] == "nps"


def test_what_is_guessed_to_be_usual_of_a_customer_is_written_by_its_usual_name():
    columns = ["Phone", "شهر (محل سکونت)", "Postal_Code", "کد معرف"]
    found = guess(columns)
    assert found["attributes"] == columns[1:3]
    choices = {"source": "shop", "kind": "customer.updated", "occurred_at": "d", "attributes": columns[1:]}
    wanted = read_map(written_map(choices, digest="ab" * 32))
    assert wanted.customer.attributes == {"city": columns[1], "postal_code": columns[2], "کد معرف": columns[3]}


def test_what_the_wizard_writes_is_a_map():
    name = 'we"ird\\ {col}'
    choices = {"source": "shop", "kind": "order.placed", "occurred_at": name, "external_id": name, "score": "s", "measure": "nps"}
    wanted = read_map(written_map(choices, digest="ab" * 32))
    assert wanted.interactions[0].occurred_at == name
    assert wanted.interactions[0].external_id == "abababababab {#}"


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        (45_000.5, "2023-03-15T08:30:00+00:00"),
        ("45000", "2023-03-14T20:30:00+00:00"),
        ("1763700000", "2025-11-21T04:40:00+00:00"),
        ("1763700000000", "2025-11-21T04:40:00+00:00"),
        ("14040801", "2025-10-22T20:30:00+00:00"),
        ("20251023", "2025-10-22T20:30:00+00:00"),
        (dt.date(2025, 10, 23), "2025-10-22T20:30:00+00:00"),
    ],
)
def test_dates_that_are_numbers_are_read(cell, at):
    assert as_moment(cell, TEHRAN).isoformat() == at


@pytest.mark.parametrize(
    ("text", "safe"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5", "-5"), ("+98912", "+98912"), ("-x", "'-x"), ("a=1", "a=1")]
)
def test_no_cell_becomes_a_formula(text, safe):
    assert neutral(text) == safe


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.datetimes() | st.dates()


@settings(max_examples=300, deadline=None)
@given(cell=CELLS.filter(lambda cell: cell is not None))
def test_any_cell_is_a_value_or_a_plain_refusal(cell):
    for read, kind in ((as_number, float), (lambda one: as_moment(one, TEHRAN), dt.datetime), (lambda one: as_amount(one, TEHRAN), int)):
        try:
            value = read(cell)
        except ValueProblem:
            continue
        assert isinstance(value, kind)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200) | st.binary(max_size=60).map(lambda raw: BASE + raw.decode("latin-1")))
def test_any_text_is_a_map_or_a_plain_refusal(text):
    try:
        found = read_map(text)
    except MapProblem:
        return
    assert found.interactions


@pytest.mark.parametrize(
    ("language", "words"), [("en", "there is no column “when”; the file has: a, b"), ("fa", "ستونی به نام «when» نیست")]
)
def test_a_column_that_is_not_there_is_told_without_columns_of_our_own(language, words):
    with override(language), pytest.raises(FileProblem, match=words) as told:
        place_of(["a", "b", FAULT], "when")
    assert FAULT not in str(told.value)
    with override("en"), pytest.raises(FileProblem, match="spelt like"):
        place_of(["Phone", "phone "], "PHONE")


@pytest.mark.parametrize(
    "choices",
    [
        {"source": "shop", "kind": "order.placed", "occurred_at": "date"},
        {"source": "shop", "kind": "order.delivered", "occurred_at": "تاریخ", "external_id": "شماره", "phone": "موبایل", "unit": "toman"},
        {"source": "x", "kind": "review.written", "occurred_at": "d", "score": "s", "measure": "nps", "comment": "c", "branch": "b"},
        {
            "source": "x",
            "kind": "order.placed",
            "occurred_at": "d",
            "external_id": "we{ird}",
            "calendar": "jalali",
            "touchpoint": "delivery",
        },
    ],
)
def test_what_was_chosen_is_read_back_from_the_map(choices):
    text = written_map(choices, digest="ab" * 32)
    assert written_map(read_choices(text, digest="ab" * 32), digest="ab" * 32) == text
    assert read_choices(text, digest="ab" * 32).items() >= {key: choices[key] for key in choices if key != "external_id"}.items()


@pytest.mark.parametrize("text", ["", "source = ", 'source = "x"', shipped_maps()["olist"].text, shipped_maps()["orders"].text])
def test_a_map_written_otherwise_has_no_choices(text):
    assert read_choices(text, digest="ab" * 32) == {}


@pytest.mark.parametrize(
    ("text", "said", "day"),
    [
        ("1405/02/31", {"format": "%Y/%m/%d"}, "2026-05-21"),
        ("۳۱.۰۲.۰۵", {"format": "%d.%m.%y", "calendar": "jalali"}, "2026-05-21"),
        ("2026/02/03", {"format": "%Y/%m/%d"}, "2026-02-03"),
        ("03 Feb 2026", {"format": "%d %b %Y"}, "2026-02-03"),
        ("050231", {"calendar": "jalali"}, "2026-05-21"),
        ("260521", {"calendar": "gregorian"}, "2026-05-21"),
        ("46000", {}, "2025-12-09"),
    ],
)
def test_a_format_and_a_short_year_hold_in_the_calendar_of_the_file(text, said, day):
    how = Reading(ZoneInfo("Asia/Tehran"), "IRR", **said)
    assert as_moment(text, how).astimezone(how.zone).date().isoformat() == day


TWICE = {"format": "%d %d"}


@pytest.mark.parametrize(("text", "said"), [("050231", {}), ("03 Feb 1405", {"format": "%d %b %Y", "calendar": "jalali"}), ("3 3", TWICE)])
def test_a_date_that_could_be_another_is_refused(text, said):
    with pytest.raises(ValueProblem):
        as_moment(text, Reading(ZoneInfo("Asia/Tehran"), "IRR", **said))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (dt.timedelta(hours=2), "7200"),
        (b"\xff\x00a", "\ufffd\ufffda"),
        ([1, None], "[1, null]"),
        ({"a": dt.date(2026, 1, 2)}, '{"a": "2026-01-02"}'),
        (dt.time(10, 20), "10:20:00"),
    ],
)
def test_whatever_a_typed_file_holds_is_a_text(cell, text):
    assert as_text(cell) == text


def shop_items(name, cells, *more):
    """What a map of a WooCommerce shop makes of one row, given by its columns, or of several that belong together."""
    kinds = frozenset({"order.placed", "order.delivered", "order.cancelled", "order.refunded", "customer.updated"})
    prepared = Prepared(None, list(cells), {}, 1, None)
    rows = [tuple(row.values()) for row in (cells, *more)]
    return compile_map(shipped_maps()[name].map, prepared, replace(CONTEXT, kinds=kinds)).items(Unit(0, rows))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("Completed", ["placed", "completed"]),
        ("تکمیل شده", ["placed", "completed"]),
        ("Processing", ["placed"]),
        ("Cancelled", ["cancelled"]),
        ("Failed", []),
        ("Pending payment", []),
    ],
)
def test_an_exported_order_has_the_ids_that_the_shops_webhook_gives(status, told):
    names = ("First Name (Billing)", "Last Name (Billing)")
    cells = {"Order Number": "7301", "Order Status": status, "Order Date": "2026-06-10 11:45", "Order Total Amount": "1250000"}
    cells |= {"Phone (Billing)": "09121112233", "Email (Billing)": "", **dict.fromkeys(names, "نگار")}
    made = shop_items("woocommerce_orders", cells)
    assert [item.external_id for item in made] == [f"order:7301:{what}" for what in told]
    assert {item.amount for item in made if item.kind == "order.placed"} <= {12_500_000}


def test_an_exported_order_brings_its_products_and_what_was_given_back():
    names = ("First Name (Billing)", "Last Name (Billing)", "Email (Billing)")
    order = {"Order Number": "7301", "Order Status": "Refunded", "Order Date": "2026-06-10 11:45", "Order Total Amount": "1250000"}
    order |= {"Order Refund Amount": "350000.00", "Phone (Billing)": "09121112233", **dict.fromkeys(names, "")}
    bowl = order | {"SKU": "B-1", "Item Name": "کاسه", "Quantity": "2", "Item Cost": "350000"}
    jug = order | {"SKU": "", "Item Name": "پارچ", "Quantity": "1", "Item Cost": "550000"}
    second_coupon = order | dict.fromkeys(("SKU", "Item Name", "Quantity", "Item Cost"), "")
    placed, refunded = shop_items("woocommerce_order_lines", bowl, jug, second_coupon)
    assert placed.properties["lines"] == [
        {"product": "B-1", "name": "کاسه", "quantity": 2, "amount": 7_000_000},
        {"name": "پارچ", "quantity": 1, "amount": 5_500_000},
    ]
    assert (placed.external_id, placed.amount) == ("order:7301:placed", 12_500_000)
    assert (refunded.kind, refunded.external_id, refunded.amount) == ("order.refunded", "order:7301:refunded", -3_500_000)
    [kept] = shop_items("woocommerce_order_lines", bowl | {"Order Status": "Processing", "Order Refund Amount": "0.00"})
    assert kept.kind == "order.placed"
    assert fitting(list(bowl))[0].name == "woocommerce_order_lines"


@pytest.mark.parametrize(("signed_up", "day"), [("2026-05-01 10:00:00", 1), ("", 9)])
def test_customers_that_woocommerce_itself_exports_are_read(signed_up, day):
    cells = {
        "Name": "نگار صبوری‌فر",
        "Username": "negar",
        "Last Active": "2026-05-09 10:00:00",
        "Sign Up": signed_up,
        "Email": "negar@example.ir",
    }
    cells |= {
        "Orders": "3",
        "Total Spend": "120",
        "AOV": "40",
        "Country / Region": "IR",
        "City": "شیراز",
        "Region": "FRS",
        "Postal Code": "7",
    }
    [made] = shop_items("woocommerce_customers", cells)
    assert (made.occurred_at.astimezone(TEHRAN.zone).day, made.external_id) == (day, "customer:negar@example.ir")
    assert (made.customer.name, made.customer.attributes) == ("نگار صبوری‌فر", {"city": "شیراز"})
