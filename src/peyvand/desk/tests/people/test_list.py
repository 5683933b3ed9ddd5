"""The list of customers: who sees what, filters, pages, export, a new customer."""

import csv
import io

import pytest

from peyvand.core.persian import to_persian_digits
from peyvand.customers.tests.telling import answer, event, order, who
from peyvand.desk.tests.people.conftest import customer, page, text
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_role
from peyvand.workspaces.types import CUSTOM, Permission

LIST = "/w/sofalineh/customers/"


@pytest.fixture
def crowd(tell):
    tell(
        order(who("09120000012", email="negar@mail.example", name="نگار صبوری‌فر"), 1, 50_000_000),
        order(who("09351112233", own_id="C-1042", name="علی‌رضا كريمي"), 2, 10_000_000),
        answer(who("09120000012"), 3, 3),
        event("site.visited", who(device="d-1"), 5),
    )


def test_the_list_shows_everybody_with_contacts_to_who_may_see_them(crowd, enter):
    shown = text(enter("agent").get(LIST))
    assert "3 customers" in shown
    assert "+98 912 000 0012" in shown
    assert "negar@mail.example" in shown
    assert "At risk" in shown
    assert "A customer without a name" in shown


@pytest.mark.parametrize(("language", "said"), [("en", ("1 time", "as deliveries show")), ("fa", ("۱ بار", "بنا بر تحویل‌ها"))])
def test_a_purchase_that_only_a_delivery_shows_reads_alike_in_the_list_and_on_the_page(tell, enter, language, said):
    tell(event("order.delivered", who("09120000012", name="نگار"), 1))
    client = enter("agent", language=language)
    for address in (LIST, page(customer("نگار"))):
        shown = text(client.get(address))
        assert all(words in shown for words in said), address


def test_an_empty_list_leads_to_the_first_customers_and_offers_no_export(enter):
    page = enter("owner").get(LIST)
    assert "Nobody is here yet" in text(page)
    assert "/imports/new/" in page.content.decode()
    assert "/customers/export/" not in page.content.decode()


def test_persian_readers_see_persian_digits_and_toman(crowd, enter):
    shown = text(enter("agent", language="fa").get(LIST))
    assert "۰۹۱۲ ۰۰۰ ۰۰۱۲" in shown
    assert "۵ میلیون تومان" in shown
    assert "۳ مشتری" in shown


def test_an_analyst_sees_masked_contacts_everywhere(crowd, enter):
    client = enter("analyst")
    for address in (LIST, LIST + "?q=نگار", LIST + "export/", "/w/sofalineh/find/?q=نگار"):
        response = client.get(address)
        shown = b"".join(response).decode() if response.streaming else response.content.decode()
        assert "نگار" in shown
        for secret in ("0000012", "000 0012", "negar@", to_persian_digits("0000012")):
            assert secret not in shown, address


def test_an_analyst_cannot_guess_phones_digit_by_digit(crowd, enter):
    client = enter("analyst")
    for guess in ("0012", "0912000", "negar@m", "91200000"):
        assert "Nobody matches" in text(client.get(LIST, {"q": guess}))
    assert "نگار" in text(client.get(LIST, {"q": "09120000012"}))


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("manager", 200), ("lead", 200), ("agent", 200), ("analyst", 200), ("viewer", 403)]
)
def test_who_may_open_the_list(brand, enter, role, status):
    assert enter(role).get(LIST).status_code == status


@pytest.mark.parametrize(("role", "status"), [("manager", 200), ("analyst", 200), ("agent", 403), ("lead", 403), ("viewer", 403)])
def test_who_may_export(crowd, enter, role, status):
    client = enter(role)
    assert client.get(LIST + "export/").status_code == status
    assert ("export/" in text(client.get(LIST))) is (status == 200)


def test_who_may_not_see_customers_takes_no_list_of_them_along_though_they_may_export(crowd, brand, enter):
    role = create_role(workspace=brand, names={"en": "Takes"}, permissions={Permission.EXPORT}, actor=brand.members.get(role="owner").user)
    client = enter("viewer")
    brand.members.filter(role="viewer").update(role=CUSTOM, custom_role=role)
    assert (client.get(LIST).status_code, client.get(LIST + "export/").status_code) == (403, 403)
    assert not AuditEntry.objects.filter(action="customers.exported").exists()


def test_strangers_and_other_brands_get_the_404_of_an_unknown_workspace(crowd, enter, rival):
    stranger = enter("owner", workspace=rival)
    assert stranger.get(LIST).status_code == 404
    assert stranger.get("/w/nobody/customers/").status_code == 404


def test_another_brand_lists_none_of_ours(crowd, enter, rival):
    shown = text(enter("owner", workspace=rival).get("/w/raghib/customers/"))
    assert "نگار" not in shown
    assert "Here stands everybody who deals with your brand" in shown


def test_searching_follows_persian_spelling(crowd, enter):
    shown = text(enter().get(LIST, {"q": "صبوري فر"}))
    assert "1 customer matches" in shown
    assert "نگار صبوری‌فر" in shown


