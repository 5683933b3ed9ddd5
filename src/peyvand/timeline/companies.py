"""How the company of an item is told from others: one code for each, however its name is written. Called by drafting and customers."""

from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from peyvand.catalogue.types import CODE_LENGTH
from peyvand.core.persian import search_key
from peyvand.core.redaction import redacted
from peyvand.timeline.types import CompanyIn, Refused

BY_NAME: Final = "name:"  # how the code of a company begins that is known by its name alone
REMEMBERED: Final = 20_000


@lru_cache(REMEMBERED)
def company_code(company: CompanyIn) -> str:
    """The code of a company's term: its own id, else its name by Persian rules behind `name:`. Raises Refused where it has neither."""
    if "\x00" in company.own_id or "\x00" in company.name:
        raise Refused("customer.company", _("holds a NUL character"))
    own_id = " ".join(company.own_id.split())
    if own_id.startswith(BY_NAME):
        raise Refused("customer.company.own_id", _("begins with “name:”, which stands for companies without an own id"))
    if own_id:
        return own_id
    key = name_key(redacted(company.name, say=lambda _kind, digits: f"••••{digits[-4:]}"))  # the same code in any language
    if not key:
        raise Refused("customer.company", _("names no company; give own_id or name"))
    return f"{BY_NAME}{key}"[:CODE_LENGTH].rstrip()


def name_key(name: str) -> str:
    """What two spellings of one company's name share."""
    return search_key(name)
