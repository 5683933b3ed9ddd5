"""What `POST /api/v1/interactions` takes and answers, in the words of OpenAPI; its shapes are the structs that read the bodies.

Called by config.api, which puts it beside the rest of the API.
"""

from typing import Any, Final

import msgspec

from peyvand.edge.wire import MOST_BYTES, MOST_FIELDS, MOST_ITEMS, MOST_PARTS
from peyvand.identities.types import TYPE_NAMES
from peyvand.timeline.types import Item, Status

AT: Final = "#/components/schemas/"
FIELDS: Final = {
    "Item": {
        "kind": "What happened, as `noun.past_participle`: a built-in kind or one declared in the settings.",
        "occurred_at": "When it happened: RFC 3339 with an offset, not before 1900 and at most a day ahead.",
        "customer": "Who it is about; may be absent. Somebody unknown is created.",
        "channel": "By which way: web, sms, call …; a new code is created, as for all codes below.",
        "touchpoint": "Where the customer met the brand; the kind's own when left out.",
        "stage": "before, during, after or without a sale; the touchpoint's own when left out.",
        "product": "Which product.",
        "branch": "Which branch.",
        "department": "Which department.",
        "employee": "Which employee.",
        "device": "Which class of device: phone, tablet, computer.",
        "language": "The customer's language in this contact.",
        "subject": "What ties interactions together, such as the order all of them are about.",
        "amount": "Money, in the currency's minor unit (whole Rials).",
        "currency": "Three letters of ISO 4217.",
        "duration_s": "How long it took, in seconds.",
        "response_s": "How long the customer waited for an answer, in seconds.",
        "properties": "Whatever else the kind knows: at most 64 KB, 32 deep. `customer` is a name kept for Peyvand.",
        "perceptions": "How it felt: scores, words or both.",
        "source": "Which system tells it.",
        "external_id": "Its id in that system. The same source and external_id again is a duplicate and has no effect.",
    },
    "CustomerIn": {
        "identities": "By what this person is known; the strongest decides, strangers are never merged in silence.",
        "name": "The name, taken over where none is known.",
        "language": "The language this person reads.",
        "attributes": "Values of attributes, by their code.",
        "consents": "What this person agreed to or refused.",
        "company": "The company this person acts for (B2B). They belong to it from then on; figures are cut by it.",
    },
    "CompanyIn": {
        "own_id": "Your own id of the company: it decides where it is given.",
        "name": "Its name; spellings that differ only as Persian writing does are one company.",
    },
    "IdentityIn": {
        "type": "One of " + ", ".join(f"`{name}`" for name in TYPE_NAMES) + ", from strong to weak.",
        "value": "As it was written; phone numbers and e-mail addresses are brought into one form.",
    },
    "ConsentIn": {"purpose": "For what.", "channel": "By which way.", "granted": "Agreed (true) or refused (false)."},
    "Subject": {"type": "Of which sort, such as `order`.", "id": "Which one."},
    "PerceptionIn": {
        "measure": "`nps`, `csat`, `ces`, `rating`, or a name of your own.",
        "value": "The score, on its scale.",
        "scale": "Lowest and highest possible score; known for nps, csat, ces and rating, needed for any other measure.",
        "item": "Which question of several.",
        "text": "In the customer's own words.",
        "sentiment": "From -1 (bad) to 1 (good), where somebody has judged it.",
    },
}
CODES: Final = {
    400: {
        "unreadable": "The body is not JSON.",
        "bad-utf-8": "The body is not UTF-8.",
        "too-deep": "The body is nested too deeply.",
        "not-a-number": "NaN or Infinity, which JSON does not know.",
        "not-items": "Neither an object nor an array.",
        "bad-gzip": "Not the gzip that Content-Encoding promised.",
        "bad-idempotency-key": "Not 1 to 200 visible ASCII characters.",
    },
    401: {"unauthorised": "No key, an unknown or a revoked one."},
    403: {"forbidden": "The key lacks the scope `ingest`."},
    405: {"method-not-allowed": "Neither POST nor GET; `Allow` names them."},
    408: {"too-slow": "No more of the body came for half a minute."},
    409: {"idempotency-key-reused": "The same Idempotency-Key with another body within a day."},
    413: {
        "too-large": f"More than {MOST_BYTES} bytes.",
        "too-many-items": f"More than {MOST_ITEMS} items.",
        "too-many-parts": f"More than {MOST_PARTS} objects and lists.",
        "too-many-fields": f"An object of more than {MOST_FIELDS} fields.",
    },
    415: {"unsupported-media-type": "Neither JSON nor NDJSON in UTF-8.", "unsupported-encoding": "Neither plain nor gzip."},
    422: {"item-rejected": "The single item is wrong; `field` names where."},
    500: {"fault": "A fault on the server's side."},
    503: {
        "busy": "Too much waits already; Retry-After says when to come again.",
        "store-unavailable": "The database is stopped or the disk is full; nothing was recorded.",
        "fate-unknown": "The database failed while committing; send it again with the same ids or the same Idempotency-Key.",
    },
}


