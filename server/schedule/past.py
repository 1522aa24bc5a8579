"""The programme as it was in a version: the same sessions and rooms as values that no database holds any more."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from server.database import Database
from server.meetings.models import Meeting, Room, SessionType, Track
from server.schedule.models import Entry, Publication, Session, SessionPerson
from server.schedule.queries import reading_order
from server.schedule.versions import entries_as_of


def programme_as_of(db: Database, meeting: Meeting, publication: Publication) -> tuple[Meeting, list[Session]]:
    """The meeting and its sessions as that version showed them, in reading order; none of them is in the database."""
    made = _meeting(meeting, publication.frame)
    sessions = [_session(made, number, entry) for number, entry in enumerate(_entries(db, meeting, publication), 1)]
    return made, sorted(sessions, key=_order)


def _entries(db: Database, meeting: Meeting, publication: Publication) -> list[Entry]:
    return sorted(entries_as_of(db, meeting, publication.number), key=lambda entry: entry.code)


def _order(session: Session) -> tuple[Any, ...]:
    room = session.room.position if session.room else None
    return reading_order(session.code, session.starts_at, session.day, room)


def _meeting(meeting: Meeting, frame: Mapping[str, Any]) -> Meeting:
    facts = dict(frame["meeting"])
    facts["first_day"] = date.fromisoformat(facts["first_day"])
    made = Meeting(
        id=meeting.id, name=meeting.name, short_name=meeting.short_name, mode=meeting.mode,
        registration_open=meeting.registration_open, registration_opens_at=meeting.registration_opens_at,
        registration_closes_at=meeting.registration_closes_at, credit=meeting.credit, **facts,
    )  # fmt: skip
    made.tracks = [
        Track(id=number, key=key, position=number, **part) for number, (key, part) in _numbered(frame["tracks"])
    ]
    made.session_types = [
        SessionType(id=number, key=key, position=number, **part) for number, (key, part) in _numbered(frame["types"])
    ]
    made.rooms = [
        Room(id=number, key=key, position=number, **part) for number, (key, part) in _numbered(frame["rooms"])
    ]
    return made


def _numbered(parts: Mapping[str, Any]) -> list[tuple[int, tuple[str, Any]]]:
    return list(enumerate(parts.items(), 1))


def _session(meeting: Meeting, number: int, entry: Entry) -> Session:
    facts = entry.facts
    room = next((room for room in meeting.rooms if room.key == facts["room"]), None)
    made = Session(
        id=number,
        room_id=room.id if room else None,
        day=date.fromisoformat(facts["day"]) if facts["day"] else None,
        starts_at=_instant(facts["starts_at"]),
        ends_at=_instant(facts["ends_at"]),
        **{
            name: facts[name]
            for name in (
                "code", "uid", "title", "description", "part_of_day", "minutes", "language", "format", "tags",
                "status", "repeats", "end_is_estimate",
            )
        },
    )  # fmt: skip
    made.room = room
    made.type = next(kind for kind in meeting.session_types if kind.key == facts["type"])
    made.track = next((track for track in meeting.tracks if track.key == facts["track"]), None)
    made.people = [SessionPerson(position=place, **one) for place, one in enumerate(facts["people"], 1)]
    return made


def _instant(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None
