"""Making, changing and removing endpoints, and their secrets: sealed where they are stored, shown when they are made."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import clock, outward
from peyvand.core.display import num
from peyvand.core.vault import SealBroken, seal, unseal
from peyvand.timeline.kinds import kinds as built_in
from peyvand.webhooks.models import Endpoint
from peyvand.webhooks.types import MOST_ENDPOINTS, WebhookError
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit
from peyvand.workspaces.services.authority import check_has, place_in
from peyvand.workspaces.types import TIMELINE, Permission


@transaction.atomic
def make_endpoint(
    *, workspace: Workspace, name: str, url: str, kinds: Iterable[str] = (), personal: bool = False, actor: User | None, label: str = ""
) -> tuple[Endpoint, str]:
    """An endpoint that is told of what is recorded from now on, with the secret its tellings are signed by. Raises WebhookError.

    Nobody has told elsewhere what they may not read themselves.
    """
    _check_reads(workspace, actor, personal=personal)
    if Endpoint.objects.filter(workspace=workspace).count() >= MOST_ENDPOINTS:
        raise WebhookError("url", _("There are %(n)s webhooks, which is the most. Remove one first.") % {"n": num(MOST_ENDPOINTS)})
    secret = _fresh()
    endpoint = Endpoint(workspace=workspace, sealed=seal({"now": secret}), created_by=actor)
    _fill(endpoint, name, url, kinds, personal=personal)
    endpoint.save()
    audit(workspace=workspace, actor=actor, action="webhook.made", target=endpoint, detail=_facts(endpoint), actor_label=label)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *,
    endpoint: Endpoint,
    name: str,
    url: str,
    kinds: Iterable[str],
    personal: bool,
    is_active: bool = True,
    actor: User | None,
    label: str = "",
) -> None:
    """Change where and of what is told; what waits goes to the new address. Raises WebhookError, as for a new one."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    _check_reads(endpoint.workspace, actor, personal=personal or endpoint.personal)
    before = _facts(endpoint)
    _fill(endpoint, name, url, kinds, personal=personal)
    endpoint.is_active = is_active
    endpoint.save(update_fields=["name", "url", "kinds", "personal", "is_active"])
    detail = {"before": before, "after": _facts(endpoint)}
    audit(workspace=endpoint.workspace, actor=actor, action="webhook.changed", target=endpoint, detail=detail, actor_label=label)


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, actor: User | None, label: str = "") -> None:
    """Forget an endpoint with its secret and all that waited for it."""
    audit(workspace=endpoint.workspace, actor=actor, action="webhook.removed", target=endpoint, actor_label=label)
    endpoint.delete()


@transaction.atomic
def new_secret(*, endpoint: Endpoint, actor: User | None, label: str = "") -> str:
    """A new secret beside the one before: tellings carry a signature by each, until the old one is dropped."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret, live = _fresh(), secrets_of(endpoint)
    endpoint.sealed = seal({"now": secret, **({"before": live[0]} if live else {})})
    endpoint.changing = bool(live)
    endpoint.save(update_fields=["sealed", "changing"])
    audit(workspace=endpoint.workspace, actor=actor, action="webhook.secret_made", target=endpoint, actor_label=label)
    return secret


@transaction.atomic
def drop_old_secret(*, endpoint: Endpoint, actor: User | None, label: str = "") -> None:
    """Sign by the new secret alone from now on."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if not endpoint.changing:
        return
    endpoint.sealed, endpoint.changing = seal({"now": secrets_of(endpoint)[0]}), False
    endpoint.save(update_fields=["sealed", "changing"])
    audit(workspace=endpoint.workspace, actor=actor, action="webhook.secret_dropped", target=endpoint, actor_label=label)


def secrets_of(endpoint: Endpoint) -> list[str]:
    """The live secrets, the newest first; none where this installation's secret cannot read them any more."""
    try:
        kept = unseal(endpoint.sealed)
    except SealBroken:
        return []
    return [kept[name] for name in ("now", "before") if name in kept]


def reads(*, personal: bool) -> frozenset[Permission]:
    """What is told, as permissions: who leads an endpoint somewhere must hold them, or could send themselves what is kept from them."""
    return TIMELINE | {Permission.CONTACTS_SEE} if personal else TIMELINE


def _check_reads(workspace: Workspace, actor: User | None, *, personal: bool) -> None:
    """Raise WebhookError where the person may not read what would be told; the installation itself is no person."""
    if actor is None:
        return
    try:
        check_has(place_in(workspace, actor), reads(personal=personal))
    except WorkspaceError as error:
        raise WebhookError("personal" if personal else "url", str(error)) from None


def _fill(endpoint: Endpoint, name: str, url: str, kinds: Iterable[str], *, personal: bool) -> None:
    try:
        outward.check(url.strip())
    except outward.NotAllowedError as error:
        raise WebhookError("url", _(str(error))) from None
    wanted = sorted(set(kinds))
    if unknown := set(wanted) - set(known_kinds(endpoint.workspace)):
        raise WebhookError("kinds", _("There is no kind of interaction “%(kind)s”.") % {"kind": min(unknown)})
    endpoint.name = name.strip()[:80] or outward.check(url.strip()).hostname or ""
    endpoint.url, endpoint.kinds, endpoint.personal = url.strip(), wanted, personal


def known_kinds(workspace: Workspace) -> list[str]:
    """The codes of every kind that can be told of: built in, then the workspace's own."""
    own = Term.objects.filter(workspace=workspace, dimension=Dimension.KIND, details__declared=True).order_by("code")
    return [*built_in(), *own.values_list("code", flat=True)]


def _fresh() -> str:
    return "whsec_" + clock.token(32)


def _facts(endpoint: Endpoint) -> dict[str, object]:
    facts = ("name", "url", "kinds", "personal", "is_active")
    return {name: getattr(endpoint, name) for name in facts}
