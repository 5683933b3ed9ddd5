"""Ways to reach a person as a page may show them: whole for roles that need them, masked for the rest."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.channels.models import RefusedAddress
from peyvand.core import display
from peyvand.core.masking import readable
from peyvand.identities.masking import masked
from peyvand.identities.models import Identity
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Permission

MESSENGER_ICONS = {"telegram": "plane", "bale": "plane"}


@dataclass(frozen=True, slots=True)
class Way:
    """One way a person is known or reached, ready to be shown; `href` only where it may be used."""

    icon: str
    label: str
    shown: SafeString
    href: str = ""
    identity_id: int = 0
    refusal: str = ""  # why no mail goes there


def sees_contacts(member: Member) -> bool:
    """Whether this member may see phone numbers and e-mail addresses."""
    return member.may(Permission.CONTACTS_SEE)


def written(kind: int, value: str, *, sees: bool) -> SafeString:
    """A value as the reader may see it, grouped and isolated."""
    text = value if sees else masked(kind, value)
    if kind == IdentityType.PHONE:
        return display.phone(text)
    if kind == IdentityType.MESSENGER:
        text = text.partition(":")[2] or text
    return display.ltr(text)


def plain(kind: int, value: str, *, sees: bool) -> str:
    """A value as the reader may have it in a file."""
    return value if sees else masked(kind, value)


def value_shown(value: Any, *, sees: bool) -> Any:
    """A value of a field of customers as the reader may have it; a number that is one to dial becomes a text."""
    text = str(value)
    hidden = readable(text, sees=sees)
    return value if hidden == text else hidden


def isolated(kind: int, value: str, *, sees: bool) -> str:
    """A value as `written`, for a place that takes no markup: isolates in the text keep it left to right."""
    return f"\u2066{html.unescape(strip_tags(written(kind, value, sees=sees)))}\u2069"


def ways(identities: Iterable[Identity], *, sees: bool, refused: Mapping[int, RefusedAddress] = MappingProxyType({})) -> list[Way]:
    """Ways to reach a person, then what else they are known by; devices are no way. `refused` says where no mail goes."""
    order = (IdentityType.PHONE, IdentityType.EMAIL, IdentityType.MESSENGER, IdentityType.OWN_ID)
    known = sorted((one for one in identities if one.type in order), key=lambda one: (order.index(IdentityType(one.type)), one.pk))
    return [replace(_way(one, sees=sees), identity_id=one.pk, refusal=_refusal(refused.get(one.pk), sees=sees)) for one in known]


def _refusal(refused: RefusedAddress | None, *, sees: bool) -> str:
    return "" if refused is None else readable(refused.reason, sees=sees)


def _way(identity: Identity, *, sees: bool) -> Way:
    shown = written(identity.type, identity.value, sees=sees)
    if identity.type == IdentityType.PHONE:
        mobile = identity.value.startswith("+989")
        return Way("phone", _("Mobile") if mobile else _("Phone"), shown, f"tel:{identity.value}" if sees else "")
    if identity.type == IdentityType.EMAIL:
        return Way("mail", _("E-mail"), shown, f"mailto:{identity.value}" if sees else "")
    if identity.type == IdentityType.OWN_ID:
        return Way("tag", _("Own id"), shown)
    network = identity.value.partition(":")[0]
    return Way(MESSENGER_ICONS.get(network, "chat"), network_label(network), shown)


def network_label(network: str) -> str:
    """The name of a messenger."""
    names = {
        "telegram": _("Telegram"),
        "whatsapp": _("WhatsApp"),
        "instagram": _("Instagram"),
        "messenger": _("Messenger"),
        "viber": _("Viber"),
        "bale": _("Bale"),
    }
    return names.get(network, network.capitalize())


def phone_of(identities: Iterable[Identity]) -> str:
    """The phone to ring first; empty where there is none."""
    return next((one.value for one in identities if one.type == IdentityType.PHONE), "")


def name_shown(name: str, *, sees: bool) -> str:
    """The name, or what stands for somebody who has none; one that is a phone number or address is masked as such."""
    return readable(name, sees=sees) or _("A customer without a name")


def reach_of(known: dict[int, str], *, sees: bool) -> SafeString:
    """Phone and e-mail of a row of a list."""
    shown = [written(kind, known[kind], sees=sees) for kind in (IdentityType.PHONE, IdentityType.EMAIL) if kind in known]
    if not shown:
        return SafeString("")
    return shown[0] if len(shown) == 1 else format_html("{}<small>{}</small>", *shown)
