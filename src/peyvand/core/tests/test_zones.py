"""Time zones offered: present names only, each once, in the reader's words."""

import zoneinfo

import pytest

from peyvand.core import zones


@pytest.mark.parametrize("name", ["Asia/Tehran", "Asia/Kolkata", "Europe/Kyiv", "America/Argentina/Buenos_Aires"])
def test_present_names_are_offered(name):
    assert name in zones.present_zones()


@pytest.mark.parametrize(
    "name", ["Asia/Calcutta", "Europe/Kiev", "America/Buenos_Aires", "US/Pacific", "Brazil/East", "Asia/Saigon", "Iran"]
)
def test_obsolete_names_are_not(name):
    assert name not in zones.present_zones()


def test_every_zone_offered_is_one_python_can_read():
    names = [name for name, _label in zones.zone_choices("fa")]
    assert names[:2] == ["Asia/Tehran", "UTC"]
    assert len(names) == len(set(names)) > 300
    for name in names:
        zoneinfo.ZoneInfo(name)


def test_a_zone_is_named_in_the_readers_language():
    assert dict(zones.zone_choices("fa"))["Asia/Tehran"] == "وقت ایران · Asia/Tehran"
    assert dict(zones.zone_choices("en"))["Asia/Tehran"] == "Iran Time · Asia/Tehran"


def test_without_a_table_on_the_machine_the_package_has_one(monkeypatch, tmp_path):
    before = zones.present_zones()
    zones.present_zones.cache_clear()
    monkeypatch.setattr(zones.zoneinfo, "TZPATH", (str(tmp_path),))
    try:
        assert len(set(before) ^ set(zones.present_zones())) < 12
    finally:
        monkeypatch.undo()
        zones.present_zones.cache_clear()
