"""Where the person looked for is: shared by every view that names a customer in its address."""

from peyvand.core.ids import private_id
from peyvand.customers.queries.people import customer_of
from peyvand.identities.models import Customer
from peyvand.privacy.models import Erasure
from peyvand.privacy.queries import erasure_of
from peyvand.workspaces.models import Workspace


def person(workspace: Workspace, pid: str) -> Customer | None:
    """The customer of a public id, only in this workspace; nobody for one who was forgotten."""
    found = _named(workspace, pid)
    return None if found is None or erasure_of(standing(found)) is not None else found


def erased(workspace: Workspace, pid: str) -> Erasure | None:
    """The erasure of a public id's customer; None for everybody else."""
    found = _named(workspace, pid)
    return erasure_of(standing(found)) if found is not None else None


def _named(workspace: Workspace, pid: str) -> Customer | None:
    integer = private_id(bytes(workspace.id_key), pid)
    return customer_of(workspace, integer) if integer is not None else None


def standing(customer: Customer) -> Customer:
    """The customer who stands for this one after merges."""
    while customer.merged_into is not None:
        customer = customer.merged_into
    return customer
