"""Moves between stages: noted once, with their reason, in order; by event, by time, and by changed rules."""

import datetime as dt

import pytest
from django.db import connection, transaction

from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.customers.models import LifecycleRules, Profile, StageMove, forget_rules
from peyvand.customers.queries.filters import Filters, narrowed
from peyvand.customers.queries.stages import flow
from peyvand.customers.services.lifecycle import RulesError, note_moves, set_rules, waiting
from peyvand.customers.services.merging import merge_by_hand, split_off, unmerge
from peyvand.customers.tests.telling import START, answer, event, follow, order, profile_of, who
from peyvand.customers.types import Rules, Stage
from peyvand.identities.models import Identity
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import AuditEntry

SARA = who("09120000001", name="Sara")
NEGAR = who("09120000002", name="Negar")


@pytest.fixture(autouse=True)
def _no_rules_remembered():
    forget_rules()


def on(day: float):
    return clock.frozen(START + dt.timedelta(days=day))


def settle() -> None:
    """Note moves until nobody waits, as the worker does; what it tells the timeline is counted in between."""
    while note_moves():
        follow()


def moves() -> list[tuple[str, str, str, float]]:
    """From, to, cause, and the day of each move."""
    rows = StageMove.objects.order_by("at", "pk")
    return [(one.from_stage, one.to_stage, one.cause, round((one.at - START) / dt.timedelta(days=1), 2)) for one in rows]


def test_events_move_a_customer_and_each_move_says_why(workspace, tell):
    for day, item in (
        (0, event("site.visited", SARA, 0)),
        (1, order(SARA, 1)),
        (2, order(SARA, 2)),
        (3, answer(SARA, 10, 3)),
        (4, answer(SARA, 2, 4)),
    ):
        with on(day):
            tell(item)
            settle()

    assert moves() == [
        ("", "visitor", "known", 0),
        ("visitor", "first_time", "bought", 1),
        ("first_time", "repeat", "bought", 2),
        ("repeat", "ambassador", "promotes", 3),
        ("ambassador", "at_risk", "unhappy", 4),
    ]
    assert [one.figures for one in StageMove.objects.order_by("at")][2:] == [{"purchases": 2}, {"score": 10.0}, {"score": 2.0}]


def test_time_alone_moves_a_customer_at_the_moment_it_runs_out(workspace, tell):
    with on(0):
        tell(order(SARA, 0))
        settle()
    with on(200):
        settle()
    with on(400):
        settle()
        tell(order(SARA, 400))
        settle()

    assert [move[1:] for move in moves()] == [
        ("first_time", "bought", 0), ("at_risk", "quiet", 180), ("lost", "quiet", 365), ("repeat", "back", 400),
    ]  # fmt: skip
    assert list(StageMove.objects.filter(cause="quiet").order_by("at").values_list("figures", flat=True)) == [{"days": 200}, {"days": 400}]


def test_who_stays_where_they_are_is_noted_no_second_time(workspace, tell):
    with on(0):
        tell(order(SARA, 0))
        settle()
        tell(event("branch.visited", SARA, 0.1))
        settle()
        assert note_moves() == 0
    assert len(moves()) == 1


