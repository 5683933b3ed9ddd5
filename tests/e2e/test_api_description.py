"""What the API says of itself is true: made-up calls of every operation are answered as described, and none ends in a fault."""

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
    faults = []
    for result in described.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy())
        def holds(case):
            case.call_and_validate(headers={"Authorization": f"Bearer {bearer}"}, checks=CHECKS)

        try:
            holds()
        except Exception as error:  # noqa: BLE001 - each operation's fault is told beside the others'
            faults.append(f"{operation.label}: {error}")
    assert not faults, "\n\n".join(faults)
