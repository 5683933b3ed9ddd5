"""Cuts by what texts say: contacts in them are for those who see contacts."""

import datetime as dt

import pytest

from peyvand.insights.board import board, groups_of
from peyvand.insights.queries import answer
from peyvand.insights.questions import Question
from peyvand.insights.tests.conftest import NOON, answer_item
from peyvand.insights.windows import window
from peyvand.timeline.services import declare_kind
from peyvand.timeline.tests.conftest import make_item
from peyvand.timeline.types import Subject

pytestmark = pytest.mark.django_db(transaction=True)
CUT = "repair.finished:callback"
ALIKE = {"o1": "09120000012", "o2": "09121111112", "o3": "at home"}  # the first two differ only where they are hidden


@pytest.fixture
def repaired(brand, kept):
    declare_kind(workspace=brand, code="repair.finished", names={"en": "Repair"}, fields={"callback": "text"}, actor=None)
    for number, (order, callback) in enumerate(ALIKE.items()):
        about = Subject("order", order)
        repair = make_item(
            kind="repair.finished",
            occurred_at=NOON - dt.timedelta(days=2),
            subject=about,
            properties={"callback": callback},
        )
        kept([repair, answer_item(10 if number else 0, days_ago=1, subject=about)])
    return brand


def test_values_are_whole_for_who_sees_contacts(repaired):
    found = answer(Question(workspace=repaired, measure="nps", by=(CUT,)), sees=True)
    assert {group[0]: estimate.n for group, estimate in found.now.groups} == dict.fromkeys(ALIKE.values(), 1)


def test_hidden_values_that_are_alike_are_one_group_and_no_answer_is_lost(repaired):
    found = answer(Question(workspace=repaired, measure="nps", by=(CUT,)))
    assert {group[0]: (estimate.n, estimate.value) for group, estimate in found.now.groups} == {
        "0912•••••12": (2, 0.0),
        "at home": (1, 100.0),
    }
    assert {found.label(group) for group, _estimate in found.now.groups} == {"0912•••••12", "at home"}
    assert found.now.total.n == 3


def test_the_table_of_a_page_says_the_same(repaired):
    looked_at = board(repaired, window(repaired, "all", "previous"))
    seen, hidden = ({group.code: group.pair.n for group in groups_of(looked_at, "nps", CUT, sees=sees)} for sees in (True, False))
    assert seen == dict.fromkeys(ALIKE.values(), 1)
    assert hidden == {"0912•••••12": 2, "at home": 1}
    assert [group.code for group in groups_of(looked_at, "nps", CUT) if group.masked] == ["0912•••••12"]
