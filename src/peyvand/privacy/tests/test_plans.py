"""An erasure and a rule read no large table from end to end: at twenty million interactions that would be a minute each time."""

import pytest
from django.db import connection

from peyvand.core import clock
from peyvand.privacy.models import Erasure, Piece, RetentionRule
from peyvand.privacy.services import carry_on, erase, pieces, retaining
from peyvand.privacy.services.retaining import retain
from peyvand.privacy.services.rules import MONTH, keep_for, would_lose
from peyvand.privacy.tests.canaries import live, settle
from peyvand.privacy.tests.paths import count_from
from peyvand.privacy.tests.plans import read_whole
from peyvand.privacy.tests.test_records import YEAR
from peyvand.privacy.tests.test_retaining import kind_of, tell
from peyvand.timeline.models import Interaction

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_erasure_reads_no_large_table_from_end_to_end(brand, no_waiting):
    customer = live(brand)
    with read_whole() as found:
        erasure = erase(customer=customer, actor=None)
        carry_on(erasure.pk, lake=False)
        while carry_on(erasure.pk) is not None:
            pass
    assert Erasure.objects.get().state == Erasure.State.DONE
    assert found == set()


@pytest.mark.parametrize("loss", ["texts", "person", "whole"])
def test_a_rule_reads_no_large_table_from_end_to_end(brand, loss):
    live(brand)
    with clock.frozen(clock.now() + YEAR):
        keep_for(workspace=brand, kind=None, months=6, loss=loss, actor=brand.members.get().user)
        with read_whole() as found:
            while retain():
                pass
            settle()
            while retain():
                pass
    assert RetentionRule.objects.get().last_taken > 8
    assert found == set()


def test_what_a_rule_would_take_is_counted_without_reading_the_records(brand):
    for n, months in enumerate((30, 20, 8), 1):
        tell(brand, n, months=months)
    settle()
    tell(brand, 4, months=14)  # not in the lake yet
    with read_whole() as found:
        assert would_lose(workspace=brand, kind=None, months=12) == 3
        assert would_lose(workspace=brand, kind=kind_of(brand, "review.written"), months=24) == 1
    assert found == set()


@pytest.fixture
def short(brand, monkeypatch):
    """Pieces of two interactions, from the first on."""
    count_from(Interaction, 1)
    connection.close()  # with the integers it took along
    monkeypatch.setattr(pieces, "A_PIECE", 2)


def looked_at(monkeypatch) -> list[int]:
    """The pieces that rounds read from now on, by their number."""
    read: list[int] = []
    end_of = pieces.end_of

    def noted(position: int) -> int:
        read.append(end_of(position) // pieces.A_PIECE - 1)
        return end_of(position)

    monkeypatch.setattr(pieces, "end_of", noted)
    return read


def test_a_round_reads_only_pieces_that_may_hold_something_old_by_now(brand, short, monkeypatch):
    first = tell(brand, 1, months=30)
    pieces_before = first // 2
    told = [tell(brand, n, months=months) for n, months in ((2, 30), (3, 20), (4, 20), (5, 8), (6, 8), (7, 2), (8, 2))]
    settle()
    rule = keep_for(workspace=brand, kind=None, months=12, loss="texts", actor=brand.members.get().user)
    with clock.frozen(clock.now() + 3 * MONTH / 30) as frozen:
        while retain():
            pass
        assert {row.number for row in Piece.objects.all()} <= set(range(pieces_before + 5))
        frozen.advance(MONTH / 10)
        while retain():
            pass
        frozen.advance(MONTH / 10)
        read = looked_at(monkeypatch)
        while retain():
            pass
        assert len(read) < Piece.objects.count()  # nothing became old: only the end, into which something may come yet
        frozen.advance(4 * MONTH)
        while retain():
            pass
    rule.refresh_from_db()
    assert rule.last_taken == 2
    texts = {row.pk: row.properties for row in Interaction.objects.filter(pk__in=[first, *told])}
    assert [key for key, text in texts.items() if "note" in (text or "")] == told[-2:]


def test_what_came_late_is_found_though_no_round_came_for_days(brand, short):
    """A round of several turns looks back to the round before it, not to its own beginning."""
    tell(brand, 1, months=1)
    keep_for(workspace=brand, kind=None, months=12, loss="texts", actor=brand.members.get().user)
    while retain():
        pass
    with clock.frozen(clock.now() + MONTH / 6) as frozen:
        late = [tell(brand, n, months=20) for n in range(2, 8)]
        frozen.advance(MONTH / 6)  # the worker was down
        settle()
        for _turn in range(20):
            for rule in RetentionRule.objects.select_related("workspace"):  # read afresh, as each turn of five seconds does
                retaining._next_piece(rule)
    assert not Interaction.objects.filter(pk__in=late, properties__contains="note").exists()
