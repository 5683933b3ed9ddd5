"""What the API says of itself is true: made-up calls of every operation are answered as described, and none ends in a fault.

`PEYVAND_TEST_API_EXAMPLES=25` makes up so many calls of each.
"""

import os

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from peyvand.catalogue.services import lay_defaults
from peyvand.config.wsgi import application
from peyvand.core import clock
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.services import create_key, create_owner, create_workspace
from peyvand.workspaces.types import Scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EXAMPLES = int(os.environ.get("PEYVAND_TEST_API_EXAMPLES", "3"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def described(settings):
    settings.PEYVAND_API_A_MINUTE = 1_000_000
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application).exclude(path="/api/v1/interactions", method="POST")


@pytest.fixture
def bearer(transactional_db):
    workspace = create_workspace(name="Sofalineh", slug="sofalineh")
    lay_defaults(workspace=workspace)
    owner = create_owner(workspace=workspace, email="me@sofalineh.example", password="a long enough password").user
    person = CustomerIn(identities=[IdentityIn("own_id", "c1")], name="Negar")
    felt = [PerceptionIn("nps", 2, text="Late")]
    record(workspace.pk, Item(kind="order.placed", occurred_at=clock.now(), customer=person, perceptions=felt))
    scopes = [scope for scope in Scope if scope not in (Scope.SNIPPET, Scope.INGEST)]
    return create_key(workspace=workspace, name="schemathesis", scopes=scopes, actor=owner)[1]


def test_every_operation_answers_as_described(described, bearer):
    assert faults_of(described, bearer) == []


def test_the_ingest_door_answers_as_described(site):
    site.command("createworkspace", "Made up", "--slug", "made-up")
    key = site.command("createkey", "--workspace", "made-up", "--scope", "ingest").strip().splitlines()[-1]
    door = schemathesis.openapi.from_url(f"{site.url}/api/openapi.json").include(path="/api/v1/interactions", method="POST")
    assert faults_of(door, key, examples=10 * EXAMPLES) == []


def faults_of(described, key, examples=EXAMPLES):
    """What was wrong with the answers to made-up calls, operation by operation."""
    faults = []
    for result in described.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(
            max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy())
        def holds(case):
            case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

        try:
            holds()
        except Exception as error:  # noqa: BLE001 - each operation's fault is told beside the others'
            faults.append(f"{operation.label}: {error}")
    return faults
