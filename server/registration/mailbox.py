"""A registration moves to another mail address: the new one is shown to be somebody's own before it counts."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from server.database import Database
from server.mail import write_letter
from server.problems import Conflict
from server.registration.actions import open_calendar
from server.registration.line import hold
from server.registration.models import HistoryKind, Registration
from server.registration.moving import PARTICIPANT, note
from server.web.language import N_

#: How long a link lasts with which a new address is taken.
ADDRESS_LASTS = timedelta(days=3)


def ask_for_address(db: Database, registration: Registration, email: str, now: datetime) -> None:
    """Have a link mailed to another address, which becomes the registration's once the link is used.

    Nothing is changed until then, and nothing tells whether that address is registered, too.
    """
    hold(db, registration)
    registration.new_email, registration.new_email_until = email, now + ADDRESS_LASTS
    ids = {"registration": registration.id, "email": email}
    write_letter(db, email, "registration.address", ids, registration.language, now)


def take_address(db: Database, registration: Registration, now: datetime) -> None:
    """Let the registration belong to its new address from now on; every link sent to the old one leads nowhere.

    Raises Conflict when that address has a registration of its own at this meeting.
    """
    hold(db, registration)
    old, new = registration.email, registration.new_email
    try:
        with db.begin_nested():
            registration.email, registration.new_email, registration.new_email_until = new, "", None
            db.flush()
    except IntegrityError as taken:
        raise Conflict(
            N_("This address has a registration of its own at this meeting. Withdraw one of the two.")
        ) from taken
    registration.generation += 1
    registration.opened_at = now
    note(db, registration.id, HistoryKind.ADDRESS_CHANGED, PARTICIPANT, now)
    open_calendar(db, registration, now)
    write_letter(
        db, new, "registration.link", {"registration": registration.id, "email": new}, registration.language, now
    )
    write_letter(db, old, "registration.address_left", {"registration": registration.id}, registration.language, now)
