"""What events and imports tell about customers: language, attributes and consents, applied in timeline order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection

from peyvand.catalogue.queries import term_names
from peyvand.core.fields import from_micros
from peyvand.customers.attributes import fitting
from peyvand.customers.counting import Told
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.customers.services.attributes import definitions_for

LANGUAGE_LENGTH: Final = 8
WORD_LENGTH: Final = 24

ADD_CONSENT: Final = """INSERT INTO customers_consent
(workspace_id, customer_id, purpose, channel, granted, source, at, interaction_id, note) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '')
ON CONFLICT (interaction_id, purpose, channel) DO NOTHING"""

Attributes = dict[str, Any]


def apply(told: Mapping[int, Sequence[Told]], *, anew: bool = False) -> None:
    """Apply what was told of each customer in the caller's transaction; `anew` forgets what was told before."""
    if not told:
        return
    profiles = list(Profile.objects.select_for_update().filter(pk__in=list(told)).order_by("pk"))
    codes: dict[int, dict[str, Any]] = {}
    for profile in profiles:
        for one in told[profile.pk]:
            codes.setdefault(profile.workspace_id, {}).update(_attributes(one))
    definitions = {workspace_id: definitions_for(workspace_id, seen) for workspace_id, seen in codes.items()}
    changed = [profile for profile in profiles if _tell(profile, told[profile.pk], definitions.get(profile.workspace_id, {}), anew=anew)]
    _save(changed)
    _write_consents([(profile, one) for profile in profiles for one in told[profile.pk]])


def _attributes(one: Told) -> Attributes:
    given = one.facts.get("attributes")
    return given if isinstance(given, dict) else {}


def _tell(profile: Profile, told: Sequence[Told], definitions: Mapping[str, AttributeDefinition], *, anew: bool) -> bool:
    language, attributes = ("", {}) if anew else (profile.language, dict(profile.attributes))
    for one in told:
        said = one.facts.get("language")
        language = said[:LANGUAGE_LENGTH] if isinstance(said, str) and said else language
        for code, value in _attributes(one).items():
            definition = definitions.get(code.strip())
            if definition is None:
                continue
            kept = fitting(definition.type, value)
            if kept is not None:
                attributes[definition.code] = kept
            elif value is None:
                attributes.pop(definition.code, None)
    if language == profile.language and attributes == profile.attributes:
        return False
    profile.language, profile.attributes = language, attributes
    return True


def _save(profiles: Sequence[Profile]) -> None:
    if not profiles:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE customers_profile SET language = %s, attributes = %s WHERE customer_id = %s",
            [(p.language, json.dumps(p.attributes, ensure_ascii=False), p.pk) for p in profiles],
        )


def _write_consents(told: Sequence[tuple[Profile, Told]]) -> None:
    sources = term_names({one.source for _profile, one in told if one.facts.get("consents")})
    moment_of = connection.ops.adapt_datetimefield_value
    rows = [
        (
            *(profile.workspace_id, profile.pk, str(consent["purpose"])[:WORD_LENGTH], str(consent["channel"])[:WORD_LENGTH]),
            *(bool(consent["granted"]), sources[one.source].code[:40], moment_of(from_micros(one.at)), one.interaction_id),
        )
        for profile, one in told
        for consent in one.facts.get("consents") or ()
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(ADD_CONSENT, rows)


def apply_now(customer_id: int, told: dict[str, Any]) -> None:
    """Apply what a person of the brand just said; the subscriber will read the same from the timeline."""
    profiles = list(Profile.objects.select_for_update().filter(pk=customer_id))
    definitions = {p.workspace_id: definitions_for(p.workspace_id, told.get("attributes") or {}) for p in profiles}
    _save([p for p in profiles if _tell(p, [Told(0, 0, 0, told)], _known(p, definitions), anew=False)])


def _known(profile: Profile, definitions: Mapping[int, dict[str, AttributeDefinition]]) -> dict[str, AttributeDefinition]:
    return definitions[profile.workspace_id]
