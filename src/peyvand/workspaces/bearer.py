"""API keys in the `api.py` routers: who holds the key, and whether it may do this. Imported by api modules only (ninja is heavy)."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from peyvand.workspaces.access import Access
from peyvand.workspaces.models import ApiKey, Workspace
from peyvand.workspaces.services.keys import key_hash, touch_key
from peyvand.workspaces.types import Scope

F = TypeVar("F", bound=Callable[..., Any])


class KeyRequest(HttpRequest):
    """A request with a key that was looked up: what KeyBearer promises to an operation."""

    workspace: Workspace
    api_key: ApiKey


class KeyBearer(HttpBearer):
    """`Authorization: Bearer sk_…`: an unknown or revoked key is 401, one without the scope 403."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = ApiKey.objects.select_related("workspace").filter(key_hash=key_hash(token), revoked_at=None).first()
        if key is None:
            return None
        if self.scope not in key.scopes:
            raise HttpError(403, f"This key may not do this: it lacks the scope '{self.scope}'.")
        touch_key(key=key)
        request.workspace, request.api_key = key.workspace, key  # type: ignore[attr-defined]
        return key


def with_key(scope: Scope) -> Callable[[F], F]:
    """Say which scope an operation asks for; the address table shows it."""

    def mark(operation: F) -> F:
        operation.access = Access("key", reason=str(scope))  # type: ignore[attr-defined]
        return operation

    return mark
