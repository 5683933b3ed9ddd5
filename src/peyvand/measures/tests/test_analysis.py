"""Groups side by side: their order, their JSON, their table."""

import json

import pytest

from peyvand.measures import MEASURES, Scores
from peyvand.measures.analysis import analyse
from peyvand.measures.contrast import contrast
from peyvand.measures.report import as_text


def group(*answers):
    return Scores.from_values(answers)


def test_the_total_is_that_of_all_groups_and_groups_follow_their_labels():
    tallies = {("10",): group(9, 9), (None,): group(0), ("9",): group(10), ("b",): group(8, None), ("پ",): group(3), ("ت",): group(2, 11)}
    found = analyse(MEASURES["nps"], tallies, by=["month"])
    assert [label for (label,), _ in found.groups] == ["9", "10", "b", "پ", "ت", None]
    assert (found.total.n, found.total.invalid, found.total.missing) == (7, 1, 1)
    assert found.total.value == pytest.approx(0)


def test_json_names_one_column_by_text_and_several_by_list():
    one = analyse(MEASURES["csat"], {("x",): group(5)}, by=["a"]).to_json()
    two = analyse(MEASURES["csat"], {("x", None): group(5)}, by=["a", "b"]).to_json()
    assert [answer["groups"][0]["group"] for answer in (one, two)] == ["x", ["x", None]]
    assert one["groups"][0]["n"] == one["n"] == 1
    assert json.loads(json.dumps(two, allow_nan=False))["by"] == ["a", "b"]


def test_without_a_cut_there_are_no_groups():
    assert analyse(MEASURES["rating"], {(): group(4, 5)}).to_json()["groups"] == []
    assert analyse(MEASURES["rating"], {}).to_json()["n"] == 0


def test_the_table_lines_up_and_says_what_was_left_out_and_what_rests_on_few():
    tallies = {("تهران",): Scores.from_counts([(10, 40), (0, 10)]), ("قم",): group(9, 3, None, 11)}
    assert as_text(analyse(MEASURES["nps"], tallies, by=["شعبه"]), source="'s' in f.csv").splitlines() == [
        "NPS of 's' in f.csv, scale 0–10",
        "",
        "شعبه    n    NPS   ±SE  95 % interval  promoters  passives  detractors",
        "تهران  50  +60.0  11.3  +34.9 … +78.3         40         0          10",
        "قم      2   +0.0  70.7  −73.3 … +73.3          1         0           1  few",
        "───────────────────────────────────────────────────────────────────────────",
        "all    52  +57.7  11.3  +32.8 … +76.3         41         0          11",
        "",
        "few: fewer than 30 answers, so the figure says little.",
        "1 blank, not counted.",
        "1 off the scale 0–10 or no number, not counted.",
    ]


def test_the_table_and_its_remark_tell_no_mean_off_the_scale_and_no_difference_wider_than_it():
    found = analyse(MEASURES["rating"], {("a",): group(4, 5), ("b",): group(1, 3)}, by=["x"])
    text = as_text(found, source="s", against=contrast(found, ["a", "b"]))
    assert "1.00 … 5.00" in text
    assert "a against b: +2.50, ±SE 1.12 (−4.00 … +4.00)" in text


def test_half_spaces_and_vowel_marks_take_no_place_and_wide_letters_two():
    tallies = {("می‌روم",): group(5), ("مُدیر",): group(5), ("日本",): group(5), ("abcde",): group(5)}
    lines = as_text(analyse(MEASURES["rating"], tallies, by=["x"]), source="s").splitlines()
    ends = {line.split("  ")[0]: line for line in lines}
    assert len(ends["می‌روم"]) - 1 == len(ends["مُدیر"]) - 1 == len(ends["日本"]) + 2 == len(ends["abcde"])


def test_a_table_of_very_many_groups_keeps_the_largest():
    tallies = {(f"{number:03}",): Scores.from_counts([(5, number + 1)]) for number in range(100)}
    text = as_text(analyse(MEASURES["csat"], tallies, by=["x"]), source="s")
    assert "40 smaller groups are not shown; --json gives all." in text
    assert "\n039 " not in text
    assert "\n040 " in text


def test_answers_that_all_miss_the_scale_point_to_the_right_one():
    text = as_text(analyse(MEASURES["nps"], {(): group(50, 80)}), source="s")
    assert "2 off the scale 0–10 or no number, not counted." in text
    assert "--scale LOW HIGH" in text
    assert "all  0    –" in text


@pytest.mark.parametrize(("measure", "shown"), [("csat", "66.7 %"), ("ces", "4.33"), ("rating", "4.33")])
def test_every_measure_has_its_unit(measure, shown):
    assert shown in as_text(analyse(MEASURES[measure], {(): group(5, 5, 3)}), source="s")
