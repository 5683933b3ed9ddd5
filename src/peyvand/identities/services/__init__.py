"""Everything that writes customers and identities."""

from peyvand.identities.services.companies import acting_for, place_customers
from peyvand.identities.services.deciding import ONLY_WAY, keep_apart, move_back, pair_up, same_person, split_off
from peyvand.identities.services.forgetting import forget_customers, forget_identity
from peyvand.identities.services.resolving import IdentityError, add_identity, create_customer, rename_customer, resolve, resolve_many
from peyvand.identities.services.store import hold

__all__ = [
    "ONLY_WAY",
    "IdentityError",
    "acting_for",
    "add_identity",
    "create_customer",
    "forget_customers",
    "forget_identity",
    "hold",
    "keep_apart",
    "move_back",
    "pair_up",
    "place_customers",
    "rename_customer",
    "resolve",
    "resolve_many",
    "same_person",
    "split_off",
]
