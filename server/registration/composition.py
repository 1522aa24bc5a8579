"""Those who take part in a meeting, counted by the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from server.database import Database
from server.meetings.models import Meeting
from server.registration.models import Registration
from server.registration.states import TAKES_PART


@dataclass(frozen=True)
class Alike:
    """How many people have country, stakeholder group, attendance, gender and first time in common."""

    country: str
    group: str
    attendance: str
    gender: str
    first_time: bool | None
    count: int


def composition(db: Database, meeting: Meeting) -> list[Alike]:
    """How many of each kind take part."""
    parts = (
        Registration.country, Registration.stakeholder_group, Registration.attendance, Registration.gender,
        Registration.first_time,
    )  # fmt: skip
    return [
        Alike(*row) for row in db.execute(select(*parts, func.count()).where(*_take_part(meeting)).group_by(*parts))
    ]


def registered_when(db: Database, meeting: Meeting) -> list[datetime]:
    """When each of those who take part now registered, in order."""
    when = Registration.registered_at
    return list(db.scalars(select(when).where(*_take_part(meeting)).order_by(when)))


def _take_part(meeting: Meeting) -> tuple[ColumnElement[bool], ...]:
    return Registration.meeting_id == meeting.id, Registration.state.in_(TAKES_PART)
