"""A store counts as sound after kills where doctor looked at it, and not otherwise."""

import json
from pathlib import Path

import pytest

from tests.bench import measure_kill
from tests.bench.stores import Store


@pytest.mark.parametrize(("state", "sound"), [("ok", True), ("fault", False)])
def test_what_doctor_finds_counts(monkeypatch: pytest.MonkeyPatch, state: str, sound: bool) -> None:
    told = {"findings": [{"check": "web", "state": "fault", "words": ""}, {"check": "integrity", "state": state, "words": ""}]}
    monkeypatch.setattr(measure_kill, "say", lambda *_words, **_more: json.dumps(told))
    assert measure_kill.is_sound(Store("SQLite", Path(), "", "")) is sound


def test_a_store_that_was_not_looked_at_stops_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"findings": [{"check": "integrity", "state": "note", "words": "nothing was looked at"}]}
    monkeypatch.setattr(measure_kill, "say", lambda *_words, **_more: json.dumps(told))
    with pytest.raises(RuntimeError, match="nothing was looked at"):
        measure_kill.is_sound(Store("SQLite", Path(), "", ""))
