"""Whom an export or an erasure is about, and the erasures there were. Called by services, views and commands."""

import datetime as dt
from typing import Final, NamedTuple

from django.db.models import F, QuerySet

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import backups, clock
from peyvand.core.privacy import Person
from peyvand.identities.models import Customer, Identity
from peyvand.identities.normal import IdentityRefused, normal
from peyvand.identities.queries import one_person, standing
from peyvand.identities.types import TYPE_NAMES, IdentityKey
from peyvand.privacy.models import Erasure, RetentionRule
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import Workspace

BEFORE_RESTORE: Final = "before_restore"
BACKUPS: Final = "backups"


class Left(NamedTuple):
    """Codes of what an erasure did not reach and that is still there, and when the last backup of them goes by itself."""

    codes: list[str]
    backups_until: dt.datetime | None


def person_of(customer: Customer) -> Person:
    """A customer with everybody who was merged into them, and the words that name them."""
    customers = one_person(customer.pk)
    known = list(Identity.objects.filter(customer__in=customers).values_list("pk", "value"))
    names = Customer.objects.filter(pk__in=customers).exclude(name="").values_list("name", flat=True)
    return Person(
        workspace_id=customer.workspace_id,
        customers=frozenset(customers),
        identities=frozenset(identity for identity, _value in known),
        words=tuple(value for _identity, value in known),
        names=tuple(name for name in names if " " in name.strip()),  # a first name alone is many people's
    )


def customers_named(workspace: Workspace, text: str) -> list[Customer]:
    """The customers whom a text names by an identity of any type, each as who stands for them; most often one or none."""
    keys: set[IdentityKey] = set()
    for name in TYPE_NAMES:
        try:
            keys.add(normal(name, text, workspace.phone_region))
        except IdentityRefused:
            continue
    found = {}
    for kind, value in sorted(keys):
        for identity in Identity.objects.filter(workspace=workspace, type=kind, value=value).select_related("customer"):
            one = standing(identity.customer)
            found[one.pk] = one
    return list(found.values())


def erasure_of(customer: Customer) -> Erasure | None:
    """The erasure of a customer, also one that is under way; None for everybody who was never erased."""
    return Erasure.objects.filter(workspace=customer.workspace_id, customer=customer.pk).order_by("-pk").first()


def erasures(workspace: Workspace) -> QuerySet[Erasure]:
    """Everybody who was erased, the latest first."""
    return Erasure.objects.filter(workspace=workspace).select_related("asked_by").order_by("-pk")


def left_of(erasure: Erasure) -> Left:
    """What holds the person today: copies of this installation's own go by themselves, and are looked for where they lie."""
    until = backups.last_of(erasure.finished_at or clock.now())
    stays = [code for code in erasure.left if code != BEFORE_RESTORE or backups.put_aside()]
    return Left([*stays, *([BACKUPS] if until else [])], until)


def interactions_of(customer: Customer) -> int:
    """How many interactions are a person's."""
    return Interaction.objects.filter(identity__in=person_of(customer).identities).count()


def kind_codes(workspace: Workspace) -> dict[str, int]:
    """The kinds that came in so far, by code."""
    return dict(Term.objects.filter(workspace=workspace, dimension=Dimension.KIND, merged_into=None).values_list("code", "pk"))


def retention_rules(workspace: Workspace) -> list[RetentionRule]:
    """The rules about interactions, the one for the rest last."""
    return list(RetentionRule.objects.filter(workspace=workspace, record="").order_by(F("kind").asc(nulls_last=True)))


def record_rules(workspace: Workspace) -> dict[str, RetentionRule]:
    """The rules about records of other sorts, by their code."""
    return {rule.record: rule for rule in RetentionRule.objects.filter(workspace=workspace).exclude(record="")}
