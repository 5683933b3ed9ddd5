"""Where the person looked for is: shared by every view that names a customer in its address."""

from peyvand.core.ids import private_id
from peyvand.customers.queries.people import customer_of
from peyvand.identities.models import Customer
from peyvand.workspaces.models import Workspace


def person(workspace: Workspace, pid: str) -> Customer | None:
    """The customer of a public id, only in this workspace."""
    integer = private_id(bytes(workspace.id_key), pid)
    return customer_of(workspace, integer) if integer is not None else None


def standing(customer: Customer) -> Customer:
    """The customer who stands for this one after merges."""
    while customer.merged_into is not None:
        customer = customer.merged_into
    return customer
