"""Static files: addresses change with the content, so that browsers may keep what they have."""

import os
import re

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponseNotFound
from django.templatetags.static import static
from django.test import Client, RequestFactory

from peyvand.config import static as module

STYLE = "ninja/swagger-ui.css"  # a file that is there before anything is built


def test_an_address_carries_a_digest_of_the_content(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert re.fullmatch(r"/static/ninja/swagger-ui\.css\?v=[0-9a-f]{10}", static(STYLE))
    other = tmp_path_factory.mktemp("static") / "swagger-ui.css"
    other.write_text("body { color: red }")
    before = static(STYLE)
    monkeypatch.setattr(finders, "find", lambda _name: str(other))
    module._digest.cache_clear()
    assert static(STYLE) != before
    module._digest.cache_clear()


def test_fonts_and_unknown_files_stay_bare() -> None:
    assert static("fonts/Vazirmatn.woff2") == "/static/fonts/Vazirmatn.woff2"
    assert static("nowhere.js") == "/static/nowhere.js"


@pytest.mark.django_db  # a closed answer ends its request, which looks at the connection
def test_a_static_file_is_sent_with_leave_to_keep_it(client: Client) -> None:
    answer = client.get(static(STYLE))
    assert answer.status_code == 200
    assert "max-age=2592000" in answer["Cache-Control"]
    answer.close()


def test_a_front_end_built_while_the_server_runs_is_served_whole(settings, monkeypatch, tmp_path, rf) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    style, stamp = tmp_path / "console.css", tmp_path / ".built"
    monkeypatch.setattr(module, "STAMP", stamp)
    style.write_text("a {}")
    stamp.write_text("first")
    files = module.BuiltFiles(lambda _request: HttpResponseNotFound())
    assert got(files, rf) == (4, b"a {}")
    style.write_text("a { color: red }")
    os.utime(stamp, ns=(1, 1))
    assert got(files, rf) == (16, b"a { color: red }")
    finders.get_finder.cache_clear()


def got(files: module.BuiltFiles, rf: RequestFactory) -> tuple[int, bytes]:
    """The length a style says it has, and the style."""
    answer = files(rf.get("/static/console.css"))
    return int(answer["Content-Length"]), b"".join(answer.streaming_content)
