"""A programme in groups: by room, by track, and within each by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from server.meetings.models import Room, Track
from server.schedule.models import Session

Days = list[tuple[date | None, list[Session]]]


@dataclass(frozen=True)
class Group:
    """The sessions of one room or track by day; of none ("not known yet") where `part` is None."""

    part: Room | Track | None
    days: Days

    @property
    def size(self) -> int:
        """How many sessions it has."""
        return sum(len(held) for _, held in self.days)


def by_day(sessions: Sequence[Session]) -> Days:
    """In the order of days, and last those of which no day is known."""
    ordered = sorted(sessions, key=lambda one: (one.day is None, one.day or date.min))
    return [(day, list(held)) for day, held in groupby(ordered, lambda one: one.day)]


def by_room(rooms: Sequence[Room], sessions: Sequence[Session]) -> list[Group]:
    """A group for each room that has a session, and last one for those without a room."""
    parts = [(room, [one for one in sessions if one.room_id == room.id]) for room in rooms]
    return _groups([*parts, (None, [one for one in sessions if one.room is None])])


def by_track(tracks: Sequence[Track], sessions: Sequence[Session]) -> list[Group]:
    """A group for each track that has a session, and last one for those without a track."""
    parts = [(track, [one for one in sessions if one.track_id == track.id]) for track in tracks]
    return _groups([*parts, (None, [one for one in sessions if one.track is None])])


def _groups(parts: Sequence[tuple[Room | Track | None, list[Session]]]) -> list[Group]:
    return [Group(part, by_day(held)) for part, held in parts if held]
