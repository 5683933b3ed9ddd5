"""Runs the checks and the tests, and says at the end what could not run. Run by `script/test` after `script/setup --tests`."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from house import services
from house.services import Found
from house.steps import ROOT, Step, run_aloud, run_together, summary

TOOLS = ROOT / ".venv" / "bin"
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "dist" / "peyvand-bundle.tar.gz"
PARTS = ("checks", "sqlite", "postgres", "browser")  # what a plain run does
EXTRAS = ("engines", "fuzz", "calls", "bundle")  # they fetch half a gigabyte, take minutes, take more of them, fetch every wheel
API_EXAMPLES = "5"  # calls made up of each operation and mode, by `--only calls`; a plain run makes fewer
ON_BOTH = (  # flows in the database of the run: on PostgreSQL there are walls, locks and other plans
    "tests/e2e/test_walls.py",
    "tests/e2e/test_walls_at_doors.py",
    "tests/e2e/test_walls_laid.py",
    "tests/e2e/test_wall_plans.py",
    "tests/e2e/test_permission_matrix.py",
    "tests/e2e/test_api.py",
    "tests/e2e/test_twins.py",
    "tests/e2e/test_api_matrix.py",
    "tests/e2e/test_api_brand.py",
    "tests/e2e/test_api_conditions.py",
    "tests/e2e/test_contacts_hidden.py",
    "tests/e2e/test_api_lists.py",
    "tests/e2e/test_api_people.py",
    "tests/e2e/test_api_privacy.py",
    "tests/e2e/test_api_customers.py",
)


def main() -> int:
    """Do what the command line asks; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/test",
        description="Runs the checks and the tests, on SQLite and on PostgreSQL, and in a browser.",
        epilog="example: script/test --no-system\nexample: script/test --only checks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--no-system", action="store_true", help="install nothing on this machine; name what cannot run instead")
    parser.add_argument(
        "--only",
        choices=(*PARTS, *EXTRAS),
        action="append",
        help=f"only this part; may be repeated. Without it, all but {', '.join(EXTRAS)}",
    )
    wanted = parser.parse_args()
    begin = time.monotonic()
    steps = run_all(set(wanted.only or PARTS), no_system=wanted.no_system)
    return summary(steps, time.monotonic() - begin)


def run_all(parts: set[str], *, no_system: bool) -> list[Step]:
    """Run the parts asked for, in the order that finds a mistake soonest."""
    steps = checks() if "checks" in parts else []
    with ThreadPoolExecutor(1) as beside:  # what the tests need may have to be downloaded, which the checks need not wait for
        tests = beside.submit(runs, services.may_install(no_system=no_system), parts)
        run_together(steps)
    for step in tests.result():
        run_aloud(step)
    left = [Step(extra, detail=f"`script/test --only {extra}` runs it") for extra in EXTRAS if parts == set(PARTS)]
    return steps + tests.result() + left


def runs(refused: str, parts: set[str]) -> list[Step]:
    """List what follows the checks, once what it needs is found or installed."""
    found = test_runs(refused, parts) if parts - {"checks", *EXTRAS} else []
    found += engine_runs(refused) if "engines" in parts else []
    found += fuzz_runs() if "fuzz" in parts else []
    found += call_runs() if "calls" in parts else []
    return found + (bundle_runs() if "bundle" in parts else [])


def checks() -> list[Step]:
    """List the checks of the source, longest first."""
    return [
        Step("types (mypy)", tool("mypy")),
        Step("front end types (tsc)", ["npm", "run", "--silent", "check"], environment=with_tools(), folder=FRONTEND),
        Step("front end tests (vitest)", ["npm", "run", "--silent", "test"], environment=with_tools(), folder=FRONTEND),
        Step("layers (import-linter)", tool("lint-imports", "--no-cache")),
        Step("style (ruff)", tool("ruff", "check", "--quiet")),
        Step("format (ruff)", tool("ruff", "format", "--check", "--quiet")),
        Step("templates (djlint)", tool("djlint", "src", "--lint", "--quiet")),
        Step("dependencies (deptry)", tool("deptry", "src")),
        Step("spelling (codespell)", tool("codespell", *tracked())),
        Step("translations", [str(ROOT / "script" / "messages"), "--check"]),
    ]


