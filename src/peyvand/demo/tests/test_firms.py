"""Some customers buy for a company of their own city, more at once than a household, and everything they do names it."""

from collections import Counter

import numpy as np

from peyvand.demo.firms import FIRMS, NOBODY, firms_of
from peyvand.demo.people import CAST_SIZE
from peyvand.demo.simulation import Simulation
from peyvand.demo.world import CITIES
from peyvand.timeline.types import Item


def test_a_believable_share_of_customers_buys_for_a_company_of_their_city(brand: Simulation):
    people = brand.story.people
    buys = np.flatnonzero(people.firm != NOBODY)
    assert 0.012 < len(buys) / len(people) < 0.02
    assert buys.min() >= CAST_SIZE
    assert all(FIRMS[people.firm[person]].city == CITIES[people.city[person]].code for person in buys)


def test_larger_companies_have_more_people_and_none_more_than_it_employs():
    city = np.random.default_rng(1).choice(
        len(CITIES), 20_000, p=np.array([one.share for one in CITIES]) / sum(one.share for one in CITIES)
    )
    people = Counter(firms_of(city, CAST_SIZE).tolist())
    assert all(people[n] <= firm.employees for n, firm in enumerate(FIRMS))
    assert len(people) > 0.9 * len(FIRMS)
    named = {firm.name: people[n] for n, firm in enumerate(FIRMS)}
    assert named["هتل سپیدبام"] > 3 * named["کافه گلدان آبی"]


def test_whatever_somebody_of_a_company_does_names_it(brand: Simulation, items: list[Item]):
    people = brand.story.people
    firm = {
        value: FIRMS[people.firm[n]].told if people.firm[n] != NOBODY else None for n in range(len(people)) for value in known(people, n)
    }
    said = [(item.customer.company, firm[item.customer.identities[0].value]) for item in items if by_account(item, firm)]
    assert sum(told is not None for told, _meant in said) > 300
    assert all(told == meant for told, meant in said)


def known(people, person):
    """By what a customer is known."""
    return [value for _kind, value in people.identities(person)]


def by_account(item, firm):
    """Whether an item names a customer, rather than a passer-by's device or nobody."""
    return item.customer is not None and item.customer.identities[0].value in firm


def test_a_company_buys_more_at_once_and_pays_for_it(items: list[Item]):
    orders = [item for item in items if item.kind == "order.placed" and item.customer is not None]
    pieces = {True: [], False: []}
    for order in orders:
        pieces[order.customer.company is not None].append(sum(line["quantity"] for line in order.properties["lines"]))
    assert np.mean(pieces[True]) > 3 * np.mean(pieces[False])
    for order in orders:
        full = sum(line["amount"] for line in order.properties["lines"]) - order.properties.get("discount", 0)
        assert order.amount >= 0.99 * full  # a price may have risen since


def test_companies_are_told_apart_and_belong_to_nobody():
    assert len({firm.name for firm in FIRMS}) == len(FIRMS) == len({firm.own_id for firm in FIRMS})
    assert all(firm.domain == "" or firm.domain.endswith(".example") for firm in FIRMS)
