"""The API describes itself, door and all, and its page asks no other host for anything."""

import re
import tomllib

import pytest
from django.contrib.staticfiles import finders
from ninja.openapi.schema import OpenAPISchema
from tests.architecture.addresses import TABLE

from peyvand.config.api import described
from peyvand.config.urls import api

REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')


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


def test_what_the_description_points_to_is_there(client):
    text = client.get("/api/openapi.json").content.decode()
    assert set(REFERENCE.findall(text)) <= set(described(api)["components"]["schemas"])


def test_the_page_needs_no_network(client):
    page = client.get("/api/docs/").content.decode()
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(named) >= 4
    assert all(address.startswith(("/static/", "/api/")) for address in named)
    files = [address.partition("?")[0].removeprefix("/static/") for address in named if address.startswith("/static/")]
    assert all(finders.find(name) for name in files)


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
