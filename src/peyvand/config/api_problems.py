"""Every problem that operations of the API answer, and which of them each can answer. Called by config.api, which describes them."""

from collections.abc import Iterator
from typing import Any, Final

from peyvand.edge.description import AT

PROBLEMS: Final[dict[int, dict[str, str]]] = {
    400: {
        "invalid": "A value cannot be read, or nothing of this name is taken here; `field` names it.",
        "bad-request": "The call itself cannot be read, such as a form with too many parts.",
        "bad-cursor": "`after` was not made by this list.",
        "bad-idempotency-key": "Not 1 to 200 visible ASCII characters.",
    },
    401: {"unauthorised": "No key, an unknown or a revoked one."},
    403: {"forbidden": "The key lacks the scope, or its maker the permission."},
    404: {"not-found": "Nothing there; ids of other brands are as unknown as none."},
    409: {
        "changed-meanwhile": "Somebody was quicker; nothing was done.",
        "idempotency-key-reused": "The same Idempotency-Key with another call within a day.",
        "under-way": "A call with this Idempotency-Key is still under way; this one had no effect.",
        "told-once": "It was done under this Idempotency-Key, and its answer told a secret, or contacts this key may no longer see.",
    },
    412: {"changed-meanwhile": "It changed since the ETag that If-Match names; nothing was done."},
    413: {"too-large": "More than the installation takes in at once."},
    422: {
        "invalid": "A value is wrong; `field` names it.",
        "not-possible": "The rules of the house forbid it; `detail` says why.",
        "unknown-customer": "No customer has the id that is given.",
        "unknown-company": "No company has the id that is given.",
        "unknown-member": "No member has the id that is given.",
        "unknown-name": "No product, branch, touchpoint … has the id that is given.",
        "unknown-code": "No term has the code that is given.",
        "unknown-attribute": "Customers have no field of this code.",
    },
    429: {"too-many-requests": "More than a key may ask in a minute; `Retry-After` says when to come again."},
    503: {
        "store-unavailable": "The database is stopped or the disk is full; nothing was stored.",
        "busy": "As many calls wait for machines of others as may; nothing was done. `Retry-After` says when to come again.",
    },
}
MAY_BE_MISSING: Final = ("/api/v1/sign-on",)  # there is one or none
# Filters by which a list is asked for something that must be there.
NAMING: Final = frozenset({"where", "one_where", "owner", "survey", "member"})


def responses() -> dict[str, Any]:
    """The problems by their status, for `components`."""
    content = {"application/problem+json": {"schema": {"$ref": f"{AT}Problem"}}}
    told = {status: " ".join(f"`{code}`: {meaning}" for code, meaning in codes.items()) for status, codes in PROBLEMS.items()}
    return {_name(status): {"description": words, "content": content} for status, words in told.items()}


def answered(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The problems that an operation can answer, as references to those responses."""
    return {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(_statuses(path, method, operation))}


def _statuses(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    yield from (400, 401, 403, 429, 503)
    asked = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    if "{" in path or path in MAY_BE_MISSING:
        yield 404
    if method != "get":
        yield from (409, 412, 422)
    elif NAMING.intersection(asked) or "imports" in operation["tags"]:  # what is named is not there; a file was deleted
        yield 422
    if "requestBody" in operation:
        yield 413


def _name(status: int) -> str:
    return f"Problem{status}"
