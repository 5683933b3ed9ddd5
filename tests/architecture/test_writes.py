"""Only an app's own services write its tables, so that every rule about a row stands in one place."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import SERVICES, Module, product, report

WRITES = {
    "create",
    "bulk_create",
    "get_or_create",
    "update_or_create",
    "update",
    "bulk_update",
    "delete",
    "aget_or_create",
    "acreate",
    "aupdate",
    "adelete",
}
SQL = re.compile(r"^\s*(insert\s+into|update\s+\w+\s+set|delete\s+from|copy\s+\w+.*\sfrom\s+stdin)\b", re.IGNORECASE)
SPEAKERS = {"views", "api", "admin", "forms", "subscribers", "jobs", "steps", "queries"}  # they ask a service to write
# `core` has no app above it that could own a service: its jobs and its database doors are services themselves.
WRITERS_BY_NATURE = {"core"}
# Whoever reads the timeline moves its place in the transaction of the effect, so these two write it themselves.
WRITING_FILES = {("timeline", "subscriptions"), ("timeline", "lake")}


def test_only_services_write_through_managers():
    faults = [
        f"{module.name}:{call.lineno} {owner}.{verb}"
        for module in product()
        for call, model, verb in _manager_writes(module)
        if (owner := module.imports.get(model, model)) and not _may_write(module, owner)
    ]
    report(faults, "A table is written by the services of its own app; call one, or add one there.")


def test_only_services_save_or_delete_rows():
    faults = [
        f"{module.name}:{node.lineno} {ast.unparse(node)[:60]}"
        for module in product()
        if module.role in SPEAKERS and module.app not in WRITERS_BY_NATURE
        for node in module.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"save", "asave"}
        and _is_a_row(node.func.value)
    ]
    report(faults, "Views, forms, jobs and subscribers decide; a service writes.")


def test_only_services_write_in_sql():
    faults = [
        f"{module.name}:{node.lineno} {node.value.strip()[:60]!r}"
        for module in product()
        if module.role != SERVICES and module.app not in WRITERS_BY_NATURE
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    report(faults, "SQL that writes stands in the services of the app that owns the table.")


def _manager_writes(module: Module) -> Iterator[tuple[ast.Call, str, str]]:
    """Find `Model.objects.….verb(…)`, however long the chain between."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            model = _manager_of(node.func.value)
            if model:
                yield node, model, node.func.attr


def _manager_of(node: ast.expr) -> str:
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            if node.attr in {"objects", "_base_manager", "_default_manager"}:
                return ast.unparse(node.value).split(".")[-1]
            node = node.value
        else:
            return ""


def _may_write(module: Module, owner: str) -> bool:
    parts = owner.split(".")
    app = parts[1] if parts[0] == "peyvand" and len(parts) > 1 else module.app
    return module.app == app and (module.role == SERVICES or app in WRITERS_BY_NATURE or module.parts[:2] in WRITING_FILES)


def _is_a_row(node: ast.expr) -> bool:
    name = ast.unparse(node).lower()
    return not any(word in name for word in ("form", "storage", "image", "picture", "workbook", "book", "file", "session"))
