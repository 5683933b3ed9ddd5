"""No regular expression takes more than two and a half times as long for twice as much text, whatever somebody outside writes."""

import re

import pytest

from tests.architecture.patterns import Found, found, growth
from tests.architecture.source import report

MOST = 2.5


def test_no_pattern_grows_faster_than_its_text():
    every = {(one.pattern, one.method): one for one in found()}
    assert len(every) > 50
    grown = {one: growth(one) for one in every.values()}
    faults = [
        f"{one.place} .{one.method}: {times:.1f} times for twice as much of {text!r}"
        for one, (times, text) in grown.items()
        if times > MOST and min(growth(one)[0] for _ in range(3)) > MOST  # somebody else was at work meanwhile
    ]
    report(faults, "A text twice as long may take two and a half times as long, no more.")


@pytest.mark.parametrize(("source", "method"), [(r"(a+)+b", "match"), (r"\s+$", "search"), (r"[0-9]+x", "search")])
def test_one_that_does_is_found(source, method):
    assert growth(Found("here", re.compile(source), method))[0] > MOST
