"""One small survey in every format gives the same figures, and what is wrong with a file is said plainly."""

import csv
import io
import json
import math
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.measures import Scores
from peyvand.measures.files import FileReadError, tally_file
from peyvand.measures.files.delimited import Delimited

HEADER = ["امتیاز", "شعبه", "نظر"]
ROWS = [["۱۰", "تهران", "عالی، ممنون"], ["9", "تهران ", 'گفت "خوب"'], ["", "مشهد", ""], ["بد", "مشهد", "x\ny"], ["11", "", "-"]]
EXPECTED = {("تهران",): ([9, 10], 0, 0), ("مشهد",): ([], 1, 1), (None,): ([11], 0, 0)}


def plain(tallies):
    return {group: (scores.values.tolist(), scores.missing, scores.invalid) for group, scores in tallies.items()}


def as_csv(delimiter=",", encoding="utf-8", line_end="\r\n"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([HEADER, *ROWS])
    return text.getvalue().encode(encoding)


def as_xlsx(rows, title="Sheet"):
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def as_parquet(columns):
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def as_json_lines():
    rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


FORMATS = {
    "comma": as_csv(),
    "semicolon": as_csv(";"),
    "tab": as_csv("\t", line_end="\n"),
    "pipe": as_csv("|"),
    "persian comma": as_csv("،"),
    "a sign nobody thought of": as_csv("#"),
    "utf-32": as_csv("\t", "utf-32"),
    "old mac": as_csv(line_end="\r"),
    "byte-order mark": as_csv(encoding="utf-8-sig"),
    "utf-16 as Excel saves it": as_csv("\t", "utf-16"),
    "Excel's hint": b"sep=;\r\n" + as_csv(";"),
    "empty lines first": b"\r\n\r\n" + as_csv(),
    "mixed line ends": as_csv(line_end="\n").replace(b'\n"9"', b'\r\n"9"'),
    "xlsx": as_xlsx([HEADER, *ROWS]),
    "xlsx with a title": as_xlsx([["نظرسنجی پاییز"], [], HEADER, *ROWS, [None, None, None]]),
    "parquet": as_parquet({name: [row[place] for row in ROWS] for place, name in enumerate(HEADER)}),
    "ndjson": as_json_lines(),
    "ndjson with a mark": b"\xef\xbb\xbf" + as_json_lines(),
    "json array": json.dumps([dict(zip(HEADER, row, strict=True)) for row in ROWS], indent=1).encode(),
}


@pytest.fixture
def write(tmp_path):
    def written(content, name="answers.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_groups_whatever_its_name(write, form):
    path = write(FORMATS[form], name="survey")
    assert plain(tally_file(path, score="امتیاز", by=["شعبه"])) == EXPECTED
    assert plain(tally_file(path, score="امتیاز")) == {(): ([9, 10, 11], 1, 1)}


def test_persian_windows_files_are_read(write):
    path = write("امتياز;شعبه\n9;تهران\n3;شيراز\n7;مشهد\n".encode("cp1256"))
    assert plain(tally_file(path, score="امتیاز", by=["شعبه"])) == {
        ("تهران",): ([9], 0, 0),
        ("شيراز",): ([3], 0, 0),
        ("مشهد",): ([7], 0, 0),
    }


def test_a_damaged_letter_costs_its_own_answer_and_no_other(write):
    content = "امتیاز,شعبه\n9,تهران\n8,مشهد\n7,شیراز\n".encode().replace(b"8,", b"8\xff,")
    assert plain(tally_file(write(content), score="امتیاز")) == {(): ([7, 9], 0, 1)}


def test_an_encoding_may_be_given(write):
    path = write("not,açaí\n5,ação\n".encode("cp850"))
    assert plain(tally_file(path, score="not", by=["açaí"], encoding="cp850")) == {("ação",): ([5], 0, 0)}


def test_several_columns_cross(write):
    path = write("score,a,b\n9,x,1\n8,x,2\n7,x,1\n6,y,1\n")
    found = tally_file(path, score="score", by=["a", "b"])
    assert {group: scores.n for group, scores in found.items()} == {("x", "1"): 2, ("x", "2"): 1, ("y", "1"): 1}


def test_the_score_itself_may_be_the_group(write):
    path = write("score,a\n9,x\n9,x\n5,x\n")
    assert {group: scores.n for group, scores in tally_file(path, score="score", by=["score"]).items()} == {("9",): 2, ("5",): 1}


def test_typed_columns_of_parquet_are_read_and_labelled(write):
    path = write(
        as_parquet(
            {
                "score": pa.array([9.0, math.nan, None, 4.5]),
                "year": pa.array([2024.0, 2024.0, None, 2025.5]),
                "vip": [True, False, None, True],
                "day": [date(2024, 5, 1), date(2024, 5, 1), None, date(2024, 5, 2)],
                "at": [datetime(2024, 5, 1), datetime(2024, 5, 1, 9, 30), None, None],  # noqa: DTZ001  files have no zones
            }
        )
    )
    assert plain(tally_file(path, score="score", by=["year"])) == {("2024",): ([9], 1, 0), (None,): ([], 1, 0), ("2025.5",): ([4.5], 0, 0)}
    assert set(tally_file(path, score="score", by=["vip"])) == {("true",), ("false",), (None,)}
    assert set(tally_file(path, score="score", by=["day"])) == {("2024-05-01",), ("2024-05-02",), (None,)}
    assert set(tally_file(path, score="score", by=["at"])) == {("2024-05-01",), ("2024-05-01 09:30:00",), (None,)}
    assert plain(tally_file(path, score="vip")) == {(): ([], 1, 3)}


def test_moments_with_a_zone_in_parquet_are_told_in_utc(write):
    moments = pa.array([datetime(2026, 1, 1, 10), datetime(2026, 1, 1, 10), None], pa.timestamp("us", "Asia/Tehran"))  # noqa: DTZ001 - pyarrow takes it for UTC
    path = write(as_parquet({"score": [9, 10, 1], "at": moments}))
    assert plain(tally_file(path, score="score", by=["at"])) == {("2026-01-01 10:00:00",): ([9, 10], 0, 0), (None,): ([1], 0, 0)}


def test_a_sign_inside_the_only_name_is_no_delimiter(write):
    assert plain(tally_file(write("نمرهٔ من!\n9\n10\n".encode()), score="نمره من!")) == {(): ([9, 10], 0, 0)}


def test_numbers_and_texts_mixed_in_json_are_read_and_what_is_nested_is_no_score(write):
    path = write('{"s": 9}\n\n{"s": "8"}\n{"other": 1}\n{"s": null}\n{"s": {"x": 1}}\n{"s": true}\n{"s": [7]}\n')
    assert plain(tally_file(path, score="s")) == {(): ([8, 9], 2, 3)}


def test_an_empty_line_in_a_single_column_is_no_answer_but_a_quoted_blank_is_a_missing_one(write):
    assert plain(tally_file(write('score\n9\n""\n\n7\n\n'), score="score")) == {(): ([7, 9], 1, 0)}


def test_a_row_cut_short_misses_its_answer(write):
    assert plain(tally_file(write("a,score\nx,9\ny\nz,7,\n"), score="score")) == {(): ([7, 9], 1, 0)}


def test_a_header_without_rows_has_no_groups(write):
    assert tally_file(write("a,score\n"), score="score") == {}


@pytest.mark.parametrize("name", ["a*.csv", "year=2024.csv", "it's [1].csv", "پاسخ‌ها?.csv"])
def test_names_that_look_like_patterns_mean_one_file(write, name):
    write("score,a\n1,x\n", name="a1.csv")
    assert plain(tally_file(write("score,a\n9,x\n", name=name), score="score")) == {(): ([9], 0, 0)}


@pytest.mark.parametrize("asked", ["Net Score", "net score", "NETSCORE", " Net Score "])
def test_a_column_is_found_whatever_its_case_and_blanks(write, asked):
    assert plain(tally_file(write("id,Net Score\n1,9\n"), score=asked)) == {(): ([9], 0, 0)}


def test_an_exact_name_wins_over_a_similar_one(write):
    path = write("score,Score,SCORE \n1,2,3\n")
    assert [plain(tally_file(path, score=name))[()][0] for name in ("score", "Score", "SCORE")] == [[1], [2], [3]]


def test_columns_of_one_name_in_parquet_are_kept_apart_by_case(write):
    path = write(as_parquet({"score": [1], "Score": [2]}))
    assert plain(tally_file(path, score="score")) == {(): ([1], 0, 0)}


def test_the_second_sheet_is_taken_where_only_it_has_the_column(write):
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["notes"])
    sheet = book.create_sheet("answers")
    for row in (["score", "branch"], [9, "x"], ["=1/0", "x"], ["#N/A", "x"], [None, "y"]):
        sheet.append(row)
    book.save(content)
    path = write(content.getvalue(), name="answers.xlsx")
    # a formula that was never calculated has no value: blank
    assert plain(tally_file(path, score="score", by=["branch"])) == {("x",): ([9], 1, 1), ("y",): ([], 1, 0)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "answers.csv is empty"),
        ("\n \n", "answers.csv is empty"),
        ("id,branch\n1,x\n", "no column 'score'; the file has: id, branch"),
        ("score,a,score\n1,x,2\n", "2 columns are called 'score': rename all but one"),
        ("score,a\n9,x\n8,x,more\n", "line 3 has 3 cells where the header has 2"),
        ('score,a\n9,x\n8,"x\n7,y\n', "line 4 cannot be read"),
        (b"PAR1 but no more", "not a whole Parquet file"),
        (b"PK\x03\x04 but no more", "not a whole Excel workbook"),
        (as_xlsx([["score"], *[[9]] * 900])[:2000], "not a whole Excel workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "old Excel format: save it as .xlsx or CSV"),
        ('{"score": 9}\n{"score": }\n', "not proper JSON: line 2: Expecting value"),
        ('{"score": 9}\n[1]\n', "not proper JSON: line 2 is no object"),
        ('{"score": 9}\n', "no column 'branch'; the file has: score"),
        (as_xlsx([]), "answers.csv is empty"),
    ],
)
def test_what_is_wrong_is_said_plainly(write, content, message):
    with pytest.raises(FileReadError) as raised:
        tally_file(write(content), score="score", by=["branch"] if "branch" in message else [])
    assert message in str(raised.value)


