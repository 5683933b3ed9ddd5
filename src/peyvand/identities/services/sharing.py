"""Values that many people share, and customers who gathered too many: found, listed, decided by a person."""

from typing import Final

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.redaction import redacted
from peyvand.identities.models import Crowd, LinkConflict, SharedValue
from peyvand.identities.normal import normal
from peyvand.identities.services.deciding import APART, OPEN
from peyvand.identities.services.resolving import IdentityError
from peyvand.identities.types import IdentityKey, IdentityType
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

FEWEST_PEOPLE: Final = 4  # so many own ids that came with one value make it one to ask about
MOST_SHARED: Final = 2000  # of a workspace; every process keeps them in mind
CAN_BE_SHARED: Final = (IdentityType.PHONE, IdentityType.EMAIL, IdentityType.MESSENGER)


@transaction.atomic
def share(*, workspace: Workspace, type_name: str, value: str, actor: User, note: str = "") -> SharedValue:
    """Mark a value as shared by many: from now on it names nobody, alone or beside others; pairs it made are two people.

    What happened by it so far stays where it is. Raises IdentityRefused for an unusable value, IdentityError for an own id,
    a device, or one value too many.
    """
    key = normal(type_name, value, workspace.phone_region)
    if IdentityType(key[0]) not in CAN_BE_SHARED:
        raise IdentityError(_("An own id belongs to one person, and a device never makes two people one: neither is marked as shared."))
    known = SharedValue.objects.filter(workspace=workspace)
    if known.filter(state=SharedValue.State.SHARED).exclude(type=key[0], value=key[1]).count() >= MOST_SHARED:
        raise IdentityError(_("There are too many shared values already. Take away some that are no longer used."))
    said = {"state": SharedValue.State.SHARED, "note": redacted(note.strip())[:120], "decided_by": actor, "decided_at": clock.now()}
    shared, _made = SharedValue.objects.update_or_create(workspace=workspace, type=key[0], value=key[1], defaults=said)
    _decide_pairs(workspace, key, actor)
    audit(workspace=workspace, actor=actor, action="shared.marked", detail={"type": IdentityType(key[0]).name.lower()})
    return shared


@transaction.atomic
def make_personal(*, shared: SharedValue, actor: User) -> None:
    """Say that a value is one person's after all: it names them again, and is not offered again."""
    said = {"state": SharedValue.State.PERSONAL, "decided_by": actor, "decided_at": clock.now()}
    if SharedValue.objects.filter(pk=shared.pk).exclude(state=SharedValue.State.PERSONAL).update(**said):
        detail = {"type": IdentityType(shared.type).name.lower()}
        audit(workspace=shared.workspace, actor=actor, action="shared.unmarked", detail=detail)


def _decide_pairs(workspace: Workspace, key: IdentityKey, actor: User) -> None:
    """Pairs that only this value speaks for are two people."""
    over = Q(other_type=key[0], other_value=key[1]) | Q(kept_type=key[0], kept_value=key[1])
    waiting = LinkConflict.objects.filter(over, workspace=workspace, decision=OPEN, origin=LinkConflict.Origin.MET)
    waiting.update(decision=APART, decided_by=actor, decided_at=clock.now())


def offer_shared(workspace: Workspace) -> int:
    """List values that came with many own ids, for a person to decide; returns how many are new."""
    met = LinkConflict.objects.filter(
        workspace=workspace, origin=LinkConflict.Origin.MET, kept_type=IdentityType.OWN_ID, other_type__in=CAN_BE_SHARED
    )
    counted = met.values_list("other_type", "other_value").annotate(n=Count("kept", distinct=True)).filter(n__gte=FEWEST_PEOPLE - 1)
    said = set(SharedValue.objects.filter(workspace=workspace).values_list("type", "value"))
    fresh = [
        SharedValue(workspace=workspace, type=kind, value=value, state=SharedValue.State.OFFERED, people=n + 1)
        for kind, value, n in counted
        if (kind, value) not in said
    ]
    SharedValue.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@transaction.atomic
def settle_crowd(*, crowd: Crowd, actor: User) -> None:
    """Say that a customer with very many ways to be known was looked at; they are listed again when more is turned away."""
    if Crowd.objects.filter(pk=crowd.pk, settled_at=None).update(settled_at=clock.now(), settled_by=actor):
        audit(workspace=crowd.workspace, actor=actor, action="crowd.settled", target=crowd.customer)
