"""No person in the log: one customer is told to every door, page and command, faults included, and looked for in every line of it."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.e2e.test_twins import doors
from tests.waiting import until

from peyvand.config.command import SETTINGS, commands
from peyvand.config.tests.canary import FORM, MAIL, NAME, PASSWORD, PHONE, SIGNS, TOKEN, WORDS, Api, Console, Story, order, value
from peyvand.config.tests.running import Installation

ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.slow
OWNERS_KEY = """
import django; django.setup()
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_key
from peyvand.workspaces.types import Scope
workspace = Workspace.objects.get(slug="narenj")
scopes = [scope for scope in Scope if scope not in {Scope.SNIPPET, Scope.INGEST}]
print(create_key(workspace=workspace, name="all", scopes=scopes, actor=workspace.members.earliest("pk").user)[1])
"""  # the command makes no key that acts in a person's name
ASKED = ("/spilling/fails/", "/spilling/collides/", "/spilling/asks/")
BRAND = ("--workspace", "narenj")
# What the commands are told. `{key}` and `{id}` are what one before said with --json.
LAID = (
    ("migrate",),
    ("createworkspace", NAME, "--slug", "narenj"),
    ("createowner", "--email", MAIL, "--name", NAME),
    ("createkey", "--scope", "ingest", "--scope", "read", "--name", NAME, "--json"),
)
REFUSED = (
    ("createworkspace", NAME, "--slug", "narenj"),
    ("createowner", "--email", MAIL, "--workspace", TOKEN),
    ("createowner", "--email", NAME),
    ("createkey", "--workspace", TOKEN, "--scope", "read"),
    ("import", "{folder}/bad.csv", *BRAND),
    ("import", "{folder}/people.csv", "--workspace", TOKEN),
    ("import", "--undo", TOKEN, *BRAND),
    ("analyze", "nps", "{folder}/people.csv", "--score", NAME),
    ("analyze", "nps", "{folder}/bad.csv", "--score", MAIL),
    ("analyze", NAME, *BRAND),
    ("analyze", "nps", *BRAND, "--where", f"branch={NAME}"),
    ("export-person", PHONE, *BRAND),
    ("erase-person", MAIL, *BRAND, "--yes"),
    ("restore", "--check", "{folder}/bad.csv"),
    ("verify-backup", "{folder}/bad.csv"),
    ("rotate-secrets", "--finish"),
    ("upgrade", "--back"),
    ("doctor",),  # nothing serves yet
)
DONE = (
    ("import", "{folder}/people.csv", *BRAND, "--dry-run"),
    ("import", "{folder}/people.csv", *BRAND, "--json"),
    ("analyze", "nps", "{folder}/people.csv", "--score", "name", "--by", "phone"),
    ("analyze", "nps", *BRAND, "--by", "channel"),
    ("import", *BRAND, "--undo", "{id}"),
    ("import", "{folder}/people.csv", *BRAND),
    ("export-person", PHONE, *BRAND, "--out", f"{{folder}}/{TOKEN}.zip"),
    ("backup", f"{{folder}}/{TOKEN}.tar.gz"),
    ("restore", "--check", f"{{folder}}/{TOKEN}.tar.gz"),
    ("verify-backup", f"{{folder}}/{TOKEN}.tar.gz"),
    ("rotate-secrets",),
    ("rotate-secrets", "--finish"),
    ("upgrade",),
    ("compact",),
    ("rebuild-lake",),
    ("erase-person", PHONE, *BRAND, "--yes"),
)
UNTRIED = {
    "demo": "its people are made up, and none of them is the customer",
    "serve": "the test itself serves, and reads all that is said meanwhile",
    "web": "`serve` runs it",
    "worker": "`serve` runs it",
}


@pytest.fixture
def story(migrated: Installation) -> Iterator[Story]:
    migrated.apps = "peyvand.config.tests.spilling"
    made = Story(migrated)
    yield made
    made.client.close()


def _commands(story: Story, folder: Path) -> str:
    """Run every command that meets people; returns the secret of a key."""
    known: dict[str, Any] = {"folder": folder}
    rows = ("customer_id,name,phone,email,since", f"1,{NAME},{PHONE},{MAIL},2026-06-01", f"2,{NAME},zz,{MAIL},{WORDS}", "")
    (folder / "people.csv").write_text("\n".join(rows))
    (folder / "bad.csv").write_bytes(f"{NAME};{PHONE}\n\x00\xff{MAIL}".encode("utf-8", "replace") + b"\xff\xfe")
    for told, works in ((LAID, True), (REFUSED, False), (DONE, True)):
        for words in told:
            done = story.run(*(word.format_map(known) for word in words), PEYVAND_OWNER_PASSWORD=PASSWORD)
            assert (done.returncode == 0) is works, f"{words}: {done.stdout} {done.stderr}"
            known |= json.loads(done.stdout) if "--json" in words else {}
    return str(known["key"])


def _doors(story: Story, key: str, *, broken: bool = False) -> None:
    """The fast doors, with good and bad bodies and keys; broken: the store fails."""
    bodies = [
        json.dumps([order()]), json.dumps([order(kind=NAME)]), json.dumps([order(customer={"identities": [MAIL]})]),
        json.dumps([order()])[:-9], json.dumps({"items": WORDS}), f'"{WORDS}', json.dumps([order(**{NAME: MAIL})]),
    ]  # fmt: skip
    for secret in (key, TOKEN):
        for body in bodies:
            headers = {"authorization": f"Bearer {secret}", "content-type": "application/json", "idempotency-key": TOKEN}
            story.post("/api/v1/interactions", content=body, headers=headers)
            story.post("/api/v1/snippet", content=body, headers=headers | {"origin": f"https://{TOKEN}.ir"})
            story.post("/api/v1/interactions", content=gzip.compress(body.encode())[:-3], headers=headers | {"content-encoding": "gzip"})
    recorded = story.post("/api/v1/interactions", json=[order()], headers={"authorization": f"Bearer {key}"})
    assert recorded.status_code == 200 or broken, recorded.text
    for path in (f"/{quote(NAME)}/", f"/s/{TOKEN}/", f"/u/{TOKEN}/", f"/customers/?q={quote(NAME)}", f"/%00{TOKEN}", f"/static/{TOKEN}.js"):
        story.get(path, headers={"user-agent": NAME.encode(), "x-forwarded-for": TOKEN, "cookie": f"sessionid={TOKEN}"})


def _sign_in(story: Story) -> None:
    story.get("/accounts/login/")
    assert story.post("/accounts/login/", data=FORM | {"password": f"{PASSWORD} no"}).status_code == 200
    story.post("/accounts/password/reset/", data=FORM)
    story.sign_in()


def _asked(story: Story, *words: str) -> str:
    """What a program says that works on the installation's own records."""
    environment = story.place.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS}
    done = subprocess.run([sys.executable, *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _pages(story: Story, console: Console, *, broken: bool = False) -> Counter[int]:
    """Every address, asked and written to by its owner the customer in path, query and form; returns how often it answered what.

    broken: the store fails; nobody could come in again, and what cannot be read is not sent once more.
    """
    told: Counter[int] = Counter()
    names = {name for door in doors() for name in door.fields}
    good, bad = {name: value(name) for name in sorted(names)} | FORM, dict.fromkeys(sorted(names), NAME) | FORM
    for path in console.paths():
        asked = story.get(path, params=FORM)
        if not broken and asked.headers.get("location", "").startswith("/accounts/login/"):
            story.sign_in()  # what was sent before ended this session
            asked = story.get(path, params=FORM)
        sent = [story.post(path, data=form) for form in ((good,) if broken else (good, bad))]
        told.update(answer.status_code for answer in (asked, *sent))
    return told


def _spilling_pages(story: Story) -> None:
    for path in ASKED:
        assert story.get(path, params=FORM).status_code == 500
        assert story.post(path, data=FORM).status_code == 500


def _until_told(log: Path, events: set[str]) -> list[str]:
    def lines() -> list[str]:
        return log.read_text(encoding="utf-8").splitlines()

    def missing() -> set[str]:
        return events - {json.loads(line)["event"] for line in lines() if line.startswith("{")}

    until(lambda: not missing(), lambda: f"{missing()} was not told", every=0.3)
    return lines()


def test_a_customer_told_to_every_door_page_and_command_stands_in_no_line_of_the_log(story: Story, tmp_path: Path) -> None:
    key = _commands(story, tmp_path)
    links, everything = json.loads(_asked(story, "-m", "tests.e2e.furnishing", "narenj")), _asked(story, "-c", OWNERS_KEY)
    log = tmp_path / "serve.log"
    story.place.serve(log=log)
    _doors(story, key)
    _sign_in(story)
    api = Api(story, everything)
    answers = Counter(answer.status_code for answer in api.tell())
    assert answers[200] + answers[201] + answers[204] > 30, f"operations do what they are for: {answers}"
    assert answers[400] + answers[422] > 50, f"and meet what they cannot read: {answers}"
    console = Console(story, links)
    pages = _pages(story, console)
    assert pages[200] > 100, f"pages are there: {pages}"
    faults = sum(times for status, times in (answers + pages).items() if status >= 500)

    again = Api(story, _asked(story, "-c", OWNERS_KEY))  # the first key was taken away by what it called
    (story.place.data / "spill").touch()  # from here on, storing or looking for the customer fails, with the customer in the error
    broken = _pages(story, console, broken=True) + Counter(answer.status_code for answer in again.tell())
    assert broken[500] > 20, f"faults happened: {broken}"
    _doors(story, key, broken=True)
    (story.place.data / "spill").unlink()
    _spilling_pages(story)

    lines = _until_told(log, {"request failed", "job failed", "loop failed", "subscription.dead_letter"})
    told = [line for line in (*lines, *story.said) if any(sign in line.lower() for sign in SIGNS)]
    assert told == []
    others = [line for line in lines if not line.startswith("{")]
    assert others == [f"Peyvand serves at http://localhost:{story.place.port}"], "every line but the greeting is for a program"
    assert all({"timestamp", "level", "event", "logger"} <= json.loads(line).keys() for line in lines if line not in others)
    assert faults == 0, f"no page of ours fails on what it was told: {pages}"


def test_every_command_is_told_of_the_customer_or_named_with_a_reason() -> None:
    tried = {words[0] for words in (*LAID, *REFUSED, *DONE)}
    assert tried | UNTRIED.keys() == commands().keys()
    assert tried.isdisjoint(UNTRIED)