def test_runs(refused: str, parts: set[str]) -> list[Step]:
    """List the runs of pytest: all but the flows on SQLite, what touches the database on PostgreSQL, flows through the whole product."""
    database, steps = services.postgres(refused=refused), []
    helpers = {
        "Redis": services.redis(refused=refused),
        "Dovecot": services.program("dovecot", "dovecot-imapd", refused=refused),
        "strace": services.program("strace", "strace", refused=refused),
        "nginx": services.program("nginx", "nginx-light", refused=refused),
        "Caddy": services.program("caddy", "caddy", refused=refused),
    }
    found = {f"PEYVAND_TEST_{name.upper()}{'_URL' if name == 'Redis' else ''}": service.where for name, service in helpers.items()}
    found["PEYVAND_TEST_POSTGRES_URL"] = database.where
    both = ["src", "tests/architecture", "tests/house", "tests/replay", "tests/fuzz", "tests/faults", "-n", "2", "--dist", "worksteal"]
    if "sqlite" in parts:
        steps.append(Step("pytest on SQLite", pytest(*both), environment={**found, "PEYVAND_DATABASE_URL": ""}))
    if "postgres" in parts:
        there = {**found, "PEYVAND_DATABASE_URL": database.where}
        steps.append(run_with("pytest on PostgreSQL", database, pytest(*both, *ON_BOTH, "--touching-database"), there))
    if "browser" in parts:
        steps += flow_runs(refused, found)
    return steps + [Step(f"tests that need {name}", detail=service.reason) for name, service in helpers.items() if not service.where]


def bundle_runs() -> list[Step]:
    """The offline bundle, made and then installed where no network leads anywhere: it downloads every wheel."""
    there = {"PEYVAND_TEST_BUNDLE": str(BUNDLE)}
    return [
        Step("bundle", [str(ROOT / "script" / "bundle")]),
        Step("pytest without network", pytest("tests/house/test_bundle.py"), environment=there),
    ]


def engine_runs(refused: str) -> list[Step]:
    """List what the engines need, chDB and Spark into our own environment, and their tests."""
    java, database, redis = services.java(refused=refused), services.postgres(refused=refused), services.redis(refused=refused)
    found = {"PEYVAND_TEST_POSTGRES_URL": database.where, "PEYVAND_TEST_REDIS_URL": redis.where, "JAVA_HOME": java.where}
    return [
        Step("installing the engines", [str(ROOT / "script" / "setup"), "--engines"]),
        run_with("pytest of the engines", java, pytest("tests/engines"), {name: where for name, where in found.items() if where}),
    ]


def fuzz_runs() -> list[Step]:
    """What looks for the unforeseen: each reader of strangers' bytes for some seconds."""
    installed = subprocess.run([ROOT / "script" / "setup", "--fuzz"], cwd=ROOT, capture_output=True, text=True, check=False)
    if installed.returncode != 0:  # it is built for few versions of Python
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        said = (installed.stderr.strip().splitlines() or [""])[-1]
        return [Step("fuzzing the readers", detail=f"Atheris cannot be had for Python {version} here: {said}")]
    known = [str(TOOLS / "python"), "-m", "tests.fuzz"]
    return [Step("fuzzing the readers", known, environment={"DJANGO_SETTINGS_MODULE": "tests.settings"})]


def call_runs() -> list[Step]:
    """Many made-up calls of the API."""
    api = pytest("tests/e2e/test_api_description.py", "-n", "2")
    return [Step("made-up calls of the API", api, environment={"PEYVAND_TEST_API_EXAMPLES": API_EXAMPLES})]


def flow_runs(refused: str, shared: dict[str, str]) -> list[Step]:
    """The flows through the whole product: all of them in the system's Chromium; without one, those that open no page."""
    browser = services.chromium(refused=refused)
    command = pytest("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "tests/e2e")
    if browser.where:
        return [Step("pytest of flows", command, environment=shared | {"PEYVAND_TEST_CHROMIUM": browser.where})]
    return [Step("pytest of flows", [*command, "-m", "not browser"], environment=shared), Step("flows in Chromium", detail=browser.reason)]


def run_with(name: str, needed: Found, command: Sequence[str], environment: dict[str, str]) -> Step:
    """A step that runs where what it needs was found, and names the reason where not."""
    return Step(name, command, environment=environment) if needed.where else Step(name, detail=needed.reason)


def tool(name: str, *arguments: str) -> list[str]:
    """The command of a tool of our own environment."""
    return [str(TOOLS / name), *arguments]


def pytest(*arguments: str) -> list[str]:
    """A run of pytest that gives the reason of every skip; each of its processes would load Schemathesis' options, which no test uses."""
    return [str(TOOLS / "python"), "-m", "pytest", "-p", "no:schemathesis", "-rsfE", *arguments]


def with_tools() -> dict[str, str]:
    """An environment in which the Node of our own environment is found."""
    return {"PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}


def tracked() -> list[str]:
    """The files of the repository, without what was built or downloaded."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return listed.stdout.split("\n")[:-1] if listed.returncode == 0 else ["src", "docs", "script", "tests"]


if __name__ == "__main__":
    sys.exit(main())
