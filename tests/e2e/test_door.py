"""The door: who knows the word comes in, who does not stays out, in both languages."""

from playwright.sync_api import expect

from tests.e2e.running import OWNER


def test_the_door_speaks_persian_from_right_to_left(page):
    page.goto("/accounts/login/")
    expect(page.locator("html")).to_have_attribute("lang", "fa")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_the_owner_comes_in(owner):
    expect(owner.locator("html")).to_have_attribute("dir", "rtl")


def test_a_wrong_password_stays_out_and_keeps_what_was_typed(page):
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(OWNER)
    page.locator("[name=password]").fill("not the phrase")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=login]")).to_have_value(OWNER)
    expect(page).to_have_url("/accounts/login/")
