"""However many strangers ask for a provider that is silent, they hold few threads of a process, and seldom."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import translation
from tests.silent import waiting_for
from tests.waiting import PATIENCE, until

from peyvand.workspaces import asked_once, oidc
from peyvand.workspaces.asked_once import outcome
from peyvand.workspaces.services.single_sign_on import set_sign_on

SAID = {"said": {"issuer": "x"}}
FAILED = {"failed": ["The provider did not answer: %(why)s Try again in a moment.", "No answer came in time."]}


class Silent:
    """Takes every call and says nothing, until it hangs up."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.door.getsockname()[1]}"
        self.issuer = f"http://{self.host}/realm"
        self.calls: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        try:
            while True:
                self.calls.append(self.door.accept()[0])
        except OSError:
            return

    def hang_up(self) -> None:
        for call in self.calls:
            call.close()

    def close(self) -> None:
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        self.hang_up()


@pytest.fixture
def silent(settings) -> Iterator[Silent]:
    with closing(Silent()) as one, translation.override("en"):
        settings.PEYVAND_INTERNAL_HOSTS = [one.host]
        yield one


class Question:
    """One that is answered when the test says so; counts how often it was asked."""

    def __init__(self, found: asked_once.Outcome = SAID) -> None:
        self.found, self.asked = found, 0
        self.may, self.begun = threading.Event(), threading.Event()

    def __call__(self) -> asked_once.Outcome:
        self.asked += 1
        self.begun.set()
        assert self.may.wait(PATIENCE)
        return self.found


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def why(issuer: str) -> str:
    with translation.override("en"), pytest.raises(oidc.SignOnError) as refused:
        oidc.discovered(issuer, 1)
    return str(refused.value)


def test_eight_who_ask_for_a_silent_provider_hold_one_thread(silent, threads, monkeypatch):
    monkeypatch.setattr(asked_once, "BRIEFLY", 0.1)
    first = threads.submit(why, silent.issuer)
    until(lambda: silent.calls)
    others = [threads.submit(why, silent.issuer) for _turn in range(7)]
    assert {other.result(4) for other in others} == {"The provider cannot be asked just now. Try again in a moment."}
    assert (first.done(), len(silent.calls)) == (False, 1)
    silent.hang_up()
    assert "did not answer" in first.result(PATIENCE)


@pytest.mark.django_db
def test_that_a_provider_failed_is_told_at_once_for_a_while_in_the_readers_language(silent, narenj, alice):
    usual = {"name": "Company", "client_id": "c", "secret": "s", "domains": ["narenj.example"], "role": "agent"}
    set_sign_on(workspace=narenj, actor=alice, issuer=silent.issuer, makes_members=True, passwords_allowed=True, **usual)
    pages = {language: Client(headers={"accept-language": language}) for language in ("en", "fa")}
    threading.Thread(target=lambda: (until(lambda: silent.calls), silent.hang_up()), daemon=True).start()
    texts = [pages[language].get("/sso/narenj/") for language in ("en", "fa", "en")]
    assert [page.status_code for page in texts] == [403] * 3
    assert "did not answer" in texts[0].content.decode()
    assert "سامانهٔ ورود پاسخ نداد" in texts[1].content.decode()
    assert "did not answer" in texts[2].content.decode()
    assert len(silent.calls) == 1


def test_a_failure_is_kept_for_half_a_minute_and_an_answer_for_five(monkeypatch):
    kept = {}
    keeps = SimpleNamespace(get=lambda _key: None, set=lambda key, found, seconds: kept.update({key: (found, seconds)}))
    monkeypatch.setattr(asked_once, "cache", keeps)
    outcome("a", lambda: SAID, 1)
    outcome("b", lambda: FAILED, 1)
    assert kept == {"a": (SAID, 300), "a.stale": (SAID, 86_400), "b": (FAILED, 30)}


def test_whoever_presses_twice_gets_what_the_first_found(threads, monkeypatch):
    monkeypatch.setattr(asked_once, "BRIEFLY", PATIENCE)
    question = Question()
    first = threads.submit(outcome, "a", question, 1)
    assert question.begun.wait(PATIENCE)
    second = threads.submit(outcome, "a", question, 1)
    until(lambda: asked_once._waiter._value == 0)
    assert outcome("a", question, 1) is None, "a third does not wait"
    question.may.set()
    assert (first.result(PATIENCE), second.result(PATIENCE), question.asked) == (SAID, SAID, 1)


def test_while_one_asks_anew_others_are_told_what_was_said_before(threads):
    outcome("a", lambda: SAID, 1)
    asked_once.forget("a")
    question = Question(FAILED)
    first = threads.submit(outcome, "a", question, 1)
    assert question.begun.wait(PATIENCE)
    assert outcome("a", question, 1) == SAID
    question.may.set()
    assert first.result(PATIENCE) == outcome("a", question, 1) == FAILED
    assert question.asked == 1


def test_many_silent_providers_hold_two_threads_together(threads):
    questions = [Question() for _turn in range(3)]
    asking = []
    for brand, (name, question) in enumerate(zip("ab", questions, strict=False)):
        asking.append(threads.submit(outcome, name, question, brand))
        assert question.begun.wait(PATIENCE)
    assert outcome("c", questions[2], 2) is None
    for question in questions:
        question.may.set()
    assert [one.result(PATIENCE) for one in asking] == [SAID, SAID]
    assert outcome("c", questions[2], 2) == SAID


def test_a_brand_whose_page_waits_elsewhere_asks_nothing_and_is_told_what_was_said(threads):
    question = Question()
    with waiting_for(1):
        assert outcome("a", question, 1) is None
        assert outcome("a", lambda: SAID, 2) == SAID
        asked_once.forget("a")
        assert outcome("a", question, 1) == SAID
    assert question.asked == 0


def test_one_who_fails_otherwise_leaves_the_way_free():
    with pytest.raises(ZeroDivisionError):
        outcome("a", lambda: 1 / 0, 1)
    assert outcome("a", lambda: SAID, 1) == SAID
