"""Figures are cut and narrowed by who told of an answer, what it is about and the import it came with; an import can be left out."""

import json

import pytest
from django.utils.translation import override

from peyvand.catalogue.models import Term
from peyvand.config.command import main
from peyvand.core import clock
from peyvand.insights.asking import question
from peyvand.insights.counting import Count
from peyvand.insights.listing import answers_page
from peyvand.insights.queries import answer
from peyvand.insights.questions import ALWAYS, Question, QuestionError, UnknownCodeError
from peyvand.insights.sides import Side, side_by_side
from peyvand.insights.tests.conftest import NOON, answer_item, copy, keep
from peyvand.insights.tests.test_api import ask as call
from peyvand.insights.tests.test_queries import ask, figures
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.timeline.types import Subject
from peyvand.workspaces.services import create_key

pytestmark = pytest.mark.django_db(transaction=True)
SPRING, AUTUMN = "0000000000abc", "0000000000xyz"


@pytest.fixture
def batches(brand):
    """Two imports, a deed recorded by hand, and answers of no batch."""
    found = {code: open_batch(workspace=brand, label=f"{name}.csv", code=code) for code, name in ((SPRING, "spring"), (AUTUMN, "autumn"))}
    keep(brand, [answer_item(10, source="file", channel="sms", who=f"s{n}") for n in range(3)], batch=found[SPRING].pk)
    keep(brand, [answer_item(0, source="file", channel="web", who=f"a{n}") for n in range(2)], batch=found[AUTUMN].pk)
    keep(brand, [answer_item(10, source="desk", channel="sms")], batch=open_batch(workspace=brand, label="call.ended").pk)
    keep(brand, [answer_item(0, source="survey", channel="sms"), answer_item(9, source="till_7", channel="web")])
    return found


def test_by_source_the_parts_of_the_product_have_names_and_programs_their_own(brand, batches):
    Term.objects.filter(workspace=brand, dimension="source", code="file").update(names={})  # as it was met before sources had names
    Term.objects.filter(workspace=brand, dimension="source", code="survey").update(names={})
    found = ask(brand, "nps", "source")
    assert figures(found) == {"file": (5, 20.0), "desk": (1, 100.0), "survey": (1, -100.0), "till_7": (1, 100.0)}
    with override("fa"):
        assert ask(brand, "nps", "source").labels["source", "survey"] == "نظرسنجی"
    assert ask(brand, filters=(("source", "survey"), ("source", "desk"))).now.total.n == 2
    assert ask(brand, filters=(("source", "file"), ("channel", "sms"))).now.total.n == 3


def test_by_import_what_came_with_none_or_by_hand_is_one_group(brand, batches):
    with override("en"):
        found = ask(brand, "nps", "import")
    assert {group: estimate.n for group, estimate in found.now.groups} == {(SPRING,): 3, (AUTUMN,): 2, (None,): 3}
    assert found.labels["import", SPRING] == "\u2068spring.csv\u2069, 15 Jun"
    crossed = ask(brand, "nps", "import", "channel")
    assert figures(crossed)[AUTUMN, "web"] == (2, -100.0)


def test_an_import_is_shown_alone_or_left_out(brand, batches):
    for filters, n in (
        ((("import", SPRING),), 3),
        ((("import", SPRING), ("import", AUTUMN)), 5),
        ((("import!", SPRING),), 5),
        ((("import!", SPRING), ("import!", AUTUMN)), 3),
        ((("import", SPRING), ("import!", SPRING)), 0),
        ((("import!", SPRING), ("channel", "sms")), 2),
        ((("import", AUTUMN), ("source", "survey")), 0),
    ):
        for source in ("rows", "rollups"):
            narrowed = Question(workspace=brand, measure="nps", filters=filters)
            assert answer(narrowed, source=source).now.total.n == n, filters
        assert len(answers_page(Count(workspace=brand, measures=("nps",), filters=filters)).answers) == n, filters


def test_an_undone_import_is_gone_as_a_group_and_as_a_code(brand, batches):
    assert question(brand, "nps", filters=[("import", AUTUMN), ("import!", SPRING)])
    undo_batch(batch=batches[AUTUMN])
    for _ in range(2):
        assert figures(ask(brand, "nps", "import"))[SPRING] == (3, 100.0)
        assert AUTUMN not in figures(ask(brand, "nps", "import"))
        copy()
    for name in ("import", "import!"):
        with pytest.raises(UnknownCodeError, match=f"there is no import '{AUTUMN}' in this workspace; there is: {SPRING}"):
            question(brand, "nps", filters=[(name, AUTUMN)])


def test_an_import_of_another_brand_is_nobodys_here(brand, batches):
    twin = make_workspace("Twin")
    open_batch(workspace=twin, label="secret.csv", code="0000000000twn")
    with pytest.raises(UnknownCodeError) as refused:
        question(brand, "nps", filters=[("import", "0000000000twn")])
    assert "secret" not in str(refused.value)
    assert ask(brand, filters=(("import", "0000000000twn"),)).now.total.n == 0
    assert ask(twin, filters=(("import", SPRING),)).now.total.n == 0
    assert ask(brand, filters=(("import!", "0000000000twn"),)).now.total.n == 8


def test_an_import_may_be_left_out_of_filters_only(brand):
    with pytest.raises(QuestionError, match="by: 'import!' is none of"):
        Question(workspace=brand, measure="nps", by=("import!",))


def test_with_and_without_an_import_do_not_overlap_and_can_be_compared(brand, batches):
    (pair,) = side_by_side(brand, Side(ALWAYS, (("import", SPRING),)), Side(ALWAYS, (("import!", SPRING),)))
    assert (pair.one.n, pair.other.n, pair.both) == (3, 5, 0)
    (both,) = side_by_side(brand, Side(ALWAYS, (("import!", SPRING),)), Side(ALWAYS, (("import!", AUTUMN),)))
    assert (both.one.n, both.other.n, both.both) == (5, 6, 3)


def test_the_api_and_the_command_take_the_same_words(brand, batches, capsys):
    secret = create_key(workspace=brand, name="reports", scopes=["read"])[1]
    told = call(f"nps?by=source&where=import!={SPRING}&where=channel=web", secret).json()
    assert {group["group"]: group["n"] for group in told["groups"]} == {"file": 2, "till_7": 1}
    words = ["--by", "source", "--where", f"import!={SPRING}", "--where", "channel=web"]
    assert main(["analyze", "nps", "--workspace", brand.slug, *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == told["n"] == 3
    refused = call("nps?where=import=0000000000000", secret)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-code")


def test_what_an_answer_is_about_is_a_cut_like_others(brand, kept):
    kept([answer_item(10, subject=Subject("order", "1")), answer_item(0, subject=Subject("call", "1")), answer_item(0)])
    with override("fa"):
        found = ask(brand, "nps", "subject")
    assert figures(found) == {"order": (1, 100.0), "call": (1, -100.0), None: (1, -100.0)}
    assert found.labels["subject", "order"] == "سفارش"
    assert ask(brand, filters=(("subject", "order"), ("subject", "call"))).now.total.n == 2


def test_an_earlier_day_holds_for_an_import_too(brand, batches):
    with clock.frozen(NOON.replace(day=20)):
        keep(brand, [answer_item(5, who="late")], batch=batches[SPRING].pk)
        assert ask(brand, filters=(("import", SPRING),)).now.total.n == 4
        assert ask(brand, filters=(("import", SPRING),), as_of=NOON).now.total.n == 3
