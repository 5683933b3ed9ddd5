"""The sentences of a timeline, kind by kind, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils.html import strip_tags

from peyvand.core.reader import ENGLISH, PERSIAN, use_reader
from peyvand.desk.people.detailing import details_of
from peyvand.desk.people.naming import Names
from peyvand.desk.people.telling import tell
from peyvand.timeline.kinds import kinds
from peyvand.timeline.types import Event, Felt, Subject

TERMS = {1: ("Delivery", "تحویل سفارش"), 2: ("SMS", "پیامک"), 3: ("Vanak branch", "شعبهٔ ونک"), 4: ("Saman", "سامان"), 5: ("Teapot", "قوری")}
COLUMNS = {"touchpoint": 1, "channel": 2, "branch": 3, "employee": 4, "product": 5}


def happened(kind: str, *where: str, felt: tuple[float, float, float] | None = None, words: str = "", **more: object) -> Event:
    perceptions = []
    if felt or words:
        value, low, high = felt or (None, None, None)
        perceptions.append(Felt(0, "nps", "", value, low, high, words, None))
    fields = {"subject": None, "amount": None, "currency": "", "duration_s": None, "response_s": None, "properties": {}} | more
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    return Event(
        id=1,
        workspace_id=1,
        kind=kind,
        occurred_at=at,
        recorded_at=at,
        identity_id=1,
        customer_id=1,
        codes=dict.fromkeys(where, "x"),
        term_ids={name: COLUMNS[name] for name in where},
        batch=None,
        source="shop",
        external_id=None,
        perceptions=perceptions,
        **fields,
    )


def said(event: Event, language: str) -> str:
    names = Names({n: pair[language == "fa"] for n, pair in TERMS.items()}, {("kind", "chat.ended"): "Chat"}, {})
    with use_reader(PERSIAN if language == "fa" else ENGLISH):
        return strip_tags(str(tell(event, names).text)).replace("&quot;", '"')


TEA = {"lines": [{"name": "سرویس چای", "quantity": 1}]}
TWO = {"lines": [{"name": "قوری", "quantity": 1}, {"product": "cup", "quantity": 6}]}
CASES = [
    (
        happened("order.placed", amount=38_500_000, currency="IRR", properties=TEA),
        "Bought سرویس چای, 3,850,000 toman",
        "سرویس چای خرید، ۳٬۸۵۰٬۰۰۰ تومان",
    ),
    (
        happened("order.placed", "branch", amount=6_400_000, currency="IRR", properties=TWO),
        "Bought قوری and 1 more item at Vanak branch, 640,000 toman",
        "در شعبهٔ ونک قوری و ۱ کالای دیگر خرید، ۶۴۰٬۰۰۰ تومان",
    ),
    (
        happened("order.placed", amount=1250, currency="EUR", subject=Subject("order", "17")),
        "Placed order 17, €12.50",
        "سفارش ۱۷ را ثبت کرد، ۱۲٫۵۰ یورو",
    ),
    (happened("order.placed", properties={"lines": "broken"}), "Placed an order, amount not known", "سفارش داد، مبلغ نامعلوم"),
    (
        happened("order.delivered", properties={"number": "5218", "late": True, "days_late": 2}),
        "Order 5218 was delivered, 2 days later than promised",
        "سفارش ۵۲۱۸ تحویل شد، ۲ روز دیرتر از قول",
    ),
    (happened("order.delivered", properties={"late": False}), "The order was delivered, on time", "سفارش تحویل شد، سر وقت"),
    (
        happened("order.delivered", properties={"late": True}),
        "The order was delivered, later than promised",
        "سفارش تحویل شد، دیرتر از قول",
    ),
    (
        happened("order.refunded", amount=-2_000_000, currency="IRR", properties={"number": "5218"}),
        "Got 200,000 toman back for order 5218",
        "برای سفارش ۵۲۱۸، ۲۰۰٬۰۰۰ تومان پس گرفت",
    ),
    (happened("order.cancelled"), "Cancelled an order", "یک سفارش را لغو کرد"),
    (happened("site.visited"), "Visited the website", "به سایت سر زد"),
    (
        happened("site.searched", properties={"query": "قوری", "results": 0}),
        "Searched for “قوری” and found nothing",
        "«قوری» را جست‌وجو کرد و چیزی پیدا نکرد",
    ),
    (happened("product.viewed", "product"), "Looked at Teapot", "قوری را دید"),
    (happened("cart.changed", "product", properties={"action": "removed"}), "Took Teapot out of the cart", "قوری را از سبد برداشت"),
    (happened("branch.visited", "branch"), "Came to Vanak branch", "به شعبهٔ ونک آمد"),
    (
        happened("call.ended", "employee", response_s=70, properties={"direction": "in", "reason": "late"}),
        "Called about late delivery; Saman answered after 1 minute and 10 seconds",
        "دربارهٔ دیرکرد تحویل زنگ زد؛ سامان پس از ۱ دقیقه و ۱۰ ثانیه جواب داد",
    ),
    (
        happened("call.ended", properties={"direction": "in", "resolved": False}),
        "Called us, not solved",
        "زنگ زد، حل نشد",
    ),
    (
        happened("call.ended", "employee", properties={"direction": "out", "outcome": "no_answer"}),
        "Saman called and got no answer",
        "سامان زنگ زد و جوابی نگرفت",
    ),
    (
        happened("contact.made", properties={"by": "Saman", "result": "later"}),
        "Saman called; they will talk later",
        "Saman زنگ زد؛ قرار شد بعداً صحبت کنند",
    ),
    (
        happened("contact.made", properties={"by": "Saman", "result": "no_answer"}),
        "Saman called and got no answer",
        "Saman زنگ زد و جوابی نگرفت",
    ),
    (happened("chat.ended", properties={"reason": "discount"}), "Wrote in live chat about a discount", "در چت زنده دربارهٔ تخفیف نوشت"),
    (happened("message.received", properties={"text": "سلام"}), "Wrote: «سلام»", "نوشت: «سلام»"),
    (happened("opinion.spoken", felt=(4, 1, 5), properties={"said_to": "Pouya"}), "Told Pouya: 4 of 5", "به Pouya گفت: ۴ از ۵"),
    (happened("opinion.spoken", words="حوصله کرد"), "Said: «حوصله کرد»", "گفت: «حوصله کرد»"),
    (happened("survey.answered", "touchpoint", felt=(3, 0, 10)), "Gave “Delivery” 3 of 10", "به «تحویل سفارش» امتیاز ۳ از ۱۰ داد"),
    (
        happened("survey.answered", felt=(9, 0, 10), properties={"again": True}),
        "Asked again: Gave 9 of 10",
        "پرسش دوباره: امتیاز ۹ از ۱۰ داد",
    ),
    (happened("review.written", words="عالی بود"), "Wrote: «عالی بود»", "نوشت: «عالی بود»"),
    (
        happened("survey.sent", "touchpoint", "channel"),
        "Was asked about “Delivery” by SMS",
        "نظرسنجی «تحویل سفارش» با پیامک فرستاده شد",
    ),
    (happened("survey.declined"), "Asked for no more surveys", "خواست دیگر نظرسنجی نگیرد"),
    (happened("case.opened", properties={"number": 831}), "Case 831 was opened", "پروندهٔ ۸۳۱ باز شد"),
    (happened("case.reopened", properties={"number": 831}), "Case 831 was opened again", "پروندهٔ ۸۳۱ دوباره باز شد"),
    (happened("case.closed", properties={"number": 831, "outcome": "solved"}), "Case 831 ended: Solved", "پروندهٔ ۸۳۱ بسته شد: حل شد"),
    (
        happened("contact.made", properties={"by": "Saman", "result": "written"}),
        "Saman wrote about the case",
        "Saman دربارهٔ پرونده نوشت",
    ),
    (happened("note.written", properties={"by": "Saman", "note": "عصرها"}), "Saman noted: «عصرها»", "Saman یادداشت کرد: «عصرها»"),
    (
        happened("lifecycle.moved", properties={"from_stage": "loyal", "to_stage": "at_risk", "cause": "quiet", "figures": {"days": 95}}),
        "Moved from Loyal to At risk: not seen for 95 days",
        "از «وفادار» به «در خطر رفتن» رفت: ۹۵ روز دیده نشده است",
    ),
    (happened("customer.updated", "employee"), "Saman changed the details", "سامان مشخصات را عوض کرد"),
]


@pytest.mark.parametrize(("event", "english", "persian"), CASES, ids=[case[1] for case in CASES])
def test_each_kind_says_one_sentence(event, english, persian):
    assert said(event, "en") == english
    assert said(event, "fa") == persian


def test_every_kind_of_the_product_says_something_of_its_own():
    told = {event.kind for event, _english, _persian in CASES}
    assert set(kinds()) - told == set()


def test_a_kind_a_workspace_declared_says_its_name_and_place():
    event = happened("repair.finished", "touchpoint")
    names = Names({1: "Workshop"}, {("kind", "repair.finished"): "Repair finished"}, {})
    with use_reader(ENGLISH):
        assert strip_tags(str(tell(event, names).text)) == "Repair finished: Workshop"


def test_words_of_others_are_never_markup():
    event = happened("message.received", properties={"text": "<b>{0} {x} & co</b>"})
    assert said(event, "en") == "Wrote: “&lt;b&gt;{0} {x} &amp; co&lt;/b&gt;”"


@pytest.mark.parametrize(
    ("source", "told"),
    [("survey", ("Survey", "نظرسنجی")), ("till", ("Till in Vanak", "صندوق ونک")), ("shop_2", ("shop 2", "shop 2"))],
)
def test_what_opens_under_a_line_names_who_told_it_and_shows_a_code_only_where_there_is_no_name(source, told):
    for language, reader, name in (("en", ENGLISH, told[0]), ("fa", PERSIAN, told[1])):
        names = Names({}, {("source", "till"): {"en": "Till in Vanak", "fa": "صندوق ونک"}[language]}, {})
        with use_reader(reader):
            facts = details_of(replace(happened("order.placed"), source=source), names).facts
        assert [strip_tags(str(fact.value)) for fact in facts] == [name]
