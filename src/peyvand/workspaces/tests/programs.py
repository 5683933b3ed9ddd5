"""A program with a key of a brand, as it calls the API. Imported by tests of every app."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from peyvand.core.ids import public_id
from peyvand.workspaces.services import create_key, create_owner, create_workspace
from peyvand.workspaces.types import Scope

EVERYTHING = [scope for scope in Scope if scope not in (Scope.SNIPPET, Scope.INGEST)]


class Program:
    """A key with these scopes, made by the owner of a brand of its own."""

    def __init__(self, slug: str = "sofalineh", scopes: list[Scope] | None = None) -> None:
        self.workspace = create_workspace(name=slug.title(), slug=slug)
        self.owner = create_owner(workspace=self.workspace, email=f"me@{slug}.example", password=None, name="Negin").user
        self.secret = create_key(workspace=self.workspace, name="crm", scopes=scopes or EVERYTHING, actor=self.owner)[1]

    def call(self, method: str, path: str, body: Any = None, *, files: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        """`body` goes as JSON, `files` as a form."""
        given = {"Authorization": f"Bearer {self.secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        said: dict[str, Any] = {"data": json.dumps({} if body is None else body), "content_type": "application/json"}
        if files is not None or method == "get":
            said = {"data": files or {}}
        answer: HttpResponse = getattr(Client(), method)(f"/api/v1{path}", headers=given, **said)
        return answer

    def told(self, method: str, path: str, body: Any = None, *, files: dict[str, Any] | None = None, **headers: str) -> Any:
        """The answer of a call that must be done."""
        answer = self.call(method, path, body, files=files, **headers)
        assert 200 <= answer.status_code < 300, answer.content.decode()
        return json.loads(answer.content) if answer.content else None

    def refused(self, method: str, path: str, body: Any = None, *, files: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Status, code and field of a call that must not be done."""
        answer = self.call(method, path, body, files=files)
        told = json.loads(answer.content)
        return answer.status_code, told["code"], told.get("field", "")

    def pid(self, number: int) -> str:
        """The public id of a row of the brand."""
        return public_id(bytes(self.workspace.id_key), number)
