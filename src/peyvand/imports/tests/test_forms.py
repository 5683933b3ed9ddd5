"""What the wizard's forms offer."""

import pytest

from peyvand.imports.forms import kind_choices
from peyvand.timeline.kinds import kinds
from peyvand.timeline.services import declare_kind
from peyvand.workspaces.services import create_workspace


@pytest.mark.django_db
def test_what_people_bring_is_offered_first_and_what_only_a_case_does_never():
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    declare_kind(workspace=workspace, code="pot.painted", names={"en": "Painted a pot"}, fields={}, actor=None)
    offered = [code for code, _label in kind_choices(workspace.pk)]
    assert offered[:5] == ["order.placed", "order.delivered", "survey.answered", "review.written", "call.ended"]
    assert offered.index("pot.painted") < offered.index("cart.changed")
    assert set(kinds()) - set(offered) == {"case.opened", "case.reopened", "case.closed", "contact.made"}
    assert len(offered) == len(set(offered))
