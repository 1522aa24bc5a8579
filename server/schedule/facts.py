"""What the public is told about a session beyond what was given: when it ends, and whether anything changed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.meetings.models import Meeting
from server.schedule.models import Session
from server.schedule.plan import PRIVATE, Named, Planned


@dataclass(frozen=True)
class End:
    """When a session ends, and whether that is an estimate because nobody gave it."""

    at: datetime | None
    estimated: bool


def planned_of(session: Session) -> Planned:
    """A published session as a plain value."""
    return Planned(
        code=session.code, uid=session.uid, title=session.title, description=session.description,
        type=session.type.key, track=session.track.key if session.track else None,
        room=session.room.key if session.room else None, day=session.day, part_of_day=session.part_of_day,
        starts_at=session.starts_at, minutes=session.minutes, language=session.language, format=session.format,
        tags=tuple(session.tags or ()), status=session.status, repeats=session.repeats, expected=session.expected,
        buffer=session.buffer, origin=session.origin,
        people=tuple(
            Named(one.part, one.name, one.organisation, one.stakeholder_group, one.person_id) for one in session.people
        ),
    )  # fmt: skip


def ends_of(programme: Iterable[Planned], usual_minutes: Mapping[str, int]) -> dict[str, End]:
    """When each session ends, by code: as given, else its type's usual length later, or earlier when the next session
    of the room begins before that. A cancelled session stands in nobody's way."""
    sessions = list(programme)
    starts: dict[str, list[datetime]] = defaultdict(list)
    for session in sessions:
        if session.room is not None and session.starts_at is not None and not session.cancelled:
            starts[session.room].append(session.starts_at)
    return {
        session.code: End(
            _end(session, usual_minutes[session.type], starts[session.room] if session.room else []),
            session.starts_at is not None and session.minutes is None,
        )
        for session in sessions
    }


def _end(session: Planned, usual_minutes: int, starts_in_room: Iterable[datetime]) -> datetime | None:
    usual = session.end(usual_minutes)
    if session.starts_at is None or usual is None or session.minutes is not None:
        return usual
    return min([usual, *(other for other in starts_in_room if other > session.starts_at)])


def usual_minutes(meeting: Meeting) -> dict[str, int]:
    """How long a session of each type usually takes, by the type's key."""
    return {kind.key: kind.usual_minutes for kind in meeting.session_types}


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
    """Give each session that starts an end."""
    ends = ends_of(map(planned_of, sessions), {one.type.key: one.type.usual_minutes for one in sessions})
    for session in sessions:
        end = ends[session.code]
        session.ends_at, session.end_is_estimate = end.at, end.estimated


def public_facts(planned: Planned, end: End) -> dict[str, Any]:
    """All that the public learns of a session, as versions keep it: plain values that JSON has."""
    made = {name: value for name, value in planned.to_json().items() if name not in PRIVATE}
    made["people"] = [{name: value for name, value in one.items() if name != "person"} for one in made["people"]]
    return made | {"ends_at": end.at.isoformat() if end.at else None, "end_is_estimate": end.estimated}


def frame_of(meeting: Meeting) -> dict[str, Any]:
    """What a meeting's sessions stand in, as versions keep it: its place and zone, tracks, types and rooms by key."""
    return {
        "meeting": {
            "slug": meeting.slug, "timezone": meeting.timezone, "venue": meeting.venue, "city": meeting.city,
            "country": meeting.country, "first_day": meeting.first_day.isoformat(), "days": meeting.days,
            "has_day_zero": meeting.has_day_zero, "track_label": meeting.track_label,
        },
        "tracks": {one.key: {"name": one.name} for one in _placed(meeting.tracks)},
        "types": {
            one.key: {"name": one.name, "colour": one.colour, "mark": one.mark, "usual_minutes": one.usual_minutes}
            for one in _placed(meeting.session_types)
        },
        "rooms": {
            one.key: {"name": one.name, "place": one.place, "stream": one.stream} for one in _placed(meeting.rooms)
        },
    }  # fmt: skip


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
            "repeats": session.repeats,
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
