"""Files as people bring them, honest and lying: read into the same rows, or refused in plain words."""

import datetime as dt
import io
import json
import re
import time
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet._reader import WorkSheetParser

from peyvand.core.tests.timing import spent
from peyvand.imports.reading.columnar import parquet_rows
from peyvand.imports.reading.options import FileOptions
from peyvand.imports.reading.staging import stage
from peyvand.imports.reading.workbook import FORMULA, MERGED
from peyvand.imports.types import FAULT, FileProblem

OF_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROWS = [("۱۲۳", "کاسه؛ آبی"), ("4", "لیوان")]


def staged_of(tmp_path, content, name="file", *, most=None, **options):
    source = tmp_path / name
    source.write_bytes(content)
    return stage(source, FileOptions(**options), tmp_path, "staged", most)


def rows_of(tmp_path, content, name="file", **options):
    staged = staged_of(tmp_path, content, name, **options)
    return list(staged.columns), list(parquet_rows(staged.path, staged.columns)), staged


def workbook(fill) -> bytes:
    book = Workbook()
    fill(book.active)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["windows-1256", "cp720", "iso-8859-6", "mac_arabic", "mac_farsi", "utf-16-le", "utf-32-be"])
def test_an_encoding_may_be_said(tmp_path, encoding):
    columns, rows, _staged = rows_of(tmp_path, "order,name\n1,كتاب\n".encode(encoding), encoding=encoding)
    assert (columns, rows) == (["order", "name"], [("1", "كتاب")])


@pytest.mark.parametrize(
    "encoding",
    ["hex", "base64", "zlib", "rot13", "idna", "punycode", "undefined", "unicode_escape", "quopri", "a\0b", "\ud800", "x" * 999, ""],
)
def test_what_is_no_encoding_of_files_is_refused(tmp_path, encoding):
    with translation.override("en"), pytest.raises(FileProblem, match="There is no encoding") as refused:
        staged_of(tmp_path, b"a,b\n1,2\n", encoding=encoding)
    assert str(refused.value).isprintable(), "a database keeps it"


@pytest.mark.parametrize("delimiter", ['"', "\r", "\n", "", ";;"])
def test_what_cannot_part_cells_is_refused(tmp_path, delimiter):
    with translation.override("en"), pytest.raises(FileProblem, match="A delimiter is one character"):
        staged_of(tmp_path, b"a,b\n1,2\n", delimiter=delimiter)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "#", "*"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_any_delimiter_and_encoding_reads_the_same(tmp_path, delimiter, encoding):
    text = "\n".join(delimiter.join(row) for row in [("شماره", "نام"), *ROWS])
    assert rows_of(tmp_path, text.encode(encoding))[:2] == (["شماره", "نام"], ROWS)


def test_windows_1256_is_recognised(tmp_path):
    text = "شماره,نام\n" + "1,کاسه لعابي آبي فيروزه\n" * 20
    columns, rows, staged = rows_of(tmp_path, text.encode("cp1256"))
    assert (columns, rows[0]) == (["شماره", "نام"], ("1", "کاسه لعابي آبي فيروزه"))
    assert "1256" in staged.found


def test_a_line_that_is_too_long_is_a_fault_of_its_own(tmp_path):
    _columns, _rows, staged = rows_of(tmp_path, b"a,b\n1,2\n3,4,5\n6\n7,8,,\n" + b"8,9\n" * 9)
    found = list(parquet_rows(staged.path, ["a", FAULT]))
    assert [row[0] for row in found] == ["1", "3", "6", "7", *["8"] * 9]
    assert [bool(row[1]) for row in found] == [False, True, *[False] * 11]
    assert "سطر 3" in found[1][1]


def test_nameless_and_equal_columns_get_names_of_their_own(tmp_path):
    assert rows_of(tmp_path, b"a,,a,A\n1,2,3,4\n")[0] == ["a", "column 2", "a (2)", "A (3)"]


def test_a_workbook_with_titles_merged_cells_dates_and_empty_rows(tmp_path):
    def fill(sheet):
        sheet.append(["گزارش فروش"])
        sheet.merge_cells("A1:C1")
        sheet.append([])
        sheet.append(["شماره", "تاریخ", "مبلغ"])
        sheet.append([1, dt.datetime(2026, 1, 2, 3, 4), 12.5])  # noqa: DTZ001 - a spreadsheet knows no zones
        sheet.append([None, None, None])
        sheet.append(["2", dt.datetime(2026, 1, 3), 7])  # noqa: DTZ001
        sheet.cell(row=1_048_576, column=1, value=None)

    columns, rows, _staged = rows_of(tmp_path, workbook(fill), name="lies.csv")
    assert columns == ["شماره", "تاریخ", "مبلغ"]
    assert rows == [("1", "2026-01-02 03:04:00", "12.5"), ("2", "2026-01-03 00:00:00", "7")]


