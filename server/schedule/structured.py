"""The programme as search engines and link previews read it: schema.org/Event in JSON-LD."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server import clock, markdown
from server.meetings.models import Meeting, Mode
from server.schedule import addresses
from server.schedule.models import Part, Session, SessionPerson
from server.schedule.words import clean, end_of, meeting_name
from server.web import language

_SCHEMA = "https://schema.org"
#: Characters of a description: more is read by nobody who finds a link.
LONGEST = 300
_PERFORMERS = (Part.CHAIR, Part.MODERATOR, Part.ONLINE_MODERATOR, Part.SPEAKER)

JsonLd = dict[str, Any]


def session_ld(meeting: Meeting, session: Session, base_url: str, previous_start: datetime | None = None) -> JsonLd:
    """One session (schema.org/Event, a part of the meeting). `previous_start` is when it was to begin, if it moved."""
    url = base_url + addresses.session_page(meeting.slug, session.code)
    named = _by_part(session.people)
    made = {
        "@context": _SCHEMA,
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": clean(language.pick(session.title)),
        "description": in_brief(session),
        "eventStatus": _status(session, previous_start),
        "previousStartDate": _there(meeting, previous_start) if previous_start and not session.cancelled else None,
        **_hours(meeting, session),
        **_way(meeting),
        "location": _places(meeting, session, base_url),
        "inLanguage": session.language,
        "isAccessibleForFree": True,
        "performer": [one for part in _PERFORMERS for one in named.get(part, [])],
        "contributor": named.get(Part.RAPPORTEUR, []),
        "organizer": named.get(Part.ORGANISER, []) or [_series(meeting, base_url)],
        "superEvent": _brief(meeting, base_url),
    }
    return {name: value for name, value in made.items() if value or value is True}


def meeting_ld(meeting: Meeting, sessions: Sequence[Session], base_url: str) -> JsonLd:
    """The meeting (schema.org/Event) with the addresses of its sessions."""
    parts = [{"@id": base_url + addresses.session_page(meeting.slug, one.code)} for one in sessions]
    made = {
        "@context": _SCHEMA,
        **_brief(meeting, base_url),
        "description": language.pick(meeting.theme),
        "eventStatus": f"{_SCHEMA}/EventScheduled",
        **_way(meeting),
        "isAccessibleForFree": True,
        "organizer": [_series(meeting, base_url)],
        "subEvent": parts,
    }
    return {name: value for name, value in made.items() if value}


def in_brief(session: Session) -> str:
    """The beginning of what the session is about, as plain text in one line."""
    words = " ".join(clean(markdown.to_plain(language.pick(session.description))).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"


def _status(session: Session, previous_start: datetime | None) -> str:
    if session.cancelled:
        return f"{_SCHEMA}/EventCancelled"
    return f"{_SCHEMA}/EventRescheduled" if previous_start else f"{_SCHEMA}/EventScheduled"


def _hours(meeting: Meeting, session: Session) -> JsonLd:
    """Start and end on the venue's clock with its offset from UTC, or the day alone where no more is known."""
    if session.starts_at is None:
        return {"startDate": session.day.isoformat()} if session.day else {}
    return {"startDate": _there(meeting, session.starts_at), "endDate": _there(meeting, end_of(session))}


def _there(meeting: Meeting, moment: datetime) -> str:
    return clock.local(moment, meeting.timezone).isoformat()


def _way(meeting: Meeting) -> JsonLd:
    kind = "Online" if meeting.mode == Mode.VIRTUAL else "Mixed"
    return {"eventAttendanceMode": f"{_SCHEMA}/{kind}EventAttendanceMode"}


def _places(meeting: Meeting, session: Session, base_url: str) -> list[JsonLd]:
    live = {"@type": "VirtualLocation", "url": base_url + addresses.live_page(meeting.slug, session.code)}
    if meeting.mode == Mode.VIRTUAL:
        return [live]
    room = language.pick(session.room.name) if session.room else ""
    return [_place(meeting, room), live]


def _place(meeting: Meeting, room: str = "") -> JsonLd:
    venue, city = language.pick(meeting.venue), language.pick(meeting.city)
    address = {"streetAddress": venue, "addressLocality": city, "addressCountry": language.pick(meeting.country)}
    return {
        "@type": "Place",
        "name": clean(", ".join(filter(None, (room, venue))) or city),
        "address": {"@type": "PostalAddress", **{name: clean(words) for name, words in address.items() if words}},
    }


def _brief(meeting: Meeting, base_url: str) -> JsonLd:
    url = f"{base_url}/{meeting.slug}"
    made: JsonLd = {
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": clean(language.pick(meeting.name)) or meeting_name(meeting),
        "startDate": meeting.all_days[0].isoformat(),
        "endDate": meeting.last_day.isoformat(),
    }
    online = {"@type": "VirtualLocation", "url": f"{url}/live"}
    made["location"] = [online] if meeting.mode == Mode.VIRTUAL else [_place(meeting), online]
    return made


def _series(meeting: Meeting, base_url: str) -> JsonLd:
    name = clean(meeting.credit) or meeting_name(meeting)
    return {"@type": "Organization", "name": name, "url": f"{base_url}/{meeting.slug}"}


def _by_part(people: Sequence[SessionPerson]) -> dict[str, list[JsonLd]]:
    found: dict[str, list[JsonLd]] = {}
    for one in people:
        found.setdefault(one.part, []).append(_somebody(one))
    return found


def _somebody(one: SessionPerson) -> JsonLd:
    if not one.name:
        return {"@type": "Organization", "name": clean(one.organisation)}
    made: JsonLd = {"@type": "Person", "name": clean(one.name)}
    if one.organisation:
        made["affiliation"] = {"@type": "Organization", "name": clean(one.organisation)}
    return made
