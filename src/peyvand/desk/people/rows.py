"""Customers as rows of a list, every text written for the reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from peyvand.cases.wording import stage_label
from peyvand.core import clock, display
from peyvand.core.ids import public_id
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import Profile
from peyvand.customers.queries.people import main_identities
from peyvand.customers.types import Band
from peyvand.desk.people.contacts import name_shown, reach_of
from peyvand.desk.people.facts import has_sum, proven_by, times_bought
from peyvand.desk.people.words import BAND_TONES, stage_tone
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import Workspace

REACHED_BY = (IdentityType.PHONE.value, IdentityType.EMAIL.value)


@dataclass(frozen=True, slots=True)
class Row:
    """One customer of a list."""

    profile: Profile
    name: str
    url: str
    reach: SafeString
    stage: str
    stage_tone: str
    tone: str
    bought: str
    total: str
    seen: str


def rows_of(workspace: Workspace, profiles: Sequence[Profile], *, sees: bool) -> list[Row]:
    """Profiles as rows; their contacts are read at once."""
    known = main_identities([profile.pk for profile in profiles], REACHED_BY)
    return [_row(workspace, profile, reach_of(known.get(profile.pk, {}), sees=sees), sees=sees) for profile in profiles]


def address_of(workspace: Workspace, customer_id: int) -> str:
    """The address of a customer's page."""
    return reverse("desk:customer", args=[public_id(bytes(workspace.id_key), customer_id)])


def _row(workspace: Workspace, profile: Profile, reach: SafeString, *, sees: bool) -> Row:
    stage = stage_of(profile.standing, clock.now())
    n = profile.bought
    return Row(
        profile=profile,
        name=name_shown(profile.customer.name, sees=sees),
        url=address_of(workspace, profile.pk),
        reach=reach,
        stage=stage_label(stage),
        stage_tone=stage_tone(stage),
        tone=BAND_TONES[Band(profile.last_band)],
        bought=proven_by(profile) or (ngettext("%(n)s purchase", "%(n)s purchases", n) % {"n": display.num(n)} if n else ""),
        total=display.shortmoney(profile.purchase_total, profile.currency) if has_sum(profile) else times_bought(profile),
        seen=display.ago(profile.last_seen_at),
    )
