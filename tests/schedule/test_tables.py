"""The programme as a table: what goes out comes in again as it was, and every fault has its line and column."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from server.loading import Refused
from server.schedule.incoming import Frame, Incoming
from server.schedule.models import Part, Status
from server.schedule.plan import Named, Planned
from server.schedule.sheets import MOST_ROWS
from server.schedule.tables import read_table, to_csv, to_xlsx
from server.spreadsheet import LONGEST_CELL
from tests.makers import make_meeting, make_session
from tests.world import World, at

FRAME = Frame(
    "Europe/Istanbul",
    ("2014-09-01", "2014-09-02", "2014-09-03"),
    {"trust": {"en": "Enhancing Digital Trust"}},
    {"main": {"en": "Main Session"}, "workshop": {"en": "Workshop", "ja": "ワークショップ"}},
    {"hall": {"en": "Main Hall"}, "wr01": {"en": "Studio"}, "wr02": {"en": "Studio"}},
)
WS1 = Planned(
    code="ws1",
    uid="u1",
    title={"en": "Protecting Child Safety", "ja": "子どもの安全", "fr": "Protéger"},
    type="workshop",
    description={"en": "=Why **it** matters\n\n'Tis so;\ttruly"},
    track="trust",
    room="hall",
    day=date(2014, 9, 2),
    starts_at=at("2014-09-02T06:30+00:00"),
    minutes=90,
    tags=("safety", "a; b", "c, d"),
    people=(
        Named("chair", "Ada Chair", "Example Org", "civil-society", 7),
        Named("organiser", "", "UNESCO"),
        Named("speaker", "Bo (the other)", "", "", 8),
        Named("chair", "Cy", "A (B); C"),
    ),
    expected=40,
    buffer=15,
)
LATE = Planned(
    "late", "u2", {"en": "Late"}, "main", room="wr02", day=date(2014, 9, 2), starts_at=at("2014-09-02T21:30+00:00"),
    status=Status.CANCELLED, repeats="ws1",
)  # fmt: skip
OPEN = Planned("open", "u3", {"ja": "未定"}, "workshop", day=date(2014, 9, 3), part_of_day="morning", language="ja")
ALL = (WS1, LATE, OPEN)


def table(*rows: Sequence[object], delimiter: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def read(*rows: Sequence[object], planned: Sequence[Planned] = ALL, frame: Frame = FRAME) -> Incoming:
    return read_table("x.csv", table(*rows), frame, planned)


def faults(
    *rows: Sequence[object], planned: Sequence[Planned] = ALL, frame: Frame = FRAME
) -> list[tuple[int | None, str]]:
    with pytest.raises(Refused) as refused:
        read(*rows, planned=planned, frame=frame)
    return refused.value.faults


def after(*rows: Sequence[object], frame: Frame = FRAME) -> Planned:
    (one,) = read(*rows, frame=frame).sessions
    return one


def workbook(*rows: Sequence[Any]) -> bytes:
    """A workbook as somebody fills it in who types days and times."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True})
    shapes = {date: "dd/mm/yyyy", time: "h:mm", timedelta: "[h]:mm", datetime: "dd/mm/yyyy h:mm"}
    formats = {kind: book.add_format({"num_format": shape}) for kind, shape in shapes.items()}
    page = book.add_worksheet()
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(line, column, cell, formats.get(type(cell)))
    book.close()
    return file.getvalue()


def test_the_table_says_everything_in_words_that_people_know() -> None:
    content = to_csv(ALL, FRAME)
    assert content.startswith(b"\xef\xbb\xbfcode,status,")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == [
        "code", "status", "type", "track", "room", "day", "start", "end", "minutes", "title", "title:ja", "title:fr",
        "language", "format", "tags", "chair", "moderator", "online moderator", "rapporteur", "speakers", "organisers",
        "description", "description:ja", "description:fr", "expected", "buffer", "repeats",
    ]  # fmt: skip
    assert [{name: text for name, text in zip(header, row, strict=True) if text} for row in rows] == [
        {
            "code": "ws1", "status": "confirmed", "type": "Workshop", "track": "Enhancing Digital Trust",
            "room": "Main Hall", "day": "2014-09-02", "start": "09:30", "end": "11:00", "minutes": "90",
            "title": "Protecting Child Safety", "title:ja": "子どもの安全", "title:fr": "Protéger", "language": "en",
            "tags": "safety; a, b; c, d", "chair": "Ada Chair (Example Org); Cy (A (B), C)",
            "speakers": "Bo (the other)", "organisers": "(UNESCO)",
            "description": "'=Why **it** matters\n\n'Tis so;\ttruly", "expected": "40", "buffer": "15",
        },
        {
            "code": "late", "status": "cancelled", "type": "Main Session", "room": "wr02", "day": "2014-09-02",
            "start": "2014-09-03 00:30", "title": "Late", "language": "en", "repeats": "ws1",
        },
        {
            "code": "open", "status": "confirmed", "type": "Workshop", "day": "2014-09-03", "title:ja": "未定",
            "language": "ja",
        },
    ]  # fmt: skip


