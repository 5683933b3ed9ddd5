"""A person is asked what they may; a role's name says nothing of roles that a workspace made itself."""

import ast

from tests.architecture.source import product, report

RULES = "peyvand.workspaces.permissions"


def test_people_are_asked_what_they_may_and_not_what_they_are():
    faults = [
        f"{module.name}:{node.lineno}"
        for module in product()
        if module.app != "workspaces"
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and node.module == RULES and any(name.name == "allows" for name in node.names)
    ]
    report(faults, "`allows` knows presets only: ask member.may(Permission.…), which knows the workspace's own roles too.")
