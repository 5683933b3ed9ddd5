"""Behind the second wall PostgreSQL still steps down an index: what is asked of many rows at once reads no table whole.

PostgreSQL puts the wall's condition first and then lets no function look at a row that might tell of it in an error, casts among
them; a condition with one is then tried on every row of the workspace.
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from peyvand.core import clock, walls
from peyvand.core.bulk import Question
from peyvand.core.db import is_sqlite
from peyvand.customers.models import Profile
from peyvand.customers.queries.search import among
from peyvand.customers.tests.telling import follow
from peyvand.timeline.services import record_many
from peyvand.timeline.types import CompanyIn, CustomerIn, IdentityIn, Item
from peyvand.workspaces.services import create_workspace
from tests.architecture.source import product

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
PEOPLE = 3_000
FIRMS = 30
OF_SMALL_TABLES = ("seqscan", "hashjoin", "mergejoin", "material")  # ways that are right for these, and never for a million
FILLED = ("timeline_interaction", "identities_identity", "identities_customer", "customers_profile")
FEWEST_QUESTIONS = 8
OF_THE_WALL = re.compile(r"\(workspace_id = \(NULLIF\(current_setting\([^)]*\)[^)]*\)\)::bigint\)")


@pytest.fixture
def peopled(db) -> Iterator[None]:
    """A brand of some size, so that PostgreSQL has something to lose, and a thread inside its wall."""
    if is_sqlite():
        pytest.skip("SQLite has no row-level security; the suite's run on PostgreSQL has these")
    workspace = create_workspace(name="Narenj", slug="narenj", language="en")
    record_many(workspace.pk, [order(n) for n in range(PEOPLE)])
    follow()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with walls.inside(workspace.pk), connection.cursor() as cursor:
        for way in OF_SMALL_TABLES:
            cursor.execute(f"SET enable_{way} = off")
        yield
        for way in OF_SMALL_TABLES:
            cursor.execute(f"RESET enable_{way}")


def order(n: int) -> Item:
    ways = [IdentityIn("own_id", f"c-{n}"), IdentityIn("email", f"{n}@firm-{n % FIRMS}.example")]
    buyer = CustomerIn(identities=ways, company=CompanyIn(name=f"Firm {n % FIRMS}"))
    return Item(kind="order.placed", occurred_at=clock.now(), customer=buyer, source="till", external_id=str(n))


def questions() -> dict[str, Question]:
    """Every question of the house, by its module and name."""
    asking = [module for module in product() if "bulk.Question(" in module.text]
    loaded = [import_module(".".join(("peyvand", *module.parts))) for module in asking]
    return {f"{one.__name__}.{name}": value for one in loaded for name, value in vars(one).items() if isinstance(value, Question)}


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan that reads a table."""
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


def read_whole(sql: str, parameters: list[str]) -> list[str]:
    """The tables of which a statement reads all rows of the workspace."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        (plan,) = cursor.fetchone()
    if isinstance(plan, str):
        plan = json.loads(plan)
    return [
        one["Relation Name"]
        for one in scans(plan[0]["Plan"])
        if one["Relation Name"] in FILLED
        and not OF_THE_WALL.sub("", one.get("Index Cond") or one.get("Recheck Cond") or "").strip("() AND")
    ]


def test_a_question_about_many_rows_reads_no_table_whole(peopled):
    asked = questions()
    assert len(asked) > FEWEST_QUESTIONS
    whole = {name: read_whole(one.postgres, ["[1, 2]", *["1"] * (one.postgres.count("%s") - 1)]) for name, one in asked.items()}
    assert {name: tables for name, tables in whole.items() if tables} == {}


def test_profiles_the_index_named_are_found_one_by_one(peopled):
    sql, parameters = Profile.objects.filter(among([1, 2])).query.sql_with_params()
    assert read_whole(sql, list(parameters)) == []


def test_a_table_that_is_read_whole_is_seen(peopled):
    cast = "SELECT p.name FROM json_array_elements_text(%s::json) w JOIN identities_customer p ON p.id = w.value::bigint"
    assert read_whole(cast, ["[1, 2]"]) == ["identities_customer"]
