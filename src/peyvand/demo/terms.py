"""Every catalogue term the demo's items name, with labels in both languages. The loader lays them before the items come."""

from collections.abc import Iterator

from peyvand.demo.assortment import CATEGORIES, PRODUCTS
from peyvand.demo.staff import MEMBERS, SELLERS
from peyvand.demo.world import BRANCHES, CHANNELS, DEPARTMENTS, DEVICES, ITEMS, TermSpec


def catalogue_terms() -> Iterator[TermSpec]:
    """Terms beside those every workspace starts with; a parent always comes before its children."""
    yield from (*CHANNELS, *DEPARTMENTS, *ITEMS, *DEVICES)
    for branch in BRANCHES:
        yield TermSpec("branch", branch.code, branch.fa, branch.en, details={"city": branch.city})
    for category in CATEGORIES:
        yield TermSpec("product", category.code, category.fa, category.en, details={"category": True})
    for product in PRODUCTS:
        yield TermSpec("product", product.code, product.fa, product.en, parent=product.category, details={"price": product.price})
    for member in MEMBERS:
        yield TermSpec("employee", member.code, member.name, member.latin, details={"department": member.department})
    for branch_code, sellers in SELLERS.items():
        for code, fa, en in sellers:
            yield TermSpec("employee", code, fa, en, details={"department": "branches", "branch": branch_code})
