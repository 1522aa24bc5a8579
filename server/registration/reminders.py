"""Reminders: letters of the organisers' own, to a part of those who registered."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select

from server.database import Database
from server.jobs import MayBeDue
from server.mail import Outcome, outcome_of, take_back, write_letters
from server.meetings.models import Meeting
from server.notices import post
from server.people.models import Person
from server.problems import Conflict, Faulty, NotFound
from server.registration.filters import Filters, fits, known
from server.registration.models import Registration, Reminder, Stage
from server.registration.states import OUT
from server.schedule.models import Chosen, Session
from server.web.language import LANGUAGES, N_, language_of

TEMPLATE = "registration.reminder"
#: Letters that are written in one transaction: on SQLite nobody else writes meanwhile.
PIECE = 500
#: What narrows a reminder beside the filters of the desk's list: to those who have chosen no session yet.
CHOICELESS = "choiceless"
#: Recipients on a page of the preview.
PAGE = 50
#: Stages in which it can still be worded otherwise: nothing of it was sent.
CHANGEABLE = frozenset({Stage.DRAFT, Stage.SCHEDULED})


@dataclass(frozen=True)
class Wording:
    """What a reminder says, by language, and to whom it goes: `{"state": ["waiting"], "link": ["unopened"]}`."""

    subject: dict[str, str]
    body: dict[str, str]
    filters: dict[str, list[str]]


@dataclass(frozen=True)
class Recipients:
    """Those who would get a reminder now: a page of them, how many in all, and in each language how many."""

    rows: list[Registration]
    total: int
    languages: dict[str, int]
    page: int
    pages: int


def reminders_of(db: Database, meeting: Meeting) -> list[Reminder]:
    """The reminders of a meeting, the newest first."""
    return list(db.scalars(select(Reminder).filter_by(meeting_id=meeting.id).order_by(Reminder.id.desc())))


def reminder_by_id(db: Database, meeting: Meeting, number: int) -> Reminder:
    """A reminder of this meeting; raises NotFound."""
    found = db.scalars(select(Reminder).filter_by(id=number, meeting_id=meeting.id)).first()
    if found is None:
        raise NotFound(N_("There is no such reminder."))
    return found


def edition_of(reminder: Reminder) -> str:
    """The mark of what a reminder says and to whom it goes: another one once that is another."""
    said = json.dumps([reminder.subject, reminder.body, reminder.filters], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def fitting(meeting: Meeting, wanted: Mapping[str, list[str]]) -> Select[Registration]:
    """Those at a meeting who fit these filters now, and never who is out or erased, whatever the filters say.

    The filters are those of the desk's list, and `choiceless`.
    """
    filters = Filters({name: tuple(values) for name, values in wanted.items()})
    found = select(Registration).filter_by(meeting_id=meeting.id, erased_at=None)
    found = found.where(Registration.state.not_in(OUT), *fits(filters, meeting), *map(known, filters.words))
    return found.where(~_has_chosen()) if filters.of(CHOICELESS) else found


def _has_chosen() -> ColumnElement[bool]:
    """Whether the account of the address has a session of the meeting in its schedule."""
    chosen = select(Chosen.session_id).join(Person, Person.id == Chosen.person_id)
    chosen = chosen.join(Session, Session.id == Chosen.session_id)
    return exists(chosen.where(Person.email == Registration.email, Session.meeting_id == Registration.meeting_id))


def recipient_counts(db: Database, reminder: Reminder) -> dict[str, int]:
    """How many would get a reminder now in each language, which is the person's own if there are words in it."""
    wanted = fitting(reminder.meeting, reminder.filters).with_only_columns(Registration.language, func.count())
    counts = dict.fromkeys((tag for tag in LANGUAGES if tag in reminder.body), 0)
    for tag, count in db.execute(wanted.group_by(Registration.language)):
        counts[language_of(reminder.body, tag)] += count
    return counts


