"""What is on, what comes next, and in which order sessions are read."""

from datetime import timedelta

from sqlalchemy import event

from server.app import notice_board
from server.database import Database, Store
from server.schedule.models import Part, Status
from server.schedule.queries import named, next_up, on_now, programme_sessions, published_version, session_count
from tests.makers import NOON, make_meeting, make_session
from tests.world import at

NINE = at("2014-09-02T09:00+03:00")


def test_sessions_are_read_by_start_then_room_then_code_and_those_without_a_time_come_last(db: Database) -> None:
    meeting = make_meeting(db)
    hall, room = meeting.rooms
    make_session(db, meeting, "dateless", starts_at=None, minutes=None)
    make_session(db, meeting, "dayless", starts_at=None, minutes=None).day = NINE.date()
    make_session(db, meeting, "late", starts_at=NINE + timedelta(hours=2), room=hall)
    make_session(db, meeting, "ws112", starts_at=NINE, room=room)
    make_session(db, meeting, "ws7", starts_at=NINE, room=room)
    make_session(db, meeting, "zz", starts_at=NINE, room=hall)
    make_session(db, meeting, "anywhere", starts_at=NINE, room=None)
    make_session(db, make_meeting(db, "igf2015"), "other")
    codes = [session.code for session in programme_sessions(db, meeting)]
    assert codes == ["zz", "ws7", "ws112", "anywhere", "late", "dayless", "dateless"]


def test_a_programme_of_one_and_of_thirty_takes_as_many_queries(database: str) -> None:
    store = Store(database, notice_board())
    counts = []
    for slug, size in (("igf2013", 1), ("igf2014", 30)):
        with store.writing() as db:
            meeting = make_meeting(db, slug)
            for number in range(size):
                make_session(db, meeting, f"ws{number}", people=[(Part.CHAIR, "Ada"), (Part.SPEAKER, "Bo")])
        statements: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *given, to=statements: to.append(given[2]))
        with store.reading() as db:
            sessions = programme_sessions(db, meeting)
            shown = [(s.type.key, s.track and s.track.key, s.room and s.room.key, len(s.people)) for s in sessions]
            assert shown == [("workshop", "human-rights", "wr01", 2)] * size
        counts.append(sum(statement.startswith("SELECT") for statement in statements))
    store.close()
    assert counts[0] == counts[1] == 2


def test_a_session_is_on_from_its_start_until_just_before_its_end(db: Database) -> None:
    meeting = make_meeting(db)
    first = make_session(db, meeting, "first", starts_at=NINE, minutes=90)
    second = make_session(db, meeting, "second", starts_at=NINE + timedelta(minutes=90), minutes=90)
    make_session(db, meeting, "off", starts_at=NINE, status=Status.CANCELLED)
    make_session(db, meeting, "someday", starts_at=None, minutes=None)
    assert on_now(db, meeting, NINE - timedelta(seconds=1)) == []
    assert on_now(db, meeting, NINE) == [first]
    assert on_now(db, meeting, NINE + timedelta(minutes=90)) == [second]
    assert next_up(db, meeting, NINE - timedelta(seconds=1)) == [first, second]
    assert next_up(db, meeting, NINE - timedelta(seconds=1), limit=1) == [first]
    assert next_up(db, meeting, NINE) == [second]
    assert session_count(db, meeting) == 3


def test_a_meeting_without_a_programme_has_no_version(db: Database) -> None:
    meeting = make_meeting(db)
    assert published_version(db, meeting) is None
    make_session(db, meeting)
    assert published_version(db, meeting) == (1, NOON)


def test_people_are_named_by_part_and_an_organisation_stands_in_for_a_missing_name(db: Database) -> None:
    people = [(Part.ORGANISER, ""), (Part.ORGANISER, "Bill"), (Part.CHAIR, "Ada")]
    session = make_session(db, make_meeting(db), people=people)
    session.people[0].organisation = "APNIC"
    assert named(session, Part.ORGANISER) == ["APNIC", "Bill"]
    assert named(session, Part.RAPPORTEUR) == []
