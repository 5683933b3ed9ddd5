"""Normal forms of identity values, so that one person's phone is one value however it was typed."""

from typing import Final

from django.utils.translation import gettext as _

from peyvand.core import emails, phones
from peyvand.identities.types import VALUE_LENGTH, IdentityKey, IdentityType

_TYPES: Final[dict[str, int]] = {t.name.lower(): t.value for t in IdentityType}
_PHONE: Final = IdentityType.PHONE.value
_EMAIL: Final = IdentityType.EMAIL.value


class IdentityRefused(ValueError):
    """A value that cannot be an identity; the message says why."""


def normal(type_name: str, value: str, region: str = "IR") -> IdentityKey:
    """The (type, value) an identity is stored under. Raises IdentityRefused for an unknown type or unusable value.

    Own ids, messenger and device ids keep their letters; messenger values look like `telegram:12345`.
    """
    kind = _TYPES.get(type_name)
    if kind is None:
        given = {"type": type_name[:40], "names": ", ".join(_TYPES)}
        raise IdentityRefused(_("type '%(type)s' is unknown; use one of %(names)s") % given)
    try:
        if kind == _PHONE:
            clean = phones.normalise(value, region)
        elif kind == _EMAIL:
            clean = emails.normalise(value)
        else:
            clean = value.strip()
    except ValueError as error:
        raise IdentityRefused(str(error)) from None
    if not clean or len(clean) > VALUE_LENGTH or not clean.isprintable():
        raise IdentityRefused(_("'%(value)s' is not a usable %(type)s") % {"value": value[:60], "type": type_name})
    return kind, clean
