"""Which meetings there are, and who serves at them."""

from datetime import date

from sqlalchemy import select

from server.database import Database
from server.meetings.models import Grant, Meeting
from server.people.models import Person
from server.problems import NotFound
from server.web.language import N_


def meeting_by_slug(db: Database, slug: str) -> Meeting:
    """The meeting at an address; raises NotFound."""
    meeting = db.scalars(select(Meeting).filter_by(slug=slug)).first()
    if meeting is None:
        raise NotFound(N_("There is no meeting at this address."))
    return meeting


def all_meetings(db: Database) -> list[Meeting]:
    """Every meeting of the series, newest first."""
    return list(db.scalars(select(Meeting).order_by(Meeting.first_day.desc(), Meeting.slug)))


def current_meeting(db: Database, today: date) -> Meeting | None:
    """The meeting people mean when they name none: the one on now, else the next to come, else the last one
    whose registration is still open, else the last one."""
    meetings = all_meetings(db)
    ahead = [meeting for meeting in meetings if meeting.last_day >= today]
    if ahead:
        return min(ahead, key=lambda meeting: meeting.first_day)
    return next((meeting for meeting in meetings if meeting.registration_open), meetings[0] if meetings else None)


def served_meetings(db: Database, person: Person) -> frozenset[int]:
    """Ids of the meetings at which the person has a role."""
    return frozenset(db.scalars(select(Grant.meeting_id).filter_by(person_id=person.id)))
