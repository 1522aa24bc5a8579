"""What is asked of the programme."""

from sqlalchemy import select

from server.database import Database
from server.meetings.models import Meeting
from server.people.models import Person
from server.problems import NotFound
from server.schedule.models import Part, Session, SessionPerson
from server.web.language import N_


def session_by_code(db: Database, meeting: Meeting, code: str) -> Session:
    """The session of a meeting; raises NotFound."""
    session = db.scalars(select(Session).filter_by(meeting_id=meeting.id, code=code)).first()
    if session is None:
        raise NotFound(N_("There is no session at this address."))
    return session


def chairs_session(db: Database, person: Person | None, session: Session) -> bool:
    """Whether this person is named as chair of the session.

    Where the programme names no account as its chair, anyone with the chair's role at the meeting
    stands in: who may do what with that is decided by the roles table.
    """
    if person is None:
        return False
    named = db.scalars(
        select(SessionPerson.person_id).where(
            SessionPerson.session_id == session.id,
            SessionPerson.part == Part.CHAIR,
            SessionPerson.person_id.is_not(None),
        )
    ).all()
    return not named or person.id in named
