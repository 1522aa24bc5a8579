"""The calendar feed, read by two parsers that are not the one that wrote it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ics
import pytest
import vobject

from server.database import Database
from server.meetings.models import Meeting
from server.schedule.calendar import Subscription, alarm_minutes, calendar
from server.schedule.models import Part, Session, Status
from tests.makers import make_meeting, make_session
from tests.world import at

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

WHOLE = Subscription(
    "IGF 2014", "https://x.example/igf2014/schedule.ics", "https://x.example/igf2014/schedule", "https://x.example"
)
HARD = (
    "Comma, semicolon; backslash \\ alone\nnew line; الإنترنت والتعددية اللغوية في المنتدى، 互联网治理论坛与多语种主义的未来"
    " 👩🏽‍💻🏳️‍🌈 インターネット・ガバナンス・フォーラム éàü ends, here"
)


def written(meeting: Meeting, *sessions: Session, **asked: Any) -> str:
    return calendar(meeting, sessions, Subscription(**{**WHOLE.__dict__, **asked})).decode()


def entries(text: str) -> list[dict[str, list[str]]]:
    """Each entry's unfolded lines by property name."""
    plain = text.replace("\r\n ", "")
    found = []
    for body in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", plain, re.S):
        lines: dict[str, list[str]] = {}
        for line in body.splitlines():
            lines.setdefault(re.split("[:;]", line, maxsplit=1)[0], []).append(line)
        found.append(lines)
    return found


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    """vobject keeps the first VTIMEZONE of a name for ever; here each calendar is read by its own."""
    known = vars(vobject.icalendar)["__tzidMap"]
    for name in [name for name in known if name != "UTC"]:
        del known[name]


def instants(text: str) -> Iterator[list[tuple[datetime, datetime]]]:
    """Start and end of every entry in UTC, as each of the two parsers understands them."""
    yield [
        (one.dtstart.value.astimezone(UTC), one.dtend.value.astimezone(UTC))
        for one in vobject.readOne(text).vevent_list
    ]
    found = sorted(ics.Calendar(text).events, key=lambda one: one.uid)
    order = [one.uid.value for one in vobject.readOne(text).vevent_list]
    found.sort(key=lambda one: order.index(one.uid))
    yield [(one.begin.datetime.astimezone(UTC), one.end.datetime.astimezone(UTC)) for one in found]


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ("Europe/London", ["2014-07-01T09:00+01:00", "2014-01-01T09:00+00:00"]),
        ("America/New_York", ["2014-03-09T01:30-05:00", "2014-03-09T03:15-04:00", "2014-11-02T00:30-04:00", "2014-11-02T09:00-05:00"]),
        ("Asia/Kathmandu", ["2014-09-02T09:00+05:45"]),
        ("Australia/Lord_Howe", ["2014-04-06T09:00+10:30", "2014-10-05T09:00+11:00"]),
        ("Europe/Istanbul", ["2014-09-02T09:00+03:00", "2014-12-02T09:00+02:00", "2026-09-02T09:00+03:00"]),
        ("UTC", ["2014-09-02T09:00+00:00"]),
    ],
)  # fmt: skip
def test_two_other_parsers_read_the_same_instants(db: Database, zone: str, starts: list[str]) -> None:
    meeting = make_meeting(db, timezone=zone, first_day=date(2014, 9, 2))
    moments = [at(start).astimezone(UTC) for start in starts]
    sessions = [make_session(db, meeting, f"ws{index}", starts_at=start) for index, start in enumerate(moments)]
    text = written(meeting, *sessions)
    for read in instants(text):
        assert read == [(start, start + timedelta(minutes=90)) for start in moments]
    assert ("VTIMEZONE" in text) == (zone != "UTC")


def test_an_hour_that_comes_twice_is_given_in_utc(db: Database) -> None:
    meeting = make_meeting(db, timezone="America/New_York")
    twin = make_session(db, meeting, starts_at=at("2014-11-02T01:30-05:00"))
    text = written(meeting, twin)
    assert "DTSTART:20141102T063000Z\r\nDTEND:20141102T080000Z" in text


def test_the_clocks_changes_are_told_by_the_clock_as_it_stood(db: Database) -> None:
    meeting = make_meeting(db, timezone="America/New_York")
    zone = re.search(r"BEGIN:VTIMEZONE.*END:VTIMEZONE", written(meeting), re.S)
    assert zone
    assert re.findall(r"DTSTART:(\w+)\r\nTZNAME:(\w+)\r\nTZOFFSETFROM:(\S+)\r\nTZOFFSETTO:(\S+)", zone.group()) == [
        ("20131230T190000", "EST", "-0500", "-0500"),
        ("20140309T020000", "EDT", "-0500", "-0400"),
        ("20141102T020000", "EST", "-0400", "-0500"),
    ]


def test_texts_of_every_script_arrive_as_they_were_written(db: Database) -> None:
    meeting = make_meeting(db, venue={"en": "Hall A, B; C"})
    meeting.rooms[1].name = {"en": "Room 1; left, upstairs"}
    session = make_session(db, meeting, title={"en": HARD}, description={"en": "x"}, people=[(Part.CHAIR, "Ö, ß; 王")])
    text = written(meeting, session, name="A, b; c")
    read = vobject.readOne(text)
    other = next(iter(ics.Calendar(text).events))
    description = "https://x.example/igf2014/sessions/ws112/live\n\nWS112 · Workshop · Internet and Human Rights\n\nx\n\nChair: Ö, ß; 王"
    place = "Room 1; left, upstairs, Rumeli Ground Floor, Hall A, B; C, Istanbul"
    assert read.vevent.summary.value == other.name == f"[WS] {HARD}"
    assert read.vevent.description.value == other.description == description
    assert read.vevent.location.value == other.location == place
    assert read.contents["x-wr-calname"][0].value == read.contents["name"][0].value == "A, b; c"