def test_a_workbook_has_real_days_and_times_and_no_formula() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(ALL, FRAME)))
    header, first, *_ = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    said = dict(zip(header, first, strict=True))
    assert (said["day"], said["start"], said["end"], said["minutes"]) == (date(2014, 9, 2), time(9, 30), time(11), 90.0)
    assert said["description"] == "=Why **it** matters\n\n'Tis so;\ttruly"
    assert book.get_sheet_by_index(1).to_python() == [
        ["type", "track", "room", "status"],
        ["Main Session", "Enhancing Digital Trust", "Main Hall", "confirmed"],
        ["Workshop", "", "wr01", "cancelled"],
        ["", "", "wr02", ""],
    ]
    with zipfile.ZipFile(io.BytesIO(to_xlsx(ALL, FRAME))) as packed:
        page = packed.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in page
    assert "<f>" not in page
    assert "<hyperlink" not in page


@pytest.mark.parametrize("write", [to_csv, to_xlsx])
def test_out_and_in_again_nothing_has_changed(write: Callable[[Sequence[Planned], Frame], bytes]) -> None:
    name = "x.csv" if write is to_csv else "x.xlsx"
    assert read_table(name, write(ALL, FRAME), FRAME, ALL) == Incoming()
    assert read_table(name, write([], FRAME), FRAME, ALL) == Incoming(gone=("ws1", "open"))


