"""Sign-in attempts counted in Redis: what one machine counts another knows, and a Redis that is away is told plainly."""

import http.cookiejar
import pickle
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.core.cache.backends.redis import RedisCache

from peyvand.config.settings.databases import cache as settings_of_cache
from peyvand.config.tests.running import Installation
from peyvand.core import clock

pytestmark = pytest.mark.slow
ATTEMPTS = 5


def sign_in(migrated: Installation, name: str) -> tuple[int, str]:
    """Try a wrong password in a browser of one's own; the status and the page."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{migrated.port}/accounts/login/"
    try:
        page = browser.open(address).read().decode()
        token = re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        form = {"login": name, "password": "no such phrase", "csrfmiddlewaretoken": token}
        answer = browser.open(address, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    return answer.status, answer.read().decode()


def test_what_one_process_counted_the_next_one_knows(migrated: Installation, redis_url: str) -> None:
    migrated.redis = redis_url
    nobody = f"{clock.secret_bytes(6).hex()}@example.com"  # the counters outlive the test, so nobody may come again
    migrated.serve()
    tried = [sign_in(migrated, nobody)[0] for _ in range(ATTEMPTS)]
    assert tried == [200] * (ATTEMPTS - 1) + [429]
    migrated.stop()
    migrated.serve()
    assert sign_in(migrated, nobody)[0] == 429
    assert sign_in(migrated, f"not-{nobody}")[0] == 200
    assert "ok     redis: Redis answers" in migrated.run("doctor").stdout


def test_a_redis_that_is_away_is_a_503(migrated: Installation) -> None:
    migrated.redis = "redis://127.0.0.1:1/0"
    migrated.serve()
    assert sign_in(migrated, "alice@example.com")[0] == 503
    assert "FAULT  redis:" in migrated.run("doctor").stdout


class Trap:
    """Runs code wherever it is unpickled."""

    sprung: list[str] = []

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Trap.sprung.append, ("code ran",)


def test_what_a_stranger_puts_into_redis_is_never_run(redis_url: str) -> None:
    cache = RedisCache(redis_url, settings_of_cache(redis_url) | {"KEY_PREFIX": clock.secret_bytes(6).hex()})
    kept = {"texts": {"fa": "سلام"}, "n": [1, 2.5, True, None]}
    cache.set("kept", kept, 60)
    assert cache.get("kept") == kept
    assert (cache.add("counted", 1, 60), cache.incr("counted"), cache.get("counted")) == (True, 2, 2)
    cache._cache.get_client(write=True).set(cache.make_key("trap"), pickle.dumps(Trap()), 60)
    with pytest.raises(UnicodeDecodeError):
        cache.get("trap")
    assert Trap.sprung == []
