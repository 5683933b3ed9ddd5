"""What stays of an interaction's properties and moments when it is parted from its person."""

import datetime as dt

import pytest

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.timeline.kinds import kinds
from peyvand.timeline.models import Interaction, Redaction
from peyvand.timeline.services import record
from peyvand.timeline.services.redacting import kept_properties, part, unlink
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, Subject
from peyvand.workspaces.services import create_workspace

MOMENT = dt.datetime(2026, 6, 15, 23, 59, 59, 999_999, tzinfo=dt.UTC)
QUARTER = dt.datetime(2026, 6, 15, 23, 45, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "told", "kept"),
    [
        ("case.opened", '{"case":12,"number":3,"score":2.0}', '{"score":2.0}'),
        ("case.closed", '{"case":12,"answer":57,"outcome":"solved"}', '{"outcome":"solved"}'),
        ("survey.answered", '{"survey":"delivery","again":true,"case":12}', '{"survey":"delivery","again":true}'),
        ("order.delivered", '{"late":true,"order":5218,"days":2.5,"parcels":3}', '{"late":true,"days":2.5,"parcels":3}'),
        ("order.delivered", '{"batch":40017}', None),
    ],
)
def test_numbers_that_name_a_row_of_ours_or_what_it_is_about_go_with_the_person(kind, told, kept):
    named_by = frozenset((5218, 40017))  # as of the order and in the sender's own number
    assert kept_properties(kinds()[kind], told, named_by) == kept


def test_words_alone_take_no_number_along():
    told = '{"case":12,"number":3,"score":2.0}'
    assert kept_properties(kinds()["case.opened"], told) == told


@pytest.fixture
def told(db):
    brand = create_workspace(name="Sofalineh", slug="sofalineh")
    known = CustomerIn(identities=[IdentityIn("own_id", "c-1")])
    about = Subject("order", "5218")
    item = Item(
        kind="order.delivered",
        occurred_at=MOMENT,
        customer=known,
        source="shop",
        external_id="s-1",
        subject=about,
        properties={"answer": 7},
    )
    with clock.frozen(MOMENT):
        return Interaction.objects.get(pk=record(brand.pk, item).interaction_id)


def test_a_parted_moment_is_one_of_a_quarter_of_an_hour_of_the_same_day(told):
    part(cause="test", key=b"k" * 32, ids=[told.pk])
    told.refresh_from_db()
    assert (told.occurred_at, told.recorded_at, told.identity_id, told.external_id) == (QUARTER, QUARTER, None, None)
    assert to_micros(told.occurred_at) % (900 * 10**6) == 0


def test_a_property_is_taken_out_of_what_stays_somebodys_once_and_the_lake_is_told(told):
    for _time in range(2):
        unlink(workspace_id=told.workspace_id, source="shop", external_ids=["s-1", "s-2"], name="answer")
    unlink(workspace_id=told.workspace_id, source="elsewhere", external_ids=["s-1"], name="answer")
    told.refresh_from_db()
    assert (told.properties, told.identity_id is not None, told.occurred_at) == (None, True, MOMENT)
    assert list(Redaction.objects.values_list("loss", "ids")) == [("texts", [told.pk])]
