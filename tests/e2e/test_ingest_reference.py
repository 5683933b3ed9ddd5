"""The examples of docs/reference/ingest.md do what the page says, against a running server."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "ingest.md"
EXAMPLE = re.compile(r"```sh\n(.*?)```\s+```json\n(.*?)```", re.DOTALL)
ID = re.compile(r'"id":\s*"[0-9a-z]{13}"')


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_every_example_is_answered_as_shown(site):
    key = site.command("createkey", "--workspace", "narenj", "--scope", "ingest").strip().splitlines()[-1]
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(examples) == PAGE.read_text(encoding="utf-8").count("```sh")
    for words, shown in examples:
        settings = {**os.environ, "PEYVAND": site.url, "KEY": key}
        said = subprocess.run(["bash", "-c", words], env=settings, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
        assert _values(said) == _values(shown), words


def _values(text: str) -> list[object]:
    """The JSON values that stand one after the other in a text, with all ids alike."""
    text, found, decoder = ID.sub('"id": "…"', text).strip(), [], json.JSONDecoder()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return found
