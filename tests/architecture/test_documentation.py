"""What can be set, run or opened has its page, and no page points into the void."""

import re
import subprocess

import pytest
from house.reference import pages

from tests.architecture.source import ROOT, report

LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s#]+)")
REFERENCE = ROOT / "docs" / "reference"


def _pages() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def test_links_between_pages_lead_somewhere():
    faults = [
        f"{name}: {target}"
        for name in _pages()
        for target in LINK.findall((ROOT / name).read_text(encoding="utf-8"))
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    report(faults, "A link in the documentation leads to a file of the repository.")


def test_every_page_is_reached_from_the_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    faults = [name for name in _pages() if name.startswith("docs/") and name != "docs/index.md" and name.removeprefix("docs/") not in index]
    report(faults, "docs/index.md names every page.")


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_reference_pages_say_what_the_code_says(path):
    assert path.exists(), "Run script/reference."
    assert path.read_text(encoding="utf-8") == pages()[path], "Run script/reference and read the difference before committing it."


def test_every_script_is_documented():
    page = (REFERENCE / "scripts.md").read_text(encoding="utf-8")
    scripts = [path.name for path in (ROOT / "script").iterdir() if path.is_file()]
    report([name for name in scripts if f"`script/{name}" not in page], "Every script stands in docs/reference/scripts.md.")


def test_the_page_of_scripts_names_every_page_that_is_written_from_the_code():
    page = (REFERENCE / "scripts.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith("| `script/reference`")]
    report([path.name for path in pages() if f"({path.name})" not in row], "The row of script/reference names every page it writes.")
