"""Timeline items that need no order: site visits, searches, views, carts, branch visits and questions by phone."""

from typing import Any

from peyvand.demo.assortment import PRODUCTS
from peyvand.demo.people import DEVICE_CODES
from peyvand.demo.staff import AGENTS
from peyvand.demo.telling import Story, moment
from peyvand.demo.visits import BRANCH, CALL, CART, NOBODY, QUERIES, SEARCH, VIEW, VISIT
from peyvand.demo.world import BRANCHES, SOURCE, STAGE_OF
from peyvand.timeline.types import CustomerIn, IdentityIn, Item

_KINDS = {
    VISIT: "site.visited",
    SEARCH: "site.searched",
    VIEW: "product.viewed",
    CART: "cart.changed",
    BRANCH: "branch.visited",
    CALL: "call.ended",
}
_TOUCHPOINTS = {VISIT: "website", SEARCH: "search", VIEW: "product_page", CART: "cart", BRANCH: "visit", CALL: "question"}
_ON_SITE = frozenset({VISIT, SEARCH, VIEW, CART})


def visit_item(story: Story, row: int) -> Item:
    """One visit."""
    v = story.visits
    kind, person = int(v.kind[row]), int(v.person[row])
    product = PRODUCTS[int(v.product[row])].code if kind in {VIEW, CART} else ""
    device = DEVICE_CODES[int(v.device[row])]
    on_site = kind in _ON_SITE
    return Item(
        kind=_KINDS[kind],
        occurred_at=moment(v.at[row]),
        customer=_visitor(story, row, person, on_site=on_site),
        channel=("app" if device == "app" else "web") if on_site else "phone" if kind == CALL else "store",
        touchpoint=_TOUCHPOINTS[kind],
        stage=STAGE_OF[_TOUCHPOINTS[kind]],
        product=product,
        branch=BRANCHES[int(v.branch[row])].code if kind == BRANCH else "",
        department="support" if kind == CALL else "",
        employee=AGENTS[row % len(AGENTS)].code if kind == CALL else "",
        device=device if on_site else "",
        duration_s=float(round(float(v.seconds[row]))) if kind in {VISIT, CALL} else None,
        properties=_properties(story, row, kind),
        source=SOURCE,
        external_id=f"visit-{row}",
    )


def _visitor(story: Story, row: int, person: int, *, on_site: bool) -> CustomerIn | None:
    """A known customer by what the place knows of them, or a passer-by, on the site known only by a device."""
    if person == NOBODY:
        return (
            CustomerIn(identities=[IdentityIn(type="device", value=f"anon-{(row * 40_503 + story.seed) % 2**32:08x}")]) if on_site else None
        )
    customer = story.customer(person, "own_id", "phone", "email") if on_site else story.customer(person, "phone", "own_id")
    if not story.people.buyer[person]:
        customer.name = story.people.name(person)
    if on_site:
        customer.identities.append(IdentityIn(type="device", value=story.people.device_id(person)))
    return customer


def _properties(story: Story, row: int, kind: int) -> dict[str, Any]:
    v = story.visits
    product = PRODUCTS[int(v.product[row])]
    if kind == SEARCH:
        query, results = QUERIES[int(v.query[row])]
        return {"query": query, "results": results}
    if kind == VISIT:
        return {"url": "https://sofalineh.example/", "title": "سفالینه"}
    if kind == VIEW:
        return {"sku": product.code, "name": product.fa, "price": product.price}
    if kind == CART:
        return {"action": "added" if v.found[row] else "removed", "sku": product.code, "quantity": 1}
    if kind == CALL:
        return {"direction": "in", "reason": "question", "resolved": bool(v.found[row])}
    return {"found": bool(v.found[row])}
