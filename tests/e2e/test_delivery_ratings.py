"""The Olist figures: files in by the command, then the same means from the command, the API and the pages, down to the person."""

import csv
import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from playwright.sync_api import Browser, Page, expect

from peyvand.core.display import num
from peyvand.core.numbers import parse_number
from tests.e2e.conftest import DESKTOP, LONGEST
from tests.e2e.running import PASSWORD, Site
from tests.waiting import PATIENCE, until

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
CUT = "order.delivered:late"
ORDERS = (
    "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date"
)
CUSTOMERS = "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state"
ITEMS = "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value"
PAYMENTS = "order_id,payment_sequential,payment_type,payment_installments,payment_value"
REVIEWS = "review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp"

Means = dict[str, tuple[int, float]]


SELLER = "seller@example.com"  # not the owner of the other journeys, who comes in at the one brand there is


@pytest.fixture(scope="module")
def window(site: Site, browser: Browser) -> Iterator[Page]:
    """A desktop window of the seller."""
    site.command("createworkspace", "Shops", "--slug", "shops")
    site.command("createowner", "--workspace", "shops", "--email", SELLER)
    context = browser.new_context(base_url=site.url, viewport=DESKTOP, locale="fa-IR")
    context.set_default_timeout(LONGEST)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(SELLER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/w/**")
    yield page
    context.close()


def made(folder: Path) -> Path:
    """Files of Olist's shape: 40 orders delivered on time, 10 late, 5 cancelled; one has two reviews, one customer two orders."""
    tables: dict[str, list[list[object]]] = {"orders": [], "customers": [], "order_items": [], "order_payments": [], "order_reviews": []}
    for n in range(55):
        late, status = 40 <= n < 50, "delivered" if n < 50 else "canceled"
        there = f"2018-03-{20 if late else 12} 10:00:00" if status == "delivered" else ""
        tables["orders"].append([f"o{n}", f"c{n}", status, "2018-03-01 08:00:00", "2018-03-01 09:00:00", "", there, "2018-03-15 00:00:00"])
        tables["customers"].append([f"c{n}", f"person-{max(n, 1)}", "01000", "sao paulo", "SP"])
        tables["order_items"] += [[f"o{n}", item, f"p{item}", "s1", "2018-03-05 00:00:00", "10.50", "2.00"] for item in (1, 2)]
        tables["order_payments"].append([f"o{n}", 1, "boleto", 1, "25.00"])
        score = 1 if n >= 50 else 2 + n % 2 if late else 4 + n % 2
        tables["order_reviews"].append([f"r{n}", f"o{n}", score, "", "chegou tarde" if late else "", "2018-03-21", "2018-03-22 10:00:00"])
    tables["order_reviews"].append(["r0", "o1", 3, "", "", "2018-03-21", "2018-03-22 10:00:00"])  # a review id stands with two orders
    heads = {"orders": ORDERS, "customers": CUSTOMERS, "order_items": ITEMS, "order_payments": PAYMENTS, "order_reviews": REVIEWS}
    for name, rows in tables.items():
        with (folder / f"olist_{name}_dataset.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heads[name].split(","), *rows])
    return folder / "olist_orders_dataset.csv"


@pytest.fixture
def brand(site: Site) -> Callable[[str], str]:
    """A workspace of the seller for one set of files."""

    def opened(name: str) -> str:
        site.command("createworkspace", name, "--slug", name)
        site.command("createowner", "--workspace", name, "--email", SELLER)
        return name

    return opened


def brought_in(site: Site, slug: str, file: Path) -> dict[str, Any]:
    """What the command says of an import by the shipped map."""
    found: dict[str, Any] = json.loads(site.command("import", str(file), "--workspace", slug, "--map", "olist", "--json"))
    return found


def means(told: dict[str, Any]) -> Means:
    """How many answers and their mean: of all, of late and of on time."""
    groups = {one["group"]: one for one in told["groups"]} | {"all": told}
    return {name: (one["n"], round(one["value"], 2)) for name, one in groups.items()}


def from_command(site: Site, slug: str) -> Means:
    return means(json.loads(site.command("analyze", "rating", "--workspace", slug, "--by", CUT, "--json")))


def from_api(site: Site, slug: str) -> Means:
    key = json.loads(site.command("createkey", "--workspace", slug, "--scope", "read", "--json"))["key"]
    asked = urllib.request.Request(f"{site.url}/api/v1/measures/rating?by={CUT}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        return means(json.load(answer))


def from_pages(page: Page, slug: str) -> Means:
    """Click from Pulse to the figure, and there to the cut; read its table."""
    page.goto(f"/w/{slug}/")
    page.locator(f"main a[href*='/w/{slug}/pulse/rating/']").first.click()
    page.locator("#cuts summary").click()
    page.get_by_role("link", name="تحویل دیر").click()
    expect(page.locator("#cuts tbody tr")).to_have_count(3)
    names = {"به‌موقع": "false", "دیر": "true", "روی هم": "all"}
    found = {}
    for row in page.locator("#cuts tbody tr").all():
        name = row.locator("td").first.inner_text().strip()
        figure, count = row.locator("td.n b").inner_text(), row.locator("td.n").last.inner_text()
        found[names[name]] = (int(parse_number(count)), float(parse_number(figure)))
    return found


def the_same_everywhere(site: Site, page: Page, slug: str, reviews: int) -> Means:
    """The figures, once the lake has every review; the command, the API and the pages must agree."""

    def in_the_lake() -> int:
        return int(json.loads(site.command("analyze", "rating", "--workspace", slug, "--json"))["n"])

    until(lambda: in_the_lake() >= reviews, "the lake did not catch up", every=0.5)
    said = from_command(site, slug)
    assert from_api(site, slug) == said
    assert from_pages(page, slug) == said
    return said


def test_small_files_of_the_same_shape(site, brand, window, tmp_path):
    slug, orders = brand("olist-made"), made(tmp_path)
    first, second = brought_in(site, slug, orders), brought_in(site, slug, orders)
    assert (first["rows"], first["recorded"], first["rejected"]) == (55, 55 + 5 + 50 + 56, 0)
    assert (second["recorded"], second["duplicates"]) == (0, first["recorded"])
    said = the_same_everywhere(site, window, slug, 56)
    assert said == {"all": (51, round((40 * 4.5 + 3 + 10 * 2.5) / 51, 2)), "false": (41, round((40 * 4.5 + 3) / 41, 2)), "true": (10, 2.5)}
    opens_to_the_person(window, late=10, delivered=51)


def opens_to_the_person(page: Page, late: int, delivered: int) -> None:
    """From the table of the cut down to single answers, and from one of them to the customer's page."""
    page.locator("#cuts").get_by_role("link", name="روی هم").click()
    expect(page.locator("main")).to_contain_text(written(delivered))
    page.go_back()
    page.locator("#cuts").get_by_role("link", name="دیر", exact=True).click()
    expect(page.locator("main")).to_contain_text(written(late))
    page.locator("main .pv-list a").first.click()
    page.wait_for_url("**/customers/**")
    expect(page.locator("main")).to_contain_text("تحویل")


def written(count: int) -> str:
    """A count as a Persian page has it."""
    with override("fa"):
        return num(count)


@pytest.mark.slow
def test_the_real_set_shows_4_14_on_time_4_28_and_late_2_50(site, brand, window):
    orders = REAL / "olist_orders_sample.parquet"
    if not orders.exists():
        pytest.skip("the real Olist files are not here: ../shared/data/olist_*.parquet")
    slug = brand("olist-real")
    first, second = brought_in(site, slug, orders), brought_in(site, slug, orders)
    assert (first["rows"], first["recorded"], first["rejected"]) == (8_135, 22_758, 0)
    assert (second["recorded"], second["duplicates"]) == (0, 22_758)
    said = the_same_everywhere(site, window, slug, 8_225)
    assert said == {"all": (5_232, 4.14), "false": (4_814, 4.28), "true": (418, 2.5)}
    opens_to_the_person(window, late=418, delivered=5_232)
