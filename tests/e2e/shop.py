"""A small shop for the journey round the loop: its people, what they do on the pages, and what the store then holds."""

import csv
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from peyvand.core import clock
from tests.e2e.conftest import DESKTOP, LONGEST, PHONE
from tests.e2e.running import OWNER, PASSWORD, Site
from tests.mail_server import MailServer
from tests.waiting import PATIENCE

AGENT = "babak@example.com"
OPENS, CLOSES = 9, 20
PLACES = ("Asia/Tehran", "Asia/Tokyo", "Pacific/Auckland", "Europe/Lisbon", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu")
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
BILLED = ("First Name (Billing)", "Last Name (Billing)", "Email (Billing)", "Phone (Billing)")


class Buyer(NamedTuple):
    """Somebody in the orders file."""

    order: str
    name: str
    email: str
    phone: str


NEGAR = Buyer("521803", "نگار صبوری", "negar@post.example", "09120000012")
SARA = Buyer("521804", "سارا مهرآیین", "sara@post.example", "09120000013")
OMID = Buyer("521805", "امید راستین", "omid@post.example", "09120000014")


def where_it_is_day() -> ZoneInfo:
    """A place where mails may leave now and some hours more: they do between nine and nine, whenever this test is run."""
    return next(zone for zone in map(ZoneInfo, PLACES) if 10 <= clock.now().astimezone(zone).hour < 20)


def orders_file(folder: Path, zone: ZoneInfo) -> Path:
    """Today's completed orders as a small Persian shop exports them from WooCommerce, phones in Persian digits."""
    with (folder / "orders.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Order Number", "Order Status", "Order Date", *BILLED, "Order Total Amount"])
        for one in (NEGAR, SARA, OMID):
            first, last = one.name.split(" ", maxsplit=1)
            phone = one.phone.translate(PERSIAN_DIGITS)
            rows.writerow([one.order, "تکمیل شده", f"{clock.today(zone)} 00:00", first, last, one.email, phone, "890000"])
    return folder / "orders.csv"


@dataclass
class Shop:
    """A served site, its owner and an agent, each signed in in a desktop window."""

    site: Site
    browser: Browser
    mail: MailServer
    zone: ZoneInfo
    owner: Page
    agent: Page

    def read(self, question: str, *values: object) -> list[tuple]:
        """Ask the store itself, read-only."""
        with closing(sqlite3.connect(f"file:{self.site.folder / 'peyvand.sqlite3'}?mode=ro", uri=True, timeout=30)) as store:
            return store.execute(question, values).fetchall()

    def recorded(self) -> tuple[int, int, int]:
        """How many answers and refusals, answers begun and links used there are: what reading a page must not change."""
        told = self.read(
            "SELECT count(*) FROM timeline_interaction i JOIN catalogue_term t ON t.id = i.kind"
            " WHERE t.code IN ('survey.answered', 'survey.declined')"
        )
        begun = self.read("SELECT count(*) FROM surveys_response")
        used = self.read("SELECT count(*) FROM surveys_invitation WHERE state NOT IN ('planned', 'queued', 'sent')")
        return told[0][0], begun[0][0], used[0][0]

    def mails(self, buyer: Buyer, at_least: int = 1) -> list[EmailMessage]:
        """What a buyer finds in their mailbox, waiting for it."""
        found = self.mail.messages(buyer.email, at_least=at_least, seconds=PATIENCE)
        assert len(found) == at_least, f"{buyer.email} has {len(found)} mails instead of {at_least}: {self.waiting()}"
        return found

    def waiting(self) -> str:
        """What is on its way, for whoever reads why a mail did not come."""
        invitations = self.read("SELECT state, reason, send_at FROM surveys_invitation")
        return f"invitations {invitations}, outbox {self.read('SELECT state, error FROM channels_outgoing')}"

    @contextmanager
    def phone(self) -> Iterator[Page]:
        """A phone whose browser runs no scripts."""
        context = self.browser.new_context(base_url=self.site.url, viewport=PHONE, locale="fa-IR", java_script_enabled=False)
        context.set_default_timeout(LONGEST)
        yield context.new_page()
        context.close()

    def until(self, page: Page, address: str, seen: Callable[[Page], None]) -> None:
        """Look at a page again and again until it shows what the worker has yet to do."""
        end = time.monotonic() + PATIENCE
        while True:
            page.goto(address)
            try:
                return seen(page)
            except AssertionError:
                if time.monotonic() > end:
                    raise


