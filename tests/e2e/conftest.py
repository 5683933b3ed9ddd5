"""What a journey gets: a running site, the system's Chromium, and a page that fails the test when it complains."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.e2e.running import OWNER, PASSWORD, Site, prepared

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LONGEST = 60_000  # milliseconds for one step, on a machine that has other things to do
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 900}
expect.set_options(timeout=LONGEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items.sort(key=lambda item: not item.get_closest_marker("slow"))  # the longest first, so that both workers end together


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """A running Peyvand with the workspace `narenj` and its owner, shared by all journeys."""
    site = prepared(tmp_path_factory.mktemp("site"))
    with site.served():
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; what opens a page is marked `browser`, and skipped where there is none."""
    path = os.environ.get("PEYVAND_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("PEYVAND_TEST_CHROMIUM names no Chromium; script/test finds or installs one")
    # Playwright's event loop runs in this thread, where later tests use the database as before.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(params=["desktop", "phone"])
def page(request, browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh window at desktop and at phone width; errors on its console and requests to other hosts fail the test."""
    context = browser.new_context(base_url=site.url, viewport=PHONE if request.param == "phone" else DESKTOP, locale="fa-IR")
    context.set_default_timeout(LONGEST)
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def watch(asked: Request) -> None:
        if not asked.url.startswith((site.url, "data:", "blob:")):
            complaints.append(f"asked another host: {asked.url}")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", watch)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def owner(page: Page) -> Page:
    """A page on which the owner has signed in."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/w/narenj/**")
    return page