@pytest.mark.django_db
def test_of_thousands_who_wait_since_one_moment_a_turn_reads_its_own_alone():
    """Sorted anew for each turn, a hundred thousand who were just counted took hours on end, with the gate held."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not is_sqlite():  # which reads and sorts a table that is as good as empty
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = waiting(clock.now()).explain()
    assert "profiles_to_look_at" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_move_stands_on_the_timeline_and_is_no_sight_of_the_customer(workspace, tell):
    with on(0):
        tell(order(SARA, 0))
        settle()
    with on(181):
        settle()
    told = Interaction.objects.get(external_id__endswith="at_risk")
    assert '"cause":"quiet"' in (told.properties or "")
    profile = Profile.objects.get()
    assert (profile.stage, profile.last_seen_at, profile.interactions) == ("at_risk", START, 1)


def test_history_that_was_brought_in_is_told_to_nobody(workspace, tell):
    with on(1000):
        tell(order(SARA, 0))
        settle()
    assert [move[:3] for move in moves()] == [("", "lost", "quiet")]
    assert not Interaction.objects.filter(external_id__endswith="lost").exists()


def test_old_orders_that_come_in_piece_by_piece_move_nobody(workspace, tell):
    with on(100):
        for day in (0, 1, 2):
            tell(order(SARA, day))
            settle()
    assert [move[:3] for move in moves()] == [("", "first_time", "bought"), ("", "repeat", "bought")]


@pytest.fixture
def two(tell):
    """Sara and Negar, each of whom bought once and was placed for it."""
    with on(0):
        tell(order(SARA, 0), order(NEGAR, 0))
        settle()
        return tuple(profile_of(name).customer for name in ("Sara", "Negar"))


def told() -> int:
    """How many moves stand on the timeline, where webhooks read them."""
    return Interaction.objects.filter(properties__contains='"cause":').count()


def test_a_merge_and_its_undoing_are_no_moves_of_a_customer(workspace, two, alice):
    before = moves()
    with on(1):
        merge = merge_by_hand(kept=two[0], other=two[1], actor=alice)
        settle()
        assert moves() == [*before, ("first_time", "repeat", "merged", 1)]
    with on(2):
        assert [flow(workspace, START).total, narrowed(Profile.objects.all(), Filters(moved_to=Stage.REPEAT)).count(), told()] == [0, 0, 0]
        unmerge(merge=merge, actor=alice)
        settle()
        assert (moves(), told()) == (before, 0)
        assert set(Profile.objects.values_list("stage", flat=True)) == {"first_time"}


def test_where_moves_followed_a_merge_its_undoing_is_one_that_says_so(workspace, two, tell, alice):
    with on(1):
        merge = merge_by_hand(kept=two[0], other=two[1], actor=alice)
    with on(2):
        tell(order(SARA, 2), order(NEGAR, 2))
        settle()
    with on(3):
        unmerge(merge=merge, actor=alice)
        settle()
    assert moves()[2:] == [
        ("first_time", "repeat", "merged", 1), ("repeat", "loyal", "bought", 2),
        ("loyal", "repeat", "unmerged", 3), ("first_time", "repeat", "unmerged", 3),
    ]  # fmt: skip
    assert (flow(workspace, START).total, told()) == (1, 1)


def test_an_identity_given_to_somebody_of_their_own_moves_nobody(workspace, two, tell, alice):
    with on(1):
        tell(event("site.visited", who("09120000001", email="sara@post.example"), 1), order(who(email="sara@post.example"), 1))
        settle()
    with on(2):
        split_off(identity=Identity.objects.get(value="sara@post.example"), actor=alice)
        settle()
    assert [move[:3] for move in moves()[2:]] == [
        ("first_time", "repeat", "bought"), ("repeat", "first_time", "unmerged"), ("", "first_time", "bought"),
    ]  # fmt: skip
    assert told() == 1


def test_changed_rules_look_at_everybody_anew_and_only_in_their_brand(workspace, other_workspace, alice, tell):
    with on(0):
        tell(order(SARA, 0))
        tell(order(SARA, 0), to=other_workspace)
        settle()
    with on(40):
        set_rules(workspace=workspace, rules=Rules(risk_days=30, lost_days=60), actor=alice)
        forget_rules()
        settle()
        at_risk = narrowed(Profile.objects.all(), Filters(stage=Stage.AT_RISK, rules=LifecycleRules.of(workspace.pk)))
        assert {one.stage for one in Profile.objects.filter(workspace=workspace)} == {"at_risk"}
        assert at_risk.filter(workspace=workspace).count() == 1
        lately = Filters(moved_to=Stage.AT_RISK, moved_since=START + dt.timedelta(days=20))
        assert [one.workspace_id for one in narrowed(Profile.objects.all(), lately)] == [workspace.pk]
    assert {one.stage for one in Profile.objects.filter(workspace=other_workspace)} == {"first_time"}
    assert AuditEntry.objects.filter(action="lifecycle.changed", workspace=workspace).count() == 1


def test_rules_that_another_process_changed_a_moment_ago_are_those_that_count(workspace, tell):
    with on(0):
        tell(order(SARA, 0))
        settle()
    with on(40):
        assert LifecycleRules.of(workspace.pk) == Rules(), "as this process remembers them"
        LifecycleRules.objects.create(workspace=workspace, risk_days=30, lost_days=60)
        Profile.objects.update(look_again_at=0)
        settle()
    assert [one.stage for one in Profile.objects.all()] == ["at_risk"]


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (Rules(risk_days=1), "risk_days"),
        (Rules(loyal_purchases=1000), "loyal_purchases"),
        (Rules(risk_days=400, lost_days=365), "lost_days"),
    ],
)
def test_rules_beyond_their_limits_are_refused_by_their_field(workspace, alice, rules, field):
    with pytest.raises(RulesError) as error:
        set_rules(workspace=workspace, rules=rules, actor=alice)
    assert error.value.field == field
    assert not LifecycleRules.objects.exists()
