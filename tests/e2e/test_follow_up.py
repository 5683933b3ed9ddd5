"""A low score comes in by the API; the owner calls, promises, keeps it and closes, without a page load between."""

import json
import re
import urllib.request
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from peyvand.core import clock
from tests.e2e.conftest import PHONE
from tests.e2e.running import Site
from tests.waiting import PATIENCE, until

_ORDERS = count(1)


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    """A key that may send events."""
    return json.loads(site.command("createkey", "--workspace", "narenj", "--scope", "ingest", "--json"))["key"]


@pytest.fixture
def unhappy(site: Site, key: str) -> str:
    """A customer who gave a 3 for a new order; their name."""
    n = next(_ORDERS)
    name = f"نگار {'الف' if n % 2 else 'ب'}"
    item = {
        "kind": "review.written",
        "occurred_at": clock.now().isoformat(),
        "customer": {"identities": [{"type": "phone", "value": f"0912000000{n}"}], "name": name},
        "subject": {"type": "order", "id": str(5217 + n)},
        "perceptions": [{"measure": "nps", "value": 3, "scale": [0, 10], "text": "قول شنبه دادید."}],
        "source": "e2e",
        "external_id": f"follow-up-{n}",
    }
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{site.url}/api/v1/interactions", json.dumps(item).encode(), headers)
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        assert answer.status == 200
    return name


def open_case(page: Page, name: str) -> None:
    """Wait until the worker has opened the case, then open it as one would at this width."""
    line = page.locator("[data-row], .phone-list a.what").filter(has_text=name, visible=True)

    def is_listed() -> bool:
        page.goto("/w/narenj/follow-up/?view=all")
        return line.count() > 0

    until(is_listed, f"there is no case of {name}", every=0.5)
    line.first.click()
    expect(page).to_have_url(re.compile(r"case=|/follow-up/[0-9a-z]{13}/"))  # a form filled before would be exchanged
    expect(page.locator(".case .pv-who b")).to_have_text(name)


def test_an_unhappy_customer_is_called_and_the_case_closed(owner, unhappy):
    open_case(owner, unhappy)
    expect(owner.locator(".case .pv-said")).to_contain_text("قول شنبه دادید.")
    owner.locator("#do-contact").get_by_text("قولی دادید؟").click()
    owner.locator("[name=contact-promised]").fill("فنجان نو")
    owner.locator("[name=contact-text]").fill("عذر خواستیم")
    owner.locator("#do-contact button[type=submit]").click()
    expect(owner.locator(".promises")).to_contain_text("فنجان نو")
    owner.locator(".promises button[value='1']").click()
    expect(owner.locator(".promises")).to_have_count(0)
    owner.locator("#do-close button[type=submit]").click()
    expect(owner.locator("#messages")).to_contain_text("پرونده بسته شد")
    expect(owner.locator("section.case")).to_contain_text("باز کردن دوباره")


def test_later_asks_when(owner, unhappy):
    open_case(owner, unhappy)
    later = owner.locator(".when-later")
    expect(later).to_be_hidden()
    owner.get_by_label("بعداً").check()
    expect(later).to_be_visible()
    owner.locator("#do-contact button[type=submit]").click()
    expect(owner.locator("#messages")).to_contain_text("تماس ثبت شد")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_on_a_phone_the_current_tab_is_in_sight(owner, site, language):
    owner.set_viewport_size(PHONE)
    owner.context.add_cookies([{"name": "django_language", "value": language, "url": site.url}])
    owner.goto("/w/narenj/follow-up/?view=closed")
    expect(owner.locator(".pv-tabs [aria-current]")).to_be_in_viewport(ratio=1)


def test_the_list_is_walked_by_keys(owner, unhappy):
    open_case(owner, unhappy)
    owner.goto("/w/narenj/follow-up/?view=all")
    if owner.viewport_size["width"] < 600:
        expect(owner.locator("[data-row]").first).to_be_hidden()  # a phone has no keys, and its list no rows
        return
    owner.keyboard.press("j")
    expect(owner.locator("[data-row]:focus")).to_have_count(1)
    owner.keyboard.press("Enter")
    expect(owner).to_have_url(re.compile("case="))