def test_merged_headings_and_cells_merged_downwards_are_read_as_they_are_meant(tmp_path):
    def fill(sheet):
        for row in (
            ["گزارش"],
            ["", "فروش"],
            ["شعبه", "تاریخ", "مبلغ"],
            ["تهران", "1405/01/01", 5],
            [None, "1405/01/02", 6],
            ["یزد", "1405/01/03", 7],
        ):
            sheet.append(row)
        for cells in ("A1:C1", "B2:C2", "A4:A5"):
            sheet.merge_cells(cells)

    columns, rows, _staged = rows_of(tmp_path, workbook(fill))
    assert columns == ["شعبه", "تاریخ", "مبلغ"]
    assert rows == [("تهران", "1405/01/01", "5"), ("تهران", "1405/01/02", "6"), ("یزد", "1405/01/03", "7")]


def test_a_column_without_a_name_and_a_sheet_of_instructions_lose_nothing(tmp_path):
    book, target = Workbook(), io.BytesIO()
    book.active.append(["این فایل را پر کنید"])
    sheet = book.create_sheet("داده")
    for row in (["a", "b"], ["x", "y", "z"]):
        sheet.append(row)
    book.save(target)
    columns, rows, staged = rows_of(tmp_path, target.getvalue())
    assert (columns, rows) == (["a", "b", "column 3"], [("x", "y", "z")])
    assert staged.found == "XLSX, داده"


@pytest.mark.parametrize(
    ("pattern", "piece", "head"),
    [
        (FORMULA, b"<c ", b""),
        (FORMULA, b" ", b"<c><f/>"),
        (FORMULA, b"<c><f ", b""),
        (FORMULA, b"<v> ", b"<c><f/>"),
        (MERGED, b"<mergeCell ", b""),
        (MERGED, b' ref="', b"<mergeCell"),
    ],
)
def test_a_sheet_made_to_be_slow_takes_time_in_proportion(pattern, piece, head):
    def search(times):
        assert list(pattern.finditer(head + piece * times)) == []

    short, long = (spent(lambda times=times: search(times)) for times in (10_000, 40_000))
    assert long < 12 * short + 0.05


