"""How the programme is worded, for pages, calendars and exchange files alike."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from babel import dates

from server.meetings.models import Meeting, Room, SessionType, Track
from server.schedule.filters import Filter
from server.schedule.models import Part, Session, Status
from server.web import language
from server.web.language import N_, gettext

PARTS: dict[Part, str] = {
    Part.CHAIR: N_("Chair"),
    Part.MODERATOR: N_("Moderator"),
    Part.ONLINE_MODERATOR: N_("Online moderator"),
    Part.RAPPORTEUR: N_("Rapporteur"),
    Part.SPEAKER: N_("Speakers"),
    Part.ORGANISER: N_("Organisers"),
}
#: What one person is, where PARTS heads a list of them.
ONE_PART: dict[Part, str] = PARTS | {Part.SPEAKER: N_("Speaker"), Part.ORGANISER: N_("Session organiser")}
ESTIMATE = N_("The end is an estimate: nobody has announced it.")
STATUSES: dict[str, str] = {Status.CONFIRMED: N_("Confirmed"), Status.CANCELLED: N_("Cancelled")}
ROOM_UNKNOWN = N_("Room to be announced")
TIME_UNKNOWN = N_("Time to be announced")

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def clean(text: str) -> str:
    """The text without control characters, which neither iCalendar (RFC 5545 3.1) nor XML 1.0 has room for.

    Every line break becomes a plain one: many parsers take the rarer kinds for the end of a property.
    """
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


def meeting_name(meeting: Meeting) -> str:
    """What the meeting is called in a calendar list."""
    return clean(meeting.short_name or language.pick(meeting.name) or meeting.slug)


def title(session: Session) -> str:
    """The title, with the cancellation said in it for formats that have no other place for it."""
    words = clean(language.pick(session.title))
    return gettext("Cancelled: %(title)s") % {"title": words} if session.cancelled else words


def end_of(session: Session) -> datetime:
    """When a session with a time ends: as published, else after the usual length of its type."""
    assert session.starts_at
    return session.ends_at or session.starts_at + timedelta(minutes=session.minutes or session.type.usual_minutes)


def people_by_part(session: Session) -> list[tuple[Part, list[str]]]:
    """Who does what: `(part, ["Ada Chair (Example Org)"])` in the order of parts."""
    named: dict[Part, list[str]] = {}
    for one in session.people:
        words = f"{one.name} ({one.organisation})" if one.name and one.organisation else one.name or one.organisation
        if words:
            named.setdefault(Part(one.part), []).append(words)
    return [(part, named[part]) for part in Part if part in named]


def room_names(rooms: Sequence[Room]) -> dict[int, str]:
    """A name for each room, by id, that no other room of the meeting has: its own, else with its place, else its key."""
    plain = {room.id: clean(language.pick(room.name)) or room.key for room in rooms}
    placed = {
        room.id: f"{plain[room.id]} ({clean(language.pick(room.place))})" if room.place else plain[room.id]
        for room in rooms
    }
    for choice in (plain, placed):
        doubles = {name for name in choice.values() if list(choice.values()).count(name) > 1}
        if not doubles:
            return choice
    return {
        room.id: f"{plain[room.id]} ({room.key})" if placed[room.id] in doubles else placed[room.id] for room in rooms
    }


def filter_words(meeting: Meeting, chosen: Filter) -> str:
    """What a filter shows and hides, by the names people know: `Workshop, Open Forum; without Room 1`."""
    shown = [_named(meeting, name, values) for name, values in chosen.shown.items()]
    hidden = [_named(meeting, name, values) for name, values in chosen.hidden.items()]
    words = shown + ([gettext("without %(what)s") % {"what": gettext(", ").join(hidden)}] if hidden else [])
    return clean(gettext("; ").join(words))


def _named(meeting: Meeting, name: str, values: tuple[str, ...]) -> str:
    if name == "day":
        return gettext(", ").join(_day(value) for value in values)
    if name == "q":
        return gettext(", ").join(gettext("“%(words)s”") % {"words": value} for value in values)
    groups: dict[str, Sequence[SessionType | Track | Room]] = {
        "type": meeting.session_types,
        "track": meeting.tracks,
        "room": meeting.rooms,
    }
    if name == "status":
        return gettext(", ").join(gettext(STATUSES[value]) if value in STATUSES else value for value in values)
    names = {one.key: language.pick(one.name) for one in groups.get(name, [])}
    return gettext(", ").join(names.get(value) or value for value in values)


def _day(value: str) -> str:
    try:
        return dates.format_skeleton("MMMEd", date.fromisoformat(value), locale=language.locale())
    except ValueError:
        return value
