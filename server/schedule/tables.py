"""The programme as a table for spreadsheets: one row a session, written, and read with every fault in it by its line.

`docs/programme-table.md` describes it for those who fill one in.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from server.folding import fold
from server.loading import Refused
from server.meetings.parts import key_for
from server.schedule.columns import PEOPLE, Words, cells, columns, header
from server.schedule.incoming import Frame, Incoming
from server.schedule.models import Status
from server.schedule.plan import Planned
from server.schedule.sheets import Sheet, csv_of, read_rows, xlsx_of
from server.schedule.table_rows import Row, read_row
from server.web.language import gettext

#: Letters of a title that go into the code of a session that has none.
LETTERS_OF_A_CODE = 40
_WIDTHS = {"type": 18, "track": 24, "room": 24, "title": 48, "tags": 24, "description": 60, **dict.fromkeys(PEOPLE, 32)}

Faults = list[tuple[int | None, str]]


def to_csv(sessions: Sequence[Planned], frame: Frame) -> bytes:
    """The sessions as CSV: times are those of the meeting's zone."""
    return csv_of(_sheet(sessions, frame))


def to_xlsx(sessions: Sequence[Planned], frame: Frame) -> bytes:
    """The same as a workbook, in which days and times are real ones."""
    return xlsx_of(_sheet(sessions, frame))


def _sheet(sessions: Sequence[Planned], frame: Frame) -> Sheet:
    names, words = columns(sessions), Words.of(frame)
    found = [cells(one, words) for one in sessions]
    choices = {column: list(listed.names.values()) for column, listed in words.parts.items()}
    widths = {name: _WIDTHS.get(name.partition(":")[0], 12) for name in names}
    rows = [[one.get(name, "") for name in names] for one in found]
    return Sheet(names, rows, widths, choices | {"status": [status.value for status in Status]})


def read_table(name: str, content: bytes, frame: Frame, planned: Sequence[Planned]) -> Incoming:
    """What a table would make of what is planned. A row is about the session of its code; one without is a new session.

    A column that is not there leaves what it is about, an empty cell empties it. Raises Refused with every fault.
    """
    titles, *lines = read_rows(name, content)
    names = header(titles)
    faults = _faults_of_header(names)
    words, known = Words.of(frame), {one.code: one for one in planned}
    rows: dict[int, Row] = {}
    for line, texts in enumerate(lines, 2):
        if any(texts[len(names) :]):
            faults.append((line, gettext("there are more cells here than the header has")))
        if any(texts):
            told = {name: text for name, text in zip_longest(names, texts[: len(names)], fillvalue="") if name}
            code = told.get("code", "").lower()
            rows[line] = Row(told | {"code": code}, known.get(code), words)
    codes = _codes(rows, known)
    sessions = _sessions(rows, codes, known)
    faults += [fault for line, row in rows.items() for fault in _in_order(line, row, names)]
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault[0] or 0))
    stayed = set(codes.values()) if "code" in names else known.keys()
    gone = tuple(code for code, one in known.items() if not one.cancelled and code not in stayed)
    notes = [*_not_known(titles, names), *_twins(rows, sessions, planned)]
    return Incoming(
        tuple(one for one in sessions.values() if one != known.get(one.code)), gone=gone, notes=tuple(notes)
    )


def _in_order(line: int, row: Row, names: Sequence[str]) -> Faults:
    """The faults of a row as its columns stand, those of columns that are missing first."""
    places = {name: place for place, name in enumerate(names)}
    found = sorted(row.faults, key=lambda fault: places.get(fault[0], -1))
    return [(line, f"{column}: {reason}") for column, reason in found]


def _faults_of_header(names: Sequence[str]) -> Faults:
    if not any(names):
        words = gettext("The first line must name the columns, such as code, title, type, day and start.")
        raise Refused([(1, words)])
    twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    words = gettext("this column is there twice")
    return [(1, f"{name}: {words}") for name in twice]


def _not_known(titles: Sequence[str], names: Sequence[str]) -> list[str]:
    line = gettext("The column “%(name)s” is not known and was passed over.")
    return [line % {"name": title[:80]} for title, name in zip(titles, names, strict=True) if title and not name]


def _codes(rows: Mapping[int, Row], known: Mapping[str, Planned]) -> dict[int, str]:
    """The code of the session of each row, by line: its own, else one made from its title that no other has."""
    codes: dict[int, str] = {}
    lines: dict[str, int] = {}
    for line, row in rows.items():
        if code := row.cells["code"]:
            if code in lines:
                reason = gettext("“%(key)s” is taken already, in line %(line)d")
                row.blame("code", reason % {"key": code[:80], "line": lines[code]})
            lines.setdefault(code, line)
            codes[line] = code
    taken = {*known, *lines}
    counted: dict[str, int] = {}
    for line, row in rows.items():
        if line not in codes:
            title = next((text for name, text in row.cells.items() if name.startswith("title") and text), "")
            codes[line] = key_for(title[:LETTERS_OF_A_CODE], taken, "s", counted)
            taken.add(codes[line])
    return codes


def _sessions(rows: Mapping[int, Row], codes: Mapping[int, str], known: Mapping[str, Planned]) -> dict[int, Planned]:
    """The session of each row that has no fault, by line."""
    there = {*known, *codes.values()}
    found = {}
    for line, row in rows.items():
        if (again := row.told.get("repeats", "").lower()) and again not in there:
            row.blame("repeats", gettext("there is no session “%(key)s”") % {"key": again[:80]})
        one = read_row(row, codes[line])
        if one is not None:
            found[line] = one
    return found


def _twins(rows: Mapping[int, Row], sessions: Mapping[int, Planned], planned: Sequence[Planned]) -> Iterator[str]:
    """A line about each row without a code that is called as a session is which there is already."""
    titles = {fold(text): one.code for one in planned for text in one.title.values()}
    for line, one in sessions.items():
        code = next((titles[name] for text in one.title.values() if (name := fold(text)) in titles), None)
        if code and not rows[line].cells["code"]:
            words = gettext("Line %(line)d has no code and makes another session with the title of %(code)s.")
            yield words % {"line": line, "code": code}
