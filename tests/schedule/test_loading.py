"""Loading makes or updates a meeting, whole or not at all, and says what it did."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.database import Database
from server.loading import Refused, Report
from server.meetings.models import Meeting
from server.meetings.queries import meeting_by_slug
from server.people.models import Person
from server.remote.models import Summary
from server.schedule.loading import load_programme
from server.schedule.models import Session
from server.schedule.queries import programme_sessions, published_version, session_by_code
from tests.makers import NOON, make_meeting, make_session
from tests.schedule.files import SMALL
from tests.schedule.test_publishing import LATER
from tests.world import at

DEMO = Path(__file__).parents[2] / "demo" / "igf2014.yaml"


def load(db: Database, text: str = SMALL) -> Report:
    return load_programme(db, text, LATER)


def stored(db: Database, code: str) -> Session:
    return session_by_code(db, meeting_by_slug(db, "igf2014"), code)


def test_a_file_makes_a_meeting_with_its_programme(db: Database) -> None:
    report = load_programme(db, SMALL, NOON)
    assert report == Report(
        lines=[
            "meeting igf2014: new",
            "track trust: new",
            "session type workshop: new",
            "session type open-forum: new",
            "room wr01: new",
            "room wr02: new",
            "session ws1: new",
            "session ws2: new",
            "session ws3: new",
            "Published as version 1.",
        ],
        changed=9,
    )
    meeting = meeting_by_slug(db, "igf2014")
    assert (meeting.name, meeting.mode, meeting.has_day_zero) == (
        {"en": "Ninth Annual Meeting", "ja": "第9回"},
        "hybrid",
        True,
    )
    assert [(room.key, room.position, room.capacity, room.stream) for room in meeting.rooms] == [
        ("wr01", 1, 120, ""),
        ("wr02", 2, None, "https://stream.example/2"),
    ]
    facts = [
        (one.code, one.type.key, one.track and one.track.key, one.room and one.room.key, one.starts_at, one.ends_at)
        for one in programme_sessions(db, meeting)
    ]
    assert facts == [
        ("ws1", "workshop", "trust", "wr01", at("2014-09-02T09:30+03:00"), at("2014-09-02T11:00+03:00")),
        ("ws2", "workshop", None, "wr01", at("2014-09-02T11:30+03:00"), at("2014-09-02T13:00+03:00")),
        ("ws3", "open-forum", None, None, None, None),
    ]
    people = [(one.part, one.name, one.organisation, one.stakeholder_group) for one in stored(db, "ws1").people]
    assert people == [("chair", "Larry Magid", "ConnectSafely.org", "civil-society"), ("organiser", "", "UNESCO", "")]
    assert [stored(db, code).end_is_estimate for code in ("ws1", "ws2", "ws3")] == [False, True, False]
    assert len(db.scalars(select(Summary)).all()) == 3


def test_the_same_file_again_changes_nothing(db: Database) -> None:
    load_programme(db, SMALL, NOON)
    uids = [session.uid for session in programme_sessions(db, meeting_by_slug(db, "igf2014"))]
    assert load(db) == Report(lines=["Everything is as in the file already."], changed=0)
    meeting = meeting_by_slug(db, "igf2014")
    assert published_version(db, meeting) == (1, NOON)
    assert [(one.uid, one.sequence, one.changed_at) for one in programme_sessions(db, meeting)] == [
        (uid, 0, NOON) for uid in uids
    ]


def test_the_demo_loads_whole_and_again_changes_nothing(db: Database) -> None:
    text = DEMO.read_text("utf-8")
    assert load_programme(db, text, NOON).changed == 1 + 8 + 12 + 13 + 87
    assert load(db, text) == Report(lines=["Everything is as in the file already."], changed=0)
    sessions = programme_sessions(db, meeting_by_slug(db, "igf2014"))
    assert len(sessions) == len({session.uid for session in sessions}) == 87


def test_a_changed_file_changes_what_it_says_and_raises_those_sessions_alone(db: Database) -> None:
    load_programme(db, SMALL, NOON)
    text = SMALL.replace("capacity: 120", "capacity: 150").replace("start: 11:30", "start: 12:00")
    text = text.replace("organisation: UNESCO", "organisation: ITU").replace("venue: Lütfi Kırdar ICEC\n", "venue:\n")
    assert load(db, text) == Report(
        lines=[
            "room wr01: changed (capacity)",
            "session ws1: changed (people)",
            "session ws2: changed (starts_at)",
            "Published as version 2.",
        ],
        changed=3,
    )
    assert [stored(db, code).sequence for code in ("ws1", "ws2", "ws3")] == [1, 1, 0]
    assert [one.organisation for one in stored(db, "ws1").people] == ["ConnectSafely.org", "ITU"]
    assert meeting_by_slug(db, "igf2014").venue == {"en": "Lütfi Kırdar ICEC"}


def test_a_session_is_set_whole(db: Database) -> None:
    load_programme(db, SMALL, NOON)
    load(db, SMALL.replace("    room: wr01\n    day: 2014-09-02\n    start: 11:30\n", ""))
    session = stored(db, "ws2")
    assert (session.room, session.day, session.starts_at, session.ends_at) == (None, None, None, None)


def test_what_the_file_does_not_name_is_left_as_it_is(db: Database) -> None:
    meeting = make_meeting(db)
    session = make_session(db, meeting, "old1")
    report = load(db)
    assert [line for line in report.lines if "not in the file" in line] == [
        "track human-rights: not in the file, left as it is",
        "session type main: not in the file, left as it is",
        "room main-hall: not in the file, left as it is",
        "session old1: not in the file, left as it is",
    ]
    assert (session.title, session.status) == ({"en": "Session old1"}, "confirmed")
    assert [room.key for room in sorted(meeting.rooms, key=lambda room: room.position)] == ["wr01", "wr02", "main-hall"]
    assert next(room for room in meeting.rooms if room.key == "wr01").stream == ""
    assert load(db).changed == 0


def test_an_end_before_the_start_is_on_the_next_day(db: Database) -> None:
    load(db, SMALL.replace("start: 09:30", "start: 22:30").replace("end: 11:00", "end: 00:15"))
    session = stored(db, "ws1")
    assert (session.minutes, session.ends_at) == (105, at("2014-09-03T00:15+03:00"))


def test_a_refused_file_leaves_everything_as_it_was(db: Database) -> None:
    load_programme(db, SMALL, NOON)
    with pytest.raises(Refused):
        load(db, SMALL.replace("The Second", "Number Two").replace("type: open-forum", "type: none"))
    assert stored(db, "ws2").title == {"en": "The Second"}


def test_a_uid_is_kept_for_ever(db: Database) -> None:
    theirs, another = str(uuid.uuid4()), str(uuid.uuid4())
    load_programme(db, SMALL.replace("code: ws2", f"code: ws2\n    uid: {theirs}"), NOON)
    assert stored(db, "ws2").uid == theirs
    assert load(db).changed == 0
    assert stored(db, "ws2").uid == theirs
    with pytest.raises(Refused) as refused:
        load(db, SMALL.replace("code: ws2", f"code: ws2\n    uid: {another}"))
    assert refused.value.faults == [(33, f"sessions[1].uid: this session has the uid {theirs} for ever")]
    with pytest.raises(Refused) as refused:
        load(db, SMALL.replace("code: ws3", f"code: ws4\n    uid: {theirs.upper()}"))
    assert refused.value.faults == [(39, "sessions[2].uid: another session has this uid")]


def test_two_meetings_may_have_the_same_codes(db: Database) -> None:
    load(db)
    load(db, SMALL.replace("slug: igf2014", "slug: igf2015"))
    uids = db.scalars(select(Session.uid).where(Session.code == "ws1")).all()
    assert len(set(uids)) == 2


def test_an_address_links_an_account_and_a_file_without_it_keeps_the_link(db: Database) -> None:
    linked = SMALL.replace("name: Larry Magid,", "name: Larry Magid, email: Larry@Example.org,")
    load_programme(db, linked, NOON)
    chair = stored(db, "ws1").people[0]
    assert chair.person is not None
    assert (chair.person.email, chair.person.name) == ("larry@example.org", "Larry Magid")
    assert load(db, linked).changed == 0
    assert load(db, SMALL).changed == 0
    assert stored(db, "ws1").people[0].person_id == chair.person_id
    load(db, SMALL.replace("Larry Magid", "Lawrence Magid"))
    assert stored(db, "ws1").people[0].person_id is None
    assert len(db.scalars(select(Person)).all()) == 1


# The command.


class Command:
    """`plenary load` on a database of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.environment = os.environ | {"PLENARY_VAR": str(folder), "PLENARY_DATABASE": database}

    def __call__(self, name: str, text: str | bytes, *options: str) -> tuple[int, list[str], list[str]]:
        file = self.folder / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        command = [sys.executable, "-m", "server", "load", str(file), *options]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        said = [stream.replace(f"{self.folder}/", "").splitlines() for stream in (done.stdout, done.stderr)]
        return done.returncode, said[0], said[1]


