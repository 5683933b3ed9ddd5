"""What the API says of itself is true: made-up calls, right and wrong, are answered as described, and none ends in a fault.

`PEYVAND_TEST_API_EXAMPLES=25` makes up so many calls of each, and all that are odd on purpose; `script/test --only calls` makes five.
"""

import os

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config._checks import NegativeDataRejectionConfig, PositiveDataAcceptanceConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from peyvand.catalogue.services import lay_defaults
from peyvand.config.wsgi import application
from peyvand.core import clock
from peyvand.edge.asgi import problem_body
from peyvand.edge.refusing import RefusedError, check_environ
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.services import create_key, create_owner, create_workspace
from peyvand.workspaces.types import Scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EXAMPLES = int(os.environ.get("PEYVAND_TEST_API_EXAMPLES", "2"))
RULES = ["2xx", "304", "401", "403", "404", "409", "412", "422", "503"]  # 422: by what is there, or by rules no JSON Schema can tell


WORDS = ("/measures/", "/figures", "/comparisons", "/chain", "/interactions")  # asked in words of ours: since=1405-08-01, where=channel=sms


def door(environ, start_response):
    """Django behind what the bridge refuses before it."""
    try:
        check_environ(environ)
    except RefusedError as refused:
        start_response(f"{refused.status} Refused", [("Content-Type", "application/problem+json")])
        return [problem_body(refused.status, refused.code, refused.detail)]
    return application(environ, start_response)


def accepted(ctx, response, case):
    """A call as described is understood; what no JSON Schema can tell, such as a name of blanks alone, is refused by the field it is in.

    NUL, which no address may hold, and the words in which figures are asked for have no field.
    """
    if response.status_code == 400:
        nul = "\\x00" in repr((case.path_parameters, case.query))
        if nul or response.json().get("field") or (case.method == "GET" and any(part in case.operation.path for part in WORDS)):
            return None
    return positive_data_acceptance(ctx, response, case)


load_all_checks()
EVERY = [accepted if check is positive_data_acceptance else check for check in CHECKS.get_all()]
# The door answers item by item, right ones beside wrong ones: what it takes and what it refuses is tried in edge/tests/test_wire.py.
OF_THE_DOOR = [check for check in CHECKS.get_all() if check not in (positive_data_acceptance, negative_data_rejection)]


def prepared(described):
    """The description with what this house holds to be an answer; the key is sent with every call and none of its headers made up."""
    described.config.generation.update(with_security_parameters=False)
    described.config.checks.positive_data_acceptance = PositiveDataAcceptanceConfig(expected_statuses=RULES)
    described.config.checks.negative_data_rejection = NegativeDataRejectionConfig(expected_statuses=["4xx", "503"])
    return described


@pytest.fixture
def described(settings):
    settings.PEYVAND_API_A_MINUTE = 1_000_000
    whole = schemathesis.openapi.from_wsgi("/api/openapi.json", door)
    return prepared(whole.exclude(path="/api/v1/interactions", method="POST"))


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


def test_calls_made_otherwise_than_described_are_refused_as_described(described, bearer):
    assert faults_of(described, bearer, mode=GenerationMode.NEGATIVE) == []


def test_the_ingest_door_answers_as_described(site):
    site.command("createworkspace", "Made up", "--slug", "made-up")
    key = site.command("createkey", "--workspace", "made-up", "--scope", "ingest").strip().splitlines()[-1]
    whole = schemathesis.openapi.from_url(f"{site.url}/api/openapi.json")
    ingest = prepared(whole.include(path="/api/v1/interactions", method="POST"))
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        assert faults_of(ingest, key, examples=10 * EXAMPLES, mode=mode, checks=OF_THE_DOOR) == []


def faults_of(described, key, examples=EXAMPLES, mode=GenerationMode.POSITIVE, checks=EVERY):
    """What was wrong with the answers to made-up calls, operation by operation."""
    faults, headers = [], {"Authorization": f"Bearer {key}"}
    for result in described.get_all_operations():
        operation = result.ok()
        if mode is GenerationMode.NEGATIVE and not takes_what_can_be_wrong(operation):
            continue

        @hypothesis.settings(
            max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def holds(case):
            case.call_and_validate(headers=headers, checks=checks)

        try:
            holds()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - each operation's fault is told beside the others'
            faults.append(f"{operation.label}: {error}")
    return faults


def takes_what_can_be_wrong(operation):
    """Whether an operation takes more than the id in its address and an ETag, which may be any text, as may the parts of a form."""
    told = operation.definition.raw
    if "multipart/form-data" in told.get("requestBody", {}).get("content", {}):
        return False
    return operation.method != "get" or "requestBody" in told or any(one["in"] == "query" for one in told["parameters"])


@pytest.mark.skipif(EXAMPLES < 25, reason="ten thousand calls: PEYVAND_TEST_API_EXAMPLES=25 makes them")
def test_the_edges_of_what_is_described_are_answered_as_described(described, bearer):
    """The longest text and one longer, a part left out, a method there is not: every one of them once."""
    faults, headers, tried = [], {"Authorization": f"Bearer {bearer}"}, 0
    for result in described.get_all_operations():
        operation = result.ok()
        modes, how = list(GenerationMode), described.config.generation
        for case in described.iter_coverage_cases(operation, generation_modes=modes, generation_config=how):
            tried += 1
            try:
                case.call_and_validate(headers=headers, checks=EVERY)
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - as above
                faults.append(f"{operation.label}: {error}")
    assert faults == []
    assert tried > 1000