def test_a_backslash_before_an_n_is_not_taken_for_a_line_break(db: Database) -> None:
    meeting = make_meeting(db)
    text = written(meeting, make_session(db, meeting, title={"en": "C:\\new"}))
    assert vobject.readOne(text).vevent.summary.value == "[WS] C:\\new"  # ics 0.7 reads this one wrongly


def test_lines_end_and_fold_as_the_standard_says(db: Database) -> None:
    meeting = make_meeting(db)
    body = written(meeting, make_session(db, meeting, title={"en": HARD * 5})).encode()
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert all(line.decode() is not None for line in lines), "no fold parts a character"


def test_control_characters_are_left_out_and_rare_line_breaks_become_plain_ones(db: Database) -> None:
    meeting = make_meeting(db)
    text = written(meeting, make_session(db, meeting, title={"en": "a\x00b\x0bc\x1fd\x7fe\u2028f\x85g\r\nh"}))
    assert entries(text)[0]["SUMMARY"] == ["SUMMARY:[WS] abcde\\nf\\ng\\nh"]


def test_an_entry_says_everything_about_a_session(db: Database) -> None:
    meeting = make_meeting(db)
    meeting.tracks[0].name = {"en": "Growth, jobs"}
    session = make_session(db, meeting, sequence=3, changed_at=at("2014-08-01T10:00Z"), end_is_estimate=True)
    [entry] = entries(written(meeting, session))
    live = "https://x.example/igf2014/sessions/ws112/live"
    assert entry == {
        "UID": [f"UID:{session.uid}"],
        "DTSTAMP": ["DTSTAMP:20140801T100000Z"],
        "LAST-MODIFIED": ["LAST-MODIFIED:20140801T100000Z"],
        "SEQUENCE": ["SEQUENCE:3"],
        "STATUS": ["STATUS:CONFIRMED"],
        "TRANSP": ["TRANSP:TRANSPARENT"],
        "DTSTART": ["DTSTART;TZID=Europe/Istanbul:20140902T090000"],
        "DTEND": ["DTEND;TZID=Europe/Istanbul:20140902T103000"],
        "SUMMARY": ["SUMMARY:[WS] Session ws112"],
        "DESCRIPTION": [
            f"DESCRIPTION:{live}\\n\\nWS112 · Workshop · Growth\\, jobs\\nThe end is an estimate: nobody has announced it."
            "\\n\\nChair: Ada Chair\\nRapporteur: Ray Porter"
        ],
        "CATEGORIES": ["CATEGORIES:Workshop,Growth\\, jobs"],
        "LOCATION": ["LOCATION:Workshop Room 01\\, Rumeli Ground Floor\\, Lütfi Kırdar ICEC\\, Istanbul"],
        "URL": ["URL:https://x.example/igf2014/sessions/ws112"],
        "CONFERENCE": [f"CONFERENCE;FEATURE=AUDIO,VIDEO,FEED;LABEL=Follow live;VALUE=URI:{live}"],
    }


def test_a_cancelled_session_says_so_twice(db: Database) -> None:
    meeting = make_meeting(db)
    [entry] = entries(written(meeting, make_session(db, meeting, status=Status.CANCELLED)))
    assert entry["STATUS"] == ["STATUS:CANCELLED"]
    assert entry["SUMMARY"] == ["SUMMARY:Cancelled: [WS] Session ws112"]


def test_a_session_without_a_time_is_left_out_and_one_without_a_room_is_not(db: Database) -> None:
    meeting = make_meeting(db)
    roomless = make_session(db, meeting, "ws1", room=None)
    timeless = make_session(db, meeting, "ws2", starts_at=None, minutes=None)
    [entry] = entries(written(meeting, roomless, timeless))
    assert entry["UID"] == [f"UID:{roomless.uid}"]
    assert entry["LOCATION"] == ["LOCATION:Lütfi Kırdar ICEC\\, Istanbul"]


def test_the_calendar_names_itself_its_source_and_how_often_to_come_again(db: Database) -> None:
    head = written(make_meeting(db)).replace("\r\n ", "").split("BEGIN:VTIMEZONE")[0].splitlines()
    assert head == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Plenary//Programme//EN",
        "CALSCALE:GREGORIAN",
        "NAME:IGF 2014",
        "X-WR-CALNAME:IGF 2014",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "SOURCE;VALUE=URI:https://x.example/igf2014/schedule.ics",
        "URL:https://x.example/igf2014/schedule",
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-TIMEZONE:Europe/Istanbul",
    ]


def test_it_rings_only_when_asked_to(db: Database) -> None:
    meeting = make_meeting(db)
    session = make_session(db, meeting)
    assert "VALARM" not in written(meeting, session)
    assert "ACTION:DISPLAY" in (text := written(meeting, session, alarm=15))
    assert "TRIGGER:-PT15M" in text


@pytest.mark.parametrize(
    ("given", "minutes"),
    [("15", 15), ("1", 1), ("1440", 1440), ("0", None), ("1441", None), ("-5", None), ("x", None), ("", None), (None, None), ("٥", None), ("9" * 5000, None)],
)  # fmt: skip
def test_an_alarm_is_a_whole_number_of_minutes_up_to_a_day(given: str | None, minutes: int | None) -> None:
    assert alarm_minutes(given) == minutes
