"""What Pulse, the comparison and the chain show, told to programs: the same figures from the same counts."""

import datetime as dt

import pytest
from django.test import Client

from peyvand.insights.board import board
from peyvand.insights.chains import chained
from peyvand.insights.tests.conftest import NOON, answer_item
from peyvand.insights.windows import window
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.workspaces.services import create_key, create_owner

pytestmark = pytest.mark.django_db(transaction=True)


class Asks:
    """A program with a key of one scope."""

    def __init__(self, workspace, scope="read"):
        maker = create_owner(workspace=workspace, email=f"{scope}@brand.example", password="four walnut trees").user
        self.secret = create_key(workspace=workspace, name="reports", scopes=[scope], actor=maker)[1]

    def call(self, path):
        return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.secret}", "Accept-Language": "en"})

    def told(self, path):
        answer = self.call(path)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def refused(self, path):
        answer = self.call(path)
        return answer.status_code, answer.json()["code"]


@pytest.fixture
def ask(brand):
    return Asks(brand)


def people(count, value, *, days_ago=5, measure="nps", start=0, **more):
    return [answer_item(value, measure=measure, days_ago=days_ago, who=f"c{n}", **more) for n in range(start, start + count)]


def divided(count, value, **more):
    """A tenth of them say the opposite, so that the figure has an error."""
    return people(count * 9 // 10, value, **more) + people(count // 10, 11 - value, **{**more, "start": more.get("start", 0) + count})


def test_every_measure_stands_beside_the_time_before(brand, kept, ask):
    kept([*people(40, 10, channel="sms"), *people(40, 2, days_ago=100), *people(3, 5, measure="csat")])
    told = ask.told("/figures?time=quarter&against=previous")
    nps, csat = told["items"]
    assert (nps["now"]["n"], nps["now"]["value"], nps["then"]["value"], nps["change"]["difference"]) == (40, 100, -100, 200)
    assert (csat["measure"], csat["now"]["n"], csat["now"]["small"], csat["change"]) == ("csat", 3, True, None)
    assert told["voices"] == {"people": 40, "nameless": 0, "invited": 0, "replied": 0}
    assert (told["window"]["time"], told["window"]["until"]) == ("quarter", "2026-06-15")
    assert [one["now"]["n"] for one in ask.told("/figures?time=quarter&where=channel=sms")["items"]] == [40, 0]
    assert Asks(make_workspace("Twin")).told("/figures?time=quarter")["items"] == []


def test_an_earlier_day_leaves_out_what_was_recorded_later(kept, ask):
    kept(people(30, 10))
    day = (NOON - dt.timedelta(days=1)).date().isoformat()
    (then,) = ask.told(f"/figures?time=quarter&as_of={day}")["items"]
    assert then["now"]["n"] == 0
    assert ask.told("/figures?time=quarter&as_of=2031-01-01")["items"][0]["now"]["n"] == 30


def test_what_moved_names_the_group_and_whether_it_is_sure(kept, ask):
    kept([*divided(60, 10, channel="web"), *divided(60, 1, channel="sms")])
    kept([*divided(60, 10, days_ago=100, channel="web"), *divided(60, 10, days_ago=100, channel="sms")])
    told = ask.told("/figures/moved?time=quarter&against=previous")["items"]
    assert {(one["cut"], one["code"]) for one in told if one["sure"]} >= {("channel", "sms")}
    sms = next(one for one in told if one["code"] == "sms")
    assert (sms["group"], sms["now"]["value"], sms["then"]["value"]) == ("SMS", -80, 80)
    assert not any(one["sure"] for one in told if one["code"] == "web")


def test_answers_spread_over_their_scale_as_on_the_page_of_a_figure(kept, ask):
    kept([*people(6, 10, channel="sms"), *people(3, 10, channel="web", start=6), *people(1, 2, channel="sms", start=9)])
    kept([answer_item(3, scale=(1, 5)), answer_item(8.5)])  # of another scale, and between two points
    told = ask.told("/measures/nps/distribution")
    assert ([bar["point"] for bar in told["bars"]], told["n"], told["invalid"]) == (list(range(11)), 10, 2)
    assert {bar["point"]: bar["n"] for bar in told["bars"] if bar["n"]} == {2: 1, 10: 9}
    ten = told["bars"][10]
    assert (ten["share"], round(ten["low"], 3), round(ten["high"], 3)) == (90, 59.585, 98.212)  # Wilson of 9 in 10
    assert ask.told("/measures/nps/distribution?where=channel=web")["bars"][10]["n"] == 3
    assert ask.told("/measures/nps/distribution?as_of=2020-01-01")["n"] == 0
    assert len(ask.told("/measures/nps/distribution?scale=0&scale=4")["bars"]) == 5
    assert ask.refused("/measures/nps/distribution?scale=0&scale=1e9") == (400, "invalid")


def test_two_sides_of_any_time_and_filter_are_compared(kept, ask):
    kept([*divided(40, 10, channel="web"), *divided(40, 1, channel="sms", start=100)])
    (nps,) = ask.told("/comparisons?one_where=channel=web&other_where=channel=sms")["items"]
    assert (nps["one"]["value"], nps["other"]["value"], nps["both"], nps["sure"]) == (80, -80, 0, True)
    (whole,) = ask.told("/comparisons?one_where=channel=web")["items"]
    assert (whole["other"]["n"], whole["both"], whole["sure"]) == (80, 40, False)
    assert ask.refused("/comparisons?one_where=channel=fax") == (422, "unknown-code")
    assert ask.refused("/comparisons?one_since=2026-06-02&one_until=2026-06-01") == (400, "invalid")


def test_the_chain_tells_its_places_and_links(brand, kept, ask):
    for n in range(40):
        score = n % 5 + 1
        kept([answer_item(score, measure="csat", days_ago=20, who=f"c{n}"), answer_item(2 * score, days_ago=3, who=f"c{n}")])
    told = ask.told("/chain?time=quarter")
    assert ([one["measure"] for one in told["perception"]], told["trust"], told["loyalty"]["measure"]) == (["csat"], None, "nps")
    strongest = told["links"][told["strongest"]]
    assert (strongest["measure"], strongest["to"], strongest["together"]["n"], strongest["together"]["rho"]) == ("csat", "nps", 40, 1)
    known = chained(board(brand, window(brand, "quarter", "lastyear")))
    assert [(one["measure"], one["to"]) for one in told["links"]] == [(one.measure, one.to) for one in known.links]
    assert (told["sales"], told["reputation"]) == (None, None)


def test_the_means_and_differences_of_few_people_are_told_on_their_scale(kept, ask):
    scores = {"a": (5, 8), "b": (5, 10), "c": (1, 3), "d": (1, 0)}
    kept(
        [item for who, (felt, said) in scores.items() for item in (answer_item(felt, measure="csat", who=who), answer_item(said, who=who))]
    )
    (link,) = [one for one in ask.told("/chain?time=quarter")["links"] if one["to"] == "nps"]
    assert [(one["n"], one["low"], one["high"]) for one in (link["groups"][0], link["groups"][2])] == [(2, 0, 10), (2, 0, 10)]
    assert link["difference"]["high"] == 10
    kept([answer_item(score, measure="ces", branch=branch) for branch, score in (("vanak", 6), ("vanak", 7), ("karaj", 1), ("karaj", 3))])
    told = ask.told("/measures/ces?by=branch&against=vanak&against=karaj")
    assert [(one["low"], one["high"]) for one in told["groups"]] == [(1, 7), (1, 7)]
    assert (told["contrast"]["low"] < 0, told["contrast"]["high"]) == (True, 6)


def test_what_cannot_be_understood_is_refused(ask):
    assert ask.refused("/figures?where=channel") == (400, "invalid")
    assert ask.refused("/figures?where=channel=fax") == (422, "unknown-code")
    assert ask.refused("/figures?time=decade") == (400, "invalid")
    assert ask.refused("/chain?as_of=tomorrow") == (400, "invalid")
    for day in ("0001-01-02", "0012-10-08", "1899-12-31"):
        assert ask.refused(f"/figures?as_of={day}") == (400, "invalid"), "a window before it may leave a calendar"
    assert ask.told("/figures?as_of=1900-01-01&time=year&against=lastyear")["items"] == []
    assert ask.refused("/measures/nps?since=0001-01-01&compare=lastyear") == (400, "invalid")
    assert ask.refused("/measures/nps?where=channel=fax") == (422, "unknown-code")


def test_the_answers_under_a_figure_are_those_it_counts(brand, kept, ask):
    said = [answer_item(score, product=f"sku-{score % 2}", who=f"c{score}", text=f"call 0912 345 678{score}") for score in range(10)]
    kept([*said, answer_item(3, days_ago=400, product="sku-1")])
    reader = Asks(brand, "feedback.read")
    address = "/measures/nps/answers?since=2026-01-01&where=product=sku-1"
    figure = ask.told("/measures/nps?since=2026-01-01&where=product=sku-1")
    first = reader.told(f"{address}&limit=3")
    second = reader.told(f"{address}&limit=3&after={first['next']}")
    assert (first["n"], len(first["items"]), second["next"]) == (figure["n"], 3, "") == (5, 3, "")
    assert sorted(one["value"] for one in (*first["items"], *second["items"])) == [1, 3, 5, 7, 9]
    assert first["items"][0]["terms"]["product"]["code"] == "sku-1"
    assert "345" not in first["items"][0]["words"], "the key does not see contacts"
    assert [one["value"] for one in reader.told(f"{address}&at_least=5&below=9")["items"]] in ([5, 7], [7, 5])
    assert reader.told(f"{address}&below=1")["n"] == 0
    assert reader.refused(f"{address}&after=forged") == (400, "bad-cursor")
    assert reader.refused("/measures/nps/answers?where=product=nothing") == (422, "unknown-code")
    assert ask.refused(address) == (403, "forbidden")
    assert Asks(make_workspace("Twin"), "feedback.read").told("/measures/nps/answers")["items"] == []
    assert Asks(make_workspace("Other"), "feedback.read").refused(f"/measures/nps/answers?after={first['next']}") == (400, "bad-cursor")
