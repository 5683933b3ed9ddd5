"""Sizes, names and openings: what keeps a file readable in one sitting."""

import ast
import subprocess

from tests.architecture.source import ROOT, everything, modules, product, report

FILE_LINES, FUNCTION_LINES, SOURCE_KINDS = 500, 50, (".py", ".ts", ".css", ".html", ".mjs", ".sh")
FILE_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "handler",
    "handlers",
    "data",
    "info",
    "base_utils",
    "tools",
}
CLASS_ENDINGS = ("Manager", "Helper", "Handler", "Data", "Info", "Util", "Utils")
GIVEN_NAMES = {"Info"}  # names a library asks for


def test_files_are_read_in_one_sitting():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    faults = []
    for name in listed.splitlines():
        path = ROOT / name
        if name.endswith(SOURCE_KINDS) and "/migrations/" not in name and "/fixtures/" not in name and path.exists():
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > FILE_LINES:
                faults.append(f"{name} has {lines} lines")
    report(faults, f"A file ends at {FILE_LINES} lines: split it by concept.")


def test_functions_are_seen_at_one_glance():
    faults = [
        f"{module.name}:{node.lineno} {node.name} has {_lines(node)} lines"
        for module in everything()
        for node in module.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > FUNCTION_LINES
    ]
    report(faults, f"A function ends at {FUNCTION_LINES} lines.")


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_file_opens_with_what_lives_in_it():
    faults = []
    for module in everything():
        said = ast.get_docstring(module.tree)
        if not module.text.strip():
            continue
        if not said:
            faults.append(f"{module.name} says nothing")
        elif (lines := len([line for line in said.splitlines() if line.strip()])) > 3 and not module.is_test:
            faults.append(f"{module.name} says it in {lines} lines")
    report(faults, "A file opens with one to three lines: what lives here and who calls it.")


def test_files_are_named_after_what_is_in_them():
    faults = [module.name for module in everything() if module.path.stem in FILE_NAMES]
    report(faults, "A name such as utils or helpers says nothing: name the concept.")


def test_classes_are_named_after_what_they_are():
    faults = [
        f"{module.name}:{node.lineno} {node.name}"
        for module in product()
        for node in module.nodes
        if isinstance(node, ast.ClassDef)
        and node.name.endswith(CLASS_ENDINGS)
        and node.name not in GIVEN_NAMES
        and not _is_django_manager(node)
    ]
    report(faults, "Manager, Helper, Handler, Data and Info name nothing: say what it is.")


def _is_django_manager(node: ast.ClassDef) -> bool:
    return any(
        ast.unparse(base).split("[")[0].split(".")[-1] in {"Manager", "BaseUserManager", "UserManager", "Handler"} for base in node.bases
    )


def test_nothing_waits_to_be_written():
    words = ["".join(halves) for halves in (("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("Not", "ImplementedError"))]  # not to find itself
    faults = [f"{module.name}: {word}" for module in modules() for word in words if word in module.text]
    report(faults, "Do it now or open an issue; the code does not promise.")
