"""What is published follows from what was given, and only what changed counts as changed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.database import Database
from server.meetings.actions import MeetingChanged
from server.meetings.models import Meeting, Room, SessionType
from server.notices import NoticeBoard, post
from server.schedule.actions import ProgrammePublished, publish, republish, shift_to_today
from server.schedule.facts import programme_fingerprint, settle
from server.schedule.models import Programme, Session, Status
from server.schedule.queries import on_now, published_version
from tests.makers import NOON, make_meeting, make_session
from tests.world import at

START = datetime(2014, 9, 2, 6, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
MUCH_LATER = NOON + timedelta(days=2)


@st.composite
def programmes(draw: Callable[..., object]) -> tuple[Meeting, list[Session]]:
    """A meeting with up to ten sessions in two rooms or none, with or without start and length."""
    meeting = Meeting(slug="m", name={"en": "M"}, first_day=date(2014, 9, 2), days=1, timezone="UTC")
    rooms = [None, Room(key="a", name={"en": "A"}, position=1), Room(key="b", name={"en": "B"}, position=2)]
    types = [SessionType(key=f"t{length}", name={"en": "T"}, usual_minutes=length) for length in (30, 90)]
    steps = draw(
        st.lists(
            st.tuples(
                st.none() | st.integers(0, 20),
                st.none() | st.integers(5, 200),
                st.sampled_from(rooms),
                st.sampled_from(types),
                st.sampled_from(Status),
            ),
            max_size=10,
        )
    )
    sessions = [
        Session(
            uid=f"u{number}", code=f"s{number}", title={"en": f"Session {number}"}, status=status, sequence=0,
            starts_at=None if step is None else START + timedelta(minutes=15 * step), minutes=minutes,
            room=room, type=kind, fingerprint="",
        )
        for number, (step, minutes, room, kind, status) in enumerate(steps)
    ]  # fmt: skip
    return meeting, sessions


@given(programmes())
def test_an_estimated_end_never_reaches_into_the_next_session_of_the_room(made: tuple[Meeting, list[Session]]) -> None:
    meeting, sessions = made
    settle(meeting, sessions, NOON)
    for session in sessions:
        start, end = session.starts_at, session.ends_at
        assert session.end_is_estimate == (start is not None and session.minutes is None)
        if start is None or end is None:
            assert start is end is None
        elif session.minutes is not None:
            assert end == start + timedelta(minutes=session.minutes)
        else:
            assert start < end <= start + timedelta(minutes=session.type.usual_minutes)
            for other in sessions:
                if other.room is session.room is not None and not other.cancelled and other.starts_at:
                    assert not start < other.starts_at < end


@given(programmes())
def test_settling_twice_changes_nothing(made: tuple[Meeting, list[Session]]) -> None:
    meeting, sessions = made
    assert settle(meeting, sessions, NOON) == sessions
    before = [(session.sequence, session.changed_at, session.ends_at) for session in sessions]
    assert [(sequence, changed_at) for sequence, changed_at, _ in before] == [(0, NOON)] * len(sessions)
    whole = programme_fingerprint(meeting, sessions)
    assert settle(meeting, sessions, LATER) == []
    assert [(session.sequence, session.changed_at, session.ends_at) for session in sessions] == before
    assert programme_fingerprint(meeting, sessions[::-1]) == whole


@given(programmes(), st.data())
def test_changing_one_session_raises_that_one_and_those_whose_estimate_it_moved(
    made: tuple[Meeting, list[Session]], data: st.DataObject
) -> None:
    meeting, sessions = made
    if not sessions:
        return
    settle(meeting, sessions, NOON)
    ends = {session.code: session.ends_at for session in sessions}
    whole = programme_fingerprint(meeting, sessions)
    one = data.draw(st.sampled_from(sessions))
    one.title = {"en": "Another title"}
    if one.starts_at:
        one.starts_at += timedelta(minutes=15 * data.draw(st.integers(-3, 3)))
    changed = settle(meeting, sessions, LATER)
    assert changed == [session for session in sessions if session is one or session.ends_at != ends[session.code]]
    assert [(session.sequence, session.changed_at) for session in sessions] == [
        (1, LATER) if session in changed else (0, NOON) for session in sessions
    ]
    assert programme_fingerprint(meeting, sessions) != whole


def test_the_version_counts_publications_that_changed_something(db: Database) -> None:
    meeting = make_meeting(db)
    session = make_session(db, meeting)
    other = make_session(db, meeting, "ws2", starts_at=START + timedelta(hours=3))
    db.delete(db.get_one(Programme, meeting.id))
    heard: list[ProgrammePublished] = []
    board = NoticeBoard()
    board.join(ProgrammePublished, lambda _, notice: heard.append(notice))
    db.info["board"] = board

    assert publish(db, meeting, NOON) == 1
    assert publish(db, meeting, LATER) == 1
    assert published_version(db, meeting) == (1, NOON)
    session.title = {"en": "Another title"}
    assert publish(db, meeting, LATER) == 2
    assert published_version(db, meeting) == (2, LATER)
    assert (session.sequence, session.changed_at) == (1, LATER)
    assert (other.sequence, other.changed_at) == (0, NOON)
    assert heard == [ProgrammePublished(meeting.id, 1), ProgrammePublished(meeting.id, 2)]


def test_every_session_says_so_when_the_venue_moves_and_none_when_a_colour_changes(db: Database) -> None:
    meeting = make_meeting(db)
    sessions = [make_session(db, meeting, "ws1"), make_session(db, meeting, "ws2", starts_at=None, minutes=None)]
    assert publish(db, meeting, NOON) == 2
    meeting.session_types[0].colour = "indigo"
    assert publish(db, meeting, LATER) == 3
    assert [session.sequence for session in sessions] == [0, 0]
    meeting.venue = {"en": "Another place"}
    assert publish(db, meeting, MUCH_LATER) == 4
    assert [session.sequence for session in sessions] == [1, 1]


def test_a_cancelled_session_makes_room(db: Database) -> None:
    meeting = make_meeting(db)
    first = make_session(db, meeting, "ws1", starts_at=START, minutes=None)
    next_one = make_session(db, meeting, "ws2", starts_at=START + timedelta(minutes=30))
    publish(db, meeting, NOON)
    assert (first.ends_at, first.end_is_estimate) == (START + timedelta(minutes=30), True)
    next_one.status = Status.CANCELLED
    publish(db, meeting, LATER)
    assert (first.ends_at, first.sequence) == (START + timedelta(minutes=90), 1)


def test_a_changed_meeting_is_published_again_if_it_was_before(db: Database) -> None:
    meeting = make_meeting(db)
    republish(db, MeetingChanged(meeting.id, NOON))
    assert published_version(db, meeting) is None
    make_session(db, meeting)
    publish(db, meeting, NOON)
    meeting.rooms[1].name = {"en": "The blue room"}
    post(db, MeetingChanged(meeting.id, LATER))
    assert published_version(db, meeting) == (3, LATER)


def test_a_meeting_is_moved_to_today_by_the_clock_on_the_wall(db: Database) -> None:
    """From the summer to the winter of a zone whose offset changes between them."""
    meeting = make_meeting(db, timezone="Europe/Lisbon")
    early = make_session(db, meeting, "early", starts_at=at("2014-09-02T09:00+01:00"))
    make_session(db, meeting, "dayless", starts_at=None, minutes=None)
    late = make_session(db, meeting, "late", starts_at=at("2014-09-05T18:00+01:00"))
    shift_to_today(db, meeting, date(2026, 1, 13), at("2026-01-13T09:30+00:00"))
    assert (meeting.first_day, meeting.last_day) == (date(2026, 1, 13), date(2026, 1, 16))
    assert [(session.day, session.starts_at, session.ends_at) for session in (early, late)] == [
        (date(2026, 1, 13), at("2026-01-13T09:00+00:00"), at("2026-01-13T10:30+00:00")),
        (date(2026, 1, 16), at("2026-01-16T18:00+00:00"), at("2026-01-16T19:30+00:00")),
    ]
    assert on_now(db, meeting, at("2026-01-13T09:30+00:00")) == [early]
    assert early.sequence == 0


def test_when_nothing_is_on_the_next_session_begins_now(db: Database) -> None:
    meeting = make_meeting(db)
    before = make_session(db, meeting, "before", starts_at=START)
    make_session(db, meeting, "off", starts_at=START + timedelta(hours=5), status=Status.CANCELLED)
    following = make_session(db, meeting, "following", starts_at=START + timedelta(hours=6), minutes=None)
    now = START + timedelta(hours=3, minutes=13, seconds=20)
    shift_to_today(db, meeting, meeting.first_day, now)
    assert following.starts_at == START + timedelta(hours=3, minutes=10)
    assert following.ends_at == START + timedelta(hours=4, minutes=40)
    assert on_now(db, meeting, now) == [following]
    shift_to_today(db, meeting, meeting.first_day, now + timedelta(minutes=30))
    assert following.starts_at == START + timedelta(hours=3, minutes=10)
    assert before.starts_at == START


def test_after_the_last_session_the_first_one_begins_again(db: Database) -> None:
    meeting = make_meeting(db)
    first = make_session(db, meeting, "first", starts_at=START)
    make_session(db, meeting, "last", starts_at=START + timedelta(hours=3))
    now = START + timedelta(hours=19)
    shift_to_today(db, meeting, meeting.first_day, now)
    assert on_now(db, meeting, now) == [first]
    assert first.day == date(2014, 9, 3)


def test_a_meeting_without_times_is_moved_all_the_same(db: Database) -> None:
    meeting = make_meeting(db)
    session = make_session(db, meeting, starts_at=None, minutes=None)
    session.day = date(2014, 9, 3)
    shift_to_today(db, meeting, date(2026, 11, 3), at("2026-11-03T12:00+00:00"))
    assert (session.day, session.starts_at) == (date(2026, 11, 4), None)