def recipients(db: Database, reminder: Reminder, page: int) -> Recipients:
    """Who would get a reminder now, in the order in which it is sent."""
    languages = recipient_counts(db, reminder)
    total = sum(languages.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    wanted = fitting(reminder.meeting, reminder.filters).order_by(Registration.id)
    rows = list(db.scalars(wanted.limit(PAGE).offset((page - 1) * PAGE)))
    return Recipients(rows, total, languages, page, pages)


def outcome(db: Database, reminder: Reminder) -> Outcome:
    """What became of the letters of a reminder, as long as they are kept."""
    return outcome_of(db, TEMPLATE, {"reminder": reminder.id})


def write_reminder(db: Database, person: Person, meeting: Meeting, wording: Wording, now: datetime) -> Reminder:
    """A draft of a reminder, which goes to nobody before it is scheduled."""
    reminder = Reminder(
        meeting=meeting, subject=wording.subject, body=wording.body, filters=wording.filters, person_id=person.id,
        written_at=now, sent_to=0, reached=0,
    )  # fmt: skip
    db.add(reminder)
    db.flush()
    return reminder


def change_reminder(db: Database, reminder: Reminder, wording: Wording, *, edition: str) -> None:
    """Word it otherwise, or send it to others; what is scheduled stays so.

    Raises Conflict once it is being sent, and when it is no longer what `edition` was of.
    """
    _hold(db, reminder)
    _need_changeable(reminder)
    _need_edition(reminder, edition)
    reminder.subject, reminder.body, reminder.filters = wording.subject, wording.body, wording.filters


def schedule(db: Database, reminder: Reminder, at: datetime | None, *, edition: str, now: datetime) -> None:
    """Send it at an instant, or (None) at once, to those who fit then.

    Raises Faulty for an instant that is over, and Conflict once it is being sent, when it is no longer what `edition`
    was of, and when it would go at once to nobody.
    """
    _hold(db, reminder)
    _need_changeable(reminder)
    _need_edition(reminder, edition)
    if at is not None and at <= now:
        words = N_("This time is over. Choose a later one, or send it at once.")
        raise Faulty(N_("Please check the fields named below."), errors={"at": words})
    if at is None and not sum(recipient_counts(db, reminder).values()):
        raise Conflict(N_("Nobody would get this reminder now. Change to whom it goes, or send it later."))
    reminder.due_at = at or now
    post(db, MayBeDue())


def stop(db: Database, reminder: Reminder, now: datetime) -> None:
    """Send it to nobody (else): what was scheduled is a draft again, and letters that have not left do not leave.

    Raises Conflict when there is nothing to stop.
    """
    _hold(db, reminder)
    if reminder.stage == Stage.SCHEDULED:
        reminder.due_at = None
    elif reminder.stage == Stage.LEAVING or (reminder.stage == Stage.SENT and outcome(db, reminder).waiting):
        reminder.stopped_at = now
        reminder.sent_to -= take_back(db, TEMPLATE, {"reminder": reminder.id}, now)
    elif reminder.stage == Stage.SENT:
        raise Conflict(N_("All letters of this reminder have left already."))


def remove_reminder(db: Database, reminder: Reminder) -> None:
    """Throw away what was not sent. Raises Conflict for what was: it stays to be read."""
    _hold(db, reminder)
    _need_changeable(reminder)
    db.delete(reminder)


def due_reminders(db: Database, now: datetime) -> list[int]:
    """The reminders that are to be sent by now, or sent on, by id."""
    waiting = select(Reminder.id).where(Reminder.due_at <= now, *_ON_THE_WAY)
    return list(db.scalars(waiting.order_by(Reminder.due_at, Reminder.id)))


_ON_THE_WAY = (Reminder.sent_at.is_(None), Reminder.stopped_at.is_(None))


def send_on(db: Database, number: int, now: datetime) -> bool:
    """Write the next letters of a reminder that is due, a piece of them; whether there was anything to do.

    How far it got is saved with them, so nobody gets two and nobody is left out, whatever process dies when. Two
    that send one reminder at the same time take turns.
    """
    wanted = select(Reminder).where(Reminder.id == number, Reminder.due_at <= now, *_ON_THE_WAY)
    reminder = db.scalars(wanted.with_for_update()).first()
    if reminder is None:
        return False
    following = fitting(reminder.meeting, reminder.filters).where(Registration.id > reminder.reached)
    columns = (Registration.id, Registration.email, Registration.language)
    rows = db.execute(following.with_only_columns(*columns).order_by(Registration.id).limit(PIECE)).all()
    letters = (
        (email, {"reminder": number, "registration": one, "email": email}, language_of(reminder.body, tag))
        for one, email, tag in rows
    )
    reminder.sent_to += write_letters(db, letters, TEMPLATE, now)
    if len(rows) < PIECE:
        reminder.sent_at = now
    else:
        reminder.reached = rows[-1].id
    return True


def _hold(db: Database, reminder: Reminder) -> None:
    """The reminder as it is now, held until the transaction ends: who sends it waits here, or has begun.

    Raises NotFound when somebody has removed it meanwhile.
    """
    wanted = select(Reminder).filter_by(id=reminder.id).with_for_update()
    if db.scalars(wanted.execution_options(populate_existing=True)).first() is None:
        raise NotFound(N_("There is no such reminder."))


def _need_changeable(reminder: Reminder) -> None:
    if reminder.stage not in CHANGEABLE:
        raise Conflict(N_("This reminder is being sent, or was sent. It stays as it is."))


def _need_edition(reminder: Reminder, edition: str) -> None:
    if edition != edition_of(reminder):
        words = N_("Somebody has changed this reminder meanwhile. Look at it as it is now, and decide again.")
        raise Conflict(words, extra={"edition": edition_of(reminder)})
