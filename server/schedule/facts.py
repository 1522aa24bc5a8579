"""What the public is told about a session beyond what was given: when it ends, and whether anything changed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from server.meetings.models import Meeting, Room
from server.schedule.models import Session


def settle(meeting: Meeting, sessions: Sequence[Session], now: datetime) -> list[Session]:
    """Bring end, sequence and change instant of each session up to date; returns those that changed.

    A session's first publication has sequence 0, each change after it adds one (RFC 5545 3.8.7.4).
    """
    set_ends(sessions)
    changed = []
    for session in sessions:
        made = fingerprint(meeting, session)
        if made != session.fingerprint:
            session.sequence = session.sequence + 1 if session.fingerprint else 0
            session.fingerprint, session.changed_at = made, now
            changed.append(session)
    return changed


def set_ends(sessions: Sequence[Session]) -> None:
    """Give each session that starts an end: the given one, else its type's usual length later, or earlier when
    the next session of the room begins before that. A cancelled session stands in nobody's way."""
    starts: dict[Room, list[datetime]] = defaultdict(list)
    for session in sessions:
        if session.room is not None and session.starts_at is not None and not session.cancelled:
            starts[session.room].append(session.starts_at)
    for session in sessions:
        session.end_is_estimate = session.starts_at is not None and session.minutes is None
        session.ends_at = _end(session, starts[session.room] if session.room else [])


def _end(session: Session, starts_in_room: Iterable[datetime]) -> datetime | None:
    start = session.starts_at
    if start is None:
        return None
    if session.minutes is not None:
        return start + timedelta(minutes=session.minutes)
    usual = start + timedelta(minutes=session.type.usual_minutes)
    return min([usual, *(other for other in starts_in_room if other > start)])


def fingerprint(meeting: Meeting, session: Session) -> str:
    """64 hexadecimal digits that change when anything the public is shown of the session does."""
    return _digest(
        {
            "at": [meeting.slug, session.code, session.uid, meeting.timezone],
            "title": session.title,
            "description": session.description,
            "when": [session.day, session.part_of_day, session.starts_at, session.ends_at, session.end_is_estimate],
            "where": [_name(session.room), meeting.venue, meeting.city, meeting.country],
            "room": [session.room.place, session.room.stream] if session.room else [],
            "type": [*_name(session.type), session.type.mark],
            "track": _name(session.track),
            "people": [[one.part, one.name, one.organisation, one.stakeholder_group] for one in session.people],
            "status": session.status,
            "language": session.language,
            "format": session.format,
            "tags": session.tags,
        }
    )


def programme_fingerprint(meeting: Meeting, sessions: Sequence[Session]) -> str:
    """64 hexadecimal digits that change when anything in the programme as a whole does."""
    return _digest(
        {
            "name": [meeting.slug, meeting.number, meeting.name, meeting.short_name, meeting.credit],
            "where": [meeting.mode, meeting.venue, meeting.city, meeting.country, meeting.timezone],
            "when": [meeting.first_day, meeting.days, meeting.has_day_zero],
            "tracks": [meeting.track_label, *map(_name, _placed(meeting.tracks))],
            "rooms": [[*_name(room), room.place, room.capacity, room.stream] for room in _placed(meeting.rooms)],
            "types": [
                [*_name(kind), kind.colour, kind.mark, kind.usual_minutes, kind.stands_alone]
                for kind in _placed(meeting.session_types)
            ],
            "sessions": sorted(session.fingerprint for session in sessions),
        }
    )


def _placed(things: Sequence[Any]) -> list[Any]:
    """By position, whatever order this transaction happens to hold them in."""
    return sorted(things, key=lambda thing: (thing.position, thing.key))


def _name(thing: Any) -> list[Any]:
    """Key and name of a track, type or room; nothing for none."""
    return [] if thing is None else [thing.key, thing.name]


def _digest(facts: Any) -> str:
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=lambda value: value.isoformat())
    return hashlib.sha256(text.encode()).hexdigest()
