"""What our own exports say beyond the formats, for ourselves: how it is told, and how it is read again."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from server import markdown
from server.meetings.models import Meeting, Room, SessionType, Track
from server.schedule.facts import End, planned_of, public_facts
from server.schedule.models import Session, Status
from server.schedule.plan import Named
from server.schedule.programme_file import MeetingPart, RoomPart, SessionPart, TrackPart, TypePart
from server.schedule.words import clean, end_of, room_names
from server.web import language

_OF_A_SESSION = ("code", "title", "description", "part_of_day", "format", "tags", "status", "repeats", "people")
_PARTS: dict[str, type[TrackPart | TypePart | RoomPart]] = {"tracks": TrackPart, "types": TypePart, "rooms": RoomPart}


def supplement(meeting: Meeting, sessions: Iterable[Session]) -> dict[str, Any]:
    """What the formats cannot say, in the words of the programme file, as plain values that JSON has.

    It has the meeting's days, the parts by the name under which they are `shown`, and more of each session by its guid.
    """
    rooms = room_names(meeting.rooms)
    return {
        "meeting": {
            "timezone": meeting.timezone,
            "first_day": meeting.first_day.isoformat(),
            "days": meeting.days,
            "day_zero": bool(meeting.has_day_zero),
        },
        "tracks": [_part(one, shown(one)) for one in meeting.tracks],
        "types": [
            _part(one, shown(one), "colour", "mark", "usual_minutes", "stands_alone") for one in meeting.session_types
        ],
        "rooms": [_part(one, rooms[one.id], "place", "capacity", "stream") for one in meeting.rooms],
        "sessions": {session.uid: _session(session) for session in sessions},
    }


def shown(part: Track | SessionType) -> str:
    """What a track or type is called in an export."""
    return clean(language.pick(part.name)) or part.key


def _part(part: Track | SessionType | Room, name: str, *facts: str) -> dict[str, Any]:
    return _given({"shown": name, "key": part.key, "name": part.name, **{fact: getattr(part, fact) for fact in facts}})


def _session(session: Session) -> dict[str, Any]:
    facts = public_facts(planned_of(session), End(session.ends_at, session.end_is_estimate))
    told = {name: facts[name] for name in _OF_A_SESSION}
    told["people"] = [_given(one) for one in facts["people"] if one["name"] or one["organisation"]]
    if session.minutes is None and session.starts_at is not None:
        told["estimate"] = (end_of(session) - session.starts_at) // timedelta(minutes=1)
    return _given(told)


def _given(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in (None, "", [], {})}


def meeting_told(told: Mapping[str, Any]) -> MeetingPart | None:
    """Zone and days of the meeting; None where they are not told so that they can be understood."""
    try:
        return MeetingPart.model_validate({"slug": "told", "name": "told", **told})
    except ValidationError:
        return None


def part_told(kind: str, told: Mapping[str, Any]) -> TrackPart | TypePart | RoomPart | None:
    """A track, type or room (`kind` is `tracks`, `types` or `rooms`); None where it is not told so."""
    try:
        return _PARTS[kind].model_validate({name: value for name, value in told.items() if name != "shown"})
    except ValidationError:
        return None


def session_told(told: Mapping[str, Any]) -> SessionPart | None:
    """What is told beyond the format about a session; None where that cannot be understood."""
    facts = {name: told[name] for name in _OF_A_SESSION if name in told}
    try:
        return SessionPart.model_validate({"type": "told", **facts})
    except ValidationError:
        return None


def completed(facts: Mapping[str, Any], own: SessionPart, told: Mapping[str, Any]) -> dict[str, Any]:
    """The `facts` of `Planned` that the format told, with everything that it could not tell.

    Where somebody has changed the session in the file, so that it says something else by now, that counts.
    """
    made = dict(facts) | {
        "part_of_day": own.part_of_day or "", "format": own.format, "tags": tuple(own.tags),
        "status": str(own.status), "repeats": own.repeats or "",
    }  # fmt: skip
    title, is_cancelled = facts["title"], own.status == Status.CANCELLED
    if any(title == text or (is_cancelled and title.endswith(text)) for text in map(_line, own.title.values())):
        made["title"] = own.title
    plain = {clean(markdown.to_plain(clean(text))).strip() for text in own.description.values()} or {""}
    if facts.get("description", "") in plain:
        made["description"] = own.description
    if "people" in facts:
        made["people"] = _people(facts["people"], own)
    if "estimate" in told and facts.get("minutes") == told["estimate"]:
        made["minutes"] = None
    return made


def _people(named: Iterable[Named], own: SessionPart) -> tuple[Named, ...]:
    """Everybody who is still named, in all their roles, and whoever is new."""
    said = {one.name: one for one in named}
    known = [Named(str(one.part), one.name, one.organisation, one.stakeholder_group) for one in own.people]
    names = {one: _line(one.name or one.organisation)[:200] for one in known}
    return (
        *(one for one in known if names[one] in said),
        *(one for name, one in said.items() if name not in names.values()),
    )


def _line(text: str) -> str:
    return " ".join(clean(text).split())
