"""Time and chance: they stand still, move and repeat when asked, and only then."""

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from peyvand.core import clock

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_now_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC


def test_a_frozen_clock_stands_until_it_is_advanced():
    with clock.frozen(NOON) as stopped:
        assert clock.now() == NOON
        assert stopped.advance(timedelta(hours=2)) == NOON + timedelta(hours=2)
        assert clock.now() == NOON + timedelta(hours=2)
        stopped.move_to(datetime(2026, 11, 18, 10, tzinfo=ZoneInfo("Asia/Tehran")))
        assert clock.now() == datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
    assert clock.now() != NOON


def test_today_depends_on_the_time_zone():
    with clock.frozen(datetime(2026, 11, 18, 21, tzinfo=UTC)):
        assert clock.today("Asia/Tehran") == date(2026, 11, 19)
        assert clock.today(ZoneInfo("America/New_York")) == date(2026, 11, 18)


def test_other_threads_see_the_frozen_clock():
    seen = []
    with clock.frozen(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen == [NOON]


def test_freezing_inside_a_frozen_block_goes_back_to_the_outer_one():
    with clock.frozen(NOON):
        with clock.frozen(NOON + timedelta(days=1)):
            assert clock.now() == NOON + timedelta(days=1)
        assert clock.now() == NOON


def test_monotonic_moves_with_the_frozen_clock():
    with clock.frozen(NOON) as stopped:
        before = clock.monotonic()
        stopped.advance(timedelta(seconds=90))
        assert clock.monotonic() - before == 90.0


def test_the_same_seed_draws_the_same_chance():
    with clock.frozen(NOON, seed=7):
        first = [clock.random().random() for _ in range(3)]
    with clock.frozen(NOON, seed=7):
        assert [clock.random().random() for _ in range(3)] == first
    with clock.frozen(NOON, seed=8):
        assert clock.random().random() != first[0]
    assert clock.random("sample 5").random() == clock.random("sample 5").random()


def test_secrets_repeat_only_when_asked():
    with clock.frozen(NOON):
        plain = clock.token()
    with clock.frozen(NOON):
        assert clock.token() != plain
    with clock.frozen(NOON, tokens=True):
        replayed = clock.token()
    with clock.frozen(NOON, tokens=True):
        assert clock.token() == replayed


def test_a_token_is_long_enough_and_safe_in_an_address():
    assert len(clock.token(32)) == 43
    assert set(clock.token(300)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(clock.secret_bytes(16)) == 16


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="has no time zone"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass
