"""Who has registered at a meeting, and how many."""

from sqlalchemy import func, select

from server.database import Database
from server.meetings.models import Meeting
from server.registration.models import Registration, State


def participant_count(db: Database, meeting: Meeting) -> int:
    """How many take part: registrations that are confirmed, onsite and online alike."""
    confirmed = select(func.count()).select_from(Registration).filter_by(meeting_id=meeting.id, state=State.CONFIRMED)
    return db.scalar(confirmed) or 0
