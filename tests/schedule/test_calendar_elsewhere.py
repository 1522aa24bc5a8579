"""The calendar feed in the parser of Thunderbird: the same instants, texts and people, whatever the script and zone."""

import hashlib
import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

from server.database import Database
from server.schedule.calendar import calendar
from server.schedule.models import Part, Status
from tests.makers import make_meeting, make_session
from tests.schedule.test_calendar import HARD, WHOLE
from tests.world import at

# The engine of the database does nothing differently here.
pytestmark = pytest.mark.either

HERE = Path(__file__).resolve().parent
PARSER = HERE.parent / "vendor" / "ical.js@2.2.1" / "ical.es5.min.cjs"
SHA256 = "74b6aa16936daa102ca216a29c8c25b53468762dd793bd9b106074aaa7961c65"


def read(written: bytes) -> dict[str, Any]:
    """What ical.js makes of a calendar. Its node is the one that comes with the browser tests' driver."""
    node = compute_driver_executable()[0]
    done = subprocess.run([node, HERE / "read_calendar.cjs"], input=written, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_parser_is_the_one_that_was_published() -> None:
    assert hashlib.sha256(PARSER.read_bytes()).hexdigest() == SHA256


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ("Europe/London", ["2014-07-01T09:00+01:00", "2014-01-01T09:00+00:00"]),
        ("America/New_York", ["2014-03-09T01:30-05:00", "2014-03-09T03:15-04:00", "2014-11-02T00:30-04:00", "2014-11-02T09:00-05:00"]),
        ("Asia/Kathmandu", ["2014-09-02T09:00+05:45", "2014-09-02T23:45+05:45"]),
        ("Pacific/Apia", ["2014-09-02T09:00+13:00", "2014-12-02T09:00+14:00"]),
        ("UTC", ["2014-09-02T09:00+00:00"]),
    ],
)  # fmt: skip
def test_instants_are_the_same(db: Database, zone: str, starts: list[str]) -> None:
    meeting = make_meeting(db, timezone=zone)
    sessions = [make_session(db, meeting, f"ws{number}", starts_at=at(start)) for number, start in enumerate(starts)]
    found = read(calendar(meeting, sessions, WHOLE))["entries"]
    assert [(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])) for one in found] == [
        (session.starts_at, session.ends_at) for session in sessions
    ]


def test_texts_and_people_of_every_script_are_the_same(db: Database) -> None:
    meeting = make_meeting(db)
    people = [(Part.CHAIR, "أحمد بن علي"), (Part.SPEAKER, "山田 太郎"), (Part.SPEAKER, "Zoë; O’Neil, “Jr.” \\ 👩🏽‍💻")]
    title = " ".join(HARD.split("\n")) * 3
    session = make_session(db, meeting, title={"en": title}, description={"en": HARD}, people=people)
    cancelled = make_session(db, meeting, "ws7", status=Status.CANCELLED)
    found = read(calendar(meeting, [session, cancelled], WHOLE))
    first, second = found["entries"]
    assert found["name"] == "IGF 2014"
    assert (first["uid"], first["summary"]) == (session.uid, f"[WS] {title}")
    for words in (*HARD.split("\n"), *(name for _, name in people)):
        assert words in first["description"]
    assert first["description"].startswith("https://x.example/igf2014/sessions/ws112/live")
    assert first["location"] == "Workshop Room 01, Rumeli Ground Floor, Lütfi Kırdar ICEC, Istanbul"
    assert first["categories"] == ["Workshop", "Internet and Human Rights"]
    assert first["conference"] == "https://x.example/igf2014/sessions/ws112/live"
    assert (first["status"], second["status"]) == ("CONFIRMED", "CANCELLED")
