"""Writes the typed Python client, one file without dependencies, from the API's own description. Run by `script/client`."""

import argparse
import keyword
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

Json = dict[str, Any]
USUAL = Path("build/client/peyvand_client.py")
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
PLACE = re.compile(r"\{(\w+)\}")
HEAD = '''"""Peyvand's API {version}, typed. Made by `script/client` from /api/openapi.json: change nothing here.

    client = Client("https://cx.example.ir", "sk_…")
    for case in every(client.cases, state=["open"]):
        print(case["number"], case["words"])
"""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NotRequired, TypedDict

Sent = tuple[str, bytes]  # a file's name and what is in it


class ApiError(Exception):
    """The API refused: `code` does not change between releases; `retry_after` are seconds, where it says when to come again."""

    def __init__(self, status: int, code: str, detail: str, field: str = "", retry_after: int | None = None) -> None:
        super().__init__(f"{{status}} {{code}}: {{detail}}")
        self.status, self.code, self.detail, self.field, self.retry_after = status, code, detail, field, retry_after


def every(call: Callable[..., Any], *places: str, **asked: Any) -> Iterator[Any]:
    """All items of a list, page after page."""
    after = ""
    while True:
        page = call(*places, after=after, **asked)
        yield from page["items"]
        if not page["next"] or page["next"] == after or page.get("more") is False:
            return
        after = page["next"]

'''
CLIENT = '''
class Client:
    """Whoever holds a key. `url` is the installation's; each call waits `timeout` seconds at most. Raises ApiError.

    `etag` is that of the last answer: give it as `if_match`, and a change is refused (412) where somebody else made one since.
    """

    def __init__(self, url: str, key: str, *, timeout: float = 30.0) -> None:
        self._url, self._key, self._timeout, self.etag = url.rstrip("/"), key, timeout, ""

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        body: Any = None,
        *,
        once: str | None = None,
        if_match: str | None = None,
        files: list[tuple[str, Sent]] | None = None,
    ) -> Any:
        several = [(name, value if isinstance(value, list) else [value]) for name, value in query.items()]
        asked = [(name, _text(one)) for name, values in several for one in values if one is not None]
        url = f"{self._url}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if once is not None:
            headers["Idempotency-Key"] = once
        if if_match is not None:
            headers["If-Match"] = if_match
        sent = None if body is None else json.dumps(body).encode()
        if files is not None:
            boundary = secrets.token_hex(16)
            headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
            sent = _form(boundary, files)
        request = urllib.request.Request(url, sent, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                told, self.etag = answer.read(), answer.headers.get("ETag", "")
                kind = answer.headers.get_content_type()
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        if kind == "text/csv":
            return told.decode("utf-8-sig")
        return json.loads(told) if told else None
'''
TAIL = """

def _form(boundary: str, files: list[tuple[str, Sent]]) -> bytes:
    parts = []
    for field, (name, content) in files:
        quoted = name.replace('"', "%22").replace("\\r", " ").replace("\\n", " ")
        head = f'--{boundary}\\r\\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"\\r\\n\\r\\n'
        parts.append(head.encode() + content + b"\\r\\n")
    return b"".join(parts) + f"--{boundary}--\\r\\n".encode()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: str) -> str:
    return urllib.parse.quote(value, safe="")


def _refusal(error: urllib.error.HTTPError) -> ApiError:
    try:
        told = json.loads(error.read())
    except ValueError:
        told = {}
    wait = error.headers.get("Retry-After", "")
    detail = told.get("detail", error.reason)
    return ApiError(error.code, told.get("code", "fault"), detail, told.get("field", ""), int(wait) if wait.isdecimal() else None)
"""


def main() -> int:
    """Write the client where the command line says."""
    parser = argparse.ArgumentParser(prog="script/client", description="Write the typed Python client of this release's API.")
    parser.add_argument(
        "file", nargs="?", type=Path, default=Path("build/client/peyvand_client.py"), metavar="FILE", help="default: %(default)s"
    )
    wanted = parser.parse_args()
    django.setup()
    from peyvand.config.api import described  # noqa: PLC0415 - needs Django to be set up
    from peyvand.config.urls import api  # noqa: PLC0415

    wanted.file.parent.mkdir(parents=True, exist_ok=True)
    wanted.file.write_text(written(described(api)), encoding="utf-8")
    print(wanted.file)
    return 0


def written(told: Json) -> str:
    """The client's text, from an OpenAPI description."""
    types = [_typed_dict(name, schema) for name, schema in sorted(told["components"]["schemas"].items())]
    calls = [
        text
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        for text in [_call(path, method, operation)]
    ]
    return HEAD.format(version=told["info"]["version"]) + "".join(types) + CLIENT + "".join(calls) + TAIL


