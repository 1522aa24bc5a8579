"""What is asked of the programme."""

import re
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, subqueryload

from server.database import Database
from server.meetings.models import Meeting, Room
from server.people.models import Person
from server.problems import NotFound
from server.schedule.links import path_of
from server.schedule.models import Chosen, Entry, Part, PrivateFeed, Programme, Publication, Session, Status
from server.settings import Settings
from server.web.language import N_


def programme_sessions(db: Database, meeting: Meeting) -> list[Session]:
    """Every session of the published programme, cancelled ones too, in the order in which people read it.

    That is by start, then those with a day alone by day, then those with neither; side by side by room, then by
    code (`ws7` before `ws62`). Type, track, room and people are loaded with them: two queries, however many rows.
    """
    return sorted(db.scalars(whole_sessions(meeting)), key=_reading_order)


def on_now(db: Database, meeting: Meeting, now: datetime) -> list[Session]:
    """The sessions that are on at this instant, room by room; a session is on until just before its end."""
    query = _taking_place(meeting).where(Session.starts_at <= now, Session.ends_at > now)
    return sorted(db.scalars(query), key=lambda session: _reading_order(session)[1:])


def next_up(db: Database, meeting: Meeting, now: datetime, limit: int = 5) -> list[Session]:
    """The next sessions to start after this instant, soonest first."""
    query = _taking_place(meeting).where(Session.starts_at > now).outerjoin(Session.room)
    rows = db.scalars(query.order_by(Session.starts_at, Room.position.nulls_last(), Session.code).limit(limit))
    return list(rows)


def session_count(db: Database, meeting: Meeting) -> int:
    """How many sessions the programme has, cancelled ones not counted."""
    query = select(func.count()).select_from(Session).filter_by(meeting_id=meeting.id)
    return db.scalar(query.where(Session.status != Status.CANCELLED)) or 0


def published_version(db: Database, meeting: Meeting) -> tuple[int, datetime] | None:
    """Number and instant of the version that the public sees; None before the first."""
    programme = db.get(Programme, meeting.id)
    if programme is None or programme.published_at is None:
        return None
    return programme.version, programme.published_at


def standings(db: Database) -> dict[str, object]:
    """How the programme of each meeting stands, by the meeting's slug: what is equal at two times shows the same."""
    query = select(*_STANDING).outerjoin(Programme, Programme.meeting_id == Meeting.id)
    return {slug: tuple(rest) for slug, *rest in db.execute(query)}


def standing_of(db: Database, meeting: Meeting) -> object:
    """How the programme of one meeting stands, as `standings` tells it."""
    query = select(*_STANDING).outerjoin(Programme, Programme.meeting_id == Meeting.id).where(Meeting.id == meeting.id)
    return tuple(db.execute(query).one()[1:])


_STANDING = (
    Meeting.slug, Meeting.registration_open, Meeting.registration_opens_at, Meeting.registration_closes_at, Programme.version, Programme.published_at, Programme.stamp,
)  # fmt: skip


def recent_changes(db: Database, meeting: Meeting, since: datetime) -> dict[str, list[tuple[int, datetime, list[str]]]]:
    """What changed in the versions published at `since` or later, but the first, by the code of the session.

    For each such version, oldest first, its number, its instant, and the kinds of change (`comparing.Kind`).
    """
    first = select(func.min(Publication.number)).where(Publication.meeting_id == meeting.id).scalar_subquery()
    query = (
        select(Entry.code, Entry.number, Publication.published_at, Entry.kinds)
        .join(Publication, (Publication.meeting_id == Entry.meeting_id) & (Publication.number == Entry.number))
        .where(Entry.meeting_id == meeting.id, Publication.published_at >= since, Entry.number > first)
        .order_by(Entry.number)
    )
    found: dict[str, list[tuple[int, datetime, list[str]]]] = {}
    for code, number, published_at, kinds in db.execute(query):
        found.setdefault(code, []).append((number, published_at, kinds))
    return found


def named(session: Session, part: Part) -> list[str]:
    """Who does this in the session, by name, an organisation's where no name is given."""
    return [one.name or one.organisation for one in session.people if one.part == part]


def whole_sessions(meeting: Meeting) -> Select[Session]:
    """A meeting's sessions with all that a line of the programme shows."""
    return (
        select(Session)
        .filter_by(meeting_id=meeting.id)
        .options(
            joinedload(Session.type), joinedload(Session.track), joinedload(Session.room), subqueryload(Session.people)
        )
    )


def _taking_place(meeting: Meeting) -> Select[Session]:
    return whole_sessions(meeting).where(Session.status != Status.CANCELLED)


def _reading_order(session: Session) -> tuple[Any, ...]:
    room = session.room.position if session.room else None
    return reading_order(session.code, session.starts_at, session.day, room)


def reading_order(
    code: str, starts_at: datetime | None, day: date | None, room_position: int | None
) -> tuple[Any, ...]:
    """By what a programme is put in order: start, then day, then room, then code with its numbers as numbers."""
    pieces = re.split(r"(\d+)", code)
    return (
        (0, starts_at.timestamp()) if starts_at else (1, 0),
        (0, day.toordinal()) if day else (1, 0),
        (0, room_position) if room_position is not None else (1, 0),
        [int(piece) if piece.isdigit() else piece for piece in pieces],
    )


def session_by_code(db: Database, meeting: Meeting, code: str) -> Session:
    """The session of a meeting; raises NotFound."""
    session = db.scalars(select(Session).filter_by(meeting_id=meeting.id, code=code)).first()
    if session is None:
        raise NotFound(N_("There is no session at this address."))
    return session


def chairs_session(person: Person | None, session: Session) -> bool:
    """Whether this person is named as chair of the session.

    Where the programme names no account as its chair, anyone with the chair's role at the meeting
    stands in: who may do what with that is decided by the roles table.
    """
    if person is None:
        return False
    chairs = {one.person_id for one in session.people if one.part == Part.CHAIR and one.person_id is not None}
    return not chairs or person.id in chairs


def chosen_codes(db: Database, person: Person, meeting: Meeting) -> set[str]:
    """The codes of the sessions of a meeting that somebody has chosen."""
    query = select(Session.code).join(Chosen, Chosen.session_id == Session.id)
    return set(db.scalars(query.where(Chosen.person_id == person.id, Session.meeting_id == meeting.id)))


def private_feed_of(db: Database, person: Person, meeting: Meeting) -> PrivateFeed | None:
    """The calendar of what somebody chose, if there is one."""
    return db.scalars(select(PrivateFeed).filter_by(person_id=person.id, meeting_id=meeting.id)).first()


def private_calendar_of(db: Database, person: Person, meeting: Meeting, settings: Settings) -> str:
    """The path of somebody's private calendar; empty where there is none, or it is revoked."""
    feed = private_feed_of(db, person, meeting)
    return path_of(feed, settings) if feed is not None else ""