def test_a_sheet_that_merges_the_same_cells_over_and_over_is_read_as_fast_as_any(tmp_path):
    def fill(sheet):
        for row in (["branch", "n"], ["Tehran", 1], [None, 2]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    source, target = io.BytesIO(workbook(fill)), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            again = b"".join(b'<mergeCell ref="A2:B%d"/>' % (n + 4) for n in range(20_000))
            new.writestr(name, old.read(name).replace(b'<mergeCell ref="A2:A3"', again + b'<mergeCell ref="A2:A3"'))
    begin = time.thread_time()
    _columns, rows, _staged = rows_of(tmp_path, target.getvalue())
    assert rows == [("Tehran", "1"), ("Tehran", "2")]
    assert time.thread_time() - begin < 3


def test_formulas_without_results_are_refused(tmp_path):
    with pytest.raises(FileProblem, match=r"formulas|فرمول"):
        rows_of(tmp_path, workbook(lambda sheet: (sheet.append(["a", "b"]), sheet.append([1, "=A2*2"]))))


def test_a_row_far_down_with_a_formula_without_result_is_a_fault_of_its_own(tmp_path):
    def fill(sheet):
        sheet.append(["a", "b", ""])
        for n in range(40):
            sheet.append([n + 1, n])
        sheet.append([41, "=A41*2"])
        sheet.append([42, 42, "", "=A42*2"])
        sheet["B20"], sheet["B20"].data_type = "=not a formula", "s"

    _columns, rows, staged = rows_of(tmp_path, workbook(fill))
    faults = [fault for (fault,) in parquet_rows(staged.path, [FAULT])]
    assert len(rows) == 42
    assert [n for n, fault in enumerate(faults) if fault] == [40]
    assert "42" in faults[40]
    assert rows[18] == ("19", "=not a formula")


@pytest.mark.parametrize("content", [b"0" * (80 << 20), b"".join(b"<si><t>%d</t></si>" % n + b"<si><t/></si>" * 1000 for n in range(1500))])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, content):
    """The second one, of 120 KB, holds millions of empty texts, which took a minute to read."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", content)
    with pytest.raises(FileProblem, match=r"unpacks|بزرگ"):
        rows_of(tmp_path, target.getvalue())


def naming_one_text(rows: int, text: str, columns: str = "A") -> bytes:
    """A workbook of a few kilobytes whose every cell refers to the same text."""
    source, target = io.BytesIO(workbook(lambda sheet: (sheet.append(list(columns)), sheet.append([1])))), io.BytesIO()
    row = "".join(f'<c r="{letter}%(n)d" t="s"><v>0</v></c>' for letter in columns)
    cells = "".join(f'<row r="%(n)d">{row}</row>' % {"n": n} for n in range(2, rows + 2)).encode()
    kind = b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name).replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ' + kind + b"/></Types>")
            new.writestr(name, re.sub(rb'<row r="2".*</row>', cells, part))
        new.writestr("xl/sharedStrings.xml", f"<sst xmlns='{OF_SHEETS}'><si><t>{text}</t></si></sst>")
    return target.getvalue()


def test_a_cell_that_holds_more_than_excel_lets_it_is_refused_before_it_is_held(tmp_path):
    longest = "&" * 32_767  # five letters each in the file
    assert rows_of(tmp_path, workbook(lambda sheet: (sheet.append(["a"]), sheet.append([longest]))))[1] == [(longest,)]
    source, target = io.BytesIO(workbook(lambda sheet: (sheet.append(["a"]), sheet.append(["HERE"])))), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"HERE", b"x" * 2_000_000))
    for bomb in (target.getvalue(), naming_one_text(1, "x" * 2_000_000)):
        with pytest.raises(FileProblem, match=r"longer than a cell|بلندتر"):
            staged_of(tmp_path, bomb, most=2_000)


def test_a_text_that_every_row_of_a_workbook_refers_to_fills_no_memory(tmp_path):
    """A page reads so many letters of a file and no more; the worker reads all of it, a few rows at a time."""
    assert rows_of(tmp_path, naming_one_text(300, "x" * 1000))[1] == [("x" * 1000,)] * 300
    for rows, letters, columns, most in ((2_000, 100_000, "A", 2_000), (2, 900_000, "ABCDEFGHIJ", None)):
        bomb = naming_one_text(rows, "x" * letters, columns)
        assert len(bomb) < 50_000
        with pytest.raises(FileProblem, match=r"unpacks|بزرگ"):
            staged_of(tmp_path, bomb, most=most)
    whole = staged_of(tmp_path, naming_one_text(2_000, "x" * 100_000))
    groups = pq.read_metadata(whole.path)
    assert (whole.rows, max(groups.row_group(n).num_rows for n in range(groups.num_row_groups))) == (2_000, 168)


@pytest.mark.parametrize(
    ("wrapped", "kind"),
    [
        (lambda text: text, pa.string()),
        (lambda text: [text], pa.list_(pa.string())),
        (lambda text: {"inside": text}, pa.struct([("inside", pa.string())])),
        (lambda text: [("key", text)], pa.map_(pa.string(), pa.string())),
    ],
)
def test_a_text_that_every_row_of_a_parquet_file_refers_to_fills_no_memory(tmp_path, wrapped, kind):
    for text, is_bomb in (("x" * 1000, False), ("x" * 100_000, True)):
        target = io.BytesIO()
        pq.write_table(pa.table({"a": pa.array([wrapped(text)] * 2_000, kind)}), target, compression="zstd")
        assert len(target.getvalue()) < 5_000
        if is_bomb:
            with pytest.raises(FileProblem, match=r"unpacks|بزرگ"):
                rows_of(tmp_path, target.getvalue())
        else:
            assert rows_of(tmp_path, target.getvalue())[1] == [(wrapped(text),)] * 2_000


def test_a_parquet_file_that_unpacks_to_far_more_than_it_is_is_refused_at_its_foot(tmp_path):
    target = io.BytesIO()
    pq.write_table(pa.table({"a": ["x" * 50_000] * 2_000}), target, compression="zstd", use_dictionary=False)
    with pytest.raises(FileProblem, match=r"unpacks|بزرگ"):
        staged_of(tmp_path, target.getvalue())


@pytest.mark.parametrize("part", [b'{"a":1}', b"{}", b"[]"])
def test_an_array_of_a_million_parts_is_refused_before_each_takes_its_memory(tmp_path, part):
    with pytest.raises(FileProblem, match=r"one object a line|در هر سطر"):
        rows_of(tmp_path, b'[{"a":1},' + b",".join([part] * 600_000) + b"]")


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n\n", b"%PDF-1.4", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"PAR1", b"\xd0\xcf\x11\xe0rest", b"\x89PNG\r\n"),
        *(b"\xef\xbb\xbf<!DOCTYPE html>\n<table><tr><td>a</td></tr></table>", b"a,b\x00\n1,2\n" + b"3,4\n" * 50, bytes(900)),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, content):
    with pytest.raises(FileProblem):
        rows_of(tmp_path, content)


def test_a_quote_that_never_closes_names_its_line(tmp_path):
    with pytest.raises(FileProblem, match="2"):
        rows_of(tmp_path, b'a,b\n"1,2\n' + b"3,4\n" * 5_000)


def test_objects_one_a_line_become_columns_with_dots(tmp_path):
    lines = [{"id": 1, "who": {"phone": "0912"}}, {"id": 2, "score": None, "tags": ["a"]}]
    content = "\n".join(json.dumps(line) for line in lines).encode() + b"\n[3]\nnot json\n"
    columns, rows, staged = rows_of(tmp_path, content)
    assert columns == ["id", "who.phone", "score", "tags"]
    assert rows[:2] == [("1", "0912", None, None), ("2", None, None, '["a"]')]
    assert [bool(fault) for (fault,) in parquet_rows(staged.path, [FAULT])] == [False, False, True, True]


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_bytes_come_are_rows_or_a_plain_refusal(tmp_path_factory, content):
    try:
        columns, rows, _staged = rows_of(tmp_path_factory.mktemp("any"), content)
    except FileProblem:
        return
    assert all(len(row) == len(columns) for row in rows)


def test_a_page_reads_only_the_head_of_a_file(tmp_path):
    def fill(sheet):
        sheet.append(["a", "b"])
        for n in range(50):
            sheet.append([n, n])

    files = {
        "book": workbook(fill),
        "lines": b"a,b\n" + b"1,2\n" * 50,
        "objects": b"\n".join([*[b'{"a": 1}'] * 50, b'{"late": 1}']),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        staged = stage(tmp_path / name, FileOptions(), tmp_path, "staged", 5)
        assert staged.rows == 5
        assert "late" not in staged.columns


def test_a_workbook_with_too_many_texts_is_not_read_by_a_page(tmp_path, monkeypatch, english):
    monkeypatch.setattr("peyvand.imports.reading.workbook.MOST_QUICK_TEXTS", 100)
    (tmp_path / "large.xlsx").write_bytes(workbook(lambda sheet: sheet.append(["a", "b"])))
    with pytest.raises(FileProblem, match="too large a workbook to be shown here"):
        stage(tmp_path / "large.xlsx", FileOptions(), tmp_path, "staged", 5)


def test_the_head_of_a_sheet_that_states_no_size_is_read_without_the_rest(tmp_path, monkeypatch):
    book = Workbook(write_only=True)  # written as a stream, so its size stands nowhere
    sheet = book.create_sheet()
    for n in range(3_000):
        sheet.append(["a", n])
    book.save(tmp_path / "long.xlsx")
    parsed = []
    usual = WorkSheetParser.parse_row
    monkeypatch.setattr(WorkSheetParser, "parse_row", lambda self, row: parsed.append(1) or usual(self, row))
    monkeypatch.setattr(WorkSheetParser, "parse_dimensions", lambda _self: pytest.fail("the whole sheet is read for its size"))
    assert stage(tmp_path / "long.xlsx", FileOptions(), tmp_path, "staged", 5).rows == 5
    assert len(parsed) < 200


def test_moments_of_nanoseconds_as_pandas_writes_them_are_plain_moments(tmp_path):
    """Also inside the lists that joined files make."""
    at = pa.array([1_767_261_600_000_000_123, None], pa.timestamp("ns", "Asia/Tehran"))
    table = pa.table({"at": at, "word": pa.array(["a", None]).dictionary_encode(), "long": pa.array([5_000_000_001, 1], pa.duration("ns"))})
    lists = pa.ListArray.from_arrays([0, 1, 2], pa.StructArray.from_arrays([at], ["at"]))
    pq.write_table(table.append_column("many", lists), tmp_path / "typed.parquet")
    rows = list(parquet_rows(tmp_path / "typed.parquet", ["at", "word", "long", "many"]))
    moment = dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)
    assert rows == [(moment, "a", dt.timedelta(seconds=5), [{"at": moment}]), (None, None, dt.timedelta(0), [{"at": None}])]
    assert type(rows[0][0]) is type(rows[0][3][0]["at"]) is dt.datetime
    assert type(rows[0][2]) is dt.timedelta
