"""What a customer's phone loads to answer: the page with its styles, gzipped, and the one font beside it."""

import gzip
import html
import re
import tempfile
from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.serving import PASSWORD, command, served
from tests.bench.visiting import Answer, Visitor

OWNER = "owner@peyvand.example"
LOADED = re.compile(r'<(?:link|img|script)\b[^>]*?\b(?:href|src)="([^"]+)"')
FONT = re.compile(r"url\(['\"]?([^'\")]+\.woff2)")


def measure() -> Iterator[Figure]:
    """Weigh the ready survey as its preview shows it: the same page that a personal link opens."""
    with tempfile.TemporaryDirectory(prefix="peyvand-bench-") as folder:
        command(folder, "migrate")
        command(folder, "createworkspace", "Bench", "--slug", "bench")
        command(folder, "createowner", "--workspace", "bench", "--email", OWNER)
        with served(folder) as running:
            visitor = Visitor(running.port)
            visitor.sign_in(OWNER, PASSWORD)
            survey = re.search(r'href="(/w/bench/surveys/[0-9a-z]{13}/)"', visitor.get("/w/bench/surveys/").text)
            if survey is None:
                raise RuntimeError("there is no ready survey")
            page = visitor.get(f"{survey[1]}preview/score/")
            parts = {address: visitor.get(html.unescape(address)) for address in set(LOADED.findall(page.text))}
    fonts = [address for address in parts if address.endswith(".woff2")]
    named = {font for part in parts.values() for font in FONT.findall(part.text)}
    if len(fonts) != 1 or len(named) > 1:
        raise RuntimeError(f"one font is allowed: {fonts}, {named}")
    weight = _gzipped(page) + sum(_gzipped(part) for address, part in parts.items() if address not in fonts)
    words = len(gzip.compress(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).encode()))
    yield Figure("survey page, gzipped", weight / 1000, "KB", limit=60, baseline=words / 1000, baseline_name="KB, its words alone")
    yield Figure("its font", parts[fonts[0]].weight / 1000, "KB", limit=50)


def _gzipped(answer: Answer) -> int:
    """The size as a server with gzip sends it, whether or not this one did."""
    return answer.weight if answer.headers.get("content-encoding") == "gzip" else len(gzip.compress(answer.text.encode()))
