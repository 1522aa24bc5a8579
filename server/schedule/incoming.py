"""What a file from elsewhere would make of a programme: sessions and parts by key, what is gone, and what was not understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.meetings.models import Meeting
from server.schedule.plan import Planned


@dataclass(frozen=True)
class NewPart:
    """A track, type or room (`kind` is `tracks`, `types` or `rooms`) that the meeting does not have yet.

    `facts` are further columns of its record, such as a room's `capacity`.
    """

    kind: str
    key: str
    name: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """What sessions stand in, by key: the names of tracks, types and rooms in each language, the zone and the days."""

    timezone: str
    days: tuple[str, ...]
    tracks: Mapping[str, Mapping[str, str]]
    types: Mapping[str, Mapping[str, str]]
    rooms: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, meeting: Meeting) -> "Frame":
        """The frame that a meeting gives. Days are ISO 8601 dates, day 0 included."""
        return cls(
            meeting.timezone,
            tuple(day.isoformat() for day in meeting.all_days),
            {part.key: part.name for part in meeting.tracks},
            {part.key: part.name for part in meeting.session_types},
            {part.key: part.name for part in meeting.rooms},
        )


@dataclass(frozen=True)
class Incoming:
    """Everything a file says, matched with what is planned already.

    `sessions` are the new and the changed ones as they would be; one that is as it was is not among them. `gone` are
    codes of planned sessions that came from such a file once and are in it no more: they are cancelled only when told to.
    `notes` say, a line each, what was not understood and what became of it.
    """

    sessions: tuple[Planned, ...] = ()
    parts: tuple[NewPart, ...] = ()
    gone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
