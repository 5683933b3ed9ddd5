"""Finding what a command line names: a workspace by its slug, a customer by an identity or id."""

import argparse

from peyvand.config.command import Abort
from peyvand.core.ids import private_id, public_id
from peyvand.customers.queries.people import customer_of
from peyvand.identities.models import Customer
from peyvand.identities.queries import standing
from peyvand.privacy.queries import customers_named
from peyvand.workspaces.models import Workspace


def workspace_named(slug: str | None) -> Workspace:
    """Return the workspace of this slug, or the only one where none is named; else stop and list what there is."""
    known = list(Workspace.objects.order_by("slug"))
    if slug is None and len(known) == 1:
        return known[0]
    for workspace in known:
        if workspace.slug == slug:
            return workspace
    names = ", ".join(workspace.slug for workspace in known) or "none yet; `peyvand createworkspace NAME` makes one"
    said = "say which workspace with --workspace" if slug is None else f"there is no workspace {slug!r}"
    raise Abort(f"{said}. There is: {names}.")


def customer_named(workspace: Workspace, text: str) -> Customer:
    """The customer whom an identity names, or whose page has this id in its address; stops where it is nobody or several."""
    found = customers_named(workspace, text)
    if len(found) > 1:
        raise Abort(f"{text} names {len(found)} customers of {workspace.slug!r}. Give the id in the address of the right one's page.")
    if found:
        return found[0]
    number = private_id(bytes(workspace.id_key), text)
    customer = customer_of(workspace, number) if number is not None else None
    if customer is None:
        raise Abort(
            f"{workspace.slug!r} has no customer {text}. Give a phone number, an e-mail address or the id in the address of their page."
        )
    return standing(customer)


def add_person(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that name one customer of one workspace; `person_named` reads them."""
    parser.add_argument(
        "who", metavar="WHO", help="a phone number, e-mail address or other identity, or the id in the address of their page"
    )
    parser.add_argument("--workspace", metavar="SLUG", help="may be left out where there is one workspace")


def person_named(args: argparse.Namespace) -> tuple[Workspace, Customer, str]:
    """The workspace, the customer and the customer's public id that the arguments name."""
    workspace = workspace_named(args.workspace)
    customer = customer_named(workspace, args.who)
    return workspace, customer, public_id(bytes(workspace.id_key), customer.pk)
