"""The stages of a relationship, in Python and in SQL."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import Profile
from peyvand.customers.queries.filters import in_stage
from peyvand.customers.types import Band, Stage, Standing
from peyvand.identities.models import Customer

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


def standing(purchases=0, *, known=True, unseen=10, band=Band.NONE, scored=None, nps=None, waits=False) -> Standing:
    return Standing(
        known=known,
        purchases=purchases,
        last_seen_at=NOW - timedelta(days=unseen),
        last_band=band,
        last_score_at=None if scored is None else NOW - timedelta(days=scored),
        last_nps=nps,
        waits=waits,
    )


@pytest.mark.parametrize(
    ("case", "stage"),
    [
        (standing(known=False), Stage.STRANGER),
        (standing(), Stage.VISITOR),
        (standing(unseen=800), Stage.VISITOR),
        (standing(1), Stage.FIRST_TIME),
        (standing(2), Stage.REPEAT),
        (standing(3), Stage.REPEAT),
        (standing(4), Stage.LOYAL),
        (standing(2, nps=9), Stage.AMBASSADOR),
        (standing(1, nps=10), Stage.FIRST_TIME),
        (standing(9, nps=8), Stage.LOYAL),
        (standing(9, nps=10, unseen=181), Stage.AT_RISK),
        (standing(9, unseen=366), Stage.LOST),
        (standing(5, band=Band.BAD, scored=90), Stage.AT_RISK),
        (standing(5, band=Band.BAD, scored=91), Stage.LOYAL),
        (standing(5, band=Band.MIXED, scored=1), Stage.LOYAL),
        (standing(5, band=Band.GOOD, scored=0, nps=10, waits=True), Stage.AT_RISK),
        (standing(5, unseen=366, waits=True), Stage.LOST),
        (standing(waits=True), Stage.VISITOR),
    ],
)
def test_a_stage_follows_from_counters_and_dates(case, stage):
    assert stage_of(case, NOW) is stage


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.sampled_from(["purchases", "deliveries"]),
    purchases=st.integers(0, 6),
    known=st.booleans(),
    unseen=st.sampled_from([0, 10, 179, 180, 181, 364, 365, 366, 900]),
    band=st.sampled_from([Band.NONE, Band.BAD, Band.MIXED, Band.GOOD]),
    scored=st.sampled_from([0, 5, 89, 90, 91, 400]),
    nps=st.one_of(st.none(), st.integers(0, 10)),
    matters=st.sampled_from([-1, 0, 1, 2]),
)
def test_the_condition_in_sql_agrees_with_the_rule(workspace, told, purchases, known, unseen, band, scored, nps, matters):
    case = standing(purchases, known=known, unseen=unseen, band=band, scored=None if band is Band.NONE else scored, nps=nps)
    customer = Customer.objects.create(workspace=workspace, created_at=NOW)
    profile = Profile.objects.create(
        customer=customer,
        workspace=workspace,
        known=case.known,
        **{told: case.purchases},
        last_seen_at=case.last_seen_at,
        last_band=case.last_band,
        last_score_at=case.last_score_at,
        last_nps=case.last_nps,
        matters=matters,
    )
    found = [stage for stage in Stage if Profile.objects.filter(in_stage(stage, NOW), pk=profile.pk).exists()]
    assert found == [stage_of(profile.standing, NOW)]