def link_in(mail: EmailMessage) -> str:
    """The personal link of a mail that asks, from its plain text."""
    return re.search(r"https?://\S+/s/\S+/", mail.get_body(("plain",)).get_content())[0]


def window(site: Site, browser: Browser) -> Page:
    """A fresh desktop window of somebody who reads Persian."""
    context = browser.new_context(base_url=site.url, viewport=DESKTOP, locale="fa-IR")
    context.set_default_timeout(LONGEST)
    return context.new_page()


def sign_in(page: Page) -> None:
    """The owner comes in."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/w/narenj/**")


def set_hours(shop: Shop) -> None:
    """The shop is where it is day, and open every day, so that this test may be run on a Friday night."""
    page = shop.owner
    page.goto("/w/narenj/settings/region/")
    page.locator("[name=time_zone]").select_option(shop.zone.key)
    kept(page, "form.pv-panel")
    page.goto("/w/narenj/settings/hours/")
    for day in range(7):
        for name, value in ((f"d{day}_0_0", f"{OPENS:02}:00"), (f"d{day}_0_1", f"{CLOSES}:00"), (f"d{day}_1_0", ""), (f"d{day}_1_1", "")):
            page.locator(f"[name={name}]").fill(value)
    kept(page, "form.pv-panel")


def kept(page: Page, form: str) -> None:
    """Send a form and see that it was kept: a page that still has errors names them."""
    page.locator(f"{form} button[type=submit]").first.click()
    expect(page.locator(".pv-failed, .errorlist")).to_have_count(0)
    expect(page.locator("#messages")).not_to_be_empty()


def set_up_mail(shop: Shop) -> None:
    """The brand's own mail server."""
    page = shop.owner
    page.goto("/w/narenj/settings/email/")
    page.locator("[name=host]").fill(shop.mail.host)
    page.locator("[name=port]").fill(str(shop.mail.smtp_port))
    page.locator("[name=tls]").select_option("none")
    page.locator("[name=sender]").fill("salam@narenj.example")
    kept(page, "form.pv-panel[data-guard]")


def invite_an_agent(shop: Shop) -> None:
    """A colleague is invited; the link is handed over, and the colleague joins."""
    page = shop.owner
    page.goto("/w/narenj/settings/members/")
    page.locator("[name=email]").fill(AGENT)
    page.locator("form select[name=role]").last.select_option("agent")
    page.locator("[name=email]").press("Enter")
    link = page.locator(".pv-copyable code").inner_text()
    shop.agent.goto(link)
    shop.agent.locator("[name=name]").fill("بابک افشار")
    shop.agent.locator("[name=password]").fill(PASSWORD[::-1])
    shop.agent.locator("[name=password]").press("Enter")
    shop.agent.wait_for_url("**/w/narenj/**")


def ask_right_after_deliveries(shop: Shop) -> None:
    """The ready survey, without its two days of waiting; asked again at once after a case."""
    page = shop.owner
    page.goto("/w/narenj/surveys/")
    page.locator(".survey-row h2 a").click()
    page.locator("[name=delay]").fill("۰")
    page.locator("[name=again_days]").fill("0")
    kept(page, "form.editor-form")
    page.locator(".pv-head-tools button[type=submit]").click()
    expect(page.locator(".survey-row .pv-state.accent")).to_have_count(1)


@contextmanager
def opened(folder: Path, site: Site, browser: Browser, mail: MailServer) -> Iterator[Shop]:
    """The shop from its first sign-in to the moment its orders are in."""
    with site.served():
        shop = Shop(site, browser, mail, where_it_is_day(), owner=window(site, browser), agent=window(site, browser))
        sign_in(shop.owner)
        set_hours(shop)
        set_up_mail(shop)
        invite_an_agent(shop)
        ask_right_after_deliveries(shop)
        orders = orders_file(folder, shop.zone)
        said = json.loads(site.command("import", str(orders), "--workspace", "narenj", "--map", "woocommerce_orders", "--json"))
        assert (said["recorded"], said["rejected"]) == (6, 0)  # placed and delivered
        yield shop