def test_long_lists_of_columns_are_cut(write):
    with pytest.raises(FileReadError, match=r"c38, c39 and 60 more$"):
        tally_file(write(",".join(f"c{number}" for number in range(100)) + "\n"), score="score")


def test_a_missing_file_a_folder_and_an_unknown_encoding_are_named(tmp_path, write):
    for path, encoding, message in (
        (tmp_path / "none.csv", None, "there is no file"),
        (tmp_path, None, "is a folder"),
        (write("score\n1\n"), "utf-9", "there is no encoding 'utf-9'"),
        (write("score\n1\n"), "hex", "there is no encoding 'hex'"),
    ):
        with pytest.raises(FileReadError, match=message):
            tally_file(path, score="score", encoding=encoding)


def test_nothing_is_left_beside_the_file(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    path = write(as_csv("\t", "utf-16"))
    tally_file(path, score="امتیاز")
    assert set(tmp_path.rglob("*")) - before == {path}


@pytest.mark.parametrize("form", ["comma", "semicolon", "tab", "pipe", "persian comma", "byte-order mark", "empty lines first"])
def test_usual_files_take_the_fast_way_and_give_what_the_slow_one_gives(write, form):
    table = Delimited(write(FORMATS[form]), HEADER)
    fast = {tuple(cell or "" for cell in row): count for row, count in table._fast_counts([0, 1, 2])}
    assert fast == dict(table._slow_counts([0, 1, 2])) == {tuple(row): 1 for row in ROWS}


cells = st.text(st.sampled_from('9۷ab "\r\n;,|'), max_size=6)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(cells, cells, cells), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_whatever_stands_in_the_cells_every_answer_is_counted(tmp_path_factory, rows, delimiter, line_end):
    path = tmp_path_factory.mktemp("csv") / "answers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
        writer.writerows([("score", "branch", "text"), *rows])
    expected = {}
    for score, branch, _ in rows:
        expected.setdefault((branch.strip() or None,), []).append(score)
    found = tally_file(path, score="score", by=["branch"])
    assert plain(found) == plain({group: Scores.from_values(answers) for group, answers in expected.items()})