@pytest.fixture
def plenary_load(tmp_path: Path, database: str) -> Any:
    return Command(tmp_path, database)


def test_the_command_loads_a_file_and_a_dry_run_does_nothing(plenary_load: Command, db: Database) -> None:
    db.rollback()
    status, said, faults = plenary_load("p.yaml", SMALL, "--dry-run")
    assert (status, said[:2], said[-1]) == (
        0,
        ["Nothing is done yet. This would be:", "meeting igf2014: new"],
        "Published as version 1.",
    )
    assert db.scalars(select(Meeting)).all() == []
    db.rollback()
    assert plenary_load("p.yaml", SMALL)[:2] == (0, said[1:])
    assert plenary_load("p.yml", SMALL) == (0, ["Everything is as in the file already."], faults)
    nothing = ["Nothing is done yet. This would be:", "Everything is as in the file already."]
    assert plenary_load("p.yml", SMALL, "--dry-run") == (0, nothing, faults)
    assert len(programme_sessions(db, meeting_by_slug(db, "igf2014"))) == 3


@pytest.mark.either
def test_the_command_names_file_line_and_reason_of_each_fault(plenary_load: Command) -> None:
    assert plenary_load("p.yaml", SMALL.replace("room: wr01", "room: wr99")) == (
        1,
        [],
        [
            "p.yaml:24: sessions[0].room: there is no room “wr99”",
            "p.yaml:35: sessions[1].room: there is no room “wr99”",
        ],
    )
    assert plenary_load("p.yaml", b"meeting:\n  name: \xff\n") == (1, [], ["p.yaml:2: this is not UTF-8 text"])


@pytest.mark.either
def test_the_command_loads_a_list_of_meetings(plenary_load: Command, db: Database) -> None:
    db.rollback()
    text = "number,year,start_date,end_date,city_en,country_en\n1,2006,2006-10-30,2006-11-02,Athens,Greece\n"
    assert plenary_load("meetings.csv", text)[0] == 0
    assert plenary_load("meetings.csv", text, "--dry-run")[1][1:] == ["Everything is as in the file already."]
    assert meeting_by_slug(db, "igf2006").city == {"en": "Athens"}


@pytest.mark.either
@pytest.mark.parametrize("name", ["schedule.json", "schedule.xml", "programme.docx"])
def test_the_command_refuses_other_kinds_of_file(plenary_load: Command, name: str) -> None:
    status, said, faults = plenary_load(name, "{}", "--meeting", "igf2014")
    assert (status, said, len(faults)) == (1, [], 1)


def test_the_example_in_the_documentation_loads(db: Database) -> None:
    page = (DEMO.parents[1] / "docs" / "programme-file.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert load(db, example).changed == 1 + 1 + 2 + 2 + 3
    assert (stored(db, "main2").minutes, stored(db, "main2").ends_at) == (None, at("2014-09-03T17:30+03:00"))
