"""Which meetings there are, and who serves at them."""

from datetime import date

from sqlalchemy import select

from server.database import Database
from server.meetings.models import Grant, Meeting, Role
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


def roles_of_person(db: Database, person: Person) -> list[tuple[Meeting, list[Role]]]:
    """The meetings at which the person has roles, newest first, each with these roles."""
    rows = db.execute(
        select(Meeting, Grant.role)
        .join(Grant, Grant.meeting_id == Meeting.id)
        .where(Grant.person_id == person.id)
        .order_by(Meeting.first_day.desc(), Meeting.slug)
    )
    held: dict[Meeting, list[Role]] = {}
    for meeting, role in rows:
        held.setdefault(meeting, []).append(Role(role))
    return [(meeting, sorted(roles, key=list(Role).index)) for meeting, roles in held.items()]


def grants_of(db: Database, meeting: Meeting) -> list[Grant]:
    """Who has which role at a meeting: by role, then by address."""
    grants = db.scalars(select(Grant).filter_by(meeting_id=meeting.id)).all()
    order = list(Role)
    return sorted(grants, key=lambda grant: (order.index(Role(grant.role)), grant.person.email))
