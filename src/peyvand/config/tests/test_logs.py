"""A line of the log tells which page it is about by its route: an address may hold a token, or what somebody looked for."""

import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from django.utils.log import log_response

from peyvand.config.settings.logs import logging_settings


@pytest.fixture
def line() -> Any:
    """How a record is written."""
    made = logging_settings("json", "INFO")["formatters"]["line"]
    made.pop("()")
    formatter = structlog.stdlib.ProcessorFormatter(**made)
    return lambda record: json.loads(formatter.format(record))


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What Django tells of requests."""
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.INFO)
    yield caplog
    logger.setLevel(level)
    logger.removeHandler(caplog.handler)


@pytest.mark.parametrize("path", ["/s/3q9z-secret/", "/s/سارا/"])
def test_what_django_itself_tells_of_a_request_names_its_route(line: Any, told: pytest.LogCaptureFixture, path: str) -> None:
    request = SimpleNamespace(path=path, resolver_match=SimpleNamespace(route="s/<str:token>/"))
    log_response("%s: %s", "Internal Server Error", path, request=request, response=SimpleNamespace(status_code=500), level="error")
    written = line(told.records[-1])
    assert (written["event"], written["level"], written["logger"]) == ("Internal Server Error: s/<str:token>/", "error", "django.request")
    assert "secret" not in str(written)


def test_an_address_that_leads_nowhere_is_not_written(line: Any, told: pytest.LogCaptureFixture) -> None:
    request = SimpleNamespace(path="/sara@post.example", resolver_match=None)
    log_response("%s: %s", "Not Found", request.path, request=request, response=SimpleNamespace(status_code=404))
    assert line(told.records[-1])["event"] == "Not Found: an address of nobody"


def test_other_lines_are_left_as_they_are(line: Any) -> None:
    record = logging.LogRecord("axes", logging.WARNING, "x.py", 1, "locked: %s", ("n",), None)
    assert line(record)["event"] == "locked: n"
