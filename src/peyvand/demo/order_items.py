"""Timeline items of orders: placed, delivered, refunded, and the calls and chats about them."""

from datetime import timedelta
from typing import Any, Final

from peyvand.demo.assortment import PRODUCTS
from peyvand.demo.contacts import REASON_CODES
from peyvand.demo.deliveries import CARRIER_CODES
from peyvand.demo.orders import NO_DEVICE
from peyvand.demo.people import DEVICE_CODES
from peyvand.demo.staff import AGENTS, SELLERS
from peyvand.demo.telling import Story, moment
from peyvand.demo.world import BRANCHES, CITIES, CURRENCY, SOURCE, STAGE_OF
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, Subject

_OUTCOMES: Final = {True: "solved", False: "open"}


def placed_item(story: Story, row: int) -> Item:
    """An order online or at the counter; the person of a counter sale may be unknown."""
    placed = story.history.episode.placed
    store, person = bool(placed.store[row]), int(placed.person[row])
    branch = BRANCHES[int(placed.branch[row])].code
    number = story.order_number(row)
    lines = [
        {"product": PRODUCTS[p].code, "name": PRODUCTS[p].fa, "quantity": q, "amount": PRODUCTS[p].price * q} for p, q in story.lines(row)
    ]
    properties: dict[str, Any] = {"number": number, "lines": lines}
    if placed.discount[row] > 0:
        properties["discount"] = int(placed.discount[row])
    touchpoint = "store" if store else "checkout"
    return Item(
        kind="order.placed",
        occurred_at=moment(placed.at[row]),
        customer=_buyer(story, row, person),
        channel="store" if store else ("app" if placed.device[row] == 2 else "web"),
        touchpoint=touchpoint,
        stage=STAGE_OF[touchpoint],
        product=story.product(row),
        branch=branch if store else "",
        department="branches" if store else "online",
        employee=SELLERS[branch][row % 2][0] if store else "",
        device="" if placed.device[row] == NO_DEVICE else DEVICE_CODES[int(placed.device[row])],
        subject=Subject(type="order", id=number),
        amount=int(placed.amount[row]),
        currency=CURRENCY,
        properties=properties,
        source=SOURCE,
        external_id=f"order-{number}",
    )


def _buyer(story: Story, row: int, person: int) -> CustomerIn | None:
    placed = story.history.episode.placed
    if not placed.named[row]:
        return None
    if story.first_order[row]:
        return story.introduced(person)
    if placed.store[row]:
        return story.customer(person, "phone", "own_id")
    customer = story.customer(person, "own_id", "phone", "email")
    if row % 3 == 0:
        customer.identities.append(IdentityIn(type="device", value=story.people.device_id(person)))
    return customer


def delivered_item(story: Story, row: int) -> Item:
    """An order handed over, with its promise."""
    placed, way = story.history.episode.placed, story.history.episode.delivery
    number, late = story.order_number(row), int(way.days_late[row])
    promised = story.season.first + timedelta(days=int(way.promised[row]))
    carrier = CARRIER_CODES[int(way.carrier[row])]
    return Item(
        kind="order.delivered",
        occurred_at=moment(way.at[row]),
        customer=story.customer(int(placed.person[row]), "phone", "email", "own_id"),
        channel="post",
        touchpoint="delivery",
        stage=STAGE_OF["delivery"],
        product=story.product(row),
        branch=BRANCHES[int(way.branch[row])].code,
        department="logistics",
        subject=Subject(type="order", id=number),
        properties={
            "late": late > 0,
            "days": round(float(way.days_taken[row]), 1),
            "days_late": late,
            "promised_at": promised.isoformat(),
            "carrier": carrier,
            "city": CITIES[int(way.city[row])].code,
        },
        source=SOURCE,
        external_id=f"delivery-{number}",
    )


def refunded_item(story: Story, row: int) -> Item:
    """Money given back, at a returns desk or after a courier fetched the goods."""
    placed, back = story.history.episode.placed, story.history.episode.returned
    number, in_branch = story.order_number(row), bool(back.in_branch[row])
    properties: dict[str, Any] = {"number": number, "status": "refunded", "reason": return_reason(story, row)}
    if in_branch:
        properties["wait_minutes"] = round(float(back.wait[row]))
    return Item(
        kind="order.refunded",
        occurred_at=moment(back.at[row]),
        customer=story.customer(int(placed.person[row]), "phone", "own_id") if placed.named[row] else None,
        channel="store" if in_branch else "post",
        touchpoint="returns",
        stage=STAGE_OF["returns"],
        product=story.product(row),
        branch=BRANCHES[int(placed.branch[row])].code if in_branch else "",
        department="branches" if in_branch else "logistics",
        subject=Subject(type="order", id=number),
        amount=-int(round(float(placed.amount[row] * back.share[row]), -4)),
        currency=CURRENCY,
        duration_s=float(round(float(back.wait[row]) * 60)) if in_branch else None,
        properties=properties,
        source=SOURCE,
        external_id=f"refund-{number}",
    )


def return_reason(story: Story, row: int) -> str:
    """Why goods came back."""
    way = story.history.episode.delivery
    if way.damaged[row]:
        return "broken"
    return "wrong_item" if way.wrong[row] else "changed_mind"


def contact_item(story: Story, row: int) -> Item:
    """A call or a live chat about an order, when it ended."""
    placed, contact = story.history.episode.placed, story.history.episode.contact
    number, chat, resolved = story.order_number(row), bool(contact.chat[row]), bool(contact.resolved[row])
    wishes = ("own_id", "email", "phone") if chat else ("phone", "own_id")
    return Item(
        kind="chat.ended" if chat else "call.ended",
        occurred_at=moment(contact.at[row]),
        customer=story.customer(int(placed.person[row]), *wishes) if placed.named[row] else None,
        channel="chat" if chat else "phone",
        touchpoint="support",
        stage=STAGE_OF["support"],
        product=story.product(row),
        department="support",
        employee=AGENTS[int(contact.agent[row])].code,
        subject=Subject(type="order", id=number),
        duration_s=float(round(float(contact.duration[row]))),
        response_s=float(round(float(contact.response[row]))),
        properties={
            "direction": "in",
            "reason": REASON_CODES[int(contact.reason[row])],
            "outcome": _OUTCOMES[resolved],
            "resolved": resolved,
            "repeated": bool(contact.repeated[row]),
        },
        source=SOURCE,
        external_id=f"contact-{number}",
    )
