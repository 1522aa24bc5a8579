"""What people open in a spreadsheet is written as CSV or as a workbook: what stands in it is data, never a formula.

csv_text(rows) -> str                                       whole, or stretch by stretch
with workbook(file, title, header, widths) as add_row:      row by row, in little memory
    add_row(cells)
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | bool | int | float | date | datetime | time | None
AddRow = Callable[[Sequence[Cell]], None]

#: Characters that a cell of a workbook has room for; what is longer is cut there.
LONGEST_CELL = 32_767
#: Rows below the header in which a cell offers what its column may say.
OFFERED = 20_000
#: A text with which a spreadsheet would begin a formula (also in its wide form), or one that was kept from being so.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NO_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_TITLE = 31
_FORMATS: dict[type, str] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm", time: "hh:mm"}
#: Rows go to a temporary file as they come, and a text stays a text, whatever it looks like.
_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def harmless(text: str) -> str:
    """The text as CSV may hold it: with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_text(rows: Iterable[Iterable[Cell]]) -> str:
    """Rows as lines of CSV (RFC 4180), without a header of its own: a long table can be written stretch by stretch."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_as_text(cell) for cell in row] for row in rows)
    return file.getvalue()


def _as_text(cell: Cell) -> str:
    """A cell in plain letters; days and instants as ISO 8601 has them, an instant with its offset."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S" if cell.second else "%H:%M")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


@contextmanager
def workbook(
    file: Path | BinaryIO,
    title: str,
    header: Sequence[str],
    widths: Sequence[float] = (),
    *,
    choices: Mapping[int, Sequence[str]] | None = None,
) -> Iterator[AddRow]:
    """A workbook (ECMA-376) with one sheet, written to `file` row by row: give each to what the `with` gives.

    `widths` are in characters, one for each column. `choices` offers words in the cells of a column (counted from 0);
    other words are let through. Days, times and instants are real ones; a workbook knows no zones, so an instant is
    written as the clock shows it in the zone it is in. The file is whole only when the `with` has ended without a fault.
    """
    book = Workbook(str(file) if isinstance(file, Path) else file, _OPTIONS)
    try:
        page = book.add_worksheet(_NO_TITLE.sub(" ", title)[:_LONGEST_TITLE].strip(" '") or None)
        formats = {kind: book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
        page.freeze_panes(1, 1)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(header):
            page.write_string(0, column, name, bold)
        filled = 0

        def add_row(cells: Sequence[Cell]) -> None:
            nonlocal filled
            filled += 1
            for column, cell in enumerate(cells):
                _write(page, filled, column, cell, formats)

        yield add_row
        page.autofilter(0, 0, filled, max(0, len(header) - 1))
        _offer(book, page, header, choices or {})
    finally:
        book.close()


def _write(page: Worksheet, row: int, column: int, cell: Cell, formats: Mapping[type, Format]) -> None:
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        page.write_string(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif cell is not None:
        wall = cell.replace(tzinfo=None) if isinstance(cell, datetime | time) else cell
        page.write_datetime(row, column, wall, formats[type(cell)])


def _offer(book: Workbook, page: Worksheet, header: Sequence[str], choices: Mapping[int, Sequence[str]]) -> None:
    """Let people choose in a cell from what there is, which stands in a second sheet."""
    if not choices:
        return
    lists = book.add_worksheet("Lists")
    for row, cells in enumerate(zip_longest(*([header[column], *words] for column, words in choices.items()))):
        for place, cell in enumerate(cells):
            if cell is not None:
                lists.write_string(row, place, cell)
    for place, (column, words) in enumerate(choices.items()):
        if words:
            letter = chr(ord("A") + place)
            source = f"=Lists!${letter}$2:${letter}${len(words) + 1}"
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            page.data_validation(1, column, OFFERED, column, rule)
