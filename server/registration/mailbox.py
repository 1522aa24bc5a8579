"""A registration moves to another mail address: the new one is shown to be somebody's own before it counts."""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from server.database import Database, insert_unless_there
from server.idempotency import forget_answers
from server.mail import write_letter
from server.meetings.models import Meeting
from server.people.actions import person_for
from server.people.queries import person_by_address
from server.problems import Conflict, NotFound
from server.registration.actions import open_calendar
from server.registration.erasing import answers_scope, forget_addresses
from server.registration.line import hold
from server.registration.links import LINK_OVER
from server.registration.models import HistoryKind, Registration
from server.registration.moving import PARTICIPANT, note
from server.registration.states import State, need_in
from server.schedule.models import Chosen, Session
from server.web.language import N_

#: How long a link lasts with which a new address is taken.
ADDRESS_LASTS = timedelta(days=3)


def ask_for_address(db: Database, registration: Registration, email: str, now: datetime) -> None:
    """Have a link mailed to another address, which becomes the registration's once the link is used.

    Nothing is changed until then, and nothing tells whether that address is registered, too. Raises Conflict for who was
    declined.
    """
    hold(db, registration)
    if registration.state == State.DECLINED:  # under another address the first one could register again
        need_in(registration.state, State.CONFIRMED)
    registration.new_email, registration.new_email_until = email, now + ADDRESS_LASTS
    ids = {"registration": registration.id, "email": email}
    write_letter(db, email, "registration.address", ids, registration.language, now)


def take_address(db: Database, registration: Registration, now: datetime) -> None:
    """Let the registration belong to its new address from now on; every link sent to the old one leads nowhere.

    The link was looked at before anything was held, and was for what the registration said then. Raises NotFound when it
    says something else by now, and Conflict when that address has a registration of its own at this meeting.
    """
    old, new, generation = registration.email, registration.new_email, registration.generation
    hold(db, registration)
    until = registration.new_email_until
    if (registration.new_email, registration.generation) != (new, generation) or until is None or until <= now:
        raise NotFound(LINK_OVER)
    try:
        with db.begin_nested():
            registration.email, registration.new_email, registration.new_email_until = new, "", None
            db.flush()
    except IntegrityError as taken:
        raise Conflict(
            N_("This address has a registration of its own at this meeting. Erase that one first.")
        ) from taken
    registration.generation += 1
    registration.opened_at = now
    _move_choices(db, registration.meeting, old, new, now)
    forget_answers(db, answers_scope(registration.meeting, old))
    forget_addresses(db, registration.meeting_id, [old])
    note(db, registration.id, HistoryKind.ADDRESS_CHANGED, PARTICIPANT, now)
    open_calendar(db, registration, now)
    write_letter(
        db, new, "registration.link", {"registration": registration.id, "email": new}, registration.language, now
    )
    write_letter(db, old, "registration.address_left", {"registration": registration.id}, registration.language, now)


def _move_choices(db: Database, meeting: Meeting, old: str, new: str, now: datetime) -> None:
    """Let the sessions that were chosen under the old address be chosen under the new one."""
    before = person_by_address(db, old)
    if before is None:
        return
    person = person_for(db, new, now)
    chosen = select(Chosen.session_id).join(Session, Session.id == Chosen.session_id)
    ids = db.scalars(chosen.where(Chosen.person_id == before.id, Session.meeting_id == meeting.id).order_by(Session.id))
    insert_unless_there(db, Chosen, *({"person_id": person.id, "session_id": one, "at": now} for one in ids.all()))
    db.execute(delete(Chosen).where(Chosen.person_id == before.id, Chosen.session_id.in_(_sessions_of(meeting))))


def _sessions_of(meeting: Meeting) -> Select[int]:
    return select(Session.id).filter_by(meeting_id=meeting.id)
