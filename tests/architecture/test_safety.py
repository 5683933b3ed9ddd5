"""docs/explanation/safety.md names for every fault the tests that try it, and each of those tests is there."""

import re

from tests.architecture.source import ROOT, report

PAGE = ROOT / "docs" / "explanation" / "safety.md"
NAMED = re.compile(r"`((?:src/peyvand|tests)/[\w/]+\.py)(?:::(\w+))?`")
FEWEST = 60


def test_every_test_the_page_names_is_there():
    page = PAGE.read_text(encoding="utf-8")
    named = NAMED.findall(page)
    missing = [f"{path}::{test}" for path, test in named if not (ROOT / path).exists() or f"def {test}" not in (ROOT / path).read_text()]
    report(missing, "docs/explanation/safety.md names a test that is not there.")
    assert len(named) > FEWEST


def test_every_fault_has_a_test():
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| Fault", "| ---", "| What"))]
    report([row for row in rows if not NAMED.search(row) and "not built yet" not in row], "A fault without a test")
