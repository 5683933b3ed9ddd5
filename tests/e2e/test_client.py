"""The typed Python client, made from the description, against a real server."""

import importlib.util
import subprocess
import sys

import pytest
from house.client import written

from peyvand.catalogue.services import lay_defaults
from peyvand.config.api import described
from peyvand.config.urls import api
from peyvand.core.tests.working import work_off
from peyvand.timeline.lake.flushing import flush_once
from peyvand.workspaces.services import create_key, create_owner, create_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SCOPES = ["read", "customers.read", "customers.write", "contacts.see", "cases.read", "cases.work", "feedback.write", "imports.manage"]
MAP = """source = "shop"

[customer]
identities = { phone = "mobile" }
name = "name"

[[interactions]]
kind = "review.written"
occurred_at = "date"
external_id = "review {number}"
perceptions = [{ measure = "rating", value = "stars", scale = [1, 5] }]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("client") / "peyvand_client.py"
    path.write_text(written(described(api)), encoding="utf-8")
    return path


@pytest.fixture
def module(made):
    spec = importlib.util.spec_from_file_location("peyvand_client", made)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def client(module, live_server):
    workspace = create_workspace(name="Sofalineh", slug="sofalineh")
    lay_defaults(workspace=workspace)
    owner = create_owner(workspace=workspace, email="me@sofalineh.example", password="a long enough password").user
    return module.Client(live_server.url, create_key(workspace=workspace, name="crm", scopes=SCOPES, actor=owner)[1])


def test_a_program_adds_finds_and_works(module, client):
    negar = client.new_customer({"name": "Negar", "identities": [{"type": "own_id", "value": "c/1"}]}, idempotency_key="first")
    again = client.new_customer({"name": "Negar", "identities": [{"type": "own_id", "value": "c/1"}]}, idempotency_key="first")
    assert negar == again
    for number in range(5):
        client.new_customer({"identities": [{"type": "own_id", "value": f"n{number}"}]})
    found = list(module.every(client.customers, limit=2))
    assert len({one["id"] for one in found}) == len(found) == 6
    case = client.open_case({"customer": negar["id"], "words": "The cup broke"})
    client.take_case(case["id"])
    assert [one["id"] for one in module.every(client.cases, state=["open", "in_hand"])] == [case["id"]]
    assert client.close_case(case["id"], {"outcome": "solved"})["state"] == "closed"
    assert client.workspace()["scopes"] == sorted(SCOPES)


def test_a_program_imports_a_file_reads_the_figures_and_undoes_it(module, client):
    lines = [f"{n},2026-10-{n % 28 + 1:02},Customer {n},0912{n:07},{5 if n % 4 else 1}" for n in range(40)]
    file = ("reviews.csv", "\n".join(["number,date,name,mobile,stars", *lines, "40,the day after,Sara,09120000040,3"]).encode())
    one = client.new_import(file, idempotency_key="october")
    assert client.new_import(file, idempotency_key="october")["id"] == one["id"]
    guessed = client.import_columns(one["id"])
    assert (guessed["choices"]["score"], guessed["total"]) == ("stars", 41)
    client.put_map(one["id"], {"text": MAP})
    work_off()
    assert client.one_import(one["id"])["check"]["recorded"] == 40
    assert client.import_preview(one["id"])["items"][0]["scores"] == {"rating": 1}
    client.start_import(one["id"])
    done = waited(client, one["id"])
    assert (done["state"], done["recorded"], done["rejected"]) == ("done", 40, 1)
    assert client.rejected_rows(one["id"]).splitlines()[1].startswith("40,the day after,Sara,")
    (rating,) = client.figures(time="all")["items"]
    assert (rating["now"]["n"], rating["now"]["value"]) == (40, 4)
    assert client.measure("rating")["n"] == 40
    assert len(list(module.every(client.interactions))) == 40
    client.undo_import(one["id"])
    assert waited(client, one["id"])["state"] == "undone"
    assert [one["now"]["n"] for one in client.figures(time="all")["items"]] in ([], [0])
    assert list(module.every(client.customers)) == []
    with pytest.raises(module.ApiError) as refused:
        client.undo_import(one["id"])
    assert (refused.value.status, refused.value.code) == (422, "not-possible")


def waited(client, import_id):
    """The import once it moves no more; the worker's part is done here, the lake's before it and after it."""
    for _time in range(20):
        copied()
        work_off()
        copied()
        one = client.one_import(import_id)
        if one["state"] not in ("checking", "running", "undoing"):
            return one
    return one


def copied():
    """The lake is up to date."""
    while flush_once():
        pass


def test_a_refusal_is_an_error_with_its_code(module, client):
    with pytest.raises(module.ApiError) as refused:
        client.one_customer("nobody")
    assert (refused.value.status, refused.value.code) == (404, "not-found")
    with pytest.raises(module.ApiError) as refused:
        client.members()
    assert (refused.value.status, refused.value.code) == (403, "forbidden")


def test_its_types_hold_under_the_strictest_check(made):
    check = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file", "", str(made)]
    told = subprocess.run(check, capture_output=True, text=True, check=False, cwd=made.parent)
    assert told.returncode == 0, told.stdout


def test_a_change_by_the_client_is_refused_where_somebody_else_was_quicker(module, client):
    negar = client.new_customer({"name": "Negar", "identities": [{"type": "own_id", "value": "c1"}]})["id"]
    client.one_customer(negar)
    read = client.etag
    client.change_customer(negar, {"name": "Negar Karimi"}, if_match=read)
    with pytest.raises(module.ApiError) as refused:
        client.change_customer(negar, {"name": "Nobody"}, if_match=read)
    assert (refused.value.status, refused.value.code) == (412, "changed-meanwhile")
    assert client.one_customer(negar)["name"] == "Negar Karimi"