TEXTS = st.one_of(
    st.text(max_size=30),
    st.text("=+-@'\t\r\n\"; ,()|_x0041＝\x00\x0b\x85\u2028é子ع", max_size=12),
    st.sampled_from(
        ["'=1", "''=1", "=cmd|'/c calc'!A0", "_x0041_", "http://x.example", "007", "1e5", "TRUE", "2014-09-02"]
    ),
)
PEOPLE = st.builds(
    Named, st.sampled_from([*map(str, Part), "guest"]), TEXTS, TEXTS, TEXTS, st.none() | st.integers(1, 9)
)
ZONES = st.sampled_from(
    ["Europe/Istanbul", "Europe/London", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia", "UTC"]
)


@st.composite
def sessions(draw: st.DrawFn) -> list[Planned]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        day = draw(
            st.none() | st.dates(date(2014, 1, 1), date(2014, 12, 31)) | st.dates(date(1971, 1, 1), date(2190, 1, 1))
        )
        start = (
            datetime.combine(day, draw(st.times()), UTC).replace(microsecond=0) if day and draw(st.booleans()) else None
        )
        start = start + timedelta(minutes=draw(st.integers(-3000, 3000))) if start else None
        found.append(
            Planned(
                f"s{number}", f"u{number}", draw(st.dictionaries(st.sampled_from(["en", "ja", "ar", "pt-BR"]), TEXTS, min_size=1)),
                draw(st.sampled_from(["main", "workshop"])), draw(st.dictionaries(st.sampled_from(["en", "ar"]), TEXTS)),
                draw(st.sampled_from([None, "trust", "gone"])), draw(st.sampled_from([None, "hall", "wr01", "wr02"])), day,
                draw(st.sampled_from(["", "morning"])), start, draw(st.none() | st.integers(1, 1440)),
                draw(st.sampled_from(["en", "ja", "pt-BR"])), draw(TEXTS), tuple(draw(st.lists(TEXTS, max_size=3))),
                draw(st.sampled_from(list(map(str, Status)))), tuple(draw(st.lists(PEOPLE, max_size=5))),
                draw(st.sampled_from(["", "s0"])), draw(st.none() | st.integers(0, 10**6)), draw(st.integers(0, 1440)),
                draw(st.sampled_from(["", "guid"])),
            )
        )  # fmt: skip
    return found


@settings(max_examples=150)
@given(sessions(), ZONES)
def test_whatever_is_planned_stays_to_the_letter(planned: list[Planned], zone: str) -> None:
    frame = Frame(zone, FRAME.days, FRAME.tracks, FRAME.types, FRAME.rooms)
    assert read_table("x.csv", to_csv(planned, frame), frame, planned) == Incoming()
    assert read_table("x.xlsx", to_xlsx(planned, frame), frame, planned) == Incoming()


@settings(max_examples=80)
@given(sessions(), ZONES)
def test_what_one_column_changes_changes_nothing_else(planned: list[Planned], zone: str) -> None:
    frame = Frame(zone, FRAME.days, FRAME.tracks, FRAME.types, FRAME.rooms)
    header, *rows = csv.reader(io.StringIO(to_csv(planned, frame).decode("utf-8-sig"), newline=""))
    place = header.index("format")
    changed = [[*row[:place], "round table", *row[place + 1 :]] for row in rows]
    incoming = read_table("x.csv", table(header, *changed), frame, planned)
    assert list(incoming.sessions) == [
        one.changed(format="round table") for one in planned if one.format.strip() != "round table"
    ]


def test_no_formula_comes_out_of_a_table() -> None:
    wicked = [WS1.changed(title={"en": text}) for text in ("=1", "+1", "-1", "@x", "\t=1", "'=1", "＝1", "\r\n=1")]
    rows = list(csv.reader(io.StringIO(to_csv(wicked, FRAME).decode("utf-8-sig"), newline="")))[1:]
    assert [row[9] for row in rows] == ["'=1", "'+1", "'-1", "'@x", "'=1", "''=1", "'＝1", "'=1"]


def test_a_new_row_is_a_new_session() -> None:
    one = after(
        ["Title", "TYPE", "Room", "day", "start", "end", "title:ja", "Speakers", "organisers", "tags", "expected"],
        ["'=Über Alles; a new day", "ワークショップ", "WR01", "2014-09-03", "9:00", "10:30", "新", "Di (IBM); Ed", "(UN)", "x, y", 120],
    )  # fmt: skip
    assert one.changed(uid="") == Planned(
        code="uber-alles-a-new-day",
        uid="",
        title={"en": "=Über Alles; a new day", "ja": "新"},
        type="workshop",
        room="wr01",
        day=date(2014, 9, 3),
        starts_at=at("2014-09-03T06:00+00:00"),
        minutes=90,
        tags=("x", "y"),
        people=(Named("speaker", "Di", "IBM"), Named("speaker", "Ed"), Named("organiser", "", "UN")),
        expected=120,
    )
    assert len(one.uid) == 36


def test_codes_are_made_that_nobody_has() -> None:
    incoming = read(["code", "title", "type"], ["", "Open", "main"], ["OPEN-2", "Other", "main"], ["", "未定", "main"])
    assert [one.code for one in incoming.sessions] == ["open-3", "open-2", "s"]
    assert incoming.gone == ("ws1", "open")
    assert incoming.notes == ("Line 4 has no code and makes another session with the title of open.",)


def test_a_column_that_is_missing_leaves_and_an_empty_cell_empties() -> None:
    assert after(["code", "track", "title:fr", "expected"], ["ws1", "", "", ""]) == WS1.changed(
        track=None, title={"en": "Protecting Child Safety", "ja": "子どもの安全"}, expected=None
    )
    emptied = after(
        ["code", "day", "start", "end", "minutes", "room", "language", "tags", "chair", "speakers", "organisers",
         "description", "buffer", "status"],
        ["ws1", *[""] * 13],
    )  # fmt: skip
    assert emptied == WS1.changed(
        day=None, starts_at=None, minutes=None, room=None, tags=(), people=(), description={}, buffer=0
    )
    assert read(["status", "title"], planned=ALL) == Incoming()


def test_people_keep_their_account_and_group() -> None:
    said = "Cy (A (B), C); Ada Chair (Other Org)"
    assert after(["code", "chair", "moderator"], ["ws1", said, "Bo (the other); Fi"]).people == (
        Named("chair", "Cy", "A (B); C"),
        Named("organiser", "", "UNESCO"),
        Named("speaker", "Bo (the other)", "", "", 8),
        Named("chair", "Ada Chair", "Other Org", "", 7),
        Named("moderator", "Bo (the other)", "", "", 8),
        Named("moderator", "Fi"),
    )


@pytest.mark.parametrize(
    ("start", "end", "minutes", "expected"),
    [
        ("10:30", "11:00", "90", ("07:30", 90)),  # only the start was changed: the length stays
        ("09:30", "11:30", "90", ("06:30", 120)),
        ("09:30", "11:00", "45", ("06:30", 45)),
        ("09:30", "10:15", "45", ("06:30", 45)),
        ("09:30", "", "90", ("06:30", 90)),
        ("09:30", "11:00", "", ("06:30", 90)),
        ("23:30", "00:30", "", ("20:30", 60)),  # an end before the start is on the next day
        ("9:30:00", "2014-09-03 09:30", "", ("06:30", 1440)),
        ("02/09/2014 09:45", "", "", ("06:45", None)),  # as spreadsheets like to save it
    ],
)
def test_of_end_and_minutes_the_changed_one_counts(
    start: str, end: str, minutes: str, expected: tuple[str, int | None]
) -> None:
    (one,) = read(["code", "start", "end", "minutes"], ["ws1", start, end, minutes]).sessions or (WS1,)
    assert one.starts_at
    assert (one.starts_at.strftime("%H:%M"), one.minutes) == expected


def test_a_session_after_midnight_stays_on_its_day() -> None:
    moved = after(["code", "start"], ["ws1", "2014-09-03 01:15"])
    assert (moved.day, moved.starts_at) == (date(2014, 9, 2), at("2014-09-02T22:15+00:00"))
    at_midnight = after(["code", "day", "start"], ["ws1", "2/9/2014", "3/9/2014"])
    assert (at_midnight.day, at_midnight.starts_at) == (date(2014, 9, 2), at("2014-09-02T21:00+00:00"))
    early = after(["code", "start"], ["ws1", "00:30"])
    assert (early.day, early.starts_at) == (date(2014, 9, 2), at("2014-09-01T21:30+00:00"))
    assert after(["code", "day", "start"], ["open", "", "2014-09-02 09:00"]).day == date(2014, 9, 2)


@pytest.mark.parametrize("text", ["2014-9-3", "2014/09/03", "3.9.2014", "03/09/2014", "9/3/14", "2014-09-03 00:00"])
def test_days_are_understood_as_spreadsheets_write_them(text: str) -> None:
    assert after(["code", "day"], ["ws1", text]).day == date(2014, 9, 3)


def test_a_workbook_filled_in_by_hand_is_read() -> None:
    header = ["code", "title", "type", "day", "start", "end", "expected", "format"]
    content = workbook(
        header,
        [112, 2.5, "Workshop", date(2014, 9, 3), time(9, 30), time(11, 0), 40, True],
        [],
        ["x2", "007", "main", datetime(2014, 9, 3), datetime(2014, 9, 3, 14, 20), timedelta(hours=15), "40.0", ""],
    )
    one, other = (one.changed(uid="") for one in read_table("x.xlsx", content, FRAME, ALL).sessions)
    start = at("2014-09-03T06:30+00:00")
    assert one == Planned("112", "", {"en": "2.5"}, "workshop", day=date(2014, 9, 3), starts_at=start, minutes=90, expected=40, format="true")  # fmt: skip
    start = at("2014-09-03T11:20+00:00")
    assert other == Planned("x2", "", {"en": "007"}, "main", day=date(2014, 9, 3), starts_at=start, minutes=40, expected=40)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_and_unicode_will_do(encoding: str, delimiter: str) -> None:
    content = table(["code", "title:ja"], ["ws1", 'a, b; "c"\td'], delimiter=delimiter).decode().encode(encoding)
    (one,) = read_table("x.csv", content, FRAME, ALL).sessions
    assert one == WS1.changed(title={**WS1.title, "ja": 'a, b; "c" d'})


def test_columns_that_are_not_known_are_passed_over_and_named() -> None:
    incoming = read(["code", "Remarks", "", "title:日本", "code2"], ["ws1", "x", "", "", ""], planned=[WS1])
    assert incoming == Incoming(
        notes=(
            "The column “Remarks” is not known and was passed over.",
            "The column “title:日本” is not known and was passed over.",
            "The column “code2” is not known and was passed over.",
        )
    )


def test_every_fault_has_its_line_and_column() -> None:
    header = ["code", "title", "type", "room", "track", "day", "start", "end", "minutes", "status", "language", "expected",
              "buffer", "repeats", "chair", "tags", "format", "title:ja"]  # fmt: skip
    assert faults(
        header,
        ["ws1", "", "Talk", "Studio", "x", "2014-09-09", "25:00", "", "0", "maybe", "english!", "many", "-1", "ws99", "()", "x" * 61, "y" * 61, "z" * 501],
        ["", "", "", "", "", "", "09:00"],
        ["WS1", "A", "main", "", "", "soon", "", "", "", "", "", "", "", "", "A" * 201],
        [],
        ["Not A Code", "A", "main", "", "", "2014-09-02", "10:00", "10:00", "", "", "", "", "", "", "", "", "", "", "more"],
        ["open", "", "main", "", "", "", "", "11:00", "", "", "", "", "", "", "", "", "", ""],
        ["late", "L", "main", "hall", "", "2014-09-02", "2014-09-01 10:00", "11:00", "10"],
    ) == [
(2, "type: there is no session type “Talk”; there is: Main Session, Workshop"),
        (2, "room: there is no room “Studio”; there is: Main Hall, wr01, wr02"),
        (2, "track: there is no track “x”; there is: Enhancing Digital Trust"),
        (2, "day: the meeting is from 2014-09-01 to 2014-09-03"),
        (2, "start: write a time such as 09:30, or after midnight with its date: 2014-09-03 00:30"),
        (2, "minutes: write 1 or more"),
        (2, "status: write one of: 'confirmed' or 'cancelled'"),
        (2, "language: write a language tag such as en, ja or pt-BR"),
        (2, "expected: write a whole number"),
        (2, "buffer: write 0 or more"),
        (2, "repeats: there is no session “ws99”"),
        (2, "chair: write a name or an organisation"),
        (2, "tags: write at most 60 characters"),
        (2, "format: write at most 60 characters"),
        (2, "title:ja: write at most 500 characters"),
        (3, "title: write something here"),
        (3, "type: this is missing"),
        (3, "start: a start needs a day"),
        (4, "code: “ws1” is taken already, in line 2"),
        (4, "day: write a day such as 2014-09-02"),
        (4, "chair: write at most 200 characters"),
        (6, "there are more cells here than the header has"),
        (6, "code: use small letters a to z, digits and hyphens"),
        (6, "end: it ends when it starts"),
        (7, "title: write something here"),
        (7, "end: an end needs a start"),
        (8, "start: this is neither on the day of the session nor in the night after it"),
    ]  # fmt: skip


def test_a_time_that_the_clock_leaves_out_is_a_fault() -> None:
    frame = Frame("Europe/London", ("2014-03-30", "2014-10-26"), {}, {"main": {"en": "Main"}}, {})
    header = ["title", "type", "day", "start", "end"]
    assert faults(
        header,
        ["A", "main", "2014-03-30", "01:30", ""],
        ["B", "main", "2014-03-30", "00:30", "01:30"],
        frame=frame,
    ) == [
        (2, "start: on this day the clocks go forward, and there is no such time"),
        (3, "end: on this day the clocks go forward, and there is no such time"),
    ]  # fmt: skip
    first, second, across = read(
        header,
        ["A", "main", "2014-10-26", "01:30", ""],
        ["B", "main", "2014-10-26", "2014-10-26 01:30+00:00", ""],
        ["C", "main", "2014-10-26", "00:30", "02:00"],
        frame=frame,
    ).sessions
    assert (first.starts_at, second.starts_at) == (at("2014-10-26T00:30+00:00"), at("2014-10-26T01:30+00:00"))
    assert across.minutes == 150


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("x.csv", b"", (None, "The file is empty.")),
        ("x.csv", b"\xef\xbb\xbf \r\n,,\r\n", (None, "The file is empty.")),
        ("x.csv", b"code,title\nws1,\xe9\n", (2, "This line is not in UTF-8. Save the table as “CSV UTF-8” or as XLSX.")),
        ("x.csv", b'code\n"ws1"x\n', (2, "This is not well-formed CSV: ',' expected after '\"'")),
        ("x.csv", b"one,two\n1,2\n", (1, "The first line must name the columns, such as code, title, type, day and start.")),
        ("x.csv", b"code,Code,title,title:en\n", (1, "code: this column is there twice")),
        ("x.csv", b"code\n" + b"a\n" * (MOST_ROWS + 1), (None, "The table has more than 20000 rows or 200 columns.")),
        ("x.csv", b"code" + b"\n" * 40_001 + b"ws1", (None, "The table has more than 20000 rows or 200 columns.")),
        ("x.csv", b"," * 200 + b"code\n", (None, "The table has more than 20000 rows or 200 columns.")),
        ("x.csv", b" " * (10 * 1024 * 1024 + 1), (None, "The file is larger than 10 MB.")),
        ("x.xlsx", b"code\n", (None, "This is no XLSX workbook that can be read.")),
        ("x.csv", b"PK\x03\x04", (None, "This is no XLSX workbook that can be read.")),
        ("x.xlsx", workbook(["code"], *[[]] * 1_000_000, ["x"]), (None, "The table has more than 20000 rows or 200 columns.")),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(name: str, content: bytes, fault: tuple[int | None, str]) -> None:
    with pytest.raises(Refused) as refused:
        read_table(name, content, FRAME, ALL)
    assert refused.value.faults[0] == fault


def test_a_workbook_that_swells_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (101 * 1024 * 1024))
    with pytest.raises(Refused) as refused:
        read_table("x.xlsx", file.getvalue(), FRAME, ALL)
    assert refused.value.faults == [(None, "The file is larger than 100 MB.")]


