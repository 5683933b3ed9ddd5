"""A process whose children work on a site and may be killed amid it. Imported by the tests that kill them."""

import subprocess
import sys

from tests.e2e.running import Site


class Worker:
    """The process whose children work on the site, as a module of this folder says."""

    def __init__(self, site: Site, module: str) -> None:
        environment = site.environment | {"DJANGO_SETTINGS_MODULE": "peyvand.config.settings"}
        words = [sys.executable, "-m", f"tests.e2e.{module}"]
        self.process = subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def does(self, action: str, number: int = 0) -> list[str]:
        """Have something done and give what was said of it, the last line being how it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{action} {number}\n")
        self.process.stdin.flush()
        said: list[str] = []
        while not said or not said[-1].startswith(("killed", "ended")):
            said.append(self.process.stdout.readline().strip())
            assert said[-1], f"the process ended amid {action} {number}"
        return said
