"""Every operation of the API × scope × role × brand: a new operation joins by being there. The console's is test_permission_matrix."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from peyvand.config.api import described
from peyvand.config.urls import api
from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.permissions import allows
from peyvand.workspaces.services import create_key, create_owner
from peyvand.workspaces.types import Role, Scope
from tests.architecture import addresses
from tests.e2e.test_permission_matrix import CANARY, furnished
from tests.e2e.test_twins import NOBODYS, THEIRS, rows_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SERVING = [scope for scope in Scope if scope not in (Scope.SNIPPET, Scope.INGEST)]
PLACE = re.compile(r"<(\w+)>")


def operations() -> list[tuple[str, str, Scope]]:
    """Method, address and scope of each."""
    keyed = [(address.split(" ", 1), access.removeprefix("key: ")) for address, access in addresses.found().items() if "key: " in access]
    return [(method.lower(), f"/{address}", Scope(scope)) for (method, address), scope in keyed]


@pytest.fixture
def twin(transactional_db) -> Workspace:
    return furnished("twin", CANARY)


@pytest.fixture
def narenj(twin) -> Workspace:
    return furnished("narenj", "Narenj")


@pytest.fixture(autouse=True)
def _often(settings):
    settings.PEYVAND_API_A_MINUTE = 1_000_000


def bearer(workspace: Workspace, role: str, scopes: list[Scope]) -> Client:
    """A program whose key was made by somebody of that role."""
    maker = create_owner(workspace=workspace, email=f"{clock.token(6)}@{workspace.slug}.example", password=None, name=role)
    _row, secret = create_key(workspace=workspace, name=role, scopes=scopes, actor=maker.user)
    type(maker).objects.filter(pk=maker.pk).update(role=role)
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


def called(client: Client, method: str, address: str, pid: str, body: Any = None) -> HttpResponse:
    where = PLACE.sub(lambda found: "nps" if found[1] == "measure" else pid, address)
    data = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
    answer: HttpResponse = getattr(client, method)(where, **data)
    return answer


def test_nobody_comes_in_without_a_key(narenj):
    faults = [f"{method} {where}" for method, where, _scope in operations() if called(Client(), method, where, "x").status_code != 401]
    assert faults == []


def test_a_key_without_the_scope_is_refused(narenj):
    faults = []
    for scope in SERVING:
        client = bearer(narenj, Role.OWNER, [scope])
        for method, where, asked in operations():
            status = called(client, method, where, public_id(bytes(narenj.id_key), NOBODYS)).status_code
            if (status == 403) != (asked is not scope) or status >= 500:
                faults.append(f"{scope}: {method} {where}: {status}")
    assert faults == []


@pytest.mark.parametrize("role", list(Role))
def test_a_key_may_no_more_than_the_role_of_its_maker(narenj, role):
    client, faults = bearer(narenj, role, SERVING), []
    for method, where, scope in operations():
        status = called(client, method, where, public_id(bytes(narenj.id_key), NOBODYS)).status_code
        allowed = scope.permission is None or allows(role, scope.permission)
        if (status == 403) == allowed or status >= 500:
            faults.append(f"{method} {where}: {status}")
    assert faults == []


def test_ids_of_the_other_brand_are_as_unknown_as_nobodys_and_nothing_of_it_is_seen(narenj, twin):
    client, told, faults = bearer(narenj, Role.OWNER, SERVING), described(api), []
    ours, theirs = public_id(bytes(narenj.id_key), THEIRS), public_id(bytes(twin.id_key), THEIRS)
    before = rows_of(twin)
    for method, where, _scope in sorted(operations(), key=lambda one: "<" not in one[1]):  # what makes rows of ours comes last
        asked = told["paths"][PLACE.sub(r"{\1}", where)][method].get("requestBody", {}).get("content", {}).get("application/json", {})
        for n, pid in enumerate((ours, theirs)):
            nobodys = public_id(bytes(narenj.id_key), NOBODYS + n)  # another each time: what is made is named by it
            body = example(asked.get("schema", {}), told["components"]["schemas"], pid)
            answer, unknown = called(client, method, where, pid, body), called(client, method, where, nobodys, _with(body, pid, nobodys))
            if why := wrong(answer, unknown):
                faults.append(f"{method} {where}: {why}")
            if "<" in where.replace("<measure>", "") and method != "put" and answer.status_code < 400:
                faults.append(f"{method} {where}: {answer.status_code} for an id that is not ours")
    assert faults == []
    assert rows_of(twin) == before


def test_ids_of_the_other_brand_in_any_question_are_as_unknown_as_nobodys(narenj, twin):
    client, told, faults, tried = bearer(narenj, Role.OWNER, SERVING), described(api), [], 0
    ours, theirs, nobodys = (
        public_id(bytes(key), n) for key, n in ((narenj.id_key, THEIRS), (twin.id_key, THEIRS), (narenj.id_key, NOBODYS))
    )
    for method, where, _scope in operations():
        parameters = told["paths"][PLACE.sub(r"{\1}", where)][method].get("parameters", [])
        for name in [one["name"] for one in parameters if one["in"] == "query" and takes_a_text(one["schema"])]:
            unknown = called(client, method, f"{where}?{name}={nobodys}", nobodys)
            for pid in (ours, theirs):
                answer = called(client, method, f"{where}?{name}={pid}", nobodys)
                no_id = pid == theirs and answer.status_code == 400  # in our words it may be none at all
                if why := wrong(answer, answer if no_id else unknown):
                    faults.append(f"{method} {where}?{name}={pid}: {why}")
            tried += 1
    assert faults == []
    assert tried > 40


def takes_a_text(schema: dict[str, Any]) -> bool:
    """Whether a value of it may be any text, alone or in a list."""
    several = [schema, *schema.get("anyOf", []), schema.get("items", {})]
    return any(one.get("type") == "string" and not one.keys() & {"enum", "const", "format"} for one in several)


def wrong(answer: HttpResponse, unknown: HttpResponse) -> str:
    """What no answer to an id of another brand may be, beside that to an id of nobody."""
    said = b"" if answer.streaming else answer.content
    if CANARY.encode() in said or answer.status_code >= 500 or answer.status_code != unknown.status_code or _size(answer) != _size(unknown):
        return f"{answer.status_code} against {unknown.status_code}: {said[:200]!r}"
    return ""


def _size(answer: HttpResponse) -> int:
    """How many things it lists."""
    told = {} if answer.streaming or not answer.content.startswith(b"{") else answer.json()
    return len(told.get("items", ()))


def example(schema: dict[str, Any], known: dict[str, Any], text: str) -> Any:
    """A value of a schema, with every field and this text wherever any text may stand: where it must be of a pattern, whether the text
    is of it is chance."""
    schema = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if several := schema.get("anyOf"):
        return example(several[0], known, text)
    if "properties" in schema:
        return {name: example(one, known, text) for name, one in schema["properties"].items()}
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    least = schema.get("minimum", 1)
    usual = {"integer": least, "number": least, "boolean": True, "object": {}, "string": "a" if "pattern" in schema else text}
    if kind == "array":
        return [example(schema["items"], known, text)] if schema.get("minItems") else []
    return "2031-01-01T10:00:00Z" if schema.get("format") == "date-time" else usual.get(str(kind))


def _with(body: Any, pid: str, other: str) -> Any:
    return json.loads(json.dumps(body).replace(pid, other))
