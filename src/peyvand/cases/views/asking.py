"""What list the address asks for, and addresses that ask for another one. Shared by the pages of follow-up."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from peyvand.cases.queries import Counts, Order, Since, View, Wanted
from peyvand.cases.services.policy import takes_turns
from peyvand.core.ids import private_id, public_id
from peyvand.workspaces.models import Member, Workspace

E = TypeVar("E", bound=StrEnum)
BESIDE = "beside"  # an act was done on the desk, not on the case's own page


@dataclass(frozen=True, slots=True)
class Asked:
    """A list, a page of it, and the case that is open beside it (its integer, None for the first one)."""

    workspace: Workspace
    wanted: Wanted
    page: int = 1
    case: int | None = None

    def url(self, **changes: Any) -> str:
        """The address of the desk with something changed; another list begins at its first page with its first case."""
        return reverse("cases:desk") + self.query(**changes)

    def query(self, **changes: Any) -> str:
        """The same as a query string, for addresses that come back to this list."""
        here = {"page": self.page, "case": self.case} if not set(changes) - {"page", "case", BESIDE} else {}
        page = changes.pop("page", here.get("page", 1))
        case = changes.pop("case", here.get("case"))
        beside = changes.pop(BESIDE, False)
        wanted = replace(self.wanted, **changes)
        parts = {
            "view": wanted.view.value,
            "order": wanted.order.value if wanted.order is not Order.DUE else "",
            "reason": wanted.reason or "",
            "branch": self._pid(wanted.branch),
            "owner": self._pid(wanted.owner),
            "unhappy": "1" if wanted.unhappy else "",
            "lately": wanted.lately.value if wanted.lately is not None else "",
            "page": str(page) if page > 1 else "",
            "case": self._pid(case),
            BESIDE: "1" if beside else "",
        }
        return "?" + urlencode({name: text for name, text in parts.items() if text})

    def _pid(self, integer: int | None) -> str:
        return "" if integer is None else public_id(bytes(self.workspace.id_key), integer)


def asked(member: Member, counted: Counts, query: QueryDict) -> Asked:
    """Read an address; whatever makes no sense in it narrows nothing."""
    workspace = member.workspace
    doer = takes_turns(member) or counted.mine > 0
    usual = View.MINE if doer else View.ALL
    reason = query.get("reason", "")[:40]
    wanted = Wanted(
        view=_one_of(View, query.get("view", ""), usual),
        order=_one_of(Order, query.get("order", ""), Order.DUE),
        reason=reason if reason and reason.isprintable() else None,
        branch=_integer(workspace, query.get("branch", "")),
        owner=_integer(workspace, query.get("owner", "")),
        unhappy=bool(query.get("unhappy")),
        lately=_lately(query.get("lately", "")),
    )
    page = query.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
    return Asked(workspace, wanted, max(1, number), _integer(workspace, query.get("case", "")))


def _integer(workspace: Workspace, pid: str) -> int | None:
    return private_id(bytes(workspace.id_key), pid)


def _lately(text: str) -> Since | None:
    return Since(text) if text in list(Since) else None


def _one_of(kind: type[E], text: str, usual: E) -> E:
    try:
        return kind(text)
    except ValueError:
        return usual
