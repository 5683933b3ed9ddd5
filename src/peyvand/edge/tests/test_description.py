"""The description of the ingest door says all it takes and every code it answers, and so does its page in the handbook."""

import re
from pathlib import Path

import pytest

from peyvand.edge import description
from peyvand.edge.description import CODES, FIELDS, paths, schemas

EDGE = Path(description.__file__).parent
METHODS = (405, "method-not-allowed")  # answered behind the door, by the pages, which have the other methods of the address
DOOR = ("answers", "bodies", "ingest", "intake", "reading", "wire", "writing")
PAGE = Path(__file__).parents[4] / "docs" / "reference" / "ingest.md"
GIVEN = re.compile(r'(?:problem|Unreadable)\(\s*(\d{3}),\s*"([a-z0-9-]+)"')


def test_every_code_the_door_answers_is_described():
    said = {(int(status), code) for name in DOOR for status, code in GIVEN.findall((EDGE / f"{name}.py").read_text(encoding="utf-8"))}
    assert said | {METHODS} == {(status, code) for status, codes in CODES.items() for code in codes}
    responses = paths()["/api/v1/interactions"]["post"]["responses"]
    assert set(responses) == {"200", *(str(status) for status in CODES)}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_words(name):
    assert set(FIELDS[name]) == set(schemas()[name]["properties"])


def test_the_handbook_names_every_field_and_every_code():
    page = PAGE.read_text(encoding="utf-8")
    words = {field for told in FIELDS.values() for field in told} | {code for codes in CODES.values() for code in codes}
    assert {word for word in words if f"`{word}`" not in page and f'"{word}"' not in page} == set()
