"""What is shown of a customer to who sees no contacts."""

import pytest

from peyvand.desk.people.contacts import value_shown


@pytest.mark.parametrize(
    ("value", "hidden"), [(9120000012, "9120••••12"), ("ring 09120000012", "ring 0912•••••12"), (120, 120), (True, True), (2.5, 2.5)]
)
def test_a_field_that_holds_a_number_to_dial_is_hidden_even_where_it_is_no_text(value, hidden):
    assert value_shown(value, sees=False) == hidden
    assert value_shown(value, sees=True) == value
