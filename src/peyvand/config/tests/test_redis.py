"""Sign-in attempts counted in Redis: what one machine counts another knows, and a Redis that is away is told plainly."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

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
