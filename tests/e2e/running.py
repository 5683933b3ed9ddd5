"""A Peyvand of its own for a journey: made, filled and served by the `peyvand` command, as anybody would do it."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.moulds import once
from tests.ports import free_port
from tests.waiting import PATIENCE, until

PEYVAND = Path(sys.executable).with_name("peyvand")
OWNER = "alice@example.com"
PASSWORD = "a long enough phrase"


@dataclass(frozen=True)
class Site:
    """A served Peyvand: where it is, and the command line that belongs to it."""

    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PEYVAND_", "DJANGO_"))}
        return kept | {"PEYVAND_DATA": str(self.folder), "PEYVAND_PORT": str(self.port), "PEYVAND_LOG_FORMAT": "text"} | self.settings

    def command(self, *words: str) -> str:
        """Run `peyvand …` on this site's data and return what it said; a failure is told with its words."""
        ended = subprocess.run([PEYVAND, *words], env=self.environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"peyvand {' '.join(words)} ended with {ended.returncode}: {ended.stderr}"
        return ended.stdout

    @contextmanager
    def served(self) -> Iterator[int]:
        """Serve until the block ends (yields the process); what the server logged is shown when it could not start."""
        log = self.folder / "serve.log"
        with log.open("wb") as out, subprocess.Popen([PEYVAND, "serve"], env=self.environment, stdout=out, stderr=out) as process:
            try:
                self._wait(process, log)
                yield process.pid
            finally:
                process.terminate()
                process.wait(PATIENCE)

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        until(lambda: process.poll() is not None or self._ready(), lambda: f"the server was not ready: {log.read_text()}", every=0.1)
        assert process.poll() is None, f"the server ended: {log.read_text()}"

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def prepared(folder: Path, **settings: str) -> Site:
    """Make a site with one workspace, `narenj`, and its owner."""
    site = Site(folder, free_port(), {"PEYVAND_OWNER_PASSWORD": PASSWORD, **settings})
    if "PEYVAND_DATABASE_URL" in settings:
        _found(site)
    else:
        shutil.copytree(once("founded", _found_in), folder, dirs_exist_ok=True)
    return site


def _found_in(folder: Path) -> None:
    _found(Site(folder, free_port(), {"PEYVAND_OWNER_PASSWORD": PASSWORD}))


def _found(site: Site) -> None:
    site.command("migrate")
    site.command("createworkspace", "Narenj")
    site.command("createowner", "--workspace", "narenj", "--email", OWNER)
