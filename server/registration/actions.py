"""What people do about taking part: register, change, withdraw, come back."""

from datetime import datetime

from sqlalchemy import select

from server.database import Database, insert_unless_there
from server.mail import write_letter
from server.meetings.models import Meeting
from server.people.actions import person_for
from server.problems import Conflict
from server.registration.models import Particulars, Registration, State
from server.schedule.actions import private_feed_for
from server.tokens import short_code
from server.web.language import N_

_LONGEST_PREFIX = 12


def register(
    db: Database,
    meeting: Meeting,
    email: str,
    particulars: Particulars,
    *,
    language: str,
    tell_again: bool = True,
    now: datetime,
) -> None:
    """Register an address (as `normal_address` spells it) and write to it; the first time counts.

    A repeated one changes nothing, whoever sends it: its owner gets the link once more, unless `tell_again` says
    that enough letters went there. Raises Conflict when registration is closed.
    """
    need_open(meeting)
    facts = {**particulars, "language": language, "state": State.CONFIRMED, "registered_at": now, "changed_at": now}
    registration, made = _claim(db, meeting, email, facts)
    _open_calendar(db, registration, now)
    if made:
        _write(db, registration, "registration.confirmed", now)
    elif tell_again:
        _write(db, registration, "registration.again", now)


def _claim(db: Database, meeting: Meeting, email: str, facts: dict[str, object]) -> tuple[Registration, bool]:
    """The one registration of this address, and whether it was made just now.

    The database's unique key decides between two at the same time, not a look before the insert.
    """
    while True:  # again only when the new reference is already another's: one in hundreds of millions
        row = {
            **facts,
            "meeting_id": meeting.id,
            "email": email,
            "reference": new_reference(meeting.short_name, meeting.slug),
            "generation": 1,
        }
        made = insert_unless_there(db, Registration, row)
        registration = db.scalars(select(Registration).filter_by(meeting_id=meeting.id, email=email)).first()
        if registration is not None:
            return registration, made == 1


def _open_calendar(db: Database, registration: Registration, now: datetime) -> None:
    """Let the letter carry the private calendar of the account of this address; both are made where there is none."""
    person = person_for(db, registration.email, now, language=registration.language)
    private_feed_for(db, person, registration.meeting, now)


def new_reference(short_name: str, slug: str) -> str:
    """A reference that can be read out over the telephone: `IGF2014-7K3QX9`."""
    prefix = "".join(letter for letter in short_name if letter.isascii() and letter.isalnum()) or slug.replace("-", "")
    return f"{prefix[:_LONGEST_PREFIX]}-{short_code(6)}".upper()


def need_open(meeting: Meeting) -> None:
    """Raises Conflict when nobody can register (any more, or yet)."""
    if not meeting.registration_open:
        raise Conflict(N_("Registration for this meeting is closed."))


def open_link(registration: Registration, now: datetime) -> None:
    """The link in the letter was used: the address is its owner's."""
    registration.opened_at = registration.opened_at or now


def change(registration: Registration, particulars: Particulars, now: datetime) -> None:
    """Say something else about oneself. Raises Conflict for a registration that is withdrawn."""
    if registration.withdrawn:
        raise Conflict(N_("This registration is withdrawn. Take part again first, then change it."))
    for name, value in particulars.items():
        if getattr(registration, name) != value:
            setattr(registration, name, value)
            registration.changed_at = now


def correct(registration: Registration, particulars: Particulars, now: datetime) -> None:
    """The desk says it for somebody. It can take consent back and never give it. Raises Conflict as `change` does."""
    change(registration, {**particulars, "public": particulars["public"] and registration.public}, now)


def withdraw(db: Database, registration: Registration, now: datetime) -> None:
    """Not take part after all; doing so twice changes nothing."""
    if registration.withdrawn:
        return
    registration.state, registration.changed_at = State.WITHDRAWN, now
    _write(db, registration, "registration.withdrawn", now)


def take_part_again(db: Database, registration: Registration, now: datetime) -> None:
    """Come back after withdrawing. Raises Conflict when registration is closed."""
    if registration.withdrawn:
        need_open(registration.meeting)
        reinstate(db, registration, now)


def reinstate(db: Database, registration: Registration, now: datetime) -> None:
    """The desk takes somebody back, whether or not registration is open."""
    if registration.withdrawn:
        registration.state, registration.changed_at = State.CONFIRMED, now
        send_letter_again(db, registration, now)


def renew_link(db: Database, registration: Registration, now: datetime) -> None:
    """Revoke the private link and write a letter with a new one."""
    registration.generation += 1
    _write(db, registration, "registration.link", now)


def send_letter_again(db: Database, registration: Registration, now: datetime) -> None:
    """Write the letter with state, reference and link once more."""
    _open_calendar(db, registration, now)
    _write(db, registration, "registration.confirmed", now)


def _write(db: Database, registration: Registration, template: str, now: datetime) -> None:
    write_letter(db, registration.email, template, {"registration": registration.id}, registration.language, now)
