"""The programme as other conference software reads it: c3voc schedule JSON and frab XML.

Both know only sessions with a room and a time, and neither has a place for a cancellation, so the title says it. What
else they have no place for stands apart in them, for ourselves (`supplement.py`).
"""

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree  # only writes: nothing from outside is parsed with it

from server import VERSION, clock, markdown
from server.meetings.models import Meeting
from server.schedule import addresses
from server.schedule.models import Session, SessionPerson
from server.schedule.supplement import shown, supplement
from server.schedule.words import ESTIMATE, clean, end_of, meeting_name, room_names, title
from server.web import language
from server.web.language import gettext

SCHEMA = "https://c3voc.de/schedule/schema.json"
SLOT = "00:15"
_ZONE_THEY_TAKE = re.compile(r"^[A-Z][a-z]+/[A-Z][a-z]+|UTC$")
_TRACK_COLOURS = ("#1f5fa8", "#0f766e", "#2f7d32", "#8a6d00", "#b45309", "#b3261e", "#a21b62", "#6b3fa0", "#4b5563")
_NAMESPACE = uuid.UUID("8d8f6f0c-3a55-5c43-9d0e-2f6f0a1f7c11")


@dataclass(frozen=True)
class Edition:
    """What is written: a meeting in its published version, the sessions a filter took, and where all that is."""

    meeting: Meeting
    version: int
    sessions: Sequence[Session]
    base_url: str
    page: str


@dataclass(frozen=True)
class Day:
    """One day with its sessions by the name of their room, and the stretch of time they fill."""

    index: int
    date: date
    start: datetime
    end: datetime
    rooms: dict[str, list[Session]]


def schedule_json(edition: Edition) -> bytes:
    """A document that is valid against the schema of c3voc's schedule validator."""
    meeting = edition.meeting
    home = f"{edition.base_url}/{meeting.slug}"
    document = {
        "$schema": SCHEMA,
        "generator": {"name": "Plenary", "version": VERSION, "url": edition.base_url},
        "schedule": {
            "url": edition.page,
            "version": str(edition.version),
            "base_url": f"{home}/",
            "conference": _conference(edition),
            "plenary": _supplement(edition),
        },
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _conference(edition: Edition) -> dict[str, Any]:
    meeting = edition.meeting
    days = days_of(edition)
    zone = {"time_zone_name": meeting.timezone} if _ZONE_THEY_TAKE.search(meeting.timezone) else {}
    return {
        "acronym": acronym(meeting.slug),
        "title": meeting_name(meeting),
        "description": clean(language.pick(meeting.name)),
        "start": days[0].date.isoformat(),
        "end": days[-1].date.isoformat(),
        "daysCount": len(days),
        "timeslot_duration": SLOT,
        **zone,
        "url": edition.page,
        "tracks": _tracks(meeting),
        "rooms": _rooms(meeting),
        "days": [_day(edition, day) for day in days],
    }


def _tracks(meeting: Meeting) -> list[dict[str, Any]]:
    colours = (_TRACK_COLOURS[index % len(_TRACK_COLOURS)] for index in range(len(meeting.tracks)))
    return [{"name": shown(track), "color": colour} for track, colour in zip(meeting.tracks, colours, strict=True)]


def _rooms(meeting: Meeting) -> list[dict[str, Any]]:
    names = room_names(meeting.rooms)
    return [
        {
            "name": names[room.id],
            "guid": _guid(meeting, "room", room.key),
            "description": clean(language.pick(room.place)) or None,
            "capacity": room.capacity,
        }
        for room in meeting.rooms
    ]


def _day(edition: Edition, day: Day) -> dict[str, Any]:
    return {
        "index": day.index,
        "date": day.date.isoformat(),
        "day_start": day.start.isoformat(),
        "day_end": day.end.isoformat(),
        "rooms": {
            name: [_entry(edition, session, name) for session in sessions] for name, sessions in day.rooms.items()
        },
    }


def _entry(edition: Edition, session: Session, room: str) -> dict[str, Any]:
    meeting = edition.meeting
    start = _start(session, meeting)
    return {
        "id": session.id,
        "guid": session.uid,
        "date": start.isoformat(),
        "start": start.strftime("%H:%M"),
        "duration": _duration(session),
        "room": room,
        "slug": _slug(session, meeting),
        "url": edition.base_url + addresses.session_page(meeting.slug, session.code),
        "title": title(session),
        "subtitle": None,
        "track": shown(session.track) if session.track else None,
        "type": shown(session.type),
        "language": session.language,
        "abstract": _abstract(session),
        "description": _description(session) or None,
        "persons": [
            {"guid": _person_guid(meeting, one), "name": clean(one.name or one.organisation)}
            for one in _people(session)
        ],
        "links": [{"url": url, "title": words, "type": "related"} for url, words in _links(edition, session)],
    }


def schedule_xml(edition: Edition) -> bytes:
    """The same as frab's XML."""
    root = ElementTree.Element("schedule")
    _add(root, "version", str(edition.version))
    # A processing instruction is passed over by every reader but the one it is for, and by every schema.
    told = json.dumps(_supplement(edition), separators=(",", ":")).replace(">", "\\u003e")
    root.append(ElementTree.ProcessingInstruction("plenary", told))
    days = days_of(edition)
    conference = ElementTree.SubElement(root, "conference")
    _add(conference, "title", meeting_name(edition.meeting))
    _add(conference, "acronym", acronym(edition.meeting.slug))
    _add(conference, "start", days[0].date.isoformat())
    _add(conference, "end", days[-1].date.isoformat())
    _add(conference, "days", str(len(days)))
    _add(conference, "timeslot_duration", SLOT)
    for day in days:
        _add_day(root, edition, day)
    ElementTree.indent(root)
    written: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}\n'.encode()


