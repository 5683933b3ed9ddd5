"""Whose turn it is when a case opens."""

from peyvand.cases.services.policy import takes_turns
from peyvand.workspaces.models import Member
from peyvand.workspaces.services import create_owner, create_role
from peyvand.workspaces.types import Permission as P
from peyvand.workspaces.types import Role


def test_cases_come_to_roles_that_work_on_them_and_do_not_run_the_brand(brand):
    owner = create_owner(workspace=brand, email="owner@brand.example", password="a-long-password-4", name="Owner").user
    worker = create_role(workspace=brand, names={"en": "W"}, permissions={P.CASES_WORK}, actor=owner)
    runner = create_role(workspace=brand, names={"en": "R"}, permissions={P.CASES_WORK, P.SETTINGS_MANAGE}, actor=owner)
    turns = {role: takes_turns(Member(role=role)) for role in Role}
    assert turns == {role: role in (Role.AGENT, Role.LEAD) for role in Role}
    assert takes_turns(Member(role="custom", custom_role=worker))
    assert not takes_turns(Member(role="custom", custom_role=runner))
