"""`peyvand analyze` as a person or a program calls it: figures of real surveys, plain errors, nothing touched."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from peyvand.config.command import main

ROOT = Path(__file__).resolve().parents[4]
DATA = ROOT.parent / "shared" / "data"
AIRLINE = DATA / "airline_satisfaction_25976.parquet"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder ../shared/data with the public surveys is not here")


@pytest.fixture
def survey(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("نمره;شعبه\n" + "۱۰;تهران\n" * 6 + "8;تهران\n7;تبریز\n0;تبریز\n۶;\n;تهران\n11;تهران\nخوب;تهران\n", encoding="utf-8-sig")
    return path


def answered(capsys, *arguments):
    assert main(["analyze", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *arguments):
    assert main(["analyze", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_nps_of_a_persian_file_is_the_published_one(capsys, survey):
    found = answered(capsys, "nps", survey, "--score", "نمره", "--by", "شعبه")
    assert (found["n"], found["value"], found["invalid"], found["missing"]) == (10, 40.0, 2, 1)
    assert [round(found[key], 3) for key in ("se", "low", "high")] == [25.298, -12.586, 74.124]
    assert (found["promoters"], found["passives"], found["detractors"]) == (6, 2, 2)
    assert [(group["group"], group["n"], group["value"]) for group in found["groups"]] == [
        ("تبریز", 2, -50.0),
        ("تهران", 7, pytest.approx(600 / 7)),
        (None, 1, -100.0),
    ]


def test_a_person_gets_a_table(capsys, survey):
    assert main(["analyze", "nps", str(survey), "--score", "نمره"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("NPS of 'نمره' in answers.csv, scale 0–10\n")
    assert "+40.0  25.3  −12.6 … +74.1" in out


def test_a_file_without_answers_says_so(capsys, tmp_path):
    (tmp_path / "none.csv").write_text("score\n")
    assert main(["analyze", "nps", str(tmp_path / "none.csv"), "--score", "score"]) == 0
    assert capsys.readouterr().out.endswith("\nThere are no answers.\n")


def test_the_scale_is_taken_as_given_and_never_guessed(capsys, survey):
    assert answered(capsys, "csat", survey, "--score", "نمره")["n"] == 0
    found = answered(capsys, "csat", survey, "--score", "نمره", "--scale", 0, 10)
    assert (found["n"], found["value"], found["satisfied"], found["scale"]) == (10, 60.0, 6, [0, 10])


def test_the_level_moves_the_interval_only(capsys, survey):
    wide, narrow = (answered(capsys, "nps", survey, "--score", "نمره", "--level", level) for level in (99, 80))
    assert wide["value"] == narrow["value"]
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]


def test_what_is_wrong_is_said_in_one_line_with_code_two(capsys, survey, tmp_path):
    asked = ["nps", survey, "--score", "نمره"]
    assert refused(capsys, "nps", survey, "--score", "x") == "peyvand: no column 'x'; the file has: نمره, شعبه\n"
    assert refused(capsys, *asked, "--by", "y").startswith("peyvand: no column 'y'; the file has:")
    assert "there is no file" in refused(capsys, "nps", tmp_path / "none.csv", "--score", "x")
    assert "not from 10 to 0" in refused(capsys, *asked, "--scale", 10, 0)
    assert "needs whole ends" in refused(capsys, *asked, "--scale", 0, 9.5)
    assert "between 0 and 1" in refused(capsys, *asked, "--level", 100)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nps", "name a FILE and its --score column, or a --workspace"),
        ("nps f.csv", "name a FILE and its --score column, or a --workspace"),
        ("happiness f.csv --score x", "there is no measure 'happiness'; there is: nps, csat, ces, rating"),
        ("nps f.csv --score x --since 1405-01-01", "--since goes with --workspace"),
        ("nps --workspace w --score x", "--score goes with a FILE"),
    ],
)
def test_words_that_do_not_go_together_are_named(capsys, words, said):
    assert said in refused(capsys, *words.split())


def test_a_wrong_option_ends_with_the_usage(capsys):
    with pytest.raises(SystemExit) as end:
        main("analyze nps f.csv --score x --scale 1".split())
    assert end.value.code == 2
    assert "usage: peyvand analyze" in capsys.readouterr().err


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit) as end:
        main(["analyze", "--help"])
    assert end.value.code == 0
    assert "peyvand analyze nps answers.csv --score score --by branch" in capsys.readouterr().out


def test_the_table_in_the_documentation_is_the_one_it_prints(capsys, tmp_path, monkeypatch):
    page = (ROOT / "docs" / "howto" / "analyze-a-file.md").read_text(encoding="utf-8")
    answers = {"Isfahan": [10] * 4 + [8] * 5 + [3] * 3, "Shiraz": [10] * 42 + [7] * 11 + [5] * 9, "Tehran": [9] * 91 + [8] * 38 + [0] * 57}
    rows = [f"{answer},{branch}" for branch, given in answers.items() for answer in given]
    monkeypatch.chdir(tmp_path)
    Path("answers.csv").write_text("\n".join(["score,branch", *rows, ",Tehran", ",Shiraz", "11,Tehran"]), encoding="utf-8")
    assert main("analyze nps answers.csv --score score --by branch".split()) == 0
    assert f"```text\n{capsys.readouterr().out}```" in page


def test_it_needs_no_django_no_settings_and_no_data_folder(survey, tmp_path):
    program = """