def _typed_dict(name: str, schema: Json) -> str:
    if schema.get("type") != "object" or "properties" not in schema:
        return f"\n{name} = {_type(schema, quoted=True)}\n"
    needed = set(schema.get("required", ()))
    lines = [f"    {field}: {_field(one, needed=field in needed)}" for field, one in schema["properties"].items()]
    if any(keyword.iskeyword(field) or not field.isidentifier() for field in schema["properties"]):
        raise SystemExit(f"client: a field of {name} is no name in Python")
    return f"\n\nclass {name}(TypedDict):\n" + _words(schema.get("description", ""), 4) + "\n".join(lines or ["    pass"]) + "\n"


def _field(schema: Json, *, needed: bool) -> str:
    return _type(schema) if needed else f"NotRequired[{_type(schema)}]"


def _type(schema: Json, *, quoted: bool = False) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'"{name}"' if quoted else str(name)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_type(one, quoted=quoted) for one in schema[several]))
    if "enum" in schema or "const" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema.get('enum', [schema.get('const')]))}]"
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}, quoted=quoted) for one in kind)
    if kind == "array":
        return f"list[{_type(schema['items'], quoted=quoted) if isinstance(schema.get('items'), dict) else 'Any'}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_type(inner, quoted=quoted) if isinstance(inner, dict) and inner else 'Any'}]"
    return PLAIN.get(str(kind), "Any")


def _call(path: str, method: str, operation: Json) -> str:
    name = operation["operationId"]
    given = [f"{place}: str" for place in PLACE.findall(path)]
    query = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    taken = operation.get("requestBody", {}).get("content", {})
    body = taken.get("application/json", {}).get("schema")
    files = _files(taken.get("multipart/form-data", {}).get("schema", {}), operation)
    keyed = list(_keywords(query, writes=method != "get"))
    said = [f"body: {_type(body)}"] if body else [f"{name}: {kind}" for name, kind in files.items()]
    arguments = ["self", *given, *said, *(["*", *keyed] if keyed else [])]
    address = PLACE.sub(lambda found: "{_quoted(" + found[1] + ")}", path)
    asked = ", ".join(f'"{one["name"]}": {one["name"]}' for one in query)
    parts = [f'"{method.upper()}"', f'f"{address}"' if given else f'"{path}"', f"{{{asked}}}", *(["body"] if body else [])]
    parts += ["once=idempotency_key", "if_match=if_match"] if method != "get" else []
    sent = [f'*(("{name}", one) for one in {name})' if "Sequence" in kind else f'("{name}", {name})' for name, kind in files.items()]
    parts += [f"files=[{', '.join(sent)}]"] if files else []
    answer = _answer(operation["responses"])
    words = _words(operation.get("summary", ""), 8)
    called = f"self._call({', '.join(parts)})"
    act = f"        {called}\n" if answer == "None" else f"        answer: {answer} = {called}\n        return answer\n"
    return f"\n    def {name}({', '.join(arguments)}) -> {answer}:\n{words}{act}"


def _files(form: Json, operation: Json) -> dict[str, str]:
    """The files of an upload with their types; those that may be left out have a usual value."""
    found, needed = {}, set(form.get("required", ()))
    for name, schema in form.get("properties", {}).items():
        if schema.get("format") != "binary" and schema.get("type") != "array":
            raise SystemExit(f"client: {operation['operationId']} takes a field {name} beside its files, which it cannot yet")
        kind = "Sequence[Sent]" if schema.get("type") == "array" else "Sent"
        found[name] = kind if name in needed else f"{kind} = ()"
    return found


def _keywords(query: list[Json], *, writes: bool) -> Iterator[str]:
    for one in query:
        kind = _type(one["schema"])
        yield f"{one['name']}: {kind}" if one.get("required") else f"{one['name']}: {kind if 'None' in kind else kind + ' | None'} = None"
    if writes:
        yield "idempotency_key: str | None = None"
        yield "if_match: str | None = None"


def _answer(responses: Json) -> str:
    for status in ("200", "201"):
        content = responses.get(status, responses.get(int(status), {})).get("content", {})
        if "application/json" in content:
            return _type(content["application/json"]["schema"])
        if "text/csv" in content:
            return "str"
    return "None" if {"204", 204} & responses.keys() else "Any"


def _words(text: str, indent: int) -> str:
    line = " ".join(text.split()).replace('"', "'")
    return f'{" " * indent}"""{line.rstrip(".")}."""\n' if line else ""


if __name__ == "__main__":
    sys.exit(main())
