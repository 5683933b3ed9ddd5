"""Where things may stand and whom they may know, beyond what import-linter sees."""

import ast
import sys

from django.apps import apps as installed
from django.db.models import Model

from tests.architecture.source import Module, apps, contracts, heights, modules, product, report

PLAIN = {"msgspec", "babel", "annotated_types"}
CONNECTOR_MAY_KNOW = (
    "peyvand.channels",
    "peyvand.core",
    "peyvand.timeline.types.",  # it receives plain Items
    "peyvand.workspaces.",  # its settings page stands in a workspace and asks for a permission
)
FREE_FILES = {"config", "demo", "connectors", "measures"}  # no models of their own, so no order of models, services and views


def test_every_app_has_its_place_in_the_file_order():
    ordered = {name.removeprefix("peyvand.") for name in contracts()["files"]["containers"]}
    missing = [app for app in apps() if app not in ordered | FREE_FILES]
    report(missing, "Every app stands in the `files` contract of pyproject.toml.")


def test_types_are_plain_python():
    faults = []
    for module in product():
        if module.role != "types":
            continue
        for source in module.imports.values():
            top = source.partition(".")[0]
            ours = source.startswith(("peyvand.", "django.utils.translation.")) and (
                ".types" in source or source.startswith(("peyvand.core.", "django."))
            )
            if top not in sys.stdlib_module_names and top not in PLAIN and not ours:
                faults.append(f"{module.name} imports {source}")
    report(faults, "types.py is plain Python: it may be read without a database.")


def test_views_are_imported_only_by_addresses():
    faults = []
    for module in product():
        for source in module.imports.values():
            parts = source.split(".")
            if parts[0] == "peyvand" and "views" in parts[2:4] and not {"urls", "views"} & {*module.parts}:
                faults.append(f"{module.name} imports {source}")
    report(faults, "Only urls.py imports views: what two views share is a query or a service.")


def test_relations_point_downward():
    faults = []
    for model in installed.get_models():
        here = _app_of(model)
        if here is None:
            continue
        for field in model._meta.get_fields():
            there = _app_of(field.related_model) if field.is_relation and not field.auto_created else None
            if there and there != here and heights()[there] >= heights()[here]:
                faults.append(f"{model.__module__}.{model.__name__}.{field.name} points from {here} to {there}")
    report(faults, "A model refers to lower apps only; name an upper thing by its plain id.")


def _app_of(model: type[Model] | str | None) -> str | None:
    parts = getattr(model, "__module__", "").split(".")
    return parts[1] if parts[0] == "peyvand" and len(parts) > 1 else None


def test_connectors_know_the_channel_contract_and_not_each_other():
    faults = []
    for module in product():
        if module.app != "connectors" or len(module.parts) < 3:
            continue
        own = f"peyvand.connectors.{module.role}"
        faults += [
            f"{module.name} imports {source}"
            for source in module.imports.values()
            if source.startswith("peyvand.") and not source.startswith((own, *CONNECTOR_MAY_KNOW))
        ]
    report(faults, "A connector is removed by deleting its folder, so it knows the channel contract and nothing else.")


def test_only_settings_read_the_environment():
    faults = [
        f"{module.name}:{node.lineno}"
        for module in product()
        if module.parts[:2] != ("config", "settings")
        for node in module.nodes
        if _reads_environment(node)
    ]
    report(faults, "Settings are read from the environment in config/settings alone.")


def _reads_environment(node: ast.AST) -> bool:
    """Passing the whole environment on to a child process is no reading of it."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == "os.environ"
    return isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.environ.get", "os.getenv"}


def test_imports_stand_at_the_top_or_say_why_not():
    faults = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in _hidden_imports(module)
        if "noqa: PLC0415" not in _line(module, node)
    ]
    report(faults, "An import inside a function hides a cycle; a heavy library says `# noqa: PLC0415` and why.")


def _hidden_imports(module: Module) -> list[ast.stmt]:
    functions = [node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]


def _line(module: Module, node: ast.stmt) -> str:
    return module.text.splitlines()[node.lineno - 1]
