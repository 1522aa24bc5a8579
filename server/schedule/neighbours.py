"""The sessions around a session: before and after it in its room, beside it in others, and the same one again."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.schedule.models import Session
from server.schedule.words import end_of


@dataclass(frozen=True)
class Neighbours:
    """What one might go to instead, before or after."""

    before: Session | None
    after: Session | None
    beside: list[Session]


def neighbours(session: Session, programme: Sequence[Session]) -> Neighbours:
    """Neighbours within the same day's programme (in reading order); a session without a time has none."""
    if not session.starts_at:
        return Neighbours(None, None, [])
    others = [one for one in programme if one.id != session.id and one.starts_at and not one.cancelled]
    room = [one for one in others if one.room_id == session.room_id is not None and one.day == session.day]
    before = [one for one in room if one.starts_at and one.starts_at < session.starts_at]
    after = [one for one in room if one.starts_at and one.starts_at >= end_of(session)]
    beside = [
        one for one in others if one.starts_at and one.starts_at < end_of(session) and end_of(one) > session.starts_at
    ]
    return Neighbours(before[-1] if before else None, after[0] if after else None, beside)


def held_again(session: Session, programme: Sequence[Session]) -> list[Session]:
    """The other times at which the same session is held: the one it repeats, and all that repeat it or that one."""
    first = session.repeats or session.code
    return [one for one in programme if one.code != session.code and first in (one.code, one.repeats)]
