"""What is on at one instant, and what comes next, in the whole meeting and at the door of each room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server import clock
from server.meetings.models import Meeting, Room
from server.schedule.models import Session
from server.schedule.words import end_of


@dataclass(frozen=True)
class Door:
    """One room: what is on in it, cancelled sessions too, and the next that takes place; no room is "not known yet"."""

    room: Room | None
    on: list[Session]
    following: Session | None


def on_at(sessions: Sequence[Session], now: datetime) -> list[Session]:
    """The sessions that take place at this instant, room by room; one is on until just before its end."""
    held = [one for one in sessions if _covers(one, now) and not one.cancelled]
    return sorted(held, key=lambda one: one.room.position if one.room else len(sessions))


def coming_after(sessions: Sequence[Session], now: datetime) -> list[Session]:
    """The sessions that start after this instant and take place, in the order given."""
    return [one for one in sessions if one.starts_at and one.starts_at > now and not one.cancelled]


def next_turn(sessions: Sequence[Session], besides: Sequence[datetime], zone: str, now: datetime) -> datetime:
    """The next instant at which a page about these sessions may say something else: one starts or ends, the day at the
    venue ends, or one of the instants `besides`: something is news no longer, registration opens or closes."""
    _, midnight = clock.day_span(clock.local(now, zone).date(), zone)
    starts = [one.starts_at for one in sessions if one.starts_at]
    turns = [*starts, *(end_of(one) for one in sessions if one.starts_at), *besides]
    return min([midnight, *(turn for turn in turns if turn > now)])


def doors(meeting: Meeting, sessions: Sequence[Session], now: datetime) -> list[Door]:
    """Each room in which something is on or will be, in the meeting's order, and last what has no room yet."""
    made = []
    for room in (*meeting.rooms, None):
        held = [one for one in sessions if one.room_id == (room.id if room else None)]
        door = Door(room, [one for one in held if _covers(one, now)], next(iter(coming_after(held, now)), None))
        if door.on or door.following:
            made.append(door)
    return made


def _covers(session: Session, now: datetime) -> bool:
    return session.starts_at is not None and session.starts_at <= now < end_of(session)
