"""Many rows in few statements: the same rows stand in the table whatever way they went in, on both databases."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from peyvand.core import bulk
from peyvand.core.db import is_sqlite

PERCEPTION = bulk.Columns(
    "timeline_perception",
    ("measure",),
    ("id", "value", "text", "item"),
    ("int4", "int8", "float8", "text", "int4"),
)
TEXTS = ['it\'s 100% \\ "so"', "گل‌ها؛ %s {x} :y $1", "\u2028 \U0001f600", "", None, "null", "[1, 2]", "line\nbreak\ttab"]
BY_ID = bulk.Question(
    sqlite="SELECT json_group_array(json_array(p.id, p.text)) FROM json_each(?) w CROSS JOIN timeline_perception p ON p.id = w.value",
    postgres=f"SELECT p.id, p.text FROM {bulk.INTEGERS} JOIN timeline_perception p ON p.id = w.value",
)
BY_TEXT = bulk.Question(
    sqlite="SELECT json_group_array(json_array(p.id)) FROM json_each(?) w "
    "CROSS JOIN timeline_perception p ON p.text = w.value AND p.id > ?",
    postgres="SELECT p.id FROM json_array_elements_text(%s::json) w JOIN timeline_perception p ON p.text = w.value AND p.id > %s",
)


def rows(count):
    return [(2**62 + n, n / 3 if n % 5 else None, TEXTS[n % len(TEXTS)], n if n % 3 else None) for n in range(count)]


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, value, text, item FROM timeline_perception WHERE measure = 7 ORDER BY id")
        return cursor.fetchall()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 95, 130, bulk.FEW, bulk.FEW + 1, 700])
def test_rows_stand_in_the_table_as_they_were_given(count):
    with transaction.atomic():
        bulk.insert(bulk.Part(PERCEPTION, (7,), rows(count)))
    assert stored() == rows(count)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 40, bulk.FEW + 1])
def test_a_column_nobody_says_is_not_handed_over(count, monkeypatch):
    narrow, made = [], bulk._narrowed
    monkeypatch.setattr(bulk, "_narrowed", lambda into, said: narrow.append([into.own[n] for n in said]) or made(into, said))
    with transaction.atomic():
        bulk.insert(bulk.Part(PERCEPTION, (7,), [(2**62 + n, None, "x", None) for n in range(count)]))
    assert (narrow, stored()) == ([["id", "text"]], [(2**62 + n, None, "x", None) for n in range(count)])


@pytest.mark.django_db
def test_a_row_of_which_one_value_is_said_goes_in_whole():
    alone = bulk.Columns("timeline_perception", ("measure",), ("id", "text"), ("int4", "int8", "text"))
    with transaction.atomic():
        bulk.insert(bulk.Part(alone, (7,), [(2**62, None)]))
    assert stored() == [(2**62, None, None, None)]


@pytest.mark.django_db
def test_parts_go_in_together_and_empty_ones_cost_nothing(django_assert_num_queries):
    more = [(n, 1.0, "more", None) for n in range(3)]
    with transaction.atomic():
        bulk.insert(bulk.Part(PERCEPTION, (8,), []), bulk.Part(PERCEPTION, (7,), rows(2)), bulk.Part(PERCEPTION, (7,), more))
        with django_assert_num_queries(0):
            bulk.insert(bulk.Part(PERCEPTION, (7,), []))
    assert stored() == [*more, *rows(2)]


@pytest.mark.django_db
def test_several_questions_are_answered_in_their_order():
    given = rows(8)
    with transaction.atomic():
        bulk.insert(bulk.Part(PERCEPTION, (7,), given))
    first, second, third = bulk.ask_all(
        bulk.Asked(BY_ID, [2**62 + 1, 5]),
        bulk.Asked(BY_TEXT, [TEXTS[0], "unheard of"], (0,)),
        bulk.Asked(BY_TEXT, [TEXTS[1]], (2**62 + 1,)),
    )
    assert [list(row) for row in first] == [[2**62 + 1, TEXTS[1]]]
    assert [list(row) for row in second] == [[2**62]]
    assert third == []


@pytest.mark.django_db
def test_a_row_the_table_refuses_leaves_nothing_of_its_parts():
    twice = [(1, 1.0, "a", None), (1, 2.0, "b", None)]
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        bulk.insert(bulk.Part(PERCEPTION, (7,), rows(3)), bulk.Part(PERCEPTION, (7,), twice))
    assert stored() == []


@pytest.mark.django_db
def test_integers_are_given_once_and_spare_ones_are_kept_for_a_second(monkeypatch):
    table, moment = "timeline_interaction", 0.0
    monkeypatch.setattr(bulk.clock, "monotonic", lambda: moment)
    taken = [n for count in (3, 5, 2, bulk.FEW + 1, 4) for n in bulk.take_ids(table, count)]
    if is_sqlite():
        assert bulk.take_ids(table, 0) == ()
        return  # its integers are free until somebody inserts
    assert len(set(taken)) == len(taken)
    with CaptureQueriesContext(connection) as few:
        more = bulk.take_ids(table, 1)
    assert (len(few), set(more) & set(taken)) == (0, set())
    moment += bulk.AHEAD_SECONDS + 0.1
    assert min(bulk.take_ids(table, 1)) > max(taken)
