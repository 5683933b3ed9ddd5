"""Everything that writes customers and identities."""

from peyvand.identities.services.companies import acting_for, place_customers
from peyvand.identities.services.deciding import ONLY_WAY, keep_apart, one_at_a_time, pair_up
from peyvand.identities.services.forgetting import forget_customers, forget_identity
from peyvand.identities.services.leaving import let_leave
from peyvand.identities.services.merging import hand_back, move_back, same_person, split_off, take_over, who_stays
from peyvand.identities.services.pairing import AlikePair, list_pairs
from peyvand.identities.services.resolving import IdentityError, add_identity, create_customer, rename_customer, resolve, resolve_many
from peyvand.identities.services.sharing import make_personal, offer_shared, settle_crowd, share
from peyvand.identities.services.store import hold

__all__ = [
    "ONLY_WAY",
    "AlikePair",
    "IdentityError",
    "acting_for",
    "add_identity",
    "create_customer",
    "forget_customers",
    "forget_identity",
    "hand_back",
    "hold",
    "keep_apart",
    "let_leave",
    "list_pairs",
    "make_personal",
    "move_back",
    "offer_shared",
    "one_at_a_time",
    "pair_up",
    "place_customers",
    "rename_customer",
    "resolve",
    "resolve_many",
    "same_person",
    "settle_crowd",
    "share",
    "split_off",
    "take_over",
    "who_stays",
]
