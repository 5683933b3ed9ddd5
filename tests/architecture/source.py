"""Our Python files, parsed once: what the rules beside this file look at."""

import ast
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "peyvand"
SERVICES = "services"


@dataclass(frozen=True)
class Module:
    """One Python file and what it says."""

    path: Path

    @property
    def name(self) -> str:
        """The path as a person would write it."""
        return str(self.path.relative_to(ROOT))

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and file below the package (or below the root, for tests and scripts), without .py."""
        base = PACKAGE if self.path.is_relative_to(PACKAGE) else ROOT
        return self.path.relative_to(base).with_suffix("").parts

    @property
    def app(self) -> str:
        """The app it belongs to; empty at the top of the package."""
        return self.parts[0] if len(self.parts) > 1 else ""

    @property
    def role(self) -> str:
        """What stands right below the app: `services` for services.py and services/merging.py alike."""
        return self.parts[1] if len(self.parts) > 1 else ""

    @property
    def is_test(self) -> bool:
        return "tests" in self.parts or self.path.name == "conftest.py"

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> dict[str, str]:
        """Every imported name and where it comes from: `{"Customer": "peyvand.customers.models.Customer"}`."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found.update({alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names})
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
        return found


@cache
def modules() -> tuple[Module, ...]:
    """Every file of the package, without migrations."""
    return tuple(
        Module(path) for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts and "node_modules" not in path.parts
    )


@cache
def product() -> tuple[Module, ...]:
    """Every file of the package that is no test."""
    return tuple(module for module in modules() if not module.is_test)


@cache
def everything() -> tuple[Module, ...]:
    """The package, the tests and the scripts."""
    others = [path for folder in ("tests", "script") for path in sorted((ROOT / folder).rglob("*.py"))]
    return (*modules(), Module(ROOT / "conftest.py"), *(Module(path) for path in others))


@cache
def contracts() -> dict[str, dict[str, list[str]]]:
    """The contracts of import-linter by their id."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


@cache
def heights() -> dict[str, int]:
    """How high each app stands: `core` is 0; siblings stand equally high."""
    rows = [row.replace("|", " ").split() for row in contracts()["layers"]["layers"]]
    return {app: height for height, row in enumerate(reversed(rows)) for app in row}


@cache
def apps() -> tuple[str, ...]:
    """Every app folder that holds code."""
    return tuple(sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py")))


def report(faults: list[str], rule: str) -> None:
    """Fail with the rule and every place that breaks it."""
    assert not faults, f"{rule}\n" + "\n".join(f"  {fault}" for fault in sorted(faults))
