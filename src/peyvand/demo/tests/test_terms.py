"""The catalogue of the demo brand covers all that its items name."""

from peyvand.catalogue.defaults import DEFAULTS
from peyvand.catalogue.types import Dimension
from peyvand.demo.terms import catalogue_terms
from peyvand.timeline.types import Item

NAMED = ("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "device")


def test_every_code_an_item_names_has_a_term_with_both_names(items: list[Item]):
    terms = {(t.dimension, t.code) for t in catalogue_terms()} | {(d.dimension.value, d.code) for d in DEFAULTS}
    used = {(dimension, getattr(item, dimension)) for item in items for dimension in NAMED if getattr(item, dimension)}
    used |= {("item", p.item) for item in items for p in item.perceptions if p.item}
    assert used <= terms
    assert all(t.fa and t.en for t in catalogue_terms())


def test_terms_stand_once_in_known_dimensions_after_their_parents():
    seen: set[tuple[str, str]] = set()
    for term in catalogue_terms():
        assert Dimension(term.dimension)
        assert (term.dimension, term.code) not in seen
        assert not term.parent or (term.dimension, term.parent) in seen
        seen.add((term.dimension, term.code))
    assert sum(1 for t in catalogue_terms() if t.dimension == "product" and t.parent) == 60
    assert sum(1 for t in catalogue_terms() if t.dimension == "branch") == 8
