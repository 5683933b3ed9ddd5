"""Two brands of one kind: ids of the other in every field of every form and question of every address are as unknown as ids of nobody.

A field joins by being read: by its name where a view asks the request for it, or by the form the view's module uses.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from sys import modules
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.forms import BaseForm
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from peyvand.core.ids import PATTERN, public_id
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_key
from peyvand.workspaces.types import Role
from tests.e2e.test_permission_matrix import CANARY, CONVERTER, furnished, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOBODYS = 10**12
THEIRS = 1  # the first row of nearly every table is the twin's, which was made first
MOST_ROWS = 40
ID = re.compile(rf"\b{PATTERN}\b")


class Door(NamedTuple):
    """An address that asks for a permission, and the names of what it reads."""

    route: str
    fields: tuple[str, ...]


def doors() -> list[Door]:
    """Every address inside a workspace."""
    return sorted(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[Door]:
    for pattern in patterns:
        route = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif (access := getattr(pattern.callback, "access", None)) is not None and access.kind == "permission":
            yield Door(route, fields_of(inspect.unwrap(pattern.callback).__module__))


@cache
def fields_of(name: str) -> tuple[str, ...]:
    """What the views of a module read of a request, by name."""
    module = modules[name]
    asked = {node.value for node in ast.walk(ast.parse(inspect.getsource(module))) if _is_asked(node) for node in _words(node)}
    forms = [thing for thing in vars(module).values() if isinstance(thing, type) and issubclass(thing, BaseForm)]
    return tuple(sorted(asked | {field for form in forms for field in getattr(form, "base_fields", {})}))


def _is_asked(node: ast.AST) -> bool:
    asks = isinstance(node, ast.Subscript) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "getlist"}
    )
    return asks and re.search(r"\b(GET|POST|said|asked)\b", ast.unparse(node)) is not None


def _words(node: ast.AST) -> list[ast.Constant]:
    place = node.slice if isinstance(node, ast.Subscript) else node.args[0] if isinstance(node, ast.Call) and node.args else None
    return [place] if isinstance(place, ast.Constant) and isinstance(place.value, str) else []


@pytest.fixture
def twin(db) -> Workspace:
    return furnished("twin", CANARY)


@pytest.fixture
def narenj(twin) -> Workspace:
    return furnished("narenj", "Narenj")


def rows_of(workspace: Workspace) -> dict[str, list[Any]]:
    """Every row of a workspace, to see that none was touched."""
    owned = [model for model in apps.get_models() if any(field.name == "workspace" for field in model._meta.fields)]
    return {model._meta.label: list(model.objects.filter(workspace=workspace).order_by("pk").values_list()) for model in owned}


class Visitor:
    """The owner of a brand, who tries ids."""

    def __init__(self, client: Client, key: bytes) -> None:
        self.client, self.key = client, key
        self._found: dict[str, str] = {}

    def path(self, route: str) -> str:
        """The address with an id of ours in its first place, where one leads somewhere."""
        beginning = route.partition("<pid:")[0]
        if "<pid:" in route and beginning not in self._found:
            self._found[beginning] = self._own(f"{beginning}<pid:pid>/")
        return _filled(route, self._found.get(beginning, ""))

    def _own(self, route: str) -> str:
        tried = (public_id(self.key, n) for n in range(2, MOST_ROWS))
        return next((pid for pid in tried if self.client.get(_filled(route, pid)).status_code == 200), public_id(self.key, 2))


def _filled(route: str, pid: str) -> str:
    return "/w/narenj/" + CONVERTER.sub(lambda found: {"pid": pid, "int": "1"}.get(found["kind"] or "str", "x"), route)


def test_ids_of_the_other_brand_in_any_field_are_as_unknown_as_nobodys(narenj, twin):
    visitor = Visitor(somebody(narenj, Role.OWNER), bytes(narenj.id_key))
    ours, theirs, nobodys = public_id(visitor.key, THEIRS), public_id(bytes(twin.id_key), THEIRS), public_id(visitor.key, NOBODYS)
    before, faults, tried = rows_of(twin), [], 0
    for door in doors():
        where = visitor.path(door.route)
        for method in ("get", "post"):
            said = [dict.fromkeys(door.fields, pid) for pid in (nobodys, ours, theirs, nobodys)] if door.fields else [{}]
            said += [{field: ours} for field in door.fields if method == "post"]
            answers = [getattr(visitor.client, method)(where, fields) for fields in said]
            tried += len(answers)
            faults += [f"{method} {where} {list(fields)}: {why}" for fields, one in zip(said, answers, strict=True) if (why := wrong(one))]
            if not door.fields:
                continue
            first, our, their, last = map(told, answers[:4])  # what is done once, such as an erasure, is over afterwards
            if not {our, their} <= {first, last}:
                faults.append(f"{method} {where}: {first} or {last} for ids of nobody, {our} for theirs in our words, {their} in theirs")
    assert faults == []
    assert tried > 800
    assert rows_of(twin) == before


def wrong(answer: HttpResponse) -> str:
    """What no answer may be."""
    body = b"" if answer.streaming else answer.content
    return "the canary sings" if CANARY.encode() in body else f"a fault, {answer.status_code}" if answer.status_code >= 500 else ""


def told(answer: HttpResponse) -> tuple[int, str]:
    """Status and where to, whatever the ids in it."""
    return answer.status_code, ID.sub("ID", answer.get("Location", ""))


def test_the_api_knows_no_id_of_the_other_brand(narenj, twin):
    _row, secret = create_key(workspace=narenj, name="reader", scopes=["read"], actor=narenj.members.all()[0].user)
    client = Client(headers={"authorization": f"Bearer {secret}"})
    item = Item(kind="order.placed", occurred_at=twin.created_at, customer=CustomerIn(identities=[IdentityIn("own_id", CANARY)]))
    theirs = record(twin.pk, item).interaction_id or 0
    for pid in (public_id(bytes(twin.id_key), theirs), public_id(bytes(narenj.id_key), theirs), public_id(bytes(narenj.id_key), NOBODYS)):
        assert client.get(f"/api/v1/interactions/{pid}").status_code == 404
        asked = client.get("/api/v1/interactions", {"customer": pid})
        assert (asked.status_code in {200, 400}, asked.json().get("items", [])) == (True, [])  # 400: no integer of ours is written so
        assert CANARY not in asked.content.decode()
    cursor = Client(headers={"authorization": f"Bearer {_reader_of(twin)}"}).get("/api/v1/interactions", {"limit": 1}).json()["next"]
    refused = client.get("/api/v1/interactions", {"after": cursor})
    assert (refused.status_code, CANARY in refused.content.decode()) == (400, False)


def _reader_of(workspace: Workspace) -> str:
    _row, secret = create_key(workspace=workspace, name="reader", scopes=["read"], actor=workspace.members.all()[0].user)
    return secret
