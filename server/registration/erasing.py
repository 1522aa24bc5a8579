"""Erasing: nothing of somebody is left but what is counted."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import delete, select

from server import clock
from server.database import Database
from server.idempotency import forget_answers
from server.letterbook import forget_letters, forget_letters_to
from server.meetings.actions import give_up_roles
from server.meetings.models import Meeting
from server.people.actions import forget_people
from server.people.models import Person
from server.people.queries import still_referred_to
from server.registration.line import held_admission, hold, settle
from server.registration.models import Admission, Answer, AnswerFile, HistoryEntry, Registration
from server.registration.moving import Mover
from server.registration.queries import registrations_of
from server.registration.states import State
from server.schedule.models import Chosen, Session
from server.tokens import hashed

log = structlog.get_logger()

#: Tables that hold nothing of an account but how it was let in, and what it chose: choices are looked at apart.
_PASSING = ("sign_in_link", "visit", "chosen", "private_feed")


def kept_until(meeting: Meeting, days: int) -> datetime:
    """The instant from which what is kept for so many days after a meeting is kept no longer (0: from its last midnight)."""
    return clock.instant(meeting.last_day + timedelta(days=days + 1), time(0), meeting.timezone)


def is_over(meeting: Meeting, now: datetime) -> bool:
    """Whether the last day of a meeting is over where it is."""
    return kept_until(meeting, 0) <= now


def answers_scope(meeting: Meeting, email: str) -> str:
    """Under what answers are kept to whoever registers an address and sends an `Idempotency-Key`.

    The address is part of it: two people whose programs both chose the key "1" are two people.
    """
    return f"register:{meeting.id}:{hashed(email)}"


def erase(db: Database, registration: Registration, mover: Mover, now: datetime) -> None:
    """Leave nothing of somebody but what is counted; who has not taken part yet is withdrawn before.

    Nobody is written to: there is no address left. The account of the address goes with it, if nothing else is its own.
    Raises NotFound when somebody was faster.
    """
    admission = hold(db, registration)
    erase_all(db, admission, [registration], now)
    # its number is all that names it afterwards: who restores an older backup must know what to erase again
    log.info("registration erased", registration=registration.id, by=mover.by, person=mover.person_id)


def erase_all(db: Database, admission: Admission, those: Sequence[Registration], now: datetime) -> None:
    """The same for one or several of one meeting that are not erased yet, and whose admission is held."""
    ids, addresses = [one.id for one in those], [one.email for one in those]
    for kind in (Answer, AnswerFile, HistoryEntry):
        db.execute(delete(kind).where(kind.registration_id.in_(ids)))
    forget_answers(db, *(answers_scope(one.meeting, one.email) for one in those))
    forget_letters(db, "registration", ids)
    for one in those:
        _empty(one, now)
    if not is_over(those[0].meeting, now):  # afterwards a place is of no use to anybody who waits
        settle(db, admission, now)
    forget_addresses(db, admission.meeting_id, addresses)


def _empty(registration: Registration, now: datetime) -> None:
    """Take everything personal out of a registration, and let it stand where it is counted as it was.

    It gets there by no move of the table: whoever may erase may do so wherever it stands, and its history goes.
    """
    took_part = registration.state == State.CHECKED_IN or (
        registration.takes_part and is_over(registration.meeting, now)
    )
    if not took_part and not registration.out:
        registration.state = State.WITHDRAWN
    # The day is counted; a time of day would tell who it was to somebody who saw the letter.
    day = clock.local(registration.registered_at, registration.meeting.timezone).date()
    registration.registered_at = clock.instant(day, time(12), registration.meeting.timezone)
    # Unlike any address, and any reference: those are in capital letters.
    registration.email = registration.reference = f"erased-{registration.id}"
    registration.given_name = registration.family_name = registration.organisation = ""
    registration.organisation_key = registration.searched = registration.new_email = registration.language = ""
    registration.offer_until = registration.opened_at = registration.new_email_until = registration.turn = None
    registration.public = False
    registration.generation += 1
    registration.changed_at = registration.erased_at = now


def forget_addresses(db: Database, meeting_id: int, addresses: Collection[str]) -> None:
    """Forget letters and accounts of addresses that nothing else is of: no other registration, role, token, choice, text."""
    db.flush()
    rows = select(Person.id, Person.email).where(Person.email.in_(addresses)).order_by(Person.id).with_for_update()
    people = {one: email for one, email in db.execute(rows)}  # noqa: C416 (rows are no pairs to mypy)
    registered = set(db.scalars(select(Registration.email).where(Registration.email.in_(addresses)).distinct()))
    elsewhere = select(Chosen.person_id).join(Session, Session.id == Chosen.session_id)
    chosen = set(db.scalars(elsewhere.where(Chosen.person_id.in_(people), Session.meeting_id != meeting_id)))
    staying = still_referred_to(db, people, passing=_PASSING) | chosen
    staying |= {one for one, email in people.items() if email in registered}
    forget_people(db, set(people) - staying)
    forget_letters_to(db, set(addresses) - registered - {people[one] for one in staying})


def erase_account(db: Database, person: Person, mover: Mover, now: datetime) -> None:
    """Delete an account with its roles, tokens, visits and choices, and erase all its registrations.

    What its owner wrote for everybody to read stays, as does what the programme says. Raises Conflict for the last
    organiser of a meeting.
    """
    own = sorted(registrations_of(db, person.email), key=lambda one: one.meeting_id)
    for registration in own:  # all of them before the account, and in order, so that no two wait for each other
        held_admission(db, registration.meeting_id)
    for registration in own:
        erase(db, registration, mover, now)
    give_up_roles(db, person)
    forget_people(db, [person.id])
    forget_letters_to(db, [person.email])
    log.info("account erased", person=person.id)
