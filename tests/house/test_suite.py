"""What `script/test` runs where something is missing, and on which database."""

import os
import subprocess
import sys

from house import suite
from house.steps import ROOT

# Thousands of calls; what a program sees, the same on either.
ON_SQLITE_ALONE = {"tests/e2e/test_api_description.py", "tests/e2e/test_client.py"}


def test_without_a_chromium_the_flows_that_open_no_page_run_and_the_others_are_named(monkeypatch):
    monkeypatch.setenv("PEYVAND_TEST_CHROMIUM", "/nowhere/chromium")
    run, left = suite.flow_runs("", {})
    assert run.command[-3:] == ["tests/e2e", "-m", "not browser"]
    assert (left.command, left.name) == ((), "flows in Chromium")
    assert left.detail == "PEYVAND_TEST_CHROMIUM names /nowhere/chromium, which does not exist"


def test_with_a_chromium_all_flows_run(monkeypatch):
    monkeypatch.setenv("PEYVAND_TEST_CHROMIUM", sys.executable)
    (run,) = suite.flow_runs("", {})
    assert "not browser" not in run.command
    assert run.environment["PEYVAND_TEST_CHROMIUM"] == sys.executable


def test_what_opens_a_page_is_known_by_its_fixtures():
    chosen = ["tests/e2e/test_import_wizard.py", "tests/e2e/test_snippet.py", "--collect-only", "-m", "not browser"]
    apart = {name: value for name, value in os.environ.items() if not name.startswith("PEYVAND_")}  # or it clears away what this run made
    listed = subprocess.run(suite.pytest(*chosen), cwd=ROOT, env=apart, capture_output=True, text=True, check=True).stdout
    assert "test_a_page_can_take_nobodys_identity" not in listed
    assert "test_the_public_key_reads_nothing" in listed
    assert "test_import_wizard.py" not in listed


def test_every_flow_that_uses_the_database_of_the_run_is_tried_on_postgresql():
    files = {f"tests/e2e/{path.name}" for path in (ROOT / "tests" / "e2e").glob("test_*.py") if "mark.django_db" in path.read_text()}
    assert files - ON_SQLITE_ALONE == set(suite.ON_BOTH)
