"""Facts beside a customer's timeline: value and relationship, attributes, preferences, consent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core import display
from peyvand.core.masking import without_contacts
from peyvand.customers.models import AttributeDefinition, Consent, Profile
from peyvand.customers.types import ASKED_FIRST, CONSENT_CHANNELS, AttributeType, Purpose
from peyvand.desk.people.words import channel_name, consent_label, hour_label

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and its value, as parts/facts.html draws them."""

    term: str
    value: object
    note: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One pair of purpose and channel: allowed or not, since when, and whether it was said or is what holds without a word."""

    purpose: str
    channel: str
    label: str
    granted: bool
    note: str
    said: bool


def lasted(days: float) -> str:
    """How long a relationship has lasted, in words."""
    return display.duration(days * DAY_S) if days >= 1 else _("less than a day")


def relation(profile: Profile) -> list[Fact]:
    """Value and relationship."""
    facts = [Fact(_("Lifetime of the relationship"), lasted(profile.lifetime_days))]
    facts.append(Fact(_("Bought"), times_bought(profile) or _("not yet"), _last(profile) or proven_by(profile)))
    if has_sum(profile):
        facts.append(Fact(_("Purchases in all"), display.money(profile.purchase_total, profile.currency)))
    if profile.contacts:
        facts.append(Fact(_("Contacts with us"), display.num(profile.contacts)))
    facts.append(Fact(_("Last seen"), display.ago(profile.last_seen_at)))
    return facts


def has_sum(profile: Profile) -> bool:
    """Whether purchases were told with their money; those without come to no sum, which is not a sum of nothing."""
    return bool(profile.purchases and profile.currency)


def times_bought(profile: Profile) -> str:
    """How often somebody bought; empty for who never did."""
    n = profile.bought
    return ngettext("%(n)s time", "%(n)s times", n) % {"n": display.num(n)} if n else ""


def proven_by(profile: Profile) -> str:
    """How the purchases are known where the orders themselves were never told; empty where they were, or where there is none."""
    return _("as deliveries show") if profile.bought and not profile.purchases else ""


def _last(profile: Profile) -> str:
    return _("last on %(day)s") % {"day": display.shortday(profile.last_purchase_at)} if profile.last_purchase_at else ""


def attributes(profile: Profile, definitions: Iterable[AttributeDefinition], *, sees: bool) -> list[Fact]:
    """What else is known, in the workspace's order; contacts among it only for those who may see them."""
    known: Mapping[str, Any] = profile.attributes
    told = [(one.label, attribute_text(one.type, known[one.code])) for one in definitions if known.get(one.code) is not None]
    return [Fact(label, text if sees else without_contacts(text)) for label, text in told]


def attribute_text(type_name: str, value: Any) -> str:
    """A value of an attribute in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):
        return display.num(value)
    if type_name == AttributeType.DATE:
        try:
            return display.day(date.fromisoformat(str(value)))
        except ValueError:
            return str(value)
    return display.digits(value)


def preference(profile: Profile) -> str:
    """How and when somebody likes to be reached, in a few words."""
    wishes: Mapping[str, str] = profile.preferences
    parts = [channel_name(wishes["channel"]) if wishes.get("channel") else "", hour_label(wishes.get("hour", ""))]
    return _(", ").join(part for part in parts if part)


def agreements(standing: Mapping[tuple[str, str], Consent], profile: Profile) -> list[Agreement]:
    """What may be sent, pair by pair: those everybody has, and what else was said."""
    channels = [channel for channel in CONSENT_CHANNELS if _has(profile, channel)] or ["sms"]
    pairs = [(purpose.value, channel) for purpose in (Purpose.SURVEY, Purpose.MARKETING) for channel in channels if channel != "phone"]
    pairs += [(Purpose.MARKETING.value, "phone")] if "phone" in channels else []
    pairs += sorted(pair for pair in standing if pair not in pairs)
    return [_agreement(purpose, channel, standing.get((purpose, channel))) for purpose, channel in pairs]


def _has(profile: Profile, channel: str) -> bool:
    return profile.has_email if channel == "email" else profile.has_phone


def _agreement(purpose: str, channel: str, said: Consent | None) -> Agreement:
    label = consent_label(purpose, channel)
    if said is None:
        allowed = purpose not in ASKED_FIRST
        return Agreement(purpose, channel, label, allowed, _("nothing said") if allowed else _("not asked"), said=False)
    note = _("since %(day)s") % {"day": display.shortday(said.at)} if said.granted else _("does not want it")
    return Agreement(purpose, channel, label, said.granted, note, said=True)