def _supplement(edition: Edition) -> dict[str, Any]:
    held = [session for day in days_of(edition) for sessions in day.rooms.values() for session in sessions]
    return supplement(edition.meeting, held)


def _add_day(root: ElementTree.Element, edition: Edition, day: Day) -> None:
    element = ElementTree.SubElement(root, "day", index=str(day.index), date=day.date.isoformat())
    element.set("start", day.start.isoformat())
    element.set("end", day.end.isoformat())
    for name, sessions in day.rooms.items():
        room = ElementTree.SubElement(element, "room", name=name)
        for session in sessions:
            _add_entry(room, edition, session, name)


def _add_entry(room: ElementTree.Element, edition: Edition, session: Session, name: str) -> None:
    facts = _entry(edition, session, name)
    element = ElementTree.SubElement(room, "event", guid=session.uid, id=str(session.id))
    for child in ("room", "title", "subtitle", "type", "date", "start", "duration", "abstract", "slug", "track"):
        _add(element, child, facts[child] or "")
    _add(element, "language", facts["language"])
    _add(element, "description", facts["description"] or "")
    persons = ElementTree.SubElement(element, "persons")
    for person in facts["persons"]:
        _add(persons, "person", person["name"]).set("id", str(_person_number(person["guid"])))
    links = ElementTree.SubElement(element, "links")
    for url, words in _links(edition, session):
        _add(links, "link", words).set("href", url)


def _add(parent: ElementTree.Element, name: str, words: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = words
    return element


def days_of(edition: Edition) -> list[Day]:
    """Every day of the meeting, and any other on which there is a session. A session after midnight stays on its day."""
    meeting = edition.meeting
    placed = [session for session in edition.sessions if session.starts_at and session.room]
    by_day: dict[date, list[Session]] = {day: [] for day in meeting.all_days}
    for session in sorted(placed, key=lambda session: (_start(session, meeting), session.id)):
        by_day.setdefault(session.day or _start(session, meeting).date(), []).append(session)
    names = room_names(meeting.rooms)
    return [_one_day(meeting, names, index, day, by_day[day]) for index, day in enumerate(sorted(by_day), 1)]


def _one_day(meeting: Meeting, names: dict[int, str], index: int, day: date, sessions: list[Session]) -> Day:
    rooms = {
        names[room.id]: held
        for room in meeting.rooms
        if (held := [session for session in sessions if session.room_id == room.id])
    }
    starts = [_start(session, meeting) for session in sessions]
    ends = [clock.local(end_of(session), meeting.timezone) for session in sessions]
    usual = (clock.local(clock.instant(day, time(hour), meeting.timezone), meeting.timezone) for hour in (9, 18))
    nine, six = usual
    return Day(index, day, min(starts, default=nine), max(ends, default=six), rooms)


def acronym(slug: str) -> str:
    """The slug as the schema's pattern takes it: no hyphen, four characters or more."""
    return slug.replace("-", "_").ljust(4, "_")


def _slug(session: Session, meeting: Meeting) -> str:
    plain = f"{meeting.slug}-{session.code}"
    return plain if plain[-1].isalnum() else f"{plain}{session.id}"


def _start(session: Session, meeting: Meeting) -> datetime:
    assert session.starts_at
    return clock.local(session.starts_at, meeting.timezone)


def _duration(session: Session) -> str:
    assert session.starts_at
    minutes = (end_of(session) - session.starts_at) // timedelta(minutes=1)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _abstract(session: Session) -> str | None:
    return gettext(ESTIMATE) if session.end_is_estimate else None


def _description(session: Session) -> str:
    return clean(markdown.to_plain(clean(language.pick(session.description))))


def _links(edition: Edition, session: Session) -> list[tuple[str, str]]:
    live = edition.base_url + addresses.live_page(edition.meeting.slug, session.code)
    stream = session.room.stream if session.room else ""
    return [(live, gettext("Follow live"))] + ([(stream, gettext("Stream"))] if stream else [])


def _people(session: Session) -> list[SessionPerson]:
    """Everybody named, once, whatever they do in the session."""
    named = {(one.name, one.organisation): one for one in reversed(session.people) if one.name or one.organisation}
    return list(reversed(named.values()))


def _person_guid(meeting: Meeting, one: SessionPerson) -> str:
    return _guid(meeting, "person", one.name, one.organisation)


def _person_number(guid: str) -> int:
    """A positive number that fits a signed 32-bit integer, the same wherever the person is named."""
    return (uuid.UUID(guid).int >> 97) or 1


def _guid(meeting: Meeting, *what: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((meeting.slug, *what))))