class ItemAnswer(msgspec.Struct):
    """What became of one item."""

    status: Status
    id: str | msgspec.UnsetType = msgspec.UNSET
    field: str | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET


class Problem(msgspec.Struct):
    """An error (RFC 9457); `code` does not change between releases, `field` names what was wrong where it can be named."""

    type: str
    code: str
    title: str
    status: int
    detail: str
    field: str | msgspec.UnsetType = msgspec.UNSET


def schemas() -> dict[str, Any]:
    """The components, by name."""
    _roots, found = msgspec.json.schema_components([Item, ItemAnswer, Problem], ref_template=AT + "{name}")
    for name, told in FIELDS.items():
        for field, words in told.items():
            found[name]["properties"][field]["description"] = words
    return found


def paths() -> dict[str, Any]:
    """The address and its one method."""
    items = {"type": "array", "maxItems": MOST_ITEMS, "items": {"$ref": f"{AT}Item"}}
    one = {"$ref": f"{AT}Item"}
    operation = {
        "operationId": "record_interactions",
        "summary": "Record interactions",
        "description": "One object, an array, or one object a line (NDJSON). An acknowledged item is on disk: the fsync came first. "
        "Of several, each has its answer, in order, and a bad one costs the others nothing. What is repeated with the same source and "
        "external_id, or under the same Idempotency-Key, has one effect.",
        "tags": ["interactions"],
        "security": [{"KeyBearer": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                "description": "Of your choice; kept for a day. The same key and body again gets the first answer again.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": [one, items]}, "example": EXAMPLE},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        "responses": _responses(),
    }
    return {"/api/v1/interactions": {"post": operation}}


EXAMPLE: Final = {
    "kind": "order.delivered",
    "occurred_at": "2026-11-22T10:30:00+03:30",
    "customer": {"identities": [{"type": "phone", "value": "09120000012"}], "name": "Sara"},
    "subject": {"type": "order", "id": "1001"},
    "perceptions": [{"measure": "csat", "value": 4, "scale": [1, 5], "text": "Came a day early."}],
    "source": "shop",
    "external_id": "delivered-1001",
}


def _responses() -> dict[str, Any]:
    answer = {"$ref": f"{AT}ItemAnswer"}
    good = {"schema": {"oneOf": [answer, {"type": "array", "items": answer}]}, "example": {"status": "recorded", "id": "dnd4qp86s7nde"}}
    told: dict[str, Any] = {"200": {"description": "Recorded or known already, item by item.", "content": {"application/json": good}}}
    for status, codes in CODES.items():
        words = " ".join(f"`{code}`: {meaning}" for code, meaning in codes.items())
        told[str(status)] = {"description": words, "content": {"application/problem+json": {"schema": {"$ref": f"{AT}Problem"}}}}
    return told
