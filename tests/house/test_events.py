"""The page of log events lists every one as it is written; what could not be listed is refused."""

import pytest
from house.events import SOURCE, Told, of_source

HEAD = 'import structlog\nlog = structlog.get_logger("peyvand.shop")\n'
PATH = SOURCE / "peyvand" / "shop" / "services.py"


def test_an_event_is_told_with_its_level_and_fields():
    found = list(of_source(HEAD + 'log.warning("order lost", number=7)\nlog.info("closed")\n', PATH))
    assert found == [Told("order lost", "warning", "peyvand.shop", ("number",)), Told("closed", "info", "peyvand.shop", ())]


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ('log.exception("failed", job=1)', ("job", "fault, trace")),
        ('log.exception("failed", exc_info=error)', ("fault, trace",)),
        ('log.error("failed", exc_info=True)', ("fault, trace",)),
        ('log.error("failed", **more)', ("…",)),
    ],
)
def test_an_error_with_its_trace_is_an_error_however_it_is_written(call, fields):
    assert list(of_source(HEAD + call, PATH)) == [Told("failed", "error", "peyvand.shop", fields)]


@pytest.mark.parametrize("call", ["log.info()", 'log.info(f"order {number} lost")', "log.info(event)", 'log.info(event="x")'])
def test_an_event_that_is_no_plain_text_is_refused_with_its_place(call):
    with pytest.raises(ValueError, match=r"services\.py:3: the event of a log line must be a plain text"):
        list(of_source(HEAD + call, PATH))


def test_calls_of_others_are_left_alone():
    assert list(of_source(HEAD + "math.log()\nlogger.info()\nlog.bind()\n", PATH)) == []