def test_a_cell_that_has_no_room_for_everybody_takes_nobody_away() -> None:
    crowd = WS1.changed(people=tuple(Named("speaker", f"{number:0190}", "o" * 300) for number in range(100)))
    assert read_table("x.xlsx", to_xlsx([crowd], FRAME), FRAME, [crowd]) == Incoming()
    rows = csv.reader(io.StringIO(to_csv([crowd], FRAME).decode("utf-8-sig"), newline=""))
    assert max(len(cell) for row in rows for cell in row) == LONGEST_CELL


@settings(max_examples=150)
@given(
    st.lists(st.lists(TEXTS | st.sampled_from(["ws1", "main", "2014-09-02", "09:00", "99:99"]), max_size=9), max_size=4)
)
def test_whatever_stands_in_a_table_it_is_read_or_refused(rows: list[list[str]]) -> None:
    header = ["code", "title", "type", "day", "start", "end", "speakers", "tags", "description"]
    try:
        incoming = read_table("x.csv", table(header, *rows), FRAME, ALL)
    except Refused:
        return
    made = list({one.code: one for one in (*ALL, *incoming.sessions)}.values())
    assert read_table("x.csv", to_csv(made, FRAME), FRAME, made) == Incoming()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_goes_out_is_changed_and_comes_in_at_the_desk(plenary: World, form: str) -> None:
    with plenary.store.writing() as db:
        meeting = make_meeting(db)
        make_session(db, meeting, "ws1", title={"en": "=One"})
        make_session(db, meeting, "ws2")
    desk = plenary.browser("o@example.org", role="organiser")
    out = desk.get(f"/igf2014/desk/programme/sessions.{form}")
    assert (out.status_code, out.headers["content-disposition"]) == (
        200,
        f'attachment; filename="igf2014-sessions.{form}"',
    )
    same = desk.post("/igf2014/desk/programme/file", files={"file": (f"a.{form}", out.content)})
    assert same.status_code == 303
    assert "Everything is as in the file already." in desk.get("/igf2014/desk/programme/file").text
    changed = table(["code", "start", "title"], ["ws1", "09:45", "=One"], ["", "", "Two"])
    refused = desk.post("/igf2014/desk/programme/file", files={"file": ("b.csv", changed)})
    assert refused.status_code == 422
    assert "type: this is missing" in refused.text
    changed = table(
        ["code", "start", "title", "type"], ["ws1", "09:45", "=One", "workshop"], ["", "", "Two", "Main session"]
    )
    assert desk.post("/igf2014/desk/programme/file", files={"file": ("b.csv", changed)}).status_code == 303
    assert desk.post("/igf2014/desk/programme/file/take").status_code == 303
    again = desk.get("/igf2014/desk/programme/sessions.csv").content.decode("utf-8-sig")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(again, newline=""))}
    assert {code: (row["title"], row["type"], row["start"], row["end"]) for code, row in rows.items()} == {
        "ws1": ("'=One", "Workshop", "09:45", "11:15"),
        "ws2": ("Session ws2", "Workshop", "09:00", "10:30"),
        "two": ("Two", "Main Session", "", ""),
    }
