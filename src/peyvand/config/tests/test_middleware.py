"""What every answer carries, which language it speaks, and how faults and a failing store are answered."""

import json
import logging
import sys
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db.utils import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from peyvand.config.errors import problem
from peyvand.config.middleware import LanguageMiddleware
from peyvand.config.settings.logs import Faults, logging_settings
from peyvand.edge.bridge import REFUSED
from peyvand.workspaces.models import User

pytestmark = [pytest.mark.urls("peyvand.config.tests.faulty_urls"), pytest.mark.django_db]


@pytest.fixture
def client() -> Client:
    """A browser; an error arrives as an answer, as it would at a real one."""
    return Client(raise_request_exception=False)


def test_a_full_disk_is_a_503_with_a_time_to_come_back(client: Client) -> None:
    page = client.get("/full", headers={"accept": "text/html"})
    assert (page.status_code, page["Retry-After"], page["Content-Type"]) == (503, "5", "text/html; charset=utf-8")
    answer = client.get("/api/full")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(answer.content)["code"] == "store-unavailable"


def test_a_system_that_calls_a_hook_is_told_of_a_full_disk_as_a_problem_whatever_it_accepts(client: Client) -> None:
    answer = client.post("/hooks/shop/token/", headers={"accept": "*/*"})
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "5", "application/problem+json")


def test_a_store_that_fails_outside_the_views_is_a_503_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: SessionStore) -> dict[str, Any]:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(SessionStore, "load", fails)
    client.cookies["sessionid"] = "x" * 32
    assert client.get("/language").status_code == 503


def test_a_fault_of_ours_is_a_500_that_tells_nothing_but_its_request_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    page = client.get("/broken", headers={"accept": "text/html"})
    assert page.status_code == 500
    assert b"sara@" not in page.content
    assert len(page["X-Request-ID"]) == 16
    answer = json.loads(client.get("/api/broken").content)
    assert (answer["code"], answer["status"]) == ("fault", 500)


def test_refusals_are_pages_for_people_and_problems_for_programs(client: Client) -> None:
    assert client.get("/closed", headers={"accept": "text/html"})["Content-Type"] == "text/html; charset=utf-8"
    assert json.loads(client.get("/closed", headers={"accept": "application/json"}).content)["code"] == "forbidden"
    assert json.loads(client.get("/api/nothing").content)["code"] == "not-found"


