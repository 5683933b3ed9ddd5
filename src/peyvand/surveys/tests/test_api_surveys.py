"""Surveys by a program: the ready one laid, its mail tried, what came of it."""

import json

import pytest

from peyvand.catalogue.services import lay_defaults
from peyvand.surveys.models import Survey
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    program = Program()
    lay_defaults(workspace=program.workspace)
    return program


def test_the_ready_survey_is_laid_once_and_paused(shop):
    first, again = (shop.told("post", "/surveys/ready") for _n in range(2))
    assert (first["id"], first["is_active"]) == (again["id"], False)
    assert Survey.objects.filter(workspace=shop.workspace).count() == 1
    (came,) = shop.told("get", "/surveys/results")["items"]
    nothing = dict.fromkeys(("n", "sent", "answered", "declined", "planned", "held"), 0) | dict.fromkeys(("value", "low", "high"))
    assert came == nothing | {"survey": first["code"]}


def test_a_trial_goes_to_the_maker_of_the_key_in_the_language_asked_for(shop, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path
    survey = shop.told("post", "/surveys/ready")
    assert shop.told("post", f"/surveys/{survey['id']}/test", {"language": "en"}) == {"to": "me@sofalineh.example"}
    (kept,) = tmp_path.glob("*.eml")
    assert "me@sofalineh.example" in kept.read_text(encoding="utf-8")
    assert shop.refused("post", f"/surveys/{survey['id']}/test", {"language": "de"})[:2] == (400, "invalid")
    assert shop.refused("post", f"/surveys/{Program('twin').pid(1)}/test")[0] == 404


def test_a_mail_that_does_not_leave_is_a_refusal_that_says_why(shop):
    survey = shop.told("post", "/surveys/ready")
    for _n in range(6):
        shop.told("post", f"/surveys/{survey['id']}/test")
    refused = shop.call("post", f"/surveys/{survey['id']}/test")
    why = "The test did not leave. Too many tests. Wait a minute, then try again."
    assert (refused.status_code, json.loads(refused.content)["detail"]) == (422, why)


WANTED = {"names": {"fa": "پس از خرید", "en": "After an order"}, "measure": "nps", "rule": {"kind": "order.placed"}}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"names": {"en": "After an order"}}, "names.fa"),
        ({"rule": {"kind": "order.placed", "delay_hours": 100}}, "rule.delay_hours"),
        ({"texts": {"fa": {"question": "سلام {nam}"}}}, "texts.fa.question"),
        ({"texts": {"en": {"thanks": "Thanks, {who}"}}}, "texts.en.thanks"),
        ({"texts": {"fa": {"question": " "}}}, "texts.fa.question"),
        ({"reasons": [{"en": "Late"}]}, "reasons.0.fa"),
    ],
)
def test_what_the_editor_does_not_take_no_program_can_make(shop, change, place):
    assert shop.refused("post", "/surveys", WANTED | change) == (422, "invalid", place)
    made = shop.told("post", "/surveys", WANTED)
    assert shop.refused("put", f"/surveys/{made['id']}", WANTED | change) == (422, "invalid", place)
    assert Survey.objects.get(workspace=shop.workspace).names == WANTED["names"]


def test_longer_than_the_editor_lets_it_be_is_refused_by_its_field(shop):
    assert shop.refused("post", "/surveys", WANTED | {"reasons": [{"fa": "د" * 61}]})[:2] == (400, "invalid")
    assert shop.refused("post", "/surveys", WANTED | {"rule": {"kind": "order.placed", "again_days": 61}})[:2] == (400, "invalid")
    assert shop.refused("post", "/surveys", WANTED | {"rule": {"kind": "survey.answered"}}) == (422, "unknown-code", "rule.kind")


def test_what_is_left_out_is_the_usual_or_stays(shop):
    made = shop.told("post", "/surveys", WANTED | {"texts": {"fa": {"thanks": "سپاس"}}, "reasons": [{"fa": "دیر"}]})
    assert (made["rule"]["delay_hours"], made["texts"]["fa"]["thanks"], len(made["reasons"])) == (48, "سپاس", 1)
    assert made["texts"]["fa"]["question"]
    change = WANTED | {"rule": {"kind": "order.placed", "delay_hours": 5}}
    kept = shop.told("put", f"/surveys/{made['id']}", change)
    assert (kept["texts"], kept["reasons"], kept["rule"]["delay_hours"]) == (made["texts"], made["reasons"], 5)
    usual = shop.told("post", "/surveys", WANTED | {"rule": {"kind": "order.delivered"}})
    ready = shop.told("post", "/surveys", WANTED | {"rule": {"kind": "order.delivered"}, "texts": {"fa": {"thanks": "سپاس"}}})
    assert usual["texts"]["en"] == ready["texts"]["en"]
    assert len(usual["reasons"]) > 1
