"""What a person and a program read while too many wait already."""

from collections.abc import Iterator

import pytest

from peyvand.edge.tests.serving import ask, get, serving


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server that has no room for anybody."""
    monkeypatch.setattr("peyvand.edge.bridge.WAITING", -1)
    with serving(lambda _environ, _start: pytest.fail("a page was made"), threads=1) as port:
        yield port


def test_a_person_reads_a_page_in_both_languages_that_asks_for_nothing_else(full: int) -> None:
    status, headers, body = ask(full, get("/s/link/", "Accept: text/html,application/xhtml+xml"))
    page = body.decode()
    assert (status, headers["retry-after"], headers["content-type"]) == (503, "2", "text/html; charset=utf-8")
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert headers["x-content-type-options"] == "nosniff"
    assert '<section lang="fa" dir="rtl"><h1>همین حالا اینجا خیلی شلوغ است</h1>' in page
    assert '<section lang="en" dir="ltr"><h2>It is very busy right now</h2>' in page
    assert not any(word in page for word in ("<script", "<link", "src=", "href=", "url("))


def test_a_program_is_told_as_ever(full: int) -> None:
    status, headers, body = ask(full, get("/api/v1/customers", "Accept: application/json"))
    assert (status, headers["retry-after"], headers["content-type"]) == (503, "2", "application/problem+json")
    assert b'"code":"busy"' in body
