"""Files brought in without a terminal: columns, check, import, rejected rows, undo, another map; and files that lie."""

import io
import zipfile
from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from tests.e2e.running import Site
from tests.e2e.shop import sign_in, window

ORDERS = """شماره سفارش;تاریخ;نام مشتری;موبایل;مبلغ (تومان);امتیاز
۱۰۰۱;۱۴۰۴/۰۸/۰۱;نگار صبوری;۰۹۱۲۱۱۱۲۲۳۳;۱٬۲۵۰٬۰۰۰;۵
۱۰۰۲;۱۴۰۴/۰۸/۰۲;آرش نیک‌نام;09123334455;480000;4
۱۰۰۳;۱۴۰۴/۱۳/۰۲;بی تاریخ;09124445566;90000;3
۱۰۰۴;۱۴۰۴/۰۸/۰۴;بی شماره;=1+1;90000;3
۱۰۰۵;۱۴۰۴/۰۸/۰۵;بی اندازه;09125556677;1e300;3
"""


def upload(page: Page, name: str, content: bytes) -> None:
    page.goto("/w/narenj/imports/new/")
    page.locator("[name=file]").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()


def settled(page: Page, words: str) -> None:
    """Wait until the page, which looks again by itself, shows these words."""
    expect(page.locator("main")).to_contain_text(words)


def begun_again(page: Page) -> None:
    """Check the whole file with the columns as they are chosen, then import it."""
    page.get_by_role("button", name="بررسی").first.click()
    settled(page, "ثبت می‌شود")
    page.locator("main form[action$='/start/'] button").click()
    settled(page, "تعامل از")


def test_a_file_goes_in_is_taken_back_and_goes_in_otherwise(owner: Page) -> None:
    page = owner
    upload(page, "سفارش‌های آبان.csv", ORDERS.encode("utf-8-sig"))
    expect(page.locator("[name=phone]")).to_have_value("موبایل")
    expect(page.locator("[name=occurred_at]")).to_have_value("تاریخ")
    settled(page, "نگار صبوری")
    begun_again(page)
    facts = page.locator("main dl").inner_text().split()
    assert [word for word in facts if word in "۰۱۲۳۴۵۶۷۸۹"][:4] == ["۵", "۲", "۰", "۳"]
    with page.expect_download() as brought:
        page.get_by_role("link", name="سطرهای رد").click()
    lines = Path(brought.value.path()).read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["۱۰۰۳", "۱۰۰۴", "۱۰۰۵"]
    assert "'=1+1" in lines[2], "no spreadsheet may take it for a formula"
    assert "مبلغ" in lines[3]
    taken_back(page)
    page.locator("main form[action$='/again/'] button").click()
    page.locator("[name=kind]").select_option("review.written")
    begun_again(page)
    taken_back(page)


def taken_back(page: Page) -> None:
    page.locator("main form[action$='/undo/'] button").click()
    page.locator("dialog[open] button").filter(has_text="برگردان").click()
    expect(page.locator("main form[action$='/again/'] button")).to_be_visible()


def workbook(cells: list[list[object]]) -> bytes:
    book, kept = Workbook(), io.BytesIO()
    for row in cells:
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


def bomb() -> bytes:
    """A workbook of some hundred kilobytes that unpacks to 300 MB."""
    kept = io.BytesIO(workbook([["a"], [1]]))
    with (
        zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(b" " * (1 << 20))
    return kept.getvalue()


LIES = {
    "a picture called CSV": ("orders.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "جدول نیست"),
    "an old workbook": ("orders.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "قدیمی"),
    "a workbook cut short": ("orders.xlsx", workbook([["a", "b"], [1, 2]])[:900], "اکسل"),
    "a bomb": ("orders.xlsx", bomb(), "باز"),
    "nothing at all": ("orders.csv", b"", "خالی"),
    "half a Parquet file": ("orders.parquet", b"PAR1" + b"\0" * 100, "Parquet"),
    "a quotation mark never closed": ("orders.csv", b'date,phone\n"2025-01-01,0912\n' + b"x,y\n" * 5000, "گیومه"),
}


def test_files_that_lie_are_told_so_in_plain_words(site: Site, browser: Browser) -> None:
    page = window(site, browser)  # its console names every refusal, as it should
    sign_in(page)
    for name, content, words in LIES.values():
        upload(page, name, content)
        settled(page, words)
    page.context.close()


def test_odd_letters_and_numbers_cost_only_their_rows(owner: Page) -> None:
    good = f"2025-01-01,0912111{owner.viewport_size['width']:04d},100"  # of this width, or the other's row is there already
    rows = [
        b"\xef\xbb\xbfdate,phone,amount",
        good.encode(),
        b"2025-01-01,0912\x001110002,100",
        b"2025-01-01,09121110003,1e300",
        b"2025-01-01,09121110004,NaN",
        "2025-01-01,09121110005,۱۰۰".encode("cp1256", "replace"),
        b"2025-01-01,\xff\xfe\x80,100",
    ]
    upload(owner, "odd.csv", b"\n".join(rows) + b"\n")
    settled(owner, "phone")
    begun_again(owner)
    facts = [word for word in owner.locator("main dl").inner_text().split() if word in "۰۱۲۳۴۵۶۷۸۹"]
    assert facts[:4] == ["۶", "۱", "۰", "۵"], "rows, recorded, there already, rejected"


def test_a_refused_map_is_begun_at_where_it_stands_below_the_rows(site: Site, browser: Browser) -> None:
    page = window(site, browser)
    sign_in(page)
    upload(page, "سفارش‌ها.csv", ORDERS.encode("utf-8-sig"))
    page.get_by_text("یا با نقشه").click()
    page.locator("#map_text").fill("[customer]\nnothing = 1")
    with page.expect_navigation():
        page.locator("form:has(#map_text) button[type=submit]").click()
    expect(page.locator("#map_text")).to_be_focused()
    expect(page.locator("#map_text_error")).to_be_in_viewport()
