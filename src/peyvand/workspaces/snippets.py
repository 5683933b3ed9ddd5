"""Text to copy into a shop's pages or a terminal. Called by the pages of keys and first data."""

import json
import shlex

from peyvand.core import clock


def snippet_code(url: str, public_key: str) -> str:
    """The tag for every page of a website."""
    return f'<script async src="{url}/snippet.js" data-key="{public_key}"></script>'


def curl_example(url: str, secret: str, *, kind: str = "order.placed") -> str:
    """One interaction, sent from a terminal."""
    item = {
        "kind": kind,
        "occurred_at": clock.now().isoformat(timespec="seconds"),
        "customer": {"identities": [{"type": "email", "value": "sara@example.com"}], "name": "Sara"},
        "source": "shop",
        "external_id": "order-1001",
    }
    body = shlex.quote(json.dumps(item, ensure_ascii=False))
    return (
        f"curl {shlex.quote(url + '/api/v1/interactions')} \\\n"
        f"  -H {shlex.quote('Authorization: Bearer ' + secret)} \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d {body}"
    )
