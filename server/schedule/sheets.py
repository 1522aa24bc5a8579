"""Spreadsheet files, CSV and XLSX, as rows of cells and back: what they hold is text, never a formula."""

import codecs
import csv
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zipfile import BadZipFile, ZipFile

from server import spreadsheet
from server.loading import Refused
from server.schedule import workbook
from server.schedule.foreign_entry import fit
from server.spreadsheet import Cell
from server.web.language import gettext

#: Bytes, rows and columns of the largest file that is read, and bytes of a workbook once it is unpacked.
LARGEST = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LARGEST_UNPACKED = 100 * 1024 * 1024
#: Blank rows may stand between the others and below them, as far as this one.
FARTHEST_ROW = 2 * MOST_ROWS
_DELIMITERS = ",;\t"
#: A text that was kept from being a formula.
_HARMLESS = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
#: What those who unpack a damaged workbook say of it; RuntimeError is what a locked one gives.
_UNREADABLE = (BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Sheet:
    """Rows of cells under a header. `widths` are in characters; `choices` are what a cell of a column may say."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


def text_of(cell: object) -> str:
    """A cell as text, as it is compared and read: `2014-09-02`, `09:30`, `120`; one line break is `\\n`."""
    if isinstance(cell, bool) or cell is None:
        return str(cell or "").lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        whole = (cell + timedelta(milliseconds=500)).replace(microsecond=0)
        return f"{whole.date()} {text_of(whole.time())}"
    if isinstance(cell, timedelta):
        hours, seconds = divmod(int(cell.total_seconds()), 3600)
        return text_of(time(hours, seconds // 60, seconds % 60)) if 0 <= hours < 24 else str(cell)
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S" if cell.second else "%H:%M")
    text = fit(str(cell)).strip()
    return text.lstrip("'") if _HARMLESS.match(text) else text


def csv_of(sheet: Sheet) -> bytes:
    """The sheet as CSV in UTF-8, with the mark by which spreadsheets know that it is."""
    return codecs.BOM_UTF8 + spreadsheet.csv_text([sheet.header, *sheet.rows]).encode()


def xlsx_of(sheet: Sheet) -> bytes:
    """The sheet as a workbook."""
    file = io.BytesIO()
    header = list(sheet.header)
    widths = [sheet.widths.get(name, 12) for name in header]
    choices = {header.index(name): words for name, words in sheet.choices.items()}
    with spreadsheet.workbook(file, "Sessions", header, widths, choices=choices) as add_row:
        for row in sheet.rows:
            add_row(row)
    return file.getvalue()


def read_rows(name: str, content: bytes) -> list[list[str]]:
    """The rows of a CSV file or of a workbook's first sheet as texts, the header first, as many as there are.

    Raises Refused, with the line where there is one, for what is no such file and for what is too large.
    """
    if len(content) > LARGEST:
        raise _refused(gettext("The file is larger than %(size)d MB.") % {"size": LARGEST // 1024 // 1024})
    is_workbook = name.lower().endswith(".xlsx") or content.startswith(b"PK\x03\x04")
    rows = _rows_of_workbook(content) if is_workbook else _rows_of_csv(content)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise _refused(gettext("The file is empty."))
    if len(rows) > MOST_ROWS + 1:
        raise _too_large()
    return rows


def _too_large() -> Refused:
    words = gettext("The table has more than %(rows)d rows or %(columns)d columns.")
    return _refused(words % {"rows": MOST_ROWS, "columns": MOST_COLUMNS})


def _refused(reason: str, line: int | None = None) -> Refused:
    return Refused([(line, reason)])


def _rows_of_csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = next(iter(text.splitlines()), "")
    delimiter = max(_DELIMITERS, key=lambda one: len(first.split(one)))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append([text_of(cell) for cell in row])
            if len(row) > MOST_COLUMNS or len(rows) > FARTHEST_ROW:
                raise _too_large()
    except csv.Error as fault:
        words = gettext("This is not well-formed CSV: %(fault)s") % {"fault": fault}
        raise _refused(words, len(rows) + 1) from fault
    return rows


def _decoded(content: bytes) -> str:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as fault:
        line = None if is_wide else content.count(b"\n", 0, fault.start) + 1
        words = gettext("This line is not in UTF-8. Save the table as “CSV UTF-8” or as XLSX.")
        raise _refused(words, line) from fault


def _rows_of_workbook(content: bytes) -> list[list[str]]:
    try:
        _check_size(content)
        rows = workbook.rows_of(content, FARTHEST_ROW, MOST_COLUMNS)
    except workbook.TooLargeError as fault:
        raise _too_large() from fault
    except (workbook.UnreadableError, *_UNREADABLE) as fault:
        raise _refused(gettext("This is no XLSX workbook that can be read.")) from fault
    return [[text_of(cell) for cell in row] for row in rows]


def _check_size(content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as packed:
        if sum(one.file_size for one in packed.infolist()) > LARGEST_UNPACKED:
            raise _refused(gettext("The file is larger than %(size)d MB.") % {"size": LARGEST_UNPACKED // 1024 // 1024})