def test_filters_narrow_and_can_be_taken_away(crowd, enter):
    response = enter().get(LIST, {"felt": "bad", "seen": "30", "nonsense": "x", "stage": "bogus"})
    shown = text(response)
    assert "1 customer matches" in shown
    assert 'class="pv-chip on" href="?seen=30"' in shown
    assert 'class="pv-chip on" href="?felt=bad"' in shown


def test_an_unknown_attribute_in_the_address_is_left_out(crowd, enter):
    assert "3 customers" in text(enter().get(LIST, {"a.x' OR 1=1": "y"}))


@pytest.mark.parametrize("name", ["sort", "stage", "felt", "channel", "reach", "seen", "moved", "bond", "company", "page"])
def test_sql_in_a_filter_an_order_or_a_place_is_left_out(crowd, enter, name):
    for words in ("name' OR '1'='1", "name; DROP TABLE customers_profile --", "name DESC, (SELECT 1)", "%' --", '"'):
        shown = text(enter().get(LIST, {name: words}))
        assert ("3 customers" in shown) == (name != "channel"), words  # nobody was met on a channel of that name


def test_pages_go_on_and_back(tell, enter):
    tell(*(order(who(own_id=f"n-{n}", name=f"مشتری {n:03d}"), n / 100) for n in range(60)))
    client = enter()
    first = text(client.get(LIST, {"sort": "name"}))
    assert ("مشتری 000" in first, "مشتری 055" in first) == (True, False)
    following = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = text(client.get(LIST + following))
    assert ("مشتری 000" in second, "مشتری 055" in second) == (False, True)
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_a_page_that_ran_out_leads_back_to_the_first(crowd, enter):
    response = enter().get(LIST, {"page": "f.-9." + "0" * 13})
    assert response.status_code == 200


def test_reading_lists_is_noted_once_an_hour(crowd, enter, frozen_clock):
    client = enter("agent")
    for _n in range(3):
        client.get(LIST)
    assert AuditEntry.objects.filter(action="customers.listed", detail={"contacts": True}).count() == 1
    frozen_clock.advance(frozen_clock.elapsed.__class__(hours=2))
    client.get(LIST)
    assert AuditEntry.objects.filter(action="customers.listed").count() == 2


def read_csv(response) -> list[dict[str, str]]:
    content = b"".join(response).decode()
    assert content.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def test_the_export_has_everybody_who_is_listed(crowd, enter):
    client = enter("manager")
    response = client.get(LIST + "export/")
    rows = {row["Name"]: row for row in read_csv(response)}
    assert set(rows) == {"نگار صبوری‌فر", "علی‌رضا كريمي", ""}
    negar = rows["نگار صبوری‌فر"]
    assert (negar["Phone"], negar["E-mail"], negar["Purchases in all"], negar["Currency"]) == (
        "'+989120000012",
        "negar@mail.example",
        "5000000",
        "toman",
    )
    assert (negar["Last score"], negar["Measure"], negar["First seen"]) == ("3.0", "nps", "2026-06-02")
    assert 'attachment; filename="customers-sofalineh-2026-06-15.csv"' in response["Content-Disposition"]
    entry = AuditEntry.objects.get(action="customers.exported")
    assert (entry.actor.name, entry.detail) == ("Manager", {"contacts": True, "narrowed": []})
    narrowed = read_csv(client.get(LIST + "export/", {"felt": "bad"}))
    assert [row["Name"] for row in narrowed] == ["نگار صبوری‌فر"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_name_is_no_formula_in_the_export(tell, enter, name):
    tell(order(who(own_id="x", name=name)))
    row = read_csv(enter("manager").get(LIST + "export/"))[0]
    assert row["Name"].startswith("'")


def test_a_new_customer_can_be_added_and_opened(brand, enter):
    client = enter("agent")
    response = client.post(LIST + "new/", {"name": "سارا", "phone": "۰۹۱۲۰۰۰۰۰۱۲", "email": "", "own_id": ""}, follow=True)
    assert "سارا" in text(response)
    assert "+98 912 000 0012" in text(response)
    assert customer("سارا").profile.has_phone


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "سارا"}, "by it the customer is known next time"),
        ({"name": "", "phone": "09120000012"}, "This field is required"),
        ({"name": "سارا", "phone": "12"}, "not a phone number"),
        ({"name": "سارا", "phone": "09351112233"}, "belongs to another customer already"),
    ],
)
def test_what_is_wrong_with_a_new_customer_is_said(crowd, enter, given, said):
    response = enter("agent").post(LIST + "new/", given)
    assert response.status_code == 422
    assert said in text(response)


def test_an_analyst_adds_nobody(brand, enter):
    client = enter("analyst")
    assert client.post(LIST + "new/", {"name": "x", "phone": "09120000012"}).status_code == 403
    assert "customers/new/" not in text(client.get(LIST))