import sys
from peyvand.config.command import main
code = main(sys.argv[1:])
heavy = {"django", "pandas", "scipy", "pyarrow"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else code)
"""
    before = set(tmp_path.rglob("*"))
    settings = {"PEYVAND_DATA": str(tmp_path / "none"), "PEYVAND_DATABASE_URL": "nonsense"}
    environment = os.environ | settings | {"PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", program, "analyze", "nps", str(survey), "--score", "نمره", "--by", "شعبه", "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["n"] == 10
    assert set(tmp_path.rglob("*")) == before


@needs_data
def test_olist_reviews_have_the_known_mean(capsys):
    found = answered(capsys, "rating", DATA / "olist_order_reviews_sample.parquet", "--score", "review_score")
    assert (found["n"], found["invalid"], found["missing"]) == (8225, 0, 0)
    assert found["value"] == pytest.approx(3.2716, abs=5e-4)
    assert found["low"] < found["value"] < found["high"]


@needs_data
def test_zero_in_the_airline_survey_is_off_the_scale(capsys):
    found = answered(capsys, "csat", AIRLINE, "--score", "Inflight wifi service", "--by", "satisfaction")
    assert (found["n"], found["invalid"], found["satisfied"]) == (25163, 813, 7868)
    assert sum(group["n"] for group in found["groups"]) == found["n"]


@needs_data
def test_words_and_blanks_of_the_telco_file_are_no_scores(capsys):
    path = DATA / "telco_churn_ibm.parquet"
    assert answered(capsys, "nps", path, "--score", "Churn")["invalid"] == 7043
    found = answered(capsys, "rating", path, "--score", "TotalCharges", "--scale", 0, 10000)
    assert (found["n"], found["missing"], found["invalid"]) == (7032, 11, 0)
    assert found["value"] == pytest.approx(2283.30, abs=0.01)


def test_two_groups_of_a_file_are_compared_with_each_other(capsys, tmp_path):
    rows = [f"{5 if n % 4 else 4};سریع" for n in range(40)] + [f"{2 if n % 3 else 4};دیر" for n in range(40)]
    (tmp_path / "answers.csv").write_text("score;how\n" + "\n".join(rows), encoding="utf-8")
    asked = ("rating", tmp_path / "answers.csv", "--score", "score", "--by", "how", "--against", "دیر", "سریع")
    found = answered(capsys, *asked)["contrast"]
    assert (found["n"], found["n_against"], found["test"]) == (40, 40, "t")
    assert found["difference"] == pytest.approx((14 * 4 + 26 * 2) / 40 - 4.75)
    assert found["beyond_noise"]
    assert main(["analyze", *map(str, asked)]) == 0
    assert "دیر against سریع: −2.05, ±SE 0.17 (" in capsys.readouterr().out
    assert "is no group of how here; there is: " in refused(capsys, *asked[:-1], "nowhere")


def test_a_column_of_weights_weighs_every_measure(capsys, tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("score,weight,city\n5,2,a\n4,1,a\n1,1,b\n2,0,b\n3,,b\n3,-1,b\n1,x,b\n", encoding="utf-8")
    found = answered(capsys, "rating", path, "--score", "score", "--weight", "weight", "--by", "city")
    assert (found["weight_column"], found["n"], found["value"], found["weight"], found["invalid_weights"]) == ("weight", 3, 3.75, 4.0, 4)
    assert (found["n_effective"], found["se"]) == (pytest.approx(16 / 6), pytest.approx((13.875 * 1.5) ** 0.5 / 4))
    assert [(group["group"], group["n"], group["value"]) for group in found["groups"]] == [("a", 2, pytest.approx(14 / 3)), ("b", 1, 1.0)]
    for measure in ("nps", "csat", "ces"):
        assert answered(capsys, measure, path, "--score", "score", "--weight", "weight", "--scale", 1, 5)["n"] == 3
    assert main(["analyze", "csat", str(path), "--score", "score", "--weight", "weight"]) == 0
    assert "CSAT of 'score' in panel.csv, weighted by 'weight', scale 1–5" in capsys.readouterr().out
    assert "no column 'w'; the file has: score, weight, city" in refused(capsys, "csat", path, "--score", "score", "--weight", "w")
    assert "--weight goes with a FILE" in refused(capsys, "nps", "--workspace", "w", "--weight", "x")