def test_a_method_that_is_not_there_is_refused_in_the_readers_language_and_under_the_policy_for_scripts(client: Client) -> None:
    page = client.get("/posted", headers={"accept": "text/html", "accept-language": "en"})
    assert (page.status_code, page["Allow"], page["Content-Language"]) == (405, "POST", "en")
    assert '<html lang="en"' in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_an_upload_of_somebody_signed_out_meanwhile_leads_back_to_it(client: Client) -> None:
    headers = {"accept": "text/html", "accept-language": "en", "referer": "http://testserver/w/narenj/imports/new/"}
    refused = {REFUSED: (413, "too-large", "The body is larger than 2097152 bytes.")}
    page = client.post("/w/narenj/imports/new/", headers=headers, **refused)
    assert (page.status_code, page["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "You were signed out meanwhile" in page.content.decode()
    assert 'href="/accounts/login/?next=/w/narenj/imports/new/"' in page.content.decode()
    elsewhere = client.post("/w/narenj/imports/new/", headers=headers | {"referer": "http://else.example/w/x/"}, **refused)
    assert 'href="/accounts/login/?next=/"' in elsewhere.content.decode()


@pytest.mark.parametrize("before", ["http://[", "http://testserver//else.example/w/", "//else.example/w/", "javascript:alert(1)", "/w/"])
def test_a_refused_upload_that_names_no_page_of_ours_leads_to_the_front_door(client: Client, before: str) -> None:
    refused = {REFUSED: (413, "too-large", "The body is larger than 2097152 bytes.")}
    page = client.post("/w/narenj/imports/new/", headers={"accept": "text/html", "referer": before}, **refused)
    assert page.status_code == 413
    assert 'href="/accounts/login/?next=/"' in page.content.decode()


def test_a_file_larger_than_anybody_may_send_is_refused_with_its_limit(client: Client) -> None:
    client.force_login(User.objects.create(email="sara@example.ir", language="en"))
    page = client.post("/w/narenj/imports/new/", headers={"accept": "text/html"}, **{REFUSED: (413, "too-large", "")})
    assert page.status_code == 413
    assert "Up to 100 MB can be uploaded here" in page.content.decode()


def test_a_form_without_its_token_is_refused_plainly() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/accounts/login/", {"login": "a@b.ir", "password": "x"})
    assert answer.status_code == 403
    assert "form" in answer.content.decode() or "فرم" in answer.content.decode()


def test_every_answer_forbids_framing_and_inline_scripts(client: Client) -> None:
    answer = client.get("/language")
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"] + policy["style-src"] + policy["style-src-elem"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_language_is_the_persons_then_the_cookies_then_the_browsers_then_persian(client: Client) -> None:
    def speaks(**headers: str) -> str:
        return client.get("/language", headers=headers).content.decode()

    assert speaks() == "fa"
    assert speaks(accept_language="de,en;q=0.5") == "en"
    client.cookies["django_language"] = "fa"
    assert speaks(accept_language="en") == "fa"
    client.force_login(
        User.objects.create_user("sara@example.ir", "x", language="en"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    assert speaks(accept_language="fa") == "en"


class TestSignIn:
    PASSWORD = "a long pass phrase"

    def attempt(self, client: Client, password: str, email: str = "sara@example.ir", address: str = "10.0.0.1") -> int:
        return client.post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR=address).status_code

    def test_a_person_signs_in_by_address_and_password(self, client: Client) -> None:
        User.objects.create_user("sara@example.ir", self.PASSWORD)
        assert self.attempt(client, "wrong") == 200
        assert self.attempt(client, self.PASSWORD, email="Sara@Example.IR") == 302

    def test_five_failures_close_the_door_for_that_person_from_that_address(self, client: Client) -> None:
        User.objects.create_user("sara@example.ir", self.PASSWORD)
        codes = [self.attempt(client, f"wrong {n}", email="SARA@example.ir" if n % 2 else "sara@example.ir") for n in range(5)]
        assert codes[-1] == 429
        assert self.attempt(client, self.PASSWORD) == 429, "even with the right password"
        assert self.attempt(Client(), self.PASSWORD, address="10.0.0.2") == 302, "the person elsewhere is not shut out"

    def test_an_unknown_person_is_answered_like_a_known_one(self, client: Client) -> None:
        User.objects.create_user("sara@example.ir", self.PASSWORD)
        known = [self.attempt(client, "wrong") for _ in range(6)]
        unknown = [self.attempt(client, "wrong", email="nobody@example.ir") for _ in range(6)]
        assert known == unknown


def test_a_logged_fault_tells_where_but_not_whose() -> None:
    try:
        int("sara@example.ir")
    except ValueError as error:
        told = Faults(tell=False)(None, "error", {"event": "x", "exc_info": error})
        loud = Faults(tell=True)(None, "error", {"event": "x", "exc_info": True})
    assert told["fault"] == "builtins.ValueError"
    assert "sara" not in json.dumps(told)
    assert "test_middleware.py" in told["trace"][0]
    assert "sara@example.ir" in loud["fault"]
    assert logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO) is False


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_log_line_of_either_shape_quotes_nobody(form: str) -> None:
    said = {level: _line_of_a_fault(form, level) for level in ("INFO", "DEBUG")}
    assert "sara@example.ir" not in said["INFO"], "a canary in an exception's words, and in those of its cause"
    assert all(part in said["INFO"] for part in ("it broke", "builtins.RuntimeError", "test_middleware.py"))
    assert "\n" not in said["INFO"], "one line an event"
    assert "sara@example.ir" in said["DEBUG"]


def _line_of_a_fault(form: str, level: str) -> str:
    made = dict(logging_settings(form, level)["formatters"]["line"])
    del made["()"]
    formatter = structlog.stdlib.ProcessorFormatter(**made)
    try:
        try:
            int("sara@example.ir")
        except ValueError as error:
            raise RuntimeError("sara@example.ir is nobody") from error
    except RuntimeError:
        record = logging.LogRecord("peyvand", logging.ERROR, __file__, 1, "it broke", None, sys.exc_info())
    return str(formatter.format(record))


@pytest.mark.parametrize(
    ("words", "language"),
    [("There is nothing at this address.", "en"), ("«نارنج» is no channel of this brand.", "en"), ("کانال «web» در این برند نیست.", "fa")],
)
def test_a_problem_says_in_which_language_its_words_are(words: str, language: str) -> None:
    answer = problem(404, "not-found", words)
    assert LanguageMiddleware(lambda _request: answer)(asked("fa"))["Content-Language"] == language


def test_a_page_is_in_the_language_of_its_reader(client: Client) -> None:
    assert client.get("/api/nothing", headers={"accept-language": "fa"})["Content-Language"] == "en"
    assert client.get("/closed", headers={"accept": "text/html", "accept-language": "fa"})["Content-Language"] == "fa"


def asked(language: str) -> HttpRequest:
    request = RequestFactory().get("/api/v1/x", headers={"accept-language": language})
    request.user = AnonymousUser()
    return request
