"""Spreadsheets: what is written is what a reader of the format finds, nothing runs, and length costs no memory."""

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from server.spreadsheet import Cell, csv_text, harmless, workbook

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

KYOTO = ZoneInfo("Asia/Tokyo")
ROW: list[Cell] = [
    "=1+1", "http://x.example", "007", "1e5", "", None, True, False, 12, 1.5, date(2023, 10, 8),
    datetime(2023, 10, 8, 9, 30, tzinfo=KYOTO), time(9, 30), "京都\nعمّان \x0b",
]  # fmt: skip
HEADER = [f"c{number}" for number in range(len(ROW))]


def test_csv_says_each_kind_of_cell_in_plain_letters() -> None:
    [cells] = csv.reader(io.StringIO(csv_text([ROW]), newline=""))
    assert cells == [
        "'=1+1", "http://x.example", "007", "1e5", "", "", "yes", "no", "12", "1.5", "2023-10-08",
        "2023-10-08T09:30:00+09:00", "09:30", "京都\nعمّان \x0b",
    ]  # fmt: skip


def test_lines_end_as_rfc_4180_has_it() -> None:
    assert csv_text([["a", 'say "b"'], ["c, d", ""]]) == 'a,"say ""b"""\r\n"c, d",\r\n'


@given(st.text("=+-@'\t\r\n＝＋－＠a", max_size=6))
def test_nothing_begins_a_formula_and_no_two_texts_become_one(text: str) -> None:
    kept = harmless(text)
    assert not kept.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert kept in (text, f"'{text}")
    assert kept != text or text.lstrip("'")[:1] not in tuple("=+-@\t\r\n＝＋－＠")


def written(path: Path, header: list[str], rows: list[list[Cell]], title: str = "People", **options: object) -> Path:
    with workbook(path, title, header, [14] * len(header), **options) as add_row:  # type: ignore[arg-type]
        for row in rows:
            add_row(row)
    return path


def test_a_workbook_holds_real_days_and_instants_and_texts_that_stay_texts(tmp_path: Path) -> None:
    path = written(tmp_path / "x.xlsx", HEADER, [ROW])
    header, cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert header == HEADER
    assert cells == [
        "=1+1", "http://x.example", "007", "1e5", "", "", True, False, 12, 1.5, date(2023, 10, 8),
        datetime(2023, 10, 8, 9, 30), time(9, 30), "京都\nعمّان \x0b",
    ]  # fmt: skip


def test_the_header_stays_in_sight_and_filters_and_nothing_runs(tmp_path: Path) -> None:
    path = written(tmp_path / "x.xlsx", HEADER, [ROW, ROW], choices={1: ["a", "b"], 2: []})
    with zipfile.ZipFile(path) as packed:
        page = packed.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in page
    assert '<autoFilter ref="A1:N3"/>' in page
    assert "<formula1>Lists!$A$2:$A$3</formula1>" in page
    assert "<f>" not in page
    assert "<hyperlink" not in page
    assert CalamineWorkbook.from_path(path).get_sheet_by_name("Lists").to_python() == [
        ["c1", "c2"],
        ["a", ""],
        ["b", ""],
    ]


@pytest.mark.parametrize(
    ("title", "called"),
    [("IGF 2014: [people]?", "IGF 2014   people"), ("'x' " * 20, "x' 'x' 'x' 'x' 'x' 'x' 'x' 'x"), ("://", "Sheet1")],
)
def test_a_sheet_is_called_what_a_workbook_allows(tmp_path: Path, title: str, called: str) -> None:
    book = CalamineWorkbook.from_path(written(tmp_path / "x.xlsx", ["a"], [], title))
    assert book.sheet_names == [called]


def test_it_can_be_written_to_a_file_that_is_open_and_with_nobody_in_it() -> None:
    file = io.BytesIO()
    with workbook(file, "Empty", [], []):
        pass
    assert CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).sheet_names == ["Empty"]


def test_a_fault_in_the_middle_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match="cut"), workbook(io.BytesIO(), "Cut", ["a"], [9]):
        raise RuntimeError("cut")
    assert list(tmp_path.iterdir()) == []


def test_a_long_table_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        with workbook(tmp_path / f"{rows}.xlsx", "Long", [f"c{n}" for n in range(40)], [12] * 40) as add_row:
            for number in range(rows):
                add_row([f"a text of row {number} in column {column}" for column in range(39)] + [datetime.now(UTC)])
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(1500) < peak(100) + 500_000
