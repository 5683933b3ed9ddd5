"""Every page, in both languages, in light and dark, on a phone and at a desk, has nothing that axe calls serious or critical.

The pages are found by following links from the start and compared with the addresses of the product: a new page joins by
being there, and one that no link leads to fails the test.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.running import OWNER, PASSWORD, Site
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = {"fa": ("light", PHONE), "en": ("dark", DESKTOP)}
OTHER = {"light": "dark", "dark": "light"}  # here only the contrast of classes no page before had: colours come from classes
ORDERS = "شماره;تاریخ;نام;موبایل;مبلغ\n۹۰۱;۱۴۰۵/۰۳/۰۱;مینا;09120000051;۸۹۰۰۰۰\n۹۰۲;دیروز;سینا;09120000052;۱۲۰۰۰۰\n"
BRAND = "/w/narenj"
BEFORE_SIGN_IN = (
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/nothing/",
    "/s/forged/",
    "/u/forged/",
)
SURVEY = "surveys/<pid:pid>/"
NO_PAGES = {  # answers to GET that are a part of a page or a file
    "find/",
    "customers/export/",
    "answers/export/",
    "insights/compare/export/",
    "settings/audit/export/",
    "customers/<pid:pid>/history/",
    "follow-up/<pid:pid>/promise/<pid:task>/",  # a form's act, which looks for its promise before its method
    "imports/<pid:pid>/rejected.csv",
    "imports/<pid:pid>/progress/",
    "imports/<pid:pid>/preview/",
    "imports/<pid:pid>/",  # the test of the steps looks at it
}
ASK = """([classes]) => axe.run(classes ? [...document.querySelectorAll(classes.map(one => `.${CSS.escape(one)}`))] : document,
  {resultTypes: ["violations"], ...(classes ? {runOnly: ["color-contrast"]} : {})})
  .then(found => found.violations.filter(one => ["serious", "critical"].includes(one.impact)).map(one => `${one.id}: `
    + one.nodes.slice(0, 3).map(node => `${node.target} ${node.any.map(check => check.message).join("; ")}`).join(" | ")))"""
CLASSES = "[...document.querySelectorAll('body [class]')].flatMap(element => [...element.classList])"
LINKS = "[...document.links].map(link => new URL(link.href)).filter(url => url.origin === location.origin).map(url => url.pathname)"


@dataclass
class Look:
    """A browser window of one language and colour, and what axe said in it."""

    page: Page
    language: str
    colours: str
    faults: list[str] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)

    def at(self, path: str) -> None:
        """Go there and look."""
        self.page.goto(path)
        self.here()

    def here(self) -> None:
        """Look at the page that is open, then at the colours of what is new on it in the other theme."""
        self._ask(self.colours)
        fresh = set(self.page.evaluate(CLASSES)) - self.classes
        if fresh:
            self.classes |= fresh
            self.page.emulate_media(color_scheme=OTHER[self.colours])
            self._ask(OTHER[self.colours], sorted(fresh))
            self.page.emulate_media(color_scheme=self.colours)

    def _ask(self, colours: str, classes: list[str] | None = None) -> None:
        path = self.page.evaluate("location.pathname")
        self.faults += [f"{path} {self.language} {colours}: {fault}" for fault in self.page.evaluate(ASK, [classes])]

    def links(self) -> list[str]:
        """Where one can go from here without leaving the product."""
        return list(dict.fromkeys(self.page.evaluate(LINKS)))


@pytest.fixture(scope="module")
def opened_site(tmp_path_factory) -> Iterator[Site]:
    """A Peyvand nobody has set up yet."""
    site = Site(tmp_path_factory.mktemp("walk"), free_port())
    site.command("migrate")
    with site.served():
        yield site


@pytest.fixture(scope="module")
def looks(opened_site, browser: Browser) -> Iterator[list[Look]]:
    """A Persian phone in light and an English desk in dark."""
    assert AXE.exists(), "axe-core is not installed: run script/build-frontend --force"
    found, contexts = [], []
    for language, (colours, size) in LOOKS.items():
        context = browser.new_context(
            base_url=opened_site.url, viewport=size, color_scheme=colours, reduced_motion="reduce", bypass_csp=True
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": opened_site.url}])
        context.add_init_script(path=AXE)
        found.append(Look(context.new_page(), language, colours))
        contexts.append(context)
    yield found
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def personal(opened_site, looks) -> list[str]:
    """Set up by hand in the first look, furnished, signed in with the second; the addresses of personal links."""
    first, *others = looks
    for look in looks:
        look.at("/setup/")
    set_up(first, (opened_site.folder / "setup.code").read_text().strip())
    for look in others:
        for path in BEFORE_SIGN_IN:
            look.at(path)
        sign_in(look.page)
    environment = opened_site.environment | {"DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}
    told = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnishing", "narenj"], check=False, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def set_up(look: Look, code: str) -> None:
    """From the code the server printed to the page where first data comes in."""
    page = look.page
    for name, said in {"code": code, "name": "Alice", "email": OWNER, "password": PASSWORD}.items():
        page.locator(f"[name={name}]").fill(said)
    page.locator("main button.pv-button[type=submit]").click()
    page.wait_for_url("**/workspaces/new/")
    look.here()
    page.locator("[name=name_fa]").fill("نارنج")
    page.locator("[name=name_en]").fill("Narenj")
    page.locator("main button.pv-button[type=submit]").click()
    page.wait_for_url("**/start/")


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{BRAND}/**")


def test_every_page_a_link_leads_to(looks, personal):
    seen = [walk(look) for look in looks]
    assert set(seen[0]) == set(seen[1])
    for look in looks:
        for path in personal:
            look.at(path)
    faults = [fault for look in looks for fault in look.faults]
    faults += [f"no link leads to {route}" for route in forgotten(looks[0].page, seen[0])]
    assert not faults, "\n".join(faults)


def test_the_steps_of_an_import(looks, personal, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    for look in looks:
        look.faults.clear()
        look.page.goto(f"{BRAND}/imports/new/")
        look.page.locator("[name=file]").set_input_files(file)
        look.page.locator("main button.pv-button[type=submit]").first.click()
        look.page.wait_for_url(re.compile(r"/imports/[0-9a-z]{13}/"))
        look.here()
        expect(look.page.locator("h1")).to_be_visible()
    assert [fault for look in looks for fault in look.faults] == []


def walk(look: Look) -> dict[str, str]:
    """Look once at every address of the console that links lead to: address as it is written in urls → as it was opened."""
    seen: dict[str, str] = {}
    waiting = [f"{BRAND}/", f"{BRAND}/start/", "/accounts/2fa/"]
    while waiting:
        path = waiting.pop(0)
        route = route_of(path)
        if route is None or route in seen or route in NO_PAGES:
            continue
        seen[route] = path
        look.at(path)
        waiting += look.links()
        if route == SURVEY:  # its editor shows these in a frame
            waiting += [f"{path}{page}/score/" for page in ("preview", "sketch")]
    return seen


def route_of(path: str) -> str | None:
    """How the address of a page is written in urls; None for what is no page of the product."""
    inside = path.removeprefix(BRAND) if path.startswith(f"{BRAND}/") else path
    try:
        return str(resolve(inside).route)
    except Resolver404:
        return None


def forgotten(page: Page, seen: dict[str, str]) -> list[str]:
    """Pages of the console that no link led to."""
    found = []
    for route in sorted(set(console_routes()) - set(seen) - NO_PAGES):
        answer = page.request.get(opened(route, seen), max_redirects=0)
        whole = answer.headers.get("content-type", "").startswith("text/html") and "<html" in answer.text()
        if answer.status in (200, 404) and whole:
            found.append(f"{route} ({answer.status})")
    return found


def opened(route: str, seen: dict[str, str]) -> str:
    """An address with the ids of the pages above it, as they were seen."""
    above = max((one for one in seen if one and route.startswith(one)), key=len, default="")
    path = (seen[above] if above else f"{BRAND}/") + route.removeprefix(above)
    return re.sub(r"<(\w+:)?\w+>", lambda found: "0" * 13 if found[1] == "pid:" else "x", path)


def console_routes() -> Iterator[str]:
    """Every address that asks for a permission."""
    yield from _routes(get_resolver().url_patterns, "")


def _routes(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[str]:
    for pattern in patterns:
        route = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif getattr(getattr(pattern.callback, "access", None), "kind", "") == "permission":
            yield route
