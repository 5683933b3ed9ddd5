"""The API describes itself, door and all, and its page asks no other host for anything."""

import re
import tomllib
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from ninja.openapi.schema import OpenAPISchema
from tests.architecture.addresses import TABLE

from peyvand.config.api import described
from peyvand.config.api_problems import PROBLEMS
from peyvand.config.urls import api
from peyvand.edge import description as door
from peyvand.workspaces.tests.programs import Program

REFERENCE = re.compile(r'"#/components/(\w+)/(\w+)"')
SAID = re.compile(r'(?:Refused|problem)\(\s*(\d{3}),\s*"([a-z-]+)"')
WORD = re.compile("`([a-z-]+)`")
SOURCE = Path(__file__).parents[2]
API_FILES = [*SOURCE.glob("*/api.py"), *SOURCE.glob("*/api/*.py"), *SOURCE.glob("config/api_*.py"), SOURCE / "workspaces/bearer.py"]


def test_the_description_tells_of_reading_and_of_the_door(client):
    told = client.get("/api/openapi.json").json()
    paths = {path: set(methods) for path, methods in told["paths"].items()}
    assert paths["/api/v1/interactions"] == {"get", "post"}
    assert paths["/api/v1/customers/{customer}"] == {"get", "patch"}
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    listed = {address for address in table if " api/v1/" in address}
    spoken = {f"{method.upper()} {path.lstrip('/')}" for path, methods in paths.items() for method in methods}
    assert {address.replace("<", "{").replace(">", "}") for address in listed} == spoken - {"POST api/v1/interactions"}
    assert told["components"]["securitySchemes"]["KeyBearer"]["scheme"] == "bearer"
    assert all(operation["security"] for methods in told["paths"].values() for operation in methods.values())


def test_two_things_of_the_description_have_two_names(monkeypatch):
    """Schemas stand there by the name of their class alone: a second one of a name would be told in the place of the first."""
    met, faults, kept = {}, set(), OpenAPISchema.add_schema_definitions

    def noted(schema, definitions):
        faults.update(name for name, told in definitions.items() if met.setdefault(name, told) != told)
        kept(schema, definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", noted)
    described(api)
    assert len(met) > 100
    assert faults == set()
    assert met.keys() & door.schemas().keys() == set()


def test_the_description_is_made_once_and_not_sent_again(client, monkeypatch):
    first = client.get("/api/openapi.json")
    monkeypatch.setattr("peyvand.config.api.described", None)  # nobody makes it anew
    again = client.get("/api/openapi.json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    other = client.get("/api/openapi.json", headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_every_body_refuses_what_it_does_not_know():
    """Whatever a body of the description consists of is closed, but for dictionaries of the caller's own keys."""
    told = described(api)
    known, open_ones = told["components"]["schemas"], []
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            for form in operation.get("requestBody", {}).get("content", {}).values():
                open_ones += [f"{method} {path}: {name}" for name, one in parts(form["schema"], known) if not closed(one)]
    assert open_ones == []


def parts(schema, known, name="body", met=frozenset()):
    """Every object that a schema is made of, by name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in met:
            yield from parts(known[name], known, name, met | {name})
        return
    if "properties" in schema:
        yield name, schema
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")):
        if isinstance(inner, dict):
            yield from parts(inner, known, name, met)


def closed(schema):
    """Whether an object takes no field but those it names."""
    return schema.get("additionalProperties") is False


def test_what_the_description_points_to_is_there(client):
    text = client.get("/api/openapi.json").content.decode()
    assert set(REFERENCE.findall(text)) <= {(part, name) for part, names in described(api)["components"].items() for name in names}


def test_the_page_needs_no_network(client):
    page = client.get("/api/docs/").content.decode()
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(named) >= 4
    assert all(address.startswith(("/static/", "/api/")) for address in named)
    files = [address.partition("?")[0].removeprefix("/static/") for address in named if address.startswith("/static/")]
    assert all(finders.find(name) for name in files)


@pytest.mark.django_db
def test_a_body_that_is_no_json_is_invalid(client):
    key = {"Authorization": f"Bearer {Program().secret}"}
    answered = client.post("/api/v1/companies", '{"name": ', content_type="application/json", headers=key)
    assert (answered.status_code, answered.json()["code"]) == (400, "invalid")


@pytest.mark.django_db
def test_an_address_of_the_api_that_is_not_there_is_a_problem(client):
    answered = client.get("/api/v1/nothing")
    assert (answered.status_code, answered.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "allowed"), [("/api/v1/interactions", "GET, POST"), ("/api/v1/measures/nps", "GET")])
def test_a_method_there_is_not_is_a_problem_too(client, address, allowed):
    answered = client.delete(address)
    assert (answered.status_code, answered.headers["content-type"]) == (405, "application/problem+json")
    assert answered.json()["code"] == "method-not-allowed"
    assert answered.headers["allow"] == allowed


def test_every_problem_that_code_answers_is_described_and_documented():
    """`Refused(422, "not-possible", …)` and `problem(409, …)` of the API's own files; a code stands in the reference by its statuses."""
    said = {(int(status), code) for file in API_FILES for status, code in SAID.findall(file.read_text(encoding="utf-8"))}
    described_ones = {(status, code) for status, codes in PROBLEMS.items() for code in codes}
    assert len(said) > 15
    assert said - described_ones == set()
    reference = (Path(__file__).parents[4] / "docs/reference/api.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in reference.partition("## Errors")[2].splitlines() if line.startswith("| `")]
    documented = {(int(status), code) for codes, statuses in rows for code in WORD.findall(codes) for status in statuses.split(",")}
    assert documented == described_ones | {(405, "method-not-allowed")}


def test_an_operation_tells_which_problems_it_can_answer():
    told = {path: {method: statuses(one) for method, one in methods.items()} for path, methods in described(api)["paths"].items()}
    assert told["/api/v1/kinds"]["get"] == {400, 401, 403, 429, 503}
    assert told["/api/v1/cases/{case}"]["get"] == {400, 401, 403, 404, 429, 503}
    assert told["/api/v1/figures"]["get"] == {400, 401, 403, 422, 429, 503}
    assert told["/api/v1/cases/{case}"]["patch"] == {400, 401, 403, 404, 409, 412, 413, 422, 429, 503}
    assert told["/api/v1/sign-on"]["delete"] == {400, 401, 403, 404, 409, 412, 422, 429, 503}


def statuses(operation):
    """The problems of an operation."""
    return {int(status) for status in operation["responses"] if int(status) >= 400}
