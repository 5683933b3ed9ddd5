"""The API and the command give the same figures, and a key opens no more than it may."""

import json
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from peyvand.config.command import main
from peyvand.core import clock
from peyvand.insights import codes
from peyvand.insights.codes import Unknown
from peyvand.insights.tests.conftest import answer_item, keep
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_key, revoke_key

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(brand):
    return create_key(workspace=brand, name="reports", scopes=["read"])


def ask(path, secret):
    return Client().get(f"/api/v1/measures/{path}", headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})


def test_the_api_and_the_command_say_the_same(brand, kept, key, capsys):
    kept([answer_item(n % 11, channel="sms" if n % 3 else "web", days_ago=n % 50) for n in range(80)])
    told = ask("nps?by=channel&since=2026-05-01&where=channel=sms", key[1]).json()
    words = ["analyze", "nps", "--workspace", brand.slug, "--by", "channel", "--since", "2026-05-01", "--where", "channel=sms", "--json"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    labels = [group.pop("label") for group in told["groups"]]
    for group in said["groups"]:
        group.pop("label")
    assert told == said
    assert labels == ["SMS"]
    assert {"n", "value", "se", "low", "high", "promoters", "passives", "detractors", "groups"} <= told.keys()


def test_two_times_are_compared_with_their_uncertainty_alike(brand, kept, key, capsys):
    kept([answer_item(10 if n % 4 else 2, days_ago=n) for n in range(30)])
    kept([answer_item(10 if n % 2 else 2, days_ago=n) for n in range(30, 60)])
    since = (clock.today(ZoneInfo(brand.time_zone)) - timedelta(days=29)).isoformat()
    told = ask(f"nps?since={since}&compare=previous&by=channel", key[1]).json()
    assert (told["n"], told["before"]["n"]) == (30, 30)
    assert told["change"]["difference"] == pytest.approx(told["value"] - told["before"]["value"])
    assert told["groups"][0]["change"] == told["change"]
    assert main(["analyze", "nps", "--workspace", brand.slug, "--since", since, "--compare", "previous", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["change"], said["before"]) == (told["change"], told["before"])
    main(["analyze", "nps", "--workspace", brand.slug, "--since", since, "--compare", "previous"])
    assert f"Change: +{told['change']['difference']:.1f} (" in capsys.readouterr().out
    assert ask(f"nps?since={since}&compare=lastyear", key[1]).json()["before"]["n"] == 0


def test_any_earlier_time_is_compared_alike(brand, kept, key, capsys):
    kept([answer_item(10 if n % 4 else 2, days_ago=n) for n in range(30)])
    kept([answer_item(10 if n % 2 else 2, days_ago=n) for n in range(100, 160)])
    today = clock.today(ZoneInfo(brand.time_zone))
    since, first, last = ((today - timedelta(days=days)).isoformat() for days in (29, 139, 120))
    told = ask(f"nps?since={since}&compare={first}..{last}&by=channel", key[1]).json()
    assert (told["n"], told["before"]["n"], told["groups"][0]["change"]) == (30, 20, told["change"])
    assert told["change"]["difference"] == pytest.approx(told["value"] - told["before"]["value"])
    assert main(["analyze", "nps", "--workspace", brand.slug, "--since", since, "--compare", f"{first}..{last}", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["change"], said["before"]) == (told["change"], told["before"])
    for span, n in (("..", 60), (f"..{last}", 40), (f"{first}..", 40)):
        assert ask(f"nps?since={since}&compare={span}", key[1]).json()["before"]["n"] == n


@pytest.mark.parametrize(
    ("span", "why"),
    [
        ("2026-05-01..2026-06-01", "ends after since"),
        ("2026-04-02..2026-04-01", "does not begin before it ends"),
        ("soon..2026-04-01", "“soon”"),
    ],
)
def test_an_earlier_time_must_be_one(brand, kept, key, span, why):
    kept([answer_item(9)])
    refused = ask(f"nps?since=2026-06-01&compare={span}", key[1])
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("compare: ")
    assert why in refused.json()["detail"]


def test_a_comparison_needs_a_beginning_and_a_known_word(brand, kept, key):
    kept([answer_item(9)])
    assert ask("nps?compare=previous", key[1]).json()["detail"] == "compare: needs a beginning: give since too"
    assert "none of lastyear, previous" in ask("nps?since=2026-01-01&compare=before", key[1]).json()["detail"]


def test_another_scale_holds_in_the_api_too(brand, kept, key, capsys):
    kept([answer_item(value, measure="rating", scale=(1, 10)) for value in (2, 6, 10)])
    told = ask("rating?scale=1&scale=10", key[1]).json()
    main(["analyze", "rating", "--workspace", brand.slug, "--scale", "1", "10", "--json"])
    assert told == json.loads(capsys.readouterr().out)
    assert (told["scale"], told["n"], told["value"]) == ([1, 10], 3, 6)
    assert ask("rating?scale=1", key[1]).status_code == 400


@pytest.mark.parametrize(
    ("own", "asked", "label"),
    [("fa", None, "پیامک"), ("en", None, "SMS"), ("fa", "en", "SMS"), ("en", "fa", "پیامک"), ("en", "fr, *", "SMS")],
)
def test_labels_are_in_the_asked_language_else_in_the_brands_own(brand, kept, key, own, asked, label):
    kept([answer_item(9, channel="sms")])
    Workspace.objects.filter(pk=brand.pk).update(default_language=own)
    headers = {"Authorization": f"Bearer {key[1]}"} | ({"Accept-Language": asked} if asked else {})
    [group] = Client().get("/api/v1/measures/nps?by=channel", headers=headers).json()["groups"]
    assert (group["label"], group["group"]) == (label, "sms")


def test_the_command_prints_a_measure_of_the_workspaces_own(brand, kept, capsys):
    kept([answer_item(value, measure="trust", scale=(1, 7)) for value in (5, 6, 7)])
    assert main(["analyze", "trust", "--workspace", brand.slug]) == 0
    assert "6.00" in capsys.readouterr().out


def test_a_key_without_the_scope_an_unknown_and_a_revoked_one_open_nothing(brand, kept, key):
    kept([answer_item(9)])
    _row, ingest = create_key(workspace=brand, name="shop", scopes=["ingest"])
    assert ask("nps", ingest).status_code == 403
    assert ask("nps", "sk_unknown").status_code == 401
    assert ask("nps", key[1]).status_code == 200
    revoke_key(key=key[0], actor=None)
    answer = ask("nps", key[1])
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_key_reads_its_own_brand_only(brand, kept, key):
    other = make_workspace("Twin")
    keep(other, [answer_item(0)] * 3)
    kept([answer_item(10)])
    assert ask("nps", key[1]).json()["n"] == 1


@pytest.mark.parametrize(
    ("path", "part"),
    [("nps?by=colour", "by"), ("joy", "measure"), ("nps?since=soon", "since"), ("nps?where=channel", "filters"), ("nps?level=2", "level")],
)
def test_a_question_that_makes_no_sense_is_a_problem_that_names_its_part(brand, kept, key, path, part):
    kept([answer_item(9)])
    answer = ask(path, key[1])
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(part)


def test_a_wrong_date_is_explained_in_one_language(brand, kept, key):
    headers = {"Authorization": f"Bearer {key[1]}"}  # and no Accept-Language, as programs ask
    detail = Client().get("/api/v1/measures/nps?since=1405-13-01", headers=headers).json()["detail"]
    assert detail == "since: “1405-13-01”: a year has no such month. Write a date such as 1405-08-01."


def test_a_number_that_is_none_is_a_problem_and_no_fault(brand, key):
    assert ask("nps?level=much", key[1]).status_code == 400


def test_the_command_refuses_what_belongs_to_the_other_kind_of_source(brand, capsys):
    for words in (
        ["nps", "--workspace", brand.slug, "--score", "x"],
        ["nps", "answers.csv", "--score", "x", "--since", "2026-01-01"],
        ["nps"],
    ):
        assert main(["analyze", *words]) == 2
    assert "goes with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("where=channel=nope", "where: there is no channel 'nope' in this workspace; there is: "),
        ("where=order.deliverd:late=true", "where: there is no kind 'order.deliverd' in this workspace; nearest: order.delivered"),
        ("where=order.delivered:latte=true", "where: there is no field of order.delivered 'latte'"),
        ("where=order.delivered:late=nope", "there is: true, false"),
        ("by=order.delivered:latte", "by: there is no field of order.delivered 'latte'"),
        ("by=channel&against=sms&against=nope", "against: 'nope' is no group of channel here; there is: "),
        ("against=sms&against=web", "against: takes two groups of one cut"),
    ],
)
def test_a_code_nothing_bears_is_refused_rather_than_answered_with_nothing(brand, kept, key, capsys, words, said):
    kept([answer_item(9, channel="sms"), answer_item(5, channel="web")])
    answered = ask(f"nps?{words}", key[1])
    assert answered.status_code == 422
    assert answered["Content-Type"] == "application/problem+json"
    assert said in answered.json()["detail"]
    if words.startswith("where="):
        assert main(["analyze", "nps", "--workspace", brand.slug, "--where", words.removeprefix("where=")]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("wheres", [51 * ["channel=sms"], ["channel=" + 300 * "x"]])
def test_more_filters_than_anybody_means_are_refused_at_once(brand, key, wheres):
    answered = ask(f"nps?{urlencode({'where': wheres}, doseq=True)}", key[1])
    assert (answered.status_code, "at most 50 of 300 letters" in answered.json()["detail"]) == (400, True)


def test_of_many_codes_that_nothing_bears_one_alone_is_looked_for_among_the_others(brand, key, monkeypatch):
    looked = []
    monkeypatch.setattr(codes, "_unknown", lambda cut, code, _known: looked.append(code) or Unknown(cut, code, (), all_known=True))
    assert ask("nps?where=channel=a&where=channel=b&where=branch=c", key[1]).status_code == 422
    assert looked == ["a"]


def test_codes_that_exist_but_have_no_answers_are_answered_with_none(brand, kept, key):
    kept([answer_item(9, channel="sms")])
    for where in ("kind=call.ended", "order.delivered:late=true", "order.delivered:late=*", "channel=sms"):
        assert ask(f"nps?where={where}", key[1]).status_code == 200


def test_two_groups_are_compared_with_each_other_alike(brand, kept, key, capsys):
    kept([answer_item(10 if n % 5 else 2, channel="sms", days_ago=n % 20) for n in range(60)])
    kept([answer_item(10 if n % 2 else 2, channel="web", days_ago=n % 20) for n in range(60)])
    told = ask("nps?by=channel&against=sms&against=web", key[1]).json()
    figures = {group["group"]: group["value"] for group in told["groups"]}
    found = told["contrast"]
    assert (found["group"], found["against"], found["n"], found["n_against"]) == ("sms", "web", 60, 60)
    assert found["difference"] == pytest.approx(figures["sms"] - figures["web"]) == pytest.approx(60)
    assert found["low"] < found["difference"] < found["high"]
    assert found["p"] < 0.001
    assert found["beyond_noise"]
    words = ["analyze", "nps", "--workspace", brand.slug, "--by", "channel", "--against", "sms", "web"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["contrast"] == found
    main(words)
    assert f"sms against web: +60.0, ±SE {found['se']:.1f} (" in capsys.readouterr().out
