"""The published programme as plain JSON for programs: what each member means, and how it is written."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from server import clock
from server.meetings.models import Meeting, Room, SessionType, Track
from server.schedule import addresses
from server.schedule.models import Part, Session, Status
from server.schedule.words import end_of

Texts = dict[str, str]


class _Facts(BaseModel):
    """Members that are there in every answer; others may come."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class NamedFacts(_Facts):
    """A session type or track."""

    key: str
    """What filters and files call it."""
    name: Texts
    """What people call it, by language."""


class RoomFacts(NamedFacts):
    """A room."""

    place: Texts
    """The way to it, by language."""
    capacity: int | None
    """How many people fit in."""


class PersonFacts(_Facts):
    """Somebody named in a session, by name, organisation or both."""

    part: Part
    """What they do in it."""
    name: str
    organisation: str
    stakeholder_group: str
    """Such as `civil-society`; empty where it is not known."""


class SessionFacts(_Facts):
    """A session as it is published."""

    code: str
    """Its name in addresses."""
    uid: str
    """The UUID by which calendars know it, for ever (RFC 5545, 3.8.4.7)."""
    url: str
    live_url: str
    """Where it is followed live."""
    title: Texts
    """By language (BCP 47)."""
    description: Texts
    """Markdown, by language."""
    type: NamedFacts
    track: NamedFacts | None
    room: RoomFacts | None
    day: date | None
    """The day of the programme. A session after midnight belongs to the evening before."""
    part_of_day: Literal["morning", "afternoon", "evening"] | None
    """Where the day is known and the time is not yet."""
    start: datetime | None
    """With the offset of the meeting's zone (RFC 3339)."""
    end: datetime | None
    end_is_estimate: bool
    """Whether nobody has announced the end, so that it is as long as sessions of its type usually are."""
    timezone: str
    """The IANA zone of the meeting."""
    status: Status
    language: str
    """In which it is held (BCP 47)."""
    format: str
    tags: list[str]
    people: list[PersonFacts]
    """In the order in which they are named."""
    repeats: str | None
    """The code of the session that is held again here."""
    sequence: int
    """How often it has changed since it was first published (RFC 5545, 3.8.7.4)."""
    changed_at: datetime
    """When it last did, in UTC."""


class MeetingFacts(_Facts):
    """The meeting a programme is of."""

    slug: str
    name: Texts
    timezone: str
    """The IANA zone."""
    first_day: date
    """Day 1. There may be sessions on the day before, day 0."""
    last_day: date


class ProgrammeFacts(_Facts):
    """The sessions that a filter takes, cancelled ones too, in the order in which people read them."""

    meeting: MeetingFacts
    version: int
    """The number of the published version; 0 before the first."""
    published_at: datetime | None
    sessions: list[SessionFacts]


def programme_json(
    meeting: Meeting, version: int, published_at: datetime | None, sessions: Sequence[Session], base_url: str
) -> bytes:
    """The sessions of a published version (0: none yet) as `ProgrammeFacts`."""
    about = MeetingFacts(
        slug=meeting.slug, name=meeting.name, timezone=meeting.timezone, first_day=meeting.first_day,
        last_day=meeting.last_day,
    )  # fmt: skip
    told = [_session(meeting, session, base_url) for session in sessions]
    facts = ProgrammeFacts(meeting=about, version=version, published_at=published_at, sessions=told)
    return facts.model_dump_json().encode()


def session_json(meeting: Meeting, session: Session, base_url: str) -> bytes:
    """One session as `SessionFacts`."""
    return _session(meeting, session, base_url).model_dump_json().encode()


def _session(meeting: Meeting, session: Session, base_url: str) -> SessionFacts:
    start, zone = session.starts_at, meeting.timezone
    return SessionFacts.model_validate(
        {
            "code": session.code,
            "uid": session.uid,
            "url": base_url + addresses.session_page(meeting.slug, session.code),
            "live_url": base_url + addresses.live_page(meeting.slug, session.code),
            "title": session.title,
            "description": session.description,
            "type": _named(session.type),
            "track": _named(session.track) if session.track else None,
            "room": _room(session.room) if session.room else None,
            "day": session.day,
            "part_of_day": session.part_of_day or None,
            "start": clock.local(start, zone) if start else None,
            "end": clock.local(end_of(session), zone) if start else None,
            "end_is_estimate": session.end_is_estimate,
            "timezone": zone,
            "status": session.status,
            "language": session.language,
            "format": session.format,
            "tags": session.tags or [],
            "people": [
                PersonFacts.model_validate({name: getattr(one, name) for name in PersonFacts.model_fields})
                for one in session.people
            ],
            "repeats": session.repeats or None,
            "sequence": session.sequence,
            "changed_at": session.changed_at,
        }
    )


def _named(part: SessionType | Track) -> NamedFacts:
    return NamedFacts(key=part.key, name=part.name)


def _room(room: Room) -> RoomFacts:
    return RoomFacts(key=room.key, name=room.name, place=room.place or {}, capacity=room.capacity)
