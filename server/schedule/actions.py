"""What the programme team does."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from server import clock
from server.database import Database
from server.meetings.actions import MeetingChanged
from server.meetings.models import Meeting
from server.notices import post
from server.schedule.facts import programme_fingerprint, set_ends, settle
from server.schedule.models import Programme, Session
from server.schedule.queries import programme_sessions


@dataclass(frozen=True)
class SessionAdded:
    """A session is now part of a meeting's programme."""

    session_id: int


@dataclass(frozen=True)
class ProgrammePublished:
    """The public sees a new version of a meeting's programme."""

    meeting_id: int
    version: int


def publish(db: Database, meeting: Meeting, now: datetime) -> int:
    """Show the public the programme as it now stands; returns its version.

    Publishing what already is published changes nothing. Sessions whose public facts changed get the next
    sequence number and `now` as the instant of their last change; the version counts up by one.
    """
    _take_turn(db, meeting)
    sessions = programme_sessions(db, meeting)
    settle(meeting, sessions, now)
    made = programme_fingerprint(meeting, sessions)
    programme = db.get(Programme, meeting.id, populate_existing=True)
    if programme is None:
        programme = Programme(meeting_id=meeting.id, version=0)
        db.add(programme)
    elif programme.fingerprint == made:
        return programme.version
    programme.version, programme.published_at, programme.fingerprint = programme.version + 1, now, made
    db.flush()
    post(db, ProgrammePublished(meeting.id, programme.version))
    return programme.version


def republish(db: Database, notice: MeetingChanged) -> None:
    """Publish again where something about the meeting changed that its programme shows; an unpublished one waits."""
    meeting = db.get(Meeting, notice.meeting_id)
    if meeting is not None and db.get(Programme, meeting.id) is not None:
        publish(db, meeting, notice.at)


def shift_to_today(db: Database, meeting: Meeting, today: date, now: datetime) -> None:
    """Move a meeting so that its first day is today, each session keeping its time of day at the venue, and publish.

    If nothing is on at `now`, the next session with a start (else the first of all) begins at the last full
    five minutes: whoever tries a demonstration finds a meeting in progress.
    """
    _take_turn(db, meeting)
    sessions = programme_sessions(db, meeting)
    by = today - meeting.first_day
    meeting.first_day = today
    for session in sessions:
        _move(session, by, meeting.timezone)
    set_ends(sessions)
    _start_something(meeting, sessions, now)
    db.flush()
    publish(db, meeting, now)


def _move(session: Session, by: timedelta, zone: str) -> None:
    if session.day is not None:
        session.day += by
    if session.starts_at is not None:
        start = clock.local(session.starts_at, zone)
        session.starts_at = clock.instant(start.date() + by, start.time(), zone)


def _start_something(meeting: Meeting, sessions: list[Session], now: datetime) -> None:
    timed = [(session.starts_at, session) for session in sessions if session.starts_at and not session.cancelled]
    if not timed or any(start <= now < (session.ends_at or start) for start, session in timed):
        return
    ahead = [session for start, session in timed if start > now]
    chosen = (ahead or [session for _, session in timed])[0]
    chosen.starts_at = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    chosen.day = clock.local(chosen.starts_at, meeting.timezone).date()


def _take_turn(db: Database, meeting: Meeting) -> None:
    """Wait for whoever else publishes this meeting, lest two raise the same number; SQLite has one writer anyway."""
    db.flush()
    db.execute(select(Meeting.id).filter_by(id=meeting.id).with_for_update(key_share=True))
