"""What the programme team lays down: how strict the rules are, which clash is to be, and hours in which something cannot be."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from server.database import Database
from server.meetings.models import Meeting
from server.people.models import Person
from server.problems import NotFound
from server.schedule.drafting import take_turn, whole_plan
from server.schedule.judging import judged
from server.schedule.models import Absence, Closure, Waiver
from server.schedule.rules import Rules
from server.web.language import N_


def set_rules(db: Database, meeting: Meeting, rules: Rules) -> None:
    """How strict the meeting is from now on."""
    take_turn(db, meeting).rules = rules.to_json()


def waive(db: Database, person: Person, meeting: Meeting, case: str, reason: str, now: datetime) -> None:
    """Let one clash be, for a reason; waiving it again gives another reason. Raises NotFound when it is no more."""
    take_turn(db, meeting)
    if case not in {clash.case for clash in judged(db, meeting, whole_plan(db, meeting))}:
        raise NotFound(N_("This clash is not there any more."))
    waiver = db.scalars(select(Waiver).filter_by(meeting_id=meeting.id, case=case)).first()
    if waiver is None:
        waiver = Waiver(meeting_id=meeting.id, case=case)
        db.add(waiver)
    waiver.reason, waiver.person_id, waiver.at = reason, person.id, now
    db.flush()


def take_waiver_back(db: Database, meeting: Meeting, case: str) -> None:
    """Let a clash count again; one that is not waived stays so."""
    db.execute(delete(Waiver).filter_by(meeting_id=meeting.id, case=case))


def close_room(
    db: Database, meeting: Meeting, room_id: int | None, starts_at: datetime, ends_at: datetime, reason: str
) -> None:
    """A room of the meeting, or with None the whole venue, is closed from one instant to another."""
    db.add(Closure(meeting_id=meeting.id, room_id=room_id, starts_at=starts_at, ends_at=ends_at, reason=reason))


def note_absence(
    db: Database, meeting: Meeting, name: str, starts_at: datetime, ends_at: datetime, reason: str
) -> None:
    """Somebody cannot come from one instant to another."""
    db.add(Absence(meeting_id=meeting.id, name=name, starts_at=starts_at, ends_at=ends_at, reason=reason))


def closures_of(db: Database, meeting: Meeting) -> list[Closure]:
    """The closed hours, soonest first."""
    query = select(Closure).filter_by(meeting_id=meeting.id).options(joinedload(Closure.room))
    return list(db.scalars(query.order_by(Closure.starts_at, Closure.id)))


def absences_of(db: Database, meeting: Meeting) -> list[Absence]:
    """Who cannot come when, soonest first."""
    return list(db.scalars(select(Absence).filter_by(meeting_id=meeting.id).order_by(Absence.starts_at, Absence.id)))


def forget_hours(db: Database, meeting: Meeting, kind: str, number: int) -> None:
    """Take a closure (`kind` is `closures`) or an absence away. Raises NotFound."""
    record = Closure if kind == "closures" else Absence
    gone = delete(record).where(record.meeting_id == meeting.id, record.id == number).returning(record.id)
    if db.scalar(gone) is None:
        raise NotFound(N_("There is nothing at this address any more. It may have been removed."))
