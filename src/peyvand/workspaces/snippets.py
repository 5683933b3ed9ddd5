"""Text to copy into a shop's pages or a terminal. Called by the pages of keys and first data."""

import json
import shlex
from collections.abc import Mapping

from peyvand.core import clock


def snippet_code(url: str, public_key: str) -> str:
    """The tag for every page of a website."""
    return f'<script async src="{url}/snippet.js" data-key="{public_key}"></script>'


def curl_example(url: str, secret: str, *, kind: str = "order.placed", properties: Mapping[str, object] | None = None) -> str:
    """One interaction, sent from a terminal."""
    item: dict[str, object] = {
        "kind": kind,
        "occurred_at": clock.now().isoformat(timespec="seconds"),
        "customer": {"identities": [{"type": "email", "value": "sara@example.com"}], "name": "Sara"},
        "source": "shop",
        "external_id": f"{kind.partition('.')[0]}-1001",
    }
    if properties:
        item["properties"] = dict(properties)
    body = shlex.quote(json.dumps(item, ensure_ascii=False))
    return (
        f"curl {shlex.quote(url + '/api/v1/interactions')} \\\n"
        f"  -H {shlex.quote('Authorization: Bearer ' + secret)} \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d {body}"
    )
